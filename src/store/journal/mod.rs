//! The log of one site: batches of records that are durable once `append` returns.
//!
//! A log is a series of segment files, `00000000000000000001.segment` and so on, in a directory
//! locked by one process at a time. [`Journal::open`] replays and [`Journal::append`] adds;
//! [`read`] reads from another thread, [`read_all`] from another process.
//!
//! * What `append` has returned survives the death of the process and of the machine, as long as
//!   the disk keeps what it reports as synced.
//! * A batch is present completely or not at all. At start the torn last batch is cut off and
//!   reported; any other damage is refused by file, byte and record.
//! * `first_seq` of a batch also states what was durable before it: the batch was written only
//!   after the sync of everything before `first_seq` had returned. `tail` explains what follows
//!   from that and what stays ambiguous.
//!
//! Left out deliberately: the meaning of records, clocks, and retries after a failed write or sync.

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
pub use error::Hindrance;
pub use error::OpenError;
pub use error::ReadError;
pub use reader::count_segments;
pub use reader::identify;
pub use reader::read;
pub use reader::read_all;
pub use recover::Recovered;
pub use recover::Torn;
pub use spare::NextSegment;
pub use walk::Each;
pub use walk::Progress;
pub use writer::Journal;
pub use writer::lock;

/// The usual size of a segment.
pub const SEGMENT_BYTES: usize = 64 << 20;
pub const SEGMENT_BYTES_MIN: usize = 4 << 10;
/// Each segment is read into memory as a whole.
pub const SEGMENT_BYTES_MAX: usize = 1 << 30;

/// The owner of a log and how it is split into files.
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
