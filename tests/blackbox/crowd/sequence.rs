//! Checks the numbers of one agent's frames: none twice, none backwards, and no silent gap.

use std::collections::BTreeSet;

/// Missed frames that are being resent.
#[derive(Debug)]
struct Replay {
    next: u64,
    /// The welcome of the session that repeats.
    before: u64,
    /// `resume` was answered: everything has to come before the next answer.
    is_answered: bool,
}

#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// Everything up to here was received or made good.
    whole_upto: u64,
    /// Received beyond a gap.
    beyond: BTreeSet<u64>,
    live_next: u64,
    replay: Option<Replay>,
}

/// Violations.
pub(super) type Breach = String;

impl Sequence {
    pub(super) fn last(&self) -> u64 {
        self.whole_upto
    }

    pub(super) fn welcome(&mut self, seq: u64) -> Result<(), Breach> {
        if seq < self.live_next {
            return Err(format!("welcome {seq}, but {} was next", self.live_next));
        }
        if self.live_next == 0 {
            self.whole_upto = seq;
        } else if self.whole_upto + 1 < seq {
            self.replay = Some(Replay {
                next: self.whole_upto + 1,
                before: seq,
                is_answered: false,
            });
        }
        self.live_next = seq + 1;
        self.hear(seq);
        Ok(())
    }

    /// The full state was sent: missed frames no longer matter.
    pub(super) fn resync(&mut self, seq: u64) -> Result<(), Breach> {
        self.replay = None;
        self.follow(seq)?;
        self.beyond.clear();
        self.whole_upto = seq;
        Ok(())
    }

    /// Returns whether the frame is new.
    pub(super) fn frame(&mut self, seq: u64) -> Result<bool, Breach> {
        let replay = self.replay.as_mut().filter(|replay| seq < replay.before);
        let Some(replay) = replay else {
            self.follow(seq)?;
            return Ok(self.hear(seq));
        };
        if seq != replay.next {
            return Err(format!("{seq} instead of {} of those missed", replay.next));
        }
        replay.next += 1;
        if replay.next == replay.before {
            self.replay = None;
        }
        Ok(self.hear(seq))
    }

    pub(super) fn resume_was_answered(&mut self) {
        if let Some(replay) = &mut self.replay {
            replay.is_answered = true;
        }
    }

    /// An answer to a command that was sent after the answer to `resume`.
    pub(super) fn pass_barrier(&mut self) -> Result<(), Breach> {
        match &self.replay {
            Some(replay) if replay.is_answered => Err(format!(
                "{} to {} were missed, and neither repeated nor made good",
                replay.next,
                replay.before - 1
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// The socket is gone, and with it the frames it had begun to resend.
    pub(super) fn lose(&mut self) {
        self.replay = None;
    }

    fn follow(&mut self, seq: u64) -> Result<(), Breach> {
        if seq != self.live_next {
            return Err(format!("{seq}, but {} was next", self.live_next));
        }
        self.live_next += 1;
        Ok(())
    }

    fn hear(&mut self, seq: u64) -> bool {
        let is_news = seq > self.whole_upto && self.beyond.insert(seq);
        while self.beyond.remove(&(self.whole_upto + 1)) {
            self.whole_upto += 1;
        }
        is_news
    }
}
