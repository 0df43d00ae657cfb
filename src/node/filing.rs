//! Files closed contacts in the histories of their customers.
//!
//! The engine knows up to which contact that has been done; whatever happens in between,
//! a batch is told again and changes nothing the second time.
//!
//! **Invariant:** the store may fail for as long as it likes: routing goes on, and the
//! contacts wait in the engine for as long as it remembers them.

use std::time::Duration;

use tokio::time::sleep;

use crate::customer::{CustomerId, HistoryEntry};
use crate::engine::command::{Command, SiteCommand};
use crate::engine::finished::Finished;
use crate::node::handle::{CallError, Handle};
use crate::store::profiles::{Profiles, StoreFault};

/// How often closed contacts are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// The most contacts that are looked at, and filed, at a time: the loop that routes waits
/// for the look.
const BATCH_MAX: usize = 100;
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
        pause = match file(&node, &profiles).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => EVERY,
            Err(FileError::Call(CallError::Stopping)) => return,
            Err(error) => {
                tracing::warn!(%error, "cannot file closed contacts; they wait");
                (pause * 2).clamp(EVERY, PAUSE_MAX)
            }
        };
    }
}

/// Files one batch, and says whether there is another.
async fn file(node: &Handle, profiles: &Profiles) -> Result<bool, FileError> {
    let look = node.read(|engine| engine.unfiled(BATCH_MAX));
    let unfiled = look.await?;
    let Some(closed_upto) = unfiled.closed_upto else {
        return Ok(false);
    };
    let entries: Vec<_> = unfiled.contacts.iter().filter_map(entry).collect();
    if !entries.is_empty() {
        profiles.append_history(entries).await?;
    }
    let command = Command::Site(SiteCommand::FileHistory { closed_upto });
    node.decide(command, |_, _| ()).await?;
    Ok(unfiled.more)
}

/// None if the store could not have given the customer this id.
fn entry(finished: &Finished) -> Option<(CustomerId, HistoryEntry)> {
    let entry = HistoryEntry {
        contact: finished.contact,
        at: finished.closed_at,
        channel: finished.intake.channel,
        topic: finished.intake.topic.clone(),
        agent: finished.agent.clone(),
        outcome: Some(finished.outcome.clone()),
    };
    Some((CustomerId::new(&finished.customer).ok()?, entry))
}
