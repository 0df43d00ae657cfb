//! Samples of what happens to contacts with agents, from the offer to the end.

use std::sync::Arc;

use switchboard::domain::{Millis, Recognition, Timestamp};
use switchboard::engine::command::Change;
use switchboard::engine::event::{
    Because, ConsultEnd, ConsultEvent, ContactEvent, Event, Foretold, HeldBy, LineEvent,
    MessageEvent, OfferEnd, OfferEvent, Return, ServiceEvent, Withdrawal,
};
use switchboard::engine::state::contact::{EndedBy, Final};
use switchboard::engine::state::registry::{AgentKey, TierKey};

use super::waiting::queued;
use super::{A1, A2, A3, COOLING, LABELS, Q, c, offer, text};
use crate::tell::name;

fn made(contact: u128, number: u32, agent: AgentKey) -> Event {
    let made = OfferEvent::Made {
        agent,
        queue: Q,
        deliver_by: Timestamp(75_000),
        answer_within: Millis(20_000),
        by: Some(text("sue")),
    };
    Event::Offer(offer(contact, number), made)
}

fn accepted(contact: u128) -> [Event; 2] {
    let accepted = OfferEvent::Accepted {
        agent: A1,
        labels: LABELS,
        waited: Millis(1_000),
        within_target: true,
        foreseen: Some(Foretold {
            waited: Millis(1_000),
            p50: Millis(900),
            p90: Millis(2_000),
        }),
    };
    let offer = offer(contact, 1);
    [made(contact, 1, A1), Event::Offer(offer, accepted)]
}

/// c5 stays offered, and has been refused by a1.
pub(super) fn offered() -> Vec<Event> {
    let ended = OfferEvent::Ended {
        agent: A1,
        queue: Q,
        how: OfferEnd::Declined {
            reason: Some(text("no")),
        },
        cooldown: COOLING,
        by: None,
    };
    let delivered = OfferEvent::Delivered {
        answer_by: Timestamp(95_000),
    };
    let lift_at = Some(Timestamp(85_000));
    let kept = LineEvent::CooldownKept { agent: A1, lift_at };
    let lifted = LineEvent::CooldownLifted { agent: A1 };
    vec![
        made(5, 1, A1),
        Event::Offer(offer(5, 1), ended),
        Event::Line(c(5), kept),
        Event::Line(c(5), lifted),
        made(5, 2, A2),
        Event::Offer(offer(5, 2), delivered),
    ]
}

fn pulled() -> ServiceEvent {
    ServiceEvent::Pulled {
        labels: LABELS,
        waited: Millis(1_000),
        within_target: true,
        foreseen: None,
    }
}

/// c6 stays with its agent, with messages that nobody has read, and c7 parked.
pub(super) fn served() -> Vec<Event> {
    let until = Timestamp(400_000);
    let by = HeldBy::Agent;
    let message = |event| Event::Message(c(6), event);
    let sent = MessageEvent::Sent {
        from: None,
        told: Some(A1),
        text: text("hello"),
    };
    let relayed = MessageEvent::Relayed {
        from: None,
        agent: A1,
        text: text("hello"),
    };
    let late = MessageEvent::ResponseLate {
        agent: A1,
        labels: LABELS,
        since: Timestamp(40_000),
    };
    let given = MessageEvent::ResponseGiven {
        agent: A1,
        labels: LABELS,
        waited: Millis(2_000),
        within_target: true,
    };
    let service = [
        pulled(),
        ServiceEvent::Recalled { queue: Q, times: 1 },
        ServiceEvent::Held { by },
        ServiceEvent::Unheld { by },
        ServiceEvent::Parked { until },
        ServiceEvent::Woken {
            until,
            by_customer: true,
        },
        ServiceEvent::Unparked {
            rest_until: Some(Timestamp(300_000)),
        },
        ServiceEvent::Parked { until },
        ServiceEvent::Shown {
            because: Because::Updated,
        },
    ];
    let service = service.map(|event| Event::Service(c(7), A2, event));
    let messages = [sent, relayed, late, given].map(message);
    let mut events = accepted(6).to_vec();
    events.extend(messages.into_iter().chain(service));
    events
}

/// c8 ends up with the agent who was asked for help, and in wrap-up.
pub(super) fn consulted() -> Vec<Event> {
    let asked = |agent| ConsultEvent::Offered {
        agent,
        by: A1,
        queue: Q,
        deliver_by: Timestamp(75_000),
        answer_within: Millis(20_000),
        note: Some(text("please")),
    };
    let answer_by = Timestamp(95_000);
    let refused = ConsultEvent::Ended {
        agent: A3,
        how: ConsultEnd::Unanswered(OfferEnd::Withdrawn(Withdrawal::ConsultEnded)),
        queue: Q,
        cooldown: COOLING,
    };
    let joined = ConsultEvent::Accepted {
        agent: A2,
        queue: Q,
    };
    let consult = |number, event| Event::Consult(offer(8, number), event);
    let handed_over = ServiceEvent::HandedOver {
        from: A1,
        why: Return::Transferred {
            note: Some(text("yours")),
        },
        handled: Millis(5_000),
        labels: LABELS,
        on_hold: Some(Millis(1_000)),
    };
    let wrap_up = ServiceEvent::WrapUpStarted {
        until: Timestamp(130_000),
        outcome: text("done"),
        notes: Some(text("a note")),
        ended_by: EndedBy::Agent,
    };
    let extended = ServiceEvent::WrapUpExtended {
        until: Timestamp(140_000),
    };
    let mut events = accepted(8).to_vec();
    events.extend([
        consult(2, asked(A3)),
        consult(2, refused),
        consult(3, asked(A2)),
        consult(3, ConsultEvent::Delivered { answer_by }),
        consult(3, joined),
        consult(3, ConsultEvent::ConferenceBegun { agent: A2 }),
        Event::Service(c(8), A2, handed_over),
        Event::Service(c(8), A2, wrap_up),
        Event::Service(c(8), A2, extended),
    ]);
    events
}

/// c9 returns to its queue, and c10 is closed.
pub(super) fn ended() -> Vec<Event> {
    let change = Change {
        topic: Some(name("billing")),
        sentiment: Some(-0.5),
        attributes: None,
    };
    let returned = ServiceEvent::Returned {
        why: Return::NoShow {
            boost: Millis(-5_000),
        },
        handled: Millis(5_000),
        cooldown: COOLING,
        labels: LABELS,
        on_hold: None,
        to_front: true,
    };
    let contact = [
        ContactEvent::Recognised {
            recognition: Arc::new(Recognition::default()),
            tier: TierKey(1),
            due: Timestamp(50_000),
            told: Some(A1),
        },
        ContactEvent::Updated {
            change,
            told: Some(A1),
            stays_for_now: false,
        },
        ContactEvent::EndMissed { labels: LABELS },
        ContactEvent::Closed {
            how: Final::Completed,
            labels: LABELS,
            ended_by: EndedBy::System,
            outcome: Some(text("done")),
            notes: None,
            agent: Some(A1),
            handled: Some(Millis(9_000)),
            number: 1,
            unanswered: false,
            on_hold: None,
        },
    ];
    let contact = contact.map(|event| Event::Contact(c(10), event));
    let mut events = vec![
        Event::Service(c(9), A1, pulled()),
        Event::Service(c(9), A1, returned),
        queued(9),
        Event::Service(c(10), A1, pulled()),
    ];
    events.extend(contact);
    events
}
