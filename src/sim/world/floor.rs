//! What agents do: answer offers, share their attention among the contacts in hand, finish them or
//! transfer them.

use super::steps::{Says, Step};
use super::{World, id_of, slot_of};
use crate::domain::{ContactId, Millis, Name, OfferId, Text, Timestamp};
use crate::engine::command::{
    Command, ContactCommand, ContactRequest, DeskAct, Destination, Manner, SiteCommand,
};
use crate::sim::crowd::{Back, Crowd, DeedKind, Then, WrapUp};

const CALLS_EVERY: Millis = Millis::from_s(1);
const NOT_HANDED_ON: &str = "not_handed_on";

impl<C: Crowd> World<C> {
    pub(super) fn reply(&mut self, agent: usize, offer: OfferId, says: Says) {
        self.desk_act(agent, says.of(offer));
    }

    /// The total speed of an agent, with the contacts in hand.
    pub(super) fn speed(&self, agent: usize) -> f64 {
        self.crowd.speed(self.desks[agent].count().max(1))
    }

    pub(super) fn work(&mut self, agent: usize) {
        let speed = self.speed(agent);
        self.desks[agent].work(self.now, speed);
    }

    pub(super) fn plan(&mut self, agent: usize) {
        let speed = self.speed(agent);
        if let Some(at) = self.desks[agent].plan(speed) {
            let generation = self.desks[agent].generation;
            self.later(at, Step::Finish { agent, generation });
        }
    }

    pub(super) fn finish(&mut self, agent: usize, generation: u64) {
        if self.desks[agent].generation != generation {
            return;
        }
        self.work(agent);
        let Some(done) = self.desks[agent].take_first_done() else {
            return;
        };
        self.gauges.in_hand -= 1;
        self.tally(agent);
        self.plan(agent);
        let contact = done.contact;
        let (slot, _) = slot_of(contact);
        match done.then {
            Then::Complete { outcome } => {
                self.desk_act(
                    agent,
                    DeskAct::Complete {
                        contact,
                        outcome,
                        notes: None,
                    },
                );
                self.wraps_up(agent, contact, done.wrap_up);
            }
            Then::Leave { reason } => self.let_go(agent, contact, reason),
            Then::Transfer {
                queue,
                patience,
                keeps_age,
            } => {
                let to = Destination::Queue(queue);
                let (note, or_queue) = (None, false);
                let manner = Manner {
                    keep_age: keeps_age,
                    or_queue,
                };
                let act = DeskAct::Transfer {
                    contact,
                    to,
                    note,
                    manner,
                };
                self.wait_again(agent, slot, patience, |world| {
                    world.desk_act(agent, act).is_some()
                });
            }
            Then::GoBack { why, patience } => {
                self.wait_again(agent, slot, patience, |world| {
                    world.give_back(agent, contact, why)
                });
            }
        }
    }

    /// A contact takes no attention while another one interrupts it.
    pub(super) fn is_interrupted(&mut self, agent: usize, contact: ContactId, is: bool) {
        if let Some(place) = self.desks[agent].place_of(contact) {
            self.work(agent);
            self.desks[agent].in_hand[place].is_interrupted = is;
            self.plan(agent);
        }
    }

    /// The contact has ended before the agent was done with it.
    pub(super) fn is_cut_short(&mut self, agent: usize, contact: ContactId) -> bool {
        let Some(place) = self.desks[agent].place_of(contact) else {
            return false;
        };
        self.work(agent);
        self.desks[agent].in_hand.remove(place);
        self.gauges.in_hand -= 1;
        self.tally(agent);
        self.plan(agent);
        true
    }

    /// A reason that this configuration does not know is that of a supervisor.
    fn give_back(&mut self, agent: usize, contact: ContactId, why: Back) -> bool {
        let outcome = None;
        let act = match why {
            Back::Requeued => None,
            Back::NoShow => Some(DeskAct::NoShow { contact }),
            Back::CallbackFailed => Some(DeskAct::FailCallback { contact, outcome }),
        };
        if act.is_some_and(|act| self.desk_act(agent, act).is_some()) {
            return true;
        }
        let by = Text::from("supervisor");
        let command = ContactCommand::Request {
            contact,
            request: ContactRequest::Requeue { by },
            key: None,
        };
        self.command(Command::Contact(command)).is_some()
    }

    /// The contact waits again, in another line or the same.
    fn wait_again(
        &mut self,
        agent: usize,
        slot: usize,
        patience: Option<Millis>,
        leave: impl FnOnce(&mut Self) -> bool,
    ) {
        let Some(life) = &mut self.lives[slot] else {
            return;
        };
        life.episode += 1;
        life.queued_at = self.now;
        life.is_waiting = true;
        self.crowd.handed_on(&mut life.case, self.now);
        let (number, episode) = (life.number, life.episode);
        self.gauges.waiting += 1;
        if let Some(patience) = patience {
            let step = Step::GiveUp {
                slot,
                life: number,
                episode,
            };
            self.later(self.now + patience, step);
        }
        if !leave(self) {
            return self.keep(agent, slot);
        }
        if self.is_deserted {
            return self.leave_waiting(slot);
        }
        self.ask_estimate(slot, number);
    }

    /// An agent whose transfer is refused because the queue is full ends the contact.
    fn keep(&mut self, agent: usize, slot: usize) {
        let Some(life) = &mut self.lives[slot] else {
            return;
        };
        life.is_waiting = false;
        self.gauges.waiting -= 1;
        self.crowd.kept(&mut life.case, self.now);
        let contact = id_of(slot, life.number);
        let act = DeskAct::Complete {
            contact,
            outcome: Text::from(NOT_HANDED_ON),
            notes: None,
        };
        self.desk_act(agent, act);
    }

    /// The agent extends a shorter wrap-up than the usual one just before it ends.
    fn wraps_up(&mut self, agent: usize, contact: ContactId, wrap_up: WrapUp) {
        let WrapUp {
            takes,
            extended_after,
        } = wrap_up;
        let view = extended_after.and_then(|_| self.engine.contact(contact));
        let contact = contact.0;
        if let Some(after) = extended_after
            && let Some(until) = view.and_then(|view| view.wrap_up_until)
        {
            let left = Millis((until - self.now).0 - 1);
            let at = self.now + after.min(left).max(Millis::ZERO);
            self.later(at, Step::Extend { agent, contact });
        }
        if let Some(takes) = takes {
            self.later(self.now + takes, Step::TidyUp { agent, contact });
        }
    }

    pub(super) fn extend(&mut self, agent: usize, contact: ContactId) {
        self.desk_act(agent, DeskAct::ExtendWrapUp { contact });
    }

    pub(super) fn tidy_up(&mut self, agent: usize, contact: ContactId) {
        self.desk_act(agent, DeskAct::FinishWrapUp { contact });
    }

    /// The report that a customer who was called back has hung up ends nothing: then the agent ends
    /// the contact.
    fn let_go(&mut self, agent: usize, contact: ContactId, reason: Text) {
        self.command(Command::Contact(ContactCommand::Request {
            contact,
            request: ContactRequest::Cancel {
                reason: reason.clone(),
            },
            key: None,
        }));
        if self.life(contact).is_some() {
            let act = DeskAct::Complete {
                contact,
                outcome: reason,
                notes: None,
            };
            self.desk_act(agent, act);
            self.tidy_up(agent, contact);
        }
    }

    pub(super) fn take_deed(&mut self) {
        let Some(deed) = self.deed.take() else {
            return;
        };
        self.deed = self.crowd.next_deed();
        let by = Text::from("supervisor");
        let key = None;
        match deed.what {
            DeedKind::Call {
                agent,
                queue,
                until,
            } => self.call(agent, queue, until),
            DeedKind::Ready { agent } => self.come_back(agent),
            DeedKind::Break { agent, length } => self.rest(agent, length),
            DeedKind::Pause { queue } => {
                self.command(Command::Site(SiteCommand::Pause { queue, by, key }));
            }
            DeedKind::Resume { queue } => {
                self.command(Command::Site(SiteCommand::Resume { queue, by, key }));
            }
        }
    }

    pub(super) fn call(&mut self, agent: usize, queue: Name, until: Timestamp) {
        let act = DeskAct::Pull {
            contact: None,
            queue: queue.clone(),
        };
        let again_at = self.now + CALLS_EVERY;
        if self.desk_act(agent, act).is_none() && again_at < until {
            let step = Step::Call {
                agent,
                queue,
                until,
            };
            self.later(again_at, step);
        }
    }
}
