//! One customer's corrupt records do not prevent the filing of others'.

use std::ops::Range;
use std::time::Duration;

use switchboard::customer::{CustomerId, HistoryEntry, Profile};
use switchboard::domain::{Channel, ContactId, Recognition, Timestamp};
use switchboard::store::profiles::options::RedisUrl;
use switchboard::store::profiles::{Kind, Profiles};
use switchboard::telemetry::Telemetry;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::centre::{Centre, next_offer, options, serve, sign_in};
use crate::customers::{embedded, open, put_gold_customer, submit_as, until_filed};
use crate::logged::Logged;
use crate::proxy::Proxy;
use crate::redis_server::RedisServer;
use crate::rot::rot;

/// So many that their histories fill many pages.
const CUSTOMERS: u32 = 400;

fn id(number: u32) -> CustomerId {
    CustomerId::new(&format!("c-{number:04}")).unwrap()
}

async fn put(profiles: &Profiles, numbers: Range<u32>) {
    for number in numbers {
        let new = Profile::new(id(number), Timestamp(1));
        profiles.put(new).await.unwrap();
    }
}

/// Serves one contact of each, and waits until all that can be filed are.
async fn serve_and_file(profiles: &Profiles, customers: &[u32]) {
    let mut centre = Centre::open(1);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    for number in customers {
        let known = Recognition {
            customer: Some(id(*number).as_str().into()),
            ..Recognition::default()
        };
        submit_as(&handle, known).await;
        let offer = next_offer(&mut desk).await;
        serve(&handle, &desk, offer).await;
    }
    centre.site.serve_customers(profiles, &Telemetry::new());
    until_filed(&handle).await;
    centre.site.stop().await;
}

async fn entries(profiles: &Profiles, number: u32) -> usize {
    let record = profiles.get(&id(number)).await.unwrap().unwrap();
    record.history.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_redis_holds_as_something_else_is_written_over() {
    let server = RedisServer::start();
    let url = RedisUrl::parse(&server.url()).unwrap();
    let profiles = open(Kind::Redis { url }).await;
    put(&profiles, 1..4).await;
    server.tell(&["SET", "sb:{main}:history:c-0002", "a note"]);
    serve_and_file(&profiles, &[1, 2, 3]).await;
    for number in 1..4 {
        assert_eq!(entries(&profiles, number).await, 1, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_the_store_refuses_for_a_while_is_tried_again() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port()).await;
    let url = RedisUrl::parse(&proxy.url()).unwrap();
    let profiles = open(Kind::Redis { url }).await;
    put(&profiles, 1..9).await;
    proxy.spoil(true);
    let mends = async {
        sleep(Duration::from_secs(4)).await;
        proxy.spoil(false);
    };
    let customers: Vec<u32> = (1..9).collect();
    tokio::join!(serve_and_file(&profiles, &customers), mends);
    for customer in customers {
        assert_eq!(entries(&profiles, customer).await, 1, "{customer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_waits_until_the_store_lets_us_look_its_customer_up() {
    let server = RedisServer::start();
    let north = |words: &[&str]| server.tell(&[&["ACL", "SETUSER", "north"], words].concat());
    north(&["on", ">secret", "~*", "+@all"]);
    let url = RedisUrl::parse(&format!("redis://north:secret@127.0.0.1:{}", server.port()));
    let profiles = open(Kind::Redis { url: url.unwrap() }).await;
    put_gold_customer(&profiles).await;
    let mut centre = Centre::open(1);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    submit_as(&handle, Recognition::default()).await;
    let offer = next_offer(&mut desk).await;
    serve(&handle, &desk, offer).await;

    north(&["-evalsha", "-eval", "-script"]);
    centre.site.serve_customers(&profiles, &Telemetry::new());
    sleep(Duration::from_secs(3)).await;
    north(&["+@all"]);
    until_filed(&handle).await;
    let record = profiles
        .get(&CustomerId::new("c-81").unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.history.len(), 1);
    centre.site.stop().await;
}

#[tokio::test]
async fn contacts_that_are_forgotten_before_they_are_filed_are_counted_and_told_of() {
    let (logged, _told) = Logged::begin();
    let mut server = RedisServer::start();
    let url = RedisUrl::parse(&server.url()).unwrap();
    let profiles = open(Kind::Redis { url }).await;
    put_gold_customer(&profiles).await;
    server.stop();
    let mut few = options(1);
    few.limits.closed_contacts_max = 3;
    let mut centre = Centre::open_as(few, 1 << 20, |journal| journal);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    for _ in 0..5 {
        submit_as(&handle, Recognition::default()).await;
        let offer = next_offer(&mut desk).await;
        serve(&handle, &desk, offer).await;
    }
    let telemetry = Telemetry::new();
    centre.site.serve_customers(&profiles, &telemetry);
    let told = logged.comes_to("were forgotten before").await;
    assert!(told.len() == 1 && told[0].contains("ERROR"), "{told:?}");
    let text = telemetry.render();
    assert!(
        text.contains("switchboard_histories_lost_total 2\n"),
        "{text}"
    );
    assert!(text.contains("switchboard_contacts_unfiled 3\n"), "{text}");

    server.begin();
    until_filed(&handle).await;
    let record = profiles.get(&CustomerId::new("c-81").unwrap()).await;
    assert_eq!(record.unwrap().unwrap().history.len(), 3);
    sleep(Duration::from_secs(3)).await;
    let text = telemetry.render();
    assert!(
        text.contains("switchboard_histories_lost_total 2\n"),
        "{text}"
    );
    assert!(text.contains("switchboard_contacts_unfiled 0\n"), "{text}");
    centre.site.stop().await;
}

#[tokio::test]
async fn histories_on_a_rotten_page_are_passed_over_and_told_of_once() {
    let (logged, _told) = Logged::begin();
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    let mut before = Vec::new();
    put(&profiles, 0..CUSTOMERS).await;
    for number in 0..CUSTOMERS {
        let entry = HistoryEntry {
            contact: ContactId(number.into()),
            at: Timestamp(1),
            channel: Channel::Hotline,
            topic: None,
            agent: None,
            outcome: None,
        };
        before.push((id(number), entry));
    }
    profiles.append_history(before).await.unwrap();
    drop(profiles);
    let file = folder.path().join("customers-main.redb");
    rot(&file, id(0).as_str()).await;
    let profiles = embedded(&folder).await;
    let last = CUSTOMERS - 1;
    serve_and_file(&profiles, &[0, 1, last]).await;
    assert_eq!(entries(&profiles, last).await, 2);
    let told = logged.lines_with("could not be added to its customer's history");
    assert_eq!(told.len(), 1, "{told:?}");
}
