//! The rehearsed day: date, time zone, slots and surges.

use super::{CONTACTS_MAX, SLOTS_MAX, numbers};
use crate::config::fault::Spot;
use crate::config::reader::{Field, Reader};
use crate::domain::channel::CHANNEL_NAMES;
use crate::domain::period::{Date, Zone};
use crate::domain::{Channel, Millis, PerChannel, Timestamp};
use crate::sim::workload::{ChannelWork, Surge, TopicWork, Workload};

/// A Wednesday without a holiday, after two ordinary days.
const USUAL_DATE: &str = "2026-03-04";
const USUAL_ZONE: &str = "UTC";
const DAY_MIN: u32 = 24 * 60;
/// Surges included.
const DRAWN_MAX: f64 = 2e7;
/// Clocks change twice a year, so an ordinary date is found within these.
const DATES_TRIED: usize = 200;
const DATE_FORM: &str = "a date from 1970 to 2099, in quotes (\"2026-10-01\")";
const ZONE_FORM: &str = "a time zone of the IANA database (\"Asia/Shanghai\")";
const TIME_FORM: &str = "a time of day, 00:00 to 24:00";
const BUSY: &str = "a channel of [channels] with a share above 0";

/// When contacts come.
pub(super) struct Day {
    pub(super) calendar: Calendar,
    pub(super) slot: Millis,
    contacts: f64,
    shares: Vec<f64>,
    /// Where the date is in the file, or would be.
    pub(super) date_at: Spot,
    pub(super) days_before: u32,
    pub(super) days_before_factor: f64,
}

/// The day in local time, to be placed in any zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    date: Date,
    /// None: the zone of the rehearsed configuration, or else UTC.
    zone: Option<Zone>,
    /// From midnight of the date.
    opens_min: u32,
    /// From and until, in the order of the file.
    pub(super) surges: Vec<(u32, u32)>,
}

impl Calendar {
    pub const fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// Places the day and its surges in this zone. A date on which the local time of the slots is
    /// not continuous is refused.
    pub(super) fn place(&self, workload: &mut Workload, zone: &Zone) -> Result<(), Unsteady> {
        let steady = |date: &Date| self.is_steady(*date, workload, zone);
        if !steady(&self.date) {
            let later = std::iter::successors(Some(self.date), |date| {
                date.civil().tomorrow().ok()?.to_string().parse().ok()
            });
            return Err(Unsteady {
                date: self.date,
                zone: zone.name().to_owned(),
                other: later.take(DATES_TRIED).find(steady),
            });
        }
        let instant = |minute: u32| zone.instant_on(self.date, minute);
        workload.opens_at = instant(self.opens_min);
        workload.opens_min = self.opens_min;
        for (surge, (from, until)) in workload.surges.iter_mut().zip(&self.surges) {
            (surge.from, surge.until) = (instant(*from), instant(*until));
        }
        Ok(())
    }

    /// Whether clocks do not change between opening and closing.
    fn is_steady(&self, date: Date, workload: &Workload, zone: &Zone) -> bool {
        let opens_at = zone.instant_on(date, self.opens_min);
        let slots = 0..=i64::try_from(workload.arrivals.len()).unwrap_or(0);
        let spans = slots.map(|slot| Millis(slot * workload.slot.0));
        let minutes = |span: Millis| u32::try_from(span.0 / 60_000).unwrap_or(0);
        let shown = |span: Millis| zone.instant_on(date, self.opens_min + minutes(span));
        spans.into_iter().all(|span| shown(span) == opens_at + span)
    }

    /// Places it in its own zone, or else in UTC.
    pub(super) fn place_at_home(&self, workload: &mut Workload) -> Result<(), Unsteady> {
        let usual = || USUAL_ZONE.parse().ok();
        let zone = self.zone.clone().or_else(usual);
        zone.map_or(Ok(()), |zone| self.place(workload, &zone))
    }
}

/// Clocks change during the day, so that its slots have no unambiguous local times.
pub(super) struct Unsteady {
    date: Date,
    zone: String,
    other: Option<Date>,
}

impl Unsteady {
    pub(super) fn found(&self) -> String {
        format!("{}, when clocks change in {}", self.date, self.zone)
    }

    pub(super) fn allowed(&self) -> String {
        let other = self.other.map(|date| format!(", as {date}"));
        format!(
            "a date on which they do not change during the day{}",
            other.unwrap_or_default()
        )
    }
}

impl Day {
    pub(super) fn slots(&self) -> usize {
        self.shares.len()
    }

    pub(super) fn arrivals(&self, channels: &[(f64, ChannelWork); 4]) -> Vec<PerChannel<f64>> {
        let mix: f64 = channels.iter().map(|(share, _)| share).sum();
        let all: f64 = self.shares.iter().sum();
        let slot = |share: &f64| {
            let contacts = self.contacts * share / all.max(f64::MIN_POSITIVE);
            let of = |at: usize| contacts * channels[at].0 / mix.max(f64::MIN_POSITIVE);
            PerChannel(std::array::from_fn(of))
        };
        self.shares.iter().map(slot).collect()
    }

    /// From midnight of the date.
    fn closes_min(&self) -> u32 {
        self.calendar.opens_min + self.minutes()
    }

    fn minutes(&self) -> u32 {
        let slot_min = u32::try_from(self.slot.0 / 60_000).unwrap_or(0);
        slot_min * u32::try_from(self.slots()).unwrap_or(0)
    }

    /// The first occurrence of these times of day within the day: times after midnight belong to
    /// the following date.
    fn placed(&self, from: u32, until: u32) -> Option<(u32, u32)> {
        let until = if until <= from {
            until + DAY_MIN
        } else {
            until
        };
        let days = (0..).map(|day| (from + day * DAY_MIN, until + day * DAY_MIN));
        let mut days = days.take_while(|(from, _)| *from < self.closes_min());
        let opens_min = self.calendar.opens_min;
        days.find(|(from, until)| *from >= opens_min && *until <= self.closes_min())
    }
}

pub(super) fn read(day: &mut Reader<'_, '_>) -> Option<Day> {
    let date = day.key("date");
    let date = date.parse(DATE_FORM, |value| value.as_str()?.parse().ok());
    let zone = day.key("zone");
    let zone = zone.parse(ZONE_FORM, |value| value.as_str()?.parse().ok());
    let opens = time_of_day(day.key("opens"));
    let slot = day.key("slot_min").whole(5..=240);
    let contacts = day.key("contacts").required().number(1.0..=CONTACTS_MAX);
    let shares = day.key("shares").required();
    let shares = numbers(shares, 1..=SLOTS_MAX, 0.0..=1e9);
    if shares
        .iter()
        .any(|shares| shares.iter().sum::<f64>() == 0.0)
    {
        day.fault_at(
            "shares",
            "nothing but 0",
            "one or more above 0, or there are no contacts",
        );
    }
    let days_before = day.key("days_before").whole(0..=30);
    let factor = day.key("days_before_factor").number(0.0..=100.0);
    let has_none = days_before == Some(0) || !day.has("days_before");
    if has_none && day.has("days_before_factor") {
        let found = "of no effect without days before";
        day.fault_at("days_before_factor", found, "with days_before of 1 or more");
    }
    let read = Day {
        calendar: Calendar {
            date: date.or_else(|| USUAL_DATE.parse().ok())?,
            zone,
            opens_min: opens?,
            surges: Vec::new(),
        },
        slot: Millis::from_s(60 * slot.unwrap_or(30)),
        date_at: day.spot_of("date"),
        contacts: contacts?,
        shares: shares?,
        days_before: days_before.unwrap_or(0),
        days_before_factor: factor.unwrap_or(1.0),
    };
    if read.days_before > 0 && read.minutes() > DAY_MIN {
        let found = format!(
            "{} before one of {} minutes",
            read.days_before,
            read.minutes()
        );
        day.fault_at("days_before", &found, "0, or a day of at most 24 hours");
    }
    Some(read)
}

impl Day {
    /// The contacts of a surge are drawn for the whole day, whatever part of it is wanted.
    pub(super) fn check_surges(&self, root: &mut Reader<'_, '_>, more: impl Iterator<Item = f64>) {
        let contacts = self.contacts * (1.0 + more.sum::<f64>());
        if contacts > DRAWN_MAX {
            let found = format!("{contacts:.0} contacts, were all surges as long as the day");
            root.fault_at("surge", &found, &format!("at most {DRAWN_MAX:.0}"));
        }
    }
}

/// A surge, with its local begin and end in minutes from midnight. `busy` are the channels that
/// have contacts to multiply.
pub(super) fn read_surge(
    surge: &mut Reader<'_, '_>,
    topics: &[TopicWork],
    busy: &[Channel],
    day: Option<&Day>,
) -> Option<(Surge, (u32, u32))> {
    let from = time_of_day(surge.key("from"));
    let until = time_of_day(surge.key("until"));
    let channels = surge.key("channels").required();
    let channels = channels.strings(4, |text, _| {
        let channel: Channel = text.parse().map_err(|_| CHANNEL_NAMES)?;
        let is_busy = busy.contains(&channel);
        is_busy.then_some(channel).ok_or_else(|| BUSY.to_owned())
    });
    let known: Vec<(&str, usize)> = topics
        .iter()
        .map(|topic| topic.name.as_str())
        .zip(0..)
        .collect();
    let topic = surge.key("topic").choice(&known);
    let more = surge.key("more").required().number(0.0..=100.0);
    let (from, until, day) = (from?, until?, day?);
    let is_whole_day = (from, until) == (0, DAY_MIN);
    if from % DAY_MIN == until % DAY_MIN && !is_whole_day {
        surge.fault_at("until", &clock(until), "another time than from");
        return None;
    }
    let Some(placed) = day.placed(from, until) else {
        let (opens, closes) = (clock(day.calendar.opens_min), clock(day.closes_min()));
        let found = format!("{} to {}", clock(from), clock(until));
        surge.fault_at(
            "from",
            &found,
            &format!("within the day, {opens} to {closes}"),
        );
        return None;
    };
    let surge = Surge {
        from: Timestamp(0),
        until: Timestamp(0),
        channels,
        topic,
        more: more?,
    };
    Some((surge, placed))
}

/// Minutes from midnight.
fn time_of_day(field: Field<'_, '_>) -> Option<u32> {
    field.required().parse(TIME_FORM, |value| {
        let (hours, minutes) = value.as_str()?.split_once(':')?;
        let digits = |text: &str| {
            let number = text.parse::<u32>().ok();
            number.filter(|_| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let (hours, minutes) = (digits(hours)?, digits(minutes)?);
        let fits = minutes < 60 && hours * 60 + minutes <= DAY_MIN;
        fits.then_some(hours * 60 + minutes)
    })
}

fn clock(minute: u32) -> String {
    crate::sim::day::clock(minute.into())
}
