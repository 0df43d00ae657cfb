//! What the engine says, carried to the people whom it concerns.

use super::{Says, Step, World, slot_of};
use crate::domain::{ContactId, Millis, OfferId};
use crate::engine::Done;
use crate::engine::agent::{Health, Intent};
use crate::engine::command::{Act, AgentCommand, Command};
use crate::engine::contact::Final;
use crate::engine::event::Event;
use crate::engine::registry::AgentKey;
use crate::sim::crowd::{Answer, Closing, Crowd};
use crate::sim::desk::InHand;

/// How long somebody is away who let offers pass.
const AWAY: Millis = Millis::from_s(120);

impl<C: Crowd> World<C> {
    pub(super) fn act(&mut self, agent: usize, act: Act) -> Option<Done> {
        let agent = self.desks[agent].name.clone()?;
        self.command(Command::Agent(AgentCommand { agent, act }))
    }

    /// A refusal means that things have gone on meanwhile.
    pub(super) fn command(&mut self, command: Command) -> Option<Done> {
        let done = self.engine.handle(self.now, command).ok();
        self.react();
        done
    }

    pub(super) fn react(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            self.events.push_back(emitted);
        }
        while let Some(emitted) = self.events.pop_front() {
            if let Some(journal) = &mut self.journal {
                journal.push(emitted.recorded.clone());
            }
            self.hear(&emitted.recorded.event);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "people hear of few things: of the rest the engine keeps the count"
    )]
    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::OfferMade { offer, agent, .. } => self.offered(*offer, *agent),
            Event::OfferAccepted {
                offer,
                agent,
                waited,
                ..
            } => self.taken(offer.contact, *agent, *waited),
            Event::ContactPulled {
                contact,
                agent,
                waited,
                ..
            } => self.taken(*contact, *agent, *waited),
            Event::ContactQueued { queue, .. } => self.waits_in(*queue),
            Event::WrapUpStarted { contact, agent, .. } => {
                self.desks[agent.index()].wrapping.push(*contact);
                self.tally(agent.index());
            }
            Event::ContactClosed {
                contact,
                how,
                agent,
                ..
            } => {
                self.is_wrapped_up(*contact, *agent);
                self.is_closed(*contact, *how, *agent);
            }
            Event::AgentHealthChanged {
                agent,
                health: Health::Suspended,
                ..
            } => self.is_not_asked(agent.index()),
            Event::AgentIntended {
                agent,
                intent: Intent::NotReady { .. },
                ..
            } if !self.begins_rest(agent.index()) => self.is_not_asked(agent.index()),
            _ => {}
        }
    }

    pub(super) fn offered(&mut self, offer: OfferId, agent: AgentKey) {
        let (slot, number) = slot_of(offer.contact);
        let Some(life) = self.lives[slot]
            .as_mut()
            .filter(|life| life.number == number)
        else {
            return;
        };
        let answer = self.crowd.answer(&mut life.case, agent.index());
        let (after, says) = match answer {
            Answer::Accept { after } => (after, Says::Yes),
            Answer::Decline { after, retry_after } => (after, Says::No { retry_after }),
            Answer::Ignore => return self.deliver(agent.index(), offer),
            Answer::Unseen => return,
        };
        if after == Millis::ZERO {
            return self.reply(agent.index(), offer, says);
        }
        self.deliver(agent.index(), offer);
        let step = Step::Reply {
            agent: agent.index(),
            offer: (offer.contact.0, offer.number),
            says,
        };
        self.later(self.now + after, step);
    }

    pub(super) fn deliver(&mut self, agent: usize, offer: OfferId) {
        let session = self.desks[agent].session;
        self.act(agent, Act::Deliver { session, offer });
    }

    pub(super) fn taken(&mut self, contact: ContactId, agent: AgentKey, waited: Millis) {
        let (slot, number) = slot_of(contact);
        let agent = agent.index();
        let Some(life) = self.lives[slot]
            .as_mut()
            .filter(|life| life.number == number)
        else {
            return;
        };
        life.is_waiting = false;
        self.gauges.waiting -= 1;
        self.gauges.in_hand += 1;
        self.crowd.answered(&mut life.case, agent, waited, self.now);
        let work = self.crowd.work(&mut life.case, agent);
        self.work(agent);
        self.desks[agent].in_hand.push(InHand {
            slot,
            spent_ms: 0.0,
            left_ms: work.effort.as_s_f64() * 1_000.0,
            then: work.then,
            wrap_up: work.wrap_up,
        });
        self.tally(agent);
        self.plan(agent);
    }

    fn is_wrapped_up(&mut self, contact: ContactId, agent: Option<AgentKey>) {
        if let Some(agent) = agent.map(AgentKey::index) {
            self.desks[agent].wrapping.retain(|held| *held != contact);
            self.tally(agent);
        }
    }

    pub(super) fn is_closed(&mut self, contact: ContactId, how: Final, agent: Option<AgentKey>) {
        let (slot, number) = slot_of(contact);
        let Some(life) = self.lives[slot]
            .as_ref()
            .filter(|life| life.number == number)
        else {
            return;
        };
        self.gauges.waiting -= usize::from(life.is_waiting);
        let waited = self.now - life.queued_at;
        let closing = match (how, agent) {
            (Final::Completed, Some(agent)) => Closing::Completed {
                agent: agent.index(),
            },
            (Final::Abandoned, _) => Closing::Abandoned { waited },
            (Final::Deflected, _) => Closing::Deflected,
            (Final::Completed | Final::Cancelled, _) => Closing::Refused,
        };
        self.end(slot, closing);
    }

    pub(super) fn end(&mut self, slot: usize, closing: Closing) {
        let Some(life) = self.lives[slot].take() else {
            return;
        };
        self.free.push(slot);
        if let Some(mut again) = self.crowd.closed(life.case, closing, self.now) {
            if let Closing::Completed { agent } = closing {
                again
                    .recognition
                    .last_agent
                    .clone_from(&self.desks[agent].name);
            } else if again.recognition.last_agent.is_none() {
                again.recognition.last_agent = life.recognition.last_agent;
            }
            self.steps_made += 1;
            let number = self.steps_made;
            let at = again.at;
            self.returning.insert(number, again);
            self.later(at, Step::Return { number });
        }
    }

    /// Who is on duty and did not answer comes back after a while.
    fn is_not_asked(&mut self, agent: usize) {
        if self.desks[agent].on_duty {
            self.later(self.now + AWAY, Step::ComeBack { agent });
        }
    }
}
