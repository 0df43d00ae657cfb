//! The people of a rehearsal: arrivals, patience, how agents respond to offers and how long
//! contacts take them. A [`Crowd`] answers such questions; it decides nothing about routing.

use crate::domain::{Intake, Millis, Name, Phone, Recognition, Text, Timestamp};
use crate::engine::command::{CUSTOMER_LEFT, Change};
use crate::engine::state::attention::speed;
use crate::engine::view::WaitEstimate;

/// How long an agent who missed offers is away.
pub const AWAY: Millis = Millis::from_s(120);

/// The people of a rehearsal, and the observer that counts what happens to them.
pub trait Crowd {
    /// What is known of one contact besides what the engine knows.
    type Case;

    /// The next arrival, in order of time.
    fn next_arrival(&mut self) -> Option<Arrival<Self::Case>>;

    /// The next change of shift, in order of time.
    fn next_shift(&mut self) -> Option<Shift>;

    /// The next unprompted action, in order of time.
    fn next_deed(&mut self) -> Option<Deed> {
        None
    }

    /// When the next day is over and all agents have gone home, in order of time; none if people
    /// come and go as they like.
    fn goes_home_at(&mut self) -> Option<Timestamp> {
        None
    }

    /// How an agent responds to an offer.
    fn answer(&mut self, _case: &mut Self::Case, _agent: usize) -> Answer {
        Answer::Accept {
            after: Millis::ZERO,
        }
    }

    /// The work that a contact is for this agent, who has just accepted it.
    fn work(&mut self, case: &mut Self::Case, agent: usize) -> Work;

    /// Whether to call [`Self::estimated`] for this contact.
    fn asks_estimates(&self, _case: &Self::Case) -> bool {
        false
    }

    /// The contact waits in line; called once each time it is queued.
    fn estimated(&mut self, _case: &mut Self::Case, _now: Timestamp, _estimate: WaitEstimate) {}

    /// An agent has transferred the contact: it waits again.
    fn handed_on(&mut self, _case: &mut Self::Case, _now: Timestamp) {}

    /// It could not be transferred after all: the agent ends it.
    fn kept(&mut self, _case: &mut Self::Case, _now: Timestamp) {}

    /// The contact is scheduled for later, and not in line yet.
    fn put_off(&mut self, _case: &mut Self::Case, _until: Timestamp) {}

    /// A scheduled contact is now in line, and waits since then.
    fn comes_in(&mut self, _case: &mut Self::Case, _since: Timestamp) {}

    /// How long an agent who missed offers is away; none if a deed or the end of the shift ends it.
    fn away(&self, _agent: usize, _now: Timestamp) -> Option<Millis> {
        Some(AWAY)
    }

    fn answered(&mut self, case: &mut Self::Case, answer: Answered, now: Timestamp);

    /// The contact is closed; its customer may return.
    fn closed(
        &mut self,
        case: Self::Case,
        how: Closing,
        now: Timestamp,
    ) -> Option<Arrival<Self::Case>>;

    /// Whether idle agents call contacts from this pull queue.
    fn agents_call(&self, _queue: &Name) -> bool {
        false
    }

    /// The reason to report when the contact leaves unserved.
    fn parting(&self, _case: &Self::Case) -> Text {
        Text::from(CUSTOMER_LEFT)
    }

    /// The contact still waits and all agents have gone home, or it waits or is scheduled and
    /// nothing is left to happen.
    fn left_waiting(&mut self, _case: Self::Case) {}

    /// An agent's break, or the duty during it, has ended.
    fn rested(&mut self, _agent: usize, _since: Timestamp, _now: Timestamp) {}

    /// The floor stood like this from one instant to a later one.
    fn stood(&mut self, _from: Timestamp, _until: Timestamp, _gauges: Gauges) {}

    /// The total speed of an agent with this many contacts in hand.
    fn speed(&self, contacts: u32) -> f64 {
        speed(contacts)
    }
}

/// An arriving contact.
#[derive(Clone, Debug)]
pub struct Arrival<C> {
    pub at: Timestamp,
    pub intake: Intake,
    pub recognition: Recognition,
    /// How long the customer waits from joining the line before abandoning; none: for ever.
    pub patience: Option<Millis>,
    /// What becomes known about it, and how long after its arrival.
    pub later: Vec<(Millis, News)>,
    pub case: C,
}

/// What becomes known about a contact after its arrival.
#[derive(Clone, Debug)]
pub enum News {
    Recognised(Recognition),
    Changed(Change),
    /// The customer asks to be called at this number instead.
    Callback {
        phone: Phone,
    },
    /// The contact leaves, unless it is being served by then.
    Gone,
}

/// A contact answered by an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    pub agent: usize,
    /// Since it was first queued.
    pub waited: Millis,
    /// Whether the engine counts it as answered in time.
    pub in_time: bool,
}

/// An unprompted action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub at: Timestamp,
    pub what: DeedKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// An agent calls the next contact of a queue, repeatedly until there is one or `until`.
    Call {
        agent: usize,
        queue: Name,
        until: Timestamp,
    },
    /// An agent goes on a break once the contacts in hand are finished.
    Break {
        agent: usize,
        length: Millis,
    },
    /// An agent on duty becomes ready again.
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
        /// The requested cooldown; none: the usual one.
        retry_after: Option<Millis>,
    },
    Ignore,
    /// The desktop never shows the offer.
    Unseen,
}

/// The work of a contact for an agent, and its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// In time of undivided attention.
    pub effort: Millis,
    pub then: Then,
    pub wrap_up: WrapUp,
}

/// The wrap-up of a contact, if its queue has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WrapUp {
    /// None: until it times out.
    pub takes: Option<Millis>,
    /// When the agent extends it, if ever.
    pub extended_after: Option<Millis>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    Complete {
        outcome: Text,
    },
    /// It ends without wrap-up: the customer has left, or somebody has cancelled it.
    Leave {
        reason: Text,
    },
    /// Transferred, to wait again.
    Transfer {
        queue: Name,
        patience: Option<Millis>,
        /// Otherwise it waits as if it had just arrived.
        keeps_age: bool,
    },
    /// Back to the line it came from.
    GoBack {
        why: Back,
        patience: Option<Millis>,
    },
}

/// Why a contact goes back to the line it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// A supervisor's word, or nobody took it when it woke.
    Requeued,
    /// The customer did not come when called.
    NoShow,
    /// The customer did not answer the telephone.
    CallbackFailed,
}

/// How a contact ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    Completed {
        agent: usize,
        /// The server ended it before its agent had done the work.
        is_cut_short: bool,
    },
    /// Abandoned after this long in the queue.
    Abandoned { waited: Millis },
    /// The engine refused or removed it.
    Refused,
    /// Cancelled for another reason than that its customer left.
    Cancelled,
    /// Deflected, with a text.
    Deflected,
}

/// A snapshot of the floor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    pub waiting: usize,
    /// Agents with contacts in hand or in wrap-up.
    pub busy: usize,
    /// Agents on duty and not on a break, and those still working after their duty.
    pub on_duty: usize,
    /// Contacts in agents' hands.
    pub in_hand: usize,
}
