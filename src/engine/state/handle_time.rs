//! The mean handling time of a queue, and the wait that follows from it alone.
//!
//! With `ahead` contacts before it, `slots` contacts served at a time by the staffed agents, and a
//! mean handling time `m`, the next contact leaves after `m / slots`; so
//! p50 = (ahead + 1) · m / slots. The p90 takes the spread of the sum of that many services, and a
//! tenth for what is not modelled: p90 = p50 · (1 + 1.28 · √(1 / (ahead + 1) + 0.01)).

use crate::domain::Millis;

/// What is assumed before anything was measured, in milliseconds.
const PRIOR_MS: f64 = 270_000.0;
/// How many contacts the prior is worth, and the window of the mean.
const WINDOW: f64 = 50.0;

/// The 90 % quantile of the normal distribution.
pub(in crate::engine) const Z90: f64 = 1.28;

/// The spread of waits for this many turns, as a share of their p50.
pub(in crate::engine) fn spread(turns: f64) -> f64 {
    (1.0 / turns + 0.01).sqrt()
}

/// The mean time from accepted to finished, weighted towards the newest.
#[derive(Clone, Copy, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub(in crate::engine) struct HandleTime {
    #[n(0)]
    mean_ms: f64,
}

impl Default for HandleTime {
    fn default() -> Self {
        Self { mean_ms: PRIOR_MS }
    }
}

impl HandleTime {
    pub(in crate::engine) fn measure(&mut self, handled: Millis) {
        #[expect(clippy::cast_precision_loss, reason = "spans stay far below 2^53 ms")]
        let handled_ms = handled.0 as f64;
        self.mean_ms += (handled_ms - self.mean_ms) / WINDOW;
    }

    /// p50 and p90 of the remaining wait.
    pub(in crate::engine) fn wait(&self, ahead: u64, slots: u64) -> (Millis, Millis) {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let (turns, slots) = ((ahead + 1) as f64, slots.max(1) as f64);
        let p50 = turns * self.mean_ms / slots;
        let p90 = p50 * (1.0 + Z90 * spread(turns));
        (Millis::truncated_ms(p50), Millis::truncated_ms(p90))
    }
}
