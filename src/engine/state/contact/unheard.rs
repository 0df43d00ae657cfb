//! Messages of the customer that no agent's desktop has acknowledged.

use crate::domain::Text;
use crate::engine::state::agent::Agent;

/// How many messages of one contact are kept for an agent.
pub(in crate::engine) const UNHEARD_MAX: usize = 50;
/// How many bytes of them are kept.
pub(in crate::engine) const UNHEARD_BYTES_MAX: usize = 64 << 10;

/// A message of the customer, until it is known to have arrived.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Unheard {
    #[n(0)]
    pub text: Text,
    /// The number of the frame that last showed it to the serving agent.
    #[n(1)]
    pub told: Option<u64>,
    /// It was sent to a connected desktop, which has not acknowledged it yet.
    #[n(2)]
    pub likely_heard: bool,
}

impl Unheard {
    /// This desktop of the agent has not been sent it.
    pub(in crate::engine) fn is_owed(&self, agent: &Agent) -> bool {
        self.told.is_none_or(|told| told <= agent.lacks_upto)
    }

    /// Received in all likelihood: this agent's desktop is connected and was sent it.
    pub(in crate::engine) fn is_likely_heard_by(&self, agent: &Agent) -> bool {
        self.likely_heard && agent.is_connected() && !self.is_owed(agent)
    }

    /// A desktop that has the frames up to `upto` has received this, unless none was connected.
    pub(in crate::engine) fn is_heard_with(&self, upto: u64) -> bool {
        self.likely_heard && self.told.is_some_and(|told| told <= upto)
    }
}

/// Whether one more can be kept without losing one that certainly was not received.
pub(in crate::engine) fn has_room(unheard: &[Unheard], text: &Text) -> bool {
    fits(unheard.iter().filter(|kept| !kept.likely_heard), text)
}

pub(in crate::engine) fn fits<'a>(kept: impl Iterator<Item = &'a Unheard>, text: &Text) -> bool {
    let (count, bytes) = kept.fold((0, text.len()), |(count, bytes), kept| {
        (count + 1, bytes + kept.text.len())
    });
    count < UNHEARD_MAX && bytes <= UNHEARD_BYTES_MAX
}
