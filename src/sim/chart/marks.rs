//! Reference lines, with their labels in the margin beside the plot.

use super::Mark;
use super::label::{Anchor, GREY, TICK};
use super::lines::Frame;
use super::sheet::{Sheet, rule};

const ROOM: f64 = 190.0;
const LEADER: f64 = 12.0;
const BESIDE: f64 = 4.0;
const SPACING: f64 = 16.0;

/// The width that the labels need in the margin.
pub(super) fn width(marks: &[Mark]) -> f64 {
    shown(marks)
        .map(|mark| TICK.width(&TICK.fit(&mark.label, ROOM)))
        .fold(0.0, |widest: f64, label| {
            widest.max(LEADER + BESIDE + label)
        })
}

pub(super) fn draw(marks: &[Mark], frame: &Frame, sheet: &mut Sheet) {
    let mut marks: Vec<_> = shown(marks)
        .map(|mark| (frame.y(mark.at), mark.label.as_str()))
        .collect();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted: Vec<f64> = marks.iter().map(|(y, _)| *y).collect();
    let places = spread(&wanted, frame.top, frame.bottom);
    for ((y, label), place) in marks.into_iter().zip(places) {
        let end = frame.right + LEADER;
        sheet.add(rule((frame.left, y), (frame.right, y), GREY));
        sheet.add(rule((frame.right, y), (end, place), GREY));
        let label = TICK.fit(label, ROOM);
        sheet.add(TICK.write(label, end + BESIDE, place + 4.0, Anchor::Start));
    }
}

pub(super) fn shown(marks: &[Mark]) -> impl Iterator<Item = &Mark> {
    marks.iter().filter(|mark| mark.at.is_finite())
}

/// Heights close to the ascending `wanted` ones, but a line of text apart.
fn spread(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let count = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
    let spacing = SPACING.min((bottom - top) / f64::from(count.max(1)));
    let mut places = wanted.to_vec();
    let mut least = top;
    for place in &mut places {
        *place = place.max(least);
        least = *place + spacing;
    }
    let mut most = bottom;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - spacing;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_apart_stay_where_their_lines_are() {
        assert_eq!(spread(&[20.0, 80.0], 0.0, 100.0), [20.0, 80.0]);
    }

    #[test]
    fn labels_too_close_move_apart() {
        assert_eq!(spread(&[20.0, 22.0], 0.0, 100.0), [20.0, 36.0]);
    }

    #[test]
    fn labels_at_the_bottom_move_up() {
        let places = spread(&[99.0, 100.0, 100.0], 0.0, 100.0);
        assert_eq!(places, [68.0, 84.0, 100.0]);
    }

    #[test]
    fn a_crowd_stays_within_the_plot() {
        let places = spread(&[50.0; 40], 0.0, 100.0);
        assert!(places.iter().all(|place| (0.0..=100.0).contains(place)));
    }
}
