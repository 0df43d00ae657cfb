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

/// What an event gives notice of.
struct Cause<'a> {
    /// The rule, or what is named in place of one.
    rule: &'a Name,
    contact: ContactId,
    queue: QueueKey,
    notifies_supervisors: bool,
    notifies_webhook: bool,
    dial: Option<Dial>,
}

impl<'a> Cause<'a> {
    /// For supervisors alone.
    const fn new(rule: &'a Name, contact: ContactId, queue: QueueKey) -> Self {
        Self {
            rule,
            contact,
            queue,
            notifies_supervisors: true,
            notifies_webhook: false,
            dial: None,
        }
    }
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
        let cause = self.cause(&recorded.event)?;
        let notice = EscalationNotice {
            seq: recorded.seq,
            rule: cause.rule.clone(),
            queue: engine.registry().queues.name(cause.queue).clone(),
            contact: cause.contact,
            at: recorded.at,
            notifies_supervisors: cause.notifies_supervisors,
            dial: cause.dial,
        };
        Some(Addressed {
            notice: Arc::new(notice),
            notifies_webhook: cause.notifies_webhook,
        })
    }

    fn cause<'a>(&'a self, event: &'a Event) -> Option<Cause<'a>> {
        match event {
            Event::Contact(contact, event) => self.of_contact(*contact, event),
            Event::Line(contact, event) => self.of_line(*contact, event),
            Event::Rule(contact, event) => of_rule(*contact, event),
            Event::Callback(contact, event) => self.of_callback(*contact, event),
            Event::Message(contact, event) => self.of_message(*contact, event),
            Event::Site(_)
            | Event::Queue(..)
            | Event::Agent(..)
            | Event::Offer(..)
            | Event::Service(..)
            | Event::Consult(..) => None,
        }
    }

    fn of_contact(&self, contact: ContactId, event: &ContactEvent) -> Option<Cause<'_>> {
        match event {
            ContactEvent::EndMissed { labels } => {
                Some(Cause::new(&self.end_missing, contact, labels.queue))
            }
            ContactEvent::Arrived { .. }
            | ContactEvent::Recognised { .. }
            | ContactEvent::Updated { .. }
            | ContactEvent::Closed { .. } => None,
        }
    }

    fn of_line(&self, contact: ContactId, event: &LineEvent) -> Option<Cause<'_>> {
        match event {
            LineEvent::Unroutable { labels } => {
                Some(Cause::new(&self.unroutable, contact, labels.queue))
            }
            LineEvent::Scheduled { .. }
            | LineEvent::Queued { .. }
            | LineEvent::Moved { .. }
            | LineEvent::StepTaken { .. }
            | LineEvent::Routable
            | LineEvent::RoomKept { .. }
            | LineEvent::AgentsLetGo
            | LineEvent::CooldownLifted { .. }
            | LineEvent::CooldownKept { .. } => None,
        }
    }

    fn of_callback(&self, contact: ContactId, event: &CallbackEvent) -> Option<Cause<'_>> {
        match event {
            CallbackEvent::Dialled {
                queue,
                phone,
                attempt,
                until,
                ..
            } => Some(Cause {
                notifies_webhook: true,
                dial: Some(Dial {
                    phone: phone.clone(),
                    attempt: *attempt,
                    until: *until,
                }),
                ..Cause::new(&self.callback_dialled, contact, *queue)
            }),
            CallbackEvent::Requested { .. }
            | CallbackEvent::Answered { .. }
            | CallbackEvent::Missed { .. }
            | CallbackEvent::GivenUp { .. } => None,
        }
    }

    fn of_message(&self, contact: ContactId, event: &MessageEvent) -> Option<Cause<'_>> {
        match event {
            MessageEvent::ResponseLate { labels, .. } => {
                Some(Cause::new(&self.response_late, contact, labels.queue))
            }
            MessageEvent::Sent { .. }
            | MessageEvent::Relayed { .. }
            | MessageEvent::ResponseGiven { .. } => None,
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

fn of_rule(contact: ContactId, event: &RuleEvent) -> Option<Cause<'_>> {
    match event {
        RuleEvent::Fired {
            queue,
            name,
            notify,
            ..
        } => Some(Cause {
            notifies_supervisors: notify.contains(&Audience::Supervisor),
            notifies_webhook: notify.contains(&Audience::Webhook),
            ..Cause::new(name, contact, *queue)
        }),
        RuleEvent::NotApplicable { .. }
        | RuleEvent::ConditionFailed { .. }
        | RuleEvent::WaitReviewed { .. }
        | RuleEvent::MoveOwed { .. }
        | RuleEvent::NextReserved { .. }
        | RuleEvent::AgentNotified { .. }
        | RuleEvent::CustomerTold { .. } => None,
    }
}
