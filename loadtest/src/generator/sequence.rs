//! Checks that the numbers of an agent's frames have no gaps, across reconnects.

/// How a number follows the previous ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Gap,
    Next,
    Repeat,
}

#[derive(Debug, Default)]
pub(super) struct Sequence {
    last: u64,
    /// The number of a returning agent's welcome. Missed frames arrive after the welcome but have
    /// lower numbers.
    hole: Option<u64>,
    /// A gap that was assumed to be the welcome. If it was not, its frame arrives late and is
    /// accepted.
    passed: Option<u64>,
}

impl Sequence {
    /// The last frame known to have been read.
    pub(super) fn last(&self) -> u64 {
        match self.passed {
            Some(passed) if passed == self.last => passed - 1,
            Some(_) | None => self.last,
        }
    }

    pub(super) fn restart(&mut self, seq: u64) {
        *self = Self {
            last: seq,
            ..Self::default()
        };
    }

    pub(super) fn expect_hole(&mut self, seq: u64) {
        self.hole = Some(seq);
        self.skip_hole();
    }

    /// No missed frame will arrive: continues from the welcome.
    pub(super) fn give_up(&mut self) {
        if let Some(hole) = self.hole {
            self.restart(hole);
        }
    }

    pub(super) fn step(&mut self, seq: u64) -> Step {
        if self.passed == Some(seq) {
            self.passed = None;
            return Step::Next;
        }
        if seq <= self.last {
            return Step::Repeat;
        }
        let next = seq == self.last + 1;
        self.last = seq;
        self.skip_hole();
        if next { Step::Next } else { Step::Gap }
    }

    fn skip_hole(&mut self) {
        if self.hole == Some(self.last + 1) {
            self.last += 1;
            self.passed = self.hole.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_left_out_is_a_gap_once() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        assert_eq!(sequence.step(5), Step::Next);
        assert_eq!(sequence.step(7), Step::Gap);
        assert_eq!(sequence.step(8), Step::Next);
        assert_eq!(sequence.step(8), Step::Repeat);
    }

    #[test]
    fn missed_frames_may_follow_a_welcome_with_a_higher_number() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        sequence.expect_hole(7);
        assert_eq!(sequence.step(5), Step::Next);
        assert_eq!(sequence.step(6), Step::Next);
        assert_eq!(sequence.step(8), Step::Next);
    }

    #[test]
    fn a_passed_gap_is_requested_again_when_nothing_came_after_it() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        sequence.expect_hole(5);
        assert_eq!(sequence.last(), 4);
        assert_eq!(sequence.step(6), Step::Next);
        assert_eq!(sequence.last(), 6);
    }

    #[test]
    fn a_welcome_may_only_state_the_sequence_number() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        sequence.expect_hole(6);
        assert_eq!(sequence.step(5), Step::Next);
        assert_eq!(sequence.step(6), Step::Next);
        assert_eq!(sequence.step(6), Step::Repeat);
        assert_eq!(sequence.step(7), Step::Next);
    }
}
