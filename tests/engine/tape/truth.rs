//! The explanation of every open contact is true.

use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::Engine;
use switchboard::engine::options::Interrupt;
use switchboard::engine::state::contact::ContactState;
use switchboard::engine::view::{ContactView, Explanation};
use switchboard::wire::words;

use super::oracle::{Oracle, Place};

impl Oracle {
    /// An agent's load is the sum of the contacts in hand, except those that another contact has
    /// put on hold, or will when accepted.
    pub(super) fn judge_hands(&self, engine: &Engine) {
        let options = self.options.as_ref().unwrap();
        for agent in engine.agents() {
            let held: Vec<_> = engine.contacts_of(agent.id.as_str());
            let held = held.iter().filter(|view| agent.contacts.contains(&view.id));
            let interrupts = options.capacity.interrupts.unwrap_or_default();
            let gives_way = |current| {
                let mut offered = held.clone().filter(|view| {
                    let consult = view.consulted.as_ref();
                    let is_asked = consult.is_some_and(|c| c.agent == agent.id && !c.accepted);
                    view.state == ContactState::Offered || is_asked
                });
                offered.any(|new| interrupts.of(new.intake.channel, current) == Interrupt::Hold)
            };
            let is_own = |view: &&ContactView| {
                view.agent.as_ref() == Some(&agent.id) && view.state != ContactState::Offered
            };
            let helps_with = |view: &&ContactView| {
                let consult = view.consulted.as_ref();
                consult.is_some_and(|c| c.agent == agent.id && c.accepted)
            };
            let is_held_up = |current: &&ContactView| {
                let mut others = held.clone().filter(|view| view.id != current.id);
                others.any(|new| {
                    let holds = interrupts.of(new.intake.channel, current.intake.channel);
                    (is_own(&new) || helps_with(&new)) && holds == Interrupt::Hold
                })
            };
            let working = held.clone().filter(|view| {
                let current = view.intake.channel;
                let gives_way_already = view.state == ContactState::WrapUp && is_held_up(view);
                let is_interrupted = view.is_interrupted || gives_way_already;
                !(is_own(view) && (is_interrupted || gives_way(current)))
            });
            let costs = working.map(|contact| options.channels.get(contact.intake.channel).cost);
            assert_eq!(agent.capacity_used, costs.sum::<u32>(), "{agent:?}");
        }
    }

    /// No statement contradicts the state.
    pub(super) fn judge_explanations(&self, engine: &Engine, now: Timestamp) {
        for (id, known) in &self.contacts {
            if matches!(known.place, Place::Closed(_)) {
                continue;
            }
            let explained = engine.explain(*id, now).unwrap();
            let sum: i64 = explained.due_terms.iter().map(|(_, term)| term.0).sum();
            let due = explained.contact.due_at - explained.contact.queued_at;
            assert_eq!(due, Millis(sum), "the terms of {id} add up");
            judge_candidates(&explained);
            judge_changes(&explained, engine.next_deadline());
            let words = words::of(&explained);
            assert_eq!(words.zh.len(), words.en.len(), "{words:?}");
        }
    }
}

/// A waiting contact has an obstacle with every agent; an offered one has none with those it is
/// offered to.
fn judge_candidates(explained: &Explanation) {
    let state = explained.contact.state;
    let beside = &explained.contact.offered_beside;
    let asked: Vec<_> = explained.contact.agent.iter().chain(beside).collect();
    for candidate in &explained.candidates {
        let is_asked = state == ContactState::Offered && asked.contains(&&candidate.agent);
        assert_eq!(candidate.is_offered, is_asked, "{explained:?}");
        let could_take = candidate.failed.is_none();
        assert!(!is_asked || could_take, "{explained:?}");
        assert!(
            state != ContactState::Queued || !could_take,
            "{explained:?}"
        );
    }
}

/// Upcoming changes are at a time at which the engine wakes, and not in the past.
fn judge_changes(explained: &Explanation, deadline: Option<Timestamp>) {
    let times = explained.changes.iter().map(|next| next.at);
    assert!(times.is_sorted(), "{explained:?}");
    if let Some(first) = explained.changes.first() {
        let deadline = deadline.unwrap_or_else(|| panic!("{explained:?}"));
        assert!(deadline <= first.at, "{deadline}: {explained:?}");
    }
}
