//! Files closed contacts in the histories of their customers.
//!
//! The engine knows up to which contact that has been done; whatever happens in between,
//! a batch is told again and changes nothing the second time.
//!
//! Filing gives way to routing, whose journal is on the same disk: after each batch it rests
//! for several times as long as that took, though no longer than a second, unless too much waits. Nobody misses what waits:
//! offers and views of customers have it from the engine.
//!
//! What the store takes from others and not from one customer, whose records somebody or
//! something has spoilt, is passed over, so that the others' are filed; the log tells of the
//! first, and how many there were.
//!
//! **Invariant:** the store may fail for as long as it likes: routing goes on, and the
//! contacts wait in the engine for as long as it remembers them.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::sleep;

use crate::customer::{CustomerId, HistoryEntry};
use crate::domain::ContactId;
use crate::engine::command::{Command, SiteCommand};
use crate::engine::shown::unfiled::{Finished, Unfiled};
use crate::episode::Episode;
use crate::node::handle::{CallError, Handle};
use crate::stopwatch::{Stopwatch, now};
use crate::store::profiles::{Profiles, StoreFault};
use crate::telemetry::Histories;

/// How often closed contacts are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// The most contacts that are looked at, and filed, at a time: the loop that routes waits
/// for the look.
const BATCH_MAX: usize = 250;
/// How long it rests after a batch, as a multiple of what the batch took.
const REST: u32 = 4;
/// With more than this waiting it does not rest: a quarter of what the engine remembers.
const PENDING_MAX: usize = 125_000;
/// How many unknown customers are looked up at a time.
const FOUND_OUT_MAX: usize = 32;
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Trouble that has not come for so long, longer than a pause and a try, is over.
const QUIET: Duration = Duration::from_secs(60);

/// What is to be added to whose history.
type Entry = (CustomerId, HistoryEntry);

/// Why a batch was not filed.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// What files.
struct Filing {
    node: Handle,
    profiles: Profiles,
    histories: Arc<Histories>,
    passed_over: Episode,
    /// Tries of which nothing came.
    put_off: Episode,
}

/// Files what is closed, until the site stops.
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
            Ok(0) => EVERY,
            Ok(PENDING_MAX..) => Duration::ZERO,
            Ok(_) => (watch.elapsed() * REST).min(EVERY),
            Err(FileError::Call(CallError::Stopping)) => return,
            Err(error) => {
                filing.put_off(&error);
                (pause * 2).clamp(EVERY, PAUSE_MAX)
            }
        };
    }
}

impl Filing {
    /// Files one batch, and says how many contacts are left.
    async fn file(&self) -> Result<usize, FileError> {
        let unfiled = self.look(BATCH_MAX, 0).await?;
        let Some(closed_upto) = unfiled.closed_upto else {
            return Ok(0);
        };
        let finished = stream::iter(unfiled.contacts);
        let entries = finished.map(|finished| self.of_customer(finished));
        let entries = entries.buffered(FOUND_OUT_MAX).try_collect::<Vec<_>>();
        let entries: Vec<_> = entries.await?.into_iter().flatten().collect();
        if !entries.is_empty() {
            self.append(entries, closed_upto).await?;
        }
        let command = Command::Site(SiteCommand::FileHistory { closed_upto });
        self.node.decide(command, |_, _| ()).await?;
        Ok(unfiled.waiting.saturating_sub(BATCH_MAX))
    }

    /// What is closed and not filed; contacts up to `in_hand_upto` were seen before.
    async fn look(&self, at_most: usize, in_hand_upto: u64) -> Result<Unfiled, CallError> {
        let look = self.node.read(move |engine| engine.unfiled(at_most));
        let unfiled = look.await?;
        self.histories.look_at(&unfiled, in_hand_upto, now());
        Ok(unfiled)
    }

    /// Adds entries to histories, in ever smaller parts if that fails for reasons that do not pass:
    /// what is to blame for it is left out.
    async fn append(&self, entries: Vec<Entry>, closed_upto: u64) -> Result<(), StoreFault> {
        let mut parts: Vec<Arc<[Entry]>> = vec![entries.into()];
        let mut refused = Vec::new();
        let mut any_taken = false;
        while let Some(part) = parts.pop() {
            match self.append_patiently(&part, closed_upto).await {
                Ok(()) => any_taken = true,
                Err(fault) if part.len() == 1 => refused.push((part, fault)),
                Err(_) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second.into(), first.into()]);
                }
            }
        }
        for (part, fault) in refused {
            let is_its_own = matches!(fault, StoreFault::Corrupt(_));
            if !is_its_own && !any_taken {
                return Err(fault);
            }
            for (_, entry) in part.iter() {
                self.pass_over(entry.contact, &fault);
            }
        }
        Ok(())
    }

    /// Waits for as long as the store says that it will come right: the file of the embedded one is
    /// opened anew whenever a rotten page was met, and who comes next has to wait for that.
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
                    // Meanwhile the engine may forget others; where it is stopping that is all one.
                    let _ = self.look(0, closed_upto).await;
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                outcome => return outcome,
            }
        }
    }

    /// A customer who was not recognised in time may be known by now. None for a stranger, and for an
    /// id that the store could not have given.
    async fn of_customer(&self, finished: Finished) -> Result<Option<Entry>, StoreFault> {
        let customer = match &finished.customer {
            Some(customer) => CustomerId::new(customer).ok(),
            None => match self.profiles.find(&finished.intake.identities).await {
                Ok(found) => found.map(|found| found.profile.id.clone()),
                Err(fault @ StoreFault::Corrupt(_)) => {
                    self.pass_over(finished.contact, &fault);
                    None
                }
                Err(fault) => return Err(fault),
            },
        };
        Ok(customer.map(|customer| (customer, entry(&finished))))
    }

    fn put_off(&self, error: &dyn Display) {
        if self.put_off.came(1, now()) {
            tracing::warn!(%error, "closed contacts cannot be added to customer histories yet; retrying");
        }
    }

    fn tell_what_is_over(&self) {
        // The first one was told with its name.
        let passed_over = self.passed_over.over(now());
        if let Some(contacts) = passed_over.filter(|&contacts| contacts > 1) {
            tracing::warn!(
                contacts,
                "so many closed contacts are missing in the histories of customers whose records are spoilt"
            );
        }
        if let Some(tries) = self.put_off.over(now()) {
            tracing::info!(
                tries,
                "closed contacts are added to customer histories again"
            );
        }
    }

    fn pass_over(&self, contact: ContactId, fault: &StoreFault) {
        if self.passed_over.came(1, now()) {
            tracing::error!(%fault, %contact, "a closed contact could not be added to its customer's history; others like it are counted");
        }
    }
}

/// What a history says of a contact.
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
