//! What a rehearsal is played with: who comes and when, what it takes to serve them, how long
//! they wait, and what agents make of offers. Policies that are compared meet the same workload.
//!
//! Absent on purpose: queues and agents' skills, which are the routing configuration's.

use crate::domain::skill::Level;
use crate::domain::{Channel, Millis, Name, PerChannel, Timestamp};
use crate::sim::attendance::Attendance;

/// A day of a contact centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    pub title: String,
    /// When the first slot of the day begins.
    pub opens_at: Timestamp,
    /// What the clock on the wall shows then, in minutes from midnight.
    pub opens_min: u32,
    pub slot: Millis,
    /// Contacts that come in each slot, on average.
    pub arrivals: Vec<PerChannel<f64>>,
    pub surges: Vec<Surge>,
    /// Days before this one, of which nothing is counted: agents' records build up. They
    /// have so many times as many contacts.
    pub days_before: u32,
    pub days_before_factor: f64,
    pub channels: PerChannel<ChannelWork>,
    pub topics: Vec<TopicWork>,
    pub tiers: Vec<TierShare>,
    /// Deviation of the logarithm of effort.
    pub effort_log_sd: f64,
    pub effort_max: Millis,
    /// By an agent's level in the topic's skill; the best first, the last one for all others.
    pub grades: Vec<GradeWork>,
    /// Deviation of the logarithm of how quick agents are.
    pub agent_log_sd: f64,
    pub acquaintance: Acquaintance,
    pub repeats: Repeats,
    pub redials: Redials,
    pub answers: Answers,
    pub attendance: Attendance,
}

/// More contacts than usual, for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Surge {
    pub from: Timestamp,
    pub until: Timestamp,
    pub channels: Vec<Channel>,
    /// What they are about; any topic without.
    pub topic: Option<usize>,
    /// In shares of what comes otherwise.
    pub more: f64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelWork {
    /// What a contact takes on average.
    pub effort_s: f64,
    /// Patience is distributed as Weibull's; without, nobody gives up.
    pub patience: Option<Patience>,
    /// Promised to be answered within; without, what the contact's queue promises.
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
    /// What it takes in shares of the average topic; the mix of topics is scaled to 1.
    pub effort: f64,
    /// Without, every agent is of the last grade but one.
    pub skill: Option<Name>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TierShare {
    pub name: Name,
    pub share: f64,
    /// What a customer is worth, in shares of any unit.
    pub value: f64,
    /// Counts among those who should never be lost.
    pub is_vip: bool,
    /// Its customers have an account manager.
    pub has_manager: bool,
}

/// What agents of a grade make of a contact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradeWork {
    /// For agents of at least this level in the topic's skill; none: any.
    pub level_min: Option<Level>,
    pub effort: f64,
    /// The probability that it resolves the matter.
    pub resolves: f64,
    /// The share that is mistaken for something else and handed on, at most so often.
    pub hands_on: f64,
    pub hands_on_max: u32,
}

/// What it is worth to know the customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acquaintance {
    pub effort: f64,
    pub resolves_more: f64,
}

/// Unresolved customers come again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeats {
    pub times_max: u32,
    /// On average, exponential.
    pub after_s: f64,
    /// In shares of what it took before.
    pub effort: f64,
}

/// Customers who gave up try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Redials {
    pub share: f64,
    pub times_max: u32,
    pub after_s: f64,
}

/// What agents make of offers; the shares of all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Answers {
    /// Until an offer is accepted or declined, on average, exponential; 0: at once.
    pub after_s: f64,
    pub declined: f64,
    pub ignored: f64,
}

impl Workload {
    pub fn closes_at(&self) -> Timestamp {
        let slots = i64::try_from(self.arrivals.len()).expect("a day has few slots");
        self.opens_at + Millis(self.slot.0 * slots)
    }

    /// The slot in which an instant lies; none outside of the day.
    pub fn slot_at(&self, at: Timestamp) -> Option<usize> {
        let slot = (at - self.opens_at).0.div_euclid(self.slot.0.max(1));
        let slot = usize::try_from(slot).ok()?;
        (slot < self.arrivals.len()).then_some(slot)
    }

    /// What the clock on the wall shows when a slot begins, in minutes from midnight before
    /// opening.
    pub fn minute_of(&self, slot: usize) -> i64 {
        let slots = i64::try_from(slot).expect("a day has few slots");
        i64::from(self.opens_min) + slots * self.slot.0 / 60_000
    }

    /// Contacts of the day on average, without surges.
    pub fn contacts(&self) -> f64 {
        let slots = self.arrivals.iter();
        slots.map(|slot| slot.0.iter().sum::<f64>()).sum()
    }

    /// The average of the topics' efforts, to divide by.
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
