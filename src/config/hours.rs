//! Business hours: named timetables, and what queues do outside theirs.

use crate::config::diversion;
use crate::config::diversion::Diversion;
use crate::config::names::Unique;
use crate::config::queue::Others;
use crate::config::reader::{Field, Reader};
use crate::domain::hours::{DAYS_MAX, PERIODS_MAX, SpecialDay, in_order};
use crate::domain::period::{Date, PERIOD_FORM, Period, Zone};
use crate::domain::{Hours, Name};
use crate::engine::options::{HoursOptions, WhenClosed};

/// The most timetables of one site.
const TIMETABLES_MAX: usize = 256;
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DATE_FORM: &str = "a date from 1970 to 2099 (\"2026-10-01\")";
const IN_ORDER: &str = "periods that follow each other without overlapping";

pub(super) fn read(root: &mut Reader<'_, '_>) -> Vec<HoursOptions> {
    let hours = root.key("hours").named(0..=TIMETABLES_MAX, |id, field| {
        let hours = field.table(read_timetable)?;
        Some(HoursOptions { id, hours })
    });
    hours.unwrap_or_default()
}

fn read_timetable(table: &mut Reader<'_, '_>) -> Option<Hours> {
    let zone = table.key("zone").required();
    let zone = zone.parse(
        "a time zone of the IANA database (\"Asia/Shanghai\")",
        |value| value.as_str()?.parse::<Zone>().ok(),
    );
    let week = WEEKDAYS.map(|day| {
        let periods = read_periods(table.key(day));
        if !in_order(&periods) {
            table.fault_at(day, "overlapping periods", IN_ORDER);
        }
        periods
    });
    if !WEEKDAYS.iter().any(|day| table.holds_items(day)) {
        table.fault(
            "no period on a weekday",
            "a period on one of mon to sun, or more",
        );
    }
    let mut dates = Unique::default();
    let holidays = table.key("holidays").strings(DAYS_MAX, |text, path| {
        let date: Date = text.parse().map_err(|_| DATE_FORM)?;
        dates.claim(text, path)?;
        Ok(date)
    });
    let special = read_special(table);
    for day in &special {
        if let Err(allowed) = dates.claim(&day.date.to_string(), "special") {
            table.fault_at("special", &day.date.to_string(), &allowed);
        }
        if !in_order(&day.periods) {
            let found = format!("overlapping periods on {}", day.date);
            table.fault_at("special", &found, IN_ORDER);
        }
    }
    let holidays = holidays.into_iter().map(|date| SpecialDay {
        date,
        periods: Vec::new(),
    });
    // Any error here has been reported above.
    Hours::new(zone?, week, holidays.chain(special).collect()).ok()
}

fn read_periods(field: Field<'_, '_>) -> Vec<Period> {
    field.strings(PERIODS_MAX, |text, _| {
        text.parse().map_err(|_| PERIOD_FORM.to_owned())
    })
}

fn read_special(table: &mut Reader<'_, '_>) -> Vec<SpecialDay> {
    let special = table.key("special").named(0..=DAYS_MAX, |date, field| {
        let Ok(date) = date.as_str().parse::<Date>() else {
            field.refuse(DATE_FORM);
            return None;
        };
        let periods = read_periods(field);
        Some(SpecialDay { date, periods })
    });
    special.unwrap_or_default()
}

/// The timetable of a queue, and what happens to contacts that arrive outside it.
pub(super) fn read_of_queue(
    queue: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> (Option<Name>, WhenClosed) {
    let hours = queue.key("hours").name_of(others.hours);
    let words = [
        ("hold", WhenClosed::Hold),
        ("schedule", WhenClosed::Schedule),
    ];
    let of = (id, others);
    let when_closed = diversion::read(
        queue,
        "when_closed",
        &words,
        of,
        |diversion| match diversion {
            Diversion::Deflect(text) => WhenClosed::Deflect(text),
            Diversion::Queue(queue) => WhenClosed::Queue(queue),
        },
    );
    if queue.has("when_closed") && !queue.has("hours") {
        queue.fault_at("when_closed", "a queue that never closes", "with hours");
    }
    (hours, when_closed.unwrap_or_default())
}
