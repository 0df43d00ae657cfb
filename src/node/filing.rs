//! Files closed contacts in the histories of their customers.
//!
//! The engine knows up to which contact that has been done; whatever happens in between,
//! a batch is told again and changes nothing the second time.
//!
//! Filing gives way to routing, whose journal is on the same disk: after each batch it rests
//! for several times as long as that took, unless too much waits. Nobody misses what waits:
//! offers and views of customers have it from the engine.
//!
//! **Invariant:** the store may fail for as long as it likes: routing goes on, and the
//! contacts wait in the engine for as long as it remembers them.

use std::time::Duration;

use futures_util::stream;
use futures_util::{StreamExt, TryStreamExt};
use tokio::time::sleep;

use crate::customer::{CustomerId, HistoryEntry};
use crate::engine::command::{Command, SiteCommand};
use crate::engine::finished::Finished;
use crate::node::clock::Stopwatch;
use crate::node::handle::{CallError, Handle};
use crate::store::profiles::{Profiles, StoreFault};

/// How often closed contacts are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// The most contacts that are looked at, and filed, at a time: the loop that routes waits
/// for the look.
const BATCH_MAX: usize = 250;
/// The rest after a batch, in times of what it took.
const REST: u32 = 4;
/// So many that wait are too many to rest: a quarter of what the engine remembers.
const PENDING_MAX: usize = 125_000;
/// Customers who are still to be found out, asked for at a time.
const FOUND_OUT_MAX: usize = 32;
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Why a batch was not filed.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Files what is closed, until the site stops.
pub(super) async fn keep(node: Handle, profiles: Profiles) {
    let mut pause = EVERY;
    loop {
        sleep(pause).await;
        let watch = Stopwatch::start();
        pause = match file(&node, &profiles).await {
            Ok(0) => EVERY,
            Ok(PENDING_MAX..) => Duration::ZERO,
            Ok(_) => (watch.elapsed() * REST).min(EVERY),
            Err(FileError::Call(CallError::Stopping)) => return,
            Err(error) => {
                tracing::warn!(%error, "cannot file closed contacts; they wait");
                (pause * 2).clamp(EVERY, PAUSE_MAX)
            }
        };
    }
}

/// Files one batch, and says how many contacts are left.
async fn file(node: &Handle, profiles: &Profiles) -> Result<usize, FileError> {
    let look = node.read(|engine| engine.unfiled(BATCH_MAX));
    let unfiled = look.await?;
    let Some(closed_upto) = unfiled.closed_upto else {
        return Ok(0);
    };
    let finished = stream::iter(unfiled.contacts);
    let entries = finished.map(|finished| of_customer(profiles, finished));
    let entries = entries.buffered(FOUND_OUT_MAX).try_collect::<Vec<_>>();
    let entries: Vec<_> = entries.await?.into_iter().flatten().collect();
    if !entries.is_empty() {
        profiles.append_history(entries).await?;
    }
    let command = Command::Site(SiteCommand::FileHistory { closed_upto });
    node.decide(command, |_, _| ()).await?;
    Ok(unfiled.pending)
}

/// Whom nobody recognised in time may be known by now; none who is a stranger, or has an
/// id that the store could not have given.
async fn of_customer(
    profiles: &Profiles,
    finished: Finished,
) -> Result<Option<(CustomerId, HistoryEntry)>, StoreFault> {
    let customer = match &finished.customer {
        Some(customer) => CustomerId::new(customer).ok(),
        None => match profiles.find(&finished.intake.identities).await {
            Ok(found) => found.map(|found| found.profile.id.clone()),
            Err(fault) if fault.is_passing() => return Err(fault),
            Err(fault) => {
                tracing::error!(%fault, contact = %finished.contact, "not filed");
                None
            }
        },
    };
    Ok(customer.map(|customer| (customer, entry(&finished))))
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
