//! The escalations of a queue: one trigger, at least one action, and no way
//! for a contact to be moved in a circle.

use std::collections::BTreeMap;

use crate::config::fault::Findings;
use crate::config::fault::Place;
use crate::config::names::Unique;
use crate::config::queue::Others;
use crate::config::reader::Reader;
use crate::domain::Name;
use crate::engine::options::Action;
use crate::engine::options::Audience;
use crate::engine::options::ESCALATIONS_MAX;
use crate::engine::options::EscalationRule;
use crate::engine::options::Trigger;

/// The most actions of one escalation.
const ACTIONS_MAX: usize = 8;

/// The latest that time alone sets an escalation off: 7 days.
const AFTER_S_MAX: i64 = 7 * 86_400;

/// An escalation of the queue `from` moves contacts to the queue `to`.
pub(super) struct Move {
    from: Name,
    to: Name,
    place: Place,
}

impl Move {
    pub(super) fn new(from: &Name, to: &Name, place: Place) -> Self {
        Self {
            from: from.clone(),
            to: to.clone(),
            place,
        }
    }
}

pub(super) fn read(
    queue: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> Vec<EscalationRule> {
    let mut names = Unique::default();
    queue.key("escalation").tables(ESCALATIONS_MAX, |rule| {
        let name = rule.key("name").required().new_name(&mut names);
        let when = rule.key("when").table(read_trigger);
        let actions = rule.key("do").required();
        let actions = actions.tables(ACTIONS_MAX, |action| read_action(action, id, others));
        Some(EscalationRule {
            name: name?,
            when: when?,
            actions,
        })
    })
}

fn read_trigger(when: &mut Reader<'_, '_>) -> Option<Trigger> {
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
    only(when, triggers)
}

fn read_action(
    action: &mut Reader<'_, '_>,
    id: Option<&Name>,
    others: &mut Others<'_, '_>,
) -> Option<Action> {
    let move_to = action.key("move_to").name_of(others.queues);
    if let (Some(from), Some(to)) = (id, &move_to) {
        let place = action.place_of("move_to");
        others.moves.push(Move::new(from, to, place));
    }
    let audiences = [("supervisor", Audience::Supervisor)];
    let actions = [
        action.key("boost_s").seconds(1..=3_600).map(Action::Boost),
        action.key("next_step").set().map(|()| Action::NextStep),
        move_to.map(Action::MoveTo),
        action.key("notify").choice(&audiences).map(Action::Notify),
    ];
    only(action, actions)
}

/// The one that is there, of a table that has exactly one key.
pub(super) fn only<T, const N: usize>(
    table: &mut Reader<'_, '_>,
    read: [Option<T>; N],
) -> Option<T> {
    let allowed = format!("exactly one of {}", table.asked());
    match table.present() {
        1 => read.into_iter().flatten().next(),
        // An unknown key is a fault of its own.
        0 if !table.is_empty() => None,
        0 => {
            table.fault("nothing", &allowed);
            None
        }
        several => {
            table.fault(&format!("{several} of them"), &allowed);
            None
        }
    }
}

/// Reports every move that closes a circle.
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

/// Follows the moves from `start`, depth first. In `finished`, a queue whose
/// moves are being followed is false, and one that is done with is true.
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
                let allowed = format!("no move in a circle ({})", circle.join(" -> "));
                findings.add(next.place.clone(), &found, &allowed);
            }
            None => {
                finished.insert(&next.to, false);
                trail.push((&next.to, moves_of(&next.to)));
            }
        }
    }
}
