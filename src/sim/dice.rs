//! Chance that depends on nothing but a seed.
//!
//! Every purpose of every contact has its own stream, so that compared policies meet the same
//! customers: what one policy does with a contact shifts nothing for the next (common random
//! numbers).

use std::f64::consts::TAU;

/// The purpose of a stream; the numbers keep the streams apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Arrival,
    Kind,
    Patience,
    Work,
    Outcome,
    Answer,
    Agent,
    Shift,
    Return,
    Absence,
    Break,
    Manager,
}

/// All chance of one replication.
#[derive(Clone, Copy, Debug)]
pub struct Dice {
    seed: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { seed: mix(seed) }
    }

    /// The stream for one purpose of one subject.
    pub fn throws(self, purpose: Purpose, number: u64) -> Throws {
        let purpose = mix(purpose as u64 + 1);
        Throws(mix(self.seed ^ purpose) ^ mix(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// The stream for the `nth` use of one purpose of one subject.
    pub fn throws_again(self, purpose: Purpose, number: u64, nth: u64) -> Throws {
        let Throws(first) = self.throws(purpose, number);
        Throws(first ^ mix(nth.wrapping_mul(0xd1b5_4a32_d192_ed03)))
    }
}

/// One stream of chance: SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Throws(u64);

impl Throws {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Above 0 and below 1.
    pub fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let whole = (self.bits() >> 11) as f64;
        (whole + 0.5) / 9_007_199_254_740_992.0
    }

    pub fn once_in(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn below(&mut self, count: usize) -> usize {
        let scaled = u128::from(self.bits()) * count as u128;
        usize::try_from(scaled >> 64).expect("below the count")
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }

    pub fn weibull(&mut self, shape: f64, scale: f64) -> f64 {
        scale * (-self.unit().ln()).powf(1.0 / shape)
    }

    /// Normal: mean 0, deviation 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (TAU * self.unit()).cos()
    }

    /// Log-normal, with this mean and this deviation of the logarithm.
    pub fn lognormal(&mut self, mean: f64, log_sd: f64) -> f64 {
        mean * (log_sd * self.normal() - log_sd * log_sd / 2.0).exp()
    }

    /// An index, drawn by weight.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len() - 1
    }
}

const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(mut draw: impl FnMut(&mut Throws) -> f64) -> f64 {
        let mut throws = Dice::new(7).throws(Purpose::Work, 1);
        (0..200_000).map(|_| draw(&mut throws)).sum::<f64>() / 200_000.0
    }

    #[test]
    fn the_same_seed_purpose_and_number_give_the_same_stream_and_others_another() {
        let first = |seed, purpose, number| Dice::new(seed).throws(purpose, number).bits();
        let bits = first(1, Purpose::Work, 5);
        assert_eq!(bits, first(1, Purpose::Work, 5));
        for other in [
            first(2, Purpose::Work, 5),
            first(1, Purpose::Patience, 5),
            first(1, Purpose::Work, 6),
        ] {
            assert_ne!(bits, other);
        }
    }

    #[test]
    fn the_distributions_have_their_means() {
        let close = |found: f64, expected: f64| {
            assert!(
                (found / expected - 1.0).abs() < 0.01,
                "{found} for {expected}"
            );
        };
        close(mean(Throws::unit), 0.5);
        close(mean(|throws| throws.exponential(270.0)), 270.0);
        close(mean(|throws| throws.lognormal(270.0, 0.944)), 270.0);
        // Γ(1 + 1/0.85) = 1.0880.
        close(mean(|throws| throws.weibull(0.85, 442.0)), 442.0 * 1.088);
        close(mean(|throws| throws.normal().powi(2)), 1.0);
        close(mean(|throws| throws.below(10) as f64), 4.5);
        close(
            mean(|throws| throws.weighted(&[1.0, 1.0, 2.0]) as f64),
            1.25,
        );
    }
}
