//! Whatever happens to Redis, look-ups answer in time and the store recovers by itself.

use std::time::Duration;

use switchboard::domain::Millis;
use switchboard::store::profiles::options::RedisUrl;
use switchboard::store::profiles::{
    Kind, LookupOutcome, ProfileOptions, Profiles, Put, PutError, StoreFault,
};
use tokio::time::{sleep, timeout};

use crate::customers::{
    BUDGET, NEVER, by_id, by_phone, customer, id, looked_up, name, open, redis_options, with_phone,
};
use crate::logged::Logged;
use crate::proxy::Proxy;
use crate::redis_server::{RedisServer, free_port};

const PHONE: &str = "13800138000";

/// Without a cache, so that every look-up asks Redis.
async fn uncached(url: &str) -> Profiles {
    open(redis_options(url).cache_for(Millis(0))).await
}

async fn with_a_customer(url: &str) -> Profiles {
    let profiles = uncached(url).await;
    profiles.put(with_phone("c-1", PHONE)).await.unwrap();
    assert_eq!(looked_up(&profiles, &by_phone(PHONE)).await.0, "found");
    profiles
}

/// Looks up until the outcome is `label`; each time within the budget.
async fn comes_to(profiles: &Profiles, label: &str) {
    let mut seen = "nothing";
    for _ in 0..600 {
        seen = looked_up(profiles, &by_phone(PHONE)).await.0;
        if seen == label {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{label} was waited for; the last outcome was {seen}");
}

/// While the trouble lasts, nobody is found and nothing waits.
async fn fails_for_a_while(profiles: &Profiles) {
    for _ in 0..40 {
        let (label, _) = looked_up(profiles, &by_phone(PHONE)).await;
        assert!(matches!(label, "failed" | "timeout"), "{label}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_is_survived() {
    let mut server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.stop();
    fails_for_a_while(&profiles).await;
    assert!(!profiles.is_reachable());
    let put = profiles.put(with_phone("c-2", "13800000002")).await;
    assert!(put.is_err());
    server.begin();
    comes_to(&profiles, "found").await;
    profiles
        .put(with_phone("c-2", "13800000002"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_is_survived() {
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.freeze();
    fails_for_a_while(&profiles).await;
    comes_to(&profiles, "failed").await;
    server.thaw();
    comes_to(&profiles, "found").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_says_so_and_is_read_all_the_same() {
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.tell(&["CONFIG", "SET", "maxmemory", "1"]);
    let put = profiles.put(with_phone("c-2", "13800000002")).await;
    let Err(PutError::Fault(fault)) = put else {
        panic!("{put:?}");
    };
    assert!(fault.is_passing());
    let said = fault.to_string();
    assert!(said.contains("OOM") && said.contains("maxmemory"), "{said}");
    assert!(!said.contains("13800000002"), "{said}");
    assert_eq!(looked_up(&profiles, &by_phone(PHONE)).await.0, "found");
    assert!(profiles.is_reachable());
    server.tell(&["CONFIG", "SET", "maxmemory", "0"]);
    let put = profiles.put(with_phone("c-2", "13800000002")).await;
    assert_eq!(put, Ok(Put::Created));
}

/// Known customers are found, and writes are rejected as by a replica.
async fn is_a_replica_for_a_while(profiles: &Profiles) {
    for _ in 0..30 {
        let put = profiles.put(with_phone("c-2", "13800000002")).await;
        let Err(PutError::Fault(StoreFault::TakesNoChanges(words))) = put else {
            panic!("{put:?}");
        };
        assert!(words.contains("READONLY"), "{words}");
        assert!(profiles.find(&by_phone(PHONE)).await.unwrap().is_some());
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_becomes_a_replica_is_read_until_its_address_leads_to_a_primary() {
    let (old, new) = (RedisServer::start(), RedisServer::start());
    with_a_customer(&new.url()).await;
    let proxy = Proxy::to(old.port()).await;
    let profiles = with_a_customer(&proxy.url()).await;
    old.tell(&["REPLICAOF", "127.0.0.1", &free_port().to_string()]);
    is_a_replica_for_a_while(&profiles).await;
    assert!(profiles.is_reachable());
    proxy.lead_to(new.port());
    for _ in 0..300 {
        assert!(profiles.find(&by_phone(PHONE)).await.unwrap().is_some());
        if profiles.put(with_phone("c-2", "13800000002")).await == Ok(Put::Created) {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("changes go on being refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flush_makes_strangers_who_can_be_written_again() {
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.tell(&["FLUSHALL"]);
    server.tell(&["SCRIPT", "FLUSH"]);
    comes_to(&profiles, "stranger").await;
    server.tell(&["SCRIPT", "FLUSH"]);
    profiles.put(with_phone("c-1", PHONE)).await.unwrap();
    comes_to(&profiles, "found").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_connection_is_replaced() {
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    for _ in 0..5 {
        server.tell(&["CLIENT", "KILL", "TYPE", "normal"]);
        comes_to(&profiles, "found").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_swallows_everything_is_replaced() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port()).await;
    let profiles = with_a_customer(&proxy.url()).await;
    proxy.swallow();
    assert_eq!(looked_up(&profiles, &by_phone(PHONE)).await.0, "timeout");
    comes_to(&profiles, "found").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_late_still_comes() {
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.freeze();
    let lookup = profiles.lookup(&by_phone(PHONE), BUDGET).await;
    assert!(lookup.took >= BUDGET && lookup.took < NEVER);
    let LookupOutcome::TimedOut(late) = lookup.outcome else {
        panic!("{:?}", lookup.outcome);
    };
    server.thaw();
    let late = timeout(Duration::from_secs(20), late).await.unwrap();
    assert_eq!(late.unwrap().unwrap().profile.id, id("c-1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_comes_even_when_redis_comes_back_much_later() {
    let mut server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.stop();
    comes_to(&profiles, "failed").await;
    let lookup = profiles.lookup(&by_phone(PHONE), BUDGET).await;
    let LookupOutcome::Failed(StoreFault::Unreachable, Some(late)) = lookup.outcome else {
        panic!("{:?}", lookup.outcome);
    };
    let (late, ()) = tokio::join!(timeout(Duration::from_secs(30), late), async {
        sleep(Duration::from_secs(2)).await;
        server.begin();
    });
    assert_eq!(late.unwrap().unwrap().unwrap().profile.id, id("c-1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_look_ups_are_shed_at_once() {
    let server = RedisServer::start();
    let options = redis_options(&server.url()).lookups_max(1);
    let profiles = open(options).await;
    server.freeze();
    let first = profiles.lookup(&by_phone(PHONE), BUDGET).await;
    assert_eq!(first.outcome.counted().name(), "timeout");
    let second = profiles.lookup(&by_phone(PHONE), BUDGET).await;
    assert!(
        matches!(
            second.outcome,
            LookupOutcome::Failed(StoreFault::Busy, Some(_))
        ),
        "{:?}",
        second.outcome
    );
    drop(first);
    server.thaw();
    comes_to(&profiles, "stranger").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_down_does_not_stop_the_start() {
    let profiles = uncached(&format!("redis://127.0.0.1:{}", free_port())).await;
    assert_eq!(looked_up(&profiles, &by_phone(PHONE)).await.0, "failed");
}

#[tokio::test]
async fn a_wrong_password_stops_the_start() {
    let server = RedisServer::with_password(Some("right"));
    for credentials in ["", ":wrong@"] {
        let url = RedisUrl::parse(&format!("redis://{credentials}127.0.0.1:{}", server.port()));
        let options = ProfileOptions::new(Kind::Redis { url: url.unwrap() });
        let refused = Profiles::open(&name("main"), &options).await.err().unwrap();
        assert!(matches!(refused, StoreFault::Failed(_)), "{refused}");
        assert!(refused.to_string().contains("password in customers.url"));
        assert!(!refused.to_string().contains("wrong@"));
    }
}

#[tokio::test]
async fn a_password_that_is_changed_is_told_once_until_it_is_right_again() {
    let (logged, _told) = Logged::begin();
    let server = RedisServer::start();
    let north = |words: &[&str]| server.tell(&[&["ACL", "SETUSER", "north"], words].concat());
    north(&["on", ">secret-1", "~*", "+@all"]);
    let url = format!("redis://north:secret-1@127.0.0.1:{}", server.port());
    let profiles = with_a_customer(&url).await;

    north(&["resetpass", ">secret-2"]);
    server.tell(&["CLIENT", "KILL", "USER", "north"]);
    let told = logged.comes_to("customers.url").await;
    assert!(told[0].contains("ERROR"), "{told:?}");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(logged.lines_with("customers.url"), told);
    assert!(logged.lines_with("secret").is_empty());

    north(&[">secret-1"]);
    comes_to(&profiles, "found").await;
}

#[tokio::test]
async fn a_user_who_loses_a_right_is_told_of_once_and_asks_again_later() {
    let (logged, _told) = Logged::begin();
    let server = RedisServer::start();
    let north = |words: &[&str]| server.tell(&[&["ACL", "SETUSER", "north"], words].concat());
    north(&["on", ">secret-1", "~*", "+@all"]);
    let url = format!("redis://north:secret-1@127.0.0.1:{}", server.port());
    let profiles = with_a_customer(&url).await;
    assert!(profiles.is_well());
    for (lost, given_back) in [
        (["-evalsha", "-eval"], ["+evalsha", "+eval"]),
        (["-get", "-evalsha_ro"], ["+get", "+evalsha_ro"]),
    ] {
        north(&lost);
        let fault = profiles.find(&by_phone(PHONE)).await.unwrap_err();
        assert!(matches!(fault, StoreFault::NotAllowed(_)), "{fault}");
        assert!(fault.is_passing());
        assert!(!profiles.is_well());
        assert!(profiles.is_reachable(), "others may still be looked up");
        let put = profiles.put(with_phone("c-2", "13800000002")).await;
        assert!(
            matches!(put, Err(PutError::Fault(StoreFault::NotAllowed(_)))),
            "{put:?}"
        );
        north(&given_back);
        assert!(profiles.find(&by_phone(PHONE)).await.unwrap().is_some());
    }
    let told = logged.lines_with("lacks a permission");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("ERROR") && told[0].contains("NOPERM"),
        "{told:?}"
    );
}

#[tokio::test]
async fn changes_that_are_not_kept_and_reads_that_fail_are_told_once() {
    let (logged, _told) = Logged::begin();
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.tell(&["SET", "sb:{main}:cust:c-3", "spoilt"]);
    server.tell(&["CONFIG", "SET", "maxmemory", "1"]);
    for _ in 0..5 {
        let put = profiles.put(with_phone("c-2", "13800000002")).await;
        assert!(put.is_err());
        assert!(profiles.get(&id("c-3")).await.is_err());
    }
    let told = logged.lines_with("further rejections");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("OOM"), "{told:?}");
    assert_eq!(logged.lines_with("the customer store failed").len(), 1);
}

#[tokio::test]
async fn a_look_up_that_fails_for_good_is_told_once() {
    let (logged, _told) = Logged::begin();
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    server.tell(&["SET", "sb:{main}:cust:c-3", "spoilt"]);
    for _ in 0..3 {
        let spoilt = by_id("c-3");
        let lookup = profiles.lookup(&spoilt, Duration::from_secs(9)).await;
        let outcome = lookup.outcome;
        assert!(matches!(outcome, LookupOutcome::Failed(..)), "{outcome:?}");
    }
    let told = logged.lines_with("the customer store failed");
    assert_eq!(told.len(), 1, "{told:?}");
}

/// Nothing is written; the customer of this phone is another.
async fn is_rejected(profiles: &Profiles, told: &str) {
    let put = profiles.put(with_phone("c-2", "13800000002")).await;
    let Err(PutError::Fault(StoreFault::TakesNoChanges(words))) = put else {
        panic!("{put:?}");
    };
    assert!(words.contains(told), "{words}");
    let put = profiles.put(with_phone("c-2", PHONE)).await;
    assert!(matches!(put, Err(PutError::Taken(_))), "{put:?}");
}

#[tokio::test]
async fn every_reason_for_which_changes_are_not_kept_is_told() {
    let (logged, _told) = Logged::begin();
    let server = RedisServer::start();
    let set = |name: &str, value: &str| server.tell(&["CONFIG", "SET", name, value]);
    let profiles = with_a_customer(&server.url()).await;

    set("maxmemory", "1");
    is_rejected(&profiles, "OOM").await;
    is_rejected(&profiles, "OOM").await;
    let is_again = || logged.lines_with("accepts writes again");
    assert!(is_again().is_empty(), "nothing was written");
    set("maxmemory", "0");
    profiles
        .put(with_phone("c-3", "13800000003"))
        .await
        .unwrap();
    let again = is_again();
    assert!(
        again.len() == 1 && again[0].contains("unkept=2"),
        "{again:?}"
    );

    set("min-replicas-to-write", "1");
    is_rejected(&profiles, "NOREPLICAS").await;
    set("min-replicas-to-write", "0");
    server.tell(&["REPLICAOF", "127.0.0.1", &free_port().to_string()]);
    is_rejected(&profiles, "READONLY").await;
    is_rejected(&profiles, "READONLY").await;
    server.tell(&["REPLICAOF", "NO", "ONE"]);
    profiles
        .put(with_phone("c-2", "13800000002"))
        .await
        .unwrap();
    assert_eq!(is_again().len(), 3);
    let told = logged.lines_with("further rejections");
    let reasons = ["OOM", "NOREPLICAS", "READONLY"];
    assert_eq!(told.len(), reasons.len(), "{told:?}");
    for (line, reason) in told.iter().zip(reasons) {
        assert!(line.contains(reason), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_arrives_late_does_not_undo_a_newer_one() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port()).await;
    let profiles = with_a_customer(&proxy.url()).await;
    let named = |name: &str| customer("c-1", serde_json::json!({ "name": name }));
    proxy.hold("Early");
    let early = profiles.put(named("Early")).await;
    assert!(matches!(early, Err(PutError::Fault(_))), "{early:?}");
    for _ in 0..600 {
        if profiles.put(named("Late")).await.is_ok() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    proxy.let_go();
    sleep(Duration::from_millis(500)).await;
    let stored = server.read("sb:{main}:cust:c-1").unwrap();
    assert!(stored.contains("Late"), "{stored}");
}

#[tokio::test]
async fn people_can_read_what_is_stored() {
    let server = RedisServer::start();
    let profiles = with_a_customer(&server.url()).await;
    assert_eq!(
        server.read("sb:{main}:cust:c-1").unwrap(),
        r#"{"v":1,"id":"c-1","identities":{"phone":"+8613800138000"},"value":{},"tags":{},"consent":{},"updated_at":"2026-11-21T10:00:00.000Z"}"#
    );
    assert_eq!(
        server.read("sb:{main}:id:phone:+8613800138000").as_deref(),
        Some("c-1")
    );
    server.tell(&["SET", "sb:{main}:cust:c-1", "{\"v\":1}"]);
    let outcome = profiles.lookup(&by_phone(PHONE), BUDGET).await.outcome;
    assert!(
        matches!(outcome, LookupOutcome::Failed(StoreFault::Corrupt(_), None)),
        "{outcome:?}"
    );
    profiles.put(with_phone("c-1", PHONE)).await.unwrap();
    assert_eq!(looked_up(&profiles, &by_phone(PHONE)).await.0, "found");
}
