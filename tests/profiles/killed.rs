//! What the embedded store acknowledged is there after a kill.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use switchboard::store::profiles::{Kind, ProfileOptions};

use crate::customers::{by_phone, embedded, found, open, with_phone};

/// Where the process to be killed writes; set by the test that starts it.
const FOLDER: &str = "PROFILES_OF_THE_KILLED";

fn phone(number: u32) -> String {
    format!("1390000{number:04}")
}

/// Not a test of its own: writes customers until it is killed.
#[tokio::test]
#[ignore = "run by what_was_acknowledged_is_there_after_a_kill"]
async fn writes_until_it_is_killed() {
    let Some(path) = env::var_os(FOLDER) else {
        return;
    };
    let profiles = open(ProfileOptions::new(Kind::Embedded { path: path.into() })).await;
    let mut out = std::io::stderr();
    for number in 0..10_000 {
        let profile = with_phone(&format!("c-{number}"), &phone(number));
        profiles.put(profile).await.unwrap();
        writeln!(out, "written {number}").unwrap();
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("killed::writes_until_it_is_killed")
        .env(FOLDER, folder.path().join("data"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut acknowledged: Vec<u32> = Vec::new();
    for line in lines {
        let line = line.unwrap();
        acknowledged.extend(
            line.strip_prefix("written ")
                .and_then(|n| n.parse::<u32>().ok()),
        );
        if acknowledged.len() == 200 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= 200, "{acknowledged:?}");
    let profiles = embedded(&folder).await;
    for number in acknowledged {
        let owner = found(&profiles, &by_phone(&phone(number))).await;
        assert_eq!(owner, Some(format!("c-{number}")));
    }
}
