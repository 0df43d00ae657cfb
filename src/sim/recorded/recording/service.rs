//! Reads from a journal who serves which contact, and how that ends.

use super::{Recording, Wrapping};
use crate::domain::{ContactId, Millis, Text, Timestamp};
use crate::engine::command::CUSTOMER_LEFT;
use crate::engine::event::{Labels, Return};
use crate::engine::state::contact::{EndedBy, Final};
use crate::engine::state::registry::AgentKey;
use crate::sim::crowd::{Back, WrapUp};
use crate::sim::day::WaitEnd;
use crate::sim::recorded::{End, Fate, Leaving, Service};

/// How a contact was closed.
pub(super) struct Ended {
    pub(super) how: Final,
    pub(super) ended_by: EndedBy,
    pub(super) outcome: Option<Text>,
    /// Closed out of an agent's hands.
    pub(super) was_in_hand: bool,
}

impl Ended {
    fn reason(&self) -> Text {
        let outcome = self.outcome.clone();
        outcome.unwrap_or_else(|| Text::from(CUSTOMER_LEFT))
    }

    /// The end of a service. A contact completed at the desk without wrap-up was in a queue that
    /// had none; the length of a wrap-up is unknown then.
    fn after(&self, wrapping: Option<Wrapping>, at: Timestamp) -> End {
        if let Some(wrapping) = wrapping {
            let extended_at = wrapping.extended_at;
            return End::Completed {
                outcome: wrapping.outcome,
                wrap_up: WrapUp {
                    takes: Some(at - wrapping.since),
                    extended_after: extended_at.map(|extended| extended - wrapping.since),
                },
            };
        }
        let (outcome, is_said) = (self.reason(), self.ended_by != EndedBy::System);
        if self.how != Final::Completed || !is_said {
            return End::Left { reason: outcome };
        }
        let takes = (!self.was_in_hand).then_some(Millis::ZERO);
        End::Completed {
            outcome,
            wrap_up: WrapUp {
                takes,
                extended_after: None,
            },
        }
    }
}

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

    /// No agent has it in hand or in wrap-up any more. Returns whether one had it in hand.
    pub(super) fn is_let_go(
        &mut self,
        contact: ContactId,
        agent: Option<AgentKey>,
        at: Timestamp,
    ) -> bool {
        let was_in_hand = self.serves.contains_key(&contact);
        self.stop_work(contact, at);
        if let Some(agent) = agent {
            let wrapping = &mut self.hands[agent.index()].wrapping;
            wrapping.retain(|held| *held != contact);
        }
        was_in_hand
    }

    pub(super) fn is_closed(&mut self, contact: ContactId, ended: Ended, at: Timestamp) {
        let Some(open) = self.open.get(&contact) else {
            return;
        };
        let (waited, wrapping) = (at - open.in_line_since, open.wrapping.clone());
        let is_put_off = open.is_put_off;
        let how = match ended.how {
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
                Fate::Served(service) => service.end = ended.after(wrapping, at),
                Fate::Open | Fate::Left { .. } => {
                    leg.fate = Fate::Left {
                        after: waited,
                        how,
                        reason: ended.reason(),
                    };
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
            open.wrapping = Some(Wrapping {
                since: at,
                extended_at: None,
                outcome,
            });
        }
    }

    pub(super) fn is_extended(&mut self, contact: ContactId, at: Timestamp) {
        let open = self.open.get_mut(&contact);
        if let Some(wrapping) = open.and_then(|open| open.wrapping.as_mut()) {
            wrapping.extended_at = Some(at);
        }
    }
}
