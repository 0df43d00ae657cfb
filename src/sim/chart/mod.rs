//! Charts: numbers in, a page of SVG or PNG out.
//!
//! A [`Page`] stacks figures under one heading. A [`Chart`] follows quantities
//! through a day; [`Bars`] compare them. Both are plain data; drawing begins
//! in [`Page::svg`], and [`Page::png`] paints the same SVG.
//!
//! **Invariant:** the same page is the same bytes, whatever the machine. Values
//! that are not numbers are gaps, never zeros.

mod bars;
mod label;
mod legend;
mod lines;
mod marks;
mod page;
mod pens;
mod png;
mod runs;
mod scale;
mod sheet;
#[cfg(test)]
mod tests;
mod times;

pub use png::{Fonts, PngError};

/// Figures under a shared heading, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub heading: String,
    /// Lines below the heading: what was rehearsed, replications and seed.
    pub notes: Vec<String>,
    pub figures: Vec<Figure>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    Lines(Chart),
    Bars(Bars),
}

impl From<Chart> for Figure {
    fn from(chart: Chart) -> Self {
        Self::Lines(chart)
    }
}

impl From<Bars> for Figure {
    fn from(bars: Bars) -> Self {
        Self::Bars(bars)
    }
}

/// Quantities over the time of day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    pub title: String,
    /// What the lines and their shades show, e.g. "mean of 20 days; shade: 5 to 95 %".
    pub note: String,
    pub hours: Hours,
    pub y: Axis,
    pub shape: Shape,
    pub series: Vec<Series>,
    pub marks: Vec<Mark>,
}

/// The part of the day that is shown, in minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hours {
    pub from_min: f64,
    pub to_min: f64,
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            from_min: 0.0,
            to_min: 1440.0,
        }
    }
}

/// The vertical axis; it always shows zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    pub label: String,
    pub unit: String,
    /// Where the axis ends, so that charts can be compared; a line that goes
    /// higher is cut there, and the chart says so. Without it, the data decide.
    pub max: Option<f64>,
}

/// How a line continues from one point to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Straight.
    #[default]
    Line,
    /// A value holds until the next point; the last one as long as the one before it.
    Step,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub name: String,
    /// Minute of the day and value. A value that is not finite is a gap.
    pub points: Vec<(f64, f64)>,
    /// The lowest and highest value to shade, point by point.
    pub band: Option<Vec<(f64, f64)>>,
}

/// A horizontal reference line: a target, a capacity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    pub label: String,
    pub at: f64,
}

/// One bar per series in each group, with its uncertainty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    pub title: String,
    /// What the values and their intervals mean.
    pub note: String,
    pub unit: String,
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    pub name: String,
    pub bars: Vec<Bar>,
}

/// A value or interval that is not finite is shown as missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    pub series: String,
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}
