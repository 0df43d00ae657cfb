//! The fold: what each event does to the state. The only writer, on recovery
//! as in life.
//!
//! **Invariant:** nothing is decided here; an event carries what was decided.

use std::sync::Arc;

use crate::domain::{Channel, ContactId, Intake, Millis, Recognition, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::Request;
use crate::engine::agent::{Health, Intent, Session};
use crate::engine::command::{Change, RequestKey};
use crate::engine::contact::{
    Closing, Contact, Cooldown, EndedBy, Fired, Index, Offer, Service, Stage,
};
use crate::engine::deadline::Reason;
use crate::engine::event::{Cooling, Event, Labels, OfferEnd, Recorded};
use crate::engine::place::who;
use crate::engine::registry::AgentKey;

impl Engine {
    /// Folds one event into the state.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.seq = recorded.seq;
        self.last_at = recorded.at;
        if let Some(agent) = recorded.event.told() {
            self.agents[agent.index()].told += 1;
        }
        self.fold(recorded.at, &recorded.event);
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn fold(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Configured { options } => self.configure(options),
            Event::ContactArrived {
                contact,
                intake,
                recognition,
                labels,
                first_queued_at,
            } => {
                let contact = self.arrived(*contact, intake, recognition, *labels, at);
                self.contacts.insert(Contact {
                    first_queued_at: *first_queued_at,
                    ..contact
                });
            }
            Event::ContactScheduled { contact, until } => {
                self.put(*contact, Stage::Scheduled { until: *until });
            }
            Event::ContactQueued {
                contact,
                queue,
                step,
                due,
                direct,
            } => {
                let slot = self.put(*contact, Stage::Moving);
                let contact = &mut self.contacts[slot];
                contact.labels.queue = *queue;
                contact.step = *step;
                contact.direct = *direct;
                self.place(slot, Stage::Queued { due: *due });
            }
            Event::ContactMoved {
                contact, labels, ..
            } => {
                let slot = self.put(*contact, Stage::Moving);
                let contact = &mut self.contacts[slot];
                contact.labels = *labels;
                contact.step = 0;
            }
            Event::ContactRecognised {
                contact,
                recognition,
                tier,
                due,
                ..
            } => {
                self.alter_waiting(*contact, Some(*due), |contact| {
                    contact.labels.tier = *tier;
                });
                let slot = self.known(*contact);
                self.contacts.recognise(slot, recognition);
            }
            Event::ContactUpdated {
                contact, change, ..
            } => {
                let slot = self.known(*contact);
                update(&mut self.contacts[slot], change);
            }
            Event::StepTaken { contact, step } => {
                self.alter_waiting(*contact, None, |contact| contact.step = *step);
            }
            Event::WaitReviewed { contact, check_at } => {
                self.alter_waiting(*contact, None, |contact| {
                    contact.breach_check_at = Some(*check_at);
                });
            }
            Event::EscalationFired {
                contact,
                queue,
                name,
                boost,
                due,
                ..
            } => {
                self.alter_waiting(*contact, Some(*due), |contact| {
                    contact.boost = *boost;
                    contact.fired.push(Fired {
                        queue: *queue,
                        rule: name.clone(),
                    });
                });
            }
            Event::OfferMade {
                offer,
                agent,
                deliver_by,
                answer_within,
                ..
            } => {
                let made = Offer {
                    number: offer.number,
                    agent: *agent,
                    delivered: false,
                    until: *deliver_by,
                    answer_within: *answer_within,
                };
                self.offer_made(offer.contact, made);
            }
            Event::OfferDelivered { offer, answer_by } => {
                self.offer_delivered(offer.contact, *answer_by)
            }
            Event::OfferAccepted { offer, agent, .. } => {
                self.taken(offer.contact, *agent, offer.number, at);
            }
            Event::ContactPulled { contact, agent, .. } => self.taken(*contact, *agent, 0, at),
            Event::OfferEnded {
                offer,
                agent,
                how,
                cooldown,
                ..
            } => {
                let slot = self.put(offer.contact, Stage::Moving);
                if !matches!(how, OfferEnd::Withdrawn(_)) {
                    self.contacts[slot].offers_ended += 1;
                    // Whom it was meant for does not take it: anyone may.
                    self.contacts[slot].direct = None;
                }
                self.cool(slot, *agent, *cooldown);
            }
            Event::CooldownLifted { contact, agent } => self.end_cooldown(*contact, *agent),
            Event::CooldownKept { contact, agent } => self.keep_cooldown(*contact, *agent),
            Event::MessageSent { .. } | Event::AgentResynced { .. } => {}
            Event::ContactReturned {
                contact,
                agent,
                handled,
                cooldown,
                ..
            } => {
                let slot = self.known(*contact);
                self.finish_work(slot, *agent, *handled, at);
                self.place(slot, Stage::Moving);
                self.cool(slot, *agent, *cooldown);
            }
            Event::WrapUpStarted {
                contact,
                until,
                outcome,
                notes,
                ended_by,
                ..
            } => {
                let ending = (outcome.clone(), notes.clone(), *ended_by);
                self.wrap_up_started(*contact, *until, ending);
            }
            Event::WrapUpExtended { contact, until, .. } => {
                self.wrap_up_extended(*contact, *until);
            }
            Event::ContactClosed {
                contact,
                how,
                ended_by,
                outcome,
                notes,
                agent,
                handled,
                number,
                ..
            } => {
                let slot = self.known(*contact);
                self.forget_cooldowns(slot);
                if let (Some(agent), Some(handled)) = (agent, handled) {
                    self.finish_work(slot, *agent, *handled, at);
                }
                let closing = Closing {
                    how: *how,
                    at,
                    ended_by: *ended_by,
                    outcome: outcome.clone(),
                    notes: notes.clone(),
                    agent: *agent,
                    number: *number,
                    answered_at: handled.map(|handled| at - handled),
                };
                self.closed(slot, closing);
            }
            Event::AgentConnected { agent, session } => {
                self.change_session(*agent, Session::Connected { number: *session });
            }
            Event::AgentLost { agent, until } => {
                self.change_session(*agent, Session::Grace { until: *until });
            }
            Event::AgentGone { agent } => self.change_session(*agent, Session::Gone),
            Event::AgentIntended { agent, intent, .. } => self.change_intent(*agent, intent, at),
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                strikes,
            } => {
                self.change_health(*agent, *channel, *health, *strikes, at);
            }
            Event::QueuePaused { queue, .. } => self.queues[queue.index()].paused = true,
            Event::QueueResumed { queue, .. } => self.queues[queue.index()].paused = false,
            Event::RequestRemembered { key, contact } => self.remember(*key, *contact, at),
            Event::HistoryFiled { closed_upto } => self.filed_upto = *closed_upto,
        }
    }

    fn arrived(
        &mut self,
        id: ContactId,
        intake: &Arc<Intake>,
        recognition: &Arc<Recognition>,
        labels: Labels,
        at: Timestamp,
    ) -> Contact {
        self.arrivals += 1;
        Contact {
            id,
            arrival: self.arrivals,
            intake: Arc::clone(intake),
            recognition: Arc::clone(recognition),
            labels,
            created_at: at,
            first_queued_at: at,
            step: 0,
            boost: Millis::ZERO,
            sentiment: None,
            offers: 0,
            offers_ended: 0,
            cooldowns: smallvec::SmallVec::new(),
            fired: Vec::new(),
            stage: Stage::Moving,
            direct: None,
            breach_check_at: None,
            index: Index::default(),
        }
    }

    fn offer_made(&mut self, contact: ContactId, offer: Offer) {
        self.turns += 1;
        self.agents[offer.agent.index()].last_turn = self.turns;
        let slot = self.known(contact);
        self.contacts[slot].offers = offer.number;
        self.place(slot, Stage::Offered(offer));
    }

    /// The same offer with another deadline: its agent's hands do not change.
    fn offer_delivered(&mut self, contact: ContactId, answer_by: Timestamp) {
        let slot = self.known(contact);
        let contact = &mut self.contacts[slot];
        let who = who(contact, slot);
        let Stage::Offered(offer) = &mut contact.stage else {
            unreachable!("only a live offer is delivered");
        };
        self.deadlines.disarm(offer.until, Reason::Offer(who));
        offer.delivered = true;
        offer.until = answer_by;
        self.deadlines.arm(answer_by, Reason::Offer(who));
    }

    fn taken(&mut self, contact: ContactId, agent: AgentKey, offer_number: u32, at: Timestamp) {
        let slot = self.known(contact);
        self.forget_cooldowns(slot);
        let service = Service {
            agent,
            since: at,
            offer_number,
        };
        self.put(contact, Stage::Moving);
        self.contacts[slot].direct = None;
        self.place(slot, Stage::Active(service));
    }

    fn wrap_up_started(
        &mut self,
        contact: ContactId,
        until: Timestamp,
        (outcome, notes, ended_by): (Text, Option<Text>, EndedBy),
    ) {
        let slot = self.known(contact);
        let Stage::Active(service) = self.contacts[slot].stage else {
            unreachable!("only an active contact is wrapped up");
        };
        let wrap_up = Stage::WrapUp {
            service,
            until,
            extended: false,
            outcome,
            notes,
            ended_by,
        };
        self.place(slot, wrap_up);
    }

    fn wrap_up_extended(&mut self, contact: ContactId, longer: Timestamp) {
        let slot = self.known(contact);
        let mut stage = self.contacts[slot].stage.clone();
        if let Stage::WrapUp {
            until, extended, ..
        } = &mut stage
        {
            *until = longer;
            *extended = true;
        }
        self.place(slot, stage);
    }

    fn closed(&mut self, slot: u32, closing: Closing) {
        let at = closing.at;
        self.closed_number = closing.number;
        self.place(slot, Stage::Closed(closing));
        self.contacts.close(slot);
        self.closed.push_back(slot);
        self.forget_closed(at);
    }

    /// Forgets the closed contacts that are too old or too many.
    fn forget_closed(&mut self, at: Timestamp) {
        let limits = self.configuration().limits;
        while let Some(slot) = self.closed.front().copied() {
            let Stage::Closed(closing) = &self.contacts[slot].stage else {
                unreachable!("a closed contact stays closed");
            };
            let crowded = self.closed.len() > limits.closed_contacts_max as usize;
            if !crowded && at - closing.at < limits.closed_for {
                return;
            }
            self.closed.pop_front();
            self.contacts.remove(slot);
        }
    }

    fn remember(&mut self, key: RequestKey, contact: Option<ContactId>, at: Timestamp) {
        self.requests.insert(key.key, Request { key, contact, at });
        self.request_ages.push_back((at, key.key));
        let limits = self.configuration().limits;
        while let Some((since, oldest)) = self.request_ages.front().copied() {
            let crowded = self.request_ages.len() > limits.closed_contacts_max as usize;
            if !crowded && at - since < limits.closed_for {
                return;
            }
            self.request_ages.pop_front();
            self.requests.remove(&oldest);
        }
    }

    fn change_session(&mut self, agent: AgentKey, session: Session) {
        if let Session::Grace { until } = self.agents[agent.index()].session {
            self.deadlines.disarm(until, Reason::Grace(agent));
        }
        if let Session::Grace { until } = session {
            self.deadlines.arm(until, Reason::Grace(agent));
        }
        self.alter_agent(agent, |agent| {
            if let Session::Connected { number } = session {
                agent.sessions = number;
            }
            agent.session = session;
        });
    }

    fn change_intent(&mut self, agent: AgentKey, intent: &Intent, at: Timestamp) {
        self.alter_agent(agent, |agent| {
            if *intent == Intent::Ready && agent.intent != Intent::Ready {
                agent.idle_since = at;
            }
            agent.intent = intent.clone();
        });
    }

    fn change_health(
        &mut self,
        agent: AgentKey,
        channel: Channel,
        health: Health,
        strikes: u32,
        at: Timestamp,
    ) {
        if let Health::CoolingDown { until } = *self.agents[agent.index()].health.get(channel) {
            self.deadlines.disarm(until, Reason::Health(agent, channel));
        }
        if let Health::CoolingDown { until } = health {
            self.deadlines.arm(until, Reason::Health(agent, channel));
        }
        self.alter_agent(agent, |agent| {
            if strikes > agent.strikes {
                agent.last_strike_at = at;
            }
            agent.strikes = strikes;
            *agent.health.get_mut(channel) = health;
        });
    }

    /// Puts a contact, found by its id, into `next`.
    fn put(&mut self, contact: ContactId, next: Stage) -> u32 {
        let slot = self.known(contact);
        self.place(slot, next);
        slot
    }

    fn known(&self, contact: ContactId) -> u32 {
        self.contacts
            .slot(contact)
            .expect("the history speaks of contacts that have arrived")
    }

    /// Alters a contact; where it stands in line may depend on what changes.
    fn alter_waiting(
        &mut self,
        contact: ContactId,
        due: Option<Timestamp>,
        alter: impl FnOnce(&mut Contact),
    ) {
        let slot = self.known(contact);
        let next = match self.contacts[slot].stage {
            Stage::Queued { due: known } => Stage::Queued {
                due: due.unwrap_or(known),
            },
            Stage::Offered(offer) => Stage::Offered(offer),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Active(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => {
                alter(&mut self.contacts[slot]);
                return;
            }
        };
        self.place(slot, Stage::Moving);
        alter(&mut self.contacts[slot]);
        self.place(slot, next);
    }

    fn finish_work(&mut self, slot: u32, agent: AgentKey, handled: Millis, at: Timestamp) {
        let queue = self.contacts[slot].labels.queue;
        self.queues[queue.index()].handle_time.measure(handled);
        self.agents[agent.index()].idle_since = at;
        self.stand(agent);
    }

    fn cool(&mut self, slot: u32, agent: AgentKey, cooling: Option<Cooling>) {
        let Some(cooling) = cooling else {
            return;
        };
        self.end_cooldown_timers(slot, agent);
        let contact = &mut self.contacts[slot];
        let who = who(contact, slot);
        let known = contact
            .cooldowns
            .iter_mut()
            .find(|cooldown| cooldown.agent == agent);
        match known {
            Some(cooldown) => {
                cooldown.until = cooling.until;
                cooldown.lift_at = cooling.lift_at;
                cooldown.times = cooling.times;
            }
            None => contact.cooldowns.push(Cooldown {
                agent,
                until: cooling.until,
                times: cooling.times,
                lift_at: cooling.lift_at,
            }),
        }
        self.deadlines
            .arm(cooling.until, Reason::Cooldown(who, agent));
        if let Some(lift_at) = cooling.lift_at {
            self.deadlines.arm(lift_at, Reason::Lift(who, agent));
        }
    }

    fn end_cooldown(&mut self, contact: ContactId, agent: AgentKey) {
        let slot = self.known(contact);
        self.end_cooldown_timers(slot, agent);
        let cooldowns = &mut self.contacts[slot].cooldowns;
        if let Some(cooldown) = cooldowns
            .iter_mut()
            .find(|cooldown| cooldown.agent == agent)
        {
            cooldown.until = Cooldown::OVER;
            cooldown.lift_at = None;
        }
    }

    fn keep_cooldown(&mut self, contact: ContactId, agent: AgentKey) {
        let slot = self.known(contact);
        let contact = &mut self.contacts[slot];
        let who = who(contact, slot);
        if let Some(cooldown) = contact
            .cooldowns
            .iter_mut()
            .find(|cooldown| cooldown.agent == agent)
            && let Some(lift_at) = cooldown.lift_at.take()
        {
            self.deadlines.disarm(lift_at, Reason::Lift(who, agent));
        }
    }

    fn end_cooldown_timers(&mut self, slot: u32, agent: AgentKey) {
        let contact = &self.contacts[slot];
        let who = who(contact, slot);
        if let Some(cooldown) = contact
            .cooldowns
            .iter()
            .find(|cooldown| cooldown.agent == agent)
        {
            self.deadlines
                .disarm(cooldown.until, Reason::Cooldown(who, agent));
            if let Some(lift_at) = cooldown.lift_at {
                self.deadlines.disarm(lift_at, Reason::Lift(who, agent));
            }
        }
    }

    /// Once a contact is answered or closed its cooldowns are over.
    fn forget_cooldowns(&mut self, slot: u32) {
        let agents: smallvec::SmallVec<[AgentKey; 2]> = self.contacts[slot]
            .cooldowns
            .iter()
            .map(|cooldown| cooldown.agent)
            .collect();
        for agent in agents {
            self.end_cooldown_timers(slot, agent);
        }
        self.contacts[slot].cooldowns.clear();
    }
}

fn update(contact: &mut Contact, change: &Change) {
    let intake = Arc::make_mut(&mut contact.intake);
    if let Some(topic) = &change.topic {
        intake.topic = Some(topic.clone());
    }
    if let Some(attributes) = &change.attributes {
        intake.attributes = attributes.clone();
    }
    if let Some(sentiment) = change.sentiment {
        contact.sentiment = Some(sentiment);
    }
}
