//! Customers are recognised in time, late, or after a restart, and their histories filed.

use std::time::Duration;

use switchboard::customer::{CustomerId, Profile};
use switchboard::domain::{
    Channel, ContactId, Identities, Identity, IdentityKind, Intake, Recognition, Timestamp,
};
use switchboard::engine::command::{Command, ContactCommand};
use switchboard::node::handle::{CallError, Handle};
use switchboard::node::recognise::anew::recognise_anew;
use switchboard::node::recognise::{Recognise, Recognised};
use switchboard::node::site::Site;
use switchboard::store::profiles::options::RedisUrl;
use switchboard::store::profiles::{Kind, ProfileOptions, Profiles};
use switchboard::task;
use switchboard::telemetry::Telemetry;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::centre::{
    Centre, contact, name, next_offer, options, place, recovered, serve, sign_in, submit,
};
use crate::gate::Gate;
use crate::redis_server::RedisServer;

const LONG: Duration = Duration::from_secs(60);

pub(crate) async fn embedded(folder: &TempDir) -> Profiles {
    let path = folder.path().to_owned();
    open(Kind::Embedded { path }).await
}

pub(crate) async fn open(kind: Kind) -> Profiles {
    let options = ProfileOptions::new(kind);
    Profiles::open(&name("main"), &options).await.unwrap()
}

fn phone() -> Identities {
    let phone = Identity::new(IdentityKind::Phone, "13800138000");
    Identities::new(vec![phone.unwrap()])
}

fn id() -> CustomerId {
    CustomerId::new("c-81").unwrap()
}

pub(crate) async fn put_gold_customer(profiles: &Profiles) {
    put_customer(profiles, "gold").await;
}

async fn put_customer(profiles: &Profiles, tier: &str) {
    let mut profile = Profile::new(id(), Timestamp(1));
    profile.identities = phone();
    profile.tier = Some(name(tier));
    profiles.put(profile).await.unwrap();
}

/// As the gateway does it.
async fn submit_known(handle: &Handle, recognise: &Recognise) -> ContactId {
    let Recognised { recognition, late } = recognise.recognise(&phone()).await;
    let id = submit_as(handle, recognition).await;
    if let Some(late) = late {
        recognise.follow_up(handle.clone(), id, late);
    }
    id
}

pub(crate) async fn submit_as(handle: &Handle, recognition: Recognition) -> ContactId {
    let id = handle.new_contact_id();
    let command = Command::Contact(ContactCommand::Submit {
        id,
        intake: Box::new(Intake {
            identities: phone(),
            ..Intake::new(Channel::App)
        }),
        recognition,
        key: None,
    });
    handle.decide(command, |_, _| ()).await.unwrap();
    id
}

async fn tier(handle: &Handle, id: ContactId) -> String {
    contact(handle, id).await.unwrap().tier.to_string()
}

async fn until_gold(handle: &Handle, id: ContactId) {
    let recognised = timeout(LONG, async {
        while tier(handle, id).await != "gold" {
            sleep(Duration::from_millis(50)).await;
        }
    });
    recognised.await.unwrap();
}

pub(crate) async fn until_filed(handle: &Handle) {
    let filed = timeout(LONG, async {
        while handle.read(|engine| engine.unfiled(1).closed_upto).await != Ok(None) {
            sleep(Duration::from_millis(50)).await;
        }
    });
    filed.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_recognised_and_what_became_of_the_contact_is_filed() {
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    put_gold_customer(&profiles).await;
    let mut centre = Centre::open(1);
    let telemetry = Telemetry::new();
    centre.site.serve_customers(&profiles, &telemetry);
    let handle = centre.handle();
    let recognise = Recognise::new(Some(profiles.clone()), &telemetry);
    let known = submit_known(&handle, &recognise).await;
    assert_eq!(tier(&handle, known).await, "gold");
    submit(&handle).await.unwrap();
    let mut desk = sign_in(&handle, "a1").await;
    for _ in 0..2 {
        let offer = next_offer(&mut desk).await;
        serve(&handle, &desk, offer).await;
    }
    until_filed(&handle).await;
    let record = profiles.get(&id()).await.unwrap().unwrap();
    let entries: Vec<_> = record.history.iter().collect();
    assert_eq!(entries.len(), 1, "strangers have no history");
    assert_eq!(entries[0].contact, known);
    assert_eq!(entries[0].agent, Some(name("a1")));
    assert_eq!(entries[0].outcome, Some("resolved".into()));
    let text = telemetry.render();
    assert!(text.contains(r#"switchboard_customer_lookup_seconds_count{outcome="found"} 1"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_store_everyone_is_a_stranger() {
    let centre = Centre::open(1);
    let recognise = Recognise::new(None, &Telemetry::new());
    let id = submit_known(&centre.handle(), &recognise).await;
    assert_eq!(tier(&centre.handle(), id).await, "basic");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_nobody_recognised_before_a_restart_is_recognised_after_it() {
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    put_gold_customer(&profiles).await;
    let centre = Centre::open(1);
    let id = submit_as(&centre.handle(), Recognition::default()).await;
    drop(centre.site.stop().await);
    let (recovered, _) = recovered(&place(centre.dir.path()));
    let telemetry = Telemetry::new();
    let mut site = Site::start(recovered, options(1).into(), &telemetry).unwrap();
    assert_eq!(tier(&site.handle(), id).await, "basic");
    site.serve_customers(&profiles, &telemetry);
    until_gold(&site.handle(), id).await;
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_holds_nothing_up_and_is_caught_up_with() {
    let server = RedisServer::start();
    let url = RedisUrl::parse(&server.url()).unwrap();
    let profiles = open(Kind::Redis { url }).await;
    put_gold_customer(&profiles).await;
    let mut centre = Centre::open(1);
    let telemetry = Telemetry::new();
    centre.site.serve_customers(&profiles, &telemetry);
    let handle = centre.handle();
    let recognise = Recognise::new(Some(profiles.clone()), &telemetry);

    server.freeze();
    let late = submit_known(&handle, &recognise).await;
    let counted = "switchboard_customer_lookup_seconds_count{outcome=\"timeout\"} 1";
    assert!(telemetry.render().contains(counted));
    assert_eq!(tier(&handle, late).await, "basic");
    let mut desk = sign_in(&handle, "a1").await;
    let offer = next_offer(&mut desk).await;
    let known = Recognition {
        customer: Some("c-81".into()),
        ..Recognition::default()
    };
    submit_as(&handle, known).await;
    let other = next_offer(&mut desk).await;
    serve(&handle, &desk, other).await;
    sleep(Duration::from_millis(1_500)).await;

    server.thaw();
    until_gold(&handle, late).await;
    serve(&handle, &desk, offer).await;
    until_filed(&handle).await;
    let record = profiles.get(&id()).await.unwrap().unwrap();
    assert_eq!(record.history.len(), 2);
}

/// The most look-ups that wait for a late answer at a time.
const LATE_MAX: usize = 8_192;

#[tokio::test(flavor = "multi_thread")]
async fn whose_look_up_was_given_up_is_recognised_when_the_store_is_back() {
    let server = RedisServer::start();
    let url = RedisUrl::parse(&server.url()).unwrap();
    let profiles = open(Kind::Redis { url }).await;
    put_gold_customer(&profiles).await;
    let mut centre = Centre::open(1);
    let telemetry = Telemetry::new();
    centre.site.serve_customers(&profiles, &telemetry);
    let handle = centre.handle();
    let recognise = Recognise::new(Some(profiles.clone()), &telemetry);
    server.freeze();
    let mut lates = Vec::new();
    while lates.len() < LATE_MAX {
        let phone = phone();
        let wave = (0..512).map(|_| recognise.recognise(&phone));
        let wave = futures_util::future::join_all(wave).await;
        let answered = lates.len();
        lates.extend(wave.into_iter().filter_map(|recognised| recognised.late));
        assert!(lates.len() > answered, "{answered} wait");
    }
    let Recognised { recognition, late } = recognise.recognise(&phone()).await;
    let id = submit_as(&handle, recognition).await;
    // Further answers are not awaited, even if their first attempt is.
    drop(late);
    drop(lates);
    assert_eq!(tier(&handle, id).await, "basic");

    server.thaw();
    until_gold(&handle, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_whose_profile_is_written_is_recognised() {
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    let centre = Centre::open(1);
    let handle = centre.handle();
    let recognise = Recognise::new(Some(profiles.clone()), &Telemetry::new());
    let stranger = submit_known(&handle, &recognise).await;
    let nobody = submit(&handle).await.unwrap();
    assert_eq!(tier(&handle, stranger).await, "basic");
    put_gold_customer(&profiles).await;
    recognise_anew(&handle, &profiles, &id()).await;
    assert_eq!(tier(&handle, stranger).await, "gold");
    assert_eq!(tier(&handle, nobody).await, "basic");
    let customer = contact(&handle, stranger)
        .await
        .unwrap()
        .recognition
        .customer
        .clone();
    assert_eq!(customer.as_deref(), Some("c-81"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_served_before_the_store_could_say_who_that_is_has_it_in_the_history() {
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    put_gold_customer(&profiles).await;
    let mut centre = Centre::open(1);
    let handle = centre.handle();
    submit_as(&handle, Recognition::default()).await;
    let mut desk = sign_in(&handle, "a1").await;
    let offer = next_offer(&mut desk).await;
    serve(&handle, &desk, offer).await;
    centre.site.serve_customers(&profiles, &Telemetry::new());
    until_filed(&handle).await;
    let record = profiles.get(&id()).await.unwrap().unwrap();
    assert_eq!(record.history.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_inbox_is_waited_for_by_whoever_tells_what_has_changed() {
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    put_customer(&profiles, "basic").await;
    let gate = Gate::default();
    let centre = Centre::open_small(1, 64 << 10, |journal| gate.before(journal));
    let handle = centre.handle();
    let recognise = Recognise::new(Some(profiles.clone()), &Telemetry::new());
    let waiting = submit_known(&handle, &recognise).await;
    assert_eq!(tier(&handle, waiting).await, "basic");
    gate.close();
    let mut calls = tokio::task::JoinSet::new();
    for wave in [8_000, 200] {
        for _ in 0..wave {
            let handle = handle.clone();
            calls.spawn(async move { submit(&handle).await });
        }
        sleep(Duration::from_millis(250)).await;
    }
    let refused = timeout(LONG, submit(&handle)).await.unwrap();
    assert_eq!(refused, Err(CallError::Overloaded));
    put_gold_customer(&profiles).await;
    let telling = {
        let (handle, profiles) = (handle.clone(), profiles.clone());
        task::spawn("telling", async move {
            recognise_anew(&handle, &profiles, &id()).await
        })
    };
    sleep(Duration::from_millis(100)).await;
    assert!(!telling.is_finished());
    gate.open();
    timeout(LONG, telling).await.unwrap().unwrap();
    assert_eq!(tier(&handle, waiting).await, "gold");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_at_once_the_later_one_counts() {
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    put_customer(&profiles, "basic").await;
    let centre = Centre::open(1);
    let handle = centre.handle();
    let recognise = Recognise::new(Some(profiles.clone()), &Telemetry::new());
    let waiting = submit_known(&handle, &recognise).await;
    for _ in 0..20 {
        let mut told = tokio::task::JoinSet::new();
        for next in ["gold", "basic", "gold"] {
            put_customer(&profiles, next).await;
            let (handle, profiles) = (handle.clone(), profiles.clone());
            told.spawn(async move { recognise_anew(&handle, &profiles, &id()).await });
        }
        told.join_all().await;
        assert_eq!(tier(&handle, waiting).await, "gold");
        put_customer(&profiles, "basic").await;
        recognise_anew(&handle, &profiles, &id()).await;
        assert_eq!(tier(&handle, waiting).await, "basic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_while_nobody_heard_of_it_counts_after_the_start() {
    let folder = TempDir::new().unwrap();
    let profiles = embedded(&folder).await;
    put_customer(&profiles, "basic").await;
    let centre = Centre::open(1);
    let recognise = Recognise::new(Some(profiles.clone()), &Telemetry::new());
    let waiting = submit_known(&centre.handle(), &recognise).await;
    drop(centre.site.stop().await);
    put_gold_customer(&profiles).await;
    let (recovered, _) = recovered(&place(centre.dir.path()));
    let telemetry = Telemetry::new();
    let mut site = Site::start(recovered, options(1).into(), &telemetry).unwrap();
    site.serve_customers(&profiles, &telemetry);
    until_gold(&site.handle(), waiting).await;
    site.stop().await;
}
