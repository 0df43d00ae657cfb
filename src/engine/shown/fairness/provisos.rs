//! What the bounds do not cover: rules and settings by which a contact is overtaken in other ways.

use std::fmt;

use crate::domain::{Channel, Millis, Name};
use crate::engine::options::{
    Action, EscalationRule, NoShow, Options, QueueOptions, Reserve, TierOptions,
};

/// A rule that reserves the next agent: no bound holds for contacts overtaken by it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unbounded<'o> {
    pub queue: &'o QueueOptions,
    pub rule: &'o EscalationRule,
}

impl fmt::Display for Unbounded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, queue) = (&self.rule.name, &self.queue.id);
        let whom = if self.queue.pull {
            "of that queue"
        } else {
            "of any queue"
        };
        write!(
            f,
            "unbounded by reserve_next of rule {rule} in queue {queue}: one contact at a time \
             goes before all others {whom}, however late it arrived"
        )
    }
}

/// The rules for which no bound holds.
pub fn unbounded(options: &Options) -> impl Iterator<Item = Unbounded<'_>> {
    options.queues.iter().flat_map(|queue| {
        let reserves = |rule: &&EscalationRule| rule.actions.contains(&Action::ReserveNext);
        let rules = queue.escalations.iter().filter(reserves);
        rules.map(move |rule| Unbounded { queue, rule })
    })
}

/// A queue that reserves idle agents for some tiers, until other contacts have waited too long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeepsBack<'o> {
    pub queue: &'o QueueOptions,
    pub reserve: &'o Reserve,
    pub at_most: Millis,
}

impl fmt::Display for KeepsBack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (queue, at_most) = (&self.queue.id, self.at_most.whole_s());
        let tiers: Vec<&str> = self.reserve.tiers.iter().map(Name::as_str).collect();
        write!(
            f,
            "by reserve of {queue}: others can be overtaken by {} contacts that arrive within \
             {at_most} s; after that no agent is withheld from them",
            tiers.join(", ")
        )
    }
}

/// The queues whose bounds are longer because they reserve agents.
pub fn keeping_back(options: &Options) -> impl Iterator<Item = KeepsBack<'_>> {
    let offered = options.queues.iter().filter(|queue| !queue.pull);
    offered.filter_map(|queue| {
        Some(KeepsBack {
            queue,
            reserve: queue.reserve.as_ref()?,
            at_most: options.overtake_max,
        })
    })
}

/// The note on customers who are called first: one who answers was due for an agent when called,
/// but by then others with an earlier due may have come; and nobody else is called for that agent
/// meanwhile.
pub fn called_first(options: &Options) -> Option<&'static str> {
    let offers = options.queues.iter().any(|queue| !queue.pull);
    offers.then_some(
        "unbounded by customer_first: a customer who answers goes before those still to be called, \
         and before all contacts of any queue, one contact of a queue at a time",
    )
}

/// The note on customers whose agent was lost while they were on the line: they count as of the tier
/// with the greatest head start.
pub fn after_a_loss(options: &Options) -> Option<String> {
    let greatest = options.tiers.iter().max_by_key(|tier| tier.head_start)?;
    let differs = |tier: &TierOptions| tier.head_start != greatest.head_start;
    options.tiers.iter().any(differs).then(|| {
        format!(
            "after a lost agent: a customer on the hotline or at a counter can overtake as one of \
             {} does, whatever the tier",
            greatest.name
        )
    })
}

/// The note on customers who did not come when called, and wait again further back in their queue:
/// that takes more from the earlier contact than any head start or boost gives to the later one.
pub fn after_a_no_show(options: &Options) -> Option<String> {
    let requeues = |queue: &&QueueOptions| match queue.no_show {
        NoShow::Requeue { .. } => queue.pull,
        NoShow::Close => false,
    };
    let queues = options.queues.iter().filter(requeues);
    let queues: Vec<&str> = queues.map(|queue| queue.id.as_str()).collect();
    (!queues.is_empty()).then(|| {
        format!(
            "after a no-show: a customer of {} who did not come when called can be overtaken by \
             all contacts of the queue that waited then",
            queues.join(", ")
        )
    })
}

/// The note for configurations in which a contact may not fit beside what an agent has in hand
/// while another one would: the bounds are about contacts that an agent could both take.
pub fn for_want_of_room(options: &Options) -> Option<String> {
    let rules = &options.capacity;
    let interrupts = rules.interrupts.unwrap_or_default();
    let mut channels = options.channels.iter().map(|(channel, limits)| {
        let beside = Channel::ALL.map(|current| interrupts.of(channel, current));
        (limits.cost, limits.max, beside)
    });
    let first = channels.next()?;
    let differs = channels.any(|channel| channel != first);
    (differs || rules.reserve.is_some()).then(|| {
        format!(
            "for want of capacity: a contact that does not fit beside what agents have in hand can \
             be overtaken by contacts that fit and arrive within {} s; after that an agent keeps room",
            options.overtake_max.whole_s()
        )
    })
}

/// The note on limits that are reached before the capacity is used up: no room is kept for a
/// contact at its limit, because it waits for one of its own kind to end.
pub fn at_a_limit(options: &Options) -> Option<&'static str> {
    let capacity = options.agents.iter().map(|agent| agent.capacity).max();
    let capacity = capacity.unwrap_or_default();
    let mut channels = options.channels.iter();
    let leaves_room = channels.any(|(_, limits)| {
        limits
            .max
            .saturating_mul(limits.cost)
            .saturating_add(limits.cost)
            <= capacity
    });
    let limits = leaves_room || !options.capacity.categories.is_empty();
    limits.then_some(
        "at a limit: while agents have as many contacts of a channel or category as they may, \
         another one of it can be overtaken by all others, until one of them ends",
    )
}

/// The note on contacts that wait for one agent, or are kept from one, by somebody's wish.
pub const BY_WISH: &str = "by wish: a contact that asks for one agent waits for that agent alone, and \
     one that an agent has declined is not offered to that agent again before `retry_after_s`; others \
     can overtake it meanwhile";
