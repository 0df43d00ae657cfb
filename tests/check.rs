//! `switchboard check` as a user calls it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot start the program has failed"
)]

use std::path::Path;
use std::process::{Command, Output};

use switchboard::config::{Config, report, warnings};

fn check(file: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["check", file]).output().unwrap()
}

#[test]
fn a_good_configuration_is_reported_on_standard_output() {
    for file in ["default", "demo", "dev"] {
        let path = format!("config/{file}.toml");
        let output = check(&path);
        assert_eq!(output.status.code(), Some(0), "{file}");
        let config = Config::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let expected = report(&config, &warnings(&config));
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure_unless_nobody_reads_it() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["check", "config/default.toml"]);
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.starts_with("switchboard: cannot write to standard output"),
        "{told}"
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_bad_configuration_exits_2_with_a_line_for_each_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.toml");
    std::fs::write(
        &file,
        "site = 5\n[[queue]]\nid = \"a\"\noffer.answer_within_s = 0\n",
    )
    .unwrap();
    let output = check(file.to_str().unwrap());
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "site: 5, allowed: 1 to 64 of A-Z a-z 0-9 _ - . : (line 1)\n\
         queue[0].offer.answer_within_s: 0, allowed: 1..=900 (line 4)\n"
    );
}

#[test]
fn a_file_that_is_not_there_exits_2() {
    let output = check("config/absent.toml");
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.starts_with("config/absent.toml: "), "{told}");
    assert_eq!(told.lines().count(), 1);
}

const WITH_KEY: &str = "[auth]\nmode = 'keys'\n[[auth.jwt]]\nkid = 'a'\nalgorithm = 'EdDSA'\n\
    issuer = 'i'\naudience = 'b'\npublic_key_file = 'KEY'\n[[queue]]\nid = 'general'\n";

#[test]
fn a_key_file_that_is_absent_or_of_another_kind_exits_2() {
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = (folder.path().join("a.toml"), folder.path().join("key.pem"));
    std::fs::write(&file, WITH_KEY.replace("KEY", key.to_str().unwrap())).unwrap();
    for expected in ["No such file", "key.pem, "] {
        let output = check(file.to_str().unwrap());
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.starts_with("auth.jwt[0].public_key_file: "), "{told}");
        assert!(told.contains(expected), "{told}");
        std::fs::write(&key, "no key").unwrap();
    }
}
