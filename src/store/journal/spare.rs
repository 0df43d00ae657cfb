//! The next segment, made in advance on its own thread.
//!
//! Only this takes disk space, so a full disk is detected here, while a whole segment is left for
//! work in progress.
//!
//! **Invariant:** at most one spare exists and at most one thread makes it; a spare is wanted only
//! after the segment before it has a durable batch, so a spare on disk proves that its predecessor
//! was written to.

use std::mem;
use std::panic;
use std::thread::JoinHandle;

use super::JournalOptions;
use super::error::Hindrance;
use super::segment::{MakeError, Pace, Segment};
use crate::store::directory::{FileError, Folder};
use crate::task;

/// Whether the journal can be extended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextSegment {
    Possible,
    /// It could not be made; the rest of the current one has to last.
    Hindered {
        reason: String,
        hindrance: Hindrance,
    },
}

/// Why no segment is available.
#[derive(Debug)]
pub(super) enum TakeError {
    /// It may be retried.
    NoSegment {
        reason: String,
        hindrance: Hindrance,
    },
    /// The directory can no longer be trusted.
    Fatal(FileError),
}

#[derive(Debug)]
enum State {
    Absent,
    Making(JoinHandle<Result<Segment, MakeError>>),
    Ready(Segment),
}

#[derive(Debug)]
pub(super) struct Spare {
    folder: Folder,
    options: JournalOptions,
    state: State,
    /// Why the last attempt failed; cleared by a success.
    problem: Option<(String, Hindrance)>,
}

impl Spare {
    pub(super) fn new(folder: Folder, options: JournalOptions, ready: Option<Segment>) -> Self {
        Self {
            folder,
            options,
            state: ready.map_or(State::Absent, State::Ready),
            problem: None,
        }
    }

    /// Starts to make segment `number` unless that was tried.
    pub(super) fn want(&mut self, number: u64) {
        if self.problem.is_none() {
            self.retry(number);
        }
    }

    /// Starts to make segment `number` unless it exists or is being made.
    pub(super) fn retry(&mut self, number: u64) {
        if !matches!(self.state, State::Absent) {
            return;
        }
        let folder = self.folder.clone();
        let options = self.options.clone();
        let make = move || Segment::make(&folder, &options, number, Pace::Ahead);
        let begun = task::thread("journal-spare", make);
        match begun {
            Ok(maker) => self.state = State::Making(maker),
            Err(error) => {
                let hindrance = Hindrance::from(&error);
                self.problem = Some((format!("cannot start a thread: {error}"), hindrance));
            }
        }
    }

    /// Takes the thread's result if it has ended.
    pub(super) fn settle(&mut self) -> Result<(), FileError> {
        match &self.state {
            State::Making(maker) if maker.is_finished() => self.wait(),
            State::Making(_) | State::Absent | State::Ready(_) => Ok(()),
        }
    }

    pub(super) fn next_segment(&self) -> NextSegment {
        match &self.problem {
            None => NextSegment::Possible,
            Some((reason, hindrance)) => NextSegment::Hindered {
                reason: reason.clone(),
                hindrance: *hindrance,
            },
        }
    }

    /// Returns segment `number`, waiting for it or trying once more to make it.
    pub(super) fn take(&mut self, number: u64) -> Result<Segment, TakeError> {
        self.wait().map_err(TakeError::Fatal)?;
        self.retry(number);
        self.wait().map_err(TakeError::Fatal)?;
        match mem::replace(&mut self.state, State::Absent) {
            State::Ready(segment) => Ok(segment),
            State::Absent | State::Making(_) => {
                let (reason, hindrance) = self.problem.clone().unwrap_or_default();
                Err(TakeError::NoSegment { reason, hindrance })
            }
        }
    }

    fn wait(&mut self) -> Result<(), FileError> {
        let maker = match mem::replace(&mut self.state, State::Absent) {
            State::Making(maker) => maker,
            other @ (State::Absent | State::Ready(_)) => {
                self.state = other;
                return Ok(());
            }
        };
        match maker.join() {
            Ok(Ok(segment)) => {
                self.state = State::Ready(segment);
                self.problem = None;
                Ok(())
            }
            Ok(Err(MakeError::Refused(error))) => {
                self.problem = Some((error.to_string(), Hindrance::from(&error.source)));
                Ok(())
            }
            Ok(Err(MakeError::Unknown(error))) => Err(error),
            Err(payload) => panic::resume_unwind(payload),
        }
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        // The lock on the directory is released after this; no thread may still be working there.
        if let State::Making(maker) = mem::replace(&mut self.state, State::Absent) {
            let _ = maker.join();
        }
    }
}
