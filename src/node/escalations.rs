//! Turns events into notices for supervisors and the webhook.

use std::sync::Arc;

use crate::domain::{ContactId, Name};
use crate::engine::Engine;
use crate::engine::event::{
    CallbackEvent, ContactEvent, Event, LineEvent, MessageEvent, Recorded, RuleEvent,
};
use crate::engine::options::{Audience, CALLBACK_DIALLED, END_MISSING, RESPONSE_LATE, UNROUTABLE};
use crate::engine::state::registry::QueueKey;
use crate::engine::state::untold::Untold;
use crate::engine::view::DialView;
use crate::node::notice::{Dial, EscalationNotice, SharedEscalation};

/// Used in place of a rule's name for notices that no rule causes.
pub(super) struct Escalations {
    unroutable: Name,
    response_late: Name,
    end_missing: Name,
    callback_dialled: Name,
}

/// A notice and, besides supervisors, its recipients.
pub(super) struct Addressed {
    pub(super) notice: SharedEscalation,
    pub(super) notifies_webhook: bool,
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

    pub(super) fn of(&self, recorded: &Recorded, engine: &Engine) -> Option<Addressed> {
        let (rule, contact, queue) = self.cause(&recorded.event)?;
        let mut notice = EscalationNotice {
            seq: recorded.seq,
            rule: rule.clone(),
            queue: engine.registry().queues.name(queue).clone(),
            contact,
            at: recorded.at,
            notifies_supervisors: true,
            dial: None,
        };
        let mut notifies_webhook = false;
        if let Event::Rule(_, RuleEvent::Fired { notify, .. }) = &recorded.event {
            notice.notifies_supervisors = notify.contains(&Audience::Supervisor);
            notifies_webhook = notify.contains(&Audience::Webhook);
        }
        if let Event::Callback(
            _,
            CallbackEvent::Dialled {
                phone,
                attempt,
                until,
                ..
            },
        ) = &recorded.event
        {
            notice.dial = Some(Dial {
                phone: phone.clone(),
                attempt: *attempt,
                until: *until,
            });
            notifies_webhook = true;
        }
        Some(Addressed {
            notice: Arc::new(notice),
            notifies_webhook,
        })
    }

    /// The rule that is named in the notice of an event, if there is one, with its contact and
    /// queue.
    fn cause<'a>(&'a self, event: &'a Event) -> Option<(&'a Name, ContactId, QueueKey)> {
        match event {
            Event::Rule(contact, RuleEvent::Fired { queue, name, .. }) => {
                Some((name, *contact, *queue))
            }
            Event::Callback(contact, CallbackEvent::Dialled { queue, .. }) => {
                Some((&self.callback_dialled, *contact, *queue))
            }
            Event::Line(contact, LineEvent::Unroutable { labels }) => {
                Some((&self.unroutable, *contact, labels.queue))
            }
            Event::Message(contact, MessageEvent::ResponseLate { labels, .. }) => {
                Some((&self.response_late, *contact, labels.queue))
            }
            Event::Contact(contact, ContactEvent::EndMissed { labels }) => {
                Some((&self.end_missing, *contact, labels.queue))
            }
            Event::Site(_)
            | Event::Queue(..)
            | Event::Agent(..)
            | Event::Contact(..)
            | Event::Line(..)
            | Event::Rule(..)
            | Event::Callback(..)
            | Event::Offer(..)
            | Event::Service(..)
            | Event::Consult(..)
            | Event::Message(..) => None,
        }
    }

    /// What a rule has asked to tell the webhook, which may not have heard it.
    pub(super) fn untold(&self, untold: &Untold, engine: &Engine) -> SharedEscalation {
        Arc::new(EscalationNotice {
            seq: untold.seq,
            rule: untold.rule.clone(),
            queue: engine.registry().queues.name(untold.queue).clone(),
            contact: untold.contact,
            at: untold.at,
            notifies_supervisors: false,
            dial: None,
        })
    }

    /// Repeats the notice for a call in progress.
    pub(super) fn again(&self, seq: u64, under_way: DialView) -> SharedEscalation {
        Arc::new(EscalationNotice {
            seq,
            rule: self.callback_dialled.clone(),
            queue: under_way.queue,
            contact: under_way.contact,
            at: under_way.at,
            notifies_supervisors: true,
            dial: Some(Dial {
                phone: under_way.phone,
                attempt: under_way.attempt,
                until: under_way.until,
            }),
        })
    }
}
