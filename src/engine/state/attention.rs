//! How much of an agent's attention each of several contacts gets.
//!
//! An agent with `k` contacts in hand works at [`speed`]`(k)` in total, and each contact gets an
//! equal share of that; a contact on hold for an interruption gets nothing meanwhile. A clock per
//! agent adds up what one contact would have got; the undivided attention that a contact took is
//! the difference of two readings, however many others came and went in between.

use crate::domain::{Millis, Timestamp};

/// The total speed with 1, 2, 3 … contacts at a time, in thousandths: an assumption that holds for
/// text; a centre's own measurements may differ.
const SPEEDS_PERMILLE: [i64; 6] = [1_000, 1_700, 2_100, 2_400, 2_600, 2_700];

/// The speed of an agent with this many contacts in hand, where one alone is 1.
pub fn speed(contacts: u32) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let permille = speed_permille(contacts) as f64;
    permille / 1_000.0
}

fn speed_permille(contacts: u32) -> i64 {
    let at = (contacts.max(1) as usize - 1).min(SPEEDS_PERMILLE.len() - 1);
    SPEEDS_PERMILLE[at]
}

/// What one contact of an agent has got so far, in thousandths of a millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Attention {
    #[n(0)]
    spent: i64,
    #[n(1)]
    at: Timestamp,
}

/// A reading of an agent's [`Attention`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Reading(#[n(0)] i64);

impl Reading {
    /// As a span of undivided attention.
    pub(in crate::engine) fn span(self) -> Millis {
        Millis(self.0 / 1_000)
    }
}

impl Attention {
    /// Must be called before the number of contacts in hand changes from `contacts`.
    pub(in crate::engine) fn advance(&mut self, contacts: u32, now: Timestamp) {
        if contacts > 0 {
            let share = speed_permille(contacts) / i64::from(contacts);
            self.spent += (now - self.at).0.max(0) * share;
        }
        self.at = now;
    }

    pub(in crate::engine) fn reading(self) -> Reading {
        Reading(self.spent)
    }

    /// What one contact has got since `reading`.
    pub(in crate::engine) fn spent_since(self, reading: Reading) -> Reading {
        Reading(self.spent - reading.0)
    }

    /// The reading of a contact that has already got `effort`.
    pub(in crate::engine) fn reading_after(self, effort: Reading) -> Reading {
        Reading(self.spent - effort.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_gets_every_second_alone_and_less_beside_another() {
        let mut attention = Attention::default();
        attention.advance(0, Timestamp(5_000));
        let first = attention.reading();
        attention.advance(1, Timestamp(15_000));
        let second = attention.reading();
        attention.advance(2, Timestamp(35_000));
        assert_eq!(attention.spent_since(second).span(), Millis(17_000));
        attention.advance(1, Timestamp(36_000));
        assert_eq!(
            attention.spent_since(first).span(),
            Millis(10_000 + 17_000 + 1_000)
        );
    }
}
