//! The random numbers of the demonstration: the same seed gives the same numbers.

use crate::dice::SplitMix64;

#[derive(Clone, Debug)]
pub(super) struct Dice(SplitMix64);

impl Dice {
    /// Independent dice for each `stream`, all determined by `seed`.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = SplitMix64::new(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        dice.throw();
        Self(dice)
    }

    /// Uniform in `0..bound`; 0 if there is nothing to choose from.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0.throw().checked_rem(bound).unwrap_or(0)
    }

    /// Uniform in `from..=to`.
    pub(super) fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from[index]
    }

    /// One of `from`, drawn by weight.
    pub(super) fn weigh<T: Copy>(&mut self, from: &[(T, u64)]) -> T {
        let mut left = self.below(from.iter().map(|(_, weight)| weight).sum());
        for (thing, weight) in from {
            if left < *weight {
                return *thing;
            }
            left -= weight;
        }
        from[0].0
    }

    /// Puts things into a random order.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or(last);
            things.swap(last, other);
        }
    }

    /// The time to the next event of a Poisson process with `rate` events per unit of time.
    #[expect(clippy::cast_precision_loss, reason = "53 bits of chance are enough")]
    pub(super) fn gap(&mut self, rate: f64) -> f64 {
        let share = (self.0.throw() >> 11) as f64 / (1_u64 << 53) as f64;
        -(1.0 - share).ln() / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let story = |seed| {
            let mut dice = Dice::new(seed, 3);
            [dice.below(10), dice.within(5, 6), dice.below(1_000_000)]
        };
        assert_eq!(story(7), story(7));
        assert_ne!(story(7), story(8));
    }

    #[test]
    fn weights_and_rates_are_kept() {
        let mut dice = Dice::new(1, 0);
        let heavy = (0..10_000).filter(|_| dice.weigh(&[(true, 3), (false, 1)]));
        assert!((7_300..7_700).contains(&heavy.count()));
        let total: f64 = (0..10_000).map(|_| dice.gap(100.0)).sum();
        assert!((95.0..105.0).contains(&total), "{total}");
    }

    #[test]
    fn shuffling_loses_nobody() {
        let mut all: Vec<_> = (0..60).collect();
        Dice::new(1, 0).shuffle(&mut all);
        assert_ne!(all, (0..60).collect::<Vec<_>>());
        all.sort_unstable();
        assert_eq!(all, (0..60).collect::<Vec<_>>());
    }
}
