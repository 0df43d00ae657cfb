//! Targets for replies, over the wire.

use switchboard::domain::Millis;

use crate::centre::{Centre, Plan};
use crate::supervisors::{board, next};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_does_not_answer_and_supervisors_hear_of_it_once() {
    let mut plan = Plan::ordinary();
    plan.routing.queues[0].escalations.clear();
    plan.routing.queues[0].target.respond_within = Some(Millis(300));
    let centre = Centre::open_as(plan).await;
    let (adapter, supervisor) = (centre.adapter(), centre.supervisor());
    let mut board = board(&centre).await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    assert_eq!(desktop.take().await, contact);
    let path = format!("/v1/contacts/{contact}");
    let served = adapter.get(&path).await.json();
    assert!(served.get("response_owed").is_none(), "{served}");
    let messages = format!("{path}/messages");
    for text in ["hello", "anybody there?"] {
        let body = format!(r#"{{"text":"{text}"}}"#);
        let sent = adapter.post(&messages, &body).await;
        assert_eq!(sent.status, 201, "{}", sent.text());
    }
    let notice = desktop.next("notice").await;
    assert_eq!(notice["kind"], "response_late");
    assert_eq!(
        (&notice["rule"], &notice["queue"]),
        (&"response_late".into(), &"q".into())
    );
    assert_eq!(notice["contact"]["id"], contact.as_str());
    assert_eq!(notice["contact"]["response_owed"]["late"], true);
    let told = loop {
        let frame = next(&mut board).await;
        if frame["type"] == "notice" {
            break frame;
        }
    };
    assert_eq!(
        (&told["kind"], &told["contact"]),
        (&"response_late".into(), &contact.as_str().into())
    );
    let explained = supervisor.get(&format!("{path}/explain")).await.json();
    let owed = &explained["contact"]["response_owed"];
    assert!(
        owed["since"].is_string() && owed["by"].is_string(),
        "{owed}"
    );
    let answer = format!(r#""type":"message","contact":"{contact}","text":"I am here""#);
    desktop.ok(&answer).await;
    let answered = adapter.get(&path).await.json();
    assert!(answered.get("response_owed").is_none(), "{answered}");
    let metrics = centre.client("dev-metrics").get("/metrics").await.text();
    for (counter, count) in [
        ("responses", 1),
        ("responses_within_target", 0),
        ("responses_late", 1),
    ] {
        let labels = r#"channel="app",queue="q",tier="basic""#;
        let line = format!("switchboard_{counter}_total{{{labels}}} {count}\n");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
    let description = adapter.get("/v1/openapi.json").await.json();
    assert!(!description["components"]["schemas"]["ResponseOwed"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_explanation_says_until_when_the_next_answer_was_promised() {
    let mut plan = Plan::ordinary();
    plan.routing.queues[0].target.respond_within = Some(Millis::from_s(600));
    let centre = Centre::open_as(plan).await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    let path = format!("/v1/contacts/{contact}");
    let messages = format!("{path}/messages");
    let sent = centre
        .adapter()
        .post(&messages, r#"{"text":"hello"}"#)
        .await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let explained = centre.supervisor().get(&format!("{path}/explain")).await;
    let explained = explained.json();
    let owed = &explained["contact"]["response_owed"];
    assert_eq!(owed["late"], false, "{explained}");
    assert_eq!(explained["changes"][0]["kind"], "response_late");
    assert_eq!(explained["changes"][0]["at"], owed["by"]);
}
