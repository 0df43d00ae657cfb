//! The file of the embedded store is corrupt, or is taken away.

use std::fs;
use std::path::Path;
use std::time::Duration;

use switchboard::domain::Millis;
use switchboard::store::profiles::{
    Kind, LookupOutcome, ProfileOptions, Profiles, Put, PutError, StoreFault,
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::customers::{by_phone, entry, id, open, with_phone};
use crate::rot::rot;

const LONG: Duration = Duration::from_secs(20);
/// So many that they fill many pages.
const CUSTOMERS: u32 = 400;

fn phone(number: u32) -> String {
    format!("1390000{number:04}")
}

fn name(number: u32) -> String {
    format!("c-{number:04}")
}

/// Without a cache, so that every look-up reads the file.
async fn uncached(folder: &Path) -> Profiles {
    let path = folder.to_owned();
    let options = ProfileOptions::new(Kind::Embedded { path });
    open(options.cache_for(Millis(0))).await
}

/// Many customers; the page of the first is corrupt.
async fn with_a_rotten_page() -> (TempDir, Profiles) {
    let folder = tempfile::tempdir().unwrap();
    let profiles = uncached(folder.path()).await;
    for number in 0..CUSTOMERS {
        let new = with_phone(&name(number), &phone(number));
        profiles.put(new).await.unwrap();
    }
    drop(profiles);
    rot(&folder.path().join("customers-main.redb"), &name(0)).await;
    let profiles = uncached(folder.path()).await;
    (folder, profiles)
}

/// The result of `ask` once the file, which is being reopened, can be used again.
async fn once_well<T>(mut ask: impl AsyncFnMut() -> Result<T, StoreFault>) -> T {
    let asked = timeout(LONG, async {
        loop {
            match ask().await {
                Err(StoreFault::Unreachable) => sleep(Duration::from_millis(20)).await,
                answer => return answer.unwrap(),
            }
        }
    });
    asked.await.unwrap()
}

#[tokio::test]
async fn a_file_that_does_not_open_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers-main.redb");
    fs::write(&file, "no customers").unwrap();
    let path = folder.path().to_owned();
    let options = ProfileOptions::new(Kind::Embedded { path });
    let opened = Profiles::open(&crate::customers::name("main"), &options).await;
    let refused = opened.err().unwrap().to_string();
    assert!(refused.contains(file.to_str().unwrap()), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_taken_away_takes_no_changes_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = uncached(folder.path()).await;
    profiles.put(with_phone("c-1", &phone(1))).await.unwrap();
    let file = folder.path().join("customers-main.redb");
    let aside = folder.path().join("aside");
    fs::rename(&file, &aside).unwrap();
    let put = profiles.put(with_phone("c-2", &phone(2))).await;
    assert_eq!(put, Err(PutError::Fault(StoreFault::Unreachable)));
    assert!(!profiles.is_well());
    let known = profiles.get(&id("c-1")).await.unwrap();
    assert_eq!(known.unwrap().profile.id, id("c-1"));
    fs::rename(&aside, &file).unwrap();
    let put = once_well(async || {
        let put = profiles.put(with_phone("c-2", &phone(2))).await;
        put.map_err(|refused| match refused {
            PutError::Fault(fault) => fault,
            PutError::Taken(taken) => panic!("{taken}"),
        })
    });
    assert_eq!(put.await, Put::Created);
    // Another one in its place is used from then on.
    let elsewhere = tempfile::tempdir().unwrap();
    let others = uncached(elsewhere.path()).await;
    others.put(with_phone("c-9", &phone(9))).await.unwrap();
    drop(others);
    fs::rename(elsewhere.path().join("customers-main.redb"), &file).unwrap();
    let put = profiles.put(with_phone("c-3", &phone(3))).await;
    assert_eq!(put, Err(PutError::Fault(StoreFault::Unreachable)));
    let known = timeout(LONG, async {
        while !matches!(profiles.get(&id("c-9")).await, Ok(Some(_))) {
            sleep(Duration::from_millis(20)).await;
        }
        profiles.get(&id("c-1")).await
    });
    assert!(known.await.unwrap().unwrap().is_none());
}

#[tokio::test]
async fn who_is_on_a_rotten_page_is_not_found_however_often_and_all_others_are() {
    let (_folder, profiles) = with_a_rotten_page().await;
    for _ in 0..2 {
        let fault = loop {
            let lookup = profiles.lookup(&by_phone(&phone(0)), LONG).await;
            let LookupOutcome::Failed(fault, late) = lookup.outcome else {
                panic!("{:?}", lookup.outcome);
            };
            // Or the file is being reopened.
            if fault != StoreFault::Unreachable {
                assert!(late.is_none());
                break fault;
            }
            sleep(Duration::from_millis(20)).await;
        };
        assert!(matches!(fault, StoreFault::Corrupt(_)), "{fault}");
        let last = id(&name(CUSTOMERS - 1));
        let other = once_well(async || profiles.get(&last).await).await;
        assert_eq!(other.unwrap().profile.id, last);
    }
}

#[tokio::test]
async fn who_is_on_a_rotten_page_is_not_written_and_all_others_are() {
    let (_folder, profiles) = with_a_rotten_page().await;
    for number in CUSTOMERS..CUSTOMERS + 2 {
        let put = profiles.put(with_phone(&name(0), &phone(0))).await;
        let Err(PutError::Fault(fault)) = put else {
            panic!("{put:?}");
        };
        assert!(matches!(fault, StoreFault::Corrupt(_)), "{fault}");
        let put = once_well(async || {
            let new = with_phone(&name(number), &phone(number));
            profiles.put(new).await.map_err(|error| match error {
                PutError::Fault(fault) => fault,
                PutError::Taken(taken) => panic!("{taken}"),
            })
        });
        // What was answered too late has been done all the same.
        assert!(matches!(put.await, Put::Created | Put::Replaced));
        let history = vec![(id(&name(number)), entry(1, 0, None))];
        profiles.append_history(history).await.unwrap();
        let written = profiles.get(&id(&name(number))).await.unwrap().unwrap();
        assert_eq!(written.history.len(), 1);
    }
}
