//! A small log in a temporary directory, and ways to open, copy and damage it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use switchboard::store::journal;
use switchboard::store::journal::{
    AppendError, Damage, Fault, Journal, JournalOptions, OpenError, ReadError, RecordBatch,
    Recovered,
};
use tempfile::TempDir;

/// The smallest possible segment, so that logs roll over early.
pub(crate) const SEGMENT_BYTES: usize = 4096;
pub(crate) const HEADER_BYTES: usize = 512;

pub(crate) type Records = Vec<(u64, Vec<u8>)>;

#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) journal: Journal,
    pub(crate) recovered: Recovered,
    pub(crate) records: Records,
}

/// In memory if possible: thousands of logs are opened, and no test cuts the power.
pub(crate) fn temp_dir() -> TempDir {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() {
        tempfile::tempdir_in(shm).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

pub(crate) fn options() -> JournalOptions {
    JournalOptions::new("north", SEGMENT_BYTES).unwrap()
}

pub(crate) fn open(dir: &Path) -> Result<Opened, OpenError> {
    open_with(dir, &options(), 1)
}

/// Waits a little for the lock: a child process started by another test holds this process's files
/// until it executes its program.
pub(crate) fn open_with(
    dir: &Path,
    options: &JournalOptions,
    from_seq: u64,
) -> Result<Opened, OpenError> {
    for _ in 0..200 {
        match open_at_once(dir, options, from_seq) {
            Err(OpenError::Locked { .. }) => thread::sleep(Duration::from_millis(5)),
            outcome => return outcome,
        }
    }
    open_at_once(dir, options, from_seq)
}

pub(crate) fn open_at_once(
    dir: &Path,
    options: &JournalOptions,
    from_seq: u64,
) -> Result<Opened, OpenError> {
    let mut records = Vec::new();
    let mut keep = |seq, record: &[u8]| {
        records.push((seq, record.to_vec()));
        Ok(())
    };
    let (journal, recovered) = Journal::open(dir, options, from_seq, &mut keep, &mut |_| {})?;
    Ok(Opened {
        journal,
        recovered,
        records,
    })
}

pub(crate) fn batch_of(records: &[Vec<u8>]) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for record in records {
        batch.push(record);
    }
    batch
}

/// Whether the process must end because nothing can be guaranteed any more.
pub(crate) fn is_fatal(error: &AppendError) -> bool {
    match error {
        AppendError::Failed(_) | AppendError::Stopped { .. } => true,
        AppendError::TooLarge { .. } | AppendError::NoSegment { .. } => false,
    }
}

/// A record that contains its number and has `length` bytes, none of them zero.
pub(crate) fn record(seq: u64, length: usize) -> Vec<u8> {
    let text = format!("record {seq} ").into_bytes();
    text.into_iter().cycle().take(length).collect()
}

/// Appends one batch per length, of one record each.
pub(crate) fn append_each(journal: &mut Journal, lengths: &[usize]) {
    for length in lengths {
        let seq = journal.last_seq() + 1;
        let mut batch = batch_of(&[record(seq, *length)]);
        assert_eq!(journal.append(&mut batch).unwrap(), seq);
    }
}

/// A closed log of one batch per length.
pub(crate) fn log_of(lengths: &[usize]) -> TempDir {
    let dir = temp_dir();
    append_each(&mut open(dir.path()).unwrap().journal, lengths);
    dir
}

pub(crate) fn records_of(lengths: &[usize]) -> Records {
    (1..)
        .zip(lengths)
        .map(|(seq, length)| (seq, record(seq, *length)))
        .collect()
}

/// How many bytes a batch of one record takes.
pub(crate) fn batch_bytes(length: usize) -> usize {
    batch_of(&[record(1, length)]).bytes()
}

pub(crate) fn segment(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}.segment"))
}

pub(crate) fn copy_of(dir: &Path) -> TempDir {
    let copy = temp_dir();
    copy_into(dir, copy.path());
    copy
}

pub(crate) fn copy_into(dir: &Path, copy: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
}

/// Changes a file in place.
pub(crate) fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// What another process sees of the log.
pub(crate) fn read_all(dir: &Path) -> Result<usize, ReadError> {
    let mut seqs = Vec::new();
    journal::read_all(dir, "north", 1, &mut |seq, _| {
        seqs.push(seq);
        Ok(())
    })?;
    assert!(seqs.iter().copied().eq((1..).take(seqs.len())));
    Ok(seqs.len())
}

/// Another process sees and refuses the same as a start.
pub(crate) fn assert_read_alike(read: Result<usize, ReadError>, opened: Result<usize, &OpenError>) {
    match (&read, &opened) {
        (Ok(read), Ok(opened)) => assert_eq!(read, opened),
        (Err(_), Err(_)) => {}
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => panic!("read: {read:?}, opened: {opened:?}"),
    }
}

/// The damage for which a log was refused, also by a concurrent reader.
pub(crate) fn damage_in(dir: &Path) -> Damage {
    let read = read_all(dir);
    let opened = open(dir);
    assert_read_alike(read, opened.as_ref().map(|opened| opened.records.len()));
    damage_of(opened.unwrap_err())
}

pub(crate) fn damage_of(error: OpenError) -> Damage {
    match error {
        OpenError::Read(ReadError::Damaged(damage)) => *damage,
        OpenError::Read(_) | OpenError::File(_) | OpenError::Locked { .. } => {
            panic!("refused for another reason: {error}")
        }
    }
}

/// Expects that the log is refused and that the refusal names `file` and the fault.
pub(crate) fn assert_refused(dir: &Path, file: &Path, fault: &Fault) {
    let damage = damage_in(dir);
    assert_eq!((damage.path.as_path(), &damage.fault), (file, fault));
    assert!(damage.to_string().contains(file.to_str().unwrap()));
}
