//! Waits for expected results, however slow the machine is.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// Far longer than anything here takes on a working machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Repeats until there is a result.
pub(crate) async fn eventually<T, F>(what: &str, ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    within(PATIENCE, what, ask).await
}

pub(crate) async fn within<T, F>(patience: Duration, what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + patience;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "has not come true: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
