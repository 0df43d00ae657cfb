//! Customers who write, and who are called.

use switchboard::domain::{ContactId, Phone};
use switchboard::engine::command::{CallbackMode, ContactCommand, ContactRequest, DeskAct};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::AgentKey;

use super::{Place, Player};

impl Player {
    /// Customers hang up, are called, and mostly do not answer.
    pub(super) fn take_calling_step(&mut self) {
        match self.dice.roll(12) {
            0..=1 => self.arrive(),
            2..=4 => self.ask_for_a_call(),
            5..=7 => self.report_a_call(),
            8 => self.answer_an_offer(),
            9 => self.work(),
            10 => self.come_or_go(),
            _ => self.let_time_pass(),
        }
    }

    fn ask_for_a_call(&mut self) {
        let contacts = self.oracle.contacts.iter();
        let waiting: Vec<ContactId> = contacts
            .filter(|(_, known)| known.place == Place::Waiting && known.callback.is_none())
            .map(|(id, _)| *id)
            .collect();
        let Some(contact) = self.dice.pick(&waiting).copied() else {
            return;
        };
        let phone = format!("+86138000001{:02}", self.dice.roll(60));
        self.say(ContactCommand::Request {
            contact,
            request: ContactRequest::Callback {
                phone: Some(Phone::new(&phone).unwrap()),
                mode: CallbackMode::CustomerFirst,
            },
            key: None,
        });
    }

    /// An adapter reports the result of a call.
    pub(super) fn report_a_call(&mut self) {
        let contacts = self.oracle.contacts.iter();
        let called: Vec<ContactId> = contacts
            .filter(|(_, known)| matches!(known.first, Some(CustomerFirst::Dialled { .. })))
            .map(|(id, _)| *id)
            .collect();
        let called = self.dice.pick(&called).copied();
        let contact = called.filter(|_| !self.dice.once_in(12));
        let contact = contact.unwrap_or_else(|| self.any_contact());
        let attempt = self.dice.once_in(3);
        let attempt = attempt.then(|| 1 + u32::try_from(self.dice.roll(3)).unwrap());
        let key = None;
        let fails = self.dice.once_in(3) || (self.is_calling && !self.dice.once_in(4));
        if fails {
            self.oracle.reported = Some(contact);
            self.say(ContactCommand::Request {
                contact,
                request: ContactRequest::CallbackFailed {
                    attempt,
                    outcome: None,
                },
                key,
            });
            self.oracle.reported = None;
        } else {
            self.say(ContactCommand::Request {
                contact,
                request: ContactRequest::CallbackAnswered { attempt },
                key,
            });
        }
    }

    /// The customer or the agent writes.
    pub(super) fn talk(&mut self) {
        let contacts = self.oracle.contacts.iter();
        let talking: Vec<(ContactId, AgentKey)> = contacts
            .filter_map(|(id, known)| {
                let Place::Served(agent) = known.place else {
                    return None;
                };
                Some((*id, agent))
            })
            .collect();
        let Some((contact, agent)) = self.dice.pick(&talking).copied() else {
            return;
        };
        let text = format!("hello {}", self.dice.roll(1_000)).as_str().into();
        if self.dice.once_in(3) {
            let session = self.session_of(agent);
            let act = DeskAct::Message { contact, text }.of(session);
            return self.agent_does(agent, act);
        }
        let key = None;
        self.say(ContactCommand::Request {
            contact,
            request: ContactRequest::Message { text },
            key,
        });
    }
}
