//! Samples of what happens to the centre, and to contacts that wait.

use std::sync::Arc;

use switchboard::domain::{Channel, Intake, Millis, Phone, Recognition, Timestamp};
use switchboard::engine::command::{CommandKey, RequestKey};
use switchboard::engine::condition::Trouble;
use switchboard::engine::event::{
    AgentEvent, CallbackEvent, ContactEvent, Event, Labels, LineEvent, QueueEvent, RuleEvent,
    SiteEvent,
};
use switchboard::engine::options::Audience;
use switchboard::engine::state::agent::{Health, Intent};

use super::{A1, A3, LABELS, Q, R, c, text};
use crate::tell::{agent, centre, name, queue};

pub(super) fn centre_events() -> Vec<Event> {
    let agents = ["a1", "a2", "a3"].map(|id| agent(id, "q r", ""));
    let options = Arc::new(centre(vec![queue("q"), queue("r")], agents.to_vec()));
    let intent = Intent::NotReady {
        reason: text("lunch"),
    };
    let site = [
        SiteEvent::Configured { options },
        SiteEvent::RequestRemembered {
            key: RequestKey {
                key: 1 << 100,
                fingerprint: 2,
            },
            contact: Some(c(1)),
        },
        SiteEvent::HistoryFiled { closed_upto: 0 },
        SiteEvent::EscalationsTold { upto_seq: 1 },
    ];
    let until = Some(Timestamp(500_000));
    let by = text("sue");
    let queues = [
        QueueEvent::Closed { until },
        QueueEvent::Opened { until },
        QueueEvent::Paused { by: by.clone() },
        QueueEvent::Resumed { by: by.clone() },
        QueueEvent::Grew { waiting: 7 },
    ];
    let agents = [
        AgentEvent::Connected { session: 1 },
        AgentEvent::Resynced,
        AgentEvent::Heard { upto: 1 },
        AgentEvent::Resumed { upto: 1 },
        AgentEvent::Lost {
            until: Timestamp(60_000),
            is_restart: true,
        },
        AgentEvent::Gone,
        AgentEvent::Intended {
            intent,
            by,
            is_steered: true,
        },
        AgentEvent::HealthChanged {
            channel: Channel::Hotline,
            health: Health::Suspended,
            strikes: 3,
        },
        AgentEvent::Reconfigured,
        AgentEvent::Rested,
        AgentEvent::EndsChecked {
            next: Some(Timestamp(900_000)),
        },
        AgentEvent::CarriedOut {
            key: CommandKey(0x0102_0304_0506_0708),
        },
    ];
    let site = site.into_iter().map(Event::Site);
    let queues = queues.into_iter().map(|event| Event::Queue(R, event));
    let agents = agents.into_iter().map(|event| Event::Agent(A3, event));
    site.chain(queues).chain(agents).collect()
}

pub(super) fn arrival(contact: u128) -> Event {
    let recognition = Recognition {
        customer: Some(text("k-1")),
        ..Recognition::default()
    };
    let arrived = ContactEvent::Arrived {
        intake: Arc::new(Intake::new(Channel::App)),
        recognition: Arc::new(recognition),
        labels: LABELS,
        first_queued_at: Timestamp(20_000),
        posted_by: Some(text("web")),
    };
    Event::Contact(c(contact), arrived)
}

pub(super) fn queued(contact: u128) -> Event {
    let queued = LineEvent::Queued {
        queue: Q,
        step: 0,
        due: Timestamp(70_000),
        direct: None,
        direct_until: None,
        stays_for_now: false,
    };
    Event::Line(c(contact), queued)
}

/// c1 stays moving, c2 queued, and c3 scheduled.
pub(super) fn in_line() -> Vec<Event> {
    let moved = LineEvent::Moved {
        from: Q,
        labels: Labels { queue: R, ..LABELS },
        keeps_agent: true,
        loses_boost: false,
    };
    let until = Timestamp(600_000);
    let line = [
        LineEvent::Unroutable { labels: LABELS },
        LineEvent::Routable,
        LineEvent::StepTaken { step: 1 },
        LineEvent::RoomKept { agent: A1 },
        LineEvent::AgentsLetGo,
    ];
    let line = line.into_iter().map(|event| Event::Line(c(2), event));
    let mut events = vec![Event::Line(c(1), moved), queued(2)];
    events.extend(line);
    events.push(Event::Line(c(3), LineEvent::Scheduled { until }));
    events
}

/// What rules do to c2.
pub(super) fn ruled() -> Vec<Event> {
    let (queue, name) = (Q, name("late"));
    let rules = [
        RuleEvent::Fired {
            queue,
            name: name.clone(),
            boost: Millis(60_000),
            due: Timestamp(10_000),
            notify: vec![Audience::Webhook],
            again_at: Some(Timestamp(700_000)),
            also: vec![R],
            reserved: false,
            claims: true,
            callback_offered: true,
            beside_max: 1,
        },
        RuleEvent::NotApplicable {
            queue,
            name: name.clone(),
        },
        RuleEvent::ConditionFailed {
            queue,
            name: name.clone(),
            trouble: Trouble::Kind,
        },
        RuleEvent::WaitReviewed {
            check_at: Timestamp(99_000),
            lets_go: vec![name.clone()],
        },
        RuleEvent::MoveOwed {
            queue,
            name: name.clone(),
            is_owed: true,
        },
        RuleEvent::NextReserved {
            queue,
            name: name.clone(),
        },
        RuleEvent::AgentNotified {
            agent: A1,
            queue,
            name: name.clone(),
        },
        RuleEvent::CustomerTold {
            name,
            text: text("soon"),
        },
    ];
    let rules = rules.into_iter().map(|event| Event::Rule(c(2), event));
    rules.collect()
}

/// c4 waits for the call that its agent makes for the last time.
pub(super) fn called_back() -> Vec<Event> {
    let phone = Phone::new("+4930123456").unwrap();
    let until = Timestamp(110_000);
    let requested = CallbackEvent::Requested {
        queue: Q,
        phone: phone.clone(),
        told: None,
        customer_first: true,
    };
    let dialled = CallbackEvent::Dialled {
        queue: Q,
        agent: A1,
        phone,
        attempt: 1,
        until,
    };
    let missed = CallbackEvent::Missed {
        queue: Q,
        attempts: 1,
        reason: text("busy"),
    };
    let answered = CallbackEvent::Answered {
        queue: Q,
        reserved: true,
    };
    let call = |event| Event::Callback(c(4), event);
    vec![
        queued(4),
        call(requested),
        call(dialled.clone()),
        call(missed),
        queued(4),
        call(dialled),
        call(answered),
        queued(4),
        call(CallbackEvent::GivenUp { attempts: 2 }),
    ]
}
