//! A recorded day, read from a journal's events: arrivals, patience, how agents responded to
//! offers, how much of their attention each contact took, and who was on duty. [`Recording`] reads
//! it, [`replay()`] replays it with another routing configuration or staff.
//!
//! Absent on purpose: the conversation itself, and anything that is not in the journal; `patience`,
//! `pace` and `replay` state what is assumed instead.

mod figures;
mod hand;
pub mod notes;
mod pace;
mod patience;
mod recording;
mod replay;
mod staff;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Channel, Intake, Millis, Name, PerChannel, Recognition, Text, Timestamp};
use crate::engine::options::Options;
use crate::sim::attendance::Attendance;
use crate::sim::crowd::{Back, Gauges, News, WrapUp};
use crate::sim::day::Wait;
use crate::sim::promise::Promise;
use crate::sim::workload::{Acquaintance, Answers, Redials, Repeats, TierShare, Workload};

pub use figures::column;
pub use pace::{Paces, Subject};
pub use patience::{Fitted, Stay};
pub use recording::Recording;
pub use replay::replay;
pub use staff::{Crew, with_staff};

/// A recorded day; or part of one, or several.
#[derive(Clone, Debug)]
pub struct RecordedDay {
    /// The configuration that was in force last.
    pub options: Arc<Options>,
    pub begins_at: Timestamp,
    pub ends_at: Timestamp,
    /// Every tier that ever existed; figures are grouped by them.
    pub tiers: Vec<Name>,
    pub agents: Vec<RecordedAgent>,
    pub matters: Vec<Matter>,
    /// Contacts left out because they were already open at the beginning.
    pub under_way: usize,
    /// Contacts that were parked; the parked time is left out.
    pub parked: usize,
    /// Contacts with a consultation; the second agent's time is left out.
    pub helped: usize,
    /// Contacts with customer-first callbacks; in the replay agents dial.
    pub customer_first: usize,
    /// Contacts whose agent was lost; the second wait is left out.
    pub deserted: usize,
    /// When the server was down: nobody was on duty, and no contact was worked on.
    pub outages: Vec<Span>,
    pub deeds: Vec<RecordedDeed>,
    /// The waits as they really were.
    pub waits: Vec<RecordedWait>,
    /// Contacts in line when the journal ends.
    pub waiting: Vec<StillWaiting>,
    pub samples: Vec<(Timestamp, Gauges)>,
    pub sampled_every: Millis,
    pub patience: PerChannel<Option<Fitted>>,
    pub paces: Paces,
    /// Finished work as (matter, leg), to draw from for contacts that were not served.
    pub finished: BTreeMap<Channel, Vec<(usize, usize)>>,
    /// The median time from an offer to its acceptance.
    pub accept_after: Millis,
}

#[derive(Clone, Debug)]
pub struct RecordedAgent {
    pub name: Name,
    pub spans: Vec<Span>,
    /// When the agent received no offers, until ready again.
    pub suspensions: Vec<Span>,
    /// The median time from an offer to its acceptance.
    pub accept_after: Option<Millis>,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// One contact.
#[derive(Clone, Debug)]
pub struct Matter {
    pub arrived_at: Timestamp,
    pub first_queued_at: Timestamp,
    pub intake: Arc<Intake>,
    pub recognition: Arc<Recognition>,
    pub news: Vec<(Timestamp, News)>,
    /// The last known tier, as an index of the day's tiers.
    pub tier: usize,
    /// Each time it was in line: on arrival, after each transfer, and each time it went back.
    pub legs: Vec<Leg>,
}

impl Matter {
    /// When its customer asked to be called, if ever.
    pub fn hung_up_at(&self) -> Option<Timestamp> {
        let asked =
            |(at, news): &(Timestamp, News)| matches!(news, News::Callback { .. }).then_some(*at);
        self.news.iter().find_map(asked)
    }
}

#[derive(Clone, Debug)]
pub struct Leg {
    pub queued_at: Timestamp,
    pub queue: Name,
    /// The target of that queue.
    pub promise: Promise,
    pub reactions: Vec<Reaction>,
    pub fate: Fate,
}

impl Leg {
    pub(super) fn is_handed_on(&self) -> bool {
        matches!(&self.fate, Fate::Served(service) if matches!(service.end, End::HandedOn { .. }))
    }

    /// Whether its customer left before the time it was put off to.
    fn is_left_early(&self) -> bool {
        let how = Leaving::Early;
        matches!(self.fate, Fate::Left { how: known, .. } if known == how)
    }
}

/// How an agent responded to one offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    Accepts {
        after: Millis,
    },
    Declines {
        after: Millis,
        retry_after: Option<Millis>,
    },
    Ignores,
    Unseen,
    /// Revoked before the agent answered.
    Unknown {
        later_than: Millis,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Still waiting when the journal ended.
    Open,
    Left {
        after: Millis,
        how: Leaving,
        reason: Text,
    },
    Served(Service),
}

/// How a contact left the line unserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    GaveUp,
    Cancelled,
    /// Before its scheduled time, and so before it was in line.
    Early,
    /// Deflected with a text: the customer's patience is unknown.
    Deflected,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// An index of the day's agents.
    pub agent: usize,
    pub waited: Millis,
    /// In time of undivided attention.
    pub effort_ms: f64,
    pub end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Was being served when the journal ended.
    Open,
    Completed {
        outcome: Text,
        wrap_up: WrapUp,
    },
    /// It was over without wrap-up: its customer had left or had not come, or it was cancelled.
    Left {
        reason: Text,
    },
    HandedOn {
        /// Otherwise it waited as if it had just arrived.
        keeps_age: bool,
    },
    /// It went back to the line it came from.
    Back(Back),
}

/// One wait as it really was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedWait {
    pub matter: usize,
    pub queued_at: Timestamp,
    pub wait: Wait,
}

/// A contact still in line, for the first time or after a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StillWaiting {
    pub matter: usize,
    pub since: Timestamp,
    pub promised_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedDeed {
    pub at: Timestamp,
    pub what: Did,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    Called {
        agent: usize,
        queue: Name,
    },
    /// Became ready again while on duty.
    Ready {
        agent: usize,
    },
    Paused {
        queue: Name,
    },
    Resumed {
        queue: Name,
    },
}

const SLOTS: [i64; 4] = [60, 5 * 60, 30 * 60, 2 * 3_600];
const SLOTS_WANTED: i64 = 50;
const DAY: Millis = Millis::from_s(24 * 3_600);

impl RecordedDay {
    pub fn span(&self) -> Millis {
        self.ends_at - self.begins_at
    }

    /// Whether agents called contacts from this queue, or could.
    pub fn was_pulled_from(&self, queue: &Name) -> bool {
        let mut called = self.deeds.iter().filter_map(|deed| match &deed.what {
            Did::Called { queue, .. } => Some(queue),
            Did::Ready { .. } | Did::Paused { .. } | Did::Resumed { .. } => None,
        });
        let pulled = self.options.queue(queue).is_some_and(|queue| queue.pull);
        pulled || called.any(|known| known == queue)
    }

    /// Whether each time of day is unambiguous.
    pub fn is_within_a_day(&self) -> bool {
        self.span() <= DAY
    }

    /// The day as reports and charts need it: slots and tiers, nothing drawn by chance.
    pub fn frame(&self, title: &str) -> Workload {
        let slot = SLOTS
            .into_iter()
            .map(Millis::from_s)
            .find(|slot| self.span().0 / slot.0 < SLOTS_WANTED)
            .unwrap_or(DAY);
        let opens_at = Timestamp(self.begins_at.0.div_euclid(slot.0) * slot.0);
        let slots = (self.ends_at - opens_at).0 / slot.0 + 1;
        let tiers = self.tiers.iter().map(|name| TierShare {
            name: name.clone(),
            share: 1.0,
            value: 1.0,
            is_vip: false,
            has_manager: false,
        });
        let mut frame = Workload {
            title: title.to_owned(),
            opens_at,
            opens_min: u32::try_from(opens_at.0.div_euclid(60_000).rem_euclid(24 * 60))
                .unwrap_or(0),
            slot,
            arrivals: vec![PerChannel([0.0; 4]); usize::try_from(slots).unwrap_or(0)],
            surges: Vec::new(),
            days_before: 0,
            days_before_factor: 0.0,
            channels: PerChannel::default(),
            topics: Vec::new(),
            tiers: tiers.collect(),
            effort_log_sd: 0.0,
            effort_max: Millis::ZERO,
            grades: Vec::new(),
            agent_log_sd: 0.0,
            acquaintance: Acquaintance {
                effort: 1.0,
                resolves_more: 0.0,
            },
            repeats: Repeats {
                times_max: 0,
                after_s: 0.0,
                effort: 1.0,
            },
            redials: Redials {
                share: 0.0,
                times_max: 0,
                after_s: 0.0,
            },
            answers: Answers::default(),
            attendance: Attendance::default(),
        };
        for matter in &self.matters {
            if let Some(slot) = frame.slot_at(matter.first_queued_at) {
                *frame.arrivals[slot].get_mut(matter.intake.channel) += 1.0;
            }
        }
        frame
    }
}
