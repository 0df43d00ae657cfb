//! Business hours: when a timetable is open, and how much of a span is working time.
//!
//! A period belongs to the day on which it begins, even if it runs past midnight: a holiday cancels
//! the periods that would begin on it, a special day replaces the weekday's periods with its own.
//! Each period is one unbroken span, from the first instant at which the wall clock has reached its
//! beginning until the first at which it has reached its end. So nothing opens or closes twice when
//! clocks go back, and a period that begins in a skipped hour begins when clocks go forward.
//!
//! **Invariant:** the answer depends only on the timetable, the built-in time zone data, and the
//! arguments.

use jiff::civil;

use crate::domain::period::{Date, Period, Zone};
use crate::domain::{Millis, Timestamp};

/// The most periods of one day.
pub const PERIODS_MAX: usize = 8;
/// The most holidays and special days of one timetable.
pub const DAYS_MAX: usize = 1_000;
/// Working time is computed no further beyond the last special day; the rest counts as if always
/// open.
const HORIZON_DAYS: usize = 3_660;
/// Any span of this many days without special ones contains every weekday twice.
const ORDINARY_DAYS: usize = 15;
/// A period that covers an instant began at most this many dates before.
const DATES_BEFORE: usize = 2;

/// A timetable in its time zone.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Hours {
    #[n(0)]
    zone: Zone,
    /// From Monday.
    #[n(1)]
    week: [Vec<Period>; 7],
    /// By date.
    #[n(2)]
    days: Vec<SpecialDay>,
}

/// A date with periods of its own; a holiday has none.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct SpecialDay {
    #[n(0)]
    pub date: Date,
    #[n(1)]
    pub periods: Vec<Period>,
}

/// Why this is not a timetable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHours {
    #[error("no weekday has a period")]
    NeverOpen,
    #[error("the periods of a day must follow each other without overlapping")]
    Overlap,
    #[error("{0} comes twice")]
    Twice(Date),
}

/// A target that is not a positive span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a working time; allowed: more than 0")]
pub struct NoSpan(pub Millis);

/// Open from `from`, inclusive, to `until`, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: Timestamp,
    until: Timestamp,
}

impl Hours {
    pub fn new(
        zone: Zone,
        week: [Vec<Period>; 7],
        mut days: Vec<SpecialDay>,
    ) -> Result<Self, BadHours> {
        if week.iter().all(Vec::is_empty) {
            return Err(BadHours::NeverOpen);
        }
        days.sort_by_key(|day| day.date);
        if let Some(pair) = days.windows(2).find(|pair| pair[0].date == pair[1].date) {
            return Err(BadHours::Twice(pair[0].date));
        }
        let special = days.iter().map(|day| &day.periods);
        if !week.iter().chain(special).all(|periods| in_order(periods)) {
            return Err(BadHours::Overlap);
        }
        Ok(Self { zone, week, days })
    }

    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        let mut spans = self.spans(at, DATES_BEFORE + 1);
        spans.any(|span| span.from <= at)
    }

    /// The first instant after `at` at which it opens or closes; none if it never does.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        // Beyond the special days the week repeats.
        let dates = DATES_BEFORE + self.special_ahead(at) + ORDINARY_DAYS;
        let mut open_until = None;
        for span in self.spans(at, dates) {
            match open_until {
                None if span.from > at => return Some(span.from),
                None => open_until = Some(span.until),
                Some(until) if span.from > until => return Some(until),
                Some(until) => open_until = Some(span.until.max(until)),
            }
        }
        None
    }

    /// The first instant at or after `at` at which it is open.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            Some(at)
        } else {
            self.next_change(at)
        }
    }

    /// The first instant at which this much working time has passed since `from`.
    pub fn add_working(&self, from: Timestamp, span: Millis) -> Result<Timestamp, NoSpan> {
        if span <= Millis::ZERO {
            return Err(NoSpan(span));
        }
        let (mut reached, mut left) = (from, span);
        for open in self.spans(from, self.special_ahead(from) + HORIZON_DAYS) {
            let begins = open.from.max(reached);
            if open.until <= begins {
                continue;
            }
            let length = open.until - begins;
            if length >= left {
                return Ok(begins + left);
            }
            left = left - length;
            reached = open.until;
        }
        Ok(reached + left)
    }

    /// The open time between two instants.
    pub fn working_between(&self, from: Timestamp, until: Timestamp) -> Millis {
        let days = days_between(self.date_of(from), self.date_of(until));
        let (mut reached, mut worked) = (from, Millis::ZERO);
        for open in self.spans(from, DATES_BEFORE + 1 + days) {
            let (begins, ends) = (open.from.max(reached), open.until.min(until));
            if ends > begins {
                worked = worked + (ends - begins);
                reached = ends;
            }
        }
        worked
    }

    /// The periods of this many dates that are not over at `at`, by their beginning.
    fn spans(&self, at: Timestamp, dates: usize) -> impl Iterator<Item = Span> {
        let mut date = self.date_of(at);
        for _ in 0..DATES_BEFORE {
            date = date.yesterday().unwrap_or(date);
        }
        let dates = std::iter::successors(Some(date), |date| date.tomorrow().ok()).take(dates + 1);
        let of_day = move |date| self.periods(date).iter().map(move |period| (date, period));
        dates
            .flat_map(of_day)
            .map(|(date, period)| Span {
                from: self.instant(date, period.from_min()),
                until: self.instant(date, period.until_min()),
            })
            .filter(move |span| span.from < span.until && span.until > at)
    }

    /// The number of days until the last special day.
    fn special_ahead(&self, at: Timestamp) -> usize {
        let last = self.days.last().map(|day| day.date.civil());
        last.map_or(0, |last| days_between(self.date_of(at), last))
    }

    fn periods(&self, date: civil::Date) -> &[Period] {
        let special = self
            .days
            .binary_search_by_key(&date, |day| day.date.civil());
        match special {
            Ok(index) => &self.days[index].periods,
            Err(_) => {
                let weekday = date.weekday().to_monday_zero_offset();
                &self.week[usize::from(weekday.unsigned_abs())]
            }
        }
    }

    /// The calendar day in the time zone.
    fn date_of(&self, at: Timestamp) -> civil::Date {
        // Far outside the range of valid times, any day does.
        let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
        self.zone.rules().to_datetime(at).date()
    }

    /// The first instant at which the clock shows this minute of the day, or a later one.
    fn instant(&self, date: civil::Date, minute: u16) -> Timestamp {
        self.zone.instant(date, minute.into())
    }
}

/// Whether these can be the periods of one day.
pub fn in_order(periods: &[Period]) -> bool {
    let mut pairs = periods.windows(2);
    periods.len() <= PERIODS_MAX && pairs.all(|pair| pair[0].until_min() <= pair[1].from_min())
}

/// 0 if `until` is not ahead.
fn days_between(from: civil::Date, until: civil::Date) -> usize {
    let days = (until - from).get_days();
    usize::try_from(days).unwrap_or(0)
}

#[cfg(test)]
mod tests;
