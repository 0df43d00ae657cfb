//! Checks that the numbers of an agent's frames have no gaps, across reconnects.

use std::ops::Range;

/// After the answer to a resume, missed frames or a `resync` come within this many newer frames.
const LATE_MAX: u32 = 32;

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
    /// The numbers between the last frame before a reconnect and the welcome: what was missed comes
    /// after the welcome, and perhaps after frames with higher numbers.
    missed: Range<u64>,
    /// How many newer frames have come since the resume was answered.
    newer: Option<u32>,
    /// The number of a welcome that may only state the number of the frame before it, which then
    /// comes late and is accepted.
    welcome: Option<u64>,
}

impl Sequence {
    /// The last frame up to which all are known to have been read.
    pub(super) fn last(&self) -> u64 {
        if !self.missed.is_empty() {
            return self.missed.start - 1;
        }
        match self.welcome {
            Some(welcome) if welcome == self.last => welcome - 1,
            Some(_) | None => self.last,
        }
    }

    pub(super) fn restart(&mut self, seq: u64) {
        *self = Self {
            last: seq,
            ..Self::default()
        };
    }

    /// A returning agent's welcome has this number.
    pub(super) fn welcome_back(&mut self, seq: u64) {
        self.missed = self.last() + 1..seq;
        self.newer = None;
        self.last = seq;
        self.welcome = Some(seq);
    }

    /// The server has agreed to send what was missed.
    pub(super) fn resumed(&mut self) {
        self.newer = Some(0);
    }

    /// No missed frame will arrive: continues from the welcome.
    pub(super) fn give_up(&mut self) {
        self.restart(self.last);
    }

    pub(super) fn step(&mut self, seq: u64) -> Step {
        if self.missed.contains(&seq) {
            let next = seq == self.missed.start;
            self.missed.start = seq + 1;
            return if next { Step::Next } else { Step::Gap };
        }
        if self.welcome == Some(seq) {
            self.welcome = None;
            return Step::Next;
        }
        if seq <= self.last {
            return Step::Repeat;
        }
        let next = seq == self.last + 1 && !self.is_missed_for_good();
        self.last = seq;
        if next { Step::Next } else { Step::Gap }
    }

    /// Counts a newer frame; true, once, if what was missed should have come by now.
    fn is_missed_for_good(&mut self) -> bool {
        let newer = self.newer.as_mut().filter(|_| !self.missed.is_empty());
        let Some(newer) = newer else {
            return false;
        };
        *newer += 1;
        if *newer <= LATE_MAX {
            return false;
        }
        self.missed = Range::default();
        true
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
        sequence.welcome_back(7);
        assert_eq!(sequence.step(5), Step::Next);
        assert_eq!(sequence.step(6), Step::Next);
        assert_eq!(sequence.step(8), Step::Next);
    }

    #[test]
    fn missed_frames_may_follow_newer_ones_and_are_requested_until_they_have_come() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        sequence.welcome_back(7);
        assert_eq!(sequence.step(8), Step::Next);
        assert_eq!(sequence.step(5), Step::Next);
        assert_eq!(sequence.last(), 5);
        sequence.welcome_back(9);
        assert_eq!(sequence.step(7), Step::Gap, "6 was missed again");
        assert_eq!(sequence.step(8), Step::Next);
        assert_eq!(sequence.last(), 8);
        assert_eq!(sequence.step(10), Step::Next);
    }

    #[test]
    fn missed_frames_that_do_not_come_although_the_resume_was_answered_are_a_gap_once() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        sequence.welcome_back(7);
        assert_eq!(sequence.step(8), Step::Next);
        sequence.resumed();
        let newer = (9..109).map(|seq| sequence.step(seq));
        assert_eq!(newer.filter(|step| *step == Step::Gap).count(), 1);
        // A resync says everything anew.
        sequence.welcome_back(120);
        sequence.resumed();
        sequence.restart(121);
        assert!((122..222).all(|seq| sequence.step(seq) == Step::Next));
    }

    #[test]
    fn a_passed_gap_is_requested_again_when_nothing_came_after_it() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        sequence.welcome_back(5);
        assert_eq!(sequence.last(), 4);
        assert_eq!(sequence.step(6), Step::Next);
        assert_eq!(sequence.last(), 6);
    }

    #[test]
    fn a_welcome_may_only_state_the_sequence_number() {
        let mut sequence = Sequence::default();
        sequence.restart(4);
        sequence.welcome_back(6);
        assert_eq!(sequence.step(5), Step::Next);
        assert_eq!(sequence.step(6), Step::Next);
        assert_eq!(sequence.step(6), Step::Repeat);
        assert_eq!(sequence.step(7), Step::Next);
    }
}
