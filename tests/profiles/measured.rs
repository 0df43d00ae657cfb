//! How fast look-ups are: `cargo test --release --test profiles -- --ignored --nocapture measured`.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::env;
use std::fmt::Write as _;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use switchboard::customer::Tiers;
use switchboard::domain::Millis;
use switchboard::store::profiles::import::import;
use switchboard::store::profiles::{Kind, ProfileOptions, Profiles};
use tokio::task::JoinSet;

use crate::customers::{NOW, by_phone, entry, id, open, redis_options};
use crate::redis_server::RedisServer;

const CUSTOMERS: usize = 10_000;

async fn fill(profiles: &Profiles, what: &str) {
    let mut file = "id,phone,tier,arpu,tenure_months,account_manager,tag:plan,tag:vip\n".to_owned();
    for number in 0..CUSTOMERS {
        writeln!(
            file,
            "c-{number},1380000{number:04},gold,99.5,12,a7,5G 199,true"
        )
        .unwrap();
    }
    let begun = Instant::now();
    import(profiles, file.as_bytes(), &Tiers::Any, NOW)
        .await
        .unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("{what}: {CUSTOMERS} imported in {seconds:.2} s");
    let batch = (0..CUSTOMERS).flat_map(|number| {
        (0..5).map(move |n| (id(&format!("c-{number}")), entry(n, 10, Some("a1"))))
    });
    let batch: Vec<_> = batch.collect();
    let begun = Instant::now();
    for batch in batch.chunks(500) {
        profiles.append_history(batch.to_vec()).await.unwrap();
    }
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("{what}: {} history entries in {seconds:.2} s", batch.len());
}

async fn measure(profiles: &Profiles, what: &str, workers: usize, lookups: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..workers {
        let (profiles, next) = (profiles.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let mut spans = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= lookups {
                    return spans;
                }
                let phone = format!("1380000{:04}", number * 7_919 % CUSTOMERS);
                let lookup = profiles
                    .lookup(&by_phone(&phone), Duration::from_secs(5))
                    .await;
                assert!(matches!(lookup.outcome.counted().name(), "found" | "hit"));
                spans.push(lookup.took);
            }
        });
    }
    let mut spans = tasks.join_all().await.concat();
    let rate = lookups as f64 / begun.elapsed().as_secs_f64();
    spans.sort_unstable();
    let at = |percent: usize| spans[(spans.len() - 1) * percent / 100];
    eprintln!(
        "{what}, {workers} at once: {rate:.0}/s, p50 {:?}, p99 {:?}",
        at(50),
        at(99)
    );
}

async fn measure_all(options: ProfileOptions, what: &str) {
    let uncached = open(options.clone().cache_for(Millis(0))).await;
    fill(&uncached, what).await;
    for (workers, lookups) in [(1, 10_000), (16, 50_000), (128, 100_000)] {
        measure(&uncached, &format!("{what} uncached"), workers, lookups).await;
    }
    drop(uncached);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let cached = open(options.cache_for(Millis(60_000))).await;
    measure(&cached, &format!("{what} filling"), 1, CUSTOMERS).await;
    for workers in [1, 16] {
        measure(&cached, &format!("{what} cached"), workers, 500_000).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn so_many_lookups_are_answered_in_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    measure_all(ProfileOptions::new(Kind::Embedded { path }), "embedded").await;
    let server = RedisServer::start();
    measure_all(redis_options(&server.url()), "redis").await;
}

/// Imports the file named by `CUSTOMERS_CSV` into a store of its own.
#[tokio::test]
#[ignore = "needs a file"]
async fn a_file_of_customers_is_imported_in_so_long() {
    let file = env::var_os("CUSTOMERS_CSV").unwrap();
    let server = RedisServer::start();
    let profiles = open(redis_options(&server.url())).await;
    let begun = Instant::now();
    let report = import(&profiles, File::open(file).unwrap(), &Tiers::Any, NOW)
        .await
        .unwrap();
    eprintln!("{report:?} in {:?}", begun.elapsed());
}
