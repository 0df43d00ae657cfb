//! Limits of the system on a server, and resources that a server locks.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread::sleep;

use crate::server::{CENTRE, LOOK, LOOKS_MAX, Server, by_shell, folder_with};

#[test]
fn a_log_that_cannot_be_written_does_not_stop_the_server() {
    let folder = folder_with(CENTRE);
    let full = Server::start_by(folder.path(), "exec \"$@\" 2>/dev/full");
    assert_serves_and_ends(full);
    let mut unread = Server::start_as(&mut by_shell(folder.path(), "exec \"$@\""));
    drop(unread.child.stderr.take());
    assert_serves_and_ends(unread);
}

/// The reason for the stop is logged.
fn assert_serves_and_ends(mut server: Server) {
    assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn idle_connections_take_no_file_that_the_journal_needs() {
    let folder = folder_with(CENTRE);
    let mut server = Server::start_by(folder.path(), "ulimit -n 64; exec \"$@\"");
    let connect = |_| TcpStream::connect(&server.address).unwrap();
    let idle: Vec<_> = (0..120).map(connect).collect();
    // The successor of the first segment is created meanwhile.
    let successor = folder.path().join("data/00000000000000000002.segment");
    for _ in 0..LOOKS_MAX {
        if successor.exists() {
            break;
        }
        sleep(LOOK);
    }
    assert!(successor.exists());
    assert_eq!(server.child.try_wait().unwrap(), None);
    drop(idle);
    let posted = || {
        server.ask(
            "POST",
            "/v1/contacts",
            "dev-adapter",
            r#"{"channel":"app"}"#,
        )
    };
    let taken = (0..LOOKS_MAX).any(|_| {
        sleep(LOOK);
        posted().0 == 201
    });
    assert!(taken, "{:?}", posted());
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_server_whose_data_directory_is_moved_away_ends() {
    let folder = folder_with(CENTRE);
    let mut server = Server::start_by(folder.path(), "exec \"$@\" 2>log");
    let data = folder.path().join("data");
    fs::rename(&data, folder.path().join("elsewhere")).unwrap();
    assert_eq!(server.wait().code(), Some(74));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let told = "the journal cannot be written: no new contacts reason=\"cannot find data";
    assert!(log.contains(told) && !log.contains("space"), "{log}");
}

#[test]
fn stored_files_are_readable_by_their_owner_only() {
    let folder = folder_with(CENTRE);
    let data = folder.path().join("data");
    let customers = data.join("customers-main.redb");
    let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let start = || Server::start_by(folder.path(), "umask 022; exec \"$@\" 2>log");
    let warnings = || {
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        let lines = log
            .lines()
            .filter(|line| line.contains("on the data directory"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    drop(start());
    assert!(warnings().is_empty());
    assert_eq!(rights(&data), 0o700);
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(rights(&path), 0o600, "{}", path.display());
    }
    for (path, mode) in [(&data, 0o750), (&customers, 0o644)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    drop(start());
    assert_eq!(rights(&customers), 0o600);
    assert_eq!(rights(&data), 0o750, "who made it so had a reason");
    let warned = warnings();
    assert!(
        warned.len() == 1 && warned[0].contains("rights=0750"),
        "{warned:?}"
    );
}

#[test]
fn a_file_that_may_not_grow_is_an_error_like_others() {
    let folder = folder_with(CENTRE);
    let mut command = by_shell(folder.path(), "ulimit -f 1000; exec \"$@\"");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("File too large"), "{told}");
}
