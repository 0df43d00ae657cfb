//! The results of a rehearsed day.

mod figures;

use crate::domain::{Channel, Millis, Timestamp};
use crate::sim::crowd::Gauges;
use crate::sim::workload::Workload;

pub(super) use figures::number;
pub use figures::{Figure, Unit};

/// One contact's wait, to its answer or its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    /// When it was queued, in milliseconds from the opening.
    pub queued_at_ms: i64,
    pub tier: usize,
    pub channel: Channel,
    /// For a contact still waiting at the end: until the last agent left.
    pub ms: i64,
    pub outcome: WaitEnd,
    pub in_time: bool,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    Answered,
    GaveUp,
    /// Still waiting at the end.
    Waiting,
    /// Refused or removed by the engine.
    Refused,
    /// Deflected, with a text.
    Deflected,
    /// Scheduled for a time beyond the end of the day.
    Scheduled,
}

impl Wait {
    pub fn is_answered(&self) -> bool {
        self.outcome == WaitEnd::Answered
    }

    pub fn gave_up(&self) -> bool {
        self.outcome == WaitEnd::GaveUp
    }

    /// Contacts that were turned away or never joined the line did not wait.
    pub(super) fn has_waited(&self) -> bool {
        match self.outcome {
            WaitEnd::Answered | WaitEnd::GaveUp | WaitEnd::Waiting => true,
            WaitEnd::Refused | WaitEnd::Deflected | WaitEnd::Scheduled => false,
        }
    }

    /// Whether it ended, answered or abandoned, within this limit.
    fn ended_within(&self, limit: Millis) -> bool {
        (self.is_answered() || self.gave_up()) && self.ms <= limit.0
    }
}

/// An estimated wait, beside the actual one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    pub tier: usize,
    pub p50_ms: i64,
    pub p90_ms: i64,
    pub waited_ms: i64,
}

/// How the floor stood in one slot: sums over time, to be divided by `lasted_ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Slot {
    pub lasted_ms: f64,
    pub waiting: f64,
    pub busy: f64,
    pub on_duty: f64,
}

/// The counts of a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Day {
    pub waits: Vec<Wait>,
    pub guesses: Vec<Guess>,
    pub slots: Vec<Slot>,
    /// Customers by tier; each counts once, however often they returned.
    pub customers: Vec<u64>,
    /// Of these, those never served.
    pub lost: Vec<u64>,
    /// Customers whose matter was resolved, and the total time from their first arrival.
    pub resolved: u64,
    pub resolution_s_sum: f64,
    /// Contacts accepted by agents, by the agent's grade in the topic.
    pub taken_on: Vec<u64>,
    pub handed_on: u64,
    /// Paid hours: of all rostered agents.
    pub agent_hours: f64,
    /// Productive hours: of agents present, less their breaks.
    pub productive_hours: f64,
}

impl Day {
    pub fn new(workload: &Workload) -> Self {
        Self {
            slots: vec![Slot::default(); workload.arrivals.len()],
            customers: vec![0; workload.tiers.len()],
            lost: vec![0; workload.tiers.len()],
            taken_on: vec![0; workload.grades.len()],
            ..Self::default()
        }
    }

    /// How many waits had this outcome.
    pub fn number(&self, outcome: WaitEnd) -> u64 {
        let those = self.waits.iter().filter(|wait| wait.outcome == outcome);
        those.count() as u64
    }

    /// The wait that this share of the selected contacts does not exceed.
    pub fn quantile_s(&self, of: impl Fn(&Wait) -> bool, share: f64) -> Option<f64> {
        let those = self
            .waits
            .iter()
            .filter(|wait| wait.has_waited() && of(wait));
        let mut waits: Vec<i64> = those.map(|wait| wait.ms).collect();
        if waits.is_empty() {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = ((waits.len() as f64 * share).ceil() as usize).clamp(1, waits.len()) - 1;
        let (_, found, _) = waits.select_nth_unstable(at);
        Some(Millis(*found).as_s_f64())
    }

    /// The floor stood like this for a while within a slot.
    pub fn stood_in(&mut self, slot: usize, lasted: Millis, gauges: Gauges) {
        let slot = &mut self.slots[slot];
        let lasted_ms = count(u64::try_from(lasted.0).unwrap_or(0));
        slot.lasted_ms += lasted_ms;
        slot.waiting += lasted_ms * count(gauges.waiting as u64);
        slot.busy += lasted_ms * count(gauges.busy as u64);
        slot.on_duty += lasted_ms * count(gauges.on_duty as u64);
    }

    /// The same between two instants, as far as they are within the day.
    pub fn stood(
        &mut self,
        workload: &Workload,
        from: Timestamp,
        until: Timestamp,
        gauges: Gauges,
    ) {
        let mut at = from.max(workload.opens_at);
        while at < until
            && let Some(slot) = workload.slot_at(at)
        {
            let next = workload.ends_at(slot).min(until);
            self.stood_in(slot, next - at, gauges);
            at = next;
        }
    }
}

/// The time of day in UTC, for reports.
pub fn time_of_day(at: Timestamp) -> String {
    clock(at.0.div_euclid(60_000))
}

/// The time of day this many minutes from a midnight.
pub fn clock(minutes: i64) -> String {
    let minutes = minutes.rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The local time at the start of a slot, with its day if needed.
pub(super) fn slot_time(workload: &Workload, slot: usize) -> String {
    let time = clock(workload.minute_of(slot));
    match workload.day_of(slot) {
        Some(day) if day > 1 => format!("day {day} {time}"),
        Some(_) | None => time,
    }
}

pub(super) fn count(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let count = number as f64;
    count
}
