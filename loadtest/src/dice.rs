//! Random numbers: the same seed gives the same numbers.

/// `SplitMix64`: small, fast and good enough to spread load.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Independent dice for each `stream`, all determined by `seed`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        dice.throw();
        dice
    }

    pub(crate) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in `0..bound`; 0 if there is nothing to choose from.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.throw()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// Uniform in `0.0..1.0`.
    pub(crate) fn share(&mut self) -> f64 {
        (self.throw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The time to the next event of a Poisson process with `rate` events per unit of time.
    pub(crate) fn gap(&mut self, rate: f64) -> f64 {
        -(1.0 - self.share()).ln() / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let story = |seed| {
            let mut dice = Dice::new(seed, 3);
            [dice.throw(), dice.below(10), dice.throw()]
        };
        assert_eq!(story(7), story(7));
        assert_ne!(story(7), story(8));
    }

    #[test]
    fn gaps_average_to_the_inverse_of_the_rate() {
        let mut dice = Dice::new(1, 0);
        let total: f64 = (0..100_000).map(|_| dice.gap(1_000.0)).sum();
        assert!((99.0..101.0).contains(&total), "{total}");
    }
}
