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
use crate::domain::Name;
use crate::engine::command::{Command, SiteCommand};
use crate::engine::view::ContactView;
use crate::node::handle::{CallError, Handle};
use crate::store::profiles::{Profiles, StoreFault};

/// How often closed contacts are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// The most contacts that are filed at a time.
const BATCH_MAX: usize = 500;
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
            Ok(count) if count == BATCH_MAX => Duration::ZERO,
            Ok(_) => EVERY,
            Err(FileError::Call(CallError::Stopping)) => return,
            Err(error) => {
                tracing::warn!(%error, "cannot file closed contacts; they wait");
                (pause * 2).clamp(EVERY, PAUSE_MAX)
            }
        };
    }
}

/// Files one batch, and says how many contacts it had.
async fn file(node: &Handle, profiles: &Profiles) -> Result<usize, FileError> {
    let look = node.read(|engine| engine.unfiled(BATCH_MAX));
    let closed = look.await?;
    let Some((closed_upto, _)) = closed.last() else {
        return Ok(0);
    };
    let closed_upto = *closed_upto;
    let entries: Vec<_> = closed.iter().filter_map(|(_, view)| entry(view)).collect();
    if !entries.is_empty() {
        profiles.append_history(entries).await?;
    }
    let command = Command::Site(SiteCommand::FileHistory { closed_upto });
    node.decide(command, |_, _| ()).await?;
    Ok(closed.len())
}

/// Strangers have no history.
fn entry(view: &ContactView) -> Option<(CustomerId, HistoryEntry)> {
    let customer = view.recognition.customer.as_ref()?;
    let outcome = view.outcome.as_deref().unwrap_or(view.state);
    let entry = HistoryEntry {
        contact: view.id,
        at: view.closed_at?,
        channel: view.intake.channel,
        topic: view.intake.topic.clone(),
        agent: view.agent.clone(),
        outcome: Name::new(outcome).ok(),
    };
    Some((CustomerId::new(customer).ok()?, entry))
}
