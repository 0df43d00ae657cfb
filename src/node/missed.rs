//! What a desktop that reconnects is sent of the notices before its welcome.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::Text;
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

/// The notices of a range, for a desktop that has all those before. A past welcome or resync must
/// not be taken for a current one, and what was sent again to a desktop that nobody used is not
/// sent twice: the agent's presence takes their numbers.
pub(super) fn replay(ring: &VecDeque<SharedNotice>, missed: &Range<u64>) -> Vec<SharedNotice> {
    let (mut presence, mut sent) = (None, Vec::<&Text>::new());
    let mut notices = Vec::new();
    for notice in ring.iter().take_while(|notice| notice.seq < missed.end) {
        let mut is_needless = false;
        if let Tells::Welcome { agent, .. } | Tells::Resync { agent, .. } = &notice.tells {
            presence = Some(agent);
            is_needless = true;
        } else if let Tells::Message { text, is_owed, .. } = &notice.tells {
            is_needless = *is_owed && sent.iter().any(|sent| text.is_same(sent));
            sent.push(text);
        }
        if notice.seq < missed.start {
            continue;
        }
        let instead = presence.filter(|_| is_needless);
        notices.push(instead.map_or_else(
            || Arc::clone(notice),
            |agent| {
                let presence = Tells::Presence(agent.clone());
                Arc::new(Notice::new(notice.seq, notice.at, presence))
            },
        ));
    }
    notices
}
