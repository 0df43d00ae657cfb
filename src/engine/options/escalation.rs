//! The rules that act on waiting contacts.

use crate::domain::{Millis, Name, Text};

/// Pseudo-rules under which supervisors and the webhook are notified without a rule. No rule can
/// have such a name.
pub const UNROUTABLE: &str = "unroutable";
pub const RESPONSE_LATE: &str = "response_late";
pub const CALLBACK_DIALLED: &str = "callback_dialled";
pub const END_MISSING: &str = "end_missing";
pub const RESERVED_RULES: [&str; 4] = [UNROUTABLE, RESPONSE_LATE, CALLBACK_DIALLED, END_MISSING];

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct EscalationRule {
    #[n(0)]
    pub name: Name,
    /// None: evaluated whenever the contact changes.
    #[n(1)]
    pub when: Option<Trigger>,
    #[n(2)]
    pub actions: Vec<Action>,
    /// It fires only if this condition holds: the source, in CEL.
    #[n(3)]
    pub only_if: Option<Text>,
    /// It fires for customers of these tiers; empty: for all.
    #[n(4)]
    pub tiers: Vec<Name>,
    /// None: it fires once per contact.
    #[n(5)]
    pub repeat: Option<Repeat>,
}

impl EscalationRule {
    /// Fires once, for all tiers.
    pub fn new(name: Name, when: Trigger, actions: Vec<Action>) -> Self {
        Self {
            name,
            when: Some(when),
            actions,
            only_if: None,
            tiers: Vec::new(),
            repeat: None,
        }
    }
}

/// An escalation that fires again for the same contact, until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Repeat {
    #[n(0)]
    pub every: Millis,
    /// How many times after the first.
    #[n(1)]
    pub at_most: u32,
}

/// What triggers an escalation.
#[derive(Clone, Copy, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Trigger {
    /// This share of the target has passed since first queued.
    #[n(0)]
    TargetPercent(#[n(0)] u32),
    #[n(1)]
    After(#[n(0)] Millis),
    /// Now plus the estimated wait (p90) is past the target.
    #[n(2)]
    PredictedBreach,
    /// This many offers ended without being accepted.
    #[n(3)]
    OffersEnded(#[n(0)] u32),
    /// More than this many contacts wait in the queue.
    #[n(4)]
    WaitingOver(#[n(0)] u32),
    /// No agent who could serve the queue is signed in, or lost and within the grace period.
    #[n(5)]
    NobodyStaffed,
    #[n(6)]
    SentimentBelow(#[n(0)] f64),
}

#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Action {
    /// Brings it forward in the order.
    #[n(0)]
    Boost(#[n(0)] Millis),
    /// On to the next relaxation step at once.
    #[n(1)]
    NextStep,
    /// Moves it to another queue, in the place of its age there.
    #[n(2)]
    MoveTo(#[n(0)] Name),
    #[n(3)]
    Notify(#[n(0)] Audience),
    /// Agents of this queue may serve it as well, while it stays in its own line.
    #[n(4)]
    AddQueue(#[n(0)] Name),
    /// The next agent who becomes free and may serve it gets it, whatever else is due; one contact
    /// of a queue at a time.
    #[n(5)]
    ReserveNext,
    /// A message to the customer.
    #[n(6)]
    Message(#[n(0)] Text),
    /// Adapters and desktops are shown that a callback is offered.
    #[n(7)]
    OfferCallback,
    /// Ends it while it waits: the customer is helped elsewhere.
    #[n(8)]
    Deflect(#[n(0)] Text),
    /// This many agents are offered it at once from then on; the first to accept gets it.
    #[n(9)]
    FanOut(#[n(0)] u32),
}

impl Action {
    /// Whether it takes the contact out of its queue.
    pub const fn takes_away(&self) -> bool {
        match self {
            Self::MoveTo(_) | Self::Deflect(_) => true,
            Self::Boost(_)
            | Self::NextStep
            | Self::Notify(_)
            | Self::AddQueue(_)
            | Self::ReserveNext
            | Self::Message(_)
            | Self::OfferCallback
            | Self::FanOut(_) => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Audience {
    #[n(0)]
    Supervisor,
    /// The desktop of the customer's account manager.
    #[n(1)]
    AccountManager,
    /// The configured webhook.
    #[n(2)]
    Webhook,
}
