//! Where a contact is, with exactly what is true there, and how it ends.

use crate::domain::{Millis, Text, Timestamp};
use crate::engine::state::contact::service::{Parked, Service};
use crate::engine::state::registry::AgentKey;

/// Where a contact is, with exactly what is true there.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Stage {
    /// Between two other stages; no contact stays here beyond one command.
    #[n(0)]
    Moving,
    #[n(1)]
    Scheduled {
        #[n(0)]
        until: Timestamp,
    },
    #[n(2)]
    Queued {
        #[n(0)]
        due: Timestamp,
    },
    #[n(3)]
    Offered {
        /// The oldest live one.
        #[n(0)]
        offer: Offer,
        /// Further ones to other agents, if a rule allows several at once; oldest first.
        #[n(1)]
        beside: Vec<Offer>,
    },
    #[n(4)]
    Active(#[n(0)] Service),
    #[n(5)]
    Parked(#[n(0)] Parked),
    #[n(6)]
    WrapUp {
        #[n(0)]
        service: Service,
        #[n(1)]
        until: Timestamp,
        #[n(2)]
        extended: bool,
        #[n(3)]
        outcome: Text,
        #[n(4)]
        notes: Option<Text>,
        #[n(5)]
        ended_by: EndedBy,
    },
    #[n(7)]
    Closed(#[n(0)] Closing),
}

impl Stage {
    pub const fn state(&self) -> ContactState {
        match self {
            Self::Moving => ContactState::Moving,
            Self::Scheduled { .. } => ContactState::Scheduled,
            Self::Queued { .. } => ContactState::Queued,
            Self::Offered { .. } => ContactState::Offered,
            Self::Active(_) => ContactState::Active,
            Self::Parked(_) => ContactState::Parked,
            Self::WrapUp { .. } => ContactState::WrapUp,
            Self::Closed(closing) => ContactState::Closed(closing.how),
        }
    }

    /// The live offers, the oldest first.
    pub fn live_offers(&self) -> impl Iterator<Item = &Offer> {
        let (offer, beside) = match self {
            Self::Offered { offer, beside } => (Some(offer), &beside[..]),
            Self::Moving
            | Self::Scheduled { .. }
            | Self::Queued { .. }
            | Self::Active(_)
            | Self::Parked(_)
            | Self::WrapUp { .. }
            | Self::Closed(_) => (None, &[][..]),
        };
        offer.into_iter().chain(beside)
    }

    pub fn offer_mut(&mut self, number: u32) -> Option<&mut Offer> {
        let (offer, beside) = match self {
            Self::Offered { offer, beside } => (Some(offer), &mut beside[..]),
            Self::Moving
            | Self::Scheduled { .. }
            | Self::Queued { .. }
            | Self::Active(_)
            | Self::Parked(_)
            | Self::WrapUp { .. }
            | Self::Closed(_) => (None, &mut [][..]),
        };
        let mut live = offer.into_iter().chain(beside);
        live.find(|offer| offer.number == number)
    }

    /// The stage without this offer; `Moving` if there is no other.
    #[must_use]
    pub fn without_offer(self, number: u32) -> Self {
        let live = self.live_offers().filter(|offer| offer.number != number);
        let mut live: Vec<Offer> = live.copied().collect();
        if live.is_empty() {
            return Self::Moving;
        }
        let offer = live.remove(0);
        Self::Offered {
            offer,
            beside: live,
        }
    }

    /// When the first live offer expires.
    pub fn offers_until(&self) -> Option<Timestamp> {
        self.live_offers().map(|offer| offer.until).min()
    }
}

/// One extension of a wrap-up.
pub(in crate::engine) const WRAP_UP_EXTENSION: Millis = Millis::from_s(30);

/// The outcome of the work with a customer.
pub(in crate::engine) struct Ending {
    pub outcome: Text,
    pub notes: Option<Text>,
    pub ended_by: EndedBy,
}

/// A live offer of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Offer {
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub agent: AgentKey,
    #[n(2)]
    pub delivered: bool,
    /// When it counts as undelivered, or, once delivered, as expired.
    #[n(3)]
    pub until: Timestamp,
    #[n(4)]
    pub answer_within: Millis,
    /// A supervisor assigned it, and nobody else is asked meanwhile.
    #[n(5)]
    pub is_assigned: bool,
}

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Closing {
    #[n(0)]
    pub how: Final,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub ended_by: EndedBy,
    #[n(3)]
    pub outcome: Option<Text>,
    #[n(4)]
    pub notes: Option<Text>,
    #[n(5)]
    pub agent: Option<AgentKey>,
    #[n(6)]
    pub number: u64,
    #[n(7)]
    pub answered_at: Option<Timestamp>,
}

/// The stage of a contact, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactState {
    /// Between two other stages: never visible outside the engine.
    Moving,
    Scheduled,
    Queued,
    Offered,
    Active,
    Parked,
    WrapUp,
    Closed(Final),
}

impl ContactState {
    /// The states of open contacts.
    pub const OPEN: [Self; 6] = [
        Self::Scheduled,
        Self::Queued,
        Self::Offered,
        Self::Active,
        Self::Parked,
        Self::WrapUp,
    ];

    /// All visible states; the last four are final.
    pub const ALL: [Self; 10] = [
        Self::Scheduled,
        Self::Queued,
        Self::Offered,
        Self::Active,
        Self::Parked,
        Self::WrapUp,
        Self::Closed(Final::Completed),
        Self::Closed(Final::Abandoned),
        Self::Closed(Final::Cancelled),
        Self::Closed(Final::Deflected),
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Moving => "moving",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Offered => "offered",
            Self::Active => "active",
            Self::Parked => "parked",
            Self::WrapUp => "wrap_up",
            Self::Closed(how) => how.name(),
        }
    }

    pub const fn is_final(self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

/// The final states.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode,
)]
#[cbor(index_only)]
pub enum Final {
    #[n(0)]
    Completed,
    /// The customer left, or did not come when called. Metrics count it as abandoned if the contact
    /// was in line or offered at its end, as a no-show if its agent closed it because the customer
    /// did not come, and otherwise as completed: a customer who hangs up on an agent was served.
    #[n(1)]
    Abandoned,
    #[n(2)]
    Cancelled,
    #[n(3)]
    Deflected,
}

impl Final {
    pub const ALL: [Self; 4] = [
        Self::Completed,
        Self::Abandoned,
        Self::Cancelled,
        Self::Deflected,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Abandoned => "abandoned",
            Self::Cancelled => "cancelled",
            Self::Deflected => "deflected",
        }
    }
}

/// Who ended a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum EndedBy {
    #[n(0)]
    Customer,
    #[n(1)]
    Agent,
    #[n(2)]
    System,
}

impl EndedBy {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }
}
