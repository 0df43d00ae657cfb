//! The elements of a timetable: a period of a day, a date, a time zone.
//!
//! Zones come from the built-in data only, so that every machine reads a timetable the same way.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use minicbor::{decode, encode};

use crate::domain::Timestamp;

const DAY_MIN: u16 = 24 * 60;

/// A period that begins on a day, by the wall clock: from one minute, inclusive, to another,
/// exclusive. It may end on the next day.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode,
)]
pub struct Period {
    /// In minutes of the day, from 0.
    #[n(0)]
    from_min: u16,
    /// Counted from the same midnight: later than `from_min`, by at most a day.
    #[n(1)]
    until_min: u16,
}

/// How a period is written, for messages.
pub const PERIOD_FORM: &str =
    "\"09:00-18:00\", up to 24:00; an end before the start is on the next day";

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: {PERIOD_FORM}")]
pub struct BadPeriod;

impl Period {
    pub const fn from_min(self) -> u16 {
        self.from_min
    }

    pub const fn until_min(self) -> u16 {
        self.until_min
    }
}

impl FromStr for Period {
    type Err = BadPeriod;
    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        let (from, until) = text.split_once('-').ok_or(BadPeriod)?;
        let (from_min, until_min) = (minute(from)?, minute(until)?);
        if from_min == DAY_MIN || from_min == until_min {
            return Err(BadPeriod);
        }
        let next_day = until_min < from_min;
        Ok(Self {
            from_min,
            until_min: if next_day {
                until_min + DAY_MIN
            } else {
                until_min
            },
        })
    }
}

/// `HH:MM` up to `24:00`.
fn minute(text: &str) -> Result<u16, BadPeriod> {
    let [h1, h2, b':', m1, m2] = text.as_bytes() else {
        return Err(BadPeriod);
    };
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Ok(u16::from(byte - b'0')),
        _ => Err(BadPeriod),
    };
    let (hour, minute) = (digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?);
    let fits = minute < 60 && hour * 60 + minute <= DAY_MIN;
    fits.then_some(hour * 60 + minute).ok_or(BadPeriod)
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(civil::Date);

/// The years that a timetable may contain.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2099;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: a date from 1970 to 2099 (\"2026-10-01\")")]
pub struct BadDate;

impl Date {
    pub const fn civil(self) -> civil::Date {
        self.0
    }
}

impl FromStr for Date {
    type Err = BadDate;
    fn from_str(text: &str) -> Result<Self, BadDate> {
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date: civil::Date = text.parse().map_err(|_| BadDate)?;
        let fits = plain && YEARS.contains(&date.year());
        fits.then_some(Self(date)).ok_or(BadDate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<C> minicbor::Encode<C> for Date {
    fn encode<W: encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Date {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(decode::Error::message)
    }
}

/// A time zone by its IANA name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: a time zone of the IANA database (\"Asia/Shanghai\")")]
pub struct BadZone;

impl Zone {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn rules(&self) -> &TimeZone {
        &self.rules
    }

    /// When the wall clock first shows a minute counted from a date, which may fall on a later day;
    /// if clocks skip that minute, when they go forward.
    pub fn instant_on(&self, Date(date): Date, minute: u32) -> Timestamp {
        self.instant(date, minute)
    }

    /// The same for a date of the calendar library.
    pub(super) fn instant(&self, mut date: civil::Date, minute: u32) -> Timestamp {
        for _ in 0..minute / u32::from(DAY_MIN) {
            date = date.tomorrow().unwrap_or(date);
        }
        let minute = minute % u32::from(DAY_MIN);
        let part = |value: u32| i8::try_from(value).expect("hours and minutes are few");
        let wall = date.at(part(minute / 60), part(minute % 60), 0, 0);
        let instant = match self.rules.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall),
            AmbiguousOffset::Gap { after, .. } => after.to_timestamp(wall).map(|before| {
                let mut changes = self.rules.following(before);
                changes.next().map_or(before, |change| change.timestamp())
            }),
        };
        Timestamp(instant.unwrap_or_default().as_millisecond())
    }
}

impl FromStr for Zone {
    type Err = BadZone;
    fn from_str(text: &str) -> Result<Self, BadZone> {
        let rules = TimeZoneDatabase::bundled().get(text).map_err(|_| BadZone)?;
        Ok(Self {
            name: rules.iana_name().unwrap_or(text).to_owned(),
            rules,
        })
    }
}

impl<C> minicbor::Encode<C> for Zone {
    fn encode<W: encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.name)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Zone {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(decode::Error::message)
    }
}
