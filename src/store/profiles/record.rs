//! The stored form of a customer: JSON, so that people can read it in place.
//!
//! A profile is one object that begins with `v`, the number of times it has been written; history
//! entries and events are separate objects.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::customer::document::{of_scalar, scalar};
use crate::customer::event::EventKey;
use crate::customer::id::PersonName;
use crate::customer::value::{Arpu, Share, Tenure};
use crate::customer::{CustomerEvent, CustomerId, CustomerValue, HistoryEntry, Profile};
use crate::domain::{
    AttributeValue, Attributes, Channel, ContactId, Identities, Identity, Name, Text, instant,
};
use crate::store::profiles::fault::StoreFault;

#[derive(Serialize, Deserialize)]
struct ProfileRecord {
    /// Prepended by [`stamped`].
    #[serde(default, skip_serializing)]
    v: u64,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default)]
    identities: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier: Option<String>,
    #[serde(default)]
    value: ValueRecord,
    #[serde(default)]
    tags: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_manager: Option<String>,
    #[serde(default)]
    consent: BTreeMap<String, bool>,
    updated_at: String,
}

#[derive(Default, Serialize, Deserialize)]
struct ValueRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arpu: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenure_months: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    potential: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    churn_risk: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct EntryRecord {
    contact: String,
    at: String,
    channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct EventRecord {
    r#type: String,
    at: String,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

/// The bytes of a profile, without the version.
pub(super) fn profile_body(profile: &Profile) -> String {
    let text = |name: &Name| name.as_str().to_owned();
    json(&ProfileRecord {
        v: 0,
        id: profile.id.as_str().to_owned(),
        name: profile.name.as_ref().map(|name| name.as_str().to_owned()),
        identities: profile
            .identities
            .iter()
            .map(|identity| (identity.kind.name().to_owned(), identity.value().to_owned()))
            .collect(),
        tier: profile.tier.as_ref().map(text),
        value: ValueRecord {
            arpu: profile.value.arpu.map(Arpu::get),
            tenure_months: profile.value.tenure.map(|tenure| tenure.months().into()),
            potential: profile.value.potential.map(Share::get),
            churn_risk: profile.value.churn_risk.map(Share::get),
        },
        tags: scalars(&profile.tags),
        account_manager: profile.account_manager.as_ref().map(text),
        consent: profile
            .consent
            .iter()
            .map(|(purpose, agreed)| (text(purpose), *agreed))
            .collect(),
        updated_at: instant::print(profile.updated_at),
    })
}

/// The stored bytes: `body` with its version prepended.
pub(super) fn stamped(version: u64, body: &str) -> String {
    format!("{{\"v\":{version},{}", &body[1..])
}

/// The profile of this customer and its version. A profile with a different id is corrupt.
/// Versions are below it: scripts in Redis count with floating point.
const VERSION_END: u64 = 1 << 53;

pub(super) fn read_profile(id: &[u8], bytes: &[u8]) -> Result<(Profile, u64), StoreFault> {
    let record: ProfileRecord = parsed(bytes, "a profile")?;
    let version = record.v;
    let is_ours = record.id.as_bytes() == id && version < VERSION_END;
    let profile = profile(record).filter(|_| is_ours).ok_or_else(|| {
        let id = String::from_utf8_lossy(id);
        StoreFault::Corrupt(format!("profile {id}"))
    })?;
    Ok((profile, version))
}

fn profile(record: ProfileRecord) -> Option<Profile> {
    let identities = record.identities.iter();
    let identities: Option<Vec<Identity>> = identities
        .map(|(kind, value)| Identity::new(kind.parse().ok()?, value).ok())
        .collect();
    let consent = record.consent.iter();
    let consent: Option<BTreeMap<Name, bool>> = consent
        .map(|(purpose, agreed)| Some((Name::new(purpose).ok()?, *agreed)))
        .collect();
    Some(Profile {
        id: CustomerId::new(&record.id).ok()?,
        name: optional(record.name.as_deref(), PersonName::new)?,
        identities: Identities::new(identities?),
        tier: optional(record.tier.as_deref(), Name::new)?,
        value: CustomerValue {
            arpu: optional(record.value.arpu, Arpu::try_from)?,
            tenure: optional(record.value.tenure_months, Tenure::try_from)?,
            potential: optional(record.value.potential, Share::try_from)?,
            churn_risk: optional(record.value.churn_risk, Share::try_from)?,
        },
        tags: attributes(record.tags)?,
        account_manager: optional(record.account_manager.as_deref(), Name::new)?,
        consent: consent?,
        updated_at: instant::parse(&record.updated_at).ok()?,
    })
}

fn entry_record(entry: &HistoryEntry) -> EntryRecord {
    let text = |name: &Name| name.as_str().to_owned();
    EntryRecord {
        contact: entry.contact.to_string(),
        at: instant::print(entry.at),
        channel: entry.channel.name().to_owned(),
        topic: entry.topic.as_ref().map(text),
        agent: entry.agent.as_ref().map(text),
        outcome: entry.outcome.as_ref().map(|outcome| outcome.to_string()),
    }
}

fn entry(record: EntryRecord) -> Option<HistoryEntry> {
    Some(HistoryEntry {
        contact: record.contact.parse::<ContactId>().ok()?,
        at: instant::parse(&record.at).ok()?,
        channel: record.channel.parse::<Channel>().ok()?,
        topic: optional(record.topic.as_deref(), Name::new)?,
        agent: optional(record.agent.as_deref(), Name::new)?,
        outcome: record.outcome.map(|outcome| Text::from(&*outcome)),
    })
}

pub(super) fn write_entry(entry: &HistoryEntry) -> String {
    json(&entry_record(entry))
}

pub(super) fn read_entry(bytes: &[u8]) -> Result<HistoryEntry, StoreFault> {
    entry(parsed(bytes, "a history entry")?).ok_or_else(|| corrupt("a history entry"))
}

fn event_record(event: &CustomerEvent) -> EventRecord {
    EventRecord {
        r#type: event.kind.as_str().to_owned(),
        at: instant::print(event.at),
        attributes: scalars(&event.attributes),
        key: event.key.map(|key| hash(key.key)),
        fingerprint: event.key.map(|key| hash(key.fingerprint)),
    }
}

/// A hash in its stored form.
pub(super) fn hash(hash: u128) -> String {
    format!("{hash:032x}")
}

fn event_key(record: &EventRecord) -> Option<EventKey> {
    let hash = |text: &String| u128::from_str_radix(text, 16).ok();
    Some(EventKey {
        key: record.key.as_ref().and_then(hash)?,
        fingerprint: record.fingerprint.as_ref().and_then(hash)?,
    })
}

fn event(record: EventRecord) -> Option<CustomerEvent> {
    Some(CustomerEvent {
        kind: Name::new(&record.r#type).ok()?,
        at: instant::parse(&record.at).ok()?,
        key: event_key(&record),
        attributes: attributes(record.attributes)?,
    })
}

pub(super) fn write_event(event: &CustomerEvent) -> String {
    json(&event_record(event))
}

pub(super) fn read_event(bytes: &[u8]) -> Result<CustomerEvent, StoreFault> {
    event(parsed(bytes, "an event")?).ok_or_else(|| corrupt("an event"))
}

pub(super) fn write_events(events: &[CustomerEvent]) -> String {
    json(&events.iter().map(event_record).collect::<Vec<_>>())
}

pub(super) fn read_events(bytes: &[u8]) -> Result<Vec<CustomerEvent>, StoreFault> {
    let records: Vec<EventRecord> = parsed(bytes, "events")?;
    let events: Option<Vec<CustomerEvent>> = records.into_iter().map(event).collect();
    events.ok_or_else(|| corrupt("events"))
}

fn scalars(attributes: &Attributes) -> BTreeMap<String, Value> {
    attributes
        .iter()
        .map(|(name, value)| (name.to_owned(), scalar(value)))
        .collect()
}

fn attributes(scalars: BTreeMap<String, Value>) -> Option<Attributes> {
    let map: Option<BTreeMap<String, AttributeValue>> = scalars
        .into_iter()
        .map(|(name, value)| Some((name, of_scalar(&value)?)))
        .collect();
    Attributes::new(map?).ok()
}

/// None if a value is present but invalid.
fn optional<R, T, E>(raw: Option<R>, read: impl FnOnce(R) -> Result<T, E>) -> Option<Option<T>> {
    match raw {
        Some(raw) => read(raw).ok().map(Some),
        None => Some(None),
    }
}

fn json(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("a record has text for keys and finite numbers only")
}

/// The parser's message is left out: it may quote the customer's record.
fn parsed<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T, StoreFault> {
    serde_json::from_slice(bytes).map_err(|_| corrupt(what))
}

fn corrupt(what: &'static str) -> StoreFault {
    StoreFault::Corrupt(what.to_owned())
}
