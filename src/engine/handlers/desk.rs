//! Commands from an agent's desktop.
//!
//! Commands of a replaced or lost session are refused. What the agent wants, whether a desktop is
//! connected and whether it is trusted stay three separate facts.

use crate::domain::{Channel, Name, Timestamp};
use crate::engine::command::{Act, AgentCommand, DeskAct, Intention};
use crate::engine::event::{AgentEvent, Event, Withdrawal};
use crate::engine::lifecycle::work::Handing;
use crate::engine::refusal::Refusal;
use crate::engine::shown::look::has_contacts;
use crate::engine::state::agent::{Agent, Health, Intent, SetBy, Unready};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;
use crate::engine::{Done, Engine};

impl Engine {
    pub(in crate::engine) fn handle_agent(
        &mut self,
        now: Timestamp,
        command: AgentCommand,
    ) -> Result<Done, Refusal> {
        match command.act {
            Act::Connect => {
                let agent = self.agent_with_work(&command.agent)?;
                self.connect(now, agent)
            }
            Act::Intend { intent, by, key } => {
                let agent = self.agent_key(&command.agent)?;
                self.once_without_contact(now, key, |engine| {
                    let intent = engine.take_intention(now, agent, intent);
                    engine.intend(now, agent, intent, SetBy::supervisor(by));
                    engine.serve(agent, now);
                })
            }
            Act::Desk { session, act, key } => {
                let agent = self.known_agent(&command.agent)?;
                if !self.agent_at(agent).has_session(session) {
                    return Err(Refusal::StaleSession);
                }
                let key = key.filter(|_| act.has_to_be_kept());
                if key.is_some_and(|key| self.agent_at(agent).carried_out.is_repeat(key)) {
                    return Ok(Done::Again);
                }
                // An agent removed from the configuration finishes the work in hand.
                if matches!(act, DeskAct::Intend { .. } | DeskAct::Pull { .. }) {
                    self.agent_key(&command.agent)?;
                }
                let done = self.handle_desk(now, agent, act)?;
                if let Some(key) = key {
                    self.emit(now, Event::Agent(agent, AgentEvent::CarriedOut { key }));
                }
                Ok(done)
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each command")]
    fn handle_desk(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        act: DeskAct,
    ) -> Result<Done, Refusal> {
        match act {
            DeskAct::Lose => Ok(self.lose(now, agent)),
            DeskAct::Hear { upto } => {
                self.hear(now, agent, upto);
                Ok(Done::Nothing)
            }
            DeskAct::Resume { upto } => {
                self.resume_desk(now, agent, upto);
                Ok(Done::Nothing)
            }
            DeskAct::Resync { upto } => {
                self.hear(now, agent, upto);
                self.emit(now, Event::Agent(agent, AgentEvent::Resynced));
                self.catch_up_with_all(agent, now);
                Ok(Done::Nothing)
            }
            DeskAct::CatchUp => {
                self.catch_up_with_all(agent, now);
                Ok(Done::Nothing)
            }
            DeskAct::Release => {
                self.release(agent, now);
                Ok(Done::Nothing)
            }
            DeskAct::Intend { intent, by } => {
                let intent = self.take_intention(now, agent, intent);
                if self.agent_at(agent).intent != intent {
                    self.intend(now, agent, intent, SetBy::agent(by));
                }
                self.serve(agent, now);
                Ok(Done::Nothing)
            }
            DeskAct::Deliver { offer } => self.deliver(now, agent, offer),
            DeskAct::Accept { offer } => self.accept(now, agent, offer),
            DeskAct::Decline {
                offer,
                reason,
                retry_after,
            } => self.decline(now, agent, offer, reason, retry_after),
            DeskAct::Message { contact, text } => {
                self.message_from_agent(now, agent, contact, text)
            }
            DeskAct::Hold { contact } => self.hold_customer(now, agent, contact),
            DeskAct::Unhold { contact } => self.unhold_customer(now, agent, contact),
            DeskAct::Park { contact } => self.park(now, agent, contact),
            DeskAct::Unpark { contact } => self.unpark(now, agent, contact),
            DeskAct::Transfer {
                contact,
                to,
                note,
                manner,
            } => self.transfer(now, agent, contact, to, Handing { note, manner }),
            DeskAct::Consult { contact, to, note } => self.consult(now, agent, contact, to, note),
            DeskAct::Conference { contact } => self.conference(now, agent, contact),
            DeskAct::EndConsult { contact } => self.end_consult(now, agent, contact),
            DeskAct::Complete {
                contact,
                outcome,
                notes,
            } => self.complete(now, agent, contact, outcome, notes),
            DeskAct::FinishWrapUp { contact } => self.finish_wrap_up(now, agent, contact),
            DeskAct::ExtendWrapUp { contact } => self.extend_wrap_up(now, agent, contact),
            DeskAct::Pull { queue, contact } => self.pull(now, agent, &queue, contact),
            DeskAct::Recall { contact } => self.recall(now, agent, contact),
            DeskAct::NoShow { contact } => self.no_show(now, agent, contact),
            DeskAct::FailCallback { contact, outcome } => {
                self.fail_callback(now, agent, contact, outcome)
            }
        }
    }

    /// An agent who is in the configuration.
    pub(in crate::engine) fn agent_key(&self, name: &Name) -> Result<AgentKey, Refusal> {
        let key = self.known_agent(name)?;
        if !self.agent_at(key).configured {
            return Err(Refusal::UnknownAgent(name.to_string()));
        }
        Ok(key)
    }

    /// An agent who is in the configuration, or still has earlier work.
    fn agent_with_work(&self, name: &Name) -> Result<AgentKey, Refusal> {
        let key = self.known_agent(name)?;
        if has_contacts(self.agent_at(key)) {
            Ok(key)
        } else {
            self.agent_key(name)
        }
    }

    /// An agent who is, or was, in the configuration.
    fn known_agent(&self, name: &Name) -> Result<AgentKey, Refusal> {
        let key = self.registry.agents.key(name.as_str());
        key.ok_or_else(|| Refusal::UnknownAgent(name.to_string()))
    }

    /// The newest desktop wins; offers to the older one are taken back, because it is not known
    /// whether the new one shows them.
    fn connect(&mut self, now: Timestamp, agent: AgentKey) -> Result<Done, Refusal> {
        let offered = self.withdraw_all(agent, now, Withdrawal::SessionReplaced);
        let number = self.agent_at(agent).sessions + 1;
        let event = AgentEvent::Connected { session: number };
        self.emit(now, Event::Agent(agent, event));
        self.return_to_line(&offered, agent, now);
        self.serve_whoever_came(agent, now);
        Ok(Done::Session { number })
    }

    fn lose(&mut self, now: Timestamp, agent: AgentKey) -> Done {
        let offered = self.withdraw_all(agent, now, Withdrawal::SessionLost);
        let until = now + self.configuration().limits.grace;
        let is_restart = false;
        let event = AgentEvent::Lost { until, is_restart };
        self.emit(now, Event::Agent(agent, event));
        self.go_elsewhere(offered, agent, now);
        Done::Nothing
    }

    /// The resulting intent of this agent, who is trusted again by being ready.
    fn take_intention(&mut self, now: Timestamp, agent: AgentKey, intent: Intention) -> Intent {
        match intent {
            Intention::Ready => {
                self.trust_again(now, agent);
                Intent::Ready
            }
            Intention::Draining { reason } if self.is_at_work(agent) => Intent::Draining { reason },
            Intention::NotReady { reason } | Intention::Draining { reason } => {
                Intent::NotReady { reason }
            }
        }
    }

    /// Whether the agent holds more than offers; offers are taken back from an agent who leaves.
    fn is_at_work(&self, agent: AgentKey) -> bool {
        self.agent_at(agent).at_work() > 0
    }

    /// Records what an agent wants; an agent who leaves is offered nothing more.
    pub(in crate::engine) fn intend(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        intent: Intent,
        set_by: SetBy,
    ) {
        if intent == Intent::Ready {
            self.set_intent(agent, intent, set_by, now);
            self.serve_whoever_came(agent, now);
        } else {
            self.leave_for(now, agent, (intent, set_by), None);
        }
    }

    /// Records that an agent whose offers have been dealt with is not ready.
    pub(in crate::engine) fn say_not_ready(
        &mut self,
        agent: AgentKey,
        why: Unready,
        now: Timestamp,
    ) {
        self.set_intent(agent, why.into(), SetBy::engine(), now);
    }

    fn set_intent(&mut self, agent: AgentKey, intent: Intent, set_by: SetBy, now: Timestamp) {
        let SetBy { by, is_steered } = set_by;
        let event = AgentEvent::Intended {
            intent,
            by,
            is_steered,
        };
        self.emit(now, Event::Agent(agent, event));
    }

    /// Takes back the agent's offers. Their contacts go on, and so does one that has already come
    /// back: the one due first looks for another agent first.
    pub(in crate::engine) fn leave_for(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        (intent, set_by): (Intent, SetBy),
        come_back: Option<Slot>,
    ) {
        let mut left = self.take_leave(now, agent, (intent, set_by));
        left.extend(come_back);
        self.go_elsewhere(left, agent, now);
        self.hurry_on(agent, now);
        self.note_staffing(agent, now);
    }

    /// Takes back the agent's offers and returns their contacts, which are then moving.
    pub(in crate::engine) fn take_leave(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        (intent, set_by): (Intent, SetBy),
    ) -> Vec<Slot> {
        let left = self.withdraw_all(agent, now, Withdrawal::AgentLeft);
        self.set_intent(agent, intent, set_by, now);
        left
    }

    /// Contacts that have come back from an agent who is gone, or wait for that agent, go to their
    /// queues: the one due first looks for another agent first.
    pub(in crate::engine) fn go_elsewhere(
        &mut self,
        mut slots: Vec<Slot>,
        agent: AgentKey,
        now: Timestamp,
    ) {
        slots.extend(self.waits_in_vain_for(agent));
        self.sort_by_turn(&mut slots);
        for slot in slots {
            self.go_on_without(slot, agent, now);
        }
    }

    /// The same, together with agents who have just got room: they take what is due first, these
    /// contacts included.
    pub(in crate::engine) fn go_elsewhere_beside(
        &mut self,
        mut slots: Vec<Slot>,
        agent: AgentKey,
        freed: Vec<AgentKey>,
        now: Timestamp,
    ) {
        if freed.is_empty() {
            return self.go_elsewhere(slots, agent, now);
        }
        slots.extend(self.waits_in_vain_for(agent));
        self.sort_by_turn(&mut slots);
        self.stand_again(&slots, now);
        for freed in freed {
            self.go_on(freed, now);
        }
        self.seek_for_each(&slots, now);
    }

    /// Contacts in line for an agent who has left and whose return they do not wait for.
    pub(in crate::engine) fn waits_in_vain_for(&self, agent: AgentKey) -> Vec<Slot> {
        let lines = self.needs.direct_lines(agent).iter();
        let places = lines.flat_map(|line| self.needs.get(*line).line.iter());
        let slots = places.map(|place| place.slot);
        slots
            .filter(|slot| !self.waits_for_return(*slot, agent))
            .collect()
    }

    /// A contact that waits, or has come back, goes on after its agent has left.
    pub(in crate::engine) fn go_on_without(&mut self, slot: Slot, agent: AgentKey, now: Timestamp) {
        let is_direct = self.contact_at(slot).meant.direct == Some(agent);
        if is_direct && !self.waits_for_return(slot, agent) {
            self.stop_waiting_for_agent(slot, now);
        } else {
            self.enter_line(slot, now);
        }
    }

    /// Whether a contact for one agent waits for the return of that agent: for as long as it takes
    /// if nobody else will do; during a lost connection if it was transferred to the agent.
    fn waits_for_return(&self, slot: Slot, agent: AgentKey) -> bool {
        let (contact, agent) = (self.contact_at(slot), self.agent_at(agent));
        let comes_back = agent.is_away() && self.is_able(agent, contact.labels.channel);
        let is_handed_on = contact.meant.direct_until.is_none();
        agent.configured && (contact.is_meant_alone() || (is_handed_on && comes_back))
    }

    /// Whether a contact for one agent may wait in line for that agent, who is there and able to
    /// take it, or whose return it waits for.
    pub(in crate::engine) fn waits_on_for(&self, slot: Slot, agent: AgentKey) -> bool {
        let (contact, held) = (self.contact_at(slot), self.agent_at(agent));
        let may_come = held.is_staffed() && self.is_able(held, contact.labels.channel);
        may_come || self.waits_for_return(slot, agent)
    }

    /// Whether the agent, with nothing else in hand, could be offered a contact of this channel:
    /// trusted with it, and of a capacity that suffices for one.
    pub(in crate::engine) fn is_able(&self, agent: &Agent, channel: Channel) -> bool {
        let is_suspended = *agent.health.get(channel) == Health::Suspended;
        !is_suspended && self.configuration().cost(channel) <= agent.load.capacity
    }

    /// A contact that was meant for one agent now waits for anyone.
    pub(in crate::engine) fn release_to_anyone(&mut self, slot: Slot, now: Timestamp) {
        if self.put_off(slot, now) {
            return;
        }
        self.leave_vanished(slot, now);
        self.put_in_line(slot, None, now);
        self.tell_routable(slot, now);
        self.take_steps(slot, now);
        self.seek(slot, now);
    }

    /// Contacts that nobody could take may go to an agent who has come.
    fn serve_whoever_came(&mut self, agent: AgentKey, now: Timestamp) {
        if self.agent_at(agent).is_staffed() {
            let slots = self.hurry(&self.queues_served_by(agent), now);
            self.serve(agent, now);
            for slot in slots {
                if self.is_queued(slot) {
                    self.seek(slot, now);
                }
            }
        }
    }
}
