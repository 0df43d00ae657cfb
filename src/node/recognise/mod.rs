//! Who the customer of a contact is: within the time budget of routing, later if the answer is
//! late, and once the store is back if no answer came.
//!
//! `late` repeats missed look-ups; [`anew`] recognises customers again whose profiles change while
//! their contacts wait.
//!
//! **Invariant:** routing waits for the customer store no longer than its budget; if the store does
//! not answer, the default tier applies.

pub mod anew;
pub(super) mod late;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use crate::customer;
use crate::domain::{ContactId, Identities, Recognition};
use crate::engine::Engine;
use crate::engine::command::{Command, ContactCommand};
use crate::node::handle::{CallError, Handle};
use crate::node::recognise::anew::recognise_anew;
use crate::store::profiles::{Found, Late, LookupOutcome, Profiles};
use crate::task;
use crate::telemetry::{Lookups, Telemetry};

/// Strangers looked up at a time.
const LOOKUPS_MAX: usize = 64;
/// How often the store's availability is checked.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// The pause before the store, or a full inbox, is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks customers up. Without a store everyone is a stranger.
#[derive(Clone)]
pub struct Recognise {
    profiles: Option<Profiles>,
    lookups: Lookups,
}

/// What is known in time, and the answer that may still come.
#[derive(Default)]
pub struct Recognised {
    pub recognition: Recognition,
    pub late: Option<Late>,
}

impl Recognise {
    pub fn new(profiles: Option<Profiles>, telemetry: &Telemetry) -> Self {
        Self {
            profiles,
            lookups: Lookups::new(telemetry),
        }
    }

    pub fn profiles(&self) -> Option<&Profiles> {
        self.profiles.as_ref()
    }

    /// The store's answer within the budget.
    pub async fn recognise(&self, identities: &Identities) -> Recognised {
        let Some(profiles) = self.profiles.as_ref().filter(|_| !identities.is_empty()) else {
            return Recognised::default();
        };
        let (found, late) = match self.look_up(profiles, identities).await {
            LookupOutcome::Found { found, .. } => (Some(found), None),
            LookupOutcome::Stranger => (None, None),
            LookupOutcome::TimedOut(late) => (None, Some(late)),
            LookupOutcome::Failed(_, late) => (None, late),
        };
        Recognised {
            recognition: found.as_ref().map(recognition).unwrap_or_default(),
            late,
        }
    }

    async fn look_up(&self, profiles: &Profiles, identities: &Identities) -> LookupOutcome {
        let lookup = profiles.lookup(identities, profiles.lookup_within()).await;
        self.lookups.record(lookup.outcome.counted(), lookup.took);
        lookup.outcome
    }

    /// Updates the engine when the answer arrives; nothing is reported for a stranger or if no
    /// answer comes.
    pub fn follow_up(&self, node: Handle, contact: ContactId, late: Late) {
        let Some(profiles) = self.profiles.clone() else {
            return;
        };
        task::spawn("late recognition", async move {
            if let Ok(Some(found)) = late.await {
                let at_once = tell(&node, contact, &recognition(&found)).await;
                if !at_once {
                    recognise_anew(&node, &profiles, &found.profile.id).await;
                }
            }
        });
    }

    /// Keeps the metric of the store's availability and health up to date.
    pub(super) async fn watch(self) {
        while let Some(profiles) = &self.profiles {
            self.lookups.store_is_up(profiles.is_well());
            sleep(WATCH_EVERY).await;
        }
    }
}

/// Asks the store for each of them until it answers, and updates the engine.
async fn recognise_strangers(
    node: &Handle,
    profiles: &Profiles,
    strangers: Vec<(ContactId, Identities)>,
) {
    let each = |(contact, identities)| async move {
        // Again, if it may be out of date by the time that it is told.
        while let Some(found) = find(profiles, &identities).await {
            if tell(node, contact, &recognition(&found)).await {
                break;
            }
        }
    };
    stream::iter(strangers)
        .for_each_concurrent(LOOKUPS_MAX, each)
        .await;
}

async fn find(profiles: &Profiles, identities: &Identities) -> Option<Found> {
    loop {
        match profiles.find(identities).await {
            Ok(found) => return found,
            Err(fault) if fault.is_passing() => sleep(PAUSE).await,
            Err(fault) => {
                tracing::error!(%fault, "a customer cannot be looked up");
                return None;
            }
        }
    }
}

/// Reads the engine; retries while it is overloaded. None when it is stopping.
async fn read<T: Send + 'static>(
    node: &Handle,
    ask: impl Fn(&Engine) -> T + Clone + Send + 'static,
) -> Option<T> {
    loop {
        match node.read(ask.clone()).await {
            Ok(told) => return Some(told),
            Err(CallError::Overloaded | CallError::NotDurable(_)) => sleep(PAUSE).await,
            Err(CallError::Refused(_) | CallError::Stopping) => return None,
        }
    }
}

/// Whether it was told at once. An engine that is overloaded is told again and again, and what it is
/// told may be out of date by then.
async fn tell(node: &Handle, contact: ContactId, recognition: &Recognition) -> bool {
    let mut at_once = true;
    loop {
        let command = Command::Contact(ContactCommand::Recognise {
            contact,
            recognition: recognition.clone(),
        });
        match node.decide(command, |_, _| ()).await {
            Err(CallError::Overloaded | CallError::NotDurable(_)) => at_once = false,
            // A contact forgotten by then needs no customer.
            Ok(()) | Err(CallError::Refused(_) | CallError::Stopping) => return at_once,
        }
        sleep(PAUSE).await;
    }
}

fn recognition(found: &Found) -> Recognition {
    customer::recognise(&found.profile, &found.history)
}
