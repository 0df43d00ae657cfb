//! Profiles in a local file. One thread reads and one writes (see [`reader`] and [`writer`]), each
//! handling all waiting requests together, so that no caller waits for a disk access of its own.
//!
//! [`reader`]: super::reader
//! [`writer`]: super::writer

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use redb::{ReadTransaction, TableDefinition, WriteTransaction};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;

use crate::customer::event::{EVENTS_MAX, EVENTS_SHOWN, Recorded};
use crate::customer::history::{HISTORY_MAX, HISTORY_SHOWN};
use crate::customer::{CustomerEvent, CustomerId, HistoryEntry, Profile};
use crate::domain::{Identities, Identity, IdentityKind, Name};
use crate::store::profiles::fault::StoreFault;
use crate::store::profiles::file::{Access, failed};
use crate::store::profiles::reader::{Question, Read, ReadError};
use crate::store::profiles::writer::{Change, Job};
use crate::store::profiles::{Found, Order, Record, Stored, Written, reader, record, writer};

type Table = TableDefinition<'static, &'static str, &'static [u8]>;

/// Customer id -> profile.
pub(super) const PROFILES: Table = TableDefinition::new("profiles");
/// `KIND:VALUE` -> customer id.
pub(super) const POINTERS: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("identities");
/// Customer id, instant in ms and contact -> entry: adding one is one small write.
pub(super) const HISTORY: TableDefinition<'static, HistoryKey, &'static [u8]> =
    TableDefinition::new("history");
/// Customer id -> events, last reported first.
pub(super) const EVENTS: Table = TableDefinition::new("events");

pub(super) type HistoryKey = (&'static str, i64, u128);

/// All entries of one customer.
pub(super) fn entries_of(id: &str) -> RangeInclusive<(&str, i64, u128)> {
    (id, i64::MIN, 0)..=(id, i64::MAX, u128::MAX)
}

/// The most reads waiting for the reader; further ones are rejected.
const READS_MAX: usize = 4_096;
/// The most writes waiting for the writer; further ones are rejected.
const JOBS_MAX: usize = 1_024;

pub(super) struct EmbeddedProfiles {
    file: Access,
    reads: mpsc::Sender<Read>,
    jobs: mpsc::Sender<Job>,
}

impl EmbeddedProfiles {
    pub(super) async fn open(site: &Name, folder: PathBuf) -> Result<Self, StoreFault> {
        let name = format!("customers-{site}.redb");
        let opened = spawn_blocking(move || Access::open(&folder, &name)).await;
        let file = opened.map_err(failed)??;
        let (jobs, inbox) = mpsc::channel(JOBS_MAX);
        writer::start(file.clone(), inbox).map_err(failed)?;
        let (reads, inbox) = mpsc::channel(READS_MAX);
        reader::start(file.clone(), inbox).map_err(failed)?;
        Ok(Self { file, reads, jobs })
    }

    /// Whether nothing known prevents a write.
    pub(super) fn is_well(&self) -> bool {
        self.file.is_well() && !self.reads.is_closed() && !self.jobs.is_closed()
    }

    pub(super) async fn find(&self, identities: &Identities) -> Result<Option<Found>, StoreFault> {
        let identities = identities.clone();
        self.read(move |file| {
            for identity in identities.iter() {
                let Some(id) = owner(file, identity)? else {
                    continue;
                };
                // A pointer to a customer without the identity does not count.
                let Some((profile, _)) =
                    profile(file, &id)?.filter(|(profile, _)| profile.answers_to(identity))
                else {
                    continue;
                };
                return Ok(Some(Found {
                    profile: Arc::new(profile),
                    history: history(file, &id, HISTORY_SHOWN)?.into(),
                    events: events(file, &id, EVENTS_SHOWN)?.into(),
                }));
            }
            Ok(None)
        })
        .await
    }

    pub(super) async fn get(&self, id: &CustomerId) -> Result<Option<Record>, StoreFault> {
        let id = id.clone();
        self.read(move |file| {
            let id = id.as_str();
            let Some((profile, version)) = profile(file, id)? else {
                return Ok(None);
            };
            Ok(Some(Record {
                profile: Arc::new(profile),
                history: history(file, id, HISTORY_MAX)?.into(),
                events: events(file, id, EVENTS_MAX)?,
                version,
            }))
        })
        .await
    }

    pub(super) async fn stored(&self, ids: Vec<CustomerId>) -> Result<Vec<Stored>, StoreFault> {
        self.read(move |file| {
            let stored = ids.iter().map(|id| match profile(file, id.as_str()) {
                Ok(None) => Ok(Stored::Nothing),
                Ok(Some((profile, version))) => Ok(Stored::Readable(profile, version)),
                Err(ReadError::Record(StoreFault::Corrupt(_))) => Ok(Stored::Unreadable),
                Err(error @ (ReadError::File(_) | ReadError::Record(_))) => Err(error),
            });
            stored.collect()
        })
        .await
    }

    pub(super) async fn write(&self, orders: Vec<Order>) -> Result<Vec<Written>, StoreFault> {
        self.ask(move |transaction| writer::put(transaction, &orders).map(Ok))
            .await
    }

    pub(super) async fn append_history(
        &self,
        batch: Arc<[(CustomerId, HistoryEntry)]>,
    ) -> Result<(), StoreFault> {
        self.ask(move |transaction| writer::append_history(transaction, &batch))
            .await
    }

    pub(super) async fn append_event(
        &self,
        id: &CustomerId,
        event: CustomerEvent,
    ) -> Result<Recorded, StoreFault> {
        let id = id.clone();
        self.ask(move |transaction| writer::append_event(transaction, &id, event))
            .await
    }

    /// Has `work` done by the writer; the answer arrives once it is on disk.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<Result<T, StoreFault>, redb::Error>
        + Send
        + 'static,
    ) -> Result<T, StoreFault> {
        let (answer, reply) = oneshot::channel();
        let job: Job = Box::new(Change::new(work, answer));
        self.jobs.try_send(job).map_err(|refused| shed(&refused))?;
        reply.await.map_err(|_| ended())?
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let (answer, reply) = oneshot::channel();
        let read: Read = Box::new(Question::new(read, answer));
        self.reads
            .try_send(read)
            .map_err(|refused| shed(&refused))?;
        reply.await.map_err(|_| ended())?
    }
}

/// A full queue is temporary; an ended thread is not.
fn shed<T>(refused: &TrySendError<T>) -> StoreFault {
    match refused {
        TrySendError::Full(_) => StoreFault::Busy,
        TrySendError::Closed(_) => ended(),
    }
}

fn ended() -> StoreFault {
    failed("its thread has ended")
}

fn owner(file: &ReadTransaction, identity: &Identity) -> Result<Option<String>, ReadError> {
    if identity.kind == IdentityKind::Id {
        return Ok(Some(identity.value().to_owned()));
    }
    let pointers = file.open_table(POINTERS)?;
    let owner = pointers.get(&*pointer(identity))?;
    Ok(owner.map(|owner| owner.value().to_owned()))
}

fn profile(file: &ReadTransaction, id: &str) -> Result<Option<(Profile, u64)>, ReadError> {
    let profiles = file.open_table(PROFILES)?;
    let bytes = profiles.get(id)?;
    let read = bytes.map(|bytes| record::read_profile(id.as_bytes(), bytes.value()));
    Ok(read.transpose()?)
}

/// The newest entries, newest first.
fn history(
    file: &ReadTransaction,
    id: &str,
    at_most: usize,
) -> Result<Vec<HistoryEntry>, ReadError> {
    let table = file.open_table(HISTORY)?;
    let entries = table.range(entries_of(id))?;
    let newest = entries.rev().take(at_most);
    newest
        .map(|entry| Ok(record::read_entry(entry?.1.value())?))
        .collect()
}

fn events(
    file: &ReadTransaction,
    id: &str,
    at_most: usize,
) -> Result<Vec<CustomerEvent>, ReadError> {
    let table = file.open_table(EVENTS)?;
    let Some(bytes) = table.get(id)? else {
        return Ok(Vec::new());
    };
    let mut events = record::read_events(bytes.value())?;
    events.truncate(at_most);
    Ok(events)
}

pub(super) fn pointer(identity: &Identity) -> String {
    format!("{}:{}", identity.kind, identity.value())
}
