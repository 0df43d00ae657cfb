//! The fold: what each event does to the state. The only writer of what a snapshot holds, during
//! recovery and in normal operation.
//!
//! **Invariant:** nothing is decided here; an event carries what was decided.

mod agents;
mod callbacks;
mod configuration;
mod consults;
mod contacts;
mod cooldowns;
mod learning;
mod leaving;
mod lines;
mod messages;
mod offers;
mod queues;
mod requests;
mod responses;
mod rules;
mod serving;
mod site;

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, Recorded};
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// Folds one event into the state.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.take(recorded);
    }

    /// Folds one event into the state; returns the agent whose desktop is shown it, and the number
    /// of that frame.
    pub(in crate::engine) fn take(&mut self, recorded: &Recorded) -> Option<(AgentKey, u64)> {
        self.seq = recorded.seq;
        self.last_at = recorded.at;
        let told = recorded.event.shown_to().map(|agent| {
            let told = &mut self.agents[agent.index()].frames_sent;
            *told += 1;
            (agent, *told)
        });
        self.fold(recorded.at, &recorded.event);
        self.settle();
        told
    }

    fn fold(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Site(event) => self.fold_site(event, at),
            Event::Queue(queue, event) => self.fold_queue(*queue, event),
            Event::Agent(agent, event) => self.fold_agent(*agent, event, at),
            Event::Contact(contact, event) => self.fold_contact(*contact, event, at),
            Event::Line(contact, event) => self.fold_line(*contact, event, at),
            Event::Rule(contact, event) => self.fold_rule(*contact, event, at),
            Event::Callback(contact, event) => self.fold_callback(*contact, event, at),
            Event::Offer(offer, event) => self.fold_offer(*offer, event, at),
            Event::Service(contact, agent, event) => self.fold_service(*contact, *agent, event, at),
            Event::Consult(offer, event) => self.fold_consult(*offer, event, at),
            Event::Message(contact, event) => self.fold_message(*contact, event, at),
        }
    }
}
