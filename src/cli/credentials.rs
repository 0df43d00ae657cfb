//! Reads the key files that the configuration names, and builds the credentials that callers are
//! checked against.

use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::config::{AuthOptions, JwtKey, KeyFile, KeyRing};
use crate::gateway::auth::jwt::Jwts;
use crate::gateway::auth::keys::ApiKeys;
use crate::gateway::auth::{Credentials, jwt};

/// The largest key file, in bytes.
const KEY_BYTES_MAX: u64 = 64 * 1_024;

/// Reads the files that `auth` refers to, or returns a line for each fault.
pub(super) fn load(auth: &AuthOptions) -> Result<Credentials, Vec<String>> {
    match auth {
        AuthOptions::Dev => Ok(Credentials::Dev),
        AuthOptions::Keys(ring) => load_ring(ring),
    }
}

fn load_ring(ring: &KeyRing) -> Result<Credentials, Vec<String>> {
    let mut faults = Vec::new();
    let mut jwts = Vec::with_capacity(ring.jwt.len());
    for key in &ring.jwt {
        match jwt_key(key) {
            Ok(key) => jwts.push(key),
            Err(fault) => faults.push(format!("{}.{fault}", key.path)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Credentials::Keys {
        keys: ApiKeys::new(ring.api.clone()),
        jwts: Jwts::new(jwts),
    })
}

fn jwt_key(key: &JwtKey) -> Result<jwt::JwtKey, String> {
    let (member, file) = match &key.key {
        KeyFile::Secret(file) => ("secret_file", file),
        KeyFile::Public(file) => ("public_key_file", file),
    };
    let file_name = file.display();
    let material = read(file).map_err(|error| {
        let allowed = format!("a readable file of at most {KEY_BYTES_MAX} bytes");
        format!("{member}: {file_name} ({error}), allowed: {allowed}")
    })?;
    jwt::JwtKey::new(
        &key.kid,
        key.algorithm,
        &material,
        &key.issuer,
        &key.audience,
    )
    .map_err(|bad| format!("{member}: {file_name}, {bad}"))
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut material = Vec::new();
    // Opening a pipe would block until somebody writes to it.
    let at_once = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(at_once)
        .open(file)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut file = file.take(KEY_BYTES_MAX + 1);
    if file.read_to_end(&mut material)? as u64 > KEY_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(material)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_not_a_regular_file_is_refused_at_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let pipe = folder.path().join("key");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [&*pipe, folder.path()] {
            let refused = read(path).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "not a regular file",
                "{}",
                path.display()
            );
        }
        let key = folder.path().join("file");
        std::fs::write(&key, "secret").unwrap();
        assert_eq!(read(&key).unwrap(), b"secret");
    }
}
