//! Where the demonstration keeps its journal and its customers.

use std::env;
use std::fs;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::rand::{GetRandomFlags, getrandom};

/// The data folder; a temporary one is removed on drop.
pub(super) enum Folder {
    Given(PathBuf),
    Temporary(PathBuf),
}

impl Folder {
    /// `given`, or a new one that only this user can read.
    pub(super) fn open(given: Option<PathBuf>) -> io::Result<Self> {
        if let Some(path) = given {
            return Ok(Self::Given(path));
        }
        let mut chance = [0; 8];
        getrandom(&mut chance, GetRandomFlags::empty())?;
        let name = format!("switchboard-demo-{:016x}", u64::from_ne_bytes(chance));
        let path = env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self::Temporary(path))
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Given(path) | Self::Temporary(path) => path,
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Self::Temporary(path) = self
            && let Err(error) = fs::remove_dir_all(&*path)
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove the files of the run");
        }
    }
}
