//! The same people with another future: later draws are redrawn, and of running work and waits the
//! remainder, given what has passed.

use super::{Case, Centre};
use crate::domain::{Millis, Timestamp};
use crate::sim::arrivals::coming;
use crate::sim::dice::{Dice, Purpose};
use crate::sim::world::fork::Fortune;

/// Attempts to draw a value larger than what has passed.
const TRIES_MAX: usize = 1_000;

impl Fortune for Centre<'_> {
    fn redraw(&mut self, now: Timestamp, seed: u64) {
        self.dice = Dice::new(seed);
        self.coming = coming(self.workload, self.dice);
        self.coming.retain(|coming| coming.at > now);
    }

    fn work_left(&self, case: &Case, agent: usize, spent: Millis) -> Option<Millis> {
        let average = self.average_effort_s(case.channel, case.topic);
        let again = self.workload.repeats.effort;
        let again = (0..case.repeats).fold(1.0, |effort, _| effort * again);
        let grade = self.workload.grades[self.grades[agent][case.topic]];
        let takes = again * grade.effort * self.staff.members[agent].pace;
        let longest = self.workload.effort_max.as_s_f64();
        let mut throws = self.throws(Purpose::Work, case);
        let draws = std::iter::repeat_with(|| {
            let drawn = throws.lognormal(average, self.workload.effort_log_sd);
            takes * drawn.min(longest)
        });
        let mut draws = draws.take(TRIES_MAX);
        let found = draws.find(|effort_s| *effort_s > spent.as_s_f64())?;
        Some(Millis::rounded_s(found) - spent)
    }

    fn patience_left(&self, case: &Case, waited: Millis) -> Option<Millis> {
        let patience = self.workload.channels.get(case.channel).patience?;
        let (shape, scale_s) = (patience.shape, patience.scale_s);
        let mut throws = self.throws(Purpose::Patience, case);
        // Weibull, given that it has lasted this long.
        let passed = (waited.as_s_f64() / scale_s).powf(shape);
        let lasts_s = scale_s * (passed + throws.exponential(1.0)).powf(1.0 / shape);
        Some(Millis::rounded_s(lasts_s) - waited)
    }
}
