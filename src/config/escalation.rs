//! The escalations of a queue: each has a trigger or a condition and at least one action, and no
//! chain of moves leads back to a queue.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::config::fault::{Findings, Spot};
use crate::config::names::{Known, Unique};
use crate::config::queue::Others;
use crate::config::reader::Reader;
use crate::config::routing::TIERS_MAX;
use crate::domain::{Millis, Name, Text};
use crate::engine::condition::Condition;
use crate::engine::options::{
    Action, Audience, ESCALATIONS_MAX, EscalationRule, RESERVED_RULES, Repeat, Trigger,
};

/// The name of the webhook as an audience of `notify`.
pub(super) const WEBHOOK: &str = "webhook";

/// The most actions of one escalation.
const ACTIONS_MAX: usize = 8;

/// The longest `after_s` of a trigger: 7 days.
const AFTER_S_MAX: i64 = 7 * 86_400;

/// The longest message to a customer, in bytes.
const MESSAGE_BYTES_MAX: usize = 1_024;
/// The longest outcome of a deflected contact, in bytes.
const OUTCOME_BYTES_MAX: usize = 128;
/// The interval of a repeated escalation: ten seconds to a day.
const REPEAT_S: RangeInclusive<i64> = 10..=86_400;
const REPEATS_MAX: u32 = 100;
const REPEATS_DEFAULT: u32 = 10;

/// How many agents a contact may be offered to at once.
const FAN_OUT: RangeInclusive<u32> = 2..=10;

const TRIGGERS: [&str; 7] = [
    "target_percent",
    "after_s",
    "predicted_breach",
    "offers_ended",
    "waiting_over",
    "nobody_staffed",
    "sentiment_below",
];

/// A rule that moves contacts from one queue to another.
pub(super) struct Move {
    from: Name,
    to: Name,
    spot: Spot,
}

impl Move {
    pub(super) fn new(from: &Name, to: &Name, spot: Spot) -> Self {
        Self {
            from: from.clone(),
            to: to.clone(),
            spot,
        }
    }
}

pub(super) fn read(
    queue: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> Vec<EscalationRule> {
    let mut names = Unique::without(RESERVED_RULES, "the router itself");
    queue.key("escalation").tables(ESCALATIONS_MAX, |rule| {
        let name = rule.key("name").required().new_name(&mut names);
        let (when, tiers) = read_when(rule, others.tiers);
        let only_if = read_condition(rule);
        let repeat = read_repeat(rule);
        let actions = rule.key("do").required();
        let actions = actions.tables(ACTIONS_MAX, |action| read_action(action, id, others));
        let leaving = actions.iter().filter(|action| action.takes_away()).count();
        if leaving > 1 {
            // Only the first of them would ever happen.
            let found = format!("{leaving} of move_to and deflect");
            rule.fault_at("do", &found, "at most one of them");
        }
        Some(EscalationRule {
            name: name?,
            when,
            actions,
            only_if,
            tiers,
            repeat,
        })
    })
}

/// The rule that moves contacts to another queue after the last step.
pub(super) fn overflow(
    queue: &Reader<'_, '_>,
    from: Option<&Name>,
    to: Name,
    after: Millis,
    others: &mut Others<'_, '_>,
) -> EscalationRule {
    if let Some(from) = from {
        let spot = queue.spot_of("last");
        others.moves.push(Move::new(from, &to, spot));
    }
    let name = Name::new("overflow").expect("a word is a name");
    EscalationRule::new(name, Trigger::After(after), vec![Action::MoveTo(to)])
}

/// A rule without a trigger is evaluated whenever the contact changes.
fn read_when(rule: &mut Reader<'_, '_>, tiers: &Known<'_>) -> (Option<Trigger>, Vec<Name>) {
    if !rule.has("when") {
        rule.key("when").table(|_| {});
        if !rule.has("if") {
            rule.fault("no cause", "when, if, or both");
        }
        return (None, Vec::new());
    }
    rule.key("when").table(|when| {
        let trigger = read_trigger(when);
        let is_there = when.has("tiers");
        let favoured = when.key("tiers").or_required_if(is_there);
        (trigger, favoured.names_of(TIERS_MAX, tiers))
    })
}

fn read_condition(rule: &mut Reader<'_, '_>) -> Option<Text> {
    let source = rule
        .key("if")
        .parse("a condition in CEL", |value| value.as_str())?;
    match Condition::new(source) {
        Ok(_) => Some(Text::from(source)),
        Err(bad) => {
            rule.fault_at("if", &bad.found, &bad.allowed);
            None
        }
    }
}

fn read_repeat(rule: &mut Reader<'_, '_>) -> Option<Repeat> {
    let every = rule.key("repeat_every_s").seconds(REPEAT_S);
    let at_most = rule.key("repeat_max").whole(1..=REPEATS_MAX);
    if rule.has("repeat_max") && !rule.has("repeat_every_s") {
        rule.fault_at("repeat_max", "no repeat_every_s", "both of them");
    }
    Some(Repeat {
        every: every?,
        at_most: at_most.unwrap_or(REPEATS_DEFAULT),
    })
}

fn read_trigger(when: &mut Reader<'_, '_>) -> Option<Trigger> {
    if when.has("tiers") && !TRIGGERS.iter().any(|trigger| when.has(trigger)) {
        // So that none of them is reported as unknown.
        for trigger in TRIGGERS {
            when.key(trigger);
        }
        return None;
    }
    let triggers = [
        when.key("target_percent")
            .whole(1..=1_000)
            .map(Trigger::TargetPercent),
        when.key("after_s")
            .seconds(1..=AFTER_S_MAX)
            .map(Trigger::After),
        when.key("predicted_breach")
            .set()
            .map(|()| Trigger::PredictedBreach),
        when.key("offers_ended")
            .whole(1..=1_000)
            .map(Trigger::OffersEnded),
        when.key("waiting_over")
            .whole(1..=1_000_000)
            .map(Trigger::WaitingOver),
        when.key("nobody_staffed")
            .set()
            .map(|()| Trigger::NobodyStaffed),
        when.key("sentiment_below")
            .number(-1.0..=1.0)
            .map(Trigger::SentimentBelow),
    ];
    only_or("tiers, or ", when, triggers)
}

fn read_action(
    action: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> Option<Action> {
    let move_to = action.key("move_to").name_of(others.queues);
    if let (Some(from), Some(to)) = (id, &move_to) {
        let spot = action.spot_of("move_to");
        others.moves.push(Move::new(from, to, spot));
    }
    let add_queue = action.key("add_queue").name_of(others.queues);
    if add_queue.is_some() && add_queue.as_ref() == id {
        action.fault_at("add_queue", "the queue itself", "another queue");
    }
    let audiences = [
        ("supervisor", Audience::Supervisor),
        ("account_manager", Audience::AccountManager),
        (WEBHOOK, Audience::Webhook),
    ];
    let actions = [
        move_to.map(Action::MoveTo),
        add_queue.map(Action::AddQueue),
        action.key("boost_s").seconds(1..=3_600).map(Action::Boost),
        action.key("next_step").set().map(|()| Action::NextStep),
        action
            .key("reserve_next")
            .set()
            .map(|()| Action::ReserveNext),
        action.key("notify").choice(&audiences).map(Action::Notify),
        action
            .key("message")
            .string(MESSAGE_BYTES_MAX)
            .map(|text| Action::Message(text.into())),
        action
            .key("offer_callback")
            .set()
            .map(|()| Action::OfferCallback),
        action
            .key("deflect")
            .string(OUTCOME_BYTES_MAX)
            .map(|text| Action::Deflect(text.into())),
        action.key("fan_out").whole(FAN_OUT).map(Action::FanOut),
    ];
    only(action, actions)
}

/// The value of a table that must have exactly one key.
pub(super) fn only<T, const N: usize>(
    table: &mut Reader<'_, '_>,
    read: [Option<T>; N],
) -> Option<T> {
    only_or("", table, read)
}

/// `otherwise` is what a table without any of these keys may have.
fn only_or<T, const N: usize>(
    otherwise: &str,
    table: &mut Reader<'_, '_>,
    read: [Option<T>; N],
) -> Option<T> {
    let allowed = format!("exactly one of {}", table.asked());
    match table.present() {
        1 => read.into_iter().flatten().next(),
        // An unknown key is a fault of its own.
        0 if !table.is_empty() => None,
        0 => {
            table.fault("nothing", &format!("{otherwise}{allowed}"));
            None
        }
        several => {
            table.fault(&format!("{several} of them"), &allowed);
            None
        }
    }
}

/// Reports every move that closes a cycle.
pub(super) fn refuse_circles(moves: &[Move], findings: &mut Findings) {
    let mut from: BTreeMap<&Name, Vec<&Move>> = BTreeMap::new();
    for each in moves {
        from.entry(&each.from).or_default().push(each);
    }
    let mut finished: BTreeMap<&Name, bool> = BTreeMap::new();
    for start in moves {
        if !finished.contains_key(&start.from) {
            follow(&start.from, &from, &mut finished, findings);
        }
    }
}

/// Follows the moves from `start`, depth first. `finished` maps a queue to false while its moves
/// are being followed, and to true afterwards.
fn follow<'m>(
    start: &'m Name,
    from: &BTreeMap<&'m Name, Vec<&'m Move>>,
    finished: &mut BTreeMap<&'m Name, bool>,
    findings: &mut Findings,
) {
    let moves_of = |queue| from.get(queue).map_or(&[][..], Vec::as_slice).iter();
    let mut trail = vec![(start, moves_of(start))];
    finished.insert(start, false);
    while let Some((queue, moves)) = trail.last_mut() {
        let Some(next) = moves.next() else {
            finished.insert(queue, true);
            trail.pop();
            continue;
        };
        match finished.get(&next.to) {
            Some(true) => {}
            Some(false) => {
                let circle = trail.iter().map(|(queue, _)| queue.as_str());
                let circle = circle.skip_while(|queue| *queue != next.to.as_str());
                let circle: Vec<&str> = circle.chain([next.to.as_str()]).collect();
                let found = format!("{:?}", next.to.as_str());
                let allowed = format!("no cycle of moves ({})", circle.join(" -> "));
                findings.add(next.spot.clone(), &found, &allowed);
            }
            None => {
                finished.insert(&next.to, false);
                trail.push((&next.to, moves_of(&next.to)));
            }
        }
    }
}
