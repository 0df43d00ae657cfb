//! Agents who have declined, missed or returned a contact, and are not offered it for a while.

use crate::domain::Timestamp;
use crate::engine::state::contact::rare::Usual;
use crate::engine::state::registry::AgentKey;

/// The offers of a contact that were not accepted, and what follows from them.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Missed {
    /// How many there were, not counting withdrawn ones.
    #[n(0)]
    pub offers: u32,
    #[n(1)]
    pub cooldowns: Vec<Cooldown>,
}

impl Usual for Missed {
    const USUAL: &'static Self = &Self {
        offers: 0,
        cooldowns: Vec::new(),
    };
}

/// An agent who is not offered this contact for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Cooldown {
    #[n(0)]
    pub agent: AgentKey,
    #[n(1)]
    pub until: Timestamp,
    /// How many cooldowns it had: each doubles the span.
    #[n(2)]
    pub times: u32,
    /// When it may be lifted early, if no other agent could take the contact.
    #[n(3)]
    pub lift_at: Option<Timestamp>,
    #[n(4)]
    pub why: Cooled,
}

/// Why an agent is not offered a contact for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Cooled {
    #[n(0)]
    Declined,
    #[n(1)]
    Expired,
    /// The desktop did not confirm the offer.
    #[n(2)]
    Undelivered,
    /// The offer was taken back by a supervisor.
    #[n(3)]
    TakenBack,
    /// The agent has served the contact and returned it.
    #[n(4)]
    HadIt,
    /// The same without anyone's wish to be rid of it: the connection was lost, or a supervisor
    /// took the contact away.
    #[n(5)]
    LostIt,
}

impl Cooled {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Undelivered => "undelivered",
            Self::TakenBack => "taken_back",
            Self::HadIt | Self::LostIt => "had_it",
        }
    }
}

impl Missed {
    pub fn running(&self) -> impl Iterator<Item = &Cooldown> {
        self.cooldowns.iter().filter(|rest| rest.is_running())
    }

    pub fn of(&self, agent: AgentKey) -> Option<&Cooldown> {
        let mut known = self.cooldowns.iter();
        known.find(|cooldown| cooldown.agent == agent)
    }

    pub(in crate::engine) fn of_mut(&mut self, agent: AgentKey) -> Option<&mut Cooldown> {
        let mut known = self.cooldowns.iter_mut();
        known.find(|cooldown| cooldown.agent == agent)
    }

    /// Begins a cooldown, in place of any other one of its agent.
    pub(in crate::engine) fn cool(&mut self, cooldown: Cooldown) {
        match self.of_mut(cooldown.agent) {
            Some(known) => *known = cooldown,
            None => self.cooldowns.push(cooldown),
        }
    }
}

impl Cooldown {
    /// `until` of a cooldown that is over; the entry stays so that `times` keeps counting.
    pub const OVER: Timestamp = Timestamp(i64::MIN);

    /// It ends by an event alone, not by the clock: deadlines that are late still take effect in
    /// their order.
    pub fn is_running(&self) -> bool {
        self.until != Self::OVER
    }
}
