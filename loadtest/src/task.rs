//! The one place that starts a task.

use tokio::task::JoinHandle;

/// Starts `work` on the runtime of the caller. A task that panics says so on standard error
/// through the panic hook; nobody else needs to ask.
#[expect(clippy::disallowed_methods, reason = "this is the named wrapper")]
pub(crate) fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work)
}
