//! The policies that a rehearsal compares.

use super::{numbers, wholes};
use crate::config::names::Unique;
use crate::config::reader::Reader;
use crate::config::value::LABEL_BYTES_MAX;
use crate::domain::Millis;
use crate::engine::options::Select;
use crate::sim::policy::{Floor, Policy, Sequence};

const POLICIES_MAX: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum OrderKind {
    Due,
    FirstCome,
    Strict,
    Urgency,
}

impl OrderKind {
    const ALL: [Self; 4] = [Self::Due, Self::FirstCome, Self::Strict, Self::Urgency];

    fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::FirstCome => "first_come",
            Self::Strict => "strict",
            Self::Urgency => "urgency",
        }
    }
}

pub(super) fn read_policies(
    root: &mut Reader<'_, '_>,
    is_required: bool,
    tiers: usize,
) -> Vec<Policy> {
    let mut names = Unique::default();
    let policies = root.key("policy").or_required_if(is_required);
    policies.tables(POLICIES_MAX, |policy| {
        read_policy(policy, &mut names, tiers)
    })
}

fn read_policy(policy: &mut Reader<'_, '_>, names: &mut Unique, tiers: usize) -> Option<Policy> {
    let name = policy.key("name").required().string(LABEL_BYTES_MAX);
    let path = format!("{}.name", policy.path());
    if let Some(name) = name
        && let Err(taken) = names.claim(name, &path)
    {
        policy.fault_at("name", name, &taken);
    }
    let floors = [("whole", Floor::Whole), ("by_channel", Floor::ByChannel)];
    let floor = policy.key("floor").choice(&floors);
    let by_skill = policy.key("by_skill").flag();
    let selects = Select::ALL.map(|select| (select.name(), select));
    let select = policy.key("select").choice(&selects);
    let specialist = policy.key("specialist_s").seconds(0..=3_600);
    let orders = OrderKind::ALL.map(|order| (order.name(), order));
    let order = policy.key("order").choice(&orders);
    refuse_idle_keys(policy, order);
    let head_starts = wholes(policy.key("head_start_s"), tiers..=tiers, 0..=3_600);
    let head_starts = head_starts.unwrap_or_default();
    let weights = policy
        .key("weights")
        .or_required_if(order == Some(OrderKind::Urgency));
    let weights = numbers(weights, tiers..=tiers, 0.0..=1e6).unwrap_or_default();
    let convex = policy.key("convex_s").seconds(1..=86_400);
    let head_starts = head_starts.into_iter().map(Millis::from_s).collect();
    let order = match order.unwrap_or(OrderKind::Due) {
        OrderKind::Due => Sequence::Due { head_starts },
        OrderKind::FirstCome => Sequence::FirstCome,
        OrderKind::Strict => Sequence::Strict,
        OrderKind::Urgency => Sequence::Urgency {
            weights,
            convex: convex.unwrap_or(Millis::from_s(180)),
        },
    };
    Some(Policy {
        name: name?.to_owned(),
        floor: floor.unwrap_or(Floor::Whole),
        by_skill: by_skill.unwrap_or(true),
        select: select.unwrap_or(Select::Best),
        order,
        specialist: specialist.unwrap_or(Millis::ZERO),
    })
}

/// Reports keys that have no effect with the chosen order.
fn refuse_idle_keys(policy: &mut Reader<'_, '_>, order: Option<OrderKind>) {
    if order.is_none() && policy.has("order") {
        return;
    }
    let order = order.unwrap_or(OrderKind::Due);
    for (key, whose) in [
        ("head_start_s", OrderKind::Due),
        ("weights", OrderKind::Urgency),
        ("convex_s", OrderKind::Urgency),
    ] {
        if order != whose && policy.has(key) {
            policy.fault_at(
                key,
                &format!("of no effect with order {}", order.name()),
                &format!("with order {}", whose.name()),
            );
        }
    }
}
