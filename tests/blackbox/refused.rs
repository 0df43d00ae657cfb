//! Refused starts: a folder in use, a journal that is not as it was written.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::centre::Centre;
use crate::http_client::HttpClient;

/// The journal's files.
pub(crate) fn segments(centre: &Centre) -> Vec<PathBuf> {
    let mut folders = vec![centre.data().to_owned()];
    let mut segments = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "segment")
            {
                segments.push(path);
            }
        }
    }
    segments.sort();
    segments
}

#[tokio::test]
async fn two_servers_never_share_a_folder() {
    let centre = Centre::new(1);
    let first = centre.start();
    let second = centre.try_start().err().expect("the folder is in use");
    assert!(!second.status.success());
    assert!(second.said.contains("in use"), "{}", second.said);
    let mut http = HttpClient::new(first.address());
    http.submit(&json!({"channel": "app"})).await;
    assert!(first.terminate().success());
    assert!(centre.start().terminate().success());
}

#[tokio::test]
async fn a_journal_that_was_changed_is_refused_by_name() {
    let centre = Centre::new(1);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let text = "a sentence that can be found again";
    for _ in 0..10 {
        http.submit(&json!({"channel": "app", "text": text})).await;
    }
    assert!(server.terminate().success());
    let segment = segments(&centre).remove(0);
    let whole = fs::read(&segment).unwrap();
    let at = whole
        .windows(text.len())
        .position(|bytes| bytes == text.as_bytes());
    let mut changed = whole.clone();
    changed[at.unwrap()] ^= 1;
    fs::write(&segment, &changed).unwrap();
    let refused = centre.try_start().err().expect("the journal is damaged");
    assert!(!refused.status.success());
    let name = segment.file_name().unwrap().to_str().unwrap();
    assert!(refused.said.contains(name), "{}", refused.said);
    fs::write(&segment, &whole).unwrap();
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let queued = http.metric("switchboard_contacts").await;
    assert_eq!(queued.iter().sum::<f64>(), 10.0);
}

#[test]
fn a_bad_configuration_is_refused_line_by_line() {
    let centre = Centre::new(1);
    let path = centre.write_config();
    let text = fs::read_to_string(&path).unwrap();
    let text = text
        .replace("127.0.0.1:0", "nowhere")
        .replace("\"dev\"", "\"open\"");
    fs::write(&path, text).unwrap();
    let refused = crate::server::Server::try_start(&path);
    let refused = refused.err().expect("the configuration is wrong");
    assert_eq!(refused.status.code(), Some(2));
    let paths = ["server.listen: ", "auth.mode: "];
    for path in paths {
        let told = refused.said.lines().any(|line| line.starts_with(path));
        assert!(told, "{path} is not in {}", refused.said);
    }
}
