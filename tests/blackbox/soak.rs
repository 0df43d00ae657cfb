//! Hours of a bad network and a worse Redis: routing continues, and every promise is kept.
//!
//! `SWITCHBOARD_SOAK_S=3600 cargo test --release --test blackbox soak -- --nocapture`

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::centre::Centre;
use crate::chance::{Chance, number_from};
use crate::crowd::{Crowd, Habits};
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, await_customer_store};
use crate::patience::eventually;
use crate::redis_server::RedisServer;

const SOAK_S: u64 = if cfg!(debug_assertions) { 15 } else { 60 };
const CUSTOMERS: u64 = 200;
/// Long enough for timeouts to expire and the breaker to open.
const FROZEN_MS_MAX: u64 = 3_000;

async fn write_customers(http: &mut HttpClient) {
    for customer in 0..CUSTOMERS {
        let tier = ["diamond", "gold", "silver", "basic"][usize::try_from(customer % 4).unwrap()];
        let profile = json!({
            "identities": {"phone": format!("+8613800{customer:06}")},
            "tier": tier,
        });
        let path = format!("/v1/customers/c-{customer}");
        loop {
            let reply = http.put(ADAPTER, &path, &profile).await;
            if [200, 201].contains(&reply.status) {
                break;
            }
            // The store was frozen a moment ago: the adapter comes back when it is told to.
            assert_eq!(reply.status, 503, "{reply:?}");
            let after_s = reply.header("retry-after").and_then(|s| s.parse().ok());
            sleep(Duration::from_secs(after_s.expect("a refusal says when"))).await;
        }
    }
}

#[tokio::test]
async fn soak_with_lost_sockets_and_a_redis_that_hangs_dies_and_forgets() {
    let mut redis = RedisServer::start();
    let centre = Centre::new(12)
        .with_short_offers()
        .with_customers_at(&redis.url());
    let mut server = centre.start();
    let mut http = HttpClient::new(server.address());
    write_customers(&mut http).await;
    let mut chance = Chance::new(99);
    let mut crowd = Crowd::come(Habits {
        agents: 12,
        adapters: 5,
        open_max: 150,
        drops_in_100_000: 500,
        customers: CUSTOMERS,
        always_taken: true,
    });
    crowd.let_in(server.address());
    let end = Instant::now() + Duration::from_secs(number_from("SWITCHBOARD_SOAK_S", SOAK_S));
    while Instant::now() < end {
        match chance.below(4) {
            0 | 1 => {
                redis.freeze();
                sleep(Duration::from_millis(chance.below(FROZEN_MS_MAX))).await;
                redis.thaw();
            }
            2 => {
                redis.stop();
                redis.begin();
            }
            _ => {
                redis.tell(&["FLUSHALL"]);
                write_customers(&mut http).await;
            }
        }
        sleep(Duration::from_millis(500 + chance.below(1_500))).await;
        crowd.ledger().assert_unbroken();
        assert!(server.is_running());
    }
    crowd.settle(server.address()).await;
    crowd.ledger().compare_all(server.address()).await;
    http.assert_conserved().await;
    let rss = server.rss_kib();
    server.kill();
    crowd.shut_out().await;
    crowd.ledger().close_spans();
    crowd.ledger().assert_nothing_was_offered_twice();
    let tally = crowd.ledger().tally();
    eprintln!("{tally:#?}; {rss} KiB");
    for what in ["contacts", "completions", "sockets dropped", "resumes"] {
        assert!(tally.contains_key(what), "no {what}: nothing was proven");
    }
}

async fn tier_of(http: &mut HttpClient, contact: &str) -> String {
    let contact = http.contact(contact).await;
    contact["customer"]["tier"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_customer_recognised_late_is_ranked_anew() {
    let redis = RedisServer::start();
    let centre = Centre::new(1).with_customers_at(&redis.url());
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    write_customers(&mut http).await;
    server.kill();
    // A new process has an empty cache.
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let basic = json!({"channel": "app", "queue": "quiet", "customer": {"phone": "13800000003"}});
    let first = http.submit(&basic).await;
    redis.freeze();
    let diamond = json!({"channel": "app", "queue": "quiet", "customer": {"phone": "13800000000"}});
    let second = http.submit(&diamond).await;
    assert_eq!(tier_of(&mut http, &second).await, "basic");
    assert_eq!(http.contact(&second).await["position"], 2);
    redis.thaw();
    eventually("the diamond customer is recognised", async || {
        let mut http = HttpClient::new(server.address());
        (tier_of(&mut http, &second).await == "diamond").then_some(())
    })
    .await;
    assert_eq!(http.contact(&second).await["position"], 1);
    let third = http.submit(&diamond).await;
    assert_eq!(tier_of(&mut http, &third).await, "diamond");
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let mut served = Vec::new();
    for _ in 0..3 {
        served.push(agent.take_one().await);
    }
    assert_eq!(served, [second, third, first]);
}

#[tokio::test]
async fn a_full_redis_is_reported_in_its_own_words_and_a_hanging_one_in_the_metrics() {
    let redis = RedisServer::start();
    let centre = Centre::new(1).with_customers_at(&redis.url());
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    write_customers(&mut http).await;
    redis.tell(&["CONFIG", "SET", "maxmemory", "1"]);
    let late = json!({"identities": {"phone": "13999999999"}, "tier": "gold"});
    let refused = http.put(ADAPTER, "/v1/customers/late", &late).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["code"], "customer_store_unavailable");
    assert!(refused.header("retry-after").is_some());
    let told = String::from_utf8_lossy(&refused.bytes).into_owned();
    assert!(!told.contains("OOM"), "{told}");
    let logged = server.logged();
    assert!(logged.contains("OOM command not allowed"), "{logged}");
    redis.tell(&["CONFIG", "SET", "maxmemory", "0"]);
    let put = http.put(ADAPTER, "/v1/customers/late", &late).await;
    assert_eq!(put.status, 201);

    await_customer_store(server.address(), true).await;
    redis.freeze();
    await_customer_store(server.address(), false).await;
    redis.thaw();
    await_customer_store(server.address(), true).await;
    assert!(server.terminate().success());
}
