//! Splits points into runs between gaps, and drops details too small to see.

use super::Shape;

/// In pixels. Nothing narrower than a column can be told apart.
const COLUMN: f64 = 1.0;

/// Unbroken runs of the values of `points`, which are ordered from left to right. A gap narrower
/// than a column is ignored.
pub(super) fn runs<T: Copy>(
    points: &[(f64, Option<T>)],
    shape: Shape,
    right: f64,
) -> Vec<Vec<(f64, T)>> {
    let mut runs = Vec::new();
    let mut run: Vec<(f64, T)> = Vec::new();
    let mut broken = false;
    for (index, &(x, value)) in points.iter().enumerate() {
        let Some(value) = value else {
            broken = true;
            continue;
        };
        let wide = run.last().is_some_and(|(last, _)| x - last >= COLUMN);
        if broken && wide {
            runs.push(std::mem::take(&mut run));
        }
        broken = false;
        run.push((x, value));
        match shape {
            Shape::Line => {}
            Shape::Step => run.push((held_until(points, index, right), value)),
        }
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

fn held_until<T>(points: &[(f64, T)], index: usize, right: f64) -> f64 {
    let x = points[index].0;
    if let Some((next, _)) = points.get(index + 1) {
        return *next;
    }
    match index.checked_sub(1).map(|before| points[before].0) {
        Some(before) => (x + (x - before)).min(right),
        None => right,
    }
}

/// The parts of a run that are not above `top`, a height on the page and so a smaller number.
pub(super) fn below(run: &[(f64, f64)], top: f64) -> Vec<Vec<(f64, f64)>> {
    crossed(run, top)
        .chunk_by(|a, b| a.1 >= top && b.1 >= top)
        .filter(|part| part.iter().any(|(_, y)| *y >= top))
        .map(<[_]>::to_vec)
        .collect()
}

/// The run with everything above `top` lowered to it.
pub(super) fn pressed(run: &[(f64, f64)], top: f64) -> Vec<(f64, f64)> {
    let crossed = crossed(run, top).into_iter();
    crossed.map(|(x, y)| (x, y.max(top))).collect()
}

/// The run with a point wherever it crosses `top`.
fn crossed(run: &[(f64, f64)], top: f64) -> Vec<(f64, f64)> {
    let mut crossed: Vec<(f64, f64)> = Vec::with_capacity(run.len());
    for &(x, y) in run {
        if let Some(&(last_x, last_y)) = crossed.last()
            && (last_y < top) != (y < top)
        {
            let share = (top - last_y) / (y - last_y);
            crossed.push((last_x + share * (x - last_x), top));
        }
        crossed.push((x, y));
    }
    crossed
}

/// The run without points hidden by others in the same column: each column keeps its first and
/// last, lowest and highest points, so no peak is lost.
pub(super) fn thinned(run: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let column = |x: f64| (x / COLUMN).floor();
    run.chunk_by(|a, b| column(a.0) == column(b.0))
        .flat_map(outline)
        .collect()
}

fn outline(column: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let by_height = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let (Some(lowest), Some(highest)) = (
        column.iter().min_by(by_height),
        column.iter().max_by(by_height),
    ) else {
        return Vec::new();
    };
    let last = column.len() - 1;
    let mut extremes_left = vec![lowest.1, highest.1];
    column
        .iter()
        .enumerate()
        .filter(|(index, (_, y))| {
            let extreme = extremes_left.iter().position(|left| left == y);
            if let Some(found) = extreme {
                extremes_left.swap_remove(found);
            }
            extreme.is_some() || *index == 0 || *index == last
        })
        .map(|(_, point)| *point)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_ends_a_run() {
        let points = [
            (0.0, Some(1)),
            (10.0, None),
            (20.0, Some(2)),
            (30.0, Some(3)),
        ];
        assert_eq!(
            runs(&points, Shape::Line, 99.0),
            [vec![(0.0, 1)], vec![(20.0, 2), (30.0, 3)]]
        );
    }

    #[test]
    fn a_step_holds_until_the_next_point_and_the_last_as_long_as_the_one_before() {
        let points = [
            (0.0, Some(1)),
            (10.0, Some(2)),
            (20.0, None),
            (30.0, Some(3)),
        ];
        assert_eq!(
            runs(&points, Shape::Step, 99.0),
            [
                vec![(0.0, 1), (10.0, 1), (10.0, 2), (20.0, 2)],
                vec![(30.0, 3), (40.0, 3)]
            ]
        );
    }

    #[test]
    fn a_gap_too_small_to_see_is_ignored() {
        let points = [(0.0, Some(1)), (0.2, None), (0.4, Some(2))];
        assert_eq!(runs(&points, Shape::Line, 99.0), [[(0.0, 1), (0.4, 2)]]);
    }

    #[test]
    fn a_line_leaves_at_the_top_and_comes_back_where_it_would() {
        let run = [(0.0, 30.0), (10.0, 10.0), (20.0, 10.0), (30.0, 40.0)];
        assert_eq!(
            below(&run, 20.0),
            [
                [(0.0, 30.0), (5.0, 20.0)],
                [(10.0 / 3.0 + 20.0, 20.0), (30.0, 40.0)]
            ]
        );
        assert_eq!(below(&[(0.0, 5.0), (9.0, 5.0)], 20.0), [[]; 0]);
    }

    #[test]
    fn a_shade_is_pressed_down_at_the_top() {
        let run = [(0.0, 30.0), (10.0, 10.0), (20.0, 10.0)];
        assert_eq!(
            pressed(&run, 20.0),
            [(0.0, 30.0), (5.0, 20.0), (10.0, 20.0), (20.0, 20.0)]
        );
    }

    #[test]
    fn thinning_keeps_every_peak_and_both_ends() {
        let noise = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) % 1000);
        let mut run: Vec<_> = (0..50_000)
            .map(|i| (f64::from(i) / 50.0, noise(i)))
            .collect();
        run[31_017].1 = 5000.0;
        run[40_321].1 = -5000.0;
        let kept = thinned(&run);
        assert!(kept.len() <= 4 * 1000, "{} points", kept.len());
        assert!(kept.contains(&run[31_017]) && kept.contains(&run[40_321]));
        assert_eq!((kept.first(), kept.last()), (run.first(), run.last()));
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
    }
}
