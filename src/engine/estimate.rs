//! How long a contact will wait on for which `forecast` has nothing to go by: it waits for one
//! agent alone, or nobody who may serve it at its step is there.
//!
//! With `ahead` contacts before it, `slots` contacts served at a time by the
//! staffed agents, and a mean handling time `m`, the next one leaves after
//! `m / slots`; so p50 = (ahead + 1) · m / slots. The p90 takes the spread of
//! a sum of so many services, and a tenth for what is not modelled:
//! p90 = p50 · (1 + 1.28 · √(1 / (ahead + 1) + 0.01)).

use crate::domain::Millis;

/// What is assumed before anything was measured.
const PRIOR_MS: f64 = 270_000.0;
/// How many contacts the prior is worth, and the window of the mean.
const WINDOW: f64 = 50.0;

/// The mean time from accepted to finished, weighted towards the newest.
#[derive(Clone, Copy, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct HandleTime {
    #[n(0)]
    mean_ms: f64,
}

impl Default for HandleTime {
    fn default() -> Self {
        Self { mean_ms: PRIOR_MS }
    }
}

impl HandleTime {
    pub fn measure(&mut self, handled: Millis) {
        #[expect(clippy::cast_precision_loss, reason = "spans stay far below 2^53 ms")]
        let handled_ms = handled.0 as f64;
        self.mean_ms += (handled_ms - self.mean_ms) / WINDOW;
    }

    /// p50 and p90 of the remaining wait.
    pub fn wait(&self, ahead: u64, slots: u64) -> (Millis, Millis) {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let (turns, slots) = ((ahead + 1) as f64, slots.max(1) as f64);
        let p50 = turns * self.mean_ms / slots;
        let p90 = p50 * (1.0 + 1.28 * (1.0 / turns + 0.01).sqrt());
        (millis(p50), millis(p90))
    }
}

fn millis(ms: f64) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "a float saturates")]
    let whole = ms as i64;
    Millis(whole)
}
