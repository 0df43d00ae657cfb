//! The sheet that figures are drawn on, from the top down.

use svg::node::element::{Group, Line, Rectangle, Title};
use svg::{Document, Node};

use super::label::{Anchor, Font, GREY};

pub(super) const WIDTH: f64 = 1200.0;
pub(super) const MARGIN: f64 = 32.0;
const PAPER: &str = "#ffffff";
const GRID: &str = "#e4e4e4";

/// The first is embedded for PNG; the others are common on readers' systems, including fonts for
/// Chinese.
const FAMILIES: &str = "Roboto, 'Helvetica Neue', Arial, 'PingFang SC', 'Microsoft YaHei', \
                        'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', \
                        'WenQuanYi Micro Hei', sans-serif";

pub(super) struct Sheet {
    body: Group,
    /// The vertical position of the next element.
    pub(super) y: f64,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self {
            body: Group::new().set("font-family", FAMILIES),
            y: MARGIN,
        }
    }

    pub(super) fn add(&mut self, node: impl Node) {
        self.body.append(node);
    }

    /// One line of text across the sheet; takes no space if it is empty.
    pub(super) fn say(&mut self, font: Font, text: &str) {
        let text = font.fit(text, WIDTH - 2.0 * MARGIN);
        if text.is_empty() {
            return;
        }
        self.y += font.size;
        self.add(font.write(text, MARGIN, self.y, Anchor::Start));
        self.y += 0.5 * font.size;
    }

    pub(super) fn finish(self, title: &str) -> Document {
        let height = (self.y + MARGIN).ceil();
        Document::new()
            .set("width", WIDTH)
            .set("height", height)
            .set("viewBox", (0, 0, WIDTH, height))
            .set("role", "img")
            .add(Title::new(title))
            .add(
                Rectangle::new()
                    .set("width", WIDTH)
                    .set("height", height)
                    .set("fill", PAPER),
            )
            .add(self.body)
    }
}

/// Rounded to a tenth of a pixel, to keep files comparable.
pub(super) fn px(length: f64) -> f64 {
    (length * 10.0).round() / 10.0 + 0.0
}

pub(super) fn rule(from: (f64, f64), to: (f64, f64), colour: &str) -> Line {
    Line::new()
        .set("x1", px(from.0))
        .set("y1", px(from.1))
        .set("x2", px(to.0))
        .set("y2", px(to.1))
        .set("stroke", colour)
}

pub(super) fn grid_line(from: (f64, f64), to: (f64, f64)) -> Line {
    rule(from, to, GRID)
}

pub(super) fn axis_line(from: (f64, f64), to: (f64, f64)) -> Line {
    rule(from, to, GREY)
}
