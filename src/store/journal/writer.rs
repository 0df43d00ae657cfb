//! Appends batches, one write and one sync each, and stops for good if either fails.
//!
//! **Invariant:** a failed write or sync is never repeated: the kernel may have dropped the bytes
//! and would report the second sync as a success. The caller ends the process.

use std::collections::VecDeque;
use std::path::Path;

use super::JournalOptions;
use super::batch::{BATCH_BYTES_MAX, Position, RecordBatch};
use super::blocks::Blocks;
use super::error::{AppendError, Hindrance, OpenError};
use super::recover::{Recovered, Sealed, recover};
use super::segment::{HEADER_BYTES, Segment};
use super::spare::{NextSegment, Spare, TakeError};
use super::walk::{Each, Progress};
use crate::store::directory::{FileError, Folder, find};

/// Locks `dir` against other processes; creates it if it is missing.
pub fn lock(dir: &Path) -> Result<Folder, OpenError> {
    Folder::lock(dir)?.ok_or_else(|| OpenError::Locked {
        dir: dir.to_owned(),
    })
}

/// The log of one site, open for appending.
#[derive(Debug)]
pub struct Journal {
    active: Segment,
    /// The offset of the next batch in the active segment, and what precedes it.
    end: usize,
    blocks: Blocks,
    position: Position,
    first_seq: u64,
    sealed: VecDeque<Sealed>,
    spare: Spare,
    batch_bytes_max: usize,
    tail_is_sealed: bool,
    /// The message of the first failure; nothing is accepted after it.
    failed: Option<String>,
    /// At the last check its path did not lead to it.
    is_misplaced: bool,
    /// Locked until everything above is dropped.
    folder: Folder,
}

impl Journal {
    /// Locks `dir` and continues as [`Self::open_in`].
    pub fn open(
        dir: &Path,
        options: &JournalOptions,
        from_seq: u64,
        each: Each<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Self, Recovered), OpenError> {
        Self::open_in(lock(dir)?, options, from_seq, each, progress)
    }

    /// Checks the whole log in `folder` and passes its records from `from_seq` on to `each`.
    ///
    /// Fails if a record from `from_seq` on, or the one before it, is missing.
    pub fn open_in(
        folder: Folder,
        options: &JournalOptions,
        from_seq: u64,
        each: Each<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Self, Recovered), OpenError> {
        let (log, recovered) = recover(&folder, options, from_seq, each, progress)?;
        let mut blocks = Blocks::new();
        blocks
            .load(&log.active.file, log.end)
            .map_err(FileError::at("read", &log.active.path))?;
        let mut journal = Self {
            active: log.active,
            end: log.end,
            blocks,
            position: log.position,
            first_seq: log.first_seq,
            sealed: log.sealed,
            spare: Spare::new(folder.clone(), options.clone(), log.spare),
            batch_bytes_max: BATCH_BYTES_MAX.min(options.segment_bytes - HEADER_BYTES),
            tail_is_sealed: log.end == HEADER_BYTES,
            failed: None,
            is_misplaced: false,
            folder,
        };
        journal.want_spare();
        Ok((journal, recovered))
    }

    /// The newest record, which is durable; 0 if there are none.
    pub fn last_seq(&self) -> u64 {
        self.position.next_seq - 1
    }

    /// The oldest record still present.
    pub fn first_seq(&self) -> u64 {
        self.first_seq
    }

    /// The largest batch accepted, as [`RecordBatch::bytes`] counts.
    pub fn batch_bytes_max(&self) -> usize {
        self.batch_bytes_max
    }

    /// Makes the records durable and returns the sequence number of the last one.
    ///
    /// The batch is stamped in place; its records are unchanged. An empty batch writes nothing.
    pub fn append(&mut self, batch: &mut RecordBatch) -> Result<u64, AppendError> {
        self.check_goes_on()?;
        if batch.bytes() > self.batch_bytes_max {
            return Err(AppendError::TooLarge {
                bytes: batch.bytes(),
                bytes_max: self.batch_bytes_max,
            });
        }
        if !batch.is_empty() {
            if batch.bytes() > self.active.bytes - self.end {
                self.roll()?;
            }
            self.commit(batch)?;
            self.tail_is_sealed = false;
        }
        Ok(self.last_seq())
    }

    /// Writes a batch without records, which proves that the one before it was durable.
    ///
    /// Useful after about 50 ms without a batch and before an orderly stop. Does nothing if nothing
    /// was appended since the last seal, or at the end of a segment.
    pub fn seal(&mut self) -> Result<(), AppendError> {
        self.check_goes_on()?;
        let mut batch = RecordBatch::new();
        if !self.tail_is_sealed && batch.bytes() <= self.active.bytes - self.end {
            self.commit(&mut batch)?;
            self.tail_is_sealed = true;
        }
        Ok(())
    }

    /// Whether the next segment can be made; while it cannot, each call tries again.
    ///
    /// Call it about every second, so that the journal notices when it can be extended again. A log
    /// whose path does not lead to it cannot, and fails if that is still so at the next call: a
    /// restart would not find what it writes.
    pub fn next_segment(&mut self) -> NextSegment {
        if let Err(error) = self.check_place() {
            let (reason, hindrance) = (error.to_string(), Hindrance::from(&error.source));
            if std::mem::replace(&mut self.is_misplaced, true) {
                self.fail(error);
            }
            return NextSegment::Hindered { reason, hindrance };
        }
        self.is_misplaced = false;
        match self.spare.settle() {
            Ok(()) => {
                if self.has_batch() {
                    self.spare.retry(self.active.number + 1);
                }
                self.spare.next_segment()
            }
            Err(error) => NextSegment::Hindered {
                hindrance: Hindrance::from(&error.source),
                reason: self.fail(error).to_string(),
            },
        }
    }

    /// Removes the sealed segments that hold only records before `seq`; returns their number.
    pub fn remove_before(&mut self, seq: u64) -> Result<usize, FileError> {
        let mut removed = 0;
        // The last record must stay, because only it shows how far the log went.
        let keep = usize::from(!self.has_batch());
        while self.sealed.len() > keep
            && let Some(oldest) = self.sealed.front()
            && oldest.last_seq < seq
        {
            // One by one, so that a crash never leaves a gap.
            self.folder.remove(&oldest.path)?;
            self.first_seq = oldest.last_seq + 1;
            self.sealed.pop_front();
            removed += 1;
        }
        Ok(removed)
    }

    fn check_place(&self) -> Result<(), FileError> {
        self.folder.check_place()?;
        find(&self.active.path).map(drop)
    }

    fn has_batch(&self) -> bool {
        self.end > HEADER_BYTES
    }

    fn want_spare(&mut self) {
        if self.has_batch() {
            self.spare.want(self.active.number + 1);
        }
    }

    /// Continues in the next segment.
    fn roll(&mut self) -> Result<(), AppendError> {
        let next = match self.spare.take(self.active.number + 1) {
            Ok(next) => next,
            Err(TakeError::NoSegment { reason, hindrance }) => {
                return Err(AppendError::NoSegment { reason, hindrance });
            }
            Err(TakeError::Fatal(error)) => return Err(self.fail(error)),
        };
        if let Err(error) = self.blocks.load(&next.file, HEADER_BYTES) {
            return Err(self.fail(FileError::at("read", &next.path)(error)));
        }
        let full = std::mem::replace(&mut self.active, next);
        self.end = HEADER_BYTES;
        self.sealed.push_back(Sealed {
            path: full.path,
            last_seq: self.last_seq(),
        });
        Ok(())
    }

    fn commit(&mut self, batch: &mut RecordBatch) -> Result<(), AppendError> {
        let (bytes, after) = batch.stamp(self.active.salt, self.position);
        let file = &self.active.file;
        let written = self
            .blocks
            .write(file, self.end, bytes)
            .map_err(FileError::at("write", &self.active.path))
            .and_then(|()| {
                file.sync_data()
                    .map_err(FileError::at("sync", &self.active.path))
            });
        if let Err(error) = written {
            return Err(self.fail(error));
        }
        self.end += bytes.len();
        self.position = after;
        self.want_spare();
        Ok(())
    }

    fn fail(&mut self, error: FileError) -> AppendError {
        self.failed = Some(error.to_string());
        AppendError::Failed(error)
    }

    fn check_goes_on(&self) -> Result<(), AppendError> {
        match &self.failed {
            None => Ok(()),
            Some(reason) => Err(AppendError::Stopped {
                reason: reason.clone(),
            }),
        }
    }
}
