//! A reload: what a new configuration does to whatever is under way.
//!
//! What it would do is foreseen elsewhere, and the fold of the configuration itself stands
//! with the other folds.

use std::sync::Arc;

use crate::domain::{Text, Timestamp};
use crate::engine::agent::Intent;
use crate::engine::contact::{Contact, Stage};
use crate::engine::event::{Event, Withdrawal};
use crate::engine::options::Options;
use crate::engine::refusal::Refusal;
use crate::engine::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine, foresee};

impl Engine {
    /// A new configuration for whatever is under way: contacts of queues that
    /// vanished go to the default queue, agents who vanished finish what they
    /// have and are offered nothing.
    pub(super) fn reconfigure(
        &mut self,
        now: Timestamp,
        options: Arc<Options>,
    ) -> Result<Done, Refusal> {
        // The figures are those of before: what is foreseen is what is done.
        let foreseen = match &self.options {
            Some(_) => Some(Box::new(self.foresee_reload(&options)?)),
            None => {
                foresee::check(&options)?;
                None
            }
        };
        self.emit(now, Event::Configured { options });
        self.open_by_hours(now);
        let mut moved = self.dismiss_removed(now);
        moved.extend(self.rehome(now));
        let queues: Vec<QueueKey> = (0..self.queues.len()).map(QueueKey::from).collect();
        self.hurry(&queues, now);
        self.recheck_routable(now);
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            self.resume_interrupted(agent, now);
            self.take_up_again(agent, now);
        }
        for slot in moved {
            self.escalate(slot, now);
        }
        self.serve_all(now);
        self.reloaded = foreseen;
        Ok(Done::Nothing)
    }

    /// Agents who are no longer configured lose their offers, and nobody waits for them.
    /// Contacts that had to go to another queue are returned.
    fn dismiss_removed(&mut self, now: Timestamp) -> Vec<u32> {
        let mut moved = Vec::new();
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            if self.agent_at(agent).configured {
                continue;
            }
            for slot in self.withdraw_all(agent, now, Withdrawal::Reconfigured) {
                if !self.is_offered_to_someone(slot) {
                    moved.extend(self.line_up(slot, now));
                }
            }
            if self.agent_at(agent).intent == Intent::Ready {
                let intent = Intent::NotReady {
                    reason: Text::from("removed"),
                };
                self.emit(
                    now,
                    Event::AgentIntended {
                        agent,
                        intent,
                        by: Text::from("system"),
                    },
                );
            }
            for slot in self.give_back_woken(agent, now) {
                moved.extend(self.line_up(slot, now));
            }
            let lines = self.needs.direct_lines(agent).iter();
            let places = lines.flat_map(|line| self.needs.get(*line).line.iter());
            let meant: Vec<u32> = places.map(|place| place.slot).collect();
            for slot in meant {
                moved.extend(self.line_up(slot, now));
            }
        }
        moved
    }

    /// Into line, for whoever is still there; nobody is looked for until all stand right.
    /// Returned if it had to go to another queue.
    fn line_up(&mut self, slot: u32, now: Timestamp) -> Option<u32> {
        let before = self.contact_at(slot).labels.queue;
        self.leave_vanished(slot, now);
        let contact = self.contact_at(slot);
        let is_there = |agent: &AgentKey| self.agent_at(*agent).configured;
        let event = Event::ContactQueued {
            contact: contact.id,
            queue: contact.labels.queue,
            step: contact.step,
            due: self.due_of(contact),
            direct: contact.direct.filter(is_there),
            direct_until: contact.direct_until,
        };
        let moved = (contact.labels.queue != before).then_some(slot);
        self.emit(now, event);
        moved
    }

    /// A contact that comes back from where a reload has let it be, an agent or a later hour,
    /// finds its queue gone: it goes on in the default one.
    pub(super) fn leave_vanished(&mut self, slot: u32, now: Timestamp) {
        let queue = self.contact_at(slot).labels.queue;
        if !self.rules[queue.index()].configured {
            self.change_queue(slot, self.default_queue(), now);
        }
    }

    fn default_queue(&self) -> QueueKey {
        let default = &self.configuration().default_queue;
        let default = self.registry.queues.key(default.as_str());
        default.expect("the default queue is configured")
    }

    /// Waiting contacts to the queue and the place that they have now; those who had to go to
    /// another queue are returned.
    fn rehome(&mut self, now: Timestamp) -> Vec<u32> {
        let default = self.default_queue();
        let mut waiting: Vec<_> = self
            .needs
            .iter()
            .flat_map(|(_, need)| need.line.iter())
            .collect();
        waiting.sort_unstable();
        self.reschedule(default, now);
        let mut moved = Vec::new();
        for place in waiting {
            let contact = self.contact_at(place.slot);
            let vanished = !self.rules[contact.labels.queue.index()].configured;
            if vanished || self.due_of(contact) != place.due {
                moved.extend(self.line_up(place.slot, now));
            }
        }
        moved
    }

    /// Contacts that were ordered for later from a queue that has vanished.
    fn reschedule(&mut self, default: QueueKey, now: Timestamp) {
        let open = self.contacts.open_after(0);
        let vanished = |contact: &Contact| !self.rules[contact.labels.queue.index()].configured;
        let scheduled: Vec<_> = open
            .filter_map(|(slot, contact)| match contact.stage {
                Stage::Scheduled { until } if vanished(contact) => Some((slot, until)),
                Stage::Scheduled { .. }
                | Stage::Moving
                | Stage::Queued { .. }
                | Stage::Offered { .. }
                | Stage::Active(_)
                | Stage::Parked(_)
                | Stage::WrapUp { .. }
                | Stage::Closed(_) => None,
            })
            .collect();
        for (slot, until) in scheduled {
            self.change_queue(slot, default, now);
            let contact = self.contact_at(slot).id;
            self.emit(now, Event::ContactScheduled { contact, until });
        }
    }

    /// Whom nobody could ever take any more, and who can be taken again.
    fn recheck_routable(&mut self, now: Timestamp) {
        let open = self.contacts.open_after(0);
        let waiting: Vec<u32> = open
            .filter(|(_, contact)| {
                matches!(
                    contact.stage,
                    Stage::Queued { .. } | Stage::Scheduled { .. }
                )
            })
            .map(|(slot, _)| slot)
            .collect();
        for slot in waiting {
            self.tell_routable(slot, now);
        }
    }
}
