//! Stacks the figures of a page.

use std::collections::BTreeSet;

use super::label::{HEADING, NOTE};
use super::lines::Gutters;
use super::sheet::Sheet;
use super::{Figure, Fonts, Page, PngError, bars, lines, png};

const BETWEEN: f64 = 34.0;

impl Page {
    /// An SVG document, 1200 wide and as high as it needs.
    pub fn svg(&self) -> String {
        let mut sheet = Sheet::new();
        sheet.say(HEADING, &self.heading);
        for note in &self.notes {
            sheet.say(NOTE, note);
        }
        let gutters = self.gutters();
        for (index, figure) in self.figures.iter().enumerate() {
            sheet.y += if index == 0 { 0.5 * BETWEEN } else { BETWEEN };
            match figure {
                Figure::Lines(chart) => lines::draw(chart, gutters, &mut sheet),
                Figure::Bars(bars) => bars::draw(bars, &mut sheet),
            }
        }
        let title = HEADING.fit(&self.heading, f64::INFINITY);
        sheet.finish(&title).to_string()
    }

    /// The SVG as a PNG of twice its size, for high-resolution screens.
    pub fn png(&self, fonts: &Fonts) -> Result<Vec<u8>, PngError> {
        png::paint(&self.svg(), fonts)
    }

    /// Characters that none of these fonts has.
    pub fn lacks(&self, fonts: &Fonts) -> Result<BTreeSet<char>, PngError> {
        png::lacking(&self.svg(), fonts)
    }

    fn gutters(&self) -> Gutters {
        self.figures
            .iter()
            .filter_map(|figure| match figure {
                Figure::Lines(chart) => Some(Gutters::of(chart)),
                Figure::Bars(_) => None,
            })
            .fold(Gutters::default(), Gutters::wider)
    }
}
