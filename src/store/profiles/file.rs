//! The file of the embedded store, which repairs itself: after a disk error redb refuses everything
//! until the file is closed and reopened, which a separate thread does. It does the same when redb
//! finds a corrupt page, on some of which it panics: that caller gets an error, and all others
//! continue with a reopened file.
//!
//! While the file is faulty, writes are refused immediately and reads work if it can be opened. It
//! has recovered once a test write of this thread is on disk. A file that was removed or replaced is
//! faulty too: what is written to it would not be found after a restart. As long as there is no
//! other one in its place it is read on, because it may be the last copy.
//!
//! **Invariant:** readers and writers hold [`ProfileFile::database`] meanwhile, so that it is not
//! closed while in use.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::Duration;

use redb::{Database, TableDefinition};
use rustix::process::geteuid;

use crate::store::directory;
use crate::store::profiles::embedded::{EVENTS, HISTORY, POINTERS, PROFILES};
use crate::store::profiles::fault::StoreFault;
use crate::task;

/// Between two attempts to recover.
const HEAL_EVERY: Duration = Duration::from_secs(1);

/// A test write, as large as a large profile.
const PROOF: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("proof");
const PROOF_BYTES: usize = 16 << 10;

/// The permissions of the file, private to the owner of the process.
const OWNER_ALONE: u32 = 0o600;
const OTHERS: u32 = 0o077;

struct ProfileFile {
    path: PathBuf,
    /// None while it is being reopened.
    database: RwLock<Option<Opened>>,
    /// The disk failed, and no write has succeeded since.
    ails: AtomicBool,
}

struct Opened {
    database: Database,
    /// The device and number of the file, which its path should still lead to.
    place: (u64, u64),
}

/// A handle to the file. The recovery thread ends with the last one.
#[derive(Clone)]
pub(super) struct Access {
    file: Arc<ProfileFile>,
    alarm: SyncSender<()>,
}

impl Access {
    /// Opens the file `name` in `folder`; creates both if they are missing.
    pub(super) fn open(folder: &Path, name: &str) -> Result<Self, StoreFault> {
        let path = folder.join(name);
        let database = caught(|| create(folder, &path)).flatten();
        let at_path = |error| {
            let path = path.display();
            if matches!(error, redb::Error::DatabaseAlreadyOpen) {
                let remedy = "if that is a server, stop it first";
                return failed(format_args!(
                    "{path} is in use by another process; {remedy}"
                ));
            }
            failed(format_args!("{path}: {error}"))
        };
        let database = database.map_err(at_path)?;
        let file = Arc::new(ProfileFile {
            path,
            database: RwLock::new(Some(database)),
            ails: AtomicBool::new(false),
        });
        let (alarm, alarms) = sync_channel(1);
        let healed = Arc::clone(&file);
        task::thread("customers, heal", move || healed.heal(&alarms)).map_err(failed)?;
        Ok(Self { file, alarm })
    }

    pub(super) fn is_well(&self) -> bool {
        !self.file.ails.load(Ordering::Relaxed)
    }

    /// Does `work`, which writes, unless the file is faulty.
    pub(super) fn write(
        &self,
        work: impl FnOnce(&Database) -> Result<(), redb::Error>,
    ) -> Result<(), StoreFault> {
        if !self.is_well() {
            return Err(StoreFault::Unreachable);
        }
        self.with(|opened| {
            opened.check_place(&self.file.path)?;
            work(&opened.database)
        })
    }

    /// Does `work` with the file, and triggers recovery if it is needed afterwards.
    pub(super) fn read(
        &self,
        work: impl FnOnce(&Database) -> Result<(), redb::Error>,
    ) -> Result<(), StoreFault> {
        self.with(|opened| work(&opened.database))
    }

    fn with(
        &self,
        work: impl FnOnce(&Opened) -> Result<(), redb::Error>,
    ) -> Result<(), StoreFault> {
        let database = self.file.shared();
        let database = database.as_ref().ok_or(StoreFault::Unreachable)?;
        caught(|| work(database)).flatten().map_err(|error| {
            if is_of_the_file(&error) {
                self.file.falls_ill(&error);
                // A pending alarm is enough.
                let _ = self.alarm.try_send(());
            }
            fault(&error)
        })
    }
}

impl Opened {
    fn at(path: &Path, database: Database) -> Result<Self, redb::Error> {
        let place = place(path)?;
        Ok(Self { database, place })
    }

    fn check_place(&self, path: &Path) -> Result<(), redb::Error> {
        if place(path)? == self.place {
            return Ok(());
        }
        Err(io::Error::other("another file has taken its place").into())
    }
}

fn place(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

impl ProfileFile {
    fn shared(&self) -> RwLockReadGuard<'_, Option<Opened>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn alone(&self) -> RwLockWriteGuard<'_, Option<Opened>> {
        let database = self.database.write();
        database.unwrap_or_else(PoisonError::into_inner)
    }

    fn falls_ill(&self, error: &redb::Error) {
        if !self.ails.swap(true, Ordering::Relaxed) {
            let path = self.path.display();
            tracing::error!(
                %error, %path,
                "the customer store rejects writes; its file is reopened until it recovers"
            );
        }
    }

    /// Waits for alarms and recovers at each; ends when all senders are gone.
    fn heal(&self, alarms: &Receiver<()>) {
        while alarms.recv().is_ok() {
            loop {
                self.reopen(alarms);
                thread::sleep(HEAL_EVERY);
                match alarms.try_recv() {
                    Ok(()) => {}
                    Err(TryRecvError::Disconnected) => return,
                    Err(TryRecvError::Empty) if self.proves_well() => break,
                    Err(TryRecvError::Empty) => {}
                }
            }
            self.ails.store(false, Ordering::Relaxed);
            tracing::info!("the customer store accepts writes again");
        }
    }

    /// Closes the file and reopens it; not while it is missing.
    fn reopen(&self, alarms: &Receiver<()>) {
        if let Err(error) = place(&self.path) {
            tracing::debug!(%error, "the customer file is not in its place");
            return;
        }
        let mut database = self.alone();
        let closed = caught(|| drop(database.take()));
        // Raised by users of the closed file.
        while alarms.try_recv().is_ok() {}
        drop(database);
        // A file that is missing now must not be recreated empty.
        let open = || Opened::at(&self.path, Database::open(&self.path)?);
        match closed.and_then(|()| caught(open).flatten()) {
            Ok(opened) => *self.alone() = Some(opened),
            Err(error) => tracing::debug!(%error, "cannot open the customer file"),
        }
    }

    fn proves_well(&self) -> bool {
        let database = self.shared();
        let Some(database) = database.as_ref() else {
            return false;
        };
        let proof = caught(|| {
            database.check_place(&self.path)?;
            prove(&database.database)
        });
        let proof = proof.flatten();
        if let Err(error) = &proof {
            tracing::debug!(%error, "the customer file does not accept writes yet");
        }
        proof.is_ok()
    }
}

fn create(folder: &Path, path: &Path) -> Result<Opened, redb::Error> {
    directory::create(folder).map_err(|error| error.source)?;
    let is_new = fs::metadata(path).map_or(true, |found| found.len() == 0);
    keep_private(path)?;
    let database = Database::create(path)?;
    lay_out(&database)?;
    // A new file's name is durable only once its folder is synced.
    File::open(folder)?.sync_all()?;
    if is_new {
        let path = path.display();
        tracing::info!(%path, "a new, empty customer file was made");
    }
    Opened::at(path, database)
}

/// Customer data is readable only for the owner of the process, whatever the permissions were.
fn keep_private(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ALONE)
        .open(path)?;
    let found = file.metadata()?;
    let is_ours = found.uid() == geteuid().as_raw();
    if is_ours
        && found.mode() & OTHERS != 0
        && let Err(error) = file.set_permissions(Permissions::from_mode(OWNER_ALONE))
    {
        let path = path.display();
        tracing::warn!(%error, %path, "the customer file is readable for other users");
    }
    Ok(())
}

fn lay_out(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(PROFILES)?;
    transaction.open_table(POINTERS)?;
    transaction.open_table(HISTORY)?;
    transaction.open_table(EVENTS)?;
    transaction.commit()?;
    Ok(())
}

fn prove(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    let proof = vec![1; PROOF_BYTES];
    transaction.open_table(PROOF)?.insert("", &*proof)?;
    transaction.commit()?;
    Ok(())
}

/// Does `work`; a panic in redb means a page that redb did not write.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, redb::Error> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let words = payload.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| payload.downcast_ref::<&str>().copied());
        let words = words.unwrap_or("a panic");
        tracing::error!(panic = words, "the customer file cannot be used");
        redb::Error::Corrupted(words.to_owned())
    })
}

/// Redb cannot continue after this, or not with what it holds in memory.
fn is_of_the_file(error: &redb::Error) -> bool {
    matches!(
        error,
        redb::Error::Io(_)
            | redb::Error::PreviousIo
            | redb::Error::Corrupted(_)
            | redb::Error::LockPoisoned(_)
    )
}

/// The fault reported to callers delayed by `error`: the file may soon recover.
pub(super) fn fault(error: &redb::Error) -> StoreFault {
    if is_of_the_file(error) {
        return StoreFault::Unreachable;
    }
    failed(error)
}

/// The fault reported to the caller who met `error`: the page will still be corrupt next time.
pub(super) fn own_fault(error: &redb::Error) -> StoreFault {
    if let redb::Error::Corrupted(_) = error {
        return StoreFault::Corrupt("a page of its file".to_owned());
    }
    fault(error)
}

pub(super) fn failed(error: impl std::fmt::Display) -> StoreFault {
    StoreFault::Failed(error.to_string())
}
