//! Cases that need a second process: the lock, death by signal, and a disk that fails to sync.

use std::env;
use std::fs;
use std::fs::File;
use std::iter;
use std::path::Path;
use std::process;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use switchboard::store::journal::OpenError;

use crate::support::{
    append_each, is_fatal, log_of, open, open_at_once, options, records_of, temp_dir,
};

const DIR: &str = "JOURNAL_TEST_DIR";
const FILES_LEFT: &str = "JOURNAL_TEST_FILES_LEFT";
const LENGTH: usize = 200;
const LOCKED: i32 = 41;
const NOT_OPENED: i32 = 42;
const FATAL: i32 = 43;
const FULL: i32 = 44;

/// Not a test by itself: opens the log, appends until that fails, exits with the outcome.
#[test]
#[ignore = "the other tests here run it in a process of its own"]
fn a_process_that_appends() {
    let Some(dir) = env::var_os(DIR) else { return };
    let dir = Path::new(&dir);
    let mut journal = match open_at_once(dir, &options(), 1) {
        Ok(opened) => opened.journal,
        Err(OpenError::Locked { .. }) => process::exit(LOCKED),
        Err(error) => {
            eprintln!("{error}");
            process::exit(NOT_OPENED)
        }
    };
    loop {
        let next = journal.last_seq() + 1;
        let record = crate::support::record(next, LENGTH);
        match journal.append(&mut crate::support::batch_of(&[record])) {
            Ok(acknowledged) => fs::write(dir.join("acked"), acknowledged.to_string()).unwrap(),
            Err(error) => {
                assert!(journal.seal().is_err() || !is_fatal(&error));
                process::exit(if is_fatal(&error) { FATAL } else { FULL })
            }
        }
    }
}

/// Not a test by itself: appends through many segments while `left` files may be opened.
#[test]
#[ignore = "another test here runs it in a process of its own"]
fn a_process_that_may_open_little_more() {
    let Some(dir) = env::var_os(DIR) else { return };
    let left: usize = env::var(FILES_LEFT).unwrap().parse().unwrap();
    let mut journal = open(Path::new(&dir)).unwrap().journal;
    let mut held: Vec<_> = iter::from_fn(|| File::open("/dev/null").ok()).collect();
    held.truncate(held.len() - left);
    let mut refused = false;
    while journal.last_seq() < 100 {
        let record = crate::support::record(journal.last_seq() + 1, LENGTH);
        match journal.append(&mut crate::support::batch_of(&[record])) {
            Ok(_) => {}
            Err(error) if is_fatal(&error) => process::exit(FATAL),
            Err(error) => {
                assert!(error.to_string().contains("Too many open files"), "{error}");
                refused = true;
                held.clear();
            }
        }
    }
    process::exit(if refused { FULL } else { 0 });
}

#[test]
fn too_many_open_files_end_nothing() {
    // One is enough for the next segment, since the full one is closed; with none it waits.
    for (left, expected) in [("1", 0), ("0", FULL)] {
        let dir = temp_dir();
        let limit = ["sh", "-c", "ulimit -n 40; exec \"$@\"", "sh"];
        let child = "process::a_process_that_may_open_little_more";
        let mut command = child_test(child, dir.path(), &limit);
        let status = command.env(FILES_LEFT, left).status().unwrap();
        assert_eq!(status.code(), Some(expected), "{left} left");
        assert_eq!(
            open(dir.path()).unwrap().records,
            records_of(&[LENGTH; 100])
        );
    }
}

/// The command that runs [`a_process_that_appends`], under `wrapper` if there is one.
fn appender(dir: &Path, wrapper: &[&str]) -> Command {
    child_test("process::a_process_that_appends", dir, wrapper)
}

fn child_test(name: &str, dir: &Path, wrapper: &[&str]) -> Command {
    let this = env::current_exe().unwrap();
    let mut words = wrapper.to_vec();
    words.push(this.to_str().unwrap());
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .args(["--exact", name])
        .args(["--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::null());
    command
}

fn assert_acknowledged_is_there(dir: &Path) {
    let acked: usize =
        fs::read_to_string(dir.join("acked")).map_or(0, |acked| acked.parse().unwrap_or(0));
    let mut opened = open(dir).unwrap();
    assert!(opened.records.len() >= acked);
    assert_eq!(
        opened.records,
        records_of(&vec![LENGTH; opened.records.len()])
    );
    append_each(&mut opened.journal, &[LENGTH]);
}

#[test]
fn a_log_is_not_opened_twice() {
    let dir = log_of(&[10]);
    let opened = open(dir.path()).unwrap();
    let refused = open_at_once(dir.path(), &options(), 1).unwrap_err();
    assert!(matches!(refused, OpenError::Locked { .. }));
    assert!(refused.to_string().contains(dir.path().to_str().unwrap()));
    let status = appender(dir.path(), &[]).status().unwrap();
    assert_eq!(status.code(), Some(LOCKED));
    // This needs no further file.
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "segment") {
            fs::remove_file(path).unwrap();
        }
    }
    let status = appender(dir.path(), &[]).status().unwrap();
    assert_eq!(status.code(), Some(LOCKED));
    drop(opened);
    open(dir.path()).unwrap();
}

#[test]
fn a_process_killed_while_it_appends_loses_nothing_acknowledged() {
    let dir = temp_dir();
    for _ in 0..5 {
        let mut child = appender(dir.path(), &[]).spawn().unwrap();
        thread::sleep(Duration::from_millis(60));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_acknowledged_is_there(dir.path());
    }
}

/// Runs the appender with failing system calls as `inject` specifies; none without strace.
fn injected(dir: &Path, inject: &str) -> Option<i32> {
    let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject];
    let works = Command::new(strace[0])
        .args(&strace[1..])
        .arg("true")
        .status();
    if !works.is_ok_and(|status| status.success()) {
        eprintln!("skipped: strace does not run here");
        return None;
    }
    appender(dir, &strace).status().unwrap().code()
}

#[test]
fn a_failed_sync_ends_appending_and_the_next_start_recovers() {
    for nth in 1..12 {
        let dir = temp_dir();
        drop(open(dir.path()).unwrap());
        let inject = format!("inject=fdatasync:error=EIO:when={nth}+");
        let Some(code) = injected(dir.path(), &inject) else {
            return;
        };
        assert_eq!(code, FATAL, "sync {nth}");
        assert_acknowledged_is_there(dir.path());
    }
}

#[test]
fn a_spare_that_cannot_be_made_ends_appending_only_if_its_name_may_not_last() {
    // Calls are counted per thread: the first of one thread is the repair at start; the first of
    // the other syncs the spare, its second the directory.
    for (inject, expected) in [
        ("inject=fallocate:error=ENOSPC", FULL),
        ("inject=fsync:error=EIO", NOT_OPENED),
        ("inject=fsync:error=EIO:when=2+", FATAL),
    ] {
        let dir = temp_dir();
        drop(open(dir.path()).unwrap());
        let Some(code) = injected(dir.path(), inject) else {
            return;
        };
        assert_eq!(code, expected, "{inject}");
        assert_acknowledged_is_there(dir.path());
    }
}

#[test]
fn a_failed_write_ends_appending_and_the_next_start_recovers() {
    for nth in 1..8 {
        let dir = temp_dir();
        drop(open(dir.path()).unwrap());
        let inject = format!("inject=pwrite64:error=EIO:when={nth}+");
        let Some(code) = injected(dir.path(), &inject) else {
            return;
        };
        assert_eq!(code, FATAL, "write {nth}");
        assert_acknowledged_is_there(dir.path());
    }
}

#[test]
fn a_log_in_a_directory_in_which_nothing_can_be_created_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::fs::chown;
    use std::os::unix::process::CommandExt;

    let dir = log_of(&[10]);
    let mut command = appender(dir.path(), &[]);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
        let entries = fs::read_dir(dir.path()).unwrap();
        let entries = entries.map(|entry| entry.unwrap().path());
        for path in entries.chain([dir.path().to_owned()]) {
            chown(path, Some(65_534), Some(65_534)).unwrap();
        }
    }
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
    match command.stderr(Stdio::piped()).output() {
        Ok(output) => {
            assert_eq!(output.status.code(), Some(NOT_OPENED));
            let said = String::from_utf8_lossy(&output.stderr);
            let asked = format!("cannot create files in {}", dir.path().display());
            assert!(
                said.contains(&asked) && said.contains("Permission denied"),
                "{said}"
            );
        }
        Err(error) => eprintln!("skipped: no process without rights: {error}"),
    }
}

#[test]
fn a_log_that_may_not_be_read_is_refused() {
    use std::os::unix::process::CommandExt;

    let dir = log_of(&[10]);
    let mut command = appender(dir.path(), &[]);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    } else {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
    }
    match command.stderr(Stdio::piped()).output() {
        Ok(output) => {
            assert_eq!(output.status.code(), Some(NOT_OPENED));
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("Permission denied"), "{said}");
        }
        Err(error) => eprintln!("skipped: no process without rights: {error}"),
    }
}
