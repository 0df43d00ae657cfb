//! Reports a disk that does not respond: decisions wait to become durable, and so does every reply.
//!
//! **Invariant:** it runs on its own task, because the loop and the committer are blocked while it
//! matters.

use std::time::Duration;

use tokio::time::sleep;

use crate::domain::Millis;
use crate::node::handle::Handle;
use crate::telemetry::OldestCommit;

/// Longer than a disk takes that is slow but works.
pub(super) const HUNG_MIN: Millis = Millis::from_s(3);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Keeps the gauge up to date, and logs when the disk stops responding and when it recovers.
pub(super) async fn watch(handle: &Handle, gauge: &OldestCommit) {
    let mut longest = None;
    loop {
        let waits = handle.oldest_commit();
        gauge.set(waits);
        longest = tell(longest, waits, handle.is_full());
        sleep(LOOK_EVERY).await;
    }
}

/// Takes the longest wait of the current episode and returns that of the episode still in progress.
/// A full disk is reported elsewhere: no episode begins then, and none ends before the oldest write
/// is recent again.
fn tell(longest: Option<Millis>, waits: Millis, is_full: bool) -> Option<Millis> {
    let is_old = waits > HUNG_MIN;
    match (longest, is_old) {
        (None, true) if !is_full => {
            tracing::warn!(
                waits_ms = waits.0,
                "the disk is not responding: replies are held until pending writes are durable"
            );
            Some(waits)
        }
        (Some(longest), true) => Some(longest.max(waits)),
        (Some(longest), false) => {
            tracing::info!(waited_ms = longest.0, "the disk is writing again");
            None
        }
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_lasts_from_its_beginning_to_its_end() {
        let mut longest = None;
        let mut seen = Vec::new();
        for (waits, is_full) in [
            (0, false),
            (3_100, true),
            (3_100, false),
            (3_600, false),
            (3_200, true),
            (0, false),
        ] {
            longest = tell(longest, Millis(waits), is_full);
            seen.push(longest.map(|longest| longest.0));
        }
        assert_eq!(
            seen,
            [None, None, Some(3_100), Some(3_600), Some(3_600), None]
        );
    }
}
