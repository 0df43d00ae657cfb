//! What a reload has done, or would do.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Name;
use crate::engine::shown::foresee::{ByStage, Effects, Gone};
use crate::wire::written::Written;

/// The configuration that has been taken over, or would be.
#[derive(Serialize, ToSchema)]
#[schema(as = Reloaded)]
pub struct ReloadReply<'a> {
    /// In a sentence.
    pub summary: &'a str,
    /// Nothing has been done.
    pub dry_run: bool,
    /// Null where routing stays as it is.
    #[schema(required = true)]
    pub effects: Option<EffectsReply<'a>>,
}

/// What it means to whatever is under way.
#[derive(Serialize, ToSchema)]
#[schema(as = Effects)]
pub struct EffectsReply<'a> {
    /// Contacts that are not closed.
    open: u64,
    /// So many of them were looked at; if fewer than are open, the figures of contacts say
    /// "at least".
    looked_at: u64,
    waiting: u64,
    /// Waiting contacts that stand in another place among those of their queue.
    reordered: u64,
    /// Contacts whose queue goes: they go on in the one that lists their topic,
    /// or the default one.
    moved: u64,
    /// Contacts that nobody registered can ever take any more.
    unroutable: u64,
    /// Contacts that somebody can take again.
    routable: u64,
    queues_added: u64,
    agents_added: u64,
    queues_gone: GoneReply<'a>,
    agents_gone: GoneReply<'a>,
}

/// Queues or agents that are left out, and what they hold.
#[derive(Serialize, ToSchema)]
#[schema(as = Gone)]
struct GoneReply<'a> {
    count: u64,
    hold: HoldReply,
    /// The first hundred by name.
    named: Vec<NamedReply<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = GoneOne)]
struct NamedReply<'a> {
    #[schema(value_type = String)]
    id: Written<&'a Name>,
    hold: HoldReply,
}

/// Contacts by where they stand.
#[derive(Serialize, ToSchema)]
#[schema(as = Hold)]
struct HoldReply {
    /// Offers of a queue go on; those of an agent are taken back.
    offered: u64,
    /// Being served or wrapped up: to their end.
    in_hand: u64,
    waiting: u64,
    scheduled: u64,
}

impl<'a> From<&'a Effects> for EffectsReply<'a> {
    fn from(effects: &'a Effects) -> Self {
        Self {
            open: effects.open,
            looked_at: effects.looked_at,
            waiting: effects.waiting,
            reordered: effects.reordered,
            moved: effects.moved,
            unroutable: effects.unroutable,
            routable: effects.routable,
            queues_added: effects.queues_added,
            agents_added: effects.agents_added,
            queues_gone: GoneReply::from(&effects.queues_gone),
            agents_gone: GoneReply::from(&effects.agents_gone),
        }
    }
}

impl<'a> From<&'a Gone> for GoneReply<'a> {
    fn from(gone: &'a Gone) -> Self {
        let named = gone.named.iter().map(|(id, hold)| NamedReply {
            id: Written(id),
            hold: HoldReply::from(*hold),
        });
        Self {
            count: gone.count,
            hold: HoldReply::from(gone.contacts),
            named: named.collect(),
        }
    }
}

impl From<ByStage> for HoldReply {
    fn from(contacts: ByStage) -> Self {
        Self {
            offered: contacts.offered,
            in_hand: contacts.in_hand,
            waiting: contacts.waiting,
            scheduled: contacts.scheduled,
        }
    }
}
