//! All errors of opening, reading and writing a journal.
//!
//! A [`Fault`] is what was found on disk, [`Damage`] adds where; both lead an operator to the file
//! to restore.
//!
//! **Invariant:** nothing here decides; `recover` and `tail` judge what is tolerable.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::store::directory::{FileError, is_of_space};

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the journal in {dir} is in use by another process", dir = .dir.display())]
    Locked { dir: PathBuf },
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why the records in a directory could not all be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Damaged(Box<Damage>),
    #[error("there is no journal in {dir}", dir = .dir.display())]
    NoJournal { dir: PathBuf },
    #[error(
        "records from {wanted} on are needed, but the journal in {dir} begins with {first}",
        dir = .dir.display()
    )]
    BeginsLate {
        dir: PathBuf,
        wanted: u64,
        first: u64,
    },
    #[error(
        "records up to {wanted} should be there, but the journal in {dir} ends with {last}",
        dir = .dir.display()
    )]
    EndsEarly {
        dir: PathBuf,
        wanted: u64,
        last: u64,
    },
    #[error("record {seq} cannot be applied: {reason}")]
    NotUnderstood { seq: u64, reason: String },
}

/// Something on disk that no crash can explain.
#[derive(Debug, thiserror::Error)]
#[error("{path}, byte {offset}, record {seq}: {fault}", path = .path.display())]
pub struct Damage {
    pub path: PathBuf,
    pub offset: u64,
    /// The expected record, 0 if unknown.
    pub seq: u64,
    pub fault: Fault,
}

/// What was found instead of valid bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the file's name is not a segment number")]
    Name,
    #[error("this segment is missing, although a later one exists")]
    Missing,
    #[error("the file holds {found} bytes instead of {expected}")]
    Length { found: u64, expected: u64 },
    #[error("the file does not have a segment's signature")]
    NotASegment,
    #[error(
        "the format is version {found}, and this program reads version {expected}: use the one \
         that wrote it, or an empty data directory"
    )]
    Version { found: u32, expected: u32 },
    #[error("the segment's header does not match its checksum")]
    SegmentHeader,
    #[error("the file holds segment {found}")]
    Number { found: u64 },
    #[error("the segment belongs to site {found:?}")]
    Site { found: String },
    #[error("the segment holds no batch, although the one after it had been prepared")]
    NoBatch,
    #[error("the batch's header does not match its checksum")]
    BatchHeader,
    #[error("the batch is longer than the rest of the segment")]
    BatchLength,
    #[error("record {seq} of the batch does not match its checksum")]
    Record { seq: u64 },
    #[error("the batch's number of records does not match its header")]
    Count,
    #[error("the batch does not match its digest")]
    Digest,
    #[error("the batch begins with record {found}")]
    Sequence { found: u64 },
    #[error("the batch does not continue the chain of those before it")]
    Chain,
    #[error("the batch is damaged, and byte {later_offset} was written after it")]
    Followed { later_offset: u64 },
}

impl From<Damage> for ReadError {
    fn from(damage: Damage) -> Self {
        Self::Damaged(Box::new(damage))
    }
}

/// Why a batch was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("a batch of {bytes} bytes is over the bound of {bytes_max}")]
    TooLarge { bytes: usize, bytes_max: usize },
    /// Nothing was written; the same batch may be retried.
    #[error("there is no next segment: {reason}")]
    NoSegment {
        reason: String,
        hindrance: Hindrance,
    },
    /// The state on disk is unknown: the process must end, and recovery must check it.
    #[error("the journal has failed for good: {0}")]
    Failed(FileError),
    #[error("the journal has failed earlier and accepts nothing more: {reason}")]
    Stopped { reason: String },
}

/// What keeps the next segment from being made: the number of the operating system's error, if it
/// was one. Displayed without the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hindrance(Option<i32>);

impl Hindrance {
    /// Whether it ends once there is space, on the disk or within a quota or limit.
    pub fn is_of_space(self) -> bool {
        self.error().is_some_and(|error| is_of_space(error.kind()))
    }

    fn error(self) -> Option<io::Error> {
        self.0.map(io::Error::from_raw_os_error)
    }
}

impl From<&io::Error> for Hindrance {
    fn from(error: &io::Error) -> Self {
        Self(error.raw_os_error())
    }
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(error) if is_of_space(error.kind()) => f.write_str("the journal has no space"),
            Some(error) => write!(f, "the journal cannot be written: {error}"),
            None => f.write_str("the journal cannot be written"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn only_errors_that_end_once_there_is_space_are_called_so() {
        let of = |errno: Errno| Hindrance::from(&io::Error::from(errno));
        for errno in [Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            assert!(of(errno).is_of_space());
            assert_eq!(of(errno).to_string(), "the journal has no space");
        }
        assert!(!of(Errno::ACCESS).is_of_space());
        assert_eq!(
            of(Errno::ACCESS).to_string(),
            "the journal cannot be written: Permission denied (os error 13)"
        );
        let other = Hindrance::from(&io::Error::other("of ours"));
        assert_eq!(other.to_string(), "the journal cannot be written");
    }
}
