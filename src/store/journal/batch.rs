//! One batch as bytes: records gathered in a buffer, stamped and written in place.
//!
//! ```text
//! batch   magic 4 | crc 4 | first_seq 8 | count 4 | body_bytes 4 | previous chain 16 | chain 16 | body
//! record  crc 4 | length 4 | payload | zeros up to a multiple of 8
//! ```
//!
//! Numbers are little-endian. The batch's CRC covers its header, a record's CRC the rest of the
//! record; both are CRC-32C seeded with the segment's salt, so that bytes of another segment never
//! match. The chain is the first half of a SHA-256 over salt, header and the CRC and length of
//! every record: two histories that differ in order, number or content of their records have the
//! same chain with probability 2⁻¹²⁸ per pair, provided that their CRCs differ. A damaged record
//! whose CRC still matches, one in four thousand million, would pass, which is good enough against
//! disks. It is no defence against a forger, who can choose bytes with a given CRC; hashing the
//! payloads would be, at many times the cost.
//!
//! **Invariant:** nothing here accesses files; `check` reads what is written here.

use std::io;
use std::io::Write;

use sha2::{Digest, Sha256};

use crate::store::field::{array_at, u32_at, u64_at};

/// The largest batch that a journal accepts, header included.
pub const BATCH_BYTES_MAX: usize = 8 << 20;

pub(super) const ALIGN_BYTES: usize = 8;
pub(super) const FRAME_BYTES: usize = 8;
pub(super) const HEAD_BYTES: usize = 56;
const MAGIC: [u8; 4] = *b"SWBB";

/// The running digest of everything up to the end of a batch.
pub(super) type Chain = [u8; 16];

/// The random number that binds bytes to their segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Salt(pub(super) u64);

impl Salt {
    pub(super) fn crc(self, bytes: &[u8]) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c(&self.0.to_le_bytes()), bytes)
    }
}

/// A position between two batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) next_seq: u64,
    pub(super) chain: Chain,
}

impl Position {
    pub(super) const START: Self = Self {
        next_seq: 1,
        chain: [0; 16],
    };
}

/// The header of a batch.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) first_seq: u64,
    pub(super) count: u32,
    pub(super) body_bytes: u32,
    pub(super) previous: Chain,
    pub(super) chain: Chain,
}

impl Head {
    /// Reads the header at the start of `bytes`, if there is one and its CRC matches.
    pub(super) fn read(bytes: &[u8], salt: Salt) -> Option<Self> {
        let bytes: &[u8; HEAD_BYTES] = bytes.first_chunk()?;
        if !bytes.starts_with(&MAGIC) || u32_at(bytes, 4) != salt.crc(&bytes[8..]) {
            return None;
        }
        Some(Self {
            first_seq: u64_at(bytes, 8),
            count: u32_at(bytes, 16),
            body_bytes: u32_at(bytes, 20),
            previous: array_at(bytes, 24),
            chain: array_at(bytes, 40),
        })
    }

    fn write(&self, salt: Salt, bytes: &mut [u8]) {
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&self.first_seq.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.count.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[24..40].copy_from_slice(&self.previous);
        bytes[40..HEAD_BYTES].copy_from_slice(&self.chain);
        let crc = salt.crc(&bytes[8..HEAD_BYTES]);
        bytes[4..8].copy_from_slice(&crc.to_le_bytes());
    }

    /// The digest of this batch before its records are added.
    pub(super) fn digest(&self, salt: Salt) -> Sha256 {
        Sha256::new()
            .chain_update(salt.0.to_le_bytes())
            .chain_update(self.previous)
            .chain_update(self.first_seq.to_le_bytes())
            .chain_update(self.count.to_le_bytes())
            .chain_update(self.body_bytes.to_le_bytes())
    }
}

pub(super) fn chain_of(digest: Sha256) -> Chain {
    array_at(&digest.finalize(), 0)
}

/// A reusable buffer of records, laid out as they will be on disk.
#[derive(Debug)]
pub struct RecordBatch {
    /// Starts with room for the header; every record ends on a multiple of 8.
    buffer: Vec<u8>,
    count: u32,
}

impl Default for RecordBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl RecordBatch {
    pub fn new() -> Self {
        Self {
            buffer: vec![0; HEAD_BYTES],
            count: 0,
        }
    }

    /// Adds a copy of `record`.
    pub fn push(&mut self, record: &[u8]) {
        let start = self.begin();
        self.buffer.extend_from_slice(record);
        self.end(start);
    }

    /// Adds the bytes written by `encode` as one record; if it fails, the batch is unchanged.
    pub fn push_with<E>(
        &mut self,
        encode: impl FnOnce(&mut RecordWriter<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.begin();
        let outcome = encode(&mut RecordWriter {
            buffer: &mut self.buffer,
        });
        match outcome {
            Ok(()) => self.end(start),
            Err(_) => self.buffer.truncate(start),
        }
        outcome
    }

    /// Moves the records of `later` here; `later` keeps its memory.
    pub fn append(&mut self, later: &mut Self) {
        self.buffer.extend_from_slice(&later.buffer[HEAD_BYTES..]);
        self.count += later.count;
        later.clear();
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of bytes it takes in a segment.
    pub fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Removes the records and keeps the memory.
    pub fn clear(&mut self) {
        self.buffer.truncate(HEAD_BYTES);
        self.count = 0;
    }

    fn begin(&mut self) -> usize {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&[0; FRAME_BYTES]);
        start
    }

    fn end(&mut self, start: usize) {
        let length = self.buffer.len() - start - FRAME_BYTES;
        let length = u32::try_from(length).expect("a record is smaller than 4 GiB");
        self.buffer[start + 4..start + FRAME_BYTES].copy_from_slice(&length.to_le_bytes());
        let padded = self.buffer.len().next_multiple_of(ALIGN_BYTES);
        self.buffer.resize(padded, 0);
        self.count += 1;
    }

    /// Fills in CRCs and header for this position in this segment; stamping again is harmless.
    ///
    /// Returns the bytes to write and the position after them. The caller has checked that the
    /// batch is within [`BATCH_BYTES_MAX`].
    pub(super) fn stamp(&mut self, salt: Salt, at: Position) -> (&[u8], Position) {
        let (head_bytes, body) = self.buffer.split_at_mut(HEAD_BYTES);
        let mut head = Head {
            first_seq: at.next_seq,
            count: self.count,
            body_bytes: u32::try_from(body.len()).expect("a batch is within its bound"),
            previous: at.chain,
            chain: Chain::default(),
        };
        let mut digest = head.digest(salt);
        let mut rest = body;
        while !rest.is_empty() {
            let length = u32_at(rest, 4) as usize;
            let (record, after) =
                rest.split_at_mut((FRAME_BYTES + length).next_multiple_of(ALIGN_BYTES));
            let crc = salt.crc(&record[4..]);
            record[..4].copy_from_slice(&crc.to_le_bytes());
            digest.update(&record[..FRAME_BYTES]);
            rest = after;
        }
        head.chain = chain_of(digest);
        head.write(salt, head_bytes);
        let after = Position {
            next_seq: at.next_seq + u64::from(self.count),
            chain: head.chain,
        };
        (&self.buffer, after)
    }
}

/// Writes the bytes of one record directly into its batch.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    buffer: &'a mut Vec<u8>,
}

impl Write for RecordWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
