//! Commands that a desktop sends again, and other commands under the ids of old ones.

use std::time::Duration;

use crate::centre::Centre;
use crate::resume::{missed, resume, token_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_was_sent_twice_over_a_lost_socket_counts_once() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    let offer = desktop.offer().await;
    let accept = format!(r#"{{"cmd":"take","type":"accept","offer":"{offer}"}}"#);
    desktop
        .ok(&format!(r#""type":"delivered","offer":"{offer}""#))
        .await;
    desktop.send(&accept).await;
    let (token, last_seq) = (token_of(&desktop), desktop.seq);
    while centre.state(&contact).await != "active" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(desktop);
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, last_seq)).await;
    missed(&mut desktop, last_seq).await;
    desktop.send(&accept).await;
    let answer = desktop.frame().await;
    assert_eq!(
        (&answer["type"], &answer["cmd"]),
        (&"ok".into(), &"take".into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_sent_twice_counts_once_although_too_much_was_missed_to_resume() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    let hold = format!(r#""type":"hold","contact":"{contact}""#);
    let unhold = format!(r#""type":"unhold","contact":"{contact}""#);
    assert_eq!(desktop.ask_as("1", &hold).await["type"], "ok");
    assert_eq!(desktop.ask_as("2", &unhold).await["type"], "ok");
    let (token, last_seq) = (token_of(&desktop), desktop.seq);
    drop(desktop);
    for number in 0..300 {
        let path = format!("/v1/contacts/{contact}");
        let body = format!(r#"{{"sentiment":0.{number}}}"#);
        assert_eq!(
            centre.adapter().call("PATCH", &path, &body).await.status,
            200
        );
    }
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, last_seq)).await;
    desktop.next("resync").await;
    assert_eq!(desktop.ask_as("1", &hold).await["type"], "ok");
    let path = format!("/v1/contacts/{contact}");
    let shown = centre.supervisor().get(&path).await.json();
    assert_ne!(shown["held"], true, "it was held and released before");
}

/// A command may meet the login of its agent's next desktop, in whichever order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_came_too_late_for_its_session_may_be_sent_again_in_the_next() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    for round in 0..40 {
        let reason = format!(r#""type":"not_ready","reason":"tea {round}""#);
        let cmds = (0..8).map(|number| format!("{round}-{number}"));
        let cmds: Vec<String> = cmds.collect();
        let (token, last_seq) = (token_of(&desktop), desktop.seq);
        let (mut next, ()) = tokio::join!(centre.desktop("a1"), async {
            for cmd in &cmds {
                desktop
                    .send(&format!(r#"{{"cmd":"{cmd}",{reason}}}"#))
                    .await;
            }
        });
        next.ok(&resume(&token, last_seq)).await;
        missed(&mut next, last_seq).await;
        for cmd in &cmds {
            let mut answer = next.ask_as(cmd, &reason).await;
            // The old socket has it still under way.
            while answer["code"] == "overloaded" {
                answer = next.ask_as(cmd, &reason).await;
            }
            assert_eq!(answer["type"], "ok", "{answer}");
        }
        desktop = next;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_resume_may_use_the_same_ids_again() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let answer = desktop.ask_as("1", r#""type":"ready""#).await;
    assert_eq!(answer["type"], "ok");
    let mut desktop = centre.desktop("a1").await;
    let answer = desktop
        .ask_as("1", r#""type":"not_ready","reason":"tea""#)
        .await;
    assert_eq!(answer["type"], "ok");
    let agent = centre.supervisor().get("/v1/agents/a1").await.json();
    assert_eq!(
        (&agent["intent"], &agent["reason"]),
        (&"not_ready".into(), &"tea".into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_only_acknowledged_may_use_the_same_ids_again() {
    let centre = Centre::open().await;
    let tea = r#""type":"not_ready","reason":"tea""#;
    let mut desktop = centre.desktop("a1").await;
    desktop.ask_as("1", tea).await;
    desktop.ask_as("2", r#""type":"ready""#).await;
    // The page is reloaded.
    let mut desktop = centre.desktop("a1").await;
    let (token, seq) = (token_of(&desktop), desktop.seq);
    desktop.ok(&format!(r#""type":"ack","seq":{seq}"#)).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, seq)).await;
    assert_eq!(desktop.ask_as("1", tea).await["type"], "ok");
    let agent = centre.supervisor().get("/v1/agents/a1").await.json();
    assert_eq!(agent["intent"], "not_ready");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_command_under_an_old_id_is_another_command() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    let (token, last_seq) = (token_of(&desktop), desktop.seq);
    let mut desktop = centre.desktop("a1").await;
    let resumed = desktop.ask_as("c1", &resume(&token, last_seq)).await;
    assert_eq!(resumed["type"], "ok");
    missed(&mut desktop, last_seq).await;
    let complete = format!(r#""type":"complete","contact":"{contact}","outcome":"resolved""#);
    let answer = desktop.ask_as("c2", &complete).await;
    assert_eq!(answer["type"], "ok");
    assert_eq!(centre.state(&contact).await, "completed");
}
