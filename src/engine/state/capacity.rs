//! How much an agent may take on: one pool of weighted capacity, limits per channel and per
//! category of topics, a share reserved for some tiers, and which channels may interrupt which.
//!
//! **Invariant:** whether there is room is decided by the two halves of [`lack`] alone, from the
//! agent's load and the class of the new contact.

use std::ops::{AddAssign, SubAssign};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::domain::{Channel, Name, PerChannel};
use crate::engine::options::{CATEGORIES_MAX, Interrupt, Options};
use crate::engine::state::agent::{Agent, Involvement, Load};
use crate::engine::state::contact::Contact;
use crate::engine::state::pool::Mask;
use crate::engine::state::registry::Registry;

/// The properties of a contact that decide whether there is room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine) struct Class {
    pub channel: Channel,
    /// Of a tier that capacity is reserved for.
    pub is_urgent: bool,
    /// Counted from 1; 0 for none.
    pub category: u8,
}

/// The number of bits of a mask.
const CLASSES_MAX: usize = 64;
const _: () = assert!(4 * 2 * (CATEGORIES_MAX + 1) == CLASSES_MAX);

impl Class {
    /// The only class of its channel if neither tier nor topic matters.
    const fn plain(channel: Channel) -> Self {
        Self {
            channel,
            is_urgent: false,
            category: 0,
        }
    }

    pub(in crate::engine) const fn index(self) -> usize {
        let urgent = if self.is_urgent { 1 } else { 0 };
        (self.channel.index() * 2 + urgent) * (CATEGORIES_MAX + 1) + self.category as usize
    }
}

/// The classes of a configuration.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Classes {
    /// By tier.
    urgent: Vec<bool>,
    categories: FxHashMap<Name, u8>,
}

impl Classes {
    pub(in crate::engine) fn new(options: &Options, registry: &Registry) -> Self {
        let rules = &options.capacity;
        let urgent = rules.reserve.as_ref().map(|reserve| {
            let tiers = registry.tiers.all().iter();
            tiers.map(|tier| reserve.tiers.contains(tier)).collect()
        });
        let categories = (1..).zip(rules.categories.iter().take(CATEGORIES_MAX));
        Self {
            urgent: urgent.unwrap_or_default(),
            categories: categories
                .flat_map(|(number, category)| {
                    category
                        .topics
                        .iter()
                        .map(move |topic| (topic.clone(), number))
                })
                .collect(),
        }
    }

    pub(in crate::engine) fn of(&self, contact: &Contact) -> Class {
        let tier = contact.labels.tier.index();
        let category = if self.categories.is_empty() {
            None
        } else {
            let topic = contact.intake.topic.as_ref();
            topic.and_then(|topic| self.categories.get(topic).copied())
        };
        Class {
            channel: contact.labels.channel,
            is_urgent: self.urgent.get(tier).copied().unwrap_or(false),
            category: category.unwrap_or(0),
        }
    }
}

/// The classes that the agent has room for and is trusted with.
pub(in crate::engine) fn mask_of(agent: &Agent, options: &Options) -> Mask {
    let mask = mask_with(agent, &agent.load, options);
    match agent.load.keeps_room_for {
        Some((_, class)) => mask.only(class),
        None => mask,
    }
}

/// The classes that the agent would have room for with nothing in hand.
pub(in crate::engine) fn mask_if_empty(agent: &Agent, options: &Options) -> Mask {
    let empty = Load {
        capacity: agent.load.capacity,
        ..Load::default()
    };
    mask_with(agent, &empty, options)
}

fn mask_with(agent: &Agent, load: &Load, options: &Options) -> Mask {
    // Every contact costs something, and nothing can be interrupted.
    if options.capacity.interrupts.is_none() && load.used >= load.capacity {
        return Mask::NONE;
    }
    let mut mask = Mask::NONE;
    for channel in Channel::ALL {
        if agent.is_healthy(channel) && lack_of_channel(load, channel, options).is_none() {
            mask = with_classes(mask, load, channel, options);
        }
    }
    mask
}

/// Adds the classes of a channel that there is room for.
fn with_classes(mut mask: Mask, load: &Load, channel: Channel, options: &Options) -> Mask {
    let rules = &options.capacity;
    if rules.reserve.is_none() && rules.categories.is_empty() {
        return mask.with(Class::plain(channel));
    }
    let categories = rules.categories.len().min(CATEGORIES_MAX);
    let categories = u8::try_from(categories).expect("categories are few");
    for is_urgent in [false, true] {
        if is_urgent && rules.reserve.is_none() {
            break;
        }
        for category in 0..=categories {
            let class = Class {
                channel,
                is_urgent,
                category,
            };
            if lack_of_class(load, class, &[channel], options).is_none() {
                mask = mask.with(class);
            }
        }
    }
    mask
}

/// Contacts in hand, and how many of them a new one could interrupt: the agent's own, being served
/// or wrapped up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Count {
    all: u32,
    breakable: u32,
}

impl Load {
    /// Counts one more contact in hand.
    pub(in crate::engine) fn add(
        &mut self,
        class: Class,
        involvement: Involvement,
        options: &Options,
    ) {
        self.count(class, involvement, options, AddAssign::add_assign);
    }

    pub(in crate::engine) fn remove(
        &mut self,
        class: Class,
        involvement: Involvement,
        options: &Options,
    ) {
        self.count(class, involvement, options, SubAssign::sub_assign);
    }

    fn count(
        &mut self,
        class: Class,
        involvement: Involvement,
        options: &Options,
        change: impl Fn(&mut u32, u32),
    ) {
        change(&mut self.used, options.cost(class.channel));
        change(&mut self.offers, involvement.is_offer().into());
        change(&mut self.seconds, involvement.is_second().into());
        let is_interrupted = involvement == Involvement::Interrupted;
        change(&mut self.interrupted, is_interrupted.into());
        change(&mut self.per_category[usize::from(class.category)], 1);
        let count = self.counts[usize::from(class.is_urgent)].get_mut(class.channel);
        change(&mut count.all, 1);
        change(
            &mut count.breakable,
            (is_interrupted || involvement == Involvement::Work).into(),
        );
    }

    /// Resets the counts, not what is held.
    pub(in crate::engine) fn clear_counts(&mut self) {
        (self.used, self.offers) = (0, 0);
        (self.seconds, self.interrupted) = (0, 0);
        self.per_category = Default::default();
        self.counts = Default::default();
    }

    fn of_channel(&self, channel: Channel) -> u32 {
        let counts = self.counts.iter();
        counts.map(|counts| counts.get(channel).all).sum()
    }

    /// The capacity in use as seen by new contacts of these channels: what they would put on hold
    /// does not count.
    fn used_against(
        &self,
        new: &[Channel],
        counts: &[PerChannel<Count>],
        options: &Options,
    ) -> u32 {
        let interrupts = options.capacity.interrupts.as_ref();
        let used = counts
            .iter()
            .flat_map(PerChannel::iter)
            .map(|(current, count)| {
                let gives_way = interrupts.is_some_and(|interrupts| {
                    let holds = |new: &Channel| interrupts.of(*new, current) == Interrupt::Hold;
                    new.iter().any(holds)
                });
                let freed = if gives_way { count.breakable } else { 0 };
                (count.all - freed) * options.cost(current)
            });
        used.sum()
    }
}

/// Why an agent has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Lack {
    /// A contact of this channel is in hand, and the new one may not be served beside it.
    Exclusive {
        current: Channel,
    },
    Capacity {
        used: u32,
    },
    /// The remaining capacity is reserved for other tiers.
    Reserved {
        used: u32,
        open: u32,
    },
    Channel {
        max: u32,
    },
    Category {
        number: u8,
        max: u32,
    },
}

/// What prevents the agent from holding one more contact of this class.
pub(in crate::engine) fn lack(load: &Load, class: Class, options: &Options) -> Option<Lack> {
    lack_of_channel(load, class.channel, options)
        .or_else(|| lack_of_class(load, class, &[class.channel], options))
}

/// How many contacts of a channel there is room for, tier and topic aside.
pub(in crate::engine) fn room_for(load: &Load, channel: Channel, options: &Options) -> u32 {
    let limits = options.channels.get(channel);
    let by_cost = load.capacity.saturating_sub(load.used) / limits.cost.max(1);
    by_cost.min(limits.max.saturating_sub(load.of_channel(channel)))
}

/// What prevents it whatever the contact's tier and topic.
fn lack_of_channel(load: &Load, channel: Channel, options: &Options) -> Option<Lack> {
    let exclusive = options.capacity.interrupts.as_ref().and_then(|interrupts| {
        let mut currents = Channel::ALL.into_iter();
        let is_in_hand = |current: &Channel| load.of_channel(*current) > 0;
        currents.find(|current| {
            interrupts.of(channel, *current) == Interrupt::No && is_in_hand(current)
        })
    });
    match exclusive {
        Some(current) => Some(Lack::Exclusive { current }),
        None => lack_of_units(load, channel, &[channel], options),
    }
}

/// The part of that which depends on counts and units; contacts that `new` would put on hold are
/// left out.
fn lack_of_units(
    load: &Load,
    channel: Channel,
    new: &[Channel],
    options: &Options,
) -> Option<Lack> {
    let limits = options.channels.get(channel);
    let used = match &options.capacity.interrupts {
        None => load.used,
        Some(_) => load.used_against(new, &load.counts, options),
    };
    if used.saturating_add(limits.cost) > load.capacity {
        return Some(Lack::Capacity { used });
    }
    (load.of_channel(channel) >= limits.max).then_some(Lack::Channel { max: limits.max })
}

/// What prevents it because of the contact's tier or topic.
fn lack_of_class(load: &Load, class: Class, new: &[Channel], options: &Options) -> Option<Lack> {
    let rules = &options.capacity;
    if let Some(reserve) = rules.reserve.as_ref().filter(|_| !class.is_urgent) {
        let cost = options.cost(class.channel);
        let open = load.capacity.saturating_sub(reserve.units).max(cost);
        let used = load.used_against(new, &load.counts[..1], options);
        if used.saturating_add(cost) > open {
            return Some(Lack::Reserved { used, open });
        }
    }
    let number = class.category;
    let category = usize::from(number).checked_sub(1);
    let max = rules.categories.get(category?)?.max;
    (load.per_category[usize::from(number)] >= max).then_some(Lack::Category { number, max })
}

/// Whether an offer of this class, which is part of the load, still fits beside the rest of it.
///
/// The rest may have come later and interrupt what the offer may not interrupt: so whatever
/// anything in hand would put on hold is left out, and channels that came together are not held
/// against each other.
pub(in crate::engine) fn has_room_with(
    load: &Load,
    class: Class,
    as_what: Involvement,
    options: &Options,
) -> bool {
    let channels = Channel::ALL.into_iter();
    let in_hand: SmallVec<[Channel; 4]> = channels
        .filter(|channel| load.of_channel(*channel) > 0)
        .collect();
    let mut rest = load.clone();
    rest.remove(class, as_what, options);
    lack_of_units(&rest, class.channel, &in_hand, options)
        .or_else(|| lack_of_class(&rest, class, &in_hand, options))
        .is_none()
}

/// Whether one more contact of this class fits the agent's capacity.
pub(in crate::engine) fn has_room(agent: &Agent, class: Class, options: &Options) -> bool {
    lack(&agent.load, class, options).is_none()
}
