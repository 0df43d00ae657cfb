//! Files closed contacts in the histories of their customers.
//!
//! The engine knows up to which contact that is done. If filing is interrupted, a batch is sent
//! again and changes nothing the second time.
//!
//! Filing gives way to routing, whose journal is on the same disk: after each batch it rests for
//! several times as long as the batch took, at most a second, unless too much is waiting. Unfiled
//! contacts are not missing anywhere: offers and views of customers take them from the engine.
//!
//! If one customer's record is corrupt, that customer's entries are skipped and the rest are filed;
//! so are entries that the store refuses again and again while it takes others. The log names the
//! first one and counts the others.
//!
//! **Invariant:** the store may fail for any length of time: routing goes on, and the contacts stay
//! in the engine until it forgets them.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::sleep;

use crate::customer::{CustomerId, HistoryEntry};
use crate::domain::ContactId;
use crate::engine::command::{Command, SiteCommand};
use crate::engine::options::Limits;
use crate::engine::shown::unfiled::{Finished, Unfiled};
use crate::episode::Episode;
use crate::node::handle::{CallError, Handle};
use crate::stopwatch::{Stopwatch, now};
use crate::store::profiles::{Profiles, StoreFault};
use crate::telemetry::Histories;

/// How often closed contacts are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// The most contacts read and filed at a time: the routing loop waits for the read.
const BATCH_MAX: usize = 250;
/// The rest after a batch, as a multiple of its duration.
const REST: u32 = 4;
/// Filing does not rest while more than this fraction of the closed contacts that the engine can
/// remember is unfiled: one in four.
const UNFILED_FRACTION: u32 = 4;
/// How many unrecognised customers are looked up at a time.
const FOUND_OUT_MAX: usize = 32;
/// How often an entry is tried that the store refuses while it takes others: for a minute and a
/// half.
const TRIES_MAX: u32 = 8;
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// A kind of trouble is over when absent this long: longer than a pause and a try.
const QUIET: Duration = Duration::from_secs(60);

/// An entry and the customer whose history it belongs to.
type Entry = (CustomerId, HistoryEntry);

/// A contact that is missing in its customer's history, and why.
type PassedOver = (ContactId, StoreFault);

/// Whose history a contact belongs to.
enum Belongs {
    To(Entry),
    /// A stranger, or an id that cannot be one of the store's.
    ToNobody,
    /// Somebody whose profile cannot be read.
    ToSpoilt(PassedOver),
}

/// Why a batch was not filed.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// How many closed contacts are waiting after a batch.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    Nothing,
    Some,
    /// So many that the engine could forget contacts before they are filed.
    Much,
}

impl Left {
    fn of(waiting: usize, remembered_max: u32) -> Self {
        let much = remembered_max / UNFILED_FRACTION;
        match u32::try_from(waiting) {
            Ok(0) => Self::Nothing,
            Ok(waiting) if waiting <= much => Self::Some,
            Ok(_) | Err(_) => Self::Much,
        }
    }
}

struct Filing {
    node: Handle,
    profiles: Profiles,
    histories: Arc<Histories>,
    passed_over: Episode,
    /// Failed tries.
    put_off: Episode,
}

/// Files closed contacts until the site stops.
pub(super) async fn keep(node: Handle, profiles: Profiles, histories: Arc<Histories>) {
    let filing = Filing {
        node,
        profiles,
        histories,
        passed_over: Episode::new(QUIET),
        put_off: Episode::new(QUIET),
    };
    let mut pause = EVERY;
    loop {
        sleep(pause).await;
        filing.tell_what_is_over();
        let watch = Stopwatch::start();
        pause = match filing.file().await {
            Ok(Left::Nothing) => EVERY,
            Ok(Left::Much) => Duration::ZERO,
            Ok(Left::Some) => (watch.elapsed() * REST).min(EVERY),
            Err(FileError::Call(CallError::Stopping)) => return,
            Err(error) => {
                filing.put_off(&error);
                (pause * 2).clamp(EVERY, PAUSE_MAX)
            }
        };
    }
}

impl Filing {
    /// Files one batch.
    async fn file(&self) -> Result<Left, FileError> {
        let (unfiled, remembered_max) = self.look(BATCH_MAX, 0).await?;
        let Some(closed_upto) = unfiled.closed_upto else {
            return Ok(Left::Nothing);
        };
        let finished = stream::iter(unfiled.contacts);
        let found = finished.map(|finished| self.of_customer(finished));
        let found = found.buffered(FOUND_OUT_MAX).try_collect::<Vec<_>>();
        let (mut entries, mut passed_over) = (Vec::new(), Vec::new());
        for found in found.await? {
            match found {
                Belongs::To(entry) => entries.push(entry),
                Belongs::ToNobody => {}
                Belongs::ToSpoilt(passed) => passed_over.push(passed),
            }
        }
        passed_over.extend(self.append(entries, closed_upto).await?);
        let command = Command::Site(SiteCommand::FileHistory { closed_upto });
        self.node.decide(command, |_, _| ()).await?;
        // Not before: until then all of it may be tried again.
        for (contact, fault) in passed_over {
            self.pass_over(contact, &fault);
        }
        let waiting = unfiled.waiting.saturating_sub(BATCH_MAX);
        Ok(Left::of(waiting, remembered_max))
    }

    /// Closed, unfiled contacts; those up to `in_hand_upto` were already read.
    /// With them, how many closed contacts the engine remembers at most.
    async fn look(&self, at_most: usize, in_hand_upto: u64) -> Result<(Unfiled, u32), CallError> {
        let look = self.node.read(move |engine| {
            let options = engine.options();
            let limits = options.map_or(Limits::DEFAULT, |options| options.limits);
            (engine.unfiled(at_most), limits.closed_contacts_max)
        });
        let (unfiled, remembered_max) = look.await?;
        self.histories.look_at(&unfiled, in_hand_upto, now());
        Ok((unfiled, remembered_max))
    }

    /// Adds entries to histories; returns those that cannot be added. Fails if the store takes
    /// nothing at all.
    async fn append(
        &self,
        mut entries: Vec<Entry>,
        closed_upto: u64,
    ) -> Result<Vec<PassedOver>, StoreFault> {
        let (mut passed_over, mut pause) = (Vec::new(), EVERY);
        for tries_left in (0..TRIES_MAX).rev() {
            // All of them each time, which shows whether it takes any.
            let (refused, taken) = self.append_in_parts(&entries, closed_upto).await;
            let mut doubt = None;
            for (contact, fault) in refused {
                if matches!(fault, StoreFault::Corrupt(_)) || (taken > 0 && tries_left == 0) {
                    entries.retain(|(_, entry)| entry.contact != contact);
                    passed_over.push((contact, fault));
                } else if taken == 0 {
                    return Err(fault);
                } else {
                    doubt = Some(fault);
                }
            }
            let Some(fault) = doubt else {
                break;
            };
            self.put_off(&fault);
            self.wait(&mut pause, closed_upto).await;
        }
        Ok(passed_over)
    }

    /// On a permanent failure the batch is split again and again, until only the entries that cause
    /// it are left out. Returns those, and how many parts were taken.
    async fn append_in_parts(
        &self,
        entries: &[Entry],
        closed_upto: u64,
    ) -> (Vec<PassedOver>, usize) {
        let mut parts: Vec<Arc<[Entry]>> = Vec::new();
        parts.extend((!entries.is_empty()).then(|| entries.into()));
        let (mut refused, mut taken) = (Vec::new(), 0);
        while let Some(part) = parts.pop() {
            match (self.append_patiently(&part, closed_upto).await, &*part) {
                (Ok(()), _) => taken += 1,
                (Err(fault), [(_, entry)]) => refused.push((entry.contact, fault)),
                (Err(_), _) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second.into(), first.into()]);
                }
            }
        }
        (refused, taken)
    }

    /// Retries while the store reports a temporary failure: the embedded store reopens its file
    /// after a corrupt page, and other callers wait for that.
    async fn append_patiently(
        &self,
        entries: &Arc<[Entry]>,
        closed_upto: u64,
    ) -> Result<(), StoreFault> {
        let mut pause = EVERY;
        loop {
            match self.profiles.append_history(Arc::clone(entries)).await {
                Err(fault) if fault.is_passing() => {
                    self.put_off(&fault);
                    self.wait(&mut pause, closed_upto).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Waits before another try, and longer before the next one.
    async fn wait(&self, pause: &mut Duration, closed_upto: u64) {
        // The engine may forget others meanwhile; if it is stopping, that does not matter.
        let _ = self.look(0, closed_upto).await;
        sleep(*pause).await;
        *pause = (*pause * 2).min(PAUSE_MAX);
    }

    /// Looks up customers that were not recognised in time.
    async fn of_customer(&self, finished: Finished) -> Result<Belongs, StoreFault> {
        let customer = match &finished.customer {
            Some(customer) => CustomerId::new(customer).ok(),
            None => match self.profiles.find(&finished.intake.identities).await {
                Ok(found) => found.map(|found| found.profile.id.clone()),
                Err(fault @ StoreFault::Corrupt(_)) => {
                    return Ok(Belongs::ToSpoilt((finished.contact, fault)));
                }
                Err(fault) => return Err(fault),
            },
        };
        Ok(customer.map_or(Belongs::ToNobody, |customer| {
            Belongs::To((customer, entry(&finished)))
        }))
    }

    fn put_off(&self, error: &dyn Display) {
        if self.put_off.came(1, now()) {
            tracing::warn!(%error, "closed contacts cannot be added to customer histories yet; retrying");
        }
    }

    fn tell_what_is_over(&self) {
        // The first one was logged by name.
        let passed_over = self.passed_over.over(now());
        if let Some(contacts) = passed_over.filter(|&contacts| contacts > 1) {
            tracing::warn!(contacts, "closed contacts could not be added to histories");
        }
        if let Some(tries) = self.put_off.over(now()) {
            tracing::info!(
                tries,
                "closed contacts are added to customer histories again"
            );
        }
    }

    fn pass_over(&self, contact: ContactId, fault: &StoreFault) {
        self.histories.lost();
        if self.passed_over.came(1, now()) {
            tracing::error!(%fault, %contact, "a closed contact could not be added to its customer's history; others like it are counted");
        }
    }
}

/// The history entry for a contact.
pub fn entry(finished: &Finished) -> HistoryEntry {
    HistoryEntry {
        contact: finished.contact,
        at: finished.closed_at,
        channel: finished.intake.channel,
        topic: finished.intake.topic.clone(),
        agent: finished.agent.clone(),
        outcome: Some(finished.outcome.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filing_hurries_once_a_quarter_of_what_is_remembered_is_waiting() {
        assert_eq!(Left::of(0, 10_000), Left::Nothing);
        assert_eq!(Left::of(1, 10_000), Left::Some);
        assert_eq!(Left::of(2_500, 10_000), Left::Some);
        assert_eq!(Left::of(2_501, 10_000), Left::Much);
        assert_eq!(Left::of(2_501, 500_000), Left::Some);
    }
}
