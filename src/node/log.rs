//! Where batches become durable: the part of a journal that the committer needs.

use crate::store::FileError;
use crate::store::journal::{AppendError, Journal, NextSegment, RecordBatch};

/// A log with a single writer thread.
pub trait Log: Send + 'static {
    /// Makes the records durable and returns the number of the last one.
    fn append(&mut self, batch: &mut RecordBatch) -> Result<u64, AppendError>;

    /// Called when idle: proves that the last batch was durable.
    fn seal(&mut self) -> Result<(), AppendError>;

    /// Whether it can be extended; call it about once a second.
    fn next_segment(&mut self) -> NextSegment;

    /// Removes segments that hold only records before `seq`.
    fn remove_before(&mut self, seq: u64) -> Result<usize, FileError>;

    fn batch_bytes_max(&self) -> usize;
}

impl Log for Journal {
    fn append(&mut self, batch: &mut RecordBatch) -> Result<u64, AppendError> {
        self.append(batch)
    }

    fn seal(&mut self) -> Result<(), AppendError> {
        self.seal()
    }

    fn next_segment(&mut self) -> NextSegment {
        self.next_segment()
    }

    fn remove_before(&mut self, seq: u64) -> Result<usize, FileError> {
        self.remove_before(seq)
    }

    fn batch_bytes_max(&self) -> usize {
        self.batch_bytes_max()
    }
}
