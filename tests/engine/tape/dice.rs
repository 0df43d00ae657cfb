//! The random numbers of a tape, from its seed.

use switchboard::dice::SplitMix64;

#[derive(Clone, Debug)]
pub(super) struct Dice(SplitMix64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
        Self(SplitMix64::new(state))
    }

    /// 0 to `sides` − 1.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0.throw() % sides
    }

    /// True once in `sides` times.
    pub(super) fn once_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() {
            return None;
        }
        let at = usize::try_from(self.roll(from.len() as u64)).unwrap();
        Some(&from[at])
    }
}
