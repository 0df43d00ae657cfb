//! `switchboard demo` as a user calls it: a whole centre, from the first profile
//! to the last account of the contacts.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot start the program has failed"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

const LOOK: Duration = Duration::from_millis(20);
/// How long a demonstration may take to end once it is told to, in looks.
const LOOKS_MAX: u32 = 500;
const SOUND: &str = "Every contact is in exactly one state: nothing was lost.";

/// A demonstration that keeps its temporary files in `temporary`.
fn demo(temporary: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.arg("demo").args(arguments).env("TMPDIR", temporary);
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    command
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// The second number of the line that begins with `channel`.
fn answered(told: &str, channel: &str) -> u64 {
    let line = told.lines().find(|line| line.starts_with(channel));
    let line = line.unwrap_or_else(|| panic!("no {channel} in {told}"));
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}

#[test]
fn a_centre_at_work_serves_all_channels_and_loses_nobody() {
    let temporary = tempfile::tempdir().unwrap();
    let output = demo(temporary.path(), &["--for-s", "20", "--pace", "5"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("listening on http://127.0.0.1:"), "{told}");
    for channel in ["app", "hotline", "wechat", "storefront"] {
        assert!(answered(&told, channel) > 0, "{channel}: {told}");
    }
    for tier in ["diamond", "gold", "silver", "basic"] {
        assert!(answered(&told, tier) > 0, "{tier}: {told}");
    }
    assert!(told.ends_with(&format!("{SOUND}\n")), "{told}");
    assert!(!told.contains("failed requests"), "{told}");
    let shown = told.lines().filter(|line| line.contains("| residual 0"));
    assert!(shown.count() >= 15, "about one line a second: {told}");
    assert!(
        is_empty(temporary.path()),
        "what was kept goes with the run"
    );
}

/// A demonstration that is ended with the test, whatever becomes of it.
struct Running(Child);

impl Running {
    fn wait(&mut self) -> ExitStatus {
        for _ in 0..LOOKS_MAX {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            sleep(LOOK);
        }
        panic!("the demonstration goes on");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself, as a rule.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_signal_ends_it_with_its_account_and_what_it_kept_can_be_played_on() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("kept");
    let folder = folder.to_str().unwrap();
    // Of a day of a few seconds, nearly all would be open at the end, and little could be compared.
    for (signal, until) in [("INT", "00:00:03"), ("TERM", "00:00:08")] {
        let arguments = ["--data", folder, "--pace", "5"];
        let mut running = Running(demo(temporary.path(), &arguments).spawn().unwrap());
        let mut lines = BufReader::new(running.0.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with(until) {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it has ended");
        }
        let id = running.0.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
        assert_eq!(running.wait().code(), Some(0), "{signal}");
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        assert!(rest.ends_with(&format!("{SOUND}\n")), "{signal}: {rest}");
        let has_earlier = rest.contains("of them from earlier runs");
        assert_eq!(has_earlier, signal == "TERM", "{rest}");
    }
    assert!(!is_empty(Path::new(folder)));
    is_replayed(folder);
}

/// The journal of a demonstration can be simulated again.
fn is_replayed(folder: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    let output = command.args(["simulate", "--journal", folder]).output();
    let output = output.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        told.contains("| | as recorded | same configuration |"),
        "{told}"
    );
    let row = told.lines().find(|line| line.starts_with("| answered "));
    let cells = row.unwrap().split('|').skip(2).take(2);
    let [was, is] = cells
        .map(|cell| cell.trim().parse().unwrap())
        .collect::<Vec<u64>>()[..]
    else {
        panic!("{told}");
    };
    // How long contacts that are open at the end would have taken is assumed.
    assert!(was > 0 && was.abs_diff(is) * 2 <= was, "{told}");
}

#[test]
fn an_account_that_cannot_be_written_is_no_success() {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = demo(temporary.path(), &["--for-s", "1"]);
    let full = fs::File::create("/dev/full").unwrap();
    let output = command.stdout(full).stderr(Stdio::piped()).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("cannot write to standard output"), "{told}");
}

#[test]
fn a_pace_out_of_bounds_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    for pace in ["0", "21", "fast"] {
        let mut command = demo(temporary.path(), &["--pace", pace]);
        let output = command.stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{pace}");
    }
    assert!(is_empty(temporary.path()));
}
