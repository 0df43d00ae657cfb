//! Corrupts a page of the embedded store's file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

const PAGE_BYTES: usize = 4096;
/// The first byte of a page with records, and one that no page has.
const LEAF: u8 = 1;
const NO_KIND: u8 = 7;
/// A key begins with its text, or with its length.
const LENGTH_BYTES_MAX: usize = 5;

/// Corrupts every page that begins with a record of `key`, or used to.
pub(crate) async fn rot(file: &Path, key: &str) {
    // The threads that have the file open end shortly after its handle.
    while redb::Database::open(file).is_err() {
        sleep(Duration::from_millis(10)).await;
    }
    let mut bytes = fs::read(file).unwrap();
    let mut rotten = 0;
    for page in bytes.chunks_exact_mut(PAGE_BYTES) {
        if begins_with(page, key) {
            page[0] = NO_KIND;
            rotten += 1;
        }
    }
    assert!(rotten > 0);
    fs::write(file, bytes).unwrap();
}

/// A page of records: its kind, their number, the ends of their keys and values, all keys, all
/// values.
fn begins_with(page: &[u8], key: &str) -> bool {
    let records = usize::from(u16::from_le_bytes([page[2], page[3]]));
    let keys = page.get(4 + 8 * records..).unwrap_or_default();
    let first = &keys[..keys.len().min(LENGTH_BYTES_MAX + key.len())];
    page[0] == LEAF
        && first
            .windows(key.len())
            .any(|found| found == key.as_bytes())
}
