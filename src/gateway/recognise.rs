//! Who the customer of a new contact is, within the time that routing waits.

use std::time::Duration;

use crate::customer;
use crate::domain::{ContactId, Identities, Recognition};
use crate::engine::command::{Command, ContactCommand};
use crate::node::handle::Handle;
use crate::node::task;
use crate::store::profiles::{Found, Late, Outcome, Profiles};

/// Looks customers up. Without a store everyone is a stranger.
#[derive(Clone)]
pub struct Recognise {
    profiles: Option<Profiles>,
    within: Duration,
}

/// What is known in time, and what may still come.
#[derive(Default)]
pub struct Recognised {
    pub recognition: Recognition,
    pub late: Option<Late>,
}

impl Recognise {
    pub fn new(profiles: Option<Profiles>) -> Self {
        let within = profiles.as_ref().map(Profiles::lookup_within);
        Self {
            profiles,
            within: within.unwrap_or_default(),
        }
    }

    pub fn profiles(&self) -> Option<&Profiles> {
        self.profiles.as_ref()
    }

    pub async fn recognise(&self, identities: &Identities) -> Recognised {
        let Some(profiles) = &self.profiles else {
            return Recognised::default();
        };
        if identities.is_empty() {
            return Recognised::default();
        }
        let lookup = profiles.lookup(identities, self.within).await;
        let (found, late) = match lookup.outcome {
            Outcome::Found { found, .. } => (Some(found), None),
            Outcome::Stranger => (None, None),
            Outcome::TimedOut(late) => (None, Some(late)),
            Outcome::Failed(_, late) => (None, late),
        };
        Recognised {
            recognition: found.as_ref().map(recognition).unwrap_or_default(),
            late,
        }
    }

    /// Tells the engine when the answer comes; a stranger is told as little as silence.
    pub fn follow_up(node: Handle, contact: ContactId, late: Late) {
        task::spawn("late recognition", async move {
            let Ok(Some(found)) = late.await else {
                return;
            };
            let command = Command::Contact(ContactCommand::Recognise {
                contact,
                recognition: recognition(&found),
            });
            // A contact that is forgotten by then needs no customer.
            let _ = node.decide(command, |_, _, _| ()).await;
        });
    }
}

fn recognition(found: &Found) -> Recognition {
    customer::recognise(&found.profile, &found.history)
}
