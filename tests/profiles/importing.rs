//! Customer files as spreadsheets write them.

use serde_json::{Value, json};
use switchboard::customer::{Tiers, document};
use switchboard::store::profiles::Profiles;
use switchboard::store::profiles::import::{ImportError, Report, import, import_into};

use crate::customers::{NOW, both_stores, embedded, id};

async fn empty() -> (tempfile::TempDir, Profiles) {
    let folder = tempfile::tempdir().unwrap();
    let profiles = embedded(&folder).await;
    (folder, profiles)
}

async fn read(profiles: &Profiles, file: &[u8]) -> Result<Report, ImportError> {
    import(profiles, file, &Tiers::Any, NOW).await
}

const BAD_PHONE: &str = "identities.phone: \"12\", allowed: a number in E.164 (+8613800138000) \
                         or a mainland mobile number";

#[tokio::test]
async fn a_bad_line_has_the_number_that_an_editor_gives_it() {
    let (_folder, profiles) = empty().await;
    for end in ["\n", "\r\n", "\r"] {
        for (file, lines) in [
            ("id,phone|c-1,13800000001|c-2,12|c-3,12|", &[3, 4][..]),
            ("id,phone|c-2,12", &[2]),
            ("|id,phone||c-1,13800000001|||c-2,12||", &[7]),
            ("id,name,phone|c-1,\"on|two lines\",12|c-2,,12|", &[2, 4]),
        ] {
            let file = file.replace('|', end);
            let report = read(&profiles, file.as_bytes()).await.unwrap();
            let told = report.complaints.iter().map(|told| {
                let (line, _) = told.split_once(": ").unwrap();
                line.to_owned()
            });
            let expected = lines.iter().map(|line| format!("line {line}"));
            let (told, expected): (Vec<_>, Vec<_>) = (told.collect(), expected.collect());
            assert_eq!(told, expected, "{file:?}");
        }
    }
}

#[tokio::test]
async fn a_large_file_of_a_spreadsheet_is_counted_as_well() {
    let (_folder, profiles) = empty().await;
    let mut file = "id,phone\r\n".to_owned();
    file.extend((2..20_000).map(|line| format!("c-{line},138000{line:05}\r\n")));
    file.push_str("c-bad,12\r\n");
    let report = read(&profiles, file.as_bytes()).await.unwrap();
    assert_eq!(report.complaints, [format!("line 20000: {BAD_PHONE}")]);
}

#[tokio::test]
async fn a_line_in_another_encoding_is_named_and_those_after_it_are_written() {
    let (_folder, profiles) = empty().await;
    let gbk = b"id,name\r\nc-1,Zhang\r\nc-2,\xd5\xc5\r\nc-3,Li\r\n";
    let report = read(&profiles, gbk).await.unwrap();
    assert_eq!((report.created, report.refused), (2, 1));
    assert_eq!(
        report.complaints,
        ["line 3: wrong encoding, allowed: UTF-8"]
    );
    let header = read(&profiles, b"id,na\xd5me\r\nc-1,Zhang\r\n").await;
    assert_eq!(
        header.unwrap_err().to_string(),
        "the file cannot be read: line 1: wrong encoding, allowed: UTF-8"
    );
}

/// Breaks off, like a disk that is removed.
struct BreaksOff<'a>(&'a [u8]);

impl std::io::Read for BreaksOff<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::Error::other("the disk is gone"));
        }
        self.0.read(buffer)
    }
}

#[tokio::test]
async fn what_was_written_of_a_file_that_breaks_off_is_known() {
    let (_folder, profiles) = empty().await;
    let mut file = "id,phone\n".to_owned();
    file.extend((0..600).map(|line| format!("c-{line},138000{line:05}\n")));
    let mut report = Report::default();
    let file = BreaksOff(file.as_bytes());
    let broken = import_into(&mut report, &profiles, file, &Tiers::Any, NOW).await;
    assert!(matches!(broken, Err(ImportError::File(_))), "{broken:?}");
    assert_eq!(report.created, 512);
}

#[tokio::test]
async fn a_line_changes_of_a_known_customer_what_has_a_column_and_keeps_the_rest() {
    for store in both_stores().await {
        let profiles = &store.profiles;
        let before = json!({
            "name": "Zhang",
            "identities": {"phone": "13800000001", "device": "d-1"},
            "tier": "gold",
            "tags": {"plan": "5G", "lines": 3},
            "consent": {"marketing": false},
        });
        let before = document::put(id("c-1"), before, &Tiers::Any, NOW).unwrap();
        profiles.put(before).await.unwrap();
        let file =
            "id,phone,device,tag:plan\nc-1,13800000002,,\nc-2,13800000001,,4G\nc-1,,d-3,6G\n";
        let report = read(profiles, file.as_bytes()).await.unwrap();
        assert_eq!((report.created, report.changed), (1, 2), "{report:?}");
        let after = profiles.get(&id("c-1")).await.unwrap().unwrap().profile;
        let after = Value::Object(document::write(&after));
        let expected = json!({"device": "d-3"});
        assert_eq!(after["identities"], expected, "{}", store.name);
        assert_eq!(after["tags"], json!({"plan": "6G", "lines": 3.0}));
        assert_eq!(
            (&after["name"], &after["tier"]),
            (&json!("Zhang"), &json!("gold"))
        );
        assert_eq!(after["consent"], json!({"marketing": false}));
    }
}

#[tokio::test]
async fn a_quote_that_is_not_closed_is_named_as_the_fault() {
    let (_folder, profiles) = empty().await;
    let report = read(&profiles, b"id,name\n\"c-1,Zhang\nc-2,Li\n")
        .await
        .unwrap();
    let fault =
        "line 2: row: 1 fields, allowed: 2, and a closing quote for each that opens a field";
    assert_eq!(report.complaints, [fault]);
    let header = read(&profiles, b"id,name,\nc-1,Zhang,\n").await;
    assert_eq!(
        header.unwrap_err().to_string(),
        "line 1: column 3: no name, allowed: a name for each column"
    );
}

#[tokio::test]
async fn the_lines_of_one_customer_count_in_their_order_however_many() {
    for store in both_stores().await {
        let mut file = "id,phone,tag:plan\n".to_owned();
        file.extend((0..70).map(|line| format!("c-1,13800000{line:03},p{line}\n")));
        file.push_str("c-2,13800000068,x\n");
        let report = read(&store.profiles, file.as_bytes()).await.unwrap();
        assert_eq!(report.complaints, [""; 0], "{}", store.name);
        assert_eq!((report.created, report.changed), (2, 69));
        let last = store.profiles.get(&id("c-1")).await.unwrap().unwrap();
        let last = Value::Object(document::write(&last.profile));
        assert_eq!(last["tags"]["plan"], "p69");
    }
}
