//! Business hours over the wire.

use switchboard::domain::hours::SpecialDay;
use switchboard::domain::period::Period;
use switchboard::domain::{Hours, instant};
use switchboard::engine::options::{HoursOptions, WhenClosed};

use crate::centre::{Centre, Plan, name};

/// Closed on most days of the century, and open in its last year.
fn closed_for_long() -> HoursOptions {
    let period: Period = "09:00-18:00".parse().unwrap();
    let mut week = [(); 7].map(|()| Vec::new());
    week[0] = vec![period];
    let mut days = Vec::new();
    let mut monday: jiff::civil::Date = "2026-01-05".parse().unwrap();
    while monday.year() < 2040 {
        days.push(SpecialDay {
            date: monday.to_string().parse().unwrap(),
            periods: Vec::new(),
        });
        monday += jiff::Span::new().days(7);
    }
    let zone = "Asia/Shanghai".parse().unwrap();
    HoursOptions {
        id: name("late"),
        hours: Hours::new(zone, week, days).unwrap(),
    }
}

fn plan() -> Plan {
    let mut plan = Plan::ordinary();
    plan.routing.hours = vec![closed_for_long()];
    for queue in &mut plan.routing.queues {
        queue.hours = Some(name("late"));
        queue.escalations.clear();
    }
    plan.routing.queues[1].when_closed = WhenClosed::Deflect("请在上班时间再来".into());
    plan
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_queue_says_when_it_opens() {
    let centre = Centre::open_as(plan()).await;
    let supervisor = centre.supervisor();
    let opens = "2040-01-02T01:00:00.000Z";
    let queues = supervisor.get("/v1/queues").await.json();
    assert_eq!(queues["queues"][0]["open"], false);
    assert_eq!(queues["queues"][0]["changes_at"], opens);
    let _desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    let path = format!("/v1/contacts/{contact}");
    let told = centre.adapter().get(&path).await.json();
    assert_eq!(told["state"], "queued");
    assert_eq!(told["estimate_reason"], "closed");
    assert!(told["estimated_wait_s"].is_null());
    assert_eq!(told["due_at"], "2040-01-02T01:00:30.000Z");
    let explained = supervisor.get(&format!("{path}/explain")).await.json();
    assert_eq!(explained["opens_at"], opens);
    assert_eq!(explained["candidates"][0]["failed"]["test"], "queue_closed");
    assert_eq!(explained["candidates"][0]["failed"]["until"], opens);
    let terms = explained["due_terms_s"].as_object().unwrap();
    assert_eq!(terms["target"], 30.0);
    assert!(terms["closed"].as_f64().unwrap() > 86_400.0);
    let sentence = explained["sentence"]["en"].as_str().unwrap();
    assert!(
        sentence.contains(&format!("opens at {opens}")),
        "{sentence}"
    );
    assert!(instant::parse(opens).is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_to_a_closed_counter_is_turned_away_with_a_text() {
    let centre = Centre::open_as(plan()).await;
    let body = r#"{"channel":"storefront","queue":"counter"}"#;
    let adapter = centre.adapter().with("Idempotency-Key", "k");
    let reply = adapter.post("/v1/contacts", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.json()["state"], "deflected");
    assert_eq!(reply.json()["outcome"], "请在上班时间再来");
    assert_eq!(reply.json()["ended_by"], "system");
    let again = adapter.post("/v1/contacts", body).await;
    assert!(again.is_replay(), "the same answer to the same request");
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    let assign = format!("/v1/contacts/{contact}/assign");
    let assigned = centre.supervisor().post(&assign, r#"{"agent":"a1"}"#).await;
    assert_eq!(assigned.status, 200, "a supervisor may, at any hour");
    desktop.take().await;
    let transfer = format!(r#""type":"transfer","contact":"{contact}","to":{{"queue":"counter"}}"#);
    assert_eq!(desktop.refused(&transfer).await, "queue_closed");
}
