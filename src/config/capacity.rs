//! What limits an agent besides capacity, costs and the maximum of each channel.

use crate::config::names::{Known, Unique};
use crate::config::reader::Reader;
use crate::config::routing::{Names, TIERS_MAX};
use crate::domain::{Channel, PerChannel};
use crate::engine::options::{
    CATEGORIES_MAX, CapacityReserve, CapacityRules, CategoryOptions, Interrupt, Interrupts,
};

/// The most topics of one category.
const TOPICS_MAX: usize = 256;
const CONTACTS_MAX: u32 = 1_000;
const UNITS_MAX: u32 = 10_000;

pub(super) fn read(root: &mut Reader<'_, '_>, names: &Names<'_>) -> CapacityRules {
    let categories = read_categories(root, &names.topics);
    let reserve = root.key("capacity").table(|capacity| {
        let is_there = !capacity.is_empty();
        let reserve = capacity.key("reserve").or_required_if(is_there);
        let units = reserve.whole(1..=UNITS_MAX);
        let favoured = capacity.key("tiers").or_required_if(is_there);
        Some(CapacityReserve {
            tiers: favoured.names_of(TIERS_MAX, &names.tiers),
            units: units?,
        })
    });
    CapacityRules {
        categories,
        reserve,
        interrupts: read_interrupts(root),
    }
}

fn read_categories(root: &mut Reader<'_, '_>, topics: &Known<'_>) -> Vec<CategoryOptions> {
    let mut taken = Unique::default();
    let categories = root
        .key("categories")
        .named(0..=CATEGORIES_MAX, |name, category| {
            let (max, topics) = category.table(|category| {
                let max = category.key("max").required().whole(1..=CONTACTS_MAX);
                let listed = category.key("topics").required();
                let listed = listed.strings(TOPICS_MAX, |text, path| {
                    let topic = topics.check(text)?;
                    taken.claim(text, path)?;
                    Ok(topic)
                });
                (max, listed)
            });
            Some(CategoryOptions {
                name,
                max: max?,
                topics,
            })
        });
    categories.unwrap_or_default()
}

fn read_interrupts(root: &mut Reader<'_, '_>) -> Option<Interrupts> {
    let choices = Interrupt::ALL.map(|interrupt| (interrupt.name(), interrupt));
    let mut holds = Vec::new();
    let interrupts = root.key("interrupts").table(|table| {
        PerChannel(Channel::ALL.map(|new| {
            table.key(new.name()).table(|row| {
                PerChannel(Channel::ALL.map(|current| {
                    let interrupt = row.key(current.name()).choice(&choices);
                    if interrupt == Some(Interrupt::Hold) {
                        holds.push((new, current, row.spot_of(current.name())));
                    }
                    interrupt.unwrap_or_default()
                }))
            })
        }))
    });
    let interrupts = Interrupts(interrupts);
    let reached = Channel::ALL.map(|channel| held_up_by(channel, &interrupts));
    let circle = holds
        .into_iter()
        .find(|(new, current, _)| new == current || reached[current.index()][new.index()]);
    if let Some((channel, _, place)) = circle {
        let found = format!("{channel} puts itself on hold, directly or through others");
        root.findings().add(place, &found, "no cycle of \"hold\"");
    }
    (interrupts != Interrupts::default()).then_some(interrupts)
}

/// By channel index: whether contacts of `channel` put that channel on hold, directly or through
/// others.
fn held_up_by(channel: Channel, interrupts: &Interrupts) -> [bool; Channel::ALL.len()] {
    let holds = |new, current| interrupts.of(new, current) == Interrupt::Hold;
    let mut reached = Channel::ALL.map(|current| holds(channel, current));
    for _ in Channel::ALL {
        for step in Channel::ALL {
            for next in Channel::ALL {
                reached[next.index()] |= reached[step.index()] && holds(step, next);
            }
        }
    }
    reached
}
