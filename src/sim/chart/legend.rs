//! The legend: a row of samples above the plot, where there are no data.

use super::label::{Anchor, NAME};
use super::pens::pen;
use super::sheet::{MARGIN, Sheet, WIDTH, rule};

const SAMPLE: f64 = 36.0;
const BESIDE: f64 = 8.0;
const BETWEEN: f64 = 24.0;
const ROW: f64 = 22.0;
const NAME_ROOM: f64 = 340.0;

/// Each name with a sample of its pen, in as many rows as needed.
pub(super) fn draw<'a>(names: impl Iterator<Item = &'a str>, sheet: &mut Sheet) {
    let mut x = MARGIN;
    let mut rows = 0;
    for (index, name) in names.enumerate() {
        let name = NAME.fit(name, NAME_ROOM);
        let width = SAMPLE + BESIDE + NAME.width(&name) + BETWEEN;
        if rows == 0 || x + width > WIDTH - MARGIN {
            rows += 1;
            x = MARGIN;
            sheet.y += ROW;
        }
        let pen = pen(index);
        let middle = sheet.y - 4.5;
        sheet.add(
            rule((x, middle), (x + SAMPLE, middle), pen.colour)
                .set("stroke-width", 2.4)
                .set("stroke-dasharray", pen.dash),
        );
        sheet.add(NAME.write(name, x + SAMPLE + BESIDE, sheet.y, Anchor::Start));
        x += width;
    }
}
