//! The people of a rehearsal: who comes, how long they wait, what agents make of offers and what
//! a contact takes them. A [`Crowd`] answers such questions; it decides nothing about routing.

use crate::domain::{Intake, Millis, Name, Phone, Recognition, Text, Timestamp};
use crate::engine::command::Change;
use crate::engine::state::attention::speed;
use crate::engine::view::WaitEstimate;

/// How long somebody is away who let offers pass.
pub const AWAY: Millis = Millis::from_s(120);

/// The people of a rehearsal, and whoever watches them.
pub trait Crowd {
    /// What is known of one contact besides what the engine knows.
    type Case;

    /// The next contact that comes from outside, in order of time.
    fn next_arrival(&mut self) -> Option<Arrival<Self::Case>>;

    /// The next change of shift, in order of time.
    fn next_shift(&mut self) -> Option<Shift>;

    /// The next thing that somebody does who was not asked, in order of time.
    fn next_deed(&mut self) -> Option<Deed> {
        None
    }

    /// What an agent makes of an offer.
    fn answer(&mut self, _case: &mut Self::Case, _agent: usize) -> Answer {
        Answer::Accept {
            after: Millis::ZERO,
        }
    }

    /// What a contact takes this agent, who has just accepted it.
    fn work(&mut self, case: &mut Self::Case, agent: usize) -> Work;

    /// Whether [`Self::estimated`] is to be called for this contact.
    fn asks_estimates(&self, _case: &Self::Case) -> bool {
        false
    }

    /// The contact waits in line; called once for every time that it is queued.
    fn estimated(&mut self, _case: &mut Self::Case, _now: Timestamp, _estimate: WaitEstimate) {}

    /// An agent has handed the contact on: it waits once more.
    fn handed_on(&mut self, _case: &mut Self::Case, _now: Timestamp) {}

    /// The contact does not stand in line yet: it is ordered for later.
    fn put_off(&mut self, _case: &mut Self::Case, _until: Timestamp) {}

    /// A contact that was put off stands in line, and waits since then.
    fn comes_in(&mut self, _case: &mut Self::Case, _since: Timestamp) {}

    /// How long an agent is away who has let offers pass; none if a deed, or the end
    /// of the shift, says when that is over.
    fn away(&self, _agent: usize, _now: Timestamp) -> Option<Millis> {
        Some(AWAY)
    }

    fn answered(&mut self, case: &mut Self::Case, answer: Answered, now: Timestamp);

    /// The contact is over; it may come again.
    fn closed(
        &mut self,
        case: Self::Case,
        how: Closing,
        now: Timestamp,
    ) -> Option<Arrival<Self::Case>>;

    /// Whether agents with empty hands call contacts from queues that are pulled from.
    fn agents_call(&self) -> bool {
        false
    }

    /// The contact still waits, or is put off, and nothing is left to happen.
    fn left_waiting(&mut self, _case: Self::Case) {}

    /// An agent's break is over, or the duty is.
    fn rested(&mut self, _agent: usize, _since: Timestamp, _now: Timestamp) {}

    /// How things stand, once every [`Self::sampled_every`], up to [`Self::sampled_until`].
    fn sampled(&mut self, _now: Timestamp, _gauges: Gauges) {}

    fn sampled_every(&self) -> Millis {
        Self::SAMPLED_EVERY
    }

    /// None: for as long as anything happens.
    fn sampled_until(&self) -> Option<Timestamp> {
        None
    }

    /// The total speed of an agent with so many contacts in hand.
    fn speed(&self, contacts: u32) -> f64 {
        speed(contacts)
    }

    const SAMPLED_EVERY: Millis = Millis::from_s(60);
}

/// A contact that comes.
#[derive(Clone, Debug)]
pub struct Arrival<C> {
    pub at: Timestamp,
    pub intake: Intake,
    pub recognition: Recognition,
    /// How long it waits, from when it is to stand in line, before it is given up; for ever
    /// without.
    pub patience: Option<Millis>,
    /// What comes to be known of it so long after.
    pub later: Vec<(Millis, News)>,
    pub case: C,
}

/// What comes to be known of a contact after it has come.
#[derive(Clone, Debug)]
pub enum News {
    Recognised(Recognition),
    Changed(Change),
    /// The customer would rather be called, by this number.
    Callback {
        phone: Phone,
    },
    /// The customer does without, unless somebody serves them by then.
    Gone,
}

/// An agent has taken a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    pub agent: usize,
    /// Since it was first queued.
    pub waited: Millis,
    /// Whether the engine counts it as answered in time.
    pub in_time: bool,
}

/// Something that somebody does without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub at: Timestamp,
    pub what: DeedKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// An agent calls the next contact of a queue, and again until there is one or `until`.
    Call {
        agent: usize,
        queue: Name,
        until: Timestamp,
    },
    /// An agent goes on a break, once what is in hand is finished.
    Break {
        agent: usize,
        length: Millis,
    },
    /// An agent on duty says `ready` once more.
    Ready {
        agent: usize,
    },
    Pause {
        queue: Name,
    },
    Resume {
        queue: Name,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    pub at: Timestamp,
    pub agent: usize,
    pub begins: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Accept {
        after: Millis,
    },
    Decline {
        after: Millis,
        /// Not to be asked again for so long; without, for as long as usual.
        retry_after: Option<Millis>,
    },
    Ignore,
    /// The desktop never shows it.
    Unseen,
}

/// What a contact takes an agent, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Undivided attention.
    pub effort: Millis,
    pub then: Then,
    /// How long the wrap-up takes, where there is one; without, as long as it may.
    pub wrap_up: Option<Millis>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    Complete {
        outcome: Text,
    },
    /// Handed on, to wait once more.
    Transfer {
        queue: Name,
        patience: Option<Millis>,
        /// Otherwise it waits as if it had just come.
        keeps_age: bool,
    },
}

/// How a contact ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    Completed {
        agent: usize,
    },
    /// Given up after so long in the queue.
    Abandoned {
        waited: Millis,
    },
    /// The engine did not take it, or took it out.
    Refused,
    /// Turned away with a text.
    Deflected,
}

/// How things stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    pub waiting: usize,
    /// Agents with something in hand, or to wrap up.
    pub busy: usize,
    /// Agents on duty who are not on a break, and who still work when their duty is over.
    pub on_duty: usize,
    /// Contacts in agents' hands.
    pub in_hand: usize,
}
