//! What a desktop that reconnects is sent of the notices before its welcome.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::Text;
use crate::engine::view::AgentView;
use crate::node::notice::{Notice, SharedNotice, Tells};

/// What a reconnecting desktop missed.
#[derive(Debug)]
pub struct Missed {
    /// It has everything up to this number.
    pub upto: u64,
    /// All from there to its welcome.
    pub notices: Vec<SharedNotice>,
}

/// Why a reconnecting desktop gets the complete state instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unresumed {
    /// It has everything up to this number.
    pub upto: u64,
    /// It has named the token of an earlier session, so it may repeat that one's commands.
    pub is_known: bool,
}

impl Unresumed {
    /// Nothing is known of the desktop.
    pub(super) const UNKNOWN: Self = Self {
        upto: 0,
        is_known: false,
    };
}

/// The notices of the range `missed`, for a desktop that has those from `begun` to its start; what
/// came before `begun` was sent to another one.
pub(super) fn replay(
    ring: &VecDeque<SharedNotice>,
    begun: u64,
    missed: &Range<u64>,
) -> Vec<SharedNotice> {
    let mut replay = Replay {
        own_from: begun.min(missed.start),
        presence: None,
        messages: Vec::new(),
    };
    let held = ring.iter().take_while(|notice| notice.seq < missed.end);
    let notices = held.map(|notice| (notice.seq, replay.of(notice)));
    let notices = notices.filter(|(seq, _)| *seq >= missed.start);
    notices.map(|(_, notice)| notice).collect()
}

/// A past welcome or resync must not be taken for a current one, and what was sent again to a
/// desktop that nobody used is not sent twice: the agent's presence takes their numbers.
struct Replay<'a> {
    /// From this number on, the desktop has what it was sent, or is sent it now.
    own_from: u64,
    presence: Option<&'a AgentView>,
    messages: Vec<&'a Text>,
}

impl<'a> Replay<'a> {
    fn of(&mut self, notice: &'a SharedNotice) -> SharedNotice {
        let is_needless = match &notice.tells {
            Tells::Welcome { agent, .. } | Tells::Resync { agent, .. } => {
                self.presence = Some(agent);
                true
            }
            Tells::Presence(agent) => {
                self.presence = Some(agent);
                false
            }
            Tells::Message { text, is_owed, .. } => {
                let is_sent = self.messages.iter().any(|sent| text.is_same(sent));
                if notice.seq >= self.own_from {
                    self.messages.push(text);
                }
                *is_owed && is_sent
            }
            Tells::Offer { .. }
            | Tells::OfferGone { .. }
            | Tells::Assigned(_)
            | Tells::ContactUpdated(_)
            | Tells::ContactEnded { .. }
            | Tells::Notice { .. }
            | Tells::ContactShown { .. } => false,
        };
        let Some(agent) = self.presence.filter(|_| is_needless) else {
            return Arc::clone(notice);
        };
        let presence = Tells::Presence(Box::new(agent.clone()));
        Arc::new(Notice::new(notice.seq, notice.at, presence))
    }
}
