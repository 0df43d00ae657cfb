//! How contacts arrive, wait in line, and go from queue to queue and from step to step.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::domain::{Channel, ContactId, Intake, Millis, Name, Recognition, Text, Timestamp};
use switchboard::engine::Engine;
use switchboard::engine::command::Change;
use switchboard::engine::event::Labels;
use switchboard::engine::options::{Action, QueueOptions, WhenClosed, WhenFull};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::{AgentKey, QueueKey, TierKey};

use super::{Known, Oracle, Place};

impl Oracle {
    pub(super) fn arrived(
        &mut self,
        contact: ContactId,
        intake: &Intake,
        recognition: &Recognition,
        labels: Labels,
        first_queued_at: Timestamp,
    ) {
        let known = Known {
            place: Place::Nowhere,
            channel: intake.channel,
            requires: intake.requires.clone(),
            topic: intake.topic.clone(),
            recognition: recognition.clone(),
            effort_permille: 0,
            queue: self.registry.queues.name(labels.queue).clone(),
            tier: self.registry.tiers.name(labels.tier).clone(),
            step: 0,
            boost: Millis::ZERO,
            put_back: Millis::ZERO,
            is_reached: false,
            hung_up: 0,
            first_queued_at,
            ordered_for: None,
            arrival: self.contacts.len() as u64,
            direct: None,
            has_stood: false,
            asks_for_one: intake.agent.is_some() && !intake.or_queue,
            direct_until: None,
            callback: None,
            first: None,
            cooling: BTreeSet::new(),
            offers: 0,
            unroutable: false,
            configuration: self.configuration,
            strayed: false,
            owner_before: None,
            fired: BTreeMap::new(),
            troubled: BTreeSet::new(),
            owes: BTreeSet::new(),
            answered_at: None,
            served_since: None,
            was_served: false,
            has_lost_agent: false,
            also: Vec::new(),
            reserved: false,
            agents_let_go: false,
            recognised_at: None,
            reserved_by: None,
            consult: None,
            interrupted: false,
            is_given_up: false,
            owed: None,
            live_max: 1,
            unheard: Vec::new(),
        };
        self.note_channel(&known.queue, known.channel);
        assert!(
            self.contacts.insert(contact, known).is_none(),
            "a contact arrives once"
        );
    }

    /// The contacts for which the customer's identity still matters, one by one.
    pub(in crate::tape) fn judge_unserved(&self, engine: &Engine) {
        for customer in ["k1", "k2"].map(Text::from) {
            let unserved = self.contacts.iter().filter(|(_, known)| {
                let is_served = matches!(known.place, Place::WrapUp(..));
                let is_over = is_served || matches!(known.place, Place::Closed(_));
                known.recognition.customer.as_ref() == Some(&customer) && !is_over
            });
            let expected: BTreeMap<_, _> = unserved
                .map(|(id, known)| (known.arrival, (*id, known.recognition.clone())))
                .collect();
            let told = engine.unserved_of_customer(&customer).into_iter();
            let told: Vec<_> = told.map(|(id, known)| (id, (*known).clone())).collect();
            assert_eq!(told, expected.into_values().collect::<Vec<_>>());
        }
    }

    pub(super) fn scheduled(&mut self, contact: ContactId, until: Timestamp) {
        if let (Some(queue), Some(hours)) = (
            self.diverted(contact),
            self.hours(&self.contacts[&contact].queue),
        ) && queue.when_closed == WhenClosed::Schedule
        {
            assert!(hours.is_open(until), "ordered for when it is open");
        }
        let at = self.at;
        let known = self.known(contact);
        if known.first_queued_at > at {
            known.first_queued_at = until;
        }
        known.ordered_for = Some(until);
        known.reserved &= matches!(known.first, Some(CustomerFirst::Dialled { .. }));
        self.go(contact, Place::Scheduled(until));
    }

    pub(super) fn queued(
        &mut self,
        contact: ContactId,
        queue: QueueKey,
        step: u32,
        (direct, direct_until): (Option<AgentKey>, Option<Timestamp>),
        due: Timestamp,
    ) {
        let queue = self.registry.queues.name(queue).clone();
        assert!(
            self.options
                .as_ref()
                .is_some_and(|options| options.queue(&queue).is_some()),
            "{contact} is to wait in {queue}, which is gone"
        );
        self.go(contact, Place::Waiting);
        let known = self.known(contact);
        known.strayed |= known.queue != queue;
        (known.queue, known.step, known.direct) = (queue, step as usize, direct);
        known.direct_until = direct_until;
        let expected = self.due(contact);
        assert_eq!(
            due, expected,
            "due is first queued + target − head start − boosts"
        );
    }

    pub(super) fn moved(
        &mut self,
        contact: ContactId,
        labels: Labels,
        keeps_agent: bool,
        loses_boost: bool,
    ) {
        if let Some(from) = self.diverted(contact) {
            let closed = matches!(from.when_closed, WhenClosed::Queue(_));
            let full = matches!(from.overflow.when_full, WhenFull::Queue(_))
                && self.is_full(from, self.contacts[&contact].channel);
            assert!(closed || full, "only by a rule");
        }
        let queue = self.registry.queues.name(labels.queue).clone();
        self.go(contact, Place::Nowhere);
        self.note_channel(&queue, labels.channel);
        let by_rule = self.fired == Some(contact);
        assert!(
            !(by_rule && loses_boost),
            "{contact} keeps what rules gave where a rule moves it"
        );
        let known = self.known(contact);
        let is_held = known.direct_until.is_some();
        assert!(!keeps_agent || !is_held, "no preference goes along");
        assert!(
            keeps_agent || known.direct.is_none() || is_held || !known.is_meant_alone(),
            "whom it asks for alone it waits for"
        );
        (known.queue, known.step) = (queue, 0);
        known.direct = known.direct.filter(|_| keeps_agent);
        known.boost = known.boost + std::mem::take(&mut known.put_back);
        if loses_boost {
            known.boost = Millis::ZERO;
        }
        known.live_max = 1;
        known.also.clear();
        known.owes.clear();
        known.reserved = false;
        known.strayed |= !by_rule;
    }

    fn note_channel(&mut self, queue: &Name, channel: Channel) {
        if self.options.as_ref().unwrap().channels.get(channel).max == 1 {
            self.whole.insert(queue.clone());
        }
    }

    /// Supervisors are notified, and notified when it is over.
    pub(super) fn said_unroutable(&mut self, contact: ContactId, unroutable: bool) {
        let known = self.known(contact);
        assert_ne!(known.unroutable, unroutable, "it is said once");
        known.unroutable = unroutable;
    }

    pub(super) fn recognised(
        &mut self,
        contact: ContactId,
        tier: TierKey,
        recognition: &Recognition,
    ) {
        let (at, tier) = (self.at, self.registry.tiers.name(tier).clone());
        let known = self.known(contact);
        known.tier = tier;
        known.recognised_at = Some(at);
        known.recognition = recognition.clone();
    }

    pub(super) fn updated(&mut self, contact: ContactId, change: &Change) {
        if let Some(topic) = &change.topic {
            self.known(contact).topic = Some(topic.clone());
        }
    }

    pub(super) fn step_taken(&mut self, contact: ContactId, to: usize) {
        let known = &self.contacts[&contact];
        let queue = &self.queues[&known.queue];
        assert!(to > known.step, "steps only widen");
        let after = queue.steps[to - 1].after;
        // A rule may hurry a contact on by one step.
        let hurried = to == known.step + 1 && hurries(queue);
        let due = known.first_queued_at + after <= self.at;
        let skipped = self.skips_to(known) == Some(to);
        assert!(due || hurried || skipped, "no step before its time");
        self.known(contact).step = to;
    }
}

fn hurries(queue: &QueueOptions) -> bool {
    let mut rules = queue.escalations.iter();
    rules.any(|rule| rule.actions.contains(&Action::NextStep))
}
