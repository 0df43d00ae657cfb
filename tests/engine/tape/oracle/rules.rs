//! What must hold for the rules of a queue: when they fire, what they may do, and who is notified.

use switchboard::domain::{ContactId, Millis, Name, Text};
use switchboard::engine::options::{Action, EscalationRule, Trigger};
use switchboard::engine::state::registry::{AgentKey, QueueKey};

use super::{Oracle, Place};

impl Oracle {
    /// Fires once, or at its intervals until the answer; for its tiers.
    pub(super) fn escalated(&mut self, contact: ContactId, name: &Name) {
        self.judge_waits(contact);
        let at = self.at;
        let known = self.contacts[&contact].clone();
        let rules = &self.queues[&known.queue].escalations;
        let rule = rules.iter().find(|rule| rule.name == *name);
        let rule = rule.expect("a rule of its queue");
        assert!(
            rule.tiers.is_empty() || rule.tiers.contains(&known.tier),
            "a rule fires for its tiers"
        );
        let live_max = rule.actions.iter().map(|action| {
            if let Action::FanOut(agents) = action {
                *agents as usize
            } else {
                1
            }
        });
        let live_max = live_max.max().unwrap_or(1);
        let known_now = self.known(contact);
        known_now.live_max = known_now.live_max.max(live_max);
        let fired = &mut known_now.fired;
        let times = fired.entry((known.queue, name.clone())).or_default();
        if let Some(last) = times.last() {
            // A reload may have given the rule another interval.
            assert!(
                at - *last >= Millis::from_s(10),
                "a rule fires again at its interval"
            );
            assert!(times.len() <= 4, "and not for ever");
            assert!(
                known.answered_at.is_none_or(|answered| answered <= *last),
                "and not after the answer"
            );
        }
        times.push(at);
    }

    /// If more contacts wait than a rule's bound, it has fired for all of them, except those
    /// transferred to one agent.
    pub(in super::super) fn judge_lengths(&self) {
        let waiting = self.contacts.iter();
        let waiting = waiting.filter(|(_, known)| known.place == Place::Waiting);
        for (id, known) in waiting.filter(|(_, known)| known.direct.is_none()) {
            let mates = self
                .contacts
                .values()
                .filter(|other| other.queue == known.queue);
            let waiting = mates.filter(|other| other.place == Place::Waiting).count();
            let is_too_long = |rule: &&EscalationRule| {
                let bound = match rule.when {
                    Some(Trigger::WaitingOver(bound)) => bound as usize,
                    _ => return false,
                };
                waiting > bound && rule.only_if.is_none()
            };
            let rules = self.queues[&known.queue].escalations.iter();
            for rule in rules.filter(is_too_long) {
                let is_meant = rule.tiers.is_empty() || rule.tiers.contains(&known.tier);
                let fired = (known.queue.clone(), rule.name.clone());
                assert!(
                    !is_meant || known.fired.contains_key(&fired),
                    "{id} waits where {waiting} do"
                );
            }
        }
    }

    /// Moves forward, and agents of other queues may also serve it.
    pub(super) fn raised(&mut self, contact: ContactId, boost: Millis, also: &[QueueKey]) {
        let also = also.iter().map(|queue| self.registry.queues.name(*queue));
        let also: Vec<Name> = also.cloned().collect();
        let known = self.known(contact);
        (known.boost, known.also) = (boost, also);
    }

    pub(super) fn reserved_by(&mut self, contact: ContactId, rule: &Name) {
        let queue = self.contacts[&contact].queue.clone();
        assert!(
            !self.has_reserved(&queue),
            "one agent is reserved at a time"
        );
        let known = self.known(contact);
        known.reserved = true;
        known.reserved_by = Some((queue, rule.clone()));
    }

    /// It has waited for the longest time that a contact may be overtaken.
    pub(super) fn agents_let_go(&mut self, contact: ContactId) {
        let (at, overtake_max) = (self.at, self.options.as_ref().unwrap().overtake_max);
        let reserve = &self.queues[&self.contacts[&contact].queue].reserve;
        let reserve = reserve.clone().expect("somebody is kept");
        let known = self.known(contact);
        assert!(!reserve.tiers.contains(&known.tier), "for {contact}");
        assert!(at - known.first_queued_at >= overtake_max, "{contact}");
        assert!(!known.agents_let_go, "of {contact} that is known");
        known.agents_let_go = true;
    }

    pub(super) fn has_reserved(&self, queue: &Name) -> bool {
        let mut contacts = self.contacts.values();
        contacts.any(|known| known.reserved && known.queue == *queue)
    }

    /// A fired rule of its queue deflects the contact with this text.
    pub(super) fn deflects(&self, contact: ContactId, words: Option<&Text>) -> bool {
        let known = &self.contacts[&contact];
        let rules = self.queues[&known.queue].escalations.iter();
        let fired = |rule: &&EscalationRule| {
            let key = (known.queue.clone(), rule.name.clone());
            known.fired.contains_key(&key)
        };
        let mut actions = rules.filter(fired).flat_map(|rule| &rule.actions);
        actions.any(|action| matches!(action, Action::Deflect(text) if Some(text) == words))
    }

    /// Rules fire, are postponed and send messages while customers wait, and not after.
    pub(super) fn judge_waits(&self, contact: ContactId) {
        let place = &self.contacts[&contact].place;
        let waits = matches!(place, Place::Waiting | Place::Offered(_));
        assert!(waits, "rules are for those who wait: {place:?}");
    }

    /// Evaluated again in line, or as soon as no offer is open.
    pub(super) fn judge_owes(&self, contact: ContactId) {
        let known = &self.contacts[&contact];
        let comes_back = matches!(known.place, Place::Nowhere | Place::Scheduled(_));
        if !(comes_back && known.has_stood) {
            self.judge_waits(contact);
        }
    }

    pub(super) fn notified(&self, agent: AgentKey, contact: ContactId) {
        let manager = self.contacts[&contact].recognition.account_manager.as_ref();
        let name = self.registry.agents.name(agent);
        assert_eq!(manager, Some(name), "account managers are told");
    }

    pub(super) fn troubled(&mut self, contact: ContactId, rule: &Name) {
        let said = (self.contacts[&contact].queue.clone(), rule.clone());
        let troubled = &mut self.known(contact).troubled;
        assert!(troubled.insert(said), "trouble is said once");
    }
}
