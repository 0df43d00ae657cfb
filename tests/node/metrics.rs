//! The metrics compared with what was done.

use std::sync::Arc;
use std::time::Duration;

use switchboard::domain::{Channel, ContactId, OfferId, Timestamp};
use switchboard::engine::Engine;
use switchboard::engine::command::{
    Act, AgentCommand, Command, ContactCommand, ContactRequest, DeskAct, Destination, Intention,
    Manner, SiteCommand,
};
use switchboard::engine::options::QueueOptions;
use switchboard::engine::state::registry::Registry;
use switchboard::node::handle::Handle;
use switchboard::node::site::Site;
use switchboard::task;
use switchboard::telemetry::{Fold, Telemetry, metric_lines};
use tokio::time::sleep;

use crate::centre::{
    Centre, act, connect, name, next_offer, options, place, recovered, serve, sign_in, submission,
    submit,
};

fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find(|line| {
        line.strip_prefix(series)
            .is_some_and(|rest| rest.starts_with(' '))
    });
    let line = line.unwrap_or_else(|| panic!("{series} is not in\n{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

async fn cancel(handle: &Handle, reason: &str) {
    let contact = submit(handle).await.unwrap();
    let command = Command::Contact(ContactCommand::Request {
        contact,
        request: ContactRequest::Cancel {
            reason: reason.into(),
        },
        key: None,
    });
    handle.decide(command, |_, _| ()).await.unwrap();
}

const OF_BASIC: &str = r#"{channel="app",queue="q",tier="basic"}"#;

/// Two cancelled, three served, one declined and still waiting.
async fn a_day(centre: &Centre) -> String {
    let handle = centre.handle();
    cancel(&handle, "customer_left").await;
    cancel(&handle, "mistake").await;
    let mut desk = sign_in(&handle, "a1").await;
    for _ in 0..3 {
        submit(&handle).await.unwrap();
        let offer = next_offer(&mut desk).await;
        serve(&handle, &desk, offer).await;
    }
    submit(&handle).await.unwrap();
    let offer = next_offer(&mut desk).await;
    let decline = DeskAct::Decline {
        offer,
        reason: None,
        retry_after: None,
    }
    .of(desk.session);
    act(&handle, "a1", decline).await.unwrap();
    handle.scrape().await.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_is_compared_with_what_came_of_it() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    for _ in 0..6 {
        submit(&handle).await.unwrap();
    }
    for _ in 0..6 {
        let offer = next_offer(&mut desk).await;
        serve(&handle, &desk, offer).await;
    }
    let text = handle.scrape().await;
    let place = r#"{channel="app",queue="q"}"#;
    let name = "switchboard_wait_estimate_error_seconds";
    let compared = value(&text, &format!("{name}_count{place}"));
    assert!((1.0..=6.0).contains(&compared), "{compared}");
    let covered = "switchboard_wait_estimates_covered_total";
    assert_eq!(value(&text, &format!("{covered}{place}")), compared);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counters_add_up() {
    let centre = Centre::open(1);
    let text = a_day(&centre).await;
    let expected = [
        ("contacts_received_total", 6.0),
        ("contacts_answered_total", 3.0),
        ("contacts_completed_total", 3.0),
        ("contacts_abandoned_total", 1.0),
        ("contacts_cancelled_total", 1.0),
        ("contacts_deflected_total", 0.0),
        ("contacts_ended_unanswered_total", 2.0),
        ("answered_within_target_total", 3.0),
        ("wait_seconds_count", 3.0),
    ];
    for (metric, count) in expected {
        let series = format!("switchboard_{metric}{OF_BASIC}");
        assert_eq!(value(&text, &series), count, "{metric}");
    }
    for (outcome, count) in [("made", 4.0), ("accepted", 3.0), ("declined", 1.0)] {
        let series = format!(r#"switchboard_offers_total{{outcome="{outcome}",queue="q"}}"#);
        assert_eq!(value(&text, &series), count, "{outcome}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gauges_show_what_is() {
    let centre = Centre::open(1);
    let mut text = a_day(&centre).await;
    let at_the_end = [
        (r#"handle_seconds_count{channel="app",queue="q"}"#, 3.0),
        (r#"contacts{channel="app",queue="q",state="queued"}"#, 1.0),
        (r#"agents{intent="ready",session="connected"}"#, 0.0),
        (r#"agents{intent="ready",session="grace"}"#, 1.0),
        (r#"agents_staffed{queue="q"}"#, 0.0),
        ("conservation_residual", 0.0),
    ];
    // The desk was dropped; its agent is lost within a second or two.
    while value(&text, "switchboard_desks") > 0.0
        || value(&text, r#"switchboard_agents_staffed{queue="q"}"#) > 0.0
    {
        sleep(Duration::from_millis(100)).await;
        text = centre.handle().scrape().await.to_string();
    }
    for (metric, count) in at_the_end {
        assert_eq!(
            value(&text, &format!("switchboard_{metric}")),
            count,
            "{metric}"
        );
    }
    assert!(value(&text, "switchboard_journal_commit_seconds_count") > 10.0);
    assert!(value(&text, "switchboard_clock_offset_seconds").abs() < 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_series_exists_before_anything_happens_and_none_comes_with_a_contact() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    let before = handle.scrape().await;
    for metric in [
        "received",
        "answered",
        "abandoned",
        "deflected",
        "completed",
    ] {
        for tier in ["gold", "basic"] {
            let labels = format!(r#"{{channel="wechat",queue="q",tier="{tier}"}}"#);
            let name = format!("switchboard_contacts_{metric}_total{labels}");
            assert_eq!(value(&before, &name), 0.0);
        }
    }
    assert_eq!(
        value(
            &before,
            r#"switchboard_escalations_total{queue="q",rule="early"}"#
        ),
        0.0
    );
    assert!(before.contains("switchboard_build_info{version="));
    assert!(before.contains(r#"switchboard_customer_lookup_seconds_count{outcome="timeout"} 0"#));
    for _ in 0..10 {
        cancel(&handle, "customer_left").await;
    }
    assert_eq!(series(&handle.scrape().await), series(&before));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_residual_is_zero_under_load_and_after_a_restart() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let load = task::spawn("a caller", {
        let handle = handle.clone();
        async move {
            while submit(&handle).await.is_ok() {
                cancel(&handle, "customer_left").await;
            }
        }
    });
    for _ in 0..50 {
        let text = handle.scrape().await;
        assert_eq!(value(&text, "switchboard_conservation_residual"), 0.0);
        sleep(Duration::from_millis(10)).await;
    }
    load.abort();
    drop(centre.site.stop().await);

    let (recovered, _) = recovered(&place(centre.dir.path()));
    let open = recovered.engine.census().open;
    assert!(open > 10, "{open}");
    let site = Site::start(recovered, options(1).into(), &Telemetry::new()).unwrap();
    let text = site.handle().scrape().await;
    assert_eq!(value(&text, "switchboard_conservation_residual"), 0.0);
    let received = format!("switchboard_contacts_received_total{OF_BASIC}");
    assert_eq!(value(&text, &received), 0.0, "counters begin anew");
    let _desk = connect(&site.handle(), "a1").await.unwrap();
    cancel(&site.handle(), "mistake").await;
    let text = site.handle().scrape().await;
    assert_eq!(value(&text, "switchboard_conservation_residual"), 0.0);
}

/// An engine with its own clock, whose events are counted.
struct Counting {
    engine: Engine,
    fold: Fold,
    telemetry: Telemetry,
}

impl Counting {
    fn new() -> Self {
        let telemetry = Telemetry::new();
        Self {
            engine: Engine::new(),
            fold: Fold::new(&telemetry, Registry::default(), None, 0),
            telemetry,
        }
    }

    fn at(&mut self, ms: i64, command: Command) {
        while let Some(due) = self.engine.next_deadline().filter(|due| due.0 <= ms) {
            self.engine.expire(due, 1);
        }
        self.engine.handle(Timestamp(ms), command).unwrap();
        while let Some(emitted) = self.engine.poll_event() {
            self.fold.count(&emitted.recorded.event);
        }
    }

    fn agent(&mut self, ms: i64, act: Act) {
        let agent = name("a1");
        self.at(ms, Command::Agent(AgentCommand { agent, act }));
    }
}

fn offer(contact: u128, number: u32) -> OfferId {
    OfferId {
        contact: ContactId(contact),
        number,
    }
}

#[test]
fn every_end_of_an_offer_and_every_escalation_is_counted_once() {
    let mut counting = Counting::new();
    let configure = SiteCommand::Configure(Arc::new(options(1)));
    counting.at(0, Command::Site(configure));
    counting.agent(0, Act::Connect);
    let ready = Act::Intend {
        intent: Intention::Ready,
        by: "a1".into(),
        key: None,
    };
    counting.agent(0, ready);
    // Escalated at 0.2 s, undelivered at 2 s, offered again at 12 s.
    counting.at(0, submission(ContactId(1), Channel::App));
    let (session, first) = (1, offer(1, 2));
    counting.agent(12_000, DeskAct::Deliver { offer: first }.of(session));
    // Expired at 32 s.
    let decline = DeskAct::Decline {
        offer: offer(1, 3),
        reason: None,
        retry_after: None,
    }
    .of(session);
    counting.agent(63_000, decline);
    let cancel = ContactCommand::Request {
        contact: ContactId(1),
        request: ContactRequest::Cancel {
            reason: "customer_left".into(),
        },
        key: None,
    };
    counting.at(74_000, Command::Contact(cancel));
    counting.at(74_000, submission(ContactId(2), Channel::App));
    let accept = DeskAct::Accept { offer: offer(2, 1) }.of(session);
    counting.agent(75_000, accept);

    let text = counting.telemetry.render();
    let outcomes = [
        ("made", 5.0),
        ("accepted", 1.0),
        ("declined", 1.0),
        ("expired", 1.0),
        ("undelivered", 1.0),
        ("withdrawn", 1.0),
    ];
    for (outcome, count) in outcomes {
        let series = format!(r#"switchboard_offers_total{{outcome="{outcome}",queue="q"}}"#);
        assert_eq!(value(&text, &series), count, "{outcome}");
    }
    let escalated = r#"switchboard_escalations_total{queue="q",rule="early"}"#;
    assert_eq!(value(&text, escalated), 2.0);
    let abandoned = format!("switchboard_contacts_abandoned_total{OF_BASIC}");
    assert_eq!(value(&text, &abandoned), 1.0);
}

#[test]
fn what_comes_into_a_queue_is_what_goes_out_of_it_and_what_waits() {
    let mut counting = Counting::new();
    let configure = SiteCommand::Configure(Arc::new(options(1)));
    counting.at(0, Command::Site(configure));
    counting.agent(0, Act::Connect);
    let ready = Act::Intend {
        intent: Intention::Ready,
        by: "a1".into(),
        key: None,
    };
    counting.agent(0, ready);
    counting.at(0, submission(ContactId(1), Channel::App));
    let accept = DeskAct::Accept { offer: offer(1, 1) }.of(1);
    counting.agent(100, accept);
    let requeue = ContactCommand::Request {
        contact: ContactId(1),
        request: ContactRequest::Requeue { by: "s1".into() },
        key: None,
    };
    counting.at(150, Command::Contact(requeue));
    let text = counting.telemetry.render();
    let count = |what| {
        value(
            &text,
            &format!("switchboard_contacts_{what}_total{OF_BASIC}"),
        )
    };
    let waiting = 1.0;
    assert_eq!(
        count("received") + count("returned"),
        count("answered") + waiting
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_lines_there_will_be_is_known_beforehand() {
    let mut large = options(2);
    for number in 1..10 {
        let queue = QueueOptions::ordinary(name(&format!("q{number}")));
        large.queues.push(queue);
    }
    let expected = metric_lines(&large);
    let centre = Centre::open(1);
    let handle = centre.handle();
    let command = Command::Site(SiteCommand::Configure(Arc::new(large)));
    handle.decide(command, |_, _| ()).await.unwrap();
    let text = handle.scrape().await;
    let lines = text.lines().filter(|line| !line.starts_with('#')).count();
    // Metrics of the gateway are missing without one.
    assert!(
        lines.abs_diff(expected) * 100 < expected,
        "{lines}, {expected}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_long_ago_has_no_series_after_a_restart() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut with_old = options(1);
    with_old.queues.push(QueueOptions::ordinary(name("old")));
    for configured in [with_old, options(1)] {
        let command = Command::Site(SiteCommand::Configure(Arc::new(configured)));
        handle.decide(command, |_, _| ()).await.unwrap();
        let text = handle.scrape().await;
        assert!(text.contains("queue=\"old\""), "while the process runs");
    }
    drop(centre.site.stop().await);
    let (recovered, _) = recovered(&place(centre.dir.path()));
    let site = Site::start(recovered, Arc::new(options(1)), &Telemetry::new()).unwrap();
    let text = site.handle().scrape().await;
    assert!(text.contains("queue=\"q\"") && !text.contains("queue=\"old\""));
    site.stop().await;
}

/// The agent has called the first contact, 100 ms after it came.
fn called_to_a_counter() -> Counting {
    let mut counting = Counting::new();
    let mut counter = options(1);
    counter.queues[0].pull = true;
    counting.at(0, Command::Site(SiteCommand::Configure(Arc::new(counter))));
    counting.agent(0, Act::Connect);
    counting.at(0, submission(ContactId(1), Channel::App));
    let pull = DeskAct::Pull {
        queue: name("q"),
        contact: None,
    };
    counting.agent(100, pull.of(1));
    counting
}

#[test]
fn who_was_called_to_a_counter_and_did_not_come_is_counted_as_such() {
    let mut counting = called_to_a_counter();
    let missed = DeskAct::NoShow {
        contact: ContactId(1),
    };
    counting.agent(9_000, missed.of(1));
    let text = counting.telemetry.render();
    let count = |metric| value(&text, &format!("switchboard_{metric}{OF_BASIC}"));
    assert_eq!(count("contacts_no_show_total"), 1.0);
    assert_eq!(count("contacts_abandoned_total"), 0.0);
    assert_eq!(count("contacts_completed_total"), 0.0);
    assert!(!text.contains("switchboard_handle_seconds_count{channel=\"app\",queue=\"q\"} 1"));
}

#[test]
fn the_work_with_a_contact_that_is_transferred_is_handling_time() {
    let mut counting = called_to_a_counter();
    let transfer = DeskAct::Transfer {
        contact: ContactId(1),
        to: Destination::Queue(name("q")),
        note: None,
        manner: Manner {
            keep_age: true,
            or_queue: false,
        },
    };
    counting.agent(9_100, transfer.of(1));
    let text = counting.telemetry.render();
    let handled = |what: &str| {
        let series = format!(r#"switchboard_handle_seconds_{what}{{channel="app",queue="q"}}"#);
        value(&text, &series)
    };
    assert_eq!((handled("count"), handled("sum")), (1.0, 9.0));
}
