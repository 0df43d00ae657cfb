//! One segment file: a header in its own sector, then room for batches.
//!
//! ```text
//! magic 8 | version 4 | crc 4 | number 8 | segment_bytes 8 | salt 8 | site length 8 | site 64 | zeros to 512
//! ```
//!
//! A segment is allocated, filled with zeros and synced before it gets its name, so no later write
//! needs new space or changes a length, and one `fdatasync` writes only data. The header never
//! changes.
//!
//! **Invariant:** nothing here interprets what follows the header.

use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::FallocateFlags;
use rustix::rand::GetRandomFlags;

use super::batch::Salt;
use super::blocks::{Blocks, PIECE_BYTES};
use super::error::{Damage, Fault, ReadError};
use super::{JournalOptions, blocks};
use crate::store::directory;
use crate::store::directory::{FileError, Folder};
use crate::store::field::{array_at, u32_at, u64_at};

pub(super) const EXTENSION: &str = "segment";
pub(super) const HEADER_BYTES: usize = 512;
pub(super) const SITE_BYTES_MAX: usize = 64;
const MAGIC: [u8; 8] = *b"SWBSEGMT";
const VERSION: u32 = 2;
/// The pause after each write while a segment is made in advance, so that concurrent commits find
/// the disk free.
const PAUSE: Duration = Duration::from_millis(2);

/// A segment that can be written, in whole blocks.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) number: u64,
    pub(super) bytes: usize,
    pub(super) salt: Salt,
}

/// How fast a segment is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// A caller is waiting for it.
    AtOnce,
    /// Made in advance.
    Ahead,
}

/// Why a segment was not made.
#[derive(Debug)]
pub(super) enum MakeError {
    /// The attempt has been undone.
    Refused(FileError),
    /// The segment has its name, but perhaps not durably: a failed sync of a directory cannot be
    /// repaired by another one.
    Unknown(FileError),
}

impl From<MakeError> for FileError {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Refused(error) | MakeError::Unknown(error) => error,
        }
    }
}

impl Segment {
    /// Creates an empty segment durably.
    pub(super) fn make(
        folder: &Folder,
        options: &JournalOptions,
        number: u64,
        pace: Pace,
    ) -> Result<Self, MakeError> {
        let path = directory::path_of(folder.path(), number, EXTENSION);
        let tmp = directory::tmp_of(&path);
        let salt = Salt(random_u64());
        let header = encode_header(options, number, salt);
        let made = fill(&tmp, &header, options.segment_bytes, pace)
            .and_then(|file| directory::publish(&tmp, &path).map(|()| file));
        let file = made.map_err(|error| {
            // A full disk needs the space back; if this fails too, the next start removes the file.
            let _ = fs::remove_file(&tmp);
            MakeError::Refused(error)
        })?;
        folder.sync().map_err(MakeError::Unknown)?;
        Ok(Self {
            file,
            path,
            number,
            bytes: options.segment_bytes,
            salt,
        })
    }

    /// Opens a segment whose bytes have been read and accepted.
    pub(super) fn open(image: &Image) -> Result<Self, FileError> {
        let file = blocks::open(&image.path).map_err(FileError::at("open", &image.path))?;
        Ok(Self {
            file,
            path: image.path.clone(),
            number: image.number,
            bytes: image.bytes,
            salt: image.salt,
        })
    }
}

fn fill(tmp: &Path, header: &[u8], segment_bytes: usize, pace: Pace) -> Result<File, FileError> {
    directory::create_file(tmp)?;
    let file = blocks::open(tmp).map_err(FileError::at("open", tmp))?;
    // Reserves all the space first, so that a full disk is detected before any writing.
    match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, segment_bytes as u64) {
        // Then the zeros must reserve it, as reliably but later.
        Err(rustix::io::Errno::OPNOTSUPP) => {}
        outcome => {
            outcome.map_err(|errno| FileError::at("allocate", tmp)(errno.into()))?;
        }
    }
    let mut first = vec![0; PIECE_BYTES.min(segment_bytes)];
    first[..header.len()].copy_from_slice(header);
    let zeros = vec![0; PIECE_BYTES];
    let mut blocks = Blocks::new();
    let mut part = first.as_slice();
    let mut offset = 0;
    while offset < segment_bytes {
        blocks
            .write(&file, offset, part)
            .map_err(FileError::at("fill", tmp))?;
        if pace == Pace::Ahead {
            thread::sleep(PAUSE);
        }
        offset += part.len();
        part = &zeros[..zeros.len().min(segment_bytes - offset)];
    }
    file.sync_all().map_err(FileError::at("fill", tmp))?;
    Ok(file)
}

fn random_u64() -> u64 {
    let mut bytes = [0; 8];
    rustix::rand::getrandom(&mut bytes, GetRandomFlags::empty())
        .expect("Linux gives up to 256 random bytes without fail");
    u64::from_le_bytes(bytes)
}

fn encode_header(options: &JournalOptions, number: u64, salt: Salt) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let site = options.site.as_bytes();
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[16..24].copy_from_slice(&number.to_le_bytes());
    header[24..32].copy_from_slice(&(options.segment_bytes as u64).to_le_bytes());
    header[32..40].copy_from_slice(&salt.0.to_le_bytes());
    header[40..48].copy_from_slice(&(site.len() as u64).to_le_bytes());
    header[48..48 + site.len()].copy_from_slice(site);
    let crc = header_crc(&header);
    header[12..16].copy_from_slice(&crc.to_le_bytes());
    header
}

fn header_crc(header: &[u8; HEADER_BYTES]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&header[..12]), &header[16..])
}

/// A segment whose bytes have been read.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) path: PathBuf,
    pub(super) number: u64,
    pub(super) bytes: usize,
    pub(super) salt: Salt,
}

impl Image {
    /// Reads a whole segment into `buffer`.
    pub(super) fn read(
        path: &Path,
        number: u64,
        options: &JournalOptions,
        buffer: &mut Vec<u8>,
    ) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(FileError::at("open", path))?;
        let image = Self::peek(&file, path, number, options)?;
        buffer.resize(image.bytes, 0);
        file.read_exact_at(buffer, 0)
            .map_err(FileError::at("read", path))?;
        Ok(image)
    }

    /// Reads and checks only the header.
    pub(super) fn peek(
        file: &File,
        path: &Path,
        number: u64,
        options: &JournalOptions,
    ) -> Result<Self, ReadError> {
        let length = file.metadata().map_err(FileError::at("read", path))?.len();
        let mut header = [0; HEADER_BYTES];
        match file.read_exact_at(&mut header, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(wrong_length(path, length, HEADER_BYTES as u64));
            }
            read => read.map_err(FileError::at("read", path))?,
        }
        check_header(&header, number, options).map_err(|fault| damage(path, fault))?;
        let declared = u64_at(&header, 24);
        // No crash does that to a file that had its length before it got its name: it was
        // truncated, and acknowledged batches may be lost with its end.
        if length != declared {
            return Err(wrong_length(path, length, declared));
        }
        let in_memory = |bytes| usize::try_from(bytes).expect("an address has 64 bits");
        Ok(Self {
            path: path.to_owned(),
            number,
            bytes: in_memory(declared),
            salt: Salt(u64_at(&header, 32)),
        })
    }
}

fn wrong_length(path: &Path, found: u64, expected: u64) -> ReadError {
    damage(path, Fault::Length { found, expected })
}

fn damage(path: &Path, fault: Fault) -> ReadError {
    Damage {
        path: path.to_owned(),
        offset: 0,
        seq: 0,
        fault,
    }
    .into()
}

/// The site of the segment at `path`.
pub(super) fn site_of(path: &Path, number: u64) -> Result<String, ReadError> {
    let file = File::open(path).map_err(FileError::at("open", path))?;
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(&mut header, 0)
        .map_err(FileError::at("read", path))?;
    let fault = check_integrity(&header, number).err();
    match (fault, site_in(&header)) {
        (None, Some(site)) => Ok(String::from_utf8_lossy(&site).into_owned()),
        (fault, _) => Err(damage(path, fault.unwrap_or(Fault::SegmentHeader))),
    }
}

fn site_in(header: &[u8; HEADER_BYTES]) -> Option<Vec<u8>> {
    let site: [u8; SITE_BYTES_MAX] = array_at(header, 48);
    let length = usize::try_from(u64_at(header, 40)).ok()?;
    site.get(..length).map(<[u8]>::to_vec)
}

fn check_header(
    header: &[u8; HEADER_BYTES],
    number: u64,
    options: &JournalOptions,
) -> Result<(), Fault> {
    check_integrity(header, number)?;
    let site = site_in(header).ok_or(Fault::SegmentHeader)?;
    if site != options.site.as_bytes() {
        return Err(Fault::Site {
            found: String::from_utf8_lossy(&site).into_owned(),
        });
    }
    Ok(())
}

fn check_integrity(header: &[u8; HEADER_BYTES], number: u64) -> Result<(), Fault> {
    if !header.starts_with(&MAGIC) {
        return Err(Fault::NotASegment);
    }
    // Before the checksum, whose position may differ in another version.
    let version = u32_at(header, 8);
    if version != VERSION {
        return Err(Fault::Version {
            found: version,
            expected: VERSION,
        });
    }
    if u32_at(header, 12) != header_crc(header) {
        return Err(Fault::SegmentHeader);
    }
    let found = u64_at(header, 16);
    if found != number {
        return Err(Fault::Number { found });
    }
    Ok(())
}
