//! Customers for the tests of the stores, and both kinds of store.

use std::time::Duration;

use switchboard::customer::{CustomerId, HistoryEntry, Profile, Tiers, document};
use switchboard::domain::{
    Channel, ContactId, Identities, Identity, IdentityKind, Name, Timestamp,
};
use switchboard::store::profiles::options::RedisUrl;
use switchboard::store::profiles::{Kind, Lookup, LookupOutcome, ProfileOptions, Profiles};
use tempfile::TempDir;

use crate::redis_server::RedisServer;

pub(crate) const NOW: Timestamp = Timestamp(1_795_255_200_000);
/// The budget of every look-up, and what it must never exceed.
pub(crate) const BUDGET: Duration = Duration::from_millis(50);
pub(crate) const NEVER: Duration = Duration::from_millis(900);

/// A store and what it needs.
pub(crate) struct Fixture {
    pub(crate) profiles: Profiles,
    pub(crate) name: &'static str,
    _folder: TempDir,
    _server: Option<RedisServer>,
}

pub(crate) async fn both_stores() -> [Fixture; 2] {
    let folder = tempfile::tempdir().unwrap();
    let embedded = embedded(&folder).await;
    let server = RedisServer::start();
    let redis = redis(&server.url()).await;
    [
        Fixture {
            profiles: embedded,
            name: "embedded",
            _folder: folder,
            _server: None,
        },
        Fixture {
            profiles: redis,
            name: "redis",
            _folder: tempfile::tempdir().unwrap(),
            _server: Some(server),
        },
    ]
}

pub(crate) async fn embedded(folder: &TempDir) -> Profiles {
    let path = folder.path().join("data");
    open(ProfileOptions::new(Kind::Embedded { path })).await
}

pub(crate) async fn redis(url: &str) -> Profiles {
    open(redis_options(url)).await
}

pub(crate) fn redis_options(url: &str) -> ProfileOptions {
    let url = RedisUrl::parse(url).unwrap();
    ProfileOptions::new(Kind::Redis { url })
}

pub(crate) async fn open(options: ProfileOptions) -> Profiles {
    Profiles::open(&name("main"), &options).await.unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn id(text: &str) -> CustomerId {
    CustomerId::new(text).unwrap()
}

/// A customer with this id, given as JSON.
pub(crate) fn customer(text: &str, body: serde_json::Value) -> Profile {
    document::put(id(text), body, &Tiers::Any, NOW).unwrap()
}

pub(crate) fn with_phone(text: &str, phone: &str) -> Profile {
    customer(
        text,
        serde_json::json!({ "identities": { "phone": phone } }),
    )
}

pub(crate) fn by(identities: &[(IdentityKind, &str)]) -> Identities {
    let identities = identities
        .iter()
        .map(|(kind, value)| Identity::new(*kind, value).unwrap());
    Identities::new(identities.collect())
}

pub(crate) fn by_phone(phone: &str) -> Identities {
    by(&[(IdentityKind::Phone, phone)])
}

pub(crate) fn by_id(text: &str) -> Identities {
    by(&[(IdentityKind::Id, text)])
}

pub(crate) fn entry(contact: u128, at: i64, agent: Option<&str>) -> HistoryEntry {
    HistoryEntry {
        contact: ContactId(contact),
        at: Timestamp(NOW.0 + at),
        channel: Channel::Hotline,
        topic: Some(name("billing")),
        agent: agent.map(name),
        outcome: Some("已解决 (resolved)".into()),
    }
}

/// The outcome of a look-up: the label, and the id of the customer found.
pub(crate) async fn looked_up(
    profiles: &Profiles,
    who: &Identities,
) -> (&'static str, Option<String>) {
    let Lookup { outcome, took } = profiles.lookup(who, BUDGET).await;
    assert!(took < NEVER, "a look-up took {took:?}");
    let label = outcome.counted().name();
    match outcome {
        LookupOutcome::Found { found, .. } => (label, Some(found.profile.id.to_string())),
        LookupOutcome::Stranger | LookupOutcome::TimedOut(_) | LookupOutcome::Failed(..) => {
            (label, None)
        }
    }
}

/// The customer found by a look-up without a time limit.
pub(crate) async fn found(profiles: &Profiles, who: &Identities) -> Option<String> {
    match profiles.lookup(who, Duration::from_secs(20)).await.outcome {
        LookupOutcome::Found { found, .. } => Some(found.profile.id.to_string()),
        LookupOutcome::Stranger => None,
        LookupOutcome::TimedOut(_) => panic!("no answer within twenty seconds"),
        LookupOutcome::Failed(fault, _) => panic!("{fault}"),
    }
}
