//! Messages of the customer that no agent's desktop has acknowledged.

use crate::domain::Text;
use crate::engine::state::agent::Agent;
use crate::engine::state::registry::AgentKey;

/// How many messages of one contact are kept that no connected desktop was sent.
pub(in crate::engine) const UNHEARD_MAX: usize = 50;
/// How many bytes of them are kept.
pub(in crate::engine) const UNHEARD_BYTES_MAX: usize = 64 << 10;
/// How many are kept together with those that a desktop was sent and has not acknowledged: as many
/// as may wait for a desktop before it counts as too slow.
const KEPT_MAX: usize = 256;
/// How many bytes of them are kept.
const KEPT_BYTES_MAX: usize = 256 << 10;

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
    /// Who helped the serving agent when it was written, and the number of the frame that showed it
    /// to that helper.
    #[cbor(n(3), default)]
    pub shown: Option<(AgentKey, u64)>,
}

impl Unheard {
    /// This desktop of the agent has not been sent it.
    pub(in crate::engine) fn is_owed(&self, agent: &Agent) -> bool {
        self.told.is_none_or(|told| told <= agent.lacks_upto)
    }

    /// Received in all likelihood: this agent's desktop is connected and was sent it. One that
    /// acknowledges messages has perhaps not received what it has not acknowledged.
    pub(in crate::engine) fn is_likely_heard_by(&self, agent: &Agent) -> bool {
        let is_sent = self.likely_heard && agent.is_connected() && !self.is_owed(agent);
        is_sent && !agent.acknowledges
    }

    /// A desktop that has the frames up to `upto` has received this, unless none was connected.
    pub(in crate::engine) fn is_heard_with(&self, upto: u64) -> bool {
        self.likely_heard && self.told.is_some_and(|told| told <= upto)
    }
}

/// Whether one more can be kept without losing one that certainly was not received.
pub(in crate::engine) fn has_room(unheard: &[Unheard], text: &Text) -> bool {
    let (count, bytes) = with(unheard.iter().filter(|kept| !kept.likely_heard), text);
    count <= UNHEARD_MAX && bytes <= UNHEARD_BYTES_MAX
}

/// Whether one more can be kept without losing one that was probably received.
pub(in crate::engine) fn fits(unheard: &[Unheard], text: &Text) -> bool {
    let (count, bytes) = with(unheard.iter(), text);
    count <= KEPT_MAX && bytes <= KEPT_BYTES_MAX
}

/// How many messages there are with this one, and how many bytes.
fn with<'a>(kept: impl Iterator<Item = &'a Unheard>, text: &Text) -> (usize, usize) {
    kept.fold((1, text.len()), |(count, bytes), kept| {
        (count + 1, bytes + kept.text.len())
    })
}
