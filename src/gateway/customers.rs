//! The calls about customers.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::customer::document::writes_tier;
use crate::customer::event::{EventKey, Recorded};
use crate::customer::history::{HISTORY_SHOWN, newest};
use crate::customer::{self, CustomerId, Faults, HistoryEntry, Profile, Tiers};
use crate::engine::refusal::Refusal;
use crate::gateway::answer;
use crate::gateway::visit::{CUSTOMER_BYTES_MAX, Visit};
use crate::node::filing;
use crate::node::handle::{CallError, Handle};
use crate::node::recognise::anew::recognise_anew;
use crate::store::profiles::{PatchError, Profiles, Put, PutError, Record, StoreFault, Taken};
use crate::task;
use crate::wire::document;
use crate::wire::problem::Problem;
use crate::wire::reply::{CustomerReply, Known};

const STORE_RETRY_S: u32 = 2;
/// The most profile writes in progress, each until the customer's waiting contacts are updated.
const WRITES_MAX: usize = 4_096;
/// How long the answer to a write is held back until it is in force for waiting contacts.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(2);
/// The most faults of one document listed in a problem.
const FAULTS_TOLD: usize = 8;

pub(super) struct Customers {
    pub(super) node: Handle,
    pub(super) profiles: Option<Profiles>,
    pub(super) writes: Arc<Semaphore>,
}

impl Customers {
    /// Permits for the writes in progress.
    pub(super) fn writes() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(WRITES_MAX))
    }

    pub(super) async fn show(self: Arc<Self>, mut visit: Visit) -> Result<Response, Problem> {
        let id = customer_of(&mut visit).await?;
        self.shown(StatusCode::OK, &id).await
    }

    pub(super) async fn put(self: Arc<Self>, mut visit: Visit) -> Result<Response, Problem> {
        let id = customer_of(&mut visit).await?;
        let body = visit.json(CUSTOMER_BYTES_MAX).await?;
        let now = self.node.clock().now();
        let body = document::read(&body)?;
        let tiers = self.tiers(&body).await?;
        let profile = customer::document::put(id.clone(), body, &tiers, now)?;
        let profiles = self.profiles()?.clone();
        let write = async move {
            Ok(match profiles.put(profile).await? {
                Put::Created => StatusCode::CREATED,
                Put::Replaced => StatusCode::OK,
            })
        };
        self.write(id, write).await
    }

    pub(super) async fn patch(self: Arc<Self>, mut visit: Visit) -> Result<Response, Problem> {
        let id = customer_of(&mut visit).await?;
        let body = visit.merge_patch(CUSTOMER_BYTES_MAX).await?;
        let patch: Value = document::read(&body)?;
        let now = self.node.clock().now();
        let tiers = self.tiers(&patch).await?;
        let profiles = self.profiles()?.clone();
        let patched = id.clone();
        let write = async move {
            let edit = |profile: &Profile| customer::document::patch(profile, &patch, &tiers, now);
            profiles.patch(&patched, edit).await?;
            Ok(StatusCode::OK)
        };
        self.write(id, write).await
    }

    /// Writes, recognises waiting customers again, and answers: what was answered is in force. A
    /// separate task: if the client disconnects, the change still reaches them.
    async fn write(
        self: Arc<Self>,
        id: CustomerId,
        write: impl Future<Output = Result<StatusCode, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let room = Arc::clone(&self.writes).try_acquire_owned();
        let room = room.map_err(|_| CallError::Overloaded)?;
        let writing = task::spawn("profile", async move {
            let status = write.await?;
            let awaited = self.is_awaited(&id).await;
            if awaited.as_ref().map_or(true, |is_awaited| *is_awaited) {
                let (this, id) = (Arc::clone(&self), id.clone());
                let anew = task::spawn("recognition anew", async move {
                    if let Some(profiles) = &this.profiles {
                        recognise_anew(&this.node, profiles, &id).await;
                    }
                    drop(room);
                });
                if awaited.is_ok() {
                    // A store that fails in between must not hold up the answer.
                    let _ = timeout(IN_FORCE_WITHIN, anew).await;
                }
            }
            awaited?;
            self.shown(status, &id).await
        });
        writing.await.map_err(|_| answer::unfinished())?
    }

    async fn shown(&self, status: StatusCode, id: &CustomerId) -> Result<Response, Problem> {
        let record = self.record(id).await?;
        self.told(status, &record).await
    }

    async fn record(&self, id: &CustomerId) -> Result<Record, Problem> {
        self.profiles()?.get(id).await?.ok_or_else(unknown)
    }

    pub(super) async fn add_event(self: Arc<Self>, mut visit: Visit) -> Result<Response, Problem> {
        let id = customer_of(&mut visit).await?;
        let body = visit.json(CUSTOMER_BYTES_MAX).await?;
        let now = self.node.clock().now();
        let mut event = customer::event::read(document::read(&body)?, now)?;
        event.key = visit.request_key(&body)?.map(|key| EventKey {
            key: key.key,
            fingerprint: key.fingerprint,
        });
        match self.profiles()?.append_event(&id, event).await? {
            Recorded::OfNobody => Err(unknown()),
            Recorded::Added => self.shown(StatusCode::CREATED, &id).await,
            Recorded::Again => {
                let known = self.shown(StatusCode::OK, &id).await?;
                Ok(answer::repeated(known))
            }
            Recorded::Otherwise => Err(Problem::from(&Refusal::IdempotencyMismatch)),
        }
    }

    fn profiles(&self) -> Result<&Profiles, Problem> {
        self.profiles.as_ref().ok_or_else(|| {
            let detail = "no customer store is configured";
            Problem::new(503, "no_customer_store", detail)
        })
    }

    /// The tiers that `document` may set; the engine is not asked if it sets none.
    async fn tiers(&self, document: &Value) -> Result<Tiers, Problem> {
        if !writes_tier(document) {
            return Ok(Tiers::Any);
        }
        let read = self.node.read(|engine| {
            engine.options().map_or(Tiers::Any, |options| Tiers::Of {
                known: options.tiers.iter().map(|tier| tier.name.clone()).collect(),
                default: options.default_tier.clone(),
            })
        });
        Ok(read.await?)
    }

    /// Whether a waiting contact is affected by what was written.
    async fn is_awaited(&self, id: &CustomerId) -> Result<bool, Problem> {
        let record = self.record(id).await?;
        let (id, identities) = (record.profile.id.text(), record.profile.all_identities());
        let read = self.node.read(move |engine| {
            !engine.unserved_of_customer(&id).is_empty()
                || !engine.unrecognised_with(&identities).is_empty()
        });
        Ok(read.await?)
    }

    async fn told(&self, status: StatusCode, record: &Record) -> Result<Response, Problem> {
        let id = record.profile.id.text();
        let read = self.node.read(move |engine| {
            let open = engine.open_contacts_of_customer(&id);
            let default_tier = engine.options().map(|options| options.default_tier.clone());
            let unfiled = engine.unfiled_of(&id, HISTORY_SHOWN);
            (open, unfiled, default_tier)
        });
        let (open_contacts, unfiled, default_tier) = read.await?;
        let unfiled: Vec<HistoryEntry> = unfiled.iter().map(filing::entry).collect();
        let history = newest(&unfiled, &record.history, HISTORY_SHOWN);
        let known = Known {
            profile: &record.profile,
            history: &history,
            events: &record.events,
            open_contacts: &open_contacts,
            default_tier: default_tier.as_ref(),
        };
        Ok(answer::json(status, &CustomerReply::from(known)))
    }
}

async fn customer_of(visit: &mut Visit) -> Result<CustomerId, Problem> {
    CustomerId::new(&visit.id().await?).map_err(|_| unknown())
}

fn unknown() -> Problem {
    answer::nothing_there("unknown_customer", "no such customer")
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let told = faults.iter().take(FAULTS_TOLD).map(ToString::to_string);
        let mut told: Vec<String> = told.collect();
        let untold = faults.iter().skip(FAULTS_TOLD).count();
        if untold > 0 {
            told.push(format!("and {untold} more"));
        }
        let first = faults.iter().next().expect("a refusal names its faults");
        let mut problem = Self::new(422, first.code(), first.to_string());
        problem.more.field = Some(first.path.clone());
        problem.more.found = Some(first.found.clone());
        problem.more.allowed = Some(first.allowed.clone());
        problem.more.faults = told;
        problem
    }
}

impl From<Taken> for Problem {
    fn from(taken: Taken) -> Self {
        let mut problem = Self::new(409, "identity_taken", taken.to_string());
        problem.more.field = Some(format!("identities.{}", taken.kind));
        problem.more.customer = Some(taken.by.to_string());
        problem
    }
}

impl From<StoreFault> for Problem {
    fn from(fault: StoreFault) -> Self {
        let unavailable = |detail: String| {
            Self::new(503, "customer_store_unavailable", detail).with_retry_after_s(STORE_RETRY_S)
        };
        // The store's own message is not for the caller; the store has logged it.
        if let StoreFault::TakesNoChanges(_) = &fault {
            return unavailable(
                "the customer store rejects writes; details are in the server log".into(),
            );
        }
        if let StoreFault::NotAllowed(_) = &fault {
            return unavailable(
                "the customer store denies the server a permission; details are in the server log"
                    .into(),
            );
        }
        if fault.is_passing() {
            return unavailable(fault.to_string());
        }
        Self::new(
            500,
            "customer_store_failed",
            "the customer store failed; details are in the server log",
        )
    }
}

impl From<PutError> for Problem {
    fn from(error: PutError) -> Self {
        match error {
            PutError::Taken(taken) => taken.into(),
            PutError::Fault(fault) => fault.into(),
        }
    }
}

impl From<PatchError<Faults>> for Problem {
    fn from(error: PatchError<Faults>) -> Self {
        match error {
            PatchError::Unknown => unknown(),
            PatchError::Refused(faults) => faults.into(),
            PatchError::Taken(taken) => taken.into(),
            PatchError::Fault(fault) => fault.into(),
        }
    }
}
