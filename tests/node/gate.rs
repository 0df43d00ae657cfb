//! A log behind a gate: appended records become durable when the test opens it.

use std::io;
use std::sync::{Arc, Condvar, Mutex};

use switchboard::node::log::Log;
use switchboard::store::FileError;
use switchboard::store::journal::{AppendError, Hindrance, Journal, NextSegment, RecordBatch};

#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    closed: bool,
    broken: bool,
    low: bool,
    full: bool,
    appended: u64,
}

pub(crate) struct Gated {
    journal: Journal,
    gate: Gate,
}

impl Gate {
    pub(crate) fn before(&self, journal: Journal) -> Gated {
        let gate = self.clone();
        Gated { journal, gate }
    }

    pub(crate) fn close(&self) {
        self.0.0.lock().unwrap().closed = true;
    }

    pub(crate) fn open(&self) {
        self.0.0.lock().unwrap().closed = false;
        self.0.1.notify_all();
    }

    /// From here on every append fails.
    pub(crate) fn break_down(&self) {
        self.0.0.lock().unwrap().broken = true;
    }

    pub(crate) fn set_hindered(&self, low: bool) {
        self.0.0.lock().unwrap().low = low;
    }

    /// While it is full, no append finds space.
    pub(crate) fn set_full(&self, full: bool) {
        self.0.0.lock().unwrap().full = full;
    }

    /// Batches that have passed.
    pub(crate) fn appended(&self) -> u64 {
        self.0.0.lock().unwrap().appended
    }
}

impl Log for Gated {
    fn append(&mut self, batch: &mut RecordBatch) -> Result<u64, AppendError> {
        let mut state = self.gate.0.0.lock().unwrap();
        while state.closed {
            state = self.gate.0.1.wait(state).unwrap();
        }
        if state.broken {
            return Err(AppendError::Failed(FileError {
                action: "sync",
                path: "the disk".into(),
                source: io::Error::other("by design"),
            }));
        }
        if state.full {
            let reason = "by design".to_owned();
            let hindrance = no_space();
            return Err(AppendError::NoSegment { reason, hindrance });
        }
        state.appended += 1;
        drop(state);
        self.journal.append(batch)
    }

    fn seal(&mut self) -> Result<(), AppendError> {
        self.journal.seal()
    }

    fn next_segment(&mut self) -> NextSegment {
        if self.gate.0.0.lock().unwrap().low {
            let reason = "by design".to_owned();
            let hindrance = no_space();
            return NextSegment::Hindered { reason, hindrance };
        }
        self.journal.next_segment()
    }

    fn remove_before(&mut self, seq: u64) -> Result<usize, FileError> {
        self.journal.remove_before(seq)
    }

    fn batch_bytes_max(&self) -> usize {
        self.journal.batch_bytes_max()
    }
}

/// What a full disk causes.
pub(crate) fn no_space() -> Hindrance {
    Hindrance::from(&io::Error::from_raw_os_error(28))
}
