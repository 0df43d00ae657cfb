//! Distinguishes the torn end of a log from damage to acknowledged batches.
//!
//! At most one batch is in flight: the next is written only after the previous one is synced. So
//! anything written after a batch proves that the batch was durable, and a bad batch is torn only
//! if nothing of a later one can be found: no header that matches, no byte beyond its end, and, if
//! its own header is lost too, no byte beyond the reach of the largest batch.
//!
//! Only the last batch remains ambiguous. If it is bad, it was either torn and never acknowledged,
//! or acknowledged and damaged later. A seal, written when idle, removes that doubt for every batch
//! before it. The loss of the whole end of a log, as when an old copy is restored, cannot be
//! detected from inside either; only something that remembers how far the log went can tell.
//!
//! **Invariant:** nothing here changes a byte.

use super::batch::{ALIGN_BYTES, BATCH_BYTES_MAX, HEAD_BYTES, Head, Salt};
use super::check::is_blank;
use super::error::Fault;

const PAGE_BYTES: usize = 4096;

/// The length of a torn batch at `offset`, the end of the last valid one.
///
/// `fault` is what was found there; none if it starts with zeros.
pub(super) fn torn_bytes(
    bytes: &[u8],
    offset: usize,
    salt: Salt,
    fault: Option<Fault>,
) -> Result<usize, Fault> {
    if let Some(fault) = fault
        && !may_be_torn(&fault)
    {
        return Err(fault);
    }
    let extent = written_bytes(&bytes[offset..]);
    if let Some(later) = later_head(bytes, offset, offset + extent, salt) {
        return Err(Fault::Followed {
            later_offset: later as u64,
        });
    }
    let reach = match Head::read(&bytes[offset..], salt) {
        Some(head) => HEAD_BYTES + head.body_bytes as usize,
        None => BATCH_BYTES_MAX,
    };
    if extent > reach {
        return Err(Fault::Followed {
            later_offset: (offset + extent - 1) as u64,
        });
    }
    Ok(extent)
}

/// Whether a write that stopped half-way could look like this.
fn may_be_torn(fault: &Fault) -> bool {
    match fault {
        Fault::BatchHeader | Fault::Record { .. } | Fault::Count | Fault::Digest => true,
        Fault::BatchLength
        | Fault::Chain
        | Fault::Followed { .. }
        | Fault::Length { .. }
        | Fault::Missing
        | Fault::Name
        | Fault::NoBatch
        | Fault::NotASegment
        | Fault::Number { .. }
        | Fault::SegmentHeader
        | Fault::Sequence { .. }
        | Fault::Site { .. }
        | Fault::Version { .. } => false,
    }
}

/// The length up to the last byte that is not zero.
fn written_bytes(bytes: &[u8]) -> usize {
    let mut end = bytes.len();
    while end > 0 {
        let start = end.saturating_sub(PAGE_BYTES);
        let page = &bytes[start..end];
        if !is_blank(page) {
            let last = page.iter().rposition(|byte| *byte != 0);
            return start + last.map_or(0, |last| last + 1);
        }
        end = start;
    }
    0
}

/// A header that starts after `offset` and before `end`; it may extend beyond `end` if its last
/// bytes are zeros.
fn later_head(bytes: &[u8], offset: usize, end: usize, salt: Salt) -> Option<usize> {
    (offset + ALIGN_BYTES..end)
        .step_by(ALIGN_BYTES)
        .find(|at| Head::read(&bytes[*at..], salt).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::batch::{Position, RecordBatch};
    use super::*;

    /// A segment's batches: one with a record, then a seal.
    fn record_and_seal(salt: Salt) -> (Vec<u8>, usize) {
        let mut batch = RecordBatch::new();
        batch.push(b"a record");
        let (bytes, after) = batch.stamp(salt, Position::START);
        let mut room = bytes.to_vec();
        let seal_offset = room.len();
        room.extend_from_slice(RecordBatch::new().stamp(salt, after).0);
        room.resize(4096, 0);
        (room, seal_offset)
    }

    #[test]
    fn a_later_header_counts_even_if_its_last_bytes_are_zeros() {
        // One header in 256 ends with a zero.
        for salt in (0..4096).map(Salt) {
            let (mut bytes, seal_offset) = record_and_seal(salt);
            bytes[0] ^= 1;
            let judged = torn_bytes(&bytes, 0, salt, Some(Fault::BatchHeader));
            let later_offset = seal_offset as u64;
            assert_eq!(judged, Err(Fault::Followed { later_offset }));
        }
    }

    #[test]
    fn zeros_behind_the_last_batch_are_no_torn_batch() {
        assert_eq!(torn_bytes(&[0; 9000], 512, Salt(1), None), Ok(0));
    }

    #[test]
    fn a_header_without_its_body_is_torn() {
        let (mut bytes, seal_offset) = record_and_seal(Salt(7));
        bytes[HEAD_BYTES..].fill(0);
        let judged = torn_bytes(&bytes, 0, Salt(7), Some(Fault::Record { seq: 1 }));
        assert!(judged.is_ok_and(|torn| (1..seal_offset).contains(&torn)));
    }

    #[test]
    fn bytes_further_on_than_the_largest_batch_are_of_a_later_one() {
        let mut bytes = vec![0; BATCH_BYTES_MAX + 4096];
        bytes[8] = 1;
        bytes[BATCH_BYTES_MAX - 1] = 1;
        let judge = |bytes: &[u8]| torn_bytes(bytes, 0, Salt(1), Some(Fault::BatchHeader));
        assert_eq!(judge(&bytes), Ok(BATCH_BYTES_MAX));
        bytes[BATCH_BYTES_MAX] = 1;
        let later_offset = BATCH_BYTES_MAX as u64;
        assert_eq!(judge(&bytes), Err(Fault::Followed { later_offset }));
    }

    #[test]
    fn a_whole_batch_in_the_wrong_place_is_never_torn() {
        let (bytes, _) = record_and_seal(Salt(7));
        for fault in [
            Fault::Chain,
            Fault::Sequence { found: 9 },
            Fault::BatchLength,
        ] {
            assert_eq!(
                torn_bytes(&bytes, 0, Salt(7), Some(fault.clone())),
                Err(fault)
            );
        }
    }
}
