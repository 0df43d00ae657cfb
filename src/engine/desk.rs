//! Commands from an agent's desktop.
//!
//! A command of a session that was replaced or lost is refused; what the agent
//! wants, whether a desktop is there and whether it is trusted stay three
//! separate facts.

use crate::domain::{Channel, ContactId, Name, Text, Timestamp};
use crate::engine::agent::{Health, Intent};
use crate::engine::command::{Act, AgentCommand, Destination, Intention};
use crate::engine::contact::{EndedBy, Service, Stage};
use crate::engine::ending::WRAP_UP_EXTENSION;
use crate::engine::event::{Cooling, Event, Return, Withdrawal};
use crate::engine::offering::COOLDOWN_MAX;
use crate::engine::place::has_room;
use crate::engine::refusal::Refusal;
use crate::engine::registry::AgentKey;
use crate::engine::{Done, Engine};

impl Engine {
    pub(super) fn handle_agent(
        &mut self,
        now: Timestamp,
        command: AgentCommand,
    ) -> Result<Done, Refusal> {
        let agent = self.agent_key(&command.agent)?;
        if let Some(session) = command.act.session()
            && !self.agent_at(agent).has_session(session)
        {
            return Err(Refusal::StaleSession);
        }
        match command.act {
            Act::Connect => self.connect(now, agent),
            Act::Lose { .. } => Ok(self.lose(now, agent)),
            Act::Resync { .. } => {
                self.emit(now, Event::AgentResynced { agent });
                Ok(Done::Nothing)
            }
            Act::Intend {
                session,
                intent,
                by,
            } => Ok(self.ask_intent(now, agent, session, intent, by)),
            Act::Deliver { offer, .. } => self.deliver(now, agent, offer),
            Act::Accept { offer, .. } => self.accept(now, agent, offer),
            Act::Decline {
                offer,
                reason,
                retry_after,
                ..
            } => self.decline(now, agent, offer, reason, retry_after),
            Act::Message { contact, text, .. } => {
                self.message_from_agent(now, agent, contact, text)
            }
            Act::Transfer {
                contact, to, note, ..
            } => self.transfer(now, agent, contact, to, note),
            Act::Complete {
                contact,
                outcome,
                notes,
                ..
            } => self.complete(now, agent, contact, outcome, notes),
            Act::FinishWrapUp { contact, .. } => self.finish_wrap_up(now, agent, contact),
            Act::ExtendWrapUp { contact, .. } => self.extend_wrap_up(now, agent, contact),
            Act::Pull { queue, .. } => self.pull(now, agent, &queue),
        }
    }

    /// An agent who is in the configuration.
    pub(super) fn agent_key(&self, name: &Name) -> Result<AgentKey, Refusal> {
        let key = self.registry.agents.key(name.as_str());
        key.filter(|key| self.agent_at(*key).configured)
            .ok_or_else(|| Refusal::UnknownAgent(name.to_string()))
    }

    /// The newest desktop wins; what the older one was offered is taken back,
    /// for nobody knows whether the new one shows it.
    fn connect(&mut self, now: Timestamp, agent: AgentKey) -> Result<Done, Refusal> {
        let offered = self.withdraw_all(agent, now, Withdrawal::SessionReplaced);
        let number = self.agent_at(agent).sessions + 1;
        self.emit(
            now,
            Event::AgentConnected {
                agent,
                session: number,
            },
        );
        self.return_to_line(&offered, agent, now);
        Ok(Done::Session { number })
    }

    fn lose(&mut self, now: Timestamp, agent: AgentKey) -> Done {
        let offered = self.withdraw_all(agent, now, Withdrawal::SessionLost);
        let until = now + self.configuration().limits.grace;
        self.emit(now, Event::AgentLost { agent, until });
        for slot in offered {
            self.enter_line(slot, now);
        }
        self.note_staffing(agent, now);
        Done::Nothing
    }

    fn ask_intent(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        session: Option<u64>,
        intent: Intention,
        by: Text,
    ) -> Done {
        let intent = match intent {
            Intention::Ready => Intent::Ready,
            Intention::NotReady { reason } => Intent::NotReady { reason },
            Intention::Draining { reason } if self.agent_at(agent).load.held.is_empty() => {
                Intent::NotReady { reason }
            }
            Intention::Draining { reason } => Intent::Draining { reason },
        };
        if intent == Intent::Ready {
            self.trust_again(now, agent);
        }
        if self.agent_at(agent).intent != intent || session.is_none() {
            self.intend(now, agent, intent, by);
        }
        self.serve(agent, now);
        Done::Nothing
    }

    /// Saying `ready` answers the question that a suspension asks.
    fn trust_again(&mut self, now: Timestamp, agent: AgentKey) {
        for channel in Channel::ALL {
            if *self.agent_at(agent).health.get(channel) == Health::Suspended {
                let health = Health::Ok;
                self.emit(
                    now,
                    Event::AgentHealthChanged {
                        agent,
                        channel,
                        health,
                        strikes: 0,
                    },
                );
            }
        }
    }

    /// Writes what an agent wants; one who leaves is offered nothing any more.
    pub(super) fn intend(&mut self, now: Timestamp, agent: AgentKey, intent: Intent, by: Text) {
        let leaves = intent != Intent::Ready;
        let offered = if leaves {
            self.withdraw_all(agent, now, Withdrawal::AgentLeft)
        } else {
            Vec::new()
        };
        self.emit(now, Event::AgentIntended { agent, intent, by });
        for slot in offered {
            self.enter_line(slot, now);
        }
        if leaves {
            self.redirect(agent, now);
            self.note_staffing(agent, now);
        }
    }

    /// Contacts that wait for an agent who is not there go to their queue.
    pub(super) fn redirect(&mut self, agent: AgentKey, now: Timestamp) {
        let lines = self.needs.direct_lines(agent).to_vec();
        let mut waiting: Vec<_> = lines
            .iter()
            .flat_map(|line| self.needs.get(*line).line.iter())
            .collect();
        waiting.sort_unstable();
        for place in waiting {
            let contact = self.contact_at(place.slot);
            let event = Event::ContactQueued {
                contact: contact.id,
                queue: contact.labels.queue,
                step: contact.step,
                due: self.due_of(contact),
                direct: None,
            };
            self.emit(now, event);
            self.seek(place.slot, now);
        }
    }

    fn note_staffing(&mut self, agent: AgentKey, now: Timestamp) {
        if let Some(group) = self.pool.group_of(agent) {
            let queues = self.pool.group(group).signature.queues.clone();
            self.escalate_unstaffed(&queues, now);
        }
    }

    fn message_from_agent(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        text: Text,
    ) -> Result<Done, Refusal> {
        self.active_with(agent, id)?;
        let event = Event::MessageSent {
            contact: id,
            from: Some(agent),
            told: None,
            text,
        };
        self.emit(now, event);
        Ok(Done::Contact {
            contact: id,
            fresh: true,
        })
    }

    /// A contact that this agent serves now.
    fn active_with(&self, agent: AgentKey, id: ContactId) -> Result<(u32, Service), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.agent() != Some(agent) {
            return Err(Refusal::NotYours);
        }
        match contact.stage {
            Stage::Active(service) => Ok((slot, service)),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => Err(Refusal::WrongState(contact.state_name())),
        }
    }

    fn complete(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        outcome: Text,
        notes: Option<Text>,
    ) -> Result<Done, Refusal> {
        let done = Done::Contact {
            contact: id,
            fresh: true,
        };
        if self.was_completed(agent, id) {
            return Ok(done);
        }
        let (slot, service) = self.active_with(agent, id)?;
        self.finish(slot, service, now, outcome, notes, EndedBy::Agent);
        Ok(done)
    }

    /// The same agent has completed it before: repeating that changes nothing.
    fn was_completed(&self, agent: AgentKey, id: ContactId) -> bool {
        let Ok(slot) = self.slot(id) else {
            return false;
        };
        let ended_by = match &self.contact_at(slot).stage {
            Stage::WrapUp { ended_by, .. } => *ended_by,
            Stage::Closed(closing) => closing.ended_by,
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered(_)
            | Stage::Active(_) => return false,
        };
        ended_by == EndedBy::Agent && self.contact_at(slot).agent() == Some(agent)
    }

    fn finish_wrap_up(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, _) = self.wrapped_up_by(agent, id)?;
        self.end_wrap_up(slot, now);
        Ok(Done::Contact {
            contact: id,
            fresh: true,
        })
    }

    fn extend_wrap_up(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, until) = self.wrapped_up_by(agent, id)?;
        if let Stage::WrapUp { extended: true, .. } = self.contact_at(slot).stage {
            return Err(Refusal::ExtendedBefore);
        }
        let event = Event::WrapUpExtended {
            contact: id,
            agent,
            until: until + WRAP_UP_EXTENSION,
        };
        self.emit(now, event);
        Ok(Done::Contact {
            contact: id,
            fresh: true,
        })
    }

    fn wrapped_up_by(&self, agent: AgentKey, id: ContactId) -> Result<(u32, Timestamp), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.agent() != Some(agent) {
            return Err(Refusal::NotYours);
        }
        match contact.stage {
            Stage::WrapUp { until, .. } => Ok((slot, until)),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered(_)
            | Stage::Active(_)
            | Stage::Closed(_) => Err(Refusal::WrongState(contact.state_name())),
        }
    }

    /// Blind transfer: the age is kept, the agent is free at once and is not
    /// offered the same contact again for a while.
    fn transfer(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        to: Destination,
        note: Option<Text>,
    ) -> Result<Done, Refusal> {
        let (slot, _) = self.active_with(agent, id)?;
        match to {
            Destination::Queue(name) => {
                let queue = self.queue_key(&name)?;
                if self.is_full(queue) {
                    return Err(Refusal::QueueFull(name));
                }
                self.give_back(slot, now, Return::Transferred { note });
                if queue != self.contact_at(slot).labels.queue {
                    self.change_queue(slot, queue, now);
                }
                self.enter_line(slot, now);
            }
            Destination::Agent(name) => {
                let target = self.agent_key(&name)?;
                if target == agent || !self.agent_at(target).is_staffed() {
                    return Err(Refusal::AgentNotReady(name));
                }
                self.give_back(slot, now, Return::Transferred { note });
                self.direct_to(slot, target, now);
            }
        }
        self.go_on(agent, now);
        Ok(Done::Contact {
            contact: id,
            fresh: true,
        })
    }

    /// To this agent at once, or into the agent's own line.
    fn direct_to(&mut self, slot: u32, agent: AgentKey, now: Timestamp) {
        let contact = self.contact_at(slot);
        let event = Event::ContactQueued {
            contact: contact.id,
            queue: contact.labels.queue,
            step: contact.step,
            due: self.due_of(contact),
            direct: Some(agent),
        };
        self.emit(now, event);
        self.seek(slot, now);
    }

    /// Takes a contact from the agent who serves it; it then stands nowhere.
    pub(super) fn give_back(&mut self, slot: u32, now: Timestamp, why: Return) {
        let contact = self.contact_at(slot);
        let Stage::Active(service) = contact.stage else {
            unreachable!("only a contact that is being served is given back");
        };
        let cooldown = Cooling {
            until: now + COOLDOWN_MAX,
            lift_at: None,
            times: 0,
        };
        let event = Event::ContactReturned {
            contact: contact.id,
            agent: service.agent,
            why,
            handled: now - service.since,
            cooldown: Some(cooldown),
        };
        self.emit(now, event);
    }

    /// The agent calls the next contact of a queue.
    fn pull(&mut self, now: Timestamp, agent: AgentKey, name: &Name) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        if !self.rules[queue.index()].options.pull {
            return Err(Refusal::PullNotAllowed(name.clone()));
        }
        let group = self.pool.group_of(agent).filter(|group| {
            let queues = &self.pool.group(*group).signature.queues;
            queues.binary_search(&queue).is_ok()
        });
        let group = group.ok_or_else(|| Refusal::NotYourQueue(name.clone()))?;
        let held = self.agent_at(agent);
        let lines = self.queues[queue.index()]
            .active_lines
            .iter()
            .map(|key| self.needs.get(*key));
        let mine = lines.filter(|need| need.need.queue == queue && need.eligible(group).is_some());
        let mut full = false;
        let mut first: Option<crate::engine::line::Place> = None;
        for need in mine {
            if !has_room(held, need.need.channel, self.configuration()) {
                full = true;
                continue;
            }
            first = first.into_iter().chain(need.line.head()).min();
        }
        let Some(place) = first else {
            let id = self.registry.agents.name(agent).clone();
            return Err(if full {
                Refusal::AgentFull(id)
            } else {
                Refusal::NobodyWaits(name.clone())
            });
        };
        let (labels, waited, within_target) = self.answered(place.slot, now);
        let contact = self.contact_at(place.slot).id;
        let event = Event::ContactPulled {
            contact,
            agent,
            labels,
            waited,
            within_target,
        };
        self.emit(now, event);
        Ok(Done::Contact {
            contact,
            fresh: true,
        })
    }
}

impl Act {
    /// The session that a command belongs to.
    fn session(&self) -> Option<u64> {
        match self {
            Self::Connect => None,
            Self::Intend { session, .. } => *session,
            Self::Lose { session }
            | Self::Resync { session }
            | Self::Deliver { session, .. }
            | Self::Accept { session, .. }
            | Self::Decline { session, .. }
            | Self::Message { session, .. }
            | Self::Transfer { session, .. }
            | Self::Complete { session, .. }
            | Self::FinishWrapUp { session, .. }
            | Self::ExtendWrapUp { session, .. }
            | Self::Pull { session, .. } => Some(*session),
        }
    }
}
