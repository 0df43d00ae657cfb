//! The input of a rehearsal: arrivals, work, patience, and how agents respond to offers. Compared
//! policies meet the same workload.
//!
//! Absent on purpose: queues and agents' skills, which belong to the routing configuration.

use crate::domain::skill::Level;
use crate::domain::{Channel, Millis, Name, PerChannel, Timestamp};
use crate::sim::attendance::Attendance;

/// A day of a contact centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    pub title: String,
    /// When the first slot of the day starts.
    pub opens_at: Timestamp,
    /// The local time then, in minutes from midnight.
    pub opens_min: u32,
    pub slot: Millis,
    /// Mean arrivals in each slot.
    pub arrivals: Vec<PerChannel<f64>>,
    pub surges: Vec<Surge>,
    /// Warm-up days before this one, which are not counted: agents' records build up. Their
    /// arrivals are multiplied by `days_before_factor`.
    pub days_before: u32,
    pub days_before_factor: f64,
    pub channels: PerChannel<ChannelWork>,
    pub topics: Vec<TopicWork>,
    pub tiers: Vec<TierShare>,
    /// Deviation of the logarithm of effort.
    pub effort_log_sd: f64,
    pub effort_max: Millis,
    /// By an agent's level in the topic's skill: the best first, the last one for all others.
    pub grades: Vec<GradeWork>,
    /// Deviation of the logarithm of agents' pace.
    pub agent_log_sd: f64,
    pub acquaintance: Acquaintance,
    pub repeats: Repeats,
    pub redials: Redials,
    pub answers: Answers,
    pub attendance: Attendance,
}

/// Additional contacts for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Surge {
    pub from: Timestamp,
    pub until: Timestamp,
    pub channels: Vec<Channel>,
    /// Their topic; none: any.
    pub topic: Option<usize>,
    /// Relative to the arrivals without it.
    pub more: f64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelWork {
    /// The mean effort of a contact.
    pub effort_s: f64,
    /// Patience has a Weibull distribution; none: nobody abandons.
    pub patience: Option<Patience>,
    /// The target; none: that of the contact's queue.
    pub answer_within: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    pub shape: f64,
    pub scale_s: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TopicWork {
    pub name: Name,
    /// Of all contacts; shares need not add up to 1.
    pub share: f64,
    /// Effort relative to the average topic; the mix of topics is scaled to 1.
    pub effort: f64,
    /// None: every agent has the last grade but one.
    pub skill: Option<Name>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TierShare {
    pub name: Name,
    pub share: f64,
    /// The value of a customer, in any unit.
    pub value: f64,
    /// Counts for the figure of VIP customers lost.
    pub is_vip: bool,
    /// Whether its customers have an account manager.
    pub has_manager: bool,
}

/// How agents of a grade handle a contact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradeWork {
    /// The lowest level in the topic's skill; none: any.
    pub level_min: Option<Level>,
    pub effort: f64,
    /// The probability of resolving the matter.
    pub resolves: f64,
    /// The share that is misjudged and transferred, up to `hands_on_max` times per contact.
    pub hands_on: f64,
    pub hands_on_max: u32,
}

/// The effects of knowing the customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acquaintance {
    pub effort: f64,
    pub resolves_more: f64,
}

/// Repeat contacts: customers with an unresolved matter return.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeats {
    pub times_max: u32,
    /// The mean of an exponential delay.
    pub after_s: f64,
    /// Relative to the effort before.
    pub effort: f64,
}

/// Redials: customers who abandoned try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Redials {
    pub share: f64,
    pub times_max: u32,
    pub after_s: f64,
}

/// How agents respond to offers; shares of all offers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Answers {
    /// The mean time to accept or decline, exponential; 0: at once.
    pub after_s: f64,
    pub declined: f64,
    pub ignored: f64,
}

impl Workload {
    pub fn closes_at(&self) -> Timestamp {
        self.begins_at(self.arrivals.len())
    }

    /// When a slot ends.
    pub fn ends_at(&self, slot: usize) -> Timestamp {
        self.begins_at(slot + 1)
    }

    fn begins_at(&self, slot: usize) -> Timestamp {
        let slots = i64::try_from(slot).expect("a day has few slots");
        self.opens_at + Millis(self.slot.0 * slots)
    }

    /// The slot that contains an instant; none outside the day.
    pub fn slot_at(&self, at: Timestamp) -> Option<usize> {
        let slot = (at - self.opens_at).0.div_euclid(self.slot.0.max(1));
        let slot = usize::try_from(slot).ok()?;
        (slot < self.arrivals.len()).then_some(slot)
    }

    /// The local time at the start of a slot, in minutes from the midnight before opening.
    pub fn minute_of(&self, slot: usize) -> i64 {
        let slots = i64::try_from(slot).expect("a day has few slots");
        i64::from(self.opens_min) + slots * self.slot.0 / 60_000
    }

    /// The day that a slot begins on, from 1, if it would not be known without: a day is longer than
    /// 24 hours.
    pub fn day_of(&self, slot: usize) -> Option<i64> {
        let length_min = self.minute_of(self.arrivals.len()) - i64::from(self.opens_min);
        (length_min > 24 * 60).then(|| self.minute_of(slot).div_euclid(24 * 60) + 1)
    }

    /// Mean contacts of the day, without surges.
    pub fn contacts(&self) -> f64 {
        let slots = self.arrivals.iter();
        slots.map(|slot| slot.0.iter().sum::<f64>()).sum()
    }

    /// The mean of the topics' efforts, to normalise by.
    pub fn topic_effort_mean(&self) -> f64 {
        let shares: f64 = self.topics.iter().map(|topic| topic.share).sum();
        let efforts = self.topics.iter().map(|topic| topic.share * topic.effort);
        if shares > 0.0 {
            efforts.sum::<f64>() / shares
        } else {
            1.0
        }
    }
}
