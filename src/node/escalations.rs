//! Turns events into notices for supervisors and the webhook.

use std::sync::Arc;

use crate::domain::{ContactId, Name};
use crate::engine::Engine;
use crate::engine::event::{Event, Recorded};
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

    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    pub(super) fn of(&self, recorded: &Recorded, engine: &Engine) -> Option<Addressed> {
        let about = |rule: &Name, contact: ContactId, queue: QueueKey| EscalationNotice {
            seq: recorded.seq,
            rule: rule.clone(),
            queue: engine.registry().queues.name(queue).clone(),
            contact,
            at: recorded.at,
            notifies_supervisors: true,
            dial: None,
        };
        let (notice, notifies_webhook) = match &recorded.event {
            Event::EscalationFired {
                contact,
                queue,
                name,
                notify,
                ..
            } => {
                let notice = EscalationNotice {
                    notifies_supervisors: notify.contains(&Audience::Supervisor),
                    ..about(name, *contact, *queue)
                };
                (notice, notify.contains(&Audience::Webhook))
            }
            Event::CallbackDialled {
                contact,
                queue,
                phone,
                attempt,
                until,
                ..
            } => {
                let dial = Dial {
                    phone: phone.clone(),
                    attempt: *attempt,
                    until: *until,
                };
                let notice = EscalationNotice {
                    dial: Some(dial),
                    ..about(&self.callback_dialled, *contact, *queue)
                };
                (notice, true)
            }
            Event::ContactUnroutable { contact, labels } => {
                (about(&self.unroutable, *contact, labels.queue), false)
            }
            Event::ResponseLate {
                contact, labels, ..
            } => (about(&self.response_late, *contact, labels.queue), false),
            Event::EndMissed { contact, labels } => {
                (about(&self.end_missing, *contact, labels.queue), false)
            }
            Event::Configured { .. }
            | Event::ContactArrived { .. }
            | Event::ContactScheduled { .. }
            | Event::ContactQueued { .. }
            | Event::ContactMoved { .. }
            | Event::ContactRecognised { .. }
            | Event::ContactUpdated { .. }
            | Event::StepTaken { .. }
            | Event::EscalationNotApplicable { .. }
            | Event::MoveOwed { .. }
            | Event::NextReserved { .. }
            | Event::AgentNotified { .. }
            | Event::CustomerTold { .. }
            | Event::ConditionFailed { .. }
            | Event::OfferMade { .. }
            | Event::OfferDelivered { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferEnded { .. }
            | Event::CooldownLifted { .. }
            | Event::CooldownKept { .. }
            | Event::QueueGrew { .. }
            | Event::WaitReviewed { .. }
            | Event::ContactPulled { .. }
            | Event::MessageSent { .. }
            | Event::ContactReturned { .. }
            | Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::ContactClosed { .. }
            | Event::AgentConnected { .. }
            | Event::AgentLost { .. }
            | Event::AgentGone { .. }
            | Event::AgentResynced { .. }
            | Event::EndsChecked { .. }
            | Event::AgentHeard { .. }
            | Event::AgentIntended { .. }
            | Event::AgentHealthChanged { .. }
            | Event::QueuePaused { .. }
            | Event::QueueResumed { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. }
            | Event::EscalationsTold { .. }
            | Event::ContactRoutable { .. }
            | Event::CallbackRequested { .. }
            | Event::CallbackAnswered { .. }
            | Event::CallbackMissed { .. }
            | Event::CallbackGivenUp { .. }
            | Event::RoomKept { .. }
            | Event::AgentsLetGo { .. }
            | Event::ContactRecalled { .. }
            | Event::QueueOpened { .. }
            | Event::QueueClosed { .. }
            | Event::ContactHeld { .. }
            | Event::ContactUnheld { .. }
            | Event::ContactParked { .. }
            | Event::ContactWoken { .. }
            | Event::ContactUnparked { .. }
            | Event::ConsultOffered { .. }
            | Event::ConsultDelivered { .. }
            | Event::ConsultAccepted { .. }
            | Event::ConferenceBegun { .. }
            | Event::ConsultEnded { .. }
            | Event::ContactShown { .. }
            | Event::ContactHandedOver { .. }
            | Event::MessageRelayed { .. }
            | Event::ResponseGiven { .. }
            | Event::AgentRested { .. }
            | Event::AgentReconfigured { .. } => return None,
        };
        Some(Addressed {
            notice: Arc::new(notice),
            notifies_webhook,
        })
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
