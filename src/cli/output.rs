//! Output files: whether they can be written is tested before the work begins.

use std::fs;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Created and removed to test whether a folder is writable.
const PROBE: &str = ".switchboard-probe";

/// The most links followed in a row; the kernel has the same limit.
const LINKS_MAX: usize = 40;

/// Tests whether the file can be written, without changing an existing one.
pub(super) fn try_file(option: &str, path: Option<&Path>) -> Result<(), Vec<String>> {
    path.map_or(Ok(()), |path| {
        probe(path).map_err(|error| fault(option, path, &error, "a file that can be written"))
    })
}

/// Tests whether the folder can be written to; creates it if it is missing.
pub(super) fn try_folder(option: &str, path: Option<&Path>) -> Result<(), Vec<String>> {
    path.map_or(Ok(()), |path| {
        let made = fs::create_dir_all(path).and_then(|()| probe(&path.join(PROBE)));
        made.map_err(|error| fault(option, path, &error, "a folder that can be written to"))
    })
}

fn probe(path: &Path) -> io::Result<()> {
    match path.metadata() {
        // Opening and closing a pipe would signal end of file to its reader.
        Ok(found) if !found.is_file() && !found.is_dir() => return Ok(()),
        Ok(_) => return OpenOptions::new().append(true).open(path).map(drop),
        Err(_) => {}
    }
    let path = followed(path);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(path)
}

/// The target of a link to a file that does not exist yet; any other path as it is.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = fs::read_link(&path) else {
            break;
        };
        // A relative one starts at the folder of the link.
        path = path.with_file_name("").join(target);
    }
    path
}

fn fault(option: &str, path: &Path, error: &io::Error, allowed: &str) -> Vec<String> {
    let path = path.display();
    vec![format!("{option}: {path} ({error}), allowed: {allowed}")]
}

/// Replaces an existing file only when the new one is complete, so a full disk destroys nothing;
/// writes in place only where the file cannot be replaced.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let written = match path.metadata() {
        // A pipe or a terminal has no content to preserve.
        Ok(found) if !found.is_file() => fs::write(path, bytes),
        Ok(found) => path
            .canonicalize()
            .and_then(|path| replace(&path, bytes, Some(found.permissions())))
            .or_else(|error| {
                // The folder is not writable, or the file is a mount point.
                if matches!(
                    error.kind(),
                    PermissionDenied | ResourceBusy | ReadOnlyFilesystem
                ) {
                    fs::write(path, bytes)
                } else {
                    Err(error)
                }
            }),
        Err(_) => replace(&followed(path), bytes, None),
    };
    written.map_err(|error| format!("{}: {error}", path.display()))
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let new = path.with_file_name(format!(".switchboard-{}", std::process::id()));
    // Left by a process with this id that was killed while writing.
    let _ = fs::remove_file(&new);
    let file = OpenOptions::new().write(true).create_new(true).open(&new)?;
    let written = fill(file, bytes, permissions).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // The error to report is the one from writing.
        let _ = fs::remove_file(&new);
    }
    written
}

fn fill(mut file: File, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}
