//! How far an agent's desktops have read the stream of notices.
//!
//! A desktop says up to which number it has everything, by `ack` and as it resumes. One that keeps
//! the documented meaning of that number can be believed. But many go by the highest number that
//! they have seen, although what was sent before it into a dead socket, or while there was none,
//! has not reached them. So nothing counts as read that certainly was not sent, nor, until the
//! desktop has been sent what it lacks, because of a number from its own welcome on, or from that of
//! an earlier desktop that was not sent it either.
//!
//! **Invariant:** these are numbers only; notices, desks and tokens are the feed's.

/// What is known of the desktops of one agent.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The number of the newest notice.
    told: u64,
    /// The number of the newest session's welcome.
    welcome: u64,
    /// The first welcome since a desktop was sent all that it lacked: since one has resumed, or has
    /// begun to work.
    lacking_from: Option<u64>,
    /// That desktop has read its welcome, and so has the session's token.
    has_token: bool,
    /// The first number that no desktop was sent, as far as is known, until one resumes or begins to
    /// work: from there on only frames after a welcome were sent.
    unsent: Option<u64>,
    /// What was sent before `unsent` is not known either: it was before a restart.
    is_fresh: bool,
    /// The welcome of the newest desktop that began to work without resuming: what was sent before,
    /// another one was sent.
    begun: u64,
    /// Range of numbers that contains all messages not reported as read.
    messages: Option<(u64, u64)>,
}

impl Reading {
    /// A notice was numbered; it is sent if a desk is seated.
    pub(super) fn told(&mut self, seq: u64, is_message: bool, is_seated: bool) {
        self.is_fresh |= self.told == 0 && seq > 1;
        self.told = seq;
        if !is_seated || self.is_fresh {
            self.not_sent();
        }
        if is_message {
            let first = self.messages.map_or(seq, |(first, _)| first);
            self.messages = Some((first, seq));
        }
    }

    /// The newest notice could not be sent.
    pub(super) fn not_sent(&mut self) {
        self.unsent.get_or_insert(self.told);
    }

    /// A session begins with this welcome.
    pub(super) fn seated(&mut self, welcome: u64) {
        self.welcome = welcome;
        // There was nothing before the very first.
        if welcome > 1 {
            self.lacking_from.get_or_insert(welcome);
        }
        self.has_token = false;
    }

    /// The desktop has resumed, and is sent what it missed.
    pub(super) fn resumed(&mut self) {
        self.lacking_from = None;
        (self.unsent, self.is_fresh) = (None, false);
    }

    /// The desktop has sent a command, and is sent what it lacks.
    pub(super) fn worked(&mut self) {
        if self.lacking_from.is_some() {
            self.begun = self.welcome;
        }
        self.resumed();
        self.has_token = true;
    }

    /// The desktop says that it has everything up to `seq`. Returns the number up to which that
    /// counts; fails with the newest number if `seq` is above it.
    pub(super) fn acked(&mut self, seq: u64) -> Result<u64, u64> {
        if seq > self.told {
            return Err(self.told);
        }
        self.has_token |= seq >= self.welcome;
        Ok(self.upto(seq))
    }

    /// The number up to which a desktop has everything if it says that it has everything up to
    /// `seq`.
    pub(super) fn upto(&self, seq: u64) -> u64 {
        if self.is_doubtful(seq) {
            return 0;
        }
        match self.unsent {
            Some(unsent) if seq >= unsent && self.is_fresh => 0,
            Some(unsent) => seq.min(unsent - 1),
            None => seq,
        }
    }

    /// A desktop that names this number goes by a welcome, although it may lack what came before.
    pub(super) fn is_doubtful(&self, seq: u64) -> bool {
        self.lacking_from.is_some_and(|welcome| seq >= welcome)
    }

    /// The desktop of the newest session has read its welcome, so it can name that session.
    pub(super) fn has_token(&self) -> bool {
        self.has_token
    }

    /// The first number that the desktop which resumes can have been sent itself.
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    /// The number of the newest session's welcome.
    pub(super) fn welcome(&self) -> u64 {
        self.welcome
    }

    /// Whether there may be messages up to this number that were not reported as read.
    pub(super) fn is_news(&self, upto: u64) -> bool {
        self.messages.is_some_and(|(first, _)| first <= upto)
    }

    /// The messages up to this number were reported as read.
    pub(super) fn reported(&mut self, upto: u64) {
        self.messages = self.messages.and_then(|(first, last)| {
            let rest = first.max(upto + 1);
            (rest <= last).then_some((rest, last))
        });
    }

    /// The agent did not come back in time: nothing is owed to a desktop any more.
    pub(super) fn forget(&mut self) {
        self.lacking_from = None;
        (self.unsent, self.is_fresh) = (None, false);
        self.messages = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Welcomes, messages and presences are numbered in the order of the story.
    fn after(story: &str) -> Reading {
        let mut reading = Reading::default();
        let (mut seq, mut is_seated) = (0, false);
        for word in story.split_whitespace() {
            match word {
                "restarts" => (reading, is_seated) = (Reading::default(), false),
                "seated" => {
                    (seq, is_seated) = (seq + 1, true);
                    reading.seated(seq);
                    reading.told(seq, false, true);
                }
                "message" | "presence" => {
                    seq += 1;
                    reading.told(seq, word == "message", is_seated);
                }
                "blocked" => {
                    reading.not_sent();
                    is_seated = false;
                }
                "lost" => is_seated = false,
                "resumes" => reading.resumed(),
                "works" => reading.worked(),
                "forgotten" => reading.forget(),
                word => panic!("{word}"),
            }
        }
        reading
    }

    #[test]
    fn a_desktop_has_what_it_names_as_far_as_it_can_have_been_sent_it() {
        for (story, named) in [
            ("seated works message", &[(1, 1), (2, 2)][..]),
            ("seated message", &[(1, 1), (2, 2)][..]),
            ("seated message lost seated", &[(2, 2), (3, 0)][..]),
            // The socket was dead, and nobody knew.
            ("seated works message seated", &[(1, 1), (2, 2), (3, 0)][..]),
            ("seated works message seated message", &[(2, 2), (4, 0)][..]),
            ("seated works message seated resumes", &[(2, 2), (3, 3)][..]),
            ("seated works message seated works", &[(2, 2), (3, 3)][..]),
            (
                "seated works message seated lost seated",
                &[(2, 2), (3, 0), (4, 0)][..],
            ),
            (
                "seated works message lost message seated lost seated",
                &[(1, 1), (2, 2), (3, 2), (4, 0), (5, 0)][..],
            ),
            // The socket was known to be lost.
            ("seated works lost message", &[(1, 1), (2, 1)][..]),
            ("seated works message blocked", &[(1, 1), (2, 1)][..]),
            (
                "seated works lost message seated",
                &[(1, 1), (2, 1), (3, 0)][..],
            ),
            (
                "seated works lost message seated lost seated",
                &[(1, 1), (3, 0), (4, 0)][..],
            ),
            (
                "seated works lost message seated resumes",
                &[(2, 2), (3, 3)][..],
            ),
            // What the desktops had before a restart is their own word; since, they have nothing.
            (
                "seated works message restarts seated",
                &[(1, 1), (2, 2), (3, 0)][..],
            ),
            (
                "seated works message restarts seated lost seated",
                &[(2, 2), (3, 0), (4, 0)][..],
            ),
            ("seated works message restarts seated works", &[(3, 3)][..]),
            (
                "seated works lost message forgotten seated",
                &[(1, 1), (3, 0)][..],
            ),
        ] {
            let reading = after(story);
            for (seq, upto) in named {
                assert_eq!(reading.upto(*seq), *upto, "{story}: {seq}");
            }
        }
    }

    #[test]
    fn whoever_works_or_acknowledges_the_welcome_has_the_token() {
        for (story, acked, has_token) in [
            ("seated works", None, true),
            ("seated", None, false),
            ("seated works seated resumes", None, false),
            ("seated works message seated", Some(2), false),
            ("seated works message seated", Some(3), true),
            ("seated works message seated works seated", None, false),
        ] {
            let mut reading = after(story);
            if let Some(seq) = acked {
                reading.acked(seq).unwrap();
            }
            assert_eq!(reading.has_token(), has_token, "{story}, {acked:?}");
        }
        assert_eq!(after("seated message").acked(3), Err(2));
    }

    #[test]
    fn messages_are_news_until_they_are_reported() {
        for (story, reported, news) in [
            ("seated works presence", 0, [false, false, false, false]),
            ("seated works message", 0, [false, true, true, true]),
            ("seated works message", 2, [false, false, false, false]),
            (
                "seated works message presence message",
                2,
                [false, false, true, true],
            ),
            (
                "seated works message message message",
                3,
                [false, false, false, true],
            ),
            (
                "seated works message forgotten",
                0,
                [false, false, false, false],
            ),
        ] {
            let mut reading = after(story);
            reading.reported(reported);
            let found = [1, 2, 3, 4].map(|upto| reading.is_news(upto));
            assert_eq!(found, news, "{story}, {reported}");
        }
    }
}
