//! Business hours: a timetable for each name, and what queues do outside of theirs.

use crate::config::escalation::Move;
use crate::config::escalation::only;
use crate::config::names::Unique;
use crate::config::queue::Others;
use crate::config::reader::Field;
use crate::config::reader::Reader;
use crate::domain::Hours;
use crate::domain::Name;
use crate::domain::Text;
use crate::domain::hours::DAYS_MAX;
use crate::domain::hours::PERIODS_MAX;
use crate::domain::hours::SpecialDay;
use crate::domain::hours::in_order;
use crate::domain::period::Date;
use crate::domain::period::PERIOD_FORM;
use crate::domain::period::Period;
use crate::domain::period::Zone;
use crate::engine::options::HoursOptions;
use crate::engine::options::WhenClosed;

/// The most timetables of one site.
const TIMETABLES_MAX: usize = 256;
/// The longest text that a contact is turned away with, in bytes.
const DEFLECTION_BYTES_MAX: usize = 256;
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
    if !WEEKDAYS.iter().any(|day| table.has(day)) {
        table.fault("no weekday", "a period on one of mon to sun, or more");
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
    // Whatever it still finds was named above.
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

/// The timetable of a queue, and what becomes of those who come outside of it.
pub(super) fn read_of_queue(
    queue: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> (Option<Name>, WhenClosed) {
    let hours = queue.key("hours").name_of(others.hours);
    let when_closed = if queue.holds_table("when_closed") {
        let place = queue.key("when_closed");
        place.table(|table| {
            let diversion = read_diversion(table, id, others);
            diversion.map_or(WhenClosed::Hold, |diversion| match diversion {
                Diversion::Deflect(text) => WhenClosed::Deflect(text),
                Diversion::Queue(queue) => WhenClosed::Queue(queue),
            })
        })
    } else {
        let allowed = "hold, schedule, { deflect = \"text\" } or { queue = \"id\" }";
        let chosen = queue
            .key("when_closed")
            .parse(allowed, |value| match value.as_str()? {
                "hold" => Some(WhenClosed::Hold),
                "schedule" => Some(WhenClosed::Schedule),
                _ => None,
            });
        chosen.unwrap_or_default()
    };
    if queue.has("when_closed") && !queue.has("hours") {
        queue.fault_at("when_closed", "a queue that never closes", "with hours");
    }
    (hours, when_closed)
}

/// Where those go who cannot come in.
pub(super) enum Diversion {
    Deflect(Text),
    Queue(Name),
}

pub(super) fn read_diversion(
    table: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> Option<Diversion> {
    let deflect = table.key("deflect").string(DEFLECTION_BYTES_MAX);
    let queue = table.key("queue").name_of(others.queues);
    if let (Some(from), Some(to)) = (id, &queue) {
        let place = table.place_of("queue");
        others.overflows.push(Move::new(from, to, place));
    }
    let diversions = [
        deflect.map(|text| Diversion::Deflect(Text::from(text))),
        queue.map(Diversion::Queue),
    ];
    only(table, diversions)
}
