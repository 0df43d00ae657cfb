//! Reads from a journal who serves which contact, and how that ends.

use super::Recording;
use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::command::CUSTOMER_LEFT;
use crate::engine::event::{Labels, Return};
use crate::engine::state::contact::Final;
use crate::engine::state::registry::AgentKey;
use crate::sim::crowd::Back;
use crate::sim::day::WaitEnd;
use crate::sim::recorded::{End, Fate, Leaving, Service};

impl Recording {
    pub(super) fn is_taken(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        in_time: bool,
        at: Timestamp,
    ) {
        self.serve(contact, agent, at);
        self.comes_in(contact);
        self.wait_is_over(contact, WaitEnd::Answered, in_time, at);
        self.is_served_by(contact, agent, at);
    }

    /// The consulted agent continues where the other agent stopped.
    pub(super) fn is_handed_over(&mut self, contact: ContactId, agent: AgentKey, at: Timestamp) {
        self.stop_work(contact, at);
        self.serve(contact, agent, at);
        self.is_served_by(contact, agent, at);
    }

    pub(super) fn serve(&mut self, contact: ContactId, agent: AgentKey, at: Timestamp) {
        self.hands[agent.index()].take(contact, at);
        self.serves.insert(contact, agent);
    }

    fn is_served_by(&mut self, contact: ContactId, agent: AgentKey, at: Timestamp) {
        let Some(leg) = self.last_leg(contact) else {
            return;
        };
        match &mut leg.fate {
            // An agent continues what another had begun.
            Fate::Served(service) => service.agent = agent.index(),
            Fate::Open | Fate::Left { .. } => {
                leg.fate = Fate::Served(Service {
                    agent: agent.index(),
                    waited: at - leg.queued_at,
                    effort_ms: 0.0,
                    end: End::Open,
                });
            }
        }
    }

    /// The agent's work on a contact has ended or is interrupted.
    pub(super) fn stop_work(&mut self, contact: ContactId, at: Timestamp) {
        let Some(agent) = self.serves.remove(&contact) else {
            return;
        };
        let effort_ms = self.hands[agent.index()].put(contact, at);
        if let Some(leg) = self.last_leg(contact)
            && let Fate::Served(service) = &mut leg.fate
        {
            service.effort_ms += effort_ms;
        }
    }

    pub(super) fn is_returned(
        &mut self,
        contact: ContactId,
        why: &Return,
        labels: Labels,
        at: Timestamp,
    ) {
        self.stop_work(contact, at);
        let keeps_age = !matches!(why, Return::TransferredAnew { .. });
        let end = match why {
            Return::Transferred { .. } | Return::TransferredAnew { .. } => {
                Some(End::HandedOn { keeps_age })
            }
            Return::Requeued { .. } | Return::Woken => Some(End::Back(Back::Requeued)),
            Return::NoShow { .. } => Some(End::Back(Back::NoShow)),
            Return::CallbackFailed { .. } => Some(End::Back(Back::CallbackFailed)),
            Return::AgentLost => None,
        };
        let next = self.leg(at, labels.queue);
        let Some(open) = self.open.get_mut(&contact) else {
            return;
        };
        open.waits = true;
        open.is_aged = keeps_age;
        open.in_line_since = at;
        open.is_settling = end.is_some();
        let Some(end) = end else {
            self.deserted.extend(self.number(contact));
            return;
        };
        if let Some(matter) = self.matter(contact) {
            if let Some(Fate::Served(service)) = matter.legs.last_mut().map(|leg| &mut leg.fate) {
                service.end = end;
            }
            matter.legs.push(next);
        }
    }

    /// No agent has it in hand or in wrap-up any more.
    pub(super) fn is_let_go(&mut self, contact: ContactId, agent: Option<AgentKey>, at: Timestamp) {
        self.stop_work(contact, at);
        if let Some(agent) = agent {
            let wrapping = &mut self.hands[agent.index()].wrapping;
            wrapping.retain(|held| *held != contact);
        }
    }

    pub(super) fn is_closed(
        &mut self,
        contact: ContactId,
        how: Final,
        outcome: Option<Text>,
        at: Timestamp,
    ) {
        let Some(open) = self.open.get(&contact) else {
            return;
        };
        let (waited, wrapping) = (at - open.in_line_since, open.wrapping.clone());
        let is_put_off = open.is_put_off;
        let how = match how {
            Final::Deflected => Leaving::Deflected,
            Final::Abandoned | Final::Cancelled if is_put_off => Leaving::Early,
            Final::Abandoned => Leaving::GaveUp,
            Final::Completed | Final::Cancelled => Leaving::Cancelled,
        };
        match how {
            Leaving::GaveUp => self.wait_is_over(contact, WaitEnd::GaveUp, false, at),
            Leaving::Deflected => self.wait_is_over(contact, WaitEnd::Deflected, false, at),
            Leaving::Cancelled | Leaving::Early => {}
        }
        if let Some(leg) = self.last_leg(contact) {
            match &mut leg.fate {
                Fate::Served(service) => {
                    let wrap_up = wrapping.as_ref().map(|(since, _)| at - *since);
                    let outcome = wrapping.map(|(_, outcome)| outcome).or(outcome);
                    let outcome = outcome.unwrap_or_else(|| Text::from(CUSTOMER_LEFT));
                    service.end = End::Completed { outcome, wrap_up };
                }
                Fate::Open | Fate::Left { .. } => {
                    leg.fate = Fate::Left { after: waited, how };
                }
            }
        }
        self.open.remove(&contact);
    }

    pub(super) fn is_parked(&mut self, contact: ContactId, at: Timestamp) {
        self.stop_work(contact, at);
        self.parked.extend(self.number(contact));
    }

    pub(super) fn is_wrapped_up(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        outcome: Text,
        at: Timestamp,
    ) {
        self.stop_work(contact, at);
        self.hands[agent.index()].wrapping.push(contact);
        if let Some(open) = self.open.get_mut(&contact) {
            open.wrapping = Some((at, outcome));
        }
    }
}
