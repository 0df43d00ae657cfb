//! Up to which event the webhook calls for escalations are done. Calls begin in the order of their
//! events, and several are made at a time.

use std::collections::BTreeSet;

#[derive(Debug, Default)]
pub(super) struct Told {
    under_way: BTreeSet<u64>,
    /// The newest that has begun.
    begun: u64,
    confirmed: u64,
}

impl Told {
    pub(super) fn begin(&mut self, seq: u64) {
        self.under_way.insert(seq);
        self.begun = self.begun.max(seq);
    }

    /// Notes that a call was delivered or has failed for good; `None` if it was left undone.
    pub(super) fn end(&mut self, seq: Option<u64>) {
        if let Some(seq) = seq {
            self.under_way.remove(&seq);
        }
    }

    /// How many calls are not done.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Drops the calls in progress: nothing will report their end.
    pub(super) fn forget(&mut self) {
        self.under_way.clear();
    }

    /// Up to which event all calls are done, if that is yet to be confirmed.
    pub(super) fn news(&self) -> Option<u64> {
        let first = self.under_way.first();
        let upto = first.map_or(self.begun, |first| first - 1);
        (upto > self.confirmed).then_some(upto)
    }

    /// The journal has it that all calls up to this event are done.
    pub(super) fn confirm(&mut self, upto: u64) {
        self.confirmed = self.confirmed.max(upto);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_confirmed_up_to_the_first_call_under_way() {
        let mut told = Told::default();
        assert_eq!(told.news(), None);
        for seq in [5, 7, 9] {
            told.begin(seq);
        }
        told.end(Some(7));
        assert_eq!(told.news(), Some(4));
        told.confirm(4);
        assert_eq!(told.news(), None);
        told.end(Some(5));
        assert_eq!(told.news(), Some(8));
        // A confirmation that fails is repeated.
        assert_eq!(told.news(), Some(8));
        told.confirm(8);
        told.end(Some(9));
        assert_eq!(told.news(), Some(9));
    }
}
