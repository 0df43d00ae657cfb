//! The thread that writes to the file: it takes all waiting jobs, writes them in one transaction,
//! and answers once that is on disk.

use std::io;

use redb::{Database, ReadableTable, WriteTransaction};
use tokio::sync::{mpsc, oneshot};

use crate::customer::event::{EVENTS_MAX, Recorded};
use crate::customer::history::HISTORY_MAX;
use crate::customer::{CustomerEvent, CustomerId, HistoryEntry, Profile};
use crate::store::profiles::embedded::{EVENTS, HISTORY, POINTERS, PROFILES, entries_of, pointer};
use crate::store::profiles::fault::StoreFault;
use crate::store::profiles::file::{Access, caught, failed, own_fault};
use crate::store::profiles::{Expected, Order, Taken, Written, record};
use crate::task;

/// The most jobs per transaction.
const GROUP_MAX: usize = 256;

/// A pending change; its caller may be gone, and it is made all the same.
pub(super) trait Alter: Send {
    fn write(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error>;
    /// Answers, once the change is on disk or cannot be.
    fn settle(self: Box<Self>, committed: Result<(), StoreFault>);
}

pub(super) type Job = Box<dyn Alter>;

pub(super) struct Change<F, T> {
    work: Option<F>,
    value: Option<Result<T, StoreFault>>,
    answer: oneshot::Sender<Result<T, StoreFault>>,
}

impl<F, T> Change<F, T> {
    pub(super) fn new(work: F, answer: oneshot::Sender<Result<T, StoreFault>>) -> Self {
        Self {
            work: Some(work),
            value: None,
            answer,
        }
    }
}

impl<F, T: Send> Alter for Change<F, T>
where
    F: FnOnce(&WriteTransaction) -> Result<Result<T, StoreFault>, redb::Error> + Send,
{
    fn write(&mut self, transaction: &WriteTransaction) -> Result<(), redb::Error> {
        let Some(work) = self.work.take() else {
            return Ok(());
        };
        match caught(|| work(transaction)).flatten() {
            Ok(value) => {
                self.value = Some(value);
                Ok(())
            }
            Err(error) => {
                self.value = Some(Err(own_fault(&error)));
                Err(error)
            }
        }
    }

    fn settle(self: Box<Self>, committed: Result<(), StoreFault>) {
        let answer = match (committed, self.value) {
            (_, Some(Err(own))) => Err(own),
            (Err(fault), _) => Err(fault),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(failed("the change was not made")),
        };
        let _ = self.answer.send(answer);
    }
}

/// The thread ends when all senders are gone.
pub(super) fn start(file: Access, mut inbox: mpsc::Receiver<Job>) -> io::Result<()> {
    let work = move || {
        while let Some(job) = inbox.blocking_recv() {
            let mut group = vec![job];
            while group.len() < GROUP_MAX
                && let Ok(job) = inbox.try_recv()
            {
                group.push(job);
            }
            let written = file.write(|file| write(file, &mut group));
            if let Err(fault @ StoreFault::Failed(_)) = &written {
                tracing::error!(%fault, "a group of changes to customers was not written");
            }
            for job in group {
                job.settle(written.clone());
            }
        }
    };
    task::thread("customers", work).map(drop)
}

fn write(file: &Database, group: &mut [Job]) -> Result<(), redb::Error> {
    let transaction = file.begin_write()?;
    for job in group {
        job.write(&transaction)?;
    }
    transaction.commit()?;
    Ok(())
}

pub(super) fn put(
    transaction: &WriteTransaction,
    orders: &[Order],
) -> Result<Vec<Written>, redb::Error> {
    orders
        .iter()
        .map(|order| put_one(transaction, order))
        .collect()
}

fn put_one(transaction: &WriteTransaction, order: &Order) -> Result<Written, redb::Error> {
    let mut profiles = transaction.open_table(PROFILES)?;
    let mut pointers = transaction.open_table(POINTERS)?;
    let profile = &order.profile;
    let id = profile.id.as_str();
    let old = stored(&profiles, id)?;
    let version = old.as_ref().map_or(0, |(_, version)| *version);
    if order.expected != Expected::Any && order.expected != Expected::Version(version) {
        return Ok(Written::Stale);
    }
    for identity in profile.identities.iter() {
        let Some(owner) = owner(&pointers, &pointer(identity))?.filter(|owner| owner != id) else {
            continue;
        };
        // A pointer to a customer without the identity does not count.
        if let Some((theirs, _)) = stored(&profiles, &owner)?
            && theirs.answers_to(identity)
        {
            let (kind, by) = (identity.kind, theirs.id);
            return Ok(Written::Taken(Taken { kind, by }));
        }
    }
    for identity in old.iter().flat_map(|(old, _)| old.identities.iter()) {
        let pointer = pointer(identity);
        if owner(&pointers, &pointer)?.is_some_and(|owner| owner == id) {
            pointers.remove(&*pointer)?;
        }
    }
    for identity in profile.identities.iter() {
        pointers.insert(&*pointer(identity), id)?;
    }
    let version = version + 1;
    let bytes = record::stamped(version, &record::profile_body(profile));
    profiles.insert(id, bytes.as_bytes())?;
    Ok(Written::Stored { version })
}

/// An unreadable profile may be overwritten.
fn stored(
    profiles: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &str,
) -> Result<Option<(Profile, u64)>, redb::Error> {
    let bytes = profiles.get(id)?;
    Ok(bytes.and_then(|bytes| record::read_profile(id.as_bytes(), bytes.value()).ok()))
}

fn owner(
    pointers: &impl ReadableTable<&'static str, &'static str>,
    pointer: &str,
) -> Result<Option<String>, redb::Error> {
    let owner = pointers.get(pointer)?;
    Ok(owner.map(|owner| owner.value().to_owned()))
}

/// Replaces an entry of the same contact, and removes the oldest beyond the limit.
pub(super) fn append_history(
    transaction: &WriteTransaction,
    batch: &[(CustomerId, HistoryEntry)],
) -> Result<Result<(), StoreFault>, redb::Error> {
    let mut table = transaction.open_table(HISTORY)?;
    for (id, entry) in batch {
        let id = id.as_str();
        let (at, contact) = (entry.at.0, entry.contact.0);
        let bytes = record::write_entry(entry);
        table.insert((id, at, contact), bytes.as_bytes())?;
        let mut gone = Vec::new();
        let mut kept = 0;
        for known in table.range(entries_of(id))?.rev() {
            let key = known?.0;
            let (_, known_at, known_contact) = key.value();
            let is_older_word = known_contact == contact && known_at != at;
            if is_older_word || kept == HISTORY_MAX {
                gone.push((known_at, known_contact));
            } else {
                kept += 1;
            }
        }
        for (at, contact) in gone {
            table.remove((id, at, contact))?;
        }
    }
    Ok(Ok(()))
}

/// False if there is no such customer.
pub(super) fn append_event(
    transaction: &WriteTransaction,
    id: &CustomerId,
    event: CustomerEvent,
) -> Result<Result<Recorded, StoreFault>, redb::Error> {
    let id = id.as_str();
    if transaction.open_table(PROFILES)?.get(id)?.is_none() {
        return Ok(Ok(Recorded::OfNobody));
    }
    let mut table = transaction.open_table(EVENTS)?;
    let kept = table
        .get(id)?
        .map_or(Ok(Vec::new()), |bytes| record::read_events(bytes.value()));
    let mut events = match kept {
        Ok(events) => events,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut keys = events.iter().filter_map(|kept| kept.key);
    let told = event
        .key
        .and_then(|key| keys.find_map(|kept| key.told(kept)));
    if let Some(told) = told {
        return Ok(Ok(told));
    }
    events.insert(0, event);
    events.truncate(EVENTS_MAX);
    table.insert(id, record::write_events(&events).as_bytes())?;
    Ok(Ok(Recorded::Added))
}
