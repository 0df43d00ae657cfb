//! Writes at the end of a file in whole blocks, bypassing the page cache where the file system
//! allows it.
//!
//! Such a write takes half the processor time of a cached one with its write-back, and leaves no
//! dirty pages that a later sync has to wait for. It must begin and end on a block boundary: the
//! block in which the last write ended is kept here, and its bytes are rewritten unchanged before
//! the next ones. A disk that tears that write between sectors leaves them as they were.
//!
//! **Invariant:** the bytes held here equal those in the file up to the end of the last write.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// No disk requires more.
pub(super) const BLOCK_BYTES: usize = 4096;
/// Larger writes are split into pieces of this size.
pub(super) const PIECE_BYTES: usize = 256 << 10;

/// The end of a file that is written block by block.
#[derive(Debug)]
pub(super) struct Blocks {
    /// One piece, starting at the first block-aligned address.
    memory: Vec<u8>,
    aligned: usize,
    /// The bytes of the last block already written; they start the piece.
    held: usize,
}

impl Blocks {
    /// The end of an empty file.
    pub(super) fn new() -> Self {
        let memory = vec![0; PIECE_BYTES + BLOCK_BYTES];
        let aligned = memory.as_ptr().align_offset(BLOCK_BYTES);
        Self {
            memory,
            aligned,
            held: 0,
        }
    }

    /// Continues at `end` of a file of whole blocks.
    pub(super) fn load(&mut self, file: &File, end: usize) -> io::Result<()> {
        self.held = end % BLOCK_BYTES;
        if self.held == 0 {
            return Ok(());
        }
        let block = &mut self.memory[self.aligned..][..BLOCK_BYTES];
        file.read_exact_at(block, (end - self.held) as u64)
    }

    /// Writes `bytes` at `end`, where the last write ended. The rest of the last block is filled
    /// with zeros.
    pub(super) fn write(&mut self, file: &File, end: usize, bytes: &[u8]) -> io::Result<()> {
        debug_assert_eq!(self.held, end % BLOCK_BYTES, "writes follow each other");
        let piece = &mut self.memory[self.aligned..][..PIECE_BYTES];
        let mut start = end - self.held;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PIECE_BYTES - self.held));
            let filled = self.held + now.len();
            let padded = filled.next_multiple_of(BLOCK_BYTES);
            piece[self.held..filled].copy_from_slice(now);
            piece[filled..padded].fill(0);
            file.write_all_at(&piece[..padded], start as u64)?;
            let whole = filled - filled % BLOCK_BYTES;
            piece.copy_within(whole..filled, 0);
            self.held = filled - whole;
            start += whole;
            rest = later;
        }
        Ok(())
    }
}

/// Opens a file for reading and writing in whole blocks.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let open = |flags: OFlags| {
        let flags = i32::try_from(flags.bits()).expect("a flag is one of 31 bits");
        OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags)
            .open(path)
    };
    match open(OFlags::DIRECT) {
        // Some file systems only do cached writes; whole blocks do no harm there.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error()) => {
            open(OFlags::empty())
        }
        opened => opened,
    }
}
