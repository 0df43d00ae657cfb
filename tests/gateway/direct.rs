//! Contacts that ask for an agent, over the wire.

use crate::centre::Centre;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_an_agent_is_put_through_or_waits_for_nobody_else() {
    let centre = Centre::open().await;
    let adapter = centre.adapter();
    let mut first = centre.ready("a1").await;
    let mut second = centre.ready("a2").await;
    let body = r#"{"channel":"app","agent":"a2"}"#;
    let asked = adapter.post("/v1/contacts", body).await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    assert_eq!(asked.json()["agent"], "a2");
    assert_eq!(second.take().await, asked.json()["id"].as_str().unwrap());
    let alone = r#"{"channel":"app","agent":"a3","or_queue":false}"#;
    let alone = adapter.post("/v1/contacts", alone).await.json();
    assert_eq!(alone["state"], "queued");
    let path = format!("/v1/contacts/{}/explain", alone["id"].as_str().unwrap());
    let explained = centre.supervisor().get(&path).await.json();
    let failed = &explained["candidates"][0]["failed"];
    assert_eq!(
        (&failed["test"], &failed["agent"]),
        (&"waits_for_other".into(), &"a3".into())
    );
    let anyone = r#"{"channel":"app","agent":"a3","or_queue":true}"#;
    let anyone = adapter.post("/v1/contacts", anyone).await.json();
    assert_eq!(
        anyone["state"], "offered",
        "who is not there is not waited for"
    );
    let mut third = centre.ready("a3").await;
    assert_eq!(third.take().await, alone["id"].as_str().unwrap());
    let nobody = r#"{"channel":"app","agent":"a9"}"#;
    let nobody = adapter.post("/v1/contacts", nobody).await;
    assert_eq!(
        (nobody.status, nobody.code().as_str()),
        (422, "unknown_agent")
    );
    first.ok(r#""type":"not_ready""#).await;
}
