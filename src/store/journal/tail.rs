//! Tells the torn end of a log from damage to what had been acknowledged.
//!
//! At most one batch is in flight: the next is written only after the one before is
//! synced. So whatever was written after a batch proves that the batch was durable, and
//! a bad batch is torn only if nothing of a later one can be found: no header that
//! matches, no byte behind its end, and, where its own header is lost too, no byte
//! further on than the largest batch reaches.
//!
//! What stays ambiguous: the last batch alone. If it is bad, it was either torn, and
//! nobody was told that it is safe, or it was acknowledged and rotted later. A seal
//! written in a quiet moment takes that doubt from every batch before the seal. The
//! loss of the whole end of a log, as by restoring an old copy, cannot be seen from
//! inside either; only something that remembers how far the log went can tell.
//!
//! **Invariant:** nothing here changes a byte.

use super::batch::ALIGN_BYTES;
use super::batch::BATCH_BYTES_MAX;
use super::batch::HEAD_BYTES;
use super::batch::Head;
use super::batch::Salt;
use super::check::is_blank;
use super::error::Fault;

const PAGE_BYTES: usize = 4096;

/// How many bytes from `offset` on, the end of the last good batch, are a torn one.
///
/// `fault` is what was found there; without one, only zeros begin there.
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
    let torn = &bytes[offset..offset + extent];
    if let Some(later) = later_head(torn, salt) {
        return Err(Fault::Followed {
            later_offset: (offset + later) as u64,
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

/// Up to and with the last byte that is not zero.
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

fn later_head(bytes: &[u8], salt: Salt) -> Option<usize> {
    (ALIGN_BYTES..bytes.len())
        .step_by(ALIGN_BYTES)
        .find(|at| Head::read(&bytes[*at..], salt).is_some())
}
