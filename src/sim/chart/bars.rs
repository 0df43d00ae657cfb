//! Draws [`Bars`]: one row each, with the name on the left and the value on the right, so that
//! nothing depends on colour and no name is too long.

use std::collections::BTreeMap;

use svg::node::element::{Group as Element, Rectangle};

use super::label::{Anchor, INK, NAME, NOTE, STRONG, TICK, TITLE};
use super::pens::pen;
use super::scale::Scale;
use super::sheet::{MARGIN, Sheet, WIDTH, axis_line, grid_line, px, rule};
use super::{Bar, Bars, Group};

const ROW: f64 = 22.0;
const THICK: f64 = 13.0;
const CAP: f64 = 4.0;
const BETWEEN_GROUPS: f64 = 12.0;
const BETWEEN_COLUMNS: f64 = 16.0;
const GROUP_ROOM: f64 = 200.0;
const NAME_ROOM: f64 = 260.0;
const NO_DATA: &str = "no data";

/// From left to right: groups, series, the plot, the values.
struct Columns<'b> {
    /// What each series is called here.
    names: BTreeMap<&'b str, String>,
    series: f64,
    left: f64,
    right: f64,
    scale: Scale,
}

impl<'b> Columns<'b> {
    fn of(bars: &'b Bars) -> Self {
        let all = || bars.groups.iter().flat_map(|group| &group.bars);
        let ends = all().flat_map(|bar| [bar.value, bar.lo, bar.hi]);
        let scale = Scale::covering(ends, 6);
        let groups = bars.groups.iter().map(|group| {
            let name = STRONG.fit(&group.name, GROUP_ROOM);
            STRONG.width(&name)
        });
        let names = NAME.fit_apart(all().map(|bar| bar.series.as_str()), NAME_ROOM);
        let widths = names.values().map(|name| NAME.width(name));
        let values = all().map(|bar| NAME.width(&told(bar, &bars.unit, &scale)));
        let series = MARGIN + column(groups);
        let left = series + column(widths);
        Self {
            series,
            left,
            right: (WIDTH - MARGIN - column(values)).max(left + 1.0),
            scale,
            names,
        }
    }

    fn x(&self, value: f64) -> f64 {
        self.scale.place(value, self.left, self.right)
    }
}

fn column(widths: impl Iterator<Item = f64>) -> f64 {
    let widest = widths.fold(0.0, f64::max);
    if widest > 0.0 {
        widest + BETWEEN_COLUMNS
    } else {
        0.0
    }
}

pub(super) fn draw(bars: &Bars, sheet: &mut Sheet) {
    sheet.say(TITLE, &bars.title);
    sheet.say(NOTE, &bars.note);
    sheet.y += 10.0;
    let columns = Columns::of(bars);
    if bars.groups.is_empty() {
        sheet.say(NOTE, NO_DATA);
        return;
    }
    let top = sheet.y;
    let bottom = top + height(&bars.groups);
    grid(&columns, top, bottom, sheet);
    let pens = pens(&bars.groups);
    for group in &bars.groups {
        let name = STRONG.fit(&group.name, GROUP_ROOM);
        sheet.add(STRONG.write(name, MARGIN, sheet.y + 0.5 * ROW + 4.5, Anchor::Start));
        for bar in &group.bars {
            let colour = pen(pens[bar.series.as_str()]).colour;
            row(bar, &bars.unit, colour, &columns, sheet);
        }
        if group.bars.is_empty() {
            tell(NO_DATA.to_owned(), sheet);
        }
        sheet.y += BETWEEN_GROUPS;
    }
    let zero = columns.x(0.0);
    sheet.add(axis_line((zero, top), (zero, bottom)));
    sheet.y = bottom + 20.0;
}

fn height(groups: &[Group]) -> f64 {
    let rows = |group: &Group| group.bars.iter().map(|_| ROW).sum::<f64>().max(ROW);
    groups
        .iter()
        .map(|group| rows(group) + BETWEEN_GROUPS)
        .sum()
}

/// A series keeps the colour of its first appearance, as in a legend.
fn pens(groups: &[Group]) -> BTreeMap<&str, usize> {
    let mut pens = BTreeMap::new();
    for bar in groups.iter().flat_map(|group| &group.bars) {
        let next = pens.len();
        pens.entry(bar.series.as_str()).or_insert(next);
    }
    pens
}

/// The axis below, with as many steps as fit, including zero.
fn grid(columns: &Columns<'_>, top: f64, bottom: f64, sheet: &mut Sheet) {
    let ticks = columns.scale.ticks();
    let widest = ticks.iter().map(|(_, name)| TICK.width(name));
    let room = widest.fold(0.0, f64::max) + BETWEEN_COLUMNS;
    let apart = columns.x(columns.scale.step) - columns.x(0.0);
    let mut every = 1;
    let mut wide = apart;
    while wide < room && every < ticks.len() {
        every += 1;
        wide += apart;
    }
    let zero = ticks.iter().position(|(value, _)| *value == 0.0);
    let first = zero.unwrap_or_default() % every;
    for (value, name) in ticks.into_iter().skip(first).step_by(every) {
        let x = columns.x(value);
        sheet.add(grid_line((x, top), (x, bottom)));
        sheet.add(TICK.write(name, x, bottom + 16.0, Anchor::Middle));
    }
}

fn row(bar: &Bar, unit: &str, colour: &str, columns: &Columns<'_>, sheet: &mut Sheet) {
    let middle = sheet.y + 0.5 * ROW;
    let baseline = middle + 4.5;
    let name = columns.names[bar.series.as_str()].clone();
    sheet.add(NAME.write(name, columns.series, baseline, Anchor::Start));
    if bar.value.is_finite() {
        let (zero, end) = (columns.x(0.0), columns.x(bar.value));
        sheet.add(
            Rectangle::new()
                .set("x", px(zero.min(end)))
                .set("y", px(middle - 0.5 * THICK))
                .set("width", px((end - zero).abs()))
                .set("height", THICK)
                .set("fill", colour)
                .set("fill-opacity", 0.8),
        );
    }
    if has_interval(bar) {
        sheet.add(whisker(columns.x(bar.lo), columns.x(bar.hi), middle));
    }
    tell(told(bar, unit, &columns.scale), sheet);
}

/// Ends a row with its value.
fn tell(told: String, sheet: &mut Sheet) {
    let baseline = sheet.y + 0.5 * ROW + 4.5;
    sheet.add(NAME.write(told, WIDTH - MARGIN, baseline, Anchor::End));
    sheet.y += ROW;
}

fn whisker(lo: f64, hi: f64, middle: f64) -> Element {
    let cap = |x| rule((x, middle - CAP), (x, middle + CAP), INK);
    Element::new()
        .set("stroke-width", 1.6)
        .add(rule((lo, middle), (hi, middle), INK))
        .add(cap(lo))
        .add(cap(hi))
}

fn has_interval(bar: &Bar) -> bool {
    bar.value.is_finite() && bar.lo.is_finite() && bar.hi.is_finite()
}

fn told(bar: &Bar, unit: &str, scale: &Scale) -> String {
    if !bar.value.is_finite() {
        return NO_DATA.to_owned();
    }
    let value = scale.precise(bar.value);
    let unit = NAME.fit(unit, 0.2 * NAME_ROOM);
    let told = format!("{value} {unit}");
    if has_interval(bar) {
        let (lo, hi) = (scale.precise(bar.lo), scale.precise(bar.hi));
        format!("{} ({lo} to {hi})", told.trim_end())
    } else {
        told.trim_end().to_owned()
    }
}
