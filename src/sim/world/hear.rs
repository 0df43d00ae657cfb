//! Carries the engine's events to the people they concern.

use super::steps::{Says, Step};
use super::{Life, World, slot_of};
use crate::domain::{ContactId, Millis, OfferId, Timestamp};
use crate::engine::Done;
use crate::engine::command::{Act, AgentCommand, Command, DeskAct};
use crate::engine::event::{
    AgentEvent, ContactEvent, Event, HeldBy, LineEvent, OfferEvent, ServiceEvent,
};
use crate::engine::state::agent::{Health, Intent};
use crate::engine::state::contact::Final;
use crate::engine::state::registry::AgentKey;
use crate::sim::crowd::{Answer, Answered, Closing, Crowd};
use crate::sim::desk::InHand;

impl<C: Crowd> World<C> {
    pub(super) fn act(&mut self, agent: usize, act: Act) -> Option<Done> {
        let agent = self.desks[agent].name.clone()?;
        self.command(Command::Agent(AgentCommand { agent, act }))
    }

    /// The same, from the desktop that the agent last signed in at.
    pub(super) fn desk_act(&mut self, agent: usize, act: DeskAct) -> Option<Done> {
        self.act(agent, act.of(self.desks[agent].session))
    }

    /// A refusal means that the state has changed meanwhile.
    pub(super) fn command(&mut self, command: Command) -> Option<Done> {
        let done = self.engine.handle(self.now, command).ok();
        self.react();
        done
    }

    /// Hears all that has happened, and does what agents do at once.
    pub(super) fn react(&mut self) {
        self.catch_up();
        if self.is_reacting {
            return;
        }
        self.is_reacting = true;
        while let Some((agent, act)) = self.acts.pop_front() {
            self.desk_act(agent, act);
        }
        self.is_reacting = false;
    }

    fn catch_up(&mut self) {
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

    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::Agent(agent, event) => self.hear_of_agent(agent.index(), event),
            Event::Contact(contact, event) => self.hear_of_contact(*contact, event),
            Event::Line(contact, event) => self.hear_of_line(*contact, event),
            Event::Offer(offer, event) => self.hear_of_offer(*offer, event),
            Event::Service(contact, agent, event) => {
                self.hear_of_service(*contact, *agent, event);
            }
            // These concern nobody in a rehearsal.
            Event::Site(_)
            | Event::Queue(..)
            | Event::Rule(..)
            | Event::Callback(..)
            | Event::Consult(..)
            | Event::Message(..) => {}
        }
    }

    fn hear_of_contact(&mut self, contact: ContactId, event: &ContactEvent) {
        match event {
            ContactEvent::Closed { how, agent, .. } => {
                self.is_closed(contact, *how, *agent);
            }
            ContactEvent::Arrived { .. }
            | ContactEvent::Recognised { .. }
            | ContactEvent::Updated { .. }
            | ContactEvent::EndMissed { .. } => {}
        }
    }

    fn hear_of_line(&mut self, contact: ContactId, event: &LineEvent) {
        match event {
            LineEvent::Scheduled { until } => self.is_put_off(contact, *until),
            LineEvent::Queued { queue, .. } => {
                self.comes_in(contact);
                self.waits_in(*queue);
            }
            LineEvent::Moved { .. }
            | LineEvent::StepTaken { .. }
            | LineEvent::Unroutable { .. }
            | LineEvent::Routable
            | LineEvent::RoomKept { .. }
            | LineEvent::AgentsLetGo
            | LineEvent::CooldownLifted { .. }
            | LineEvent::CooldownKept { .. } => {}
        }
    }

    fn hear_of_offer(&mut self, offer: OfferId, event: &OfferEvent) {
        match event {
            OfferEvent::Made { agent, .. } => {
                self.comes_in(offer.contact);
                self.offered(offer, *agent);
            }
            OfferEvent::Accepted {
                agent,
                waited,
                within_target,
                ..
            } => self.taken(offer.contact, *agent, *waited, *within_target),
            OfferEvent::Delivered { .. } | OfferEvent::Ended { .. } => {}
        }
    }

    fn hear_of_service(&mut self, contact: ContactId, agent: AgentKey, event: &ServiceEvent) {
        match event {
            ServiceEvent::Pulled {
                waited,
                within_target,
                ..
            } => self.taken(contact, agent, *waited, *within_target),
            ServiceEvent::Held {
                by: HeldBy::Interruption,
            } => self.is_interrupted(agent.index(), contact, true),
            ServiceEvent::Unheld {
                by: HeldBy::Interruption,
            } => self.is_interrupted(agent.index(), contact, false),
            ServiceEvent::WrapUpStarted { .. } => {
                self.desks[agent.index()].wrapping.push(contact);
                self.tally(agent.index());
            }
            ServiceEvent::Recalled { .. }
            | ServiceEvent::Held { by: HeldBy::Agent }
            | ServiceEvent::Unheld { by: HeldBy::Agent }
            | ServiceEvent::Parked { .. }
            | ServiceEvent::Woken { .. }
            | ServiceEvent::Unparked { .. }
            | ServiceEvent::Returned { .. }
            | ServiceEvent::HandedOver { .. }
            | ServiceEvent::WrapUpExtended { .. }
            | ServiceEvent::Shown { .. } => {}
        }
    }

    fn hear_of_agent(&mut self, agent: usize, event: &AgentEvent) {
        let is_out = match event {
            AgentEvent::HealthChanged { health, .. } => *health == Health::Suspended,
            AgentEvent::Intended {
                intent: Intent::NotReady { .. },
                ..
            } => !self.begins_rest(agent),
            AgentEvent::Connected { .. }
            | AgentEvent::Resynced
            | AgentEvent::Heard { .. }
            | AgentEvent::Resumed { .. }
            | AgentEvent::Lost { .. }
            | AgentEvent::Gone
            | AgentEvent::Intended { .. }
            | AgentEvent::Reconfigured
            | AgentEvent::Rested
            | AgentEvent::EndsChecked { .. }
            | AgentEvent::CarriedOut { .. } => false,
        };
        if is_out {
            self.is_not_asked(agent);
        }
    }

    pub(super) fn life(&mut self, contact: ContactId) -> Option<&mut Life<C::Case>> {
        let (slot, number) = slot_of(contact);
        let life = self.lives[slot].as_mut();
        life.filter(|life| life.number == number)
    }

    fn is_put_off(&mut self, contact: ContactId, until: Timestamp) {
        let Some(life) = self.life(contact) else {
            return;
        };
        life.queued_at = until;
        life.is_put_off = true;
        let was_waiting = std::mem::replace(&mut life.is_waiting, false);
        self.gauges.waiting -= usize::from(was_waiting);
        let (slot, _) = slot_of(contact);
        if let Some(life) = &mut self.lives[slot] {
            self.crowd.put_off(&mut life.case, until);
        }
    }

    /// The contact joins the line, or goes straight to an agent, if it had not done so before.
    fn comes_in(&mut self, contact: ContactId) {
        if self.is_over() {
            return;
        }
        let now = self.now;
        let Some(life) = self.life(contact).filter(|life| life.is_put_off) else {
            return;
        };
        life.is_put_off = false;
        life.is_waiting = true;
        life.queued_at = life.queued_at.min(now);
        // Patience starts with the wait.
        life.episode += 1;
        let (since, episode, patience) = (life.queued_at, life.episode, life.patience);
        self.gauges.waiting += 1;
        let (slot, number) = slot_of(contact);
        if let Some(life) = &mut self.lives[slot] {
            self.crowd.comes_in(&mut life.case, since);
        }
        if let Some(patience) = patience {
            let step = Step::GiveUp {
                slot,
                life: number,
                episode,
            };
            self.later(since + patience, step);
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
        let deliver = (agent.index(), DeskAct::Deliver { offer });
        let answer = self.crowd.answer(&mut life.case, agent.index());
        let (after, says) = match answer {
            Answer::Accept { after } => (after, Says::Yes),
            Answer::Decline { after, retry_after } => (after, Says::No { retry_after }),
            Answer::Ignore => return self.acts.push_back(deliver),
            Answer::Unseen => return,
        };
        if after == Millis::ZERO {
            return self.acts.push_back((agent.index(), says.of(offer)));
        }
        self.acts.push_back(deliver);
        let step = Step::Reply {
            agent: agent.index(),
            offer: (offer.contact.0, offer.number),
            says,
        };
        self.later(self.now + after, step);
    }

    pub(super) fn taken(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        waited: Millis,
        in_time: bool,
    ) {
        self.comes_in(contact);
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
        let answer = Answered {
            agent,
            waited,
            in_time,
        };
        self.crowd.answered(&mut life.case, answer, self.now);
        let work = self.crowd.work(&mut life.case, agent);
        self.work(agent);
        self.desks[agent].in_hand.push(InHand {
            contact,
            is_interrupted: false,
            spent_ms: 0.0,
            left_ms: work.effort.as_s_f64() * 1_000.0,
            then: work.then,
            wrap_up: work.wrap_up,
        });
        self.tally(agent);
        self.plan(agent);
    }

    /// A closed contact takes nothing more of its agent; then whether the agent was still at it.
    fn leaves_desk(&mut self, contact: ContactId, agent: Option<AgentKey>) -> bool {
        let Some(agent) = agent.map(AgentKey::index) else {
            return false;
        };
        let is_cut_short = self.is_cut_short(agent, contact);
        self.desks[agent].wrapping.retain(|held| *held != contact);
        self.tally(agent);
        is_cut_short
    }

    pub(super) fn is_closed(&mut self, contact: ContactId, how: Final, agent: Option<AgentKey>) {
        let is_cut_short = self.leaves_desk(contact, agent);
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
                is_cut_short,
            },
            (Final::Abandoned, _) => Closing::Abandoned { waited },
            (Final::Deflected, _) => Closing::Deflected,
            (Final::Cancelled, _) => Closing::Cancelled,
            (Final::Completed, None) => Closing::Refused,
        };
        self.end(slot, closing);
    }

    pub(super) fn end(&mut self, slot: usize, closing: Closing) {
        let Some(life) = self.lives[slot].take() else {
            return;
        };
        self.free.push(slot);
        if let Some(mut again) = self.crowd.closed(life.case, closing, self.now) {
            if let Closing::Completed { agent, .. } = closing {
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

    /// An agent on duty who did not answer comes back after a while.
    fn is_not_asked(&mut self, agent: usize) {
        let away = self.crowd.away(agent, self.now);
        if let Some(away) = away.filter(|_| self.desks[agent].on_duty) {
            self.later(self.now + away, Step::ComeBack { agent });
        }
    }
}
