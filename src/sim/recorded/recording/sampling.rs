//! Samples the floor while a journal is read: how many contacts wait, how many agents work.

use super::Recording;
use crate::domain::{Millis, Timestamp};
use crate::sim::crowd::Gauges;

/// At this many samples every second one is dropped, until the interval is a minute.
const SAMPLES_MANY: usize = 1_000;

impl Recording {
    /// The floor has stood like this since the last event, and does until this instant.
    pub(super) fn sample(&mut self, at: Timestamp) {
        if self.sampled_at >= at {
            return;
        }
        let busy = self.hands.iter().filter(|hand| hand.is_at_work());
        let gauges = Gauges {
            waiting: self.open.values().filter(|open| open.waits).count(),
            busy: busy.count(),
            on_duty: self.hands.iter().filter(|hand| hand.is_on_duty()).count(),
            in_hand: self.hands.iter().map(|hand| hand.active.len()).sum(),
        };
        while self.sampled_at < at {
            self.samples.push((self.sampled_at, gauges));
            self.sampled_at = self.sampled_at + self.sampled_every;
            if self.samples.len() == SAMPLES_MANY && self.sampled_every < Millis::from_s(60) {
                self.sample_seldomer();
            }
        }
    }

    fn sample_seldomer(&mut self) {
        let mut keeps = false;
        self.samples.retain(|_| {
            keeps = !keeps;
            keeps
        });
        self.sampled_every = self.sampled_every + self.sampled_every;
    }
}
