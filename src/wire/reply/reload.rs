//! What a reload did, or would do.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Name;
use crate::engine::shown::foresee::{ByStage, Effects, Gone};
use crate::wire::written::Written;

/// The configuration that was applied, or would be.
#[derive(Serialize, ToSchema)]
#[schema(as = Reloaded)]
pub struct ReloadReply<'a> {
    /// A sentence.
    pub summary: &'a str,
    /// Nothing was applied.
    pub dry_run: bool,
    /// Null if routing is unaffected.
    #[schema(required = true)]
    pub effects: Option<EffectsReply<'a>>,
}

/// The effects on contacts in progress.
#[derive(Serialize, ToSchema)]
#[schema(as = Effects)]
pub struct EffectsReply<'a> {
    /// Contacts that are not closed.
    open: u64,
    /// How many of them were examined; if fewer than are open, the counts of contacts are lower
    /// bounds.
    looked_at: u64,
    waiting: u64,
    /// Waiting contacts whose position in their queue changes.
    reordered: u64,
    /// Contacts whose queue is removed: they continue in the one that lists their topic, or in the
    /// default queue. Those that stay offered, or with an agent, do so only if they return, and are
    /// not counted.
    moved: u64,
    /// Contacts that no registered agent can ever serve any more.
    unroutable: u64,
    /// Contacts that some agent can serve again.
    routable: u64,
    queues_added: u64,
    agents_added: u64,
    queues_gone: GoneReply<'a>,
    agents_gone: GoneReply<'a>,
}

/// Removed queues or agents, and their contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = Gone)]
struct GoneReply<'a> {
    count: u64,
    hold: HoldReply,
    /// The first hundred, with their names.
    named: Vec<NamedReply<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = GoneOne)]
struct NamedReply<'a> {
    #[schema(value_type = String)]
    id: Written<&'a Name>,
    hold: HoldReply,
}

/// Contacts by state.
#[derive(Serialize, ToSchema)]
#[schema(as = Hold)]
struct HoldReply {
    /// Offers of a removed queue continue; those to a removed agent are withdrawn.
    offered: u64,
    /// Being served or wrapped up; they continue to their end.
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
