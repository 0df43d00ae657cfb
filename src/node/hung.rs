//! Tells of a disk that hangs: what was decided waits to be durable, and with it every answer.
//!
//! **Invariant:** this needs neither the loop nor the committer, for then both wait.

use std::time::Duration;

use tokio::time::sleep;

use crate::domain::Millis;
use crate::node::handle::Handle;
use crate::telemetry::OldestCommit;

/// Longer than a slow disk takes that still does its work.
pub(super) const HUNG_MIN: Millis = Millis::from_s(3);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Keeps the gauge, and says when the disk begins to hang and when that is over.
pub(super) async fn watch(handle: &Handle, gauge: &OldestCommit) {
    let mut longest = None;
    loop {
        let waits = handle.oldest_commit();
        gauge.set(waits);
        longest = tell(longest, waits, handle.is_full());
        sleep(LOOK_EVERY).await;
    }
}

/// From the longest wait of an episode that was under way to that of one that still is.
/// That the disk is full has been said already: none begins then, and none ends before what waits
/// is young again.
fn tell(longest: Option<Millis>, waits: Millis, is_full: bool) -> Option<Millis> {
    let is_old = waits > HUNG_MIN;
    match (longest, is_old) {
        (None, true) if !is_full => {
            tracing::warn!(
                waits_ms = waits.0,
                "the disk hangs: what was decided is not durable yet, and nobody is answered before it is"
            );
            Some(waits)
        }
        (Some(longest), true) => Some(longest.max(waits)),
        (Some(longest), false) => {
            tracing::info!(
                waited_ms = longest.0,
                "the disk takes what was decided again"
            );
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
