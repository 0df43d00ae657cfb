//! The log of one site: batches of records that are durable once `append` returns.
//!
//! A log is a row of segment files, `00000000000000000001.segment` and so on, in a
//! directory that one process at a time may lock. [`Journal::open`] replays and
//! [`Journal::append`] adds; [`read`] looks on from another thread,
//! [`read_all`] from another process.
//!
//! * What `append` has returned survives the death of the process and of the machine,
//!   as long as the disk keeps what it says it has synced.
//! * A batch is there whole or not at all. At start the torn last batch is cut off and
//!   reported; any other damage is refused by file, byte and record.
//! * `first_seq` of a batch doubles as its word on what was durable before it: the batch
//!   was written only after the sync of everything before `first_seq` had returned.
//!   `tail` tells what follows from that and what stays ambiguous.
//!
//! Absent on purpose: the meaning of records, clocks, and any second try after a failed
//! write or sync.

mod batch;
mod blocks;
mod check;
mod error;
mod reader;
mod recover;
mod segment;
mod spare;
mod tail;
mod walk;
mod writer;

pub use batch::BATCH_BYTES_MAX;
pub use batch::RecordBatch;
pub use batch::RecordWriter;
pub use error::AppendError;
pub use error::Damage;
pub use error::Fault;
pub use error::OpenError;
pub use error::ReadError;
pub use reader::count_segments;
pub use reader::identify;
pub use reader::read;
pub use reader::read_all;
pub use recover::Recovered;
pub use recover::Torn;
pub use spare::Space;
pub use walk::Each;
pub use walk::Progress;
pub use writer::Journal;
pub use writer::lock;

/// The usual size of a segment.
pub const SEGMENT_BYTES: usize = 64 << 20;
pub const SEGMENT_BYTES_MIN: usize = 4 << 10;
/// A segment is read into memory as a whole.
pub const SEGMENT_BYTES_MAX: usize = 1 << 30;

/// Whose log it is and how it is cut into files.
#[derive(Clone, Debug)]
pub struct JournalOptions {
    site: String,
    segment_bytes: usize,
}

/// Why options cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    #[error("a site's name of {0} bytes is outside 1..={max}", max = segment::SITE_BYTES_MAX)]
    Site(usize),
    #[error(
        "{0} bytes are outside {SEGMENT_BYTES_MIN}..={SEGMENT_BYTES_MAX}, or no multiple of {block}",
        block = blocks::BLOCK_BYTES
    )]
    Segment(usize),
}

impl JournalOptions {
    /// A log of `site`, whose name is in every segment, so that logs cannot be mixed up.
    pub fn new(site: &str, segment_bytes: usize) -> Result<Self, OptionsError> {
        if !(1..=segment::SITE_BYTES_MAX).contains(&site.len()) {
            return Err(OptionsError::Site(site.len()));
        }
        if !(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&segment_bytes)
            || !segment_bytes.is_multiple_of(blocks::BLOCK_BYTES)
        {
            return Err(OptionsError::Segment(segment_bytes));
        }
        Ok(Self {
            site: site.to_owned(),
            segment_bytes,
        })
    }
}
