//! Reads batches from a segment's bytes and accepts nothing inconsistent.
//!
//! Start at [`batch_at`]. A batch is returned only if its header, its place in the sequence, its
//! chain and every one of its records are valid.
//!
//! **Invariant:** no fault is tolerated here; whether a bad batch is a torn tail is decided in
//! `tail`.

use sha2::Digest;

use super::batch::{ALIGN_BYTES, FRAME_BYTES, HEAD_BYTES, Head, Position, Salt, chain_of};
use super::error::Fault;
use crate::store::field::u32_at;

/// A batch that has passed every check.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    head: Head,
    body: &'a [u8],
}

impl<'a> Batch<'a> {
    pub(super) fn first_seq(&self) -> u64 {
        self.head.first_seq
    }

    /// The position in the log after this batch.
    pub(super) fn after(&self) -> Position {
        Position {
            next_seq: self.head.first_seq + u64::from(self.head.count),
            chain: self.head.chain,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        HEAD_BYTES + self.body.len()
    }

    pub(super) fn records(&self) -> impl Iterator<Item = (u64, &'a [u8])> {
        let frames = Frames { rest: self.body };
        (self.head.first_seq..).zip(frames.map(|frame| frame.payload))
    }
}

/// The batch at `offset`, or none if there are only zeros.
///
/// Without `expected` the batch's own position is accepted: that is how a log starts whose older
/// segments have been removed.
pub(super) fn batch_at(
    bytes: &[u8],
    offset: usize,
    salt: Salt,
    expected: Option<Position>,
) -> Result<Option<Batch<'_>>, Fault> {
    let rest = &bytes[offset..];
    if is_blank(&rest[..rest.len().min(HEAD_BYTES)]) {
        return Ok(None);
    }
    let head = Head::read(rest, salt).ok_or(Fault::BatchHeader)?;
    if let Some(expected) = expected {
        if head.first_seq != expected.next_seq {
            return Err(Fault::Sequence {
                found: head.first_seq,
            });
        }
        if head.previous != expected.chain {
            return Err(Fault::Chain);
        }
    }
    let body = rest[HEAD_BYTES..]
        .get(..head.body_bytes as usize)
        .ok_or(Fault::BatchLength)?;
    check_body(&head, body, salt)?;
    Ok(Some(Batch { head, body }))
}

fn check_body(head: &Head, body: &[u8], salt: Salt) -> Result<(), Fault> {
    let mut digest = head.digest(salt);
    let mut frames = Frames { rest: body };
    let mut seq = head.first_seq;
    for frame in &mut frames {
        if u32_at(frame.bytes, 0) != salt.crc(&frame.bytes[4..]) {
            return Err(Fault::Record { seq });
        }
        digest.update(&frame.bytes[..FRAME_BYTES]);
        seq += 1;
    }
    if !frames.rest.is_empty() {
        return Err(Fault::Record { seq });
    }
    if seq - head.first_seq != u64::from(head.count) {
        return Err(Fault::Count);
    }
    if chain_of(digest) != head.chain {
        return Err(Fault::Digest);
    }
    Ok(())
}

/// Whether there are only zeros, as in a part of a segment that was never written.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<64>();
    words.iter().all(|word| *word == [0; 64]) && rest.iter().all(|byte| *byte == 0)
}

struct Frame<'a> {
    /// From the CRC to the padding.
    bytes: &'a [u8],
    payload: &'a [u8],
}

/// Splits a body into records; stops early, with a rest, at an impossible length.
struct Frames<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let (frame, _) = self.rest.split_first_chunk::<FRAME_BYTES>()?;
        let end = FRAME_BYTES + u32_at(frame, 4) as usize;
        let (bytes, rest) = self
            .rest
            .split_at_checked(end.next_multiple_of(ALIGN_BYTES))?;
        self.rest = rest;
        Some(Frame {
            bytes,
            payload: &bytes[FRAME_BYTES..end],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::batch::RecordBatch;
    use super::*;

    const SALT: Salt = Salt(7);

    /// A batch whose records take 16 bytes each.
    fn stamped(records: &[&[u8]]) -> Vec<u8> {
        let mut batch = RecordBatch::new();
        for record in records {
            batch.push(record);
        }
        batch.stamp(SALT, Position::START).0.to_vec()
    }

    fn fault_in(bytes: &[u8]) -> Fault {
        batch_at(bytes, 0, SALT, Some(Position::START)).unwrap_err()
    }

    #[test]
    fn a_batch_gives_back_its_records_by_number() {
        let bytes = stamped(&[b"one", b"", b"three"]);
        let batch = batch_at(&bytes, 0, SALT, None).unwrap().unwrap();
        let records: Vec<_> = batch.records().collect();
        assert_eq!(records, [(1, &b"one"[..]), (2, b""), (3, b"three")]);
        assert_eq!(batch.bytes(), bytes.len());
        assert_eq!(batch.after().next_seq, 4);
    }

    #[test]
    fn good_records_in_another_order_are_refused() {
        let mut bytes = stamped(&[b"first", b"other"]);
        bytes[HEAD_BYTES..].rotate_left(16);
        assert_eq!(fault_in(&bytes), Fault::Digest);
    }

    #[test]
    fn a_good_record_in_the_place_of_another_is_refused() {
        let mut bytes = stamped(&[b"first", b"other"]);
        bytes.copy_within(HEAD_BYTES..HEAD_BYTES + 16, HEAD_BYTES + 16);
        assert_eq!(fault_in(&bytes), Fault::Digest);
    }

    #[test]
    fn another_number_of_good_records_is_refused() {
        let mut bytes = stamped(&[b"first", b"other"]);
        let one = stamped(&[b"longer than eight"]);
        assert_eq!(one.len(), bytes.len());
        bytes[HEAD_BYTES..].copy_from_slice(&one[HEAD_BYTES..]);
        assert_eq!(fault_in(&bytes), Fault::Count);
    }

    #[test]
    fn a_body_that_is_not_all_there_is_refused() {
        let bytes = stamped(&[b"first", b"other"]);
        let short = &bytes[..bytes.len() - 8];
        assert_eq!(fault_in(short), Fault::BatchLength);
    }
}
