//! What the oracle judges: whose turn it is, what a queue may do, and the state between steps.

use std::collections::BTreeMap;

use switchboard::domain::{Channel, ContactId, Hours, Millis, Name, Timestamp};
use switchboard::engine::options::{AgentOptions, QueueOptions};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::AgentKey;

use super::lore::share;
use super::oracle::{Desk, Known, Oracle, Place};

impl Oracle {
    /// No contact that this agent could take is due earlier.
    pub(super) fn judge(&self, contact: ContactId, agent: AgentKey) {
        let is_wanted_whole = self.is_wanted_whole(contact, agent);
        let turn = |id: ContactId| {
            let known = &self.contacts[&id];
            let has_none = is_wanted_whole && !self.takes_whole(known);
            let fit = if known.reserved || has_none {
                Millis::ZERO
            } else {
                self.fit(known, agent)
            };
            (!known.reserved, self.due(id) - fit, known.arrival)
        };
        let own = turn(contact);
        // Customers on the line come before those who are yet to be called.
        let is_on_the_line = self.contacts[&contact].first == Some(CustomerFirst::Answered);
        let comes_later =
            |known: &Known| is_on_the_line && known.first == Some(CustomerFirst::Waits);
        for (id, known) in &self.contacts {
            let rival =
                *id != contact && known.place == Place::Waiting && self.may_serve(known, agent);
            let rival = rival && !comes_later(known);
            assert!(
                !rival || turn(*id) > own,
                "{id} is due before {contact} for {agent:?}"
            );
        }
    }

    /// Whether an idle agent could take a contact that takes a whole agent.
    fn is_wanted_whole(&self, contact: ContactId, agent: AgentKey) -> bool {
        let mut candidates = self.contacts.iter().filter(|(id, known)| {
            let waits = **id == contact || known.place == Place::Waiting;
            waits && self.may_serve(known, agent)
        });
        self.held(agent).next().is_none() && candidates.any(|(_, known)| self.takes_whole(known))
    }

    fn takes_whole(&self, known: &Known) -> bool {
        let options = self.options.as_ref().unwrap();
        options.channels.get(known.channel).is_exclusive()
    }

    pub(super) fn due(&self, contact: ContactId) -> Timestamp {
        let known = &self.contacts[&contact];
        let options = self.options.as_ref().unwrap();
        let head_start = options
            .tiers
            .iter()
            .find(|tier| tier.name == known.tier)
            .map_or(Millis::ZERO, |tier| tier.head_start);
        let greatest = options.tiers.iter().map(|tier| tier.head_start).max();
        let head_start = greatest
            .filter(|_| known.has_lost_agent)
            .map_or(head_start, |greatest| greatest.max(head_start));
        self.promised(known) - head_start - known.boost
    }

    /// The target of a queue runs while it is open.
    pub(super) fn promised(&self, known: &Known) -> Timestamp {
        let target = self.queues[&known.queue].target.answer_within;
        self.hours(&known.queue).map_or_else(
            || known.first_queued_at + target,
            |hours| hours.add_working(known.first_queued_at, target).unwrap(),
        )
    }

    /// The options of a configured queue.
    pub(super) fn hours(&self, queue: &Name) -> Option<&Hours> {
        let options = self.options.as_ref().unwrap();
        options.hours(options.queue(queue)?.hours.as_ref()?)
    }

    /// A contact has come to a queue that cannot take it.
    pub(super) fn diverted(&self, contact: ContactId) -> Option<&QueueOptions> {
        let known = &self.contacts[&contact];
        let is_new = known.place == Place::Nowhere && !known.has_stood;
        is_new.then_some(&self.queues[&known.queue])
    }

    /// Whether a queue is full, in total or for a channel.
    pub(super) fn is_full(&self, queue: &QueueOptions, channel: Channel) -> bool {
        let waiting = self
            .contacts
            .values()
            .filter(|known| known.place == Place::Waiting && known.queue == queue.id);
        let (mut all, mut same) = (0, 0);
        for known in waiting {
            all += 1;
            same += u32::from(known.channel == channel);
        }
        let most = *queue.overflow.waiting_max.get(channel);
        all >= queue.waiting_max || most.is_some_and(|most| same >= most)
    }

    /// Time passes for contacts being served.
    pub(super) fn work(&mut self, span: Millis) {
        let mut hands: BTreeMap<AgentKey, usize> = BTreeMap::new();
        let at_work = |known: &Known| match &known.place {
            Place::Served(_) if known.interrupted => None,
            Place::Served(agent) | Place::WrapUp(agent, _) => Some(*agent),
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Offered(_)
            | Place::Parked { .. }
            | Place::Closed(_) => None,
        };
        for known in self.contacts.values() {
            let joined = known.consult.filter(|consult| consult.until.is_none());
            let helper = joined.map(|consult| consult.agent);
            for agent in at_work(known).into_iter().chain(helper) {
                *hands.entry(agent).or_default() += 1;
            }
        }
        for known in self.contacts.values_mut() {
            if let Some(agent) = at_work(known) {
                known.effort_permille += share(hands[&agent], span);
            }
        }
    }

    pub(super) fn learn(&mut self, contact: ContactId, agent: AgentKey, resolved: bool) {
        let known = self.contacts[&contact].clone();
        let Some(agent) = self.agent(agent) else {
            return;
        };
        let grade = self.grade(&known, agent);
        let subject = (self.subject(&known), known.channel);
        self.lore
            .learn(subject, grade, known.effort_permille, resolved);
    }

    /// The step to which a contact proceeds at once, because none of its agents is there.
    pub(super) fn skips_to(&self, known: &Known) -> Option<usize> {
        let there = |step: usize, or_away: bool| {
            let at = Known {
                step,
                ..known.clone()
            };
            let is_there = |desk: &Desk| desk.session.is_some() || (or_away && desk.away);
            self.desks.iter().any(|(key, desk)| {
                let agent = self.agent(*key);
                let cost = self.options.as_ref().unwrap().cost(known.channel);
                let serves = |agent: &AgentOptions| {
                    agent.capacity >= cost && self.is_eligible(&at, agent, *key)
                };
                desk.ready && is_there(desk) && agent.is_some_and(serves)
            })
        };
        let steps = &self.queues[&known.queue].steps[known.step..];
        let skips = steps.iter().take_while(|step| step.skip_unstaffed).count();
        if skips == 0 || known.direct.is_some() || there(known.step, true) {
            return None;
        }
        (known.step + 1..=known.step + skips).find(|step| there(*step, false))
    }

    /// What must hold after every step.
    pub(super) fn judge_state(&self) {
        let options = self.options.as_ref().unwrap();
        for (id, known) in &self.contacts {
            assert_ne!(known.place, Place::Nowhere, "{id} stands somewhere");
            if matches!(known.place, Place::Waiting | Place::Scheduled(_)) {
                let is_called = matches!(known.first, Some(CustomerFirst::Dialled { .. }));
                assert_ne!(
                    known.unroutable,
                    is_called || self.could_ever(known),
                    "{id} is told to be unroutable exactly when nobody could ever take it"
                );
            }
            self.judge_aside(*id, known);
            if known.place == Place::Waiting {
                self.judge_waiting(*id, known);
            }
            self.judge_fanned_out(*id, known);
        }
        for key in self.desks.keys() {
            let Some(agent) = self.agent(*key) else {
                continue;
            };
            let at_work = self
                .held(*key)
                .filter(|known| self.takes_capacity(known, *key));
            let used: u32 = at_work.map(|known| options.cost(known.channel)).sum();
            assert!(used <= agent.capacity, "{key:?} has more than fits");
        }
    }

    /// Parked, or with a consultation.
    fn judge_aside(&self, id: ContactId, known: &Known) {
        if let Place::Parked { agent, woken, .. } = known.place {
            assert!(
                !woken || !self.could_take_up(known, agent),
                "{id} waits for {agent:?}, who could take it up"
            );
        }
        if let Some(consult) = known.consult.filter(|consult| consult.until.is_some()) {
            let desk = &self.desks[&consult.agent];
            assert!(
                desk.session.is_some() && desk.ready,
                "{id} asks whoever left"
            );
        }
    }

    /// It is offered to as many agents as a rule allows, as long as they are free.
    fn judge_fanned_out(&self, id: ContactId, known: &Known) {
        let live = known.live();
        assert!(live.len() <= known.live_max.max(1), "{id}: {live:?}");
        let is_to_be_called = known.first == Some(CustomerFirst::Waits);
        let is_assigned = live.iter().any(|live| live.is_assigned);
        if live.is_empty() || live.len() == known.live_max || is_to_be_called || is_assigned {
            return;
        }
        for key in self.desks.keys() {
            assert!(
                !self.may_serve(known, *key),
                "{id} could be offered to {key:?}, too"
            );
        }
    }

    fn judge_waiting(&self, id: ContactId, known: &Known) {
        let overtake_max = self.options.as_ref().unwrap().overtake_max;
        // What a reload or a change of tier has made late is done next.
        let may_be_kept = self.at - known.first_queued_at < overtake_max
            || self.at == self.configured_at
            || known.recognised_at == Some(self.at);
        assert!(
            may_be_kept || !self.is_kept_back(known),
            "agents are kept from {id} for too long"
        );
        assert_eq!(self.skips_to(known), None, "{id} waits for nobody");
        let is_held = known.direct.is_some();
        assert!(
            !is_held || known.direct_until.is_none_or(|until| until > self.at),
            "{id} is held for longer than it may be"
        );
        let held_for = known.direct.filter(|_| known.direct_until.is_some());
        assert!(
            held_for.is_none_or(|agent| self.desks[&agent].takes_offers()),
            "{id} is held for {held_for:?}, who is not there"
        );
        let in_vain = known
            .direct
            .filter(|agent| self.waits_in_vain(known, *agent));
        assert_eq!(in_vain, None, "{id} waits for somebody who has left");
        for key in self.desks.keys() {
            assert!(
                !self.may_serve(known, *key),
                "{id} waits beside {key:?} who could take it"
            );
        }
    }

    /// Whether it waits for an agent who is not there or not trusted with its channel, and whose
    /// return it must not wait for.
    fn waits_in_vain(&self, known: &Known, key: AgentKey) -> bool {
        let may_come = self.desks.get(&key).is_some_and(|desk| {
            let is_back_soon = desk.away && known.direct_until.is_none();
            let is_trusted = desk.ready && !desk.suspended.contains(&known.channel);
            is_trusted && (desk.session.is_some() || is_back_soon)
        });
        self.agent(key).is_none() || !(known.is_meant_alone() || may_come)
    }
}
