//! Directories whose files are named by number, and making their entries last.
//!
//! A file becomes visible under its own name only by [`publish`], so whatever bears
//! a final name was complete and durable once; a crash leaves at most a `.tmp` file.
//!
//! **Invariant:** nothing here looks into a file.

use std::collections::BTreeMap;
use std::fs;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The operating system refused to do something with a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}", path = .path.display())]
pub struct FileError {
    pub action: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    /// For `map_err`: says what was being done to `path`.
    pub(super) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// A directory that stays open, and that no other process may lock meanwhile: what happened in
/// it can be made to last even when this process may open nothing more.
///
/// The lock is on the directory itself (`flock`), which nobody can remove, and it ends with the
/// process. A file in it is locked as well: network file systems lock no directories, and servers
/// of before locked the file alone.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    handle: Arc<File>,
    _lock: Arc<File>,
}

/// What is locked beside the directory.
const LOCK_NAME: &str = "lock";

impl Folder {
    /// Makes `path` if it is not there; none if somebody else has locked it.
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
        Ok(Some(Self {
            path: path.to_owned(),
            handle: Arc::new(handle),
            _lock: Arc::new(lock),
        }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Fails if its path leads here no more: whatever is written here then, nobody would find.
    /// Where that cannot be known it counts as well.
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

    /// Makes what happened to the entries last.
    pub(super) fn sync(&self) -> Result<(), FileError> {
        let synced = self.handle.sync_all();
        synced.map_err(FileError::at("sync", &self.path))
    }

    /// Removes the file at `path`, which is in here, as [`remove`] does.
    pub(super) fn remove(&self, path: &Path) -> Result<(), FileError> {
        unlink(path)?;
        self.sync()
    }
}

/// What is at `path`: fails if there is nothing, and none if that cannot be known.
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

/// What a directory holds of one kind of file.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) numbered: BTreeMap<u64, PathBuf>,
    /// Files that a crash left unpublished.
    pub(super) leftovers: Vec<PathBuf>,
    /// Files of this kind whose names are no numbers.
    pub(super) strange: Vec<PathBuf>,
}

/// Where file `number` of this kind lives.
pub(super) fn path_of(dir: &Path, number: u64, extension: &str) -> PathBuf {
    dir.join(format!("{number:020}.{extension}"))
}

/// Lists the files of one kind; files of other kinds are left out.
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

/// The unpublished twin of `path`.
pub(super) fn tmp_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    name.into()
}

/// Opens a new file that only the owner of the process may read; it holds customers' data.
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

/// Gives a complete and synced file its final name; [`sync_parent`] makes that last.
pub(super) fn publish(tmp: &Path, path: &Path) -> Result<(), FileError> {
    fs::rename(tmp, path).map_err(FileError::at("rename", tmp))
}

/// Removes a file, durably. One that is gone already may have gone without that: a sync of
/// the directory has failed before, and is made up for here.
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

/// Makes `dir` and what is missing above it, each entry durable in its parent.
pub(super) fn create(dir: &Path) -> Result<(), FileError> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent().filter(|parent| *parent != Path::new("")) {
        create(parent)?;
    }
    // As the files in it, which hold customers' data.
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.map_err(FileError::at("create", dir))?,
    }
    sync_parent(dir)
}

/// Makes what happened to the entry of `path` last.
pub(super) fn sync_parent(path: &Path) -> Result<(), FileError> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    };
    File::open(parent)
        .and_then(|dir| dir.sync_all())
        .map_err(FileError::at("sync", parent))
}
