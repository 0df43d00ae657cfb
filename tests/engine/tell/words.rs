//! An event as a line of the transcript; nothing for noise.

use switchboard::domain::{ContactId, Timestamp};
use switchboard::engine::event::{ConsultEnd, Event, HeldBy, OfferEnd, Return};
use switchboard::engine::state::registry::Registry;

#[expect(clippy::too_many_lines, reason = "one arm for each event")]
pub(super) fn words(registry: &Registry, event: &Event) -> Option<String> {
    let agent = |key| registry.agents.name(key);
    let queue = |key| registry.queues.name(key);
    Some(match event {
        Event::ContactQueued {
            contact,
            queue: at,
            direct,
            ..
        } => match direct {
            Some(direct) => format!("{} waits for {}", short(*contact), agent(*direct)),
            None => format!("{} queued in {}", short(*contact), queue(*at)),
        },
        Event::ContactScheduled { contact, .. } => format!("{} scheduled", short(*contact)),
        Event::ContactMoved {
            contact, labels, ..
        } => format!("{} moved to {}", short(*contact), queue(labels.queue)),
        Event::StepTaken { contact, step } => format!("{} at step {step}", short(*contact)),
        Event::ConditionFailed {
            contact,
            name,
            trouble,
            ..
        } => format!(
            "{} condition of {name} failed: {}",
            short(*contact),
            trouble.name()
        ),
        Event::AgentNotified {
            agent: of,
            contact,
            name,
            ..
        } => format!(
            "{} hears that {} escalated {name}",
            agent(*of),
            short(*contact)
        ),
        Event::MessageRelayed {
            contact,
            from,
            agent: to,
            text,
        } => {
            let from = from.map_or(short(*contact), |from| agent(from).to_string());
            format!("{} hears {from}: {text}", agent(*to))
        }
        Event::CustomerTold { contact, text, .. } => {
            format!("{} is told: {text}", short(*contact))
        }
        Event::EscalationFired { contact, name, .. } => {
            format!("{} escalated {name}", short(*contact))
        }
        Event::AgentsLetGo { contact } => format!("agents let go for {}", short(*contact)),
        Event::RoomKept { contact, agent: by } => {
            format!("room for {} kept by {}", short(*contact), agent(*by))
        }
        Event::OfferMade {
            offer, agent: to, ..
        } => format!("{} offered to {}", short(offer.contact), agent(*to)),
        Event::OfferAccepted {
            offer,
            agent: by,
            waited,
            ..
        } => {
            format!(
                "{} accepted by {} after {}",
                short(offer.contact),
                agent(*by),
                seconds(Timestamp(waited.0))
            )
        }
        Event::OfferEnded {
            offer,
            agent: of,
            how,
            ..
        } => {
            format!("{} {} {}", short(offer.contact), ending(how), agent(*of))
        }
        Event::ContactPulled {
            contact, agent: by, ..
        } => format!("{} called by {}", short(*contact), agent(*by)),
        Event::ContactReturned {
            contact,
            agent: of,
            why,
            ..
        } => {
            let why = match why {
                Return::Transferred { .. } => "transferred by",
                Return::TransferredAnew { .. } => "transferred anew by",
                Return::AgentLost => "lost by",
                Return::Requeued { .. } => "taken from",
                Return::CallbackFailed { .. } => "not reached by",
                Return::NoShow { .. } => "did not come to",
                Return::Woken => "not taken up by",
            };
            format!("{} {why} {}", short(*contact), agent(*of))
        }
        Event::WrapUpStarted { contact, .. } => format!("{} wrap-up", short(*contact)),
        Event::WrapUpExtended { contact, .. } => {
            format!("{} wrap-up extended", short(*contact))
        }
        Event::ContactHeld { contact, by, .. } => match by {
            HeldBy::Agent => format!("{} held", short(*contact)),
            HeldBy::Interruption => format!("{} interrupted", short(*contact)),
        },
        Event::ContactUnheld { contact, by, .. } => match by {
            HeldBy::Agent => format!("{} unheld", short(*contact)),
            HeldBy::Interruption => format!("{} resumed", short(*contact)),
        },
        Event::ContactParked { contact, .. } => format!("{} parked", short(*contact)),
        Event::ContactWoken {
            contact, agent: of, ..
        } => {
            format!("{} wakes for {}", short(*contact), agent(*of))
        }
        Event::ContactUnparked {
            contact, agent: by, ..
        } => {
            format!("{} taken up by {}", short(*contact), agent(*by))
        }
        Event::ConsultOffered {
            offer,
            agent: to,
            by,
            ..
        } => format!(
            "{} help asked of {} by {}",
            short(offer.contact),
            agent(*to),
            agent(*by)
        ),
        Event::ConsultAccepted {
            offer, agent: by, ..
        } => {
            format!("{} helped by {}", short(offer.contact), agent(*by))
        }
        Event::ConferenceBegun {
            contact,
            agent: with,
        } => {
            format!("{} in conference with {}", short(*contact), agent(*with))
        }
        Event::ConsultEnded {
            offer,
            agent: of,
            how,
            ..
        } => {
            let how = match how {
                ConsultEnd::Unanswered(how) => ending(how),
                ConsultEnd::Ended => "ended with",
                ConsultEnd::Lost => "without the lost",
                ConsultEnd::Left => "left by its agent and",
                ConsultEnd::Over(_) => "over for",
            };
            format!("{} help {how} {}", short(offer.contact), agent(*of))
        }
        Event::ContactHandedOver {
            contact,
            from,
            agent: to,
            ..
        } => format!(
            "{} handed by {} to {}",
            short(*contact),
            agent(*from),
            agent(*to)
        ),
        Event::ContactClosed { contact, how, .. } => {
            format!("{} {}", short(*contact), how.name())
        }
        Event::AgentLost { agent: of, .. } => format!("{} lost", agent(*of)),
        Event::AgentGone { agent: of } => format!("{} gone", agent(*of)),
        Event::AgentIntended {
            agent: of, intent, ..
        } => match intent.reason() {
            Some(reason) => format!("{} {} ({reason})", agent(*of), intent.name()),
            None => format!("{} {}", agent(*of), intent.name()),
        },
        // A rest without a strike, and its end, are noise.
        Event::AgentHealthChanged { strikes: 0, .. } => return None,
        Event::AgentHealthChanged {
            agent: of,
            channel,
            health,
            ..
        } => {
            format!("{} {channel} {}", agent(*of), health.name())
        }
        Event::CallbackRequested { contact, phone, .. } => {
            format!("{} to be called at {}", short(*contact), phone.as_str())
        }
        Event::CallbackDialled {
            contact, attempt, ..
        } => format!("{} called the {attempt}. time", short(*contact)),
        Event::CallbackAnswered { contact, .. } => format!("{} on the line", short(*contact)),
        Event::CallbackMissed { contact, .. } => {
            format!("{} does not answer", short(*contact))
        }
        Event::ResponseLate {
            contact, agent: by, ..
        } => format!("{} not answered in time by {}", short(*contact), agent(*by)),
        Event::ResponseGiven {
            contact,
            agent: by,
            waited,
            ..
        } => format!(
            "{} answered by {} after {}",
            short(*contact),
            agent(*by),
            seconds(Timestamp(waited.0))
        ),
        Event::ContactRecalled {
            contact, agent: by, ..
        } => format!("{} called again by {}", short(*contact), agent(*by)),
        Event::QueueOpened { queue: at, .. } => format!("{} opens", queue(*at)),
        Event::QueueClosed { queue: at, .. } => format!("{} closes", queue(*at)),
        Event::CooldownLifted { contact, agent: of } => {
            format!("{} may go to {} again", short(*contact), agent(*of))
        }
        // Most stories use centres too small for everything.
        Event::ContactUnroutable { .. } | Event::ContactRoutable { .. } => return None,
        Event::Configured { .. }
        | Event::ContactArrived { .. }
        | Event::ContactRecognised { .. }
        | Event::ContactUpdated { .. }
        | Event::OfferDelivered { .. }
        | Event::CooldownKept { .. }
        | Event::QueueGrew { .. }
        | Event::WaitReviewed { .. }
        | Event::EscalationNotApplicable { .. }
        | Event::MoveOwed { .. }
        | Event::NextReserved { .. }
        | Event::AgentRested { .. }
        | Event::AgentReconfigured { .. }
        | Event::ConsultDelivered { .. }
        | Event::ContactShown { .. }
        | Event::MessageSent { .. }
        | Event::AgentConnected { .. }
        | Event::AgentResynced { .. }
        | Event::AgentHeard { .. }
        | Event::EndMissed { .. }
        | Event::EndsChecked { .. }
        | Event::QueuePaused { .. }
        | Event::QueueResumed { .. }
        | Event::RequestRemembered { .. }
        | Event::CallbackGivenUp { .. }
        | Event::HistoryFiled { .. }
        | Event::EscalationsTold { .. } => return None,
    })
}

fn ending(how: &OfferEnd) -> &'static str {
    match how {
        OfferEnd::Declined { .. } => "declined by",
        OfferEnd::Expired => "not answered by",
        OfferEnd::Undelivered => "not delivered to",
        OfferEnd::Withdrawn(_) => "withdrawn from",
    }
}

fn short(contact: ContactId) -> String {
    format!("c{}", contact.0)
}

pub(super) fn seconds(at: Timestamp) -> String {
    if at.0 % 1_000 == 0 {
        format!("{}s", at.0 / 1_000)
    } else {
        format!("{}ms", at.0)
    }
}
