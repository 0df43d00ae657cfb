//! Profiles in Redis: `sb:{SITE}:cust:ID` is a profile, `sb:{SITE}:id:KIND:VALUE` the customer id
//! of an identity, `sb:{SITE}:history:ID` a history by time and `sb:{SITE}:events:ID` a list of
//! events. The braces keep the keys of one script in one slot of a cluster.

use std::sync::Arc;

use redis::{Cmd, Pipeline, Script};

use crate::customer::event::{EVENTS_MAX, EVENTS_SHOWN, Recorded};
use crate::customer::history::{HISTORY_MAX, HISTORY_SHOWN};
use crate::customer::{CustomerEvent, CustomerId, HistoryEntry};
use crate::domain::{Identities, Identity, IdentityKind, Name};
use crate::store::profiles::connection::Keeper;
use crate::store::profiles::fault::StoreFault;
use crate::store::profiles::options::RedisUrl;
use crate::store::profiles::{Expected, Found, Order, Record, Stored, Taken, Written, record};

/// The most calls in one pipeline, so that other requests get a turn in between.
const PIPELINE_MAX: usize = 256;

pub(super) struct RedisProfiles {
    keeper: Keeper,
    /// The prefix of every key.
    base: String,
    find: Script,
    put: Code,
    history: Code,
    event: Code,
}

/// A script to be run in pipelines.
struct Code {
    text: &'static str,
    script: Script,
}

impl Code {
    fn new(text: &'static str) -> Self {
        Self {
            text,
            script: Script::new(text),
        }
    }

    fn load(&self) -> Cmd {
        let mut load = redis::cmd("SCRIPT");
        load.arg("LOAD").arg(self.text);
        load
    }

    fn call(&self, keys: usize) -> Cmd {
        let mut call = redis::cmd("EVALSHA");
        call.arg(self.script.get_hash()).arg(keys);
        call
    }
}

type Raw = Vec<u8>;
/// Of the script that finds: number, id, profile, history, events.
type Answer = (usize, Raw, Raw, Vec<Raw>, Vec<Raw>);

impl RedisProfiles {
    pub(super) async fn open(site: &Name, url: &RedisUrl) -> Result<Self, StoreFault> {
        Ok(Self {
            keeper: Keeper::start(url).await?,
            base: format!("sb:{{{site}}}:"),
            find: Script::new(concat!(include_str!("read.lua"), include_str!("find.lua"))),
            put: Code::new(concat!(include_str!("read.lua"), include_str!("put.lua"))),
            history: Code::new(concat!(
                include_str!("read.lua"),
                include_str!("history.lua")
            )),
            event: Code::new(concat!(include_str!("read.lua"), include_str!("event.lua"))),
        })
    }

    pub(super) fn is_reachable(&self) -> bool {
        self.keeper.is_reachable()
    }

    pub(super) fn is_well(&self) -> bool {
        self.keeper.is_well()
    }

    /// One round trip, whatever the number of identities, and another for each that points to a
    /// customer without it, which does not count.
    pub(super) async fn find(&self, identities: &Identities) -> Result<Option<Found>, StoreFault> {
        let all: Vec<&Identity> = identities.iter().collect();
        let mut rest = &all[..];
        while !rest.is_empty() {
            let first = self.first_of(rest, HISTORY_SHOWN, EVENTS_SHOWN).await?;
            let Some((number, record)) = first else {
                break;
            };
            let Some((identity, weaker)) = rest[number..].split_first() else {
                break;
            };
            if record.profile.answers_to(identity) {
                return Ok(Some(Found {
                    profile: record.profile,
                    history: record.history,
                    events: record.events.into(),
                }));
            }
            rest = weaker;
        }
        Ok(None)
    }

    /// The first of these identities that leads to a customer, by its number, and that customer
    /// with so many entries of the history and events.
    async fn first_of(
        &self,
        identities: &[&Identity],
        history_max: usize,
        events_max: usize,
    ) -> Result<Option<(usize, Record)>, StoreFault> {
        let mut call = self.find.prepare_invoke();
        for identity in identities {
            call.key(self.pointer(identity));
        }
        let by_id = identities
            .first()
            .is_some_and(|identity| identity.kind == IdentityKind::Id);
        call.arg(&self.base)
            .arg(history_max)
            .arg(i32::from(by_id))
            .arg(events_max);
        let answer: Option<Answer> = self
            .keeper
            .lend(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await?;
        let Some((number, id, profile, history, events)) = answer else {
            return Ok(None);
        };
        let (profile, version) = record::read_profile(&id, &profile)?;
        let record = Record {
            profile: Arc::new(profile),
            history: readable(&history, record::read_entry).into(),
            events: readable(&events, record::read_event),
            version,
        };
        Ok(Some((number, record)))
    }

    /// The version of this customer's profile; 0 if there is none.
    pub(super) async fn version(&self, id: &CustomerId) -> Result<u64, StoreFault> {
        let call = Cmd::get(self.profile(id));
        let profile: Option<Raw> = self
            .keeper
            .lend(|mut connection| async move { call.query_async(&mut connection).await })
            .await?;
        let Some(profile) = profile else {
            return Ok(0);
        };
        let (_, version) = record::read_profile(id.as_str().as_bytes(), &profile)?;
        Ok(version)
    }

    pub(super) async fn get(&self, id: &CustomerId) -> Result<Option<Record>, StoreFault> {
        let identity = Identity::new(IdentityKind::Id, id.as_str());
        let identity = identity.map_err(|bad| StoreFault::Failed(bad.to_string()))?;
        let found = self.first_of(&[&identity], HISTORY_MAX, EVENTS_MAX).await?;
        Ok(found.map(|(_, record)| record))
    }

    pub(super) async fn stored(&self, ids: &[CustomerId]) -> Result<Vec<Stored>, StoreFault> {
        let mut stored = Vec::with_capacity(ids.len());
        for ids in ids.chunks(PIPELINE_MAX) {
            // What is of another type counts as nothing here too.
            let call = Cmd::mget(ids.iter().map(|id| self.profile(id)).collect::<Vec<_>>());
            let found: Vec<Option<Raw>> = self
                .keeper
                .lend(|mut connection| async move { call.query_async(&mut connection).await })
                .await?;
            for (id, profile) in ids.iter().zip(found) {
                let read = profile.map(|profile| {
                    record::read_profile(id.as_str().as_bytes(), &profile)
                        .map_or(Stored::Unreadable, |(profile, version)| {
                            Stored::Readable(profile, version)
                        })
                });
                stored.push(read.unwrap_or(Stored::Nothing));
            }
        }
        Ok(stored)
    }

    pub(super) async fn write(&self, orders: &[Order]) -> Result<Vec<Written>, StoreFault> {
        let mut written = Vec::with_capacity(orders.len());
        for orders in orders.chunks(PIPELINE_MAX) {
            let calls = orders.iter().map(|order| self.put_call(order));
            let answers: Vec<(String, String, String)> = self.run(&self.put, calls).await?;
            for answer in answers {
                written.push(read_written(answer)?);
            }
        }
        Ok(written)
    }

    pub(super) async fn append_history(
        &self,
        batch: &[(CustomerId, HistoryEntry)],
    ) -> Result<(), StoreFault> {
        for batch in batch.chunks(PIPELINE_MAX) {
            let calls = batch.iter().map(|(id, entry)| {
                let mut call = self.history.call(1);
                call.arg(self.key("history:", id.as_str()))
                    .arg(entry.contact.to_string())
                    .arg(entry.at.0)
                    .arg(record::write_entry(entry))
                    .arg(HISTORY_MAX);
                call
            });
            let _: Vec<i64> = self.run(&self.history, calls).await?;
        }
        Ok(())
    }

    pub(super) async fn append_event(
        &self,
        id: &CustomerId,
        event: &CustomerEvent,
    ) -> Result<Recorded, StoreFault> {
        let text = |hash: Option<u128>| hash.map(record::hash).unwrap_or_default();
        let mut call = self.event.call(2);
        call.arg(self.profile(id))
            .arg(self.key("events:", id.as_str()))
            .arg(record::write_event(event))
            .arg(EVENTS_MAX)
            .arg(text(event.key.map(|key| key.key)))
            .arg(text(event.key.map(|key| key.fingerprint)));
        let told: Vec<String> = self.run(&self.event, std::iter::once(call)).await?;
        match told.first().map(String::as_str) {
            Some("of_nobody") => Ok(Recorded::OfNobody),
            Some("added") => Ok(Recorded::Added),
            Some("again") => Ok(Recorded::Again),
            Some("otherwise") => Ok(Recorded::Otherwise),
            other => Err(StoreFault::Failed(format!(
                "an event was answered by {other:?}"
            ))),
        }
    }

    fn put_call(&self, order: &Order) -> Cmd {
        let profile = &order.profile;
        let expected = match order.expected {
            Expected::Any => String::new(),
            Expected::Version(version) => version.to_string(),
        };
        let mut call = self.put.call(1);
        call.arg(self.profile(&profile.id))
            .arg(&self.base)
            .arg(profile.id.as_str())
            .arg(expected)
            .arg(record::profile_body(profile));
        for identity in profile.identities.iter() {
            call.arg(format!("{}:{}", identity.kind, identity.value()));
        }
        call
    }

    /// Loads `script` and runs `calls` of it in one pipeline, so that it is present even if the
    /// server has just restarted.
    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &Code,
        calls: impl Iterator<Item = Cmd>,
    ) -> Result<Vec<T>, StoreFault> {
        let mut pipeline = Pipeline::new();
        pipeline.add_command(script.load()).ignore();
        for call in calls {
            pipeline.add_command(call);
        }
        self.keeper
            .lend(|mut connection| async move { pipeline.query_async(&mut connection).await })
            .await
    }

    fn key(&self, section: &str, rest: &str) -> String {
        format!("{}{section}{rest}", self.base)
    }

    fn profile(&self, id: &CustomerId) -> String {
        self.key("cust:", id.as_str())
    }

    fn pointer(&self, identity: &Identity) -> String {
        match identity.kind {
            IdentityKind::Id => self.key("cust:", identity.value()),
            IdentityKind::Account
            | IdentityKind::Phone
            | IdentityKind::WechatUnionid
            | IdentityKind::WechatOpenid
            | IdentityKind::Device => {
                format!("{}id:{}:{}", self.base, identity.kind, identity.value())
            }
        }
    }
}

/// Others may write to the same lists: unreadable entries are skipped.
fn readable<T>(raw: &[Raw], read: impl Fn(&[u8]) -> Result<T, StoreFault>) -> Vec<T> {
    let read = raw.iter().map(|bytes| read(bytes));
    let read = read.inspect(|read| {
        if let Err(fault) = read {
            tracing::debug!(%fault, "an unreadable entry beside a profile is skipped");
        }
    });
    read.flatten().collect()
}

fn read_written((verdict, what, owner): (String, String, String)) -> Result<Written, StoreFault> {
    let strange = || StoreFault::Corrupt("the answer of a script".to_owned());
    match verdict.as_str() {
        "stored" => what
            .parse()
            .map(|version| Written::Stored { version })
            .map_err(|_| strange()),
        "stale" => Ok(Written::Stale),
        "taken" => {
            let kind = what.split_once(':').and_then(|(kind, _)| kind.parse().ok());
            let by = CustomerId::new(&owner).ok();
            let (kind, by) = kind.zip(by).ok_or_else(strange)?;
            Ok(Written::Taken(Taken { kind, by }))
        }
        _ => Err(strange()),
    }
}
