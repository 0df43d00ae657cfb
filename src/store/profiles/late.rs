//! An answer that did not arrive in time but is still useful.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};

use crate::domain::Identities;
use crate::store::profiles::lookup::Shared;
use crate::store::profiles::{Found, StoreFault};
use crate::task::Backoff;

/// The most answers awaited beyond one attempt.
pub(super) const LATE_MAX: usize = 8_192;
/// How long a late answer is still useful.
const LATE_WITHIN: Duration = Duration::from_secs(60);
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(2);

type Answer = Result<Option<Found>, StoreFault>;
type Question = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Yields the answer when it arrives: none for a stranger. It keeps asking for a minute while the
/// store is unreachable. Nothing happens unless it is awaited; dropping it gives the answer up.
pub struct Late(Question);

impl Late {
    /// Waits for `question`; if that fails, asks again.
    pub(super) fn first(
        shared: &Arc<Shared>,
        identities: &Identities,
        question: impl Future<Output = Answer> + Send + 'static,
    ) -> Self {
        let again = Self::again(shared, identities);
        let shared = Arc::clone(shared);
        Self(Box::pin(async move {
            match (question.await, again) {
                (Err(fault), Some(again)) if fault.is_passing() => again.await,
                (Err(fault), None) if fault.is_passing() => {
                    shared.give_up();
                    Err(fault)
                }
                (answer, _) => answer,
            }
        }))
    }

    /// None if too many are waiting.
    pub(super) fn again(shared: &Arc<Shared>, identities: &Identities) -> Option<Self> {
        let place = Arc::clone(&shared.lates).try_acquire_owned().ok()?;
        let question = persist(Arc::clone(shared), identities.clone(), place);
        Some(Self(Box::pin(question)))
    }
}

impl Future for Late {
    type Output = Answer;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Late")
    }
}

async fn persist(
    shared: Arc<Shared>,
    identities: Identities,
    _place: OwnedSemaphorePermit,
) -> Answer {
    let mut backoff = Backoff::new(RETRY_FIRST, RETRY_MAX);
    let answer = timeout(LATE_WITHIN, async {
        loop {
            sleep(backoff.pause()).await;
            match Arc::clone(&shared).resolve(identities.clone()).await {
                Err(fault) if fault.is_passing() => {}
                answer => return answer,
            }
        }
    });
    answer.await.unwrap_or_else(|_| {
        shared.give_up();
        Err(StoreFault::TimedOut)
    })
}
