//! Reads a log segment by segment and passes on its records in order.
//!
//! Used at start for everything, and by readers for a part. Sequence and chain are carried from one
//! segment into the next, so a missing, repeated or misplaced segment is detected.
//!
//! **Invariant:** a record is passed on only after its whole batch has been checked.

use std::ops::Range;
use std::path::Path;

use super::JournalOptions;
use super::batch::Position;
use super::check::{Batch, batch_at};
use super::error::{Damage, Fault, ReadError};
use super::segment::{HEADER_BYTES, Image};

/// Receives a record; an error stops the reading.
pub type Each<'a> = &'a mut dyn FnMut(u64, &[u8]) -> Result<(), String>;

/// The progress of recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub segments_done: u64,
    pub segments_count: u64,
    pub records_read: u64,
}

/// Records between two reports: a few reports per second.
const REPORT_RECORDS: u64 = 250_000;

/// What was found in one segment.
#[derive(Debug)]
pub(super) struct Walked {
    pub(super) image: Image,
    /// The end of the last valid batch.
    pub(super) end: usize,
    pub(super) last_batch: Range<usize>,
    /// Why the walk ended there, if not at zeros or at the last record wanted.
    pub(super) fault: Option<Fault>,
}

impl Walked {
    pub(super) fn has_batch(&self) -> bool {
        self.end > HEADER_BYTES
    }

    /// Fails if a fault ended the walk; `at` is the position in the log where it ended.
    pub(super) fn sound(&self, at: Option<Position>) -> Result<(), ReadError> {
        match &self.fault {
            Some(fault) => Err(self.damage(at, fault.clone())),
            None => Ok(()),
        }
    }

    /// Reports `fault` at the end of the valid part, which is at `at`.
    pub(super) fn damage(&self, at: Option<Position>, fault: Fault) -> ReadError {
        Damage {
            path: self.image.path.clone(),
            offset: self.end as u64,
            seq: at.map_or(0, |at| at.next_seq),
            fault,
        }
        .into()
    }
}

pub(super) struct Walk<'a> {
    pub(super) dir: &'a Path,
    pub(super) options: &'a JournalOptions,
    pub(super) from_seq: u64,
    pub(super) upto_seq: u64,
    pub(super) each: Each<'a>,
    pub(super) report: &'a mut dyn FnMut(Progress),
    pub(super) progress: Progress,
    /// The bytes of the last segment read.
    pub(super) buffer: Vec<u8>,
    /// Unknown until the first batch, unless the log starts at its very beginning.
    pub(super) position: Option<Position>,
    pub(super) first_seq: Option<u64>,
    pub(super) records_served: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        dir: &'a Path,
        options: &'a JournalOptions,
        seqs: Range<u64>,
        each: Each<'a>,
        report: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            dir,
            options,
            from_seq: seqs.start,
            upto_seq: seqs.end.saturating_sub(1),
            each,
            report,
            progress: Progress {
                segments_done: 0,
                segments_count: 0,
                records_read: 0,
            },
            buffer: Vec::new(),
            position: None,
            first_seq: None,
            records_served: 0,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.position.is_some_and(|at| at.next_seq > self.upto_seq)
    }

    /// Walks one segment up to its end, a fault, or the last record wanted.
    pub(super) fn segment(&mut self, path: &Path, number: u64) -> Result<Walked, ReadError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let image = Image::read(path, number, self.options, &mut buffer)?;
        if number == 1 {
            self.position = Some(Position::START);
        }
        let walked = self.batches(&buffer, image, HEADER_BYTES);
        self.buffer = buffer;
        self.progress.segments_done += 1;
        walked
    }

    /// Reads the last segment again and continues where `walked` ended.
    pub(super) fn go_on(&mut self, walked: &Walked) -> Result<Walked, ReadError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let Image { path, number, .. } = &walked.image;
        let image = Image::read(path, *number, self.options, &mut buffer)?;
        let walked = self.batches(&buffer, image, walked.end);
        self.buffer = buffer;
        walked
    }

    fn batches(&mut self, bytes: &[u8], image: Image, mut end: usize) -> Result<Walked, ReadError> {
        let mut last_batch = end..end;
        let mut fault = None;
        while !self.is_done() {
            match batch_at(bytes, end, image.salt, self.position) {
                Ok(Some(batch)) => {
                    last_batch = end..end + batch.bytes();
                    end = last_batch.end;
                    self.serve(&batch)?;
                }
                Ok(None) => break,
                Err(found) => {
                    fault = Some(found);
                    break;
                }
            }
        }
        Ok(Walked {
            image,
            end,
            last_batch,
            fault,
        })
    }

    fn serve(&mut self, batch: &Batch<'_>) -> Result<(), ReadError> {
        if self.first_seq.is_none() {
            self.begin(batch.first_seq())?;
        }
        for (seq, record) in batch.records() {
            if (self.from_seq..=self.upto_seq).contains(&seq) {
                (self.each)(seq, record)
                    .map_err(|reason| ReadError::NotUnderstood { seq, reason })?;
                self.records_served += 1;
            }
        }
        let after = batch.after();
        self.position = Some(after);
        self.count(after.next_seq - batch.first_seq());
        Ok(())
    }

    fn begin(&mut self, first: u64) -> Result<(), ReadError> {
        self.first_seq = Some(first);
        if first > self.from_seq {
            return Err(ReadError::BeginsLate {
                dir: self.dir.to_owned(),
                wanted: self.from_seq,
                first,
            });
        }
        Ok(())
    }

    fn count(&mut self, records: u64) {
        let reports_due = self.progress.records_read / REPORT_RECORDS;
        self.progress.records_read += records;
        if self.progress.records_read / REPORT_RECORDS > reports_due {
            (self.report)(self.progress);
        }
    }
}
