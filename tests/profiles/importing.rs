//! Customer files as spreadsheets write them.

use switchboard::customer::Tiers;
use switchboard::store::profiles::Profiles;
use switchboard::store::profiles::import::{ImportError, Report, import, import_into};

use crate::customers::{NOW, embedded};

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
