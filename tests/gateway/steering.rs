//! Supervisors' actions on agents, contacts and queues.

use crate::centre::Centre;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_says_what_an_agent_wants() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let path = "/v1/agents/a1/presence";
    let reply = centre
        .supervisor()
        .post(path, r#"{"intent":"ready"}"#)
        .await;
    assert_eq!(
        (reply.status, &reply.json()["intent"]),
        (200, &"ready".into())
    );
    assert_eq!(desktop.next("presence").await["agent"]["intent"], "ready");
    let reply = centre
        .supervisor()
        .post(path, r#"{"intent":"not_ready","reason":"meeting"}"#)
        .await;
    assert_eq!(reply.json()["reason"], "meeting");
    let reply = centre
        .supervisor()
        .post(path, r#"{"intent":"asleep"}"#)
        .await;
    assert_eq!(
        (reply.status, reply.json()["field"].as_str()),
        (422, Some("intent"))
    );
    let reply = centre
        .supervisor()
        .post("/v1/agents/nobody/presence", r#"{"intent":"ready"}"#)
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (404, "unknown_agent")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_of_no_known_intention_is_offered_nothing() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let contact = centre.submit().await;
    assert_eq!(
        desktop.refused(r#""type":"available""#).await,
        "unknown_command"
    );
    let supervisor = centre.supervisor();
    for intent in ["available", "READY", "online", ""] {
        let body = format!(r#"{{"intent":"{intent}"}}"#);
        let reply = supervisor.post("/v1/agents/a1/presence", &body).await;
        assert_eq!(reply.status, 422, "{intent}");
    }
    assert_eq!(centre.state(&contact).await, "queued");
    desktop.ok(r#""type":"ready""#).await;
    assert_eq!(
        desktop.next("offer").await["offer"]["contact"]["id"],
        contact.as_str()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_contact_is_assigned_and_taken_back() {
    let centre = Centre::open().await;
    let supervisor = centre.supervisor();
    let contact = centre.submit().await;
    let assign = format!("/v1/contacts/{contact}/assign");
    let reply = supervisor.post(&assign, r#"{"agent":"a2"}"#).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (409, "agent_not_ready")
    );
    let reply = supervisor.post(&assign, r#"{"agent":"nobody"}"#).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (422, "unknown_agent")
    );
    let mut desktop = centre.ready("a2").await;
    desktop.take().await;
    let requeue = format!("/v1/contacts/{contact}/requeue");
    let keyed = supervisor.with("Idempotency-Key", "r");
    let reply = keyed.post(&requeue, "").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(keyed.post(&requeue, "").await.is_replay());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_queue_offers_nothing_until_it_is_resumed() {
    let centre = Centre::open().await;
    let supervisor = centre.supervisor();
    let mut desktop = centre.ready("a1").await;
    let paused = supervisor.post("/v1/queues/q/pause", "").await;
    assert_eq!(
        (paused.status, &paused.json()["paused"]),
        (200, &true.into())
    );
    let contact = centre.submit().await;
    assert_eq!(centre.state(&contact).await, "queued");
    let waiting = centre
        .supervisor()
        .get(&format!("/v1/contacts/{contact}"))
        .await
        .json();
    assert_eq!(waiting["estimate_reason"], "not_offered");
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    let unstaffed = supervisor.get(&format!("/v1/contacts/{contact}")).await;
    let unstaffed = unstaffed.json();
    assert_eq!(unstaffed["estimate_reason"], "nobody_staffed");
    desktop.ok(r#""type":"ready""#).await;
    let path = format!("/v1/contacts/{contact}/explain");
    assert_eq!(supervisor.get(&path).await.json()["paused"], true);
    let keyed = supervisor.with("Idempotency-Key", "resume-1");
    for is_replay in [false, true] {
        let resumed = keyed.post("/v1/queues/q/resume", "{}").await;
        assert_eq!(resumed.json()["paused"], false);
        assert_eq!(resumed.is_replay(), is_replay);
    }
    assert_eq!(desktop.take().await, contact);
    for path in ["/v1/queues/nowhere", "/v1/agents/nobody"] {
        assert_eq!(supervisor.get(path).await.status, 404, "{path}");
    }
    let reply = supervisor.post("/v1/queues/nowhere/pause", "").await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (404, "unknown_queue")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_and_agents_are_listed() {
    let centre = Centre::open().await;
    let queues = centre.supervisor().get("/v1/queues").await.json();
    assert_eq!(queues["queues"][0]["id"], "q");
    assert_eq!(queues["queues"][0]["answer_within_s"], 30);
    let agents = centre.supervisor().get("/v1/agents").await.json();
    assert_eq!(agents["agents"].as_array().unwrap().len(), 4);
    assert_eq!(agents["agents"][0]["session"], "gone");
    assert_eq!(agents["agents"][0]["health"]["hotline"], "ok");
}
