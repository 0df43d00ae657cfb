//! The one place that starts a task.

use tokio::task::JoinHandle;

/// Starts `work` on the caller's runtime. A task that panics is reported on standard error by the
/// panic hook; nothing else needs to check.
#[expect(clippy::disallowed_methods, reason = "this is the named wrapper")]
pub(crate) fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work)
}
