//! What supervisors are shown and notified of.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::centre::{Centre, name, sign_in, submit};

const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_is_told_as_it_fires() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut escalations = handle.escalations();
    let id = submit(&handle).await.unwrap();
    let told = timeout(LONG, escalations.recv()).await.unwrap().unwrap();
    assert_eq!((told.rule.as_str(), told.queue.as_str()), ("early", "q"));
    assert_eq!(told.contact, id);
    assert!(told.at <= handle.clock().now());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_begins_with_everything_and_then_sees_what_changes() {
    let centre = Centre::open(2);
    let handle = centre.handle();
    let mut watch = handle.watch().await.unwrap();
    assert_eq!(watch.snapshot.queues.len(), 1);
    assert_eq!(watch.snapshot.agents.len(), 2);
    let _desk = sign_in(&handle, "a2").await;
    let change = timeout(LONG, watch.changes.recv()).await.unwrap().unwrap();
    let changed: Vec<_> = change
        .agents
        .iter()
        .map(|agent| agent.id.as_str())
        .collect();
    assert_eq!(changed, ["a2"]);
    assert_eq!(change.queues[0].staffed, 1);
    sleep(Duration::from_millis(1_500)).await;
    assert!(watch.changes.is_empty(), "nothing has changed since");
    let late = handle.watch().await.unwrap();
    assert_eq!(late.snapshot.queues[0].staffed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_is_told_of_an_agent_who_is_lost() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let desk = sign_in(&handle, "a1").await;
    let mut watch = handle.watch().await.unwrap();
    handle.lose(&name("a1"), desk.session).await;
    let change = timeout(LONG, watch.changes.recv()).await.unwrap().unwrap();
    let seen = (change.agents[0].session.name(), change.queues[0].staffed);
    assert_eq!(seen, ("grace", 0));
}
