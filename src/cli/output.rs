//! Files that a command is asked to write: whether it can is tried before its work begins.

use std::fs;
use std::fs::OpenOptions;
use std::io;
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

pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
