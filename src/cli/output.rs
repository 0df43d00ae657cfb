//! Files that a command is asked to write: whether it can is tried before its work begins.

use std::fs;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
use std::io::{self, Write};
use std::path::Path;

/// Written to and removed, to see whether a folder takes files.
const PROBE: &str = ".switchboard-probe";

/// Nothing that is there is changed.
pub(super) fn try_file(option: &str, path: Option<&Path>) -> Result<(), Vec<String>> {
    path.map_or(Ok(()), |path| {
        probe(path).map_err(|error| fault(option, path, &error, "a file that can be written"))
    })
}

/// The folder is made if it is not there.
pub(super) fn try_folder(option: &str, path: Option<&Path>) -> Result<(), Vec<String>> {
    path.map_or(Ok(()), |path| {
        let made = fs::create_dir_all(path).and_then(|()| probe(&path.join(PROBE)));
        made.map_err(|error| fault(option, path, &error, "a folder that can be written to"))
    })
}

fn probe(path: &Path) -> io::Result<()> {
    match path.metadata() {
        // To open a pipe and close it again would tell its reader that this was all.
        Ok(found) if !found.is_file() && !found.is_dir() => return Ok(()),
        Ok(_) => return OpenOptions::new().append(true).open(path).map(drop),
        Err(_) => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)?;
    fs::remove_file(path)
}

fn fault(option: &str, path: &Path, error: &io::Error, allowed: &str) -> Vec<String> {
    let path = path.display();
    vec![format!("{option}: {path} ({error}), allowed: {allowed}")]
}

/// A file that is there stays as it was until the new one is whole, so that a full disk takes
/// nothing away; it is written in place only where no other can take its place.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let written = match path.metadata() {
        // A pipe or a terminal has nothing to lose.
        Ok(found) if !found.is_file() => fs::write(path, bytes),
        Ok(found) => path
            .canonicalize()
            .and_then(|path| replace(&path, bytes, Some(found.permissions())))
            .or_else(|error| {
                // A folder that takes no other file, or a file that is mounted where it is.
                if matches!(
                    error.kind(),
                    PermissionDenied | ResourceBusy | ReadOnlyFilesystem
                ) {
                    fs::write(path, bytes)
                } else {
                    Err(error)
                }
            }),
        Err(_) => replace(path, bytes, None),
    };
    written.map_err(|error| format!("{}: {error}", path.display()))
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let new = path.with_file_name(format!(".switchboard-{}", std::process::id()));
    // Of one who was ended in the midst of it.
    let _ = fs::remove_file(&new);
    let file = OpenOptions::new().write(true).create_new(true).open(&new)?;
    let written = fill(file, bytes, permissions).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // What is to be said is why the file was not written.
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
