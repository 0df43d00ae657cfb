//! A contact's life through the gateway, and what an agent may not do in it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt;
use serde_json::json;
use switchboard::engine::command::{Command, SiteCommand};
use tokio_tungstenite::tungstenite::Message;

use crate::centre::{Centre, Plan};
use crate::desktop::{Desktop, close_code, knock, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_goes_from_the_customer_to_its_completion() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let welcome = &desktop.welcome;
    assert_eq!(welcome["agent"]["id"], "a1");
    assert_eq!(welcome["agent"]["intent"], "not_ready");
    assert_eq!(welcome["agent"]["session"], "connected");
    assert_eq!(welcome["heartbeat_s"], 10);
    assert_eq!(welcome["contacts"], json!([]));
    assert!(welcome["resume_token"].as_str().unwrap().len() >= 16);
    desktop.ok(r#""type":"ready""#).await;
    assert_eq!(desktop.next("presence").await["agent"]["intent"], "ready");

    let contact = centre.submit().await;
    let frame = desktop.next("offer").await;
    let offer = &frame["offer"];
    let id = offer["id"].as_str().unwrap();
    assert_eq!(offer["contact"]["id"], contact);
    assert_eq!(offer["contact"]["state"], "offered");
    assert_eq!(offer["contact"]["agent"], "a1");
    assert_eq!(offer["answer_within_ms"], 20_000);
    assert_eq!(offer["playbook"], json!([]));
    assert!(offer["customer"].is_null());
    assert_eq!(offer["why"]["select"], "best");
    desktop
        .ok(&format!(r#""type":"delivered","offer":"{id}""#))
        .await;
    desktop
        .ok(&format!(r#""type":"accept","offer":"{id}""#))
        .await;
    assert_eq!(desktop.next("assigned").await["contact"]["state"], "active");

    let path = format!("/v1/contacts/{contact}/messages");
    let sent = centre.adapter().post(&path, r#"{"text":"还没好"}"#).await;
    assert_eq!(sent.status, 201);
    let message = desktop.next("message").await;
    assert_eq!(
        (&message["contact"], &message["text"]),
        (&json!(contact), &json!("还没好"))
    );
    desktop
        .ok(&format!(
            r#""type":"message","contact":"{contact}","text":"马上""#
        ))
        .await;

    let complete = format!(
        r#""type":"complete","contact":"{contact}","outcome":"resolved","notes":"重启光猫""#
    );
    desktop.ok(&complete).await;
    let ended = desktop.next("contact_ended").await;
    assert_eq!(ended["contact"]["state"], "completed");
    assert_eq!(ended["contact"]["outcome"], "resolved");
    assert_eq!(ended["ended_by"], "agent");
    assert_eq!(centre.state(&contact).await, "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_leaves_takes_the_offer_along() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    let offer = desktop.offer().await;
    let path = format!("/v1/contacts/{contact}/cancel");
    centre
        .adapter()
        .post(&path, r#"{"reason":"customer_left"}"#)
        .await;
    let gone = desktop.next("offer_gone").await;
    assert_eq!(
        (&gone["offer"], &gone["reason"]),
        (&json!(offer), &json!("customer_left"))
    );
    let code = desktop
        .refused(&format!(r#""type":"accept","offer":"{offer}""#))
        .await;
    assert_eq!(code, "stale_offer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_is_answered_once_and_by_its_agent() {
    let centre = Centre::open().await;
    let (mut one, mut two) = (centre.ready("a1").await, centre.desktop("a2").await);
    centre.submit().await;
    let offer = one.offer().await;
    let accept = format!(r#""type":"accept","offer":"{offer}""#);
    assert_eq!(
        two.refused(&accept).await,
        "stale_offer",
        "the offer of another"
    );
    one.ok(&format!(r#""type":"delivered","offer":"{offer}""#))
        .await;
    let first = one.ask_as("take", &accept).await;
    let again = one.ask_as("take", &accept).await;
    assert_eq!(first["type"], "ok");
    assert_eq!(again, first, "the same command, the same answer");
    let spelled = format!(r#"{{ "offer": "{offer}", "cmd": "take", "type": "accept" }}"#);
    one.send(&spelled).await;
    assert_eq!(one.next("ok").await, first, "however it is spelled");
    assert_eq!(one.refused(&accept).await, "stale_offer", "a second one");
    let decline = format!(r#""type":"decline","offer":"{offer}""#);
    assert_eq!(one.refused(&decline).await, "stale_offer");
    one.next("assigned").await;
    one.none("assigned", Duration::from_millis(100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_contact_goes_to_another() {
    let centre = Centre::open().await;
    let mut one = centre.ready("a1").await;
    let contact = centre.submit().await;
    let offer = one.offer().await;
    let mut two = centre.ready("a2").await;
    let decline =
        format!(r#""type":"decline","offer":"{offer}","reason":"busy","retry_after_s":60"#);
    one.ok(&decline).await;
    assert_eq!(two.take().await, contact);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_nobody_shows_comes_back_undelivered() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    centre.submit().await;
    let offer = desktop.offer().await;
    let gone = desktop.next("offer_gone").await;
    assert_eq!(
        (&gone["offer"], &gone["reason"]),
        (&json!(offer), &json!("undelivered"))
    );
    let accept = format!(r#""type":"accept","offer":"{offer}""#);
    assert_eq!(desktop.refused(&accept).await, "stale_offer", "late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_login_wins() {
    let centre = Centre::open().await;
    let mut one = centre.ready("a1").await;
    let mut two = centre.desktop("a1").await;
    assert_eq!(one.close_code().await, 4001);
    assert_eq!(
        two.welcome["agent"]["intent"], "ready",
        "an intention outlives its socket"
    );
    centre.submit().await;
    two.take().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_that_race_leave_one_desktop() {
    let centre = Centre::open().await;
    let opened = (0..8).map(|_| async {
        let request = knock(centre.address, "dev-agent:a1", "switchboard.agent.v1");
        Desktop::admitted(open(centre.address, request).await.unwrap()).await
    });
    let mut desktops = Vec::new();
    for opened in futures_util::future::join_all(opened).await {
        match opened {
            Ok(desktop) => desktops.push(desktop),
            Err(code) => assert_eq!(code, 4001, "a newer one was let in before"),
        }
    }
    desktops.sort_by_key(|desktop| desktop.welcome["session"].as_u64().unwrap());
    let mut newest = desktops.pop().unwrap();
    for desktop in &mut desktops {
        assert_eq!(desktop.close_code().await, 4001);
    }
    newest.ok(r#""type":"ready""#).await;
    centre.submit().await;
    newest.take().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_socket_gives_its_offers_back_at_once() {
    let centre = Centre::open().await;
    let mut one = centre.ready("a1").await;
    let contact = centre.submit().await;
    one.offer().await;
    let mut two = centre.ready("a2").await;
    drop(one);
    assert_eq!(two.take().await, contact);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_are_handed_on_and_called() {
    let centre = Centre::open().await;
    let (mut one, mut two) = (centre.ready("a1").await, centre.desktop("a2").await);
    let contact = centre.submit().await;
    assert_eq!(one.take().await, contact);
    two.ok(r#""type":"ready""#).await;
    let transfer =
        format!(r#""type":"transfer","contact":"{contact}","to":{{"agent":"a2"}},"note":"VIP""#);
    one.ok(&transfer).await;
    assert_eq!(two.take().await, contact);
    let assigned = two.next("assigned").await;
    let transferred = &assigned["contact"]["transferred"];
    assert_eq!(
        (&transferred["by"], &transferred["note"]),
        (&"a1".into(), &"VIP".into())
    );
    assert_eq!(
        one.refused(r#""type":"pull","queue":"counter""#).await,
        "nobody_waits"
    );
    assert_eq!(
        one.refused(r#""type":"pull","queue":"q""#).await,
        "pull_not_allowed"
    );
    let body = r#"{"channel":"app","queue":"counter"}"#;
    let called = centre.adapter().post("/v1/contacts", body).await.json();
    one.next("assigned").await;
    one.ok(r#""type":"pull","queue":"counter""#).await;
    let assigned = one.next("assigned").await;
    assert_eq!(assigned["contact"]["id"], called["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_at_hand_is_refused_by_name() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    for (command, expected) in [
        ("unpark", "wrong_state"),
        ("conference", "not_consulting"),
        ("end_consult", "not_consulting"),
    ] {
        let code = desktop
            .refused(&format!(r#""type":"{command}","contact":"{contact}""#))
            .await;
        assert_eq!(code, expected, "{command}");
    }
    let other = "0198c6a0-0000-7000-8000-000000000001";
    let complete = format!(r#""type":"complete","contact":"{other}","outcome":"x""#);
    assert_eq!(desktop.refused(&complete).await, "unknown_contact");
    assert_eq!(centre.state(&contact).await, "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_in_any_order_leave_the_centre_whole() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    let mut contacts = Vec::new();
    for step in 0..1_000 {
        if step % 50 == 0 {
            contacts.push(centre.submit().await);
        }
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let contact = &contacts[usize::try_from(chance % 1_000).unwrap() % contacts.len()];
        let offer = format!("{contact}.{}", 1 + chance % 3);
        let members = match chance / 1_000 % 9 {
            0 => r#""type":"ready""#.to_owned(),
            1 => r#""type":"not_ready","reason":"tea""#.to_owned(),
            2 => format!(r#""type":"delivered","offer":"{offer}""#),
            3 => format!(r#""type":"accept","offer":"{offer}""#),
            4 => format!(r#""type":"decline","offer":"{offer}","retry_after_s":1"#),
            5 => format!(r#""type":"complete","contact":"{contact}","outcome":"ok""#),
            6 => format!(r#""type":"wrap_up_done","contact":"{contact}""#),
            7 => format!(r#""type":"transfer","contact":"{contact}","to":{{"queue":"q"}}"#),
            _ => format!(r#""type":"ack","seq":{step}"#),
        };
        let answer = desktop.ask(&members).await;
        assert!(["ok", "refused"].contains(&answer["type"].as_str().unwrap()));
    }
    let census = centre
        .node
        .read(|engine| engine.census().open)
        .await
        .unwrap();
    let mut open = 0;
    for contact in &contacts {
        let state = centre.state(contact).await;
        open += u64::from(!["completed", "abandoned", "cancelled"].contains(&&*state));
    }
    assert_eq!(open, census);
    desktop.socket.close(None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_of_no_configuration_gets_no_desktop() {
    let centre = Centre::open().await;
    let request = knock(centre.address, "dev-agent:nobody", "switchboard.agent.v1");
    let refused = open(centre.address, request).await.unwrap_err();
    let tokio_tungstenite::tungstenite::Error::Http(response) = refused else {
        panic!("{refused}");
    };
    assert_eq!(response.status(), 403);
    let mut known = centre.desktop("a1").await;
    known.socket.close(None).await.unwrap();
    assert_eq!(close_code_or_end(&mut known).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_removed_comes_back_to_finish_and_no_more() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    let offer = desktop.offer().await;
    desktop
        .ok(&format!(r#""type":"delivered","offer":"{offer}""#))
        .await;
    desktop
        .ok(&format!(r#""type":"accept","offer":"{offer}""#))
        .await;
    let mut without = Plan::ordinary().routing;
    without.agents.remove(0);
    let configure = Command::Site(SiteCommand::Configure(Arc::new(without)));
    centre.node.decide(configure, |_, _| ()).await.unwrap();
    drop(desktop);

    let mut desktop = centre.desktop("a1").await;
    assert_eq!(desktop.welcome["contacts"][0]["id"], contact);
    desktop
        .ok(&format!(
            r#""type":"complete","contact":"{contact}","outcome":"resolved""#
        ))
        .await;
    drop(desktop);
    let request = knock(centre.address, "dev-agent:a1", "switchboard.agent.v1");
    let refused = open(centre.address, request).await.unwrap_err();
    let tokio_tungstenite::tungstenite::Error::Http(response) = refused else {
        panic!("{refused}");
    };
    assert_eq!(response.status(), 403);
    let body: serde_json::Value =
        serde_json::from_slice(response.body().as_ref().unwrap()).unwrap();
    assert_eq!(body["code"], "unknown_agent");
}

/// The server answers a close frame and disconnects.
async fn close_code_or_end(desktop: &mut Desktop) -> Option<u16> {
    use futures_util::StreamExt;
    use tokio_tungstenite::tungstenite::Message;
    while let Some(message) = desktop.socket.next().await {
        if let Ok(Message::Close(Some(frame))) = message {
            return Some(frame.code.into());
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_is_reconfigured_away_is_told() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let credentials = switchboard::gateway::auth::Credentials::Keys {
        keys: Default::default(),
        jwts: Default::default(),
    };
    centre.guard.exchange(credentials);
    desktop.send(r#"{"type":"ready","cmd":1}"#).await;
    assert_eq!(close_code(&mut desktop.socket).await, 4401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_speaks_before_they_were_welcomed_is_welcomed_first() {
    let centre = Centre::open().await;
    for _ in 0..5 {
        let request = knock(centre.address, "dev-agent:a1", "switchboard.agent.v1");
        let mut socket = open(centre.address, request).await.unwrap();
        let dance = Message::text(r#"{"type":"dance","cmd":"x"}"#);
        socket.send(dance).await.unwrap();
        let mut desktop = Desktop::welcomed(socket).await;
        assert_eq!(desktop.frame().await["code"], "unknown_command");
    }
}
