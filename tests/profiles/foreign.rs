//! What others have written into the same Redis.

use switchboard::customer::event;
use switchboard::customer::event::{EventKey, Recorded};
use switchboard::customer::{Profile, Tiers};
use switchboard::domain::{Identities, Identity, IdentityKind};
use switchboard::store::profiles::import::import;
use switchboard::store::profiles::{Put, PutError};

use crate::customers::{NOW, by_id, by_phone, entry, found, id, open, redis_options, with_phone};
use crate::redis_server::RedisServer;

const PHONE: &str = "13800138000";

#[tokio::test]
async fn a_record_that_cannot_be_read_is_written_over() {
    let server = RedisServer::start();
    let profiles = open(redis_options(&server.url())).await;
    for strange in [
        "no JSON",
        "[1]",
        r#"{"v":"x","id":"c-1"}"#,
        r#"{"v":-7,"id":"c-1"}"#,
        r#"{"v":1e300,"id":"c-1"}"#,
        r#"{"v":null,"identities":null}"#,
        r#"{"v":1,"identities":"x"}"#,
        r#"{"v":1,"identities":[null,{}]}"#,
        r#"{"v":1,"identities":{"phone":{"phone":"+8613800138000"}}}"#,
    ] {
        server.tell(&["SET", "sb:{main}:cust:c-1", strange]);
        let put = profiles.put(with_phone("c-1", PHONE)).await;
        assert!(
            matches!(put, Ok(Put::Created | Put::Replaced)),
            "{strange}: {put:?}"
        );
        let record = profiles.get(&id("c-1")).await.unwrap();
        assert_eq!(record.unwrap().profile.id, id("c-1"), "{strange}");
    }
    // It does not hold an identity that others ask for.
    server.tell(&["SET", "sb:{main}:id:phone:+8613800000009", "c-9"]);
    server.tell(&["SET", "sb:{main}:cust:c-9", r#"{"identities":null}"#]);
    let put = profiles.put(with_phone("c-2", "13800000009")).await;
    assert_eq!(put, Ok(Put::Created));
    let put = profiles.put(with_phone("c-3", PHONE)).await;
    assert!(matches!(put, Err(PutError::Taken(_))), "{put:?}");
}

#[tokio::test]
async fn a_strange_entry_costs_nothing_but_itself() {
    let server = RedisServer::start();
    let profiles = open(redis_options(&server.url())).await;
    profiles.put(with_phone("c-1", PHONE)).await.unwrap();
    server.tell(&["ZADD", "sb:{main}:history:c-1", "9", "strange"]);
    server.tell(&["LPUSH", "sb:{main}:events:c-1", "strange", "[1]", "null"]);
    let history = vec![(id("c-1"), entry(1, 0, None))];
    profiles.append_history(history).await.unwrap();
    let mut bill = event::read(serde_json::json!({ "type": "bill" }), NOW).unwrap();
    bill.key = Some(EventKey {
        key: 7,
        fingerprint: 1,
    });
    for expected in [Recorded::Added, Recorded::Again] {
        let told = profiles.append_event(&id("c-1"), bill.clone()).await;
        assert_eq!(told, Ok(expected));
    }
    let who = found(&profiles, &by_id("c-1")).await;
    assert_eq!(who.as_deref(), Some("c-1"));
    let record = profiles.get(&id("c-1")).await.unwrap().unwrap();
    assert_eq!((record.history.len(), record.events.len()), (1, 1));
}

#[tokio::test]
async fn a_key_of_another_type_is_written_over_and_hides_nothing_else() {
    let server = RedisServer::start();
    let profiles = open(redis_options(&server.url())).await;
    server.tell(&["LPUSH", "sb:{main}:id:phone:+8613800138000", "x"]);
    server.tell(&["LPUSH", "sb:{main}:cust:c-1", "x"]);
    assert_eq!(found(&profiles, &by_phone(PHONE)).await, None);
    let put = profiles.put(with_phone("c-1", PHONE)).await;
    assert!(matches!(put, Ok(Put::Created | Put::Replaced)), "{put:?}");
    server.tell(&["SET", "sb:{main}:history:c-1", "x"]);
    server.tell(&["SET", "sb:{main}:events:c-1", "x"]);
    let who = found(&profiles, &by_phone(PHONE)).await;
    assert_eq!(who.as_deref(), Some("c-1"));
    let record = profiles.get(&id("c-1")).await.unwrap().unwrap();
    assert_eq!((record.history.len(), record.events.len()), (0, 0));
    let history = vec![(id("c-1"), entry(1, 0, None))];
    profiles.append_history(history).await.unwrap();
    let bill = event::read(serde_json::json!({ "type": "bill" }), NOW).unwrap();
    let told = profiles.append_event(&id("c-1"), bill).await;
    assert_eq!(told, Ok(Recorded::Added));
    let record = profiles.get(&id("c-1")).await.unwrap().unwrap();
    assert_eq!((record.history.len(), record.events.len()), (1, 1));
}

#[tokio::test]
async fn an_import_writes_over_another_type_and_leaves_alone_what_cannot_be_read() {
    let server = RedisServer::start();
    let profiles = open(redis_options(&server.url())).await;
    server.tell(&["RPUSH", "sb:{main}:cust:c-1", "x"]);
    server.tell(&["SET", "sb:{main}:cust:c-2", "no JSON"]);
    let file = "id,name\nc-1,Zhang\nc-2,Li\nc-3,Wang\n";
    let report = import(&profiles, file.as_bytes(), &Tiers::Any, NOW).await;
    let report = report.unwrap();
    assert_eq!((report.created, report.refused), (2, 1), "{report:?}");
    assert!(
        report.complaints[0].starts_with("line 3: id: customer c-2, whose profile"),
        "{report:?}"
    );
}

#[tokio::test]
async fn nobody_is_recognised_by_an_identity_that_the_profile_no_longer_has() {
    let server = RedisServer::start();
    let profiles = open(redis_options(&server.url())).await;
    profiles.put(with_phone("c-1", PHONE)).await.unwrap();
    // Erased by an operator, and there again with another number.
    server.tell(&["DEL", "sb:{main}:cust:c-1"]);
    profiles
        .put(with_phone("c-1", "13800000009"))
        .await
        .unwrap();
    assert_eq!(found(&profiles, &by_phone(PHONE)).await, None);
    let who = found(&profiles, &by_phone("13800000009")).await;
    assert_eq!(who.as_deref(), Some("c-1"));
    // A weaker identity still counts.
    let device = Identity::new(IdentityKind::Device, "d-2").unwrap();
    let mut other = Profile::new(id("c-2"), NOW);
    other.identities = Identities::new(vec![device.clone()]);
    profiles.put(other).await.unwrap();
    let phone = Identity::new(IdentityKind::Phone, PHONE).unwrap();
    let both = Identities::new(vec![phone, device]);
    assert_eq!(found(&profiles, &both).await.as_deref(), Some("c-2"));
}

#[tokio::test]
async fn who_stands_under_the_id_of_another_is_neither() {
    let server = RedisServer::start();
    let profiles = open(redis_options(&server.url())).await;
    let other = r#"{"v":3,"id":"k-9","tier":"diamond","updated_at":"2026-01-01T00:00:00Z"}"#;
    server.tell(&["SET", "sb:{main}:cust:c-1", other]);
    let found = profiles.find(&by_id("c-1")).await;
    assert!(found.is_err(), "{found:?}");
    let put = profiles.put(with_phone("c-1", PHONE)).await;
    assert_eq!(put, Ok(Put::Replaced));
    let record = profiles.get(&id("c-1")).await.unwrap().unwrap();
    assert_eq!(record.profile.id, id("c-1"));
}
