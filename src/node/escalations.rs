//! Turns what happened into what supervisors and the webhook are told of it.

use std::sync::Arc;

use crate::domain::{ContactId, Name};
use crate::engine::Engine;
use crate::engine::event::{Event, Recorded};
use crate::engine::options::{Audience, CALLBACK_DIALLED, END_MISSING, RESPONSE_LATE, UNROUTABLE};
use crate::engine::registry::QueueKey;
use crate::engine::view::DialView;
use crate::node::notice::{Dial, EscalationNotice, SharedEscalation};

/// In the place of a rule's name, what is told without a rule.
pub(super) struct Escalations {
    unroutable: Name,
    response_late: Name,
    end_missing: Name,
    callback_dialled: Name,
}

/// What is told, and whom besides supervisors.
pub(super) struct Told {
    pub(super) notice: SharedEscalation,
    pub(super) calls_webhook: bool,
}

impl Escalations {
    pub(super) fn new() -> Self {
        let name = |word| Name::new(word).expect("a plain word is a name");
        Self {
            unroutable: name(UNROUTABLE),
            response_late: name(RESPONSE_LATE),
            end_missing: name(END_MISSING),
            callback_dialled: name(CALLBACK_DIALLED),
        }
    }

    pub(super) fn of(&self, recorded: &Recorded, engine: &Engine) -> Option<Told> {
        let about = |rule: &Name, contact: ContactId, queue: QueueKey| EscalationNotice {
            seq: recorded.seq,
            rule: rule.clone(),
            queue: engine.registry().queues.name(queue).clone(),
            contact,
            at: recorded.at,
            calls_supervisors: true,
            dial: None,
        };
        let mut calls_webhook = false;
        let notice = if let Event::EscalationFired {
            contact,
            queue,
            name,
            notify,
            ..
        } = &recorded.event
        {
            calls_webhook = notify.contains(&Audience::Webhook);
            EscalationNotice {
                calls_supervisors: notify.contains(&Audience::Supervisor),
                ..about(name, *contact, *queue)
            }
        } else if let Event::CallbackDialled {
            contact,
            queue,
            phone,
            attempt,
            until,
            ..
        } = &recorded.event
        {
            calls_webhook = true;
            let dial = Dial {
                phone: phone.clone(),
                attempt: *attempt,
                until: *until,
            };
            EscalationNotice {
                dial: Some(dial),
                ..about(&self.callback_dialled, *contact, *queue)
            }
        } else if let Event::ContactUnroutable { contact, labels } = &recorded.event {
            about(&self.unroutable, *contact, labels.queue)
        } else if let Event::ResponseLate {
            contact, labels, ..
        } = &recorded.event
        {
            about(&self.response_late, *contact, labels.queue)
        } else if let Event::EndMissed { contact, labels } = &recorded.event {
            about(&self.end_missing, *contact, labels.queue)
        } else {
            return None;
        };
        Some(Told {
            notice: Arc::new(notice),
            calls_webhook,
        })
    }

    /// What was told of a call that is under way, to be told again.
    pub(super) fn again(&self, seq: u64, under_way: DialView) -> SharedEscalation {
        Arc::new(EscalationNotice {
            seq,
            rule: self.callback_dialled.clone(),
            queue: under_way.queue,
            contact: under_way.contact,
            at: under_way.at,
            calls_supervisors: true,
            dial: Some(Dial {
                phone: under_way.phone,
                attempt: under_way.attempt,
                until: under_way.until,
            }),
        })
    }
}
