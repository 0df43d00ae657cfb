//! What a preview reports.

use crate::domain::Name;

/// How many queues, or agents, are named.
const NAMED_MAX: usize = 100;

/// The effects of a configuration on the existing contacts, queues and agents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Open contacts.
    pub open: u64,
    /// How many of them were considered, in the order of arrival; if fewer than are open, the
    /// counts of contacts are lower limits.
    pub looked_at: u64,
    /// Contacts that wait for an agent.
    pub waiting: u64,
    /// Contacts that stay in their queue but change places among those that stay.
    pub reordered: u64,
    /// Contacts whose queue is removed: they go on in the queue of their topic.
    pub moved: u64,
    /// Contacts that become unroutable: no registered agent could ever take them.
    pub unroutable: u64,
    /// Contacts that become routable again.
    pub routable: u64,
    pub queues_added: u64,
    pub agents_added: u64,
    pub queues_gone: Gone,
    pub agents_gone: Gone,
}

/// Queues or agents that the configuration removes, and what they hold in total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    pub count: u64,
    pub contacts: ByStage,
    /// The first of them by name, each with its contacts.
    pub named: Vec<(Name, ByStage)>,
}

/// Contacts by stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByStage {
    /// Offers of a removed queue stay open; those of a removed agent are taken back.
    pub offered: u64,
    /// Being served or wrapped up, to their end.
    pub in_hand: u64,
    pub waiting: u64,
    pub scheduled: u64,
}

impl Gone {
    pub(super) fn of(mut all: Vec<(Name, ByStage)>) -> Self {
        let mut sum = ByStage::default();
        for (_, each) in &all {
            sum.offered += each.offered;
            sum.in_hand += each.in_hand;
            sum.waiting += each.waiting;
            sum.scheduled += each.scheduled;
        }
        let count = all.len() as u64;
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all.truncate(NAMED_MAX);
        Self {
            count,
            contacts: sum,
            named: all,
        }
    }
}
