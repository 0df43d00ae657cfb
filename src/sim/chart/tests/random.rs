//! Random pages: whatever the data, the result is a valid picture.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use svg::node::Attributes;
use svg::parser::Event;

use super::painted::assert_legible;
use crate::sim::chart::{Axis, Bar, Bars, Chart, Figure, Group, Hours, Mark, Page, Series, Shape};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,24}",
        "[a-zA-Z0-9<>&\"'%钻石黄金客户等待é\u{0}\u{ffff}\n]{0,80}",
    ]
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..1000.0,
        2 => -5.0..5.0,
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::MIN), Just(-0.0)],
    ]
}

fn minute() -> impl Strategy<Value = f64> {
    prop_oneof![9 => -100.0..1600.0, 1 => any::<f64>()]
}

fn series() -> impl Strategy<Value = Series> {
    let points = vec((minute(), value()), 0..60);
    let band = option::of(vec((value(), value()), 0..60));
    (name(), points, band).prop_map(|(name, points, band)| Series { name, points, band })
}

fn chart() -> impl Strategy<Value = Figure> {
    let axis = (name(), name(), option::of(value()));
    let hours = (minute(), minute());
    let shape = prop_oneof![Just(Shape::Line), Just(Shape::Step)];
    let marks = vec((name(), value()), 0..6);
    let words = (name(), name());
    (words, hours, axis, shape, vec(series(), 0..9), marks).prop_map(
        |((title, note), (from_min, to_min), (label, unit, max), shape, series, marks)| {
            Figure::Lines(Chart {
                title,
                note,
                hours: Hours { from_min, to_min },
                y: Axis { label, unit, max },
                shape,
                series,
                marks: marks
                    .into_iter()
                    .map(|(label, at)| Mark { label, at })
                    .collect(),
            })
        },
    )
}

fn bars() -> impl Strategy<Value = Figure> {
    let bar = (name(), value(), value(), value()).prop_map(|(series, value, lo, hi)| Bar {
        series,
        value,
        lo,
        hi,
    });
    let group = (name(), vec(bar, 0..5)).prop_map(|(name, bars)| Group { name, bars });
    (name(), name(), name(), vec(group, 0..5)).prop_map(|(title, note, unit, groups)| {
        Figure::Bars(Bars {
            title,
            note,
            unit,
            groups,
        })
    })
}

fn page() -> impl Strategy<Value = Page> {
    let figures = vec(prop_oneof![chart(), bars()], 0..4);
    (name(), vec(name(), 0..3), figures).prop_map(|(heading, notes, figures)| Page {
        heading,
        notes,
        figures,
    })
}

fn number(text: &str) -> f64 {
    let number: f64 = text.parse().unwrap();
    assert!(number.is_finite(), "{text}");
    number
}

/// The horizontal and vertical coordinates that an element has.
fn coordinates(attributes: &Attributes) -> (Vec<f64>, Vec<f64>) {
    let get = |name: &str| attributes.get(name).map(|value| number(value));
    let end = |start: &str, length: &str| Some(get(start).unwrap_or(0.0) + get(length)?);
    let points = attributes.get("points").map_or("", |points| points);
    let (xs, ys): (Vec<_>, Vec<_>) = points
        .split_whitespace()
        .map(|pair| pair.split_once(',').unwrap())
        .map(|(x, y)| (number(x), number(y)))
        .unzip();
    let across = [get("x"), get("x1"), get("x2"), end("x", "width")];
    let down = [get("y"), get("y1"), get("y2"), end("y", "height")];
    (
        xs.into_iter().chain(across.into_iter().flatten()).collect(),
        ys.into_iter().chain(down.into_iter().flatten()).collect(),
    )
}

/// Every coordinate is a number between zero and the end of the paper.
fn assert_on_paper(svg: &str) {
    let tags = svg::read(svg).unwrap().filter_map(|event| {
        let Event::Tag(tag, _, attributes) = event else {
            return None;
        };
        Some((tag, attributes))
    });
    let mut paper = (0.0, 0.0);
    for (tag, attributes) in tags {
        if tag == "svg" && attributes.contains_key("viewBox") {
            paper = (number(&attributes["width"]), number(&attributes["height"]));
        }
        let (xs, ys) = coordinates(&attributes);
        let (right, bottom) = paper;
        assert!(
            xs.iter().all(|x| (0.0..=right + 0.05).contains(x)),
            "{tag}: {xs:?} on {right}"
        );
        assert!(
            ys.iter().all(|y| (0.0..=bottom + 0.05).contains(y)),
            "{tag}: {ys:?} on {bottom}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_number_is_finite_and_on_the_paper(page in page()) {
        assert_on_paper(&page.svg());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_label_leaves_the_paper_or_covers_anything(page in page()) {
        assert_legible(&page);
    }
}
