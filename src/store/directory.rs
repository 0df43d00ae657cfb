//! Directories whose files are named by number, and making their entries durable.
//!
//! A file gets its final name only by [`publish`], so any file with a final name was once complete
//! and durable; a crash leaves at most a `.tmp` file.
//!
//! **Invariant:** nothing here looks into a file.

use std::collections::BTreeMap;
use std::fs;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The operating system refused a file operation.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}", path = .path.display())]
pub struct FileError {
    pub action: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    /// For `map_err`: describes the operation on `path`.
    pub(super) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// A directory that stays open and locked against other processes: changes to it can be made
/// durable even when this process cannot open further files.
///
/// The lock is on the directory itself (`flock`), which cannot be removed, and ends with the
/// process. A file in it is locked as well, because network file systems do not lock directories.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    handle: Arc<File>,
    _lock: Arc<File>,
}

/// The file locked besides the directory.
const LOCK_NAME: &str = "lock";

impl Folder {
    /// Creates `path` if it is missing; none if another process has locked it.
    pub(super) fn lock(path: &Path) -> Result<Option<Self>, FileError> {
        create(path)?;
        let handle = File::open(path).map_err(FileError::at("open", path))?;
        let name = path.join(LOCK_NAME);
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).mode(0o600);
        let lock = options.open(&name).map_err(FileError::at("open", &name))?;
        for (file, path) in [(&handle, path), (&lock, &name)] {
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(FileError::at("lock", path)(error)),
            }
        }
        check_entries(path)?;
        Ok(Some(Self {
            path: path.to_owned(),
            handle: Arc::new(handle),
            _lock: Arc::new(lock),
        }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Fails if the path no longer leads to this directory, because what is written here would not
    /// be found. Succeeds if that cannot be determined.
    pub(super) fn check_place(&self) -> Result<(), FileError> {
        let Some(found) = find(&self.path)? else {
            return Ok(());
        };
        let Ok(ours) = self.handle.metadata() else {
            return Ok(());
        };
        if (found.dev(), found.ino()) == (ours.dev(), ours.ino()) {
            return Ok(());
        }
        let other = io::Error::other("another directory has taken its place");
        Err(FileError::at("find", &self.path)(other))
    }

    /// Makes changes to the entries durable.
    pub(super) fn sync(&self) -> Result<(), FileError> {
        let synced = self.handle.sync_all();
        synced.map_err(FileError::at("sync", &self.path))
    }

    /// Removes the file at `path` in this directory, as [`remove`] does.
    pub(super) fn remove(&self, path: &Path) -> Result<(), FileError> {
        unlink(path)?;
        self.sync()
    }
}

/// Fails if files cannot be created in `dir` and removed from it, unless for lack of space, which
/// may come. It need not show otherwise: the files that are there may be writable.
fn check_entries(dir: &Path) -> Result<(), FileError> {
    let name = tmp_of(&dir.join(LOCK_NAME));
    let created = create_file(&name).map_err(|error| ("create files in", error.source));
    let removed = created
        .and_then(|_| fs::remove_file(&name).map_err(|source| ("remove files from", source)));
    match removed {
        Err((act, source)) if !is_of_space(source.kind()) => Err(FileError::at(act, dir)(source)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Errors that end once there is space, on the disk or within a quota or limit.
pub(super) fn is_of_space(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// What is at `path`: fails if there is nothing; none if that cannot be determined.
pub(super) fn find(path: &Path) -> Result<Option<Metadata>, FileError> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Err(FileError::at("find", path)(error))
        }
        Err(_) => Ok(None),
    }
}

/// The files of one kind in a directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) numbered: BTreeMap<u64, PathBuf>,
    /// Files that a crash left unpublished.
    pub(super) leftovers: Vec<PathBuf>,
    /// Files of this kind whose names are not numbers.
    pub(super) strange: Vec<PathBuf>,
}

/// The path of file `number` of this kind.
pub(super) fn path_of(dir: &Path, number: u64, extension: &str) -> PathBuf {
    dir.join(format!("{number:020}.{extension}"))
}

/// Lists the files of one kind.
pub(super) fn list(dir: &Path, extension: &str) -> Result<Listing, FileError> {
    let mut listing = Listing::default();
    let suffix = format!(".{extension}");
    let suffix_tmp = format!("{suffix}.tmp");
    for entry in fs::read_dir(dir).map_err(FileError::at("list", dir))? {
        let path = entry.map_err(FileError::at("list", dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(&suffix_tmp) {
            listing.leftovers.push(path);
        } else if let Some(stem) = name.strip_suffix(&suffix) {
            match stem.parse::<u64>() {
                Ok(number) if path == path_of(dir, number, extension) => {
                    listing.numbered.insert(number, path);
                }
                Ok(_) | Err(_) => listing.strange.push(path),
            }
        }
    }
    Ok(listing)
}

/// The temporary path of an unpublished file.
pub(super) fn tmp_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    name.into()
}

/// Creates a file that only the owner of the process can read; it holds customers' data.
pub(super) fn create_file(path: &Path) -> Result<File, FileError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(FileError::at("create", path))
}

/// Gives a complete and synced file its final name; [`sync_parent`] makes that durable.
pub(super) fn publish(tmp: &Path, path: &Path) -> Result<(), FileError> {
    fs::rename(tmp, path).map_err(FileError::at("rename", tmp))
}

/// Removes a file durably. If it is already gone, an earlier sync of the directory may have failed,
/// so the directory is synced in any case.
pub(super) fn remove(path: &Path) -> Result<(), FileError> {
    unlink(path)?;
    sync_parent(path)
}

fn unlink(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(FileError::at("remove", path)),
    }
}

/// Creates `dir` and its missing ancestors, each entry durable in its parent.
pub(super) fn create(dir: &Path) -> Result<(), FileError> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent().filter(|parent| *parent != Path::new("")) {
        create(parent)?;
    }
    // Private, like the files in it, which hold customers' data.
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.map_err(FileError::at("create", dir))?,
    }
    sync_parent(dir)
}

/// Makes changes to the entry of `path` durable.
pub(super) fn sync_parent(path: &Path) -> Result<(), FileError> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    };
    File::open(parent)
        .and_then(|dir| dir.sync_all())
        .map_err(FileError::at("sync", parent))
}
