//! A process that is stopped for a while and continues, like a paused machine.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::HttpClient;
use crate::patience::eventually;

/// Longer than an agent has to answer a short offer (five seconds).
const STOPPED: Duration = Duration::from_secs(8);
const AGENTS: u32 = 20;

#[tokio::test]
async fn an_agent_who_answered_in_time_while_the_process_was_stopped_has_the_contact() {
    let centre = Centre::new(AGENTS).with_short_offers();
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut asked = Vec::new();
    for number in 1..=AGENTS {
        let mut agent = Desktop::ready(server.address(), &format!("a{number}")).await;
        let contact = json!({"channel": "hotline", "queue": "first"});
        http.submit(&contact).await;
        let (offer, contact) = agent.shown_offer().await;
        asked.push((agent, offer, contact));
    }
    let (mut silent, _, missed) = asked.pop().unwrap();

    server.stop();
    for (agent, offer, _) in &mut asked {
        let accept = json!({"type": "accept", "offer": offer});
        agent.say("in-time", accept).await;
    }
    sleep(STOPPED).await;
    server.go_on();
    for (agent, _, contact) in &mut asked {
        let answer = agent.answer("in-time").await;
        assert_eq!(answer["type"], "ok", "{answer}");
        assert_eq!(http.contact(contact).await["state"], "active");
    }

    // An agent who did not answer has still missed it, once.
    let gone = silent.expect("offer_gone").await;
    assert_eq!(gone["reason"], "expired", "{gone}");
    eventually("the missed contact waits", async || {
        let mut http = HttpClient::new(server.address());
        let state = http.contact(&missed).await["state"].clone();
        (state != "offered").then_some(())
    })
    .await;
    eventually("the metrics tell of it", async || {
        let mut http = HttpClient::new(server.address());
        (http.metric("switchboard_standstills_total").await == [1.0]).then_some(())
    })
    .await;
    assert_eq!(server.logged().matches("the server stood still").count(), 1);
    http.assert_conserved().await;
    assert!(server.terminate().success());
}
