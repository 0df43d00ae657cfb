//! Customers: they arrive, become better known, and give up.

use super::steps::Step;
use super::{Life, World, id_of};
use crate::domain::{AttributeChanges, ContactId, Millis};
use crate::engine::command::{
    CallbackMode, Change, Command, ContactCommand, ContactRequest, Patch,
};
use crate::sim::crowd::{Arrival, Closing, Crowd, News};

impl<C: Crowd> World<C> {
    pub(super) fn arrive(&mut self, arrival: Arrival<C::Case>) {
        self.lives_made += 1;
        let life = Life {
            number: self.lives_made,
            case: arrival.case,
            queued_at: self.now,
            episode: 0,
            is_waiting: true,
            is_put_off: false,
            patience: arrival.patience,
            recognition: arrival.recognition.clone(),
            news: Vec::new(),
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.lives.push(None);
            self.lives.len() - 1
        });
        let (number, id) = (life.number, id_of(slot, life.number));
        self.lives[slot] = Some(life);
        self.gauges.waiting += 1;
        let command = ContactCommand::Submit {
            id,
            intake: Box::new(arrival.intake),
            recognition: arrival.recognition,
            key: None,
        };
        let taken = self.engine.handle(self.now, Command::Contact(command));
        if taken.is_err() {
            self.gauges.waiting -= 1;
            self.end(slot, Closing::Refused);
        }
        if let Some(patience) = arrival.patience {
            let step = Step::GiveUp {
                slot,
                life: number,
                episode: 0,
            };
            self.later(self.now + patience, step);
        }
        self.react();
        self.learn_later(slot, number, arrival.later);
        self.ask_estimate(slot, number);
    }

    fn learn_later(&mut self, slot: usize, number: u64, later: Vec<(Millis, News)>) {
        for (at, (after, news)) in later.into_iter().enumerate() {
            let lives = |life: &&mut Life<C::Case>| life.number == number;
            let Some(life) = self.lives[slot].as_mut().filter(lives) else {
                return;
            };
            life.news.push(news);
            let life = number;
            self.later(self.now + after, Step::Learn { slot, life, at });
        }
    }

    pub(super) fn learn(&mut self, slot: usize, number: u64, at: usize) {
        let lives = |life: &&Life<C::Case>| life.number == number;
        let Some(life) = self.lives[slot].as_ref().filter(lives) else {
            return;
        };
        let contact = id_of(slot, number);
        let command = match life.news[at].clone() {
            News::Recognised(recognition) => ContactCommand::Recognise {
                contact,
                recognition,
            },
            News::Changed(change) => ContactCommand::Update {
                contact,
                patch: self.patch_of(contact, change),
            },
            News::Callback { phone } => ContactCommand::Request {
                contact,
                request: ContactRequest::Callback {
                    // No adapter reports how a call went: agents dial.
                    mode: CallbackMode::AgentFirst,
                    phone: Some(phone),
                },
                key: None,
            },
            News::Gone if !life.is_waiting && !life.is_put_off => return,
            News::Gone => ContactCommand::Request {
                contact,
                request: ContactRequest::Cancel {
                    reason: self.crowd.parting(&life.case),
                },
                key: None,
            },
        };
        self.command(Command::Contact(command));
    }

    /// The patch that led to this recorded change, given the contact's current attributes.
    fn patch_of(&self, contact: ContactId, change: Change) -> Patch {
        let attributes = change.attributes.map(|after| {
            let view = self.engine.contact(contact);
            let before = view.map(|view| view.intake.attributes.clone());
            AttributeChanges::between(&before.unwrap_or_default(), after)
        });
        Patch {
            topic: change.topic,
            sentiment: change.sentiment,
            attributes,
        }
    }

    pub(super) fn ask_estimate(&mut self, slot: usize, number: u64) {
        let waits = |life: &&mut Life<C::Case>| life.number == number && life.is_waiting;
        if let Some(life) = self.lives[slot].as_ref()
            && !self.crowd.asks_estimates(&life.case)
        {
            return;
        }
        if let Some(life) = self.lives[slot].as_mut().filter(waits)
            && let Some(view) = self.engine.contact(id_of(slot, number))
        {
            self.crowd.estimated(&mut life.case, self.now, view.wait);
        }
    }

    pub(super) fn give_up(&mut self, slot: usize, number: u64, episode: u32) {
        let life = self.lives[slot].as_ref();
        let waits =
            life.filter(|life| life.number == number && life.episode == episode && life.is_waiting);
        if let Some(life) = waits {
            let reason = self.crowd.parting(&life.case);
            self.command(Command::Contact(ContactCommand::Request {
                contact: id_of(slot, number),
                request: ContactRequest::Cancel { reason },
                key: None,
            }));
        }
    }
}
