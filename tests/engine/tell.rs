//! Plays a story on the engine and records what happened.
//!
//! ```text
//! 0s    a1 a2 on duty
//! 1s    c1 arrives app billing
//! 2s    a1 delivers c1
//! 3s    a1 accepts c1
//! 60s   time passes
//! ```
//!
//! "On duty" means that each of these agents connects and is ready.
//!
//! After every line the engine is audited, a refusal must have changed nothing, and the history is
//! folded again and compared by hash.

mod centre;
mod parse;
mod words;

use std::fmt::Write as _;
use std::sync::Arc;

use switchboard::domain::Timestamp;
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::engine::event::{Event, Recorded, SiteEvent};
use switchboard::engine::options::Options;
use switchboard::engine::refusal::Refusal;
use switchboard::engine::state::registry::Registry;
use switchboard::engine::{Done, Engine};

use parse::instant;
use words::{Words, seconds};

pub(crate) use centre::{agent, centre, hours, name, plain, queue, skills};
pub(crate) use parse::{contact, parse};

pub(crate) struct Story {
    pub engine: Engine,
    pub now: Timestamp,
    pub history: Vec<Recorded>,
    registry: Registry,
    told: String,
}

/// Runs a story and returns its transcript.
pub(crate) fn tell(options: Options, story: &str) -> String {
    let mut teller = Story::new(options);
    teller.tell(story)
}

/// Compares a transcript with what was expected, line by line.
#[track_caller]
pub(crate) fn assert_told(told: &str, expected: &str) {
    let lines = |text: &str| {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(told), lines(expected), "\n{told}");
}

impl Story {
    pub(crate) fn new(options: Options) -> Self {
        let mut story = Self {
            engine: Engine::new(),
            now: Timestamp(0),
            history: Vec::new(),
            registry: Registry::default(),
            told: String::new(),
        };
        story
            .command(Command::Site(SiteCommand::Configure(Arc::new(options))))
            .unwrap();
        story.told.clear();
        story
    }

    /// Continues the story, and returns what happened since the last call.
    pub(crate) fn tell(&mut self, story: &str) -> String {
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (at, what) = line.split_once(char::is_whitespace).unwrap();
            self.pass_until(instant(at));
            let what = what.trim();
            if let Some(agents) = what.strip_suffix(" on duty") {
                for agent in agents.split_whitespace() {
                    self.act(&format!("{agent} connects"));
                    self.act(&format!("{agent} ready"));
                }
            } else if what != "time passes" {
                self.act(what);
            }
        }
        std::mem::take(&mut self.told)
    }

    fn pass_until(&mut self, until: Timestamp) {
        assert!(until >= self.now, "a story goes forward");
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            while self.engine.expire(self.now, 1) {}
            self.note();
        }
        self.now = until;
    }

    fn act(&mut self, what: &str) {
        let command = parse(what);
        if let Err(refusal) = self.command(command) {
            writeln!(
                self.told,
                "{} {what}: refused {}",
                seconds(self.now),
                refusal.code()
            )
            .unwrap();
        }
    }

    pub(crate) fn command(&mut self, command: Command) -> Result<Done, Refusal> {
        let before = self.engine.state_hash();
        let outcome = self.engine.handle(self.now, command);
        if outcome.is_err() {
            assert_eq!(self.engine.state_hash(), before, "a refusal leaves no mark");
            assert!(self.engine.poll_event().is_none(), "a refusal says nothing");
        }
        self.note();
        outcome
    }

    /// Records what has happened and audits the state.
    fn note(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            let recorded = emitted.recorded;
            assert_eq!(
                recorded.seq,
                self.history.len() as u64 + 1,
                "events have no gaps"
            );
            if let Event::Site(SiteEvent::Configured { options }) = &recorded.event {
                self.registry.learn(options);
            }
            let words = Words {
                registry: &self.registry,
            };
            if let Some(text) = words.of(&recorded.event) {
                writeln!(self.told, "{} {text}", seconds(recorded.at)).unwrap();
            }
            self.history.push(recorded);
        }
        assert_eq!(
            self.engine.faults(),
            Vec::<String>::new(),
            "at {}\n{}",
            self.now,
            self.told
        );
        assert_eq!(
            self.replayed().state_hash(),
            self.engine.state_hash(),
            "the fold of the history is the state"
        );
        let restored = Engine::restore(&self.engine.snapshot()).unwrap();
        assert_eq!(
            restored.state_hash(),
            self.engine.state_hash(),
            "a snapshot is the state"
        );
        assert_eq!(
            restored.next_deadline(),
            self.engine.next_deadline(),
            "a snapshot keeps the deadlines"
        );
    }

    pub(crate) fn history(&self) -> &[Recorded] {
        &self.history
    }

    pub(crate) fn replayed(&self) -> Engine {
        self.replayed_upto(self.history.len())
    }

    /// As after a crash that only this many events have survived.
    pub(crate) fn replayed_upto(&self, written: usize) -> Engine {
        let mut engine = Engine::new();
        for recorded in &self.history[..written] {
            let bytes = minicbor::to_vec(recorded).unwrap();
            let decoded: Recorded = minicbor::decode(&bytes).unwrap();
            assert_eq!(decoded, *recorded, "the journal's encoding loses nothing");
            engine.apply(&decoded);
        }
        engine
    }
}
