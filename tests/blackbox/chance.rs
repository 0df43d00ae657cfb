//! Random numbers from a seed, so that a failure can be repeated as far as sockets allow.

use switchboard::dice::SplitMix64;

#[derive(Clone, Debug)]
pub(crate) struct Chance(SplitMix64);

impl Chance {
    /// Independent numbers for each `stream`, determined by the seed of the run.
    pub(crate) fn new(stream: u64) -> Self {
        let seed = number_from("SWITCHBOARD_SEED", 1);
        let mut numbers = SplitMix64::new(seed ^ (stream << 32));
        numbers.throw();
        Self(numbers)
    }

    pub(crate) fn throw(&mut self) -> u64 {
        self.0.throw()
    }

    /// In `0..bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.throw() % bound
    }

    pub(crate) fn percent(&mut self, of_100: u64) -> bool {
        self.below(100) < of_100
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.throw().to_le_bytes()[0]).collect()
    }
}

/// A number from the environment, or else `usual`.
pub(crate) fn number_from(variable: &str, usual: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else {
        return usual;
    };
    let number = text.parse();
    number.unwrap_or_else(|_| panic!("{variable}: {text}, not a number"))
}
