//! Draws a [`Chart`]: title, legend, grid, shades, lines, marks.

use svg::node::element::{Group, Polygon, Polyline};

use super::label::{Anchor, NOTE, TICK, TITLE};
use super::pens::{Pen, pen};
use super::runs::{below, pressed, runs, thinned};
use super::scale::Scale;
use super::sheet::{MARGIN, Sheet, WIDTH, axis_line, grid_line, px};
use super::{Chart, Hours, Series, Shape, legend, marks};

const PLOT_HEIGHT: f64 = 230.0;
const STEPS_UP: u32 = 5;
const TICK_ROOM: f64 = 62.0;
/// From the plot up to the baseline of its note.
const ABOVE: f64 = 14.0;
const HALF: f64 = 0.5 * (WIDTH - 2.0 * MARGIN);
/// A point alone between two gaps is drawn this far to both sides.
const DOT: f64 = 2.5;

/// The margins of the plots, shared so that their hours line up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gutters {
    left: f64,
    right: f64,
}

impl Gutters {
    pub(super) fn of(chart: &Chart) -> Self {
        let widest = scale(chart)
            .ticks()
            .iter()
            .map(|(_, name)| TICK.width(name))
            .fold(0.0, f64::max);
        Self {
            left: widest + 10.0,
            right: marks::width(&chart.marks).max(0.5 * TICK.width("00:00")),
        }
    }

    pub(super) fn wider(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            right: self.right.max(other.right),
        }
    }
}

/// The plot's position, and the scales of its axes.
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    hours: Hours,
    scale: Scale,
}

impl Frame {
    fn x(&self, minute: f64) -> f64 {
        self.hours.place(minute, self.left, self.right)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.scale.place(value, self.bottom, self.top)
    }
}

pub(super) fn draw(chart: &Chart, gutters: Gutters, sheet: &mut Sheet) {
    sheet.say(TITLE, &chart.title);
    sheet.say(NOTE, &chart.note);
    let names = chart.series.iter().map(|series| series.name.as_str());
    legend::draw(names, sheet);
    sheet.y += 28.0;
    let frame = Frame {
        left: MARGIN + gutters.left,
        right: WIDTH - MARGIN - gutters.right,
        top: sheet.y + 10.0,
        bottom: sheet.y + 10.0 + PLOT_HEIGHT,
        hours: chart.hours.settled(),
        scale: scale(chart),
    };
    axes(chart, &frame, sheet);
    remark(chart, &frame, sheet);
    let pens = || chart.series.iter().zip((0..).map(pen));
    for (series, pen) in pens() {
        if let Some(shade) = shade(series, chart.shape, pen, &frame) {
            sheet.add(shade);
        }
    }
    for (series, pen) in pens() {
        sheet.add(line(series, chart.shape, pen, &frame));
    }
    marks::draw(&chart.marks, &frame, sheet);
    sheet.y = frame.bottom + 24.0;
}

/// A mark is always shown, even beyond the requested end.
fn scale(chart: &Chart) -> Scale {
    let marks = || marks::shown(&chart.marks).map(|mark| mark.at);
    let values = values(chart).chain(marks());
    let end = chart.y.max.filter(|max| max.is_finite() && *max > 0.0);
    match end {
        Some(end) => Scale::ending_at(marks().fold(end, f64::max), values, STEPS_UP),
        None => Scale::covering(values, STEPS_UP),
    }
}

/// All values within the hours, finite or not.
fn values(chart: &Chart) -> impl Iterator<Item = f64> {
    let hours = chart.hours.settled();
    chart.series.iter().flat_map(move |series| {
        let band = series.band.iter().flatten();
        let shades = series.points.iter().zip(band);
        let shades = shades.flat_map(|((x, _), (lo, hi))| [(*x, *lo), (*x, *hi)]);
        let all = series.points.iter().copied().chain(shades);
        all.filter(move |(x, _)| hours.holds(*x)).map(|(_, y)| y)
    })
}

fn axes(chart: &Chart, frame: &Frame, sheet: &mut Sheet) {
    let (left, right, bottom) = (frame.left, frame.right, frame.bottom);
    let label = match (chart.y.label.as_str(), chart.y.unit.as_str()) {
        (label, "") => label.to_owned(),
        ("", unit) => unit.to_owned(),
        (label, unit) => format!("{label} ({unit})"),
    };
    let label = NOTE.fit(&label, HALF);
    sheet.add(NOTE.write(label, MARGIN, frame.top - ABOVE, Anchor::Start));
    for (value, name) in frame.scale.ticks() {
        let y = frame.y(value);
        sheet.add(grid_line((left, y), (right, y)));
        sheet.add(TICK.write(name, left - 8.0, y + 4.0, Anchor::End));
    }
    for (minute, name) in frame.hours.ticks(steps_across(frame)) {
        let x = frame.x(minute);
        sheet.add(axis_line((x, bottom), (x, bottom + 5.0)));
        sheet.add(TICK.write(name, x, bottom + 20.0, Anchor::Middle));
    }
    let zero = frame.y(0.0);
    sheet.add(axis_line((left, zero), (right, zero)));
}

fn steps_across(frame: &Frame) -> u32 {
    let mut steps = 1;
    while f64::from(steps + 1) * TICK_ROOM <= frame.right - frame.left {
        steps += 1;
    }
    steps
}

fn highest(chart: &Chart) -> Option<f64> {
    values(chart)
        .filter(|value| value.is_finite())
        .reduce(f64::max)
}

/// Notes what the picture itself cannot show.
fn remark(chart: &Chart, frame: &Frame, sheet: &mut Sheet) {
    match highest(chart) {
        None => {
            let x = 0.5 * (frame.left + frame.right);
            let y = 0.5 * (frame.top + frame.bottom);
            sheet.add(NOTE.write("no data".to_owned(), x, y, Anchor::Middle));
        }
        Some(highest) if highest > frame.scale.max => {
            let highest = frame.scale.precise(highest);
            let remark = format!("cut at the top; the highest is {highest} {}", chart.y.unit);
            let remark = NOTE.fit(&remark, HALF);
            sheet.add(NOTE.write(remark, frame.right, frame.top - ABOVE, Anchor::End));
        }
        Some(_) => {}
    }
}

/// The series' points from left to right, with `value` of each.
fn placed<T>(
    points: impl Iterator<Item = (f64, T)>,
    frame: &Frame,
    value: impl Fn(T) -> Option<T>,
) -> Vec<(f64, Option<T>)> {
    let mut placed: Vec<_> = points
        .filter(|(minute, _)| frame.hours.holds(*minute))
        .map(|(minute, found)| (frame.x(minute), value(found)))
        .collect();
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    placed
}

fn line(series: &Series, shape: Shape, pen: Pen, frame: &Frame) -> Group {
    let finite = |y: f64| y.is_finite().then(|| frame.y(y));
    let points = placed(series.points.iter().copied(), frame, finite);
    let group = Group::new()
        .set("fill", "none")
        .set("stroke", pen.colour)
        .set("stroke-width", 2.2)
        .set("stroke-linejoin", "round")
        .set("stroke-dasharray", pen.dash);
    runs(&points, shape, frame.right)
        .iter()
        .flat_map(|run| below(&visible(run, frame), frame.top))
        .fold(group, |group, run| {
            group.add(Polyline::new().set("points", coordinates(&thinned(&run))))
        })
}

fn shade(series: &Series, shape: Shape, pen: Pen, frame: &Frame) -> Option<Group> {
    let finite = |(lo, hi): (f64, f64)| {
        (lo.is_finite() && hi.is_finite()).then(|| (frame.y(lo), frame.y(hi)))
    };
    let points = series.points.iter().zip(series.band.as_ref()?);
    let points = points.map(|((x, _), shade)| (*x, *shade));
    let points = placed(points, frame, finite);
    let group = Group::new()
        .set("fill", pen.colour)
        .set("fill-opacity", 0.14);
    let shaded = runs(&points, shape, frame.right)
        .iter()
        .map(|run| outline(&visible(run, frame), frame.top))
        .fold(group, |group, outline| {
            group.add(Polygon::new().set("points", coordinates(&outline)))
        });
    Some(shaded)
}

/// Along the upper edge of a shade and back along the lower one.
fn outline(run: &[(f64, (f64, f64))], top: f64) -> Vec<(f64, f64)> {
    let edge = |side: fn(&(f64, f64)) -> f64| {
        let edge: Vec<_> = run.iter().map(|(x, shade)| (*x, side(shade))).collect();
        thinned(&pressed(&edge, top))
    };
    let back = edge(|shade| shade.0).into_iter().rev();
    edge(|shade| shade.1).into_iter().chain(back).collect()
}

/// A visible run: a single point between two gaps gets some width.
fn visible<T: Copy>(run: &[(f64, T)], frame: &Frame) -> Vec<(f64, T)> {
    let mut visible = run.to_vec();
    if let (Some(first), Some(last)) = (run.first(), run.last())
        && last.0 - first.0 < DOT
    {
        visible.insert(0, ((first.0 - DOT).max(frame.left), first.1));
        visible.push(((last.0 + DOT).min(frame.right), last.1));
    }
    visible
}

fn coordinates(points: &[(f64, f64)]) -> String {
    let pairs: Vec<_> = points
        .iter()
        .map(|(x, y)| format!("{},{}", px(*x), px(*y)))
        .collect();
    pairs.join(" ")
}
