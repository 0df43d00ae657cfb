//! What agents do with the contacts they serve, over real sockets.

use std::time::Duration;

use serde_json::json;
use switchboard::stopwatch::Stopwatch;

use crate::centre::Centre;
use crate::desktop::Desktop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_contact_shows_so_until_it_goes_on() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    let assigned = desktop.next("assigned").await;
    assert_eq!(assigned["contact"]["held"], false);
    desktop
        .ok(&format!(r#""type":"hold","contact":"{contact}""#))
        .await;
    let held = desktop.next("contact_updated").await;
    assert_eq!(
        (&held["contact"]["state"], &held["contact"]["held"]),
        (&json!("active"), &json!(true))
    );
    desktop
        .ok(&format!(r#""type":"unhold","contact":"{contact}""#))
        .await;
    let unheld = desktop.next("contact_updated").await;
    assert_eq!(unheld["contact"]["held"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_customer_wrote_while_waiting_comes_right_after_the_contact() {
    let centre = Centre::open().await;
    let contact = centre.submit().await;
    let path = format!("/v1/contacts/{contact}/messages");
    let adapter = centre.adapter();
    for body in [r#"{"text":"在吗"}"#, r#"{"text":"急"}"#] {
        assert_eq!(adapter.post(&path, body).await.status, 201);
    }
    let mut desktop = centre.ready("a1").await;
    desktop.take().await;
    let seq = desktop.next("assigned").await["seq"].as_u64().unwrap();
    for (after, text) in [(1, "在吗"), (2, "急")] {
        let message = desktop.next("message").await;
        assert_eq!(
            (&message["text"], &message["seq"]),
            (&json!(text), &json!(seq + after))
        );
        assert_eq!(message["contact"], contact.as_str());
    }
    for _ in 0..49 {
        adapter.post(&path, r#"{"text":"hello"}"#).await;
    }
    assert_eq!(adapter.post(&path, r#"{"text":"hello"}"#).await.status, 201);
    let waiting = centre.submit().await;
    let path = format!("/v1/contacts/{waiting}/messages");
    for _ in 0..50 {
        assert_eq!(adapter.post(&path, r#"{"text":"hello"}"#).await.status, 201);
    }
    let full = adapter.post(&path, r#"{"text":"hello"}"#).await;
    assert_eq!(
        (full.status, full.code()),
        (429, "messages_full".to_owned())
    );
    assert!(full.header("retry-after").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_contact_comes_back_when_its_customer_writes() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    desktop
        .ok(&format!(r#""type":"park","contact":"{contact}""#))
        .await;
    let parked = desktop.next("contact_updated").await;
    assert_eq!(parked["contact"]["state"], "parked");
    assert_eq!(parked["contact"]["agent"], "a1");
    assert_eq!(centre.state(&contact).await, "parked");
    let agent = centre.supervisor().get("/v1/agents/a1").await.json();
    assert_eq!(agent["capacity_used"], 0);
    assert_eq!(agent["parked"], json!([contact]));
    let gauge = r#"switchboard_contacts{channel="app",queue="q",state="parked"} 1"#;
    let metrics = centre.supervisor().get("/metrics").await.text();
    assert!(metrics.contains(gauge), "{metrics}");
    assert!(metrics.contains("switchboard_conservation_residual 0"));

    let path = format!("/v1/contacts/{contact}/messages");
    let sent = centre.adapter().post(&path, r#"{"text":"在吗"}"#).await;
    assert_eq!(sent.status, 201);
    assert_eq!(desktop.next("message").await["text"], "在吗");
    assert_eq!(centre.state(&contact).await, "active");
    // Notified that it woke, and that it is active again.
    desktop.next("contact_updated").await;
    let active = desktop.next("contact_updated").await;
    assert_eq!(active["contact"]["state"], "active");

    let reply = centre
        .adapter()
        .post("/v1/contacts", r#"{"channel":"hotline"}"#)
        .await;
    let call = reply.json()["id"].as_str().unwrap().to_owned();
    let complete = format!(r#""type":"complete","contact":"{contact}","outcome":"resolved""#);
    desktop.ok(&complete).await;
    desktop.take().await;
    let park = format!(r#""type":"park","contact":"{call}""#);
    assert_eq!(desktop.refused(&park).await, "not_parkable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_says_how_long_it_has_waited_without_the_time_with_agents() {
    let centre = Centre::open().await;
    let mut one = centre.ready("a1").await;
    let began = Stopwatch::start();
    let contact = centre.submit().await;
    one.take().await;
    let mut two = centre.ready("a2").await;
    let served = Duration::from_millis(300);
    tokio::time::sleep(served).await;
    one.ok(&format!(
        r#""type":"transfer","contact":"{contact}","to":{{"queue":"q"}}"#
    ))
    .await;
    let waited = two.next("offer").await["offer"]["why"]["waited_ms"].as_i64();
    let most = began.elapsed().saturating_sub(served).as_millis() as i64;
    assert!((0..=most + 5).contains(&waited.unwrap()), "{waited:?}");

    // Assigned before its scheduled time, it has not waited at all.
    let in_an_hour = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let order = format!(r#"{{"channel":"app","not_before":"{in_an_hour}"}}"#);
    let ordered = centre.adapter().post("/v1/contacts", &order).await.json();
    let assign = format!("/v1/contacts/{}/assign", ordered["id"].as_str().unwrap());
    let supervisor = centre.supervisor();
    let reply = supervisor.post(&assign, r#"{"agent":"a1"}"#).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(one.next("offer").await["offer"]["why"]["waited_ms"], 0);
}

/// Joins the contact of `a1`.
async fn help(desktop: &mut Desktop) {
    let frame = desktop.next("offer").await;
    let offer = &frame["offer"];
    let shown = [
        &offer["kind"],
        &offer["contact"]["state"],
        &offer["why"]["consult"],
    ];
    let note = json!({"by": "a1", "note": "要退费"});
    assert_eq!(json!(shown), json!(["consult", "active", note]));
    let id = offer["id"].as_str().unwrap();
    for kind in ["delivered", "accept"] {
        desktop
            .ok(&format!(r#""type":"{kind}","offer":"{id}""#))
            .await;
    }
    let assigned = desktop.next("assigned").await;
    assert_eq!(assigned["contact"]["agent"], "a1", "still the other's");
}

/// `one` serves a contact and has asked `two` for help, who has joined.
async fn consulted(centre: &Centre) -> (Desktop, Desktop, String) {
    let mut one = centre.ready("a1").await;
    let contact = centre.submit().await;
    one.take().await;
    one.next("assigned").await;
    let mut two = centre.ready("a2").await;
    let consult =
        format!(r#""type":"consult","contact":"{contact}","to":{{"agent":"a2"}},"note":"要退费""#);
    one.ok(&consult).await;
    let asked = one.next("contact_updated").await;
    let consulted = &asked["contact"]["consulted"];
    let shown = [
        &asked["reason"],
        &asked["contact"]["held"],
        &consulted["agent"],
        &consulted["accepted"],
    ];
    assert_eq!(json!(shown), json!(["consult_offered", true, "a2", false]));
    help(&mut two).await;
    let joined = one.next("contact_updated").await;
    let shown = [
        &joined["reason"],
        &joined["contact"]["consulted"]["accepted"],
    ];
    assert_eq!(json!(shown), json!(["consult_accepted", true]));
    (one, two, contact)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_and_a_customer_go_through_a_warm_transfer() {
    let centre = Centre::open().await;
    let (mut one, mut two, contact) = consulted(&centre).await;
    one.ok(&format!(
        r#""type":"transfer","contact":"{contact}","to":{{"agent":"a2"}}"#
    ))
    .await;
    let handed = one.next("contact_updated").await;
    assert_eq!(handed["reason"], "handed_over");
    assert_eq!(handed["contact"]["agent"], "a2");
    let mine = two.next("assigned").await;
    assert_eq!(mine["contact"]["agent"], "a2");
    assert_eq!(mine["contact"].get("consulted"), None);
    two.none("offer", Duration::from_millis(100)).await;

    let complete = format!(r#""type":"complete","contact":"{contact}","outcome":"resolved""#);
    assert_eq!(one.refused(&complete).await, "not_yours");
    two.ok(&complete).await;
    assert_eq!(two.next("contact_ended").await["ended_by"], "agent");
    assert_eq!(centre.state(&contact).await, "completed");
    let metrics = centre.supervisor().get("/metrics").await.text();
    for line in [
        "switchboard_conservation_residual 0",
        "switchboard_consults_total{outcome=\"asked\",queue=\"q\"} 1",
        "switchboard_consults_total{outcome=\"accepted\",queue=\"q\"} 1",
        "switchboard_consults_total{outcome=\"declined\",queue=\"q\"} 0",
        "switchboard_hold_seconds_count{channel=\"app\",queue=\"q\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_conference_everybody_hears_everybody() {
    let centre = Centre::open().await;
    let (mut one, mut two, contact) = consulted(&centre).await;
    one.ok(&format!(r#""type":"conference","contact":"{contact}""#))
        .await;
    for desktop in [&mut one, &mut two] {
        let conference = desktop.next("contact_updated").await;
        assert_eq!(conference["reason"], "conference");
        assert_eq!(conference["contact"]["held"], false);
        assert_eq!(conference["contact"]["consulted"]["conference"], true);
    }
    let path = format!("/v1/contacts/{contact}/messages");
    centre.adapter().post(&path, r#"{"text":"你好"}"#).await;
    for desktop in [&mut one, &mut two] {
        let message = desktop.next("message").await;
        assert_eq!(message["text"], "你好");
        assert_eq!(message.get("from"), None, "from the customer");
    }
    two.ok(&format!(
        r#""type":"message","contact":"{contact}","text":"马上查""#
    ))
    .await;
    let message = one.next("message").await;
    let said = (&message["text"], &message["from"]);
    assert_eq!(said, (&json!("马上查"), &json!("a2")));
    let complete = format!(r#""type":"complete","contact":"{contact}","outcome":"resolved""#);
    one.ok(&complete).await;
    for desktop in [&mut one, &mut two] {
        let ended = desktop.next("contact_ended").await;
        assert_eq!(ended["contact"]["state"], "completed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_for_help_hears_that_nobody_helps() {
    let centre = Centre::open().await;
    let mut one = centre.ready("a1").await;
    let contact = centre.submit().await;
    one.take().await;
    let consult =
        |to: &str| format!(r#""type":"consult","contact":"{contact}","to":{{"agent":"{to}"}}"#);
    assert_eq!(one.refused(&consult("a2")).await, "agent_not_ready");
    let mut two = centre.ready("a2").await;
    one.ok(&consult("a2")).await;
    let offer = two.offer().await;
    two.ok(&format!(r#""type":"decline","offer":"{offer}""#))
        .await;
    assert_eq!(
        one.next("contact_updated").await["reason"],
        "consult_offered"
    );
    let declined = one.next("contact_updated").await;
    assert_eq!(declined["reason"], "consult_declined");
    assert_eq!(declined["contact"]["held"], false);
    one.ok(&consult("a2")).await;
    two.offer().await;
    one.ok(&format!(r#""type":"end_consult","contact":"{contact}""#))
        .await;
    assert_eq!(two.next("offer_gone").await["reason"], "withdrawn");
    assert_eq!(
        one.refused(&format!(r#""type":"conference","contact":"{contact}""#))
            .await,
        "not_consulting"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_helps_hears_what_becomes_known_and_keeps_the_note_over_a_resync() {
    let centre = Centre::open().await;
    let (mut one, mut two, contact) = consulted(&centre).await;
    let path = format!("/v1/contacts/{contact}");
    let body = r#"{"topic":"refund","sentiment":-0.5}"#;
    let patched = centre.adapter().call("PATCH", &path, body).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let told = one.next("contact_updated").await;
    assert_eq!(
        (told.get("reason"), &told["contact"]["topic"]),
        (None, &json!("refund"))
    );
    let told = two.next("contact_updated").await;
    assert_eq!(told["reason"], "updated");
    assert_eq!(told["contact"]["topic"], "refund");
    two.ok(r#""type":"resume","token":"x","last_seq":0"#).await;
    let resync = two.next("resync").await;
    let consulted = &resync["contacts"][0]["consulted"];
    assert_eq!(
        (&consulted["agent"], &consulted["note"]),
        (&json!("a2"), &json!("要退费"))
    );
    let again = centre.desktop("a2").await;
    assert_eq!(again.welcome["contacts"][0]["consulted"]["note"], "要退费");
    one.ok(&format!(r#""type":"end_consult","contact":"{contact}""#))
        .await;
    let over = centre.adapter().get(&path).await.json();
    assert!(over.get("consulted").is_none(), "{over}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_takes_the_snapshot_for_what_it_knew_can_still_answer_a_request_for_help() {
    let centre = Centre::open().await;
    let mut one = centre.ready("a1").await;
    let contact = centre.submit().await;
    one.take().await;
    let mut two = centre.ready("a2").await;
    let consult =
        format!(r#""type":"consult","contact":"{contact}","to":{{"agent":"a2"}},"note":"help""#);
    one.ok(&consult).await;
    let asked = two.next("offer").await;
    let asked = asked["offer"]["id"].as_str().unwrap().to_owned();
    two.ok(r#""type":"resume","token":"x","last_seq":0"#).await;
    let resync = two.next("resync").await;
    let offer = &resync["contacts"][0]["consulted"]["offer"];
    assert_eq!(offer["id"], asked);
    assert_eq!(offer["delivered"], false);
    assert!(offer["until"].is_string() && offer["answer_within_ms"].is_i64());
    two.ok(&format!(r#""type":"accept","offer":"{asked}""#))
        .await;
    let joined = two.next("assigned").await;
    assert_eq!(joined["contact"]["consulted"].get("offer"), None);
}
