//! Snapshots of small charts.

use crate::sim::chart::{Axis, Bar, Bars, Chart, Figure, Group, Hours, Mark, Page, Series, Shape};

fn svg(figure: impl Into<Figure>) -> String {
    let page = Page {
        heading: "Rehearsal 演练".to_owned(),
        notes: vec!["seed 7".to_owned()],
        figures: vec![figure.into()],
    };
    page.svg()
}

fn series(name: &str, points: &[(f64, f64)]) -> Series {
    Series {
        name: name.to_owned(),
        points: points.to_vec(),
        band: None,
    }
}

#[test]
fn a_line_has_gaps_a_shade_and_a_mark() {
    let waits = [
        (540.0, 20.0),
        (570.0, 45.0),
        (600.0, f64::NAN),
        (630.0, 30.0),
    ];
    let chart = Chart {
        title: "Wait".to_owned(),
        note: "mean of 20 days".to_owned(),
        hours: Hours {
            from_min: 540.0,
            to_min: 660.0,
        },
        y: Axis {
            label: "wait".to_owned(),
            unit: "s".to_owned(),
            max: None,
        },
        shape: Shape::Line,
        series: vec![
            Series {
                band: Some(vec![(10.0, 30.0), (40.0, 60.0), (0.0, 0.0), (20.0, 40.0)]),
                ..series("钻石", &waits)
            },
            series("basic", &[(540.0, 80.0), (660.0, 10.0)]),
        ],
        marks: vec![Mark {
            label: "target 20 s".to_owned(),
            at: 20.0,
        }],
    };
    insta::assert_snapshot!(svg(chart));
}

#[test]
fn steps_are_cut_at_a_fixed_end_and_the_chart_says_so() {
    let chart = Chart {
        title: "Waiting".to_owned(),
        hours: Hours {
            from_min: 540.0,
            to_min: 660.0,
        },
        y: Axis {
            label: String::new(),
            unit: "contacts".to_owned(),
            max: Some(10.0),
        },
        shape: Shape::Step,
        series: vec![series(
            "queue",
            &[(540.0, 4.0), (570.0, 25.0), (600.0, 8.0), (630.0, 2.0)],
        )],
        ..Chart::default()
    };
    insta::assert_snapshot!(svg(chart));
}

#[test]
fn bars_carry_their_names_and_values() {
    let bar = |series: &str, value: f64, lo: f64, hi: f64| Bar {
        series: series.to_owned(),
        value,
        lo,
        hi,
    };
    let bars = Bars {
        title: "Compared with first come first served".to_owned(),
        note: "difference, with its 95 % interval".to_owned(),
        unit: "s".to_owned(),
        groups: vec![
            Group {
                name: "diamond".to_owned(),
                bars: vec![
                    bar("due", -12.5, -14.0, -11.0),
                    bar("strict", 3.25, f64::NAN, f64::NAN),
                ],
            },
            Group {
                name: "basic".to_owned(),
                bars: vec![bar("due", f64::NAN, 0.0, 0.0)],
            },
        ],
    };
    insta::assert_snapshot!(svg(bars));
}

#[test]
fn charts_without_data_say_so() {
    assert!(svg(Chart::default()).contains("no data"));
    assert!(svg(Bars::default()).contains("no data"));
    let gaps = series("all gaps", &[(600.0, f64::NAN)]);
    let chart = Chart {
        series: vec![gaps],
        ..Chart::default()
    };
    assert!(svg(chart).contains("no data"));
}

#[test]
fn a_value_alone_between_gaps_is_still_seen() {
    for shape in [Shape::Line, Shape::Step] {
        let points = [(0.0, f64::NAN), (720.0, 5.0), (720.1, f64::NAN)];
        let chart = Chart {
            shape,
            series: vec![series("alone", &points)],
            ..Chart::default()
        };
        let svg = svg(chart);
        let line = svg.split("<polyline points=\"").nth(1).unwrap();
        let pairs = line.split('"').next().unwrap().split(' ');
        let xs: Vec<f64> = pairs
            .map(|pair| pair.split_once(',').unwrap().0.parse().unwrap())
            .collect();
        assert!(xs[xs.len() - 1] - xs[0] >= 5.0, "{xs:?}");
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let name = "<script>alert(\"1 & 2\")</script>";
    let chart = Chart {
        title: name.to_owned(),
        series: vec![series(name, &[(600.0, 1.0)])],
        ..Chart::default()
    };
    let svg = svg(chart);
    assert!(!svg.contains("<script"));
    assert_eq!(svg.matches("&lt;script&gt;alert(\"1 &amp; 2\")").count(), 2);
}

#[test]
fn a_peak_of_one_second_in_a_day_is_still_there() {
    let mut points: Vec<_> = (0..86_400)
        .map(|second| (f64::from(second) / 60.0, f64::from(second % 7)))
        .collect();
    points[41_234].1 = 100.0;
    let chart = Chart {
        series: vec![series("busy", &points)],
        ..Chart::default()
    };
    let svg = svg(chart);
    let line = svg.split("<polyline points=\"").nth(1).unwrap();
    let line = line.split('"').next().unwrap();
    assert!(line.split(' ').count() < 5_000);
    let top = line
        .split(' ')
        .map(|pair| pair.split_once(',').unwrap().1.parse().unwrap())
        .fold(f64::INFINITY, f64::min);
    let axis_end = svg.split(">100</text>").next().unwrap();
    let axis_end = axis_end.rsplit("y=\"").next().unwrap();
    let label: f64 = axis_end.trim_end_matches("\"").parse().unwrap();
    assert_eq!(top, label - 4.0);
}
