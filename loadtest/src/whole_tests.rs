//! The complete generator against the null router.

use tokio::net::TcpListener;

use crate::generator;
use crate::generator::options::{Load, Options, Target};
use crate::null_router;
use crate::report::Report;
use crate::task;

async fn drive(agents: u32, load: Load) -> Report {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    task::spawn(null_router::serve(listener));
    let options = Options {
        target: Target {
            agents,
            server_pid: Some(std::process::id()),
            ..Target::at(&url)
        },
        load: Load {
            duration_s: 2.0,
            warmup_s: 0.5,
            connections: 8,
            ..load
        },
        json: None,
    };
    generator::drive(&options).await.unwrap()
}

/// Every contact was created, offered, accepted and ended, and no guarantee was broken.
fn assert_all_accounted_for(report: &Report) {
    let contacts = &report.contacts;
    assert!(contacts.begun > 0, "{report}");
    for count in [
        contacts.created,
        contacts.offered,
        contacts.accepted,
        contacts.ended,
    ] {
        assert_eq!(count, contacts.begun, "{report}");
    }
    assert!(report.kept_every_promise(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_contact_of_an_open_loop_is_accounted_for() {
    let load = Load {
        rate: 500.0,
        customers: 10,
        known_share: 0.5,
        topics: "3".into(),
        ..Load::usual()
    };
    let report = drive(5, load).await;
    assert_all_accounted_for(&report);
    let due = report.post_to_offer.count;
    assert_eq!(due, report.post_to_created.count);
    assert!(
        (600..900).contains(&due),
        "500/s for 1.5 s is about 750: {due}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_contact_of_a_saturating_run_is_accounted_for() {
    let load = Load {
        closed: Some(16),
        ..Load::usual()
    };
    let report = drive(5, load).await;
    assert_all_accounted_for(&report);
    assert!(report.server.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_network_loses_no_contact() {
    let load = Load {
        rate: 300.0,
        think_ms: 20,
        handle_ms: 50,
        ack_every: 5,
        drop_sockets_per_minute_percent: 3_000.0,
        ..Load::usual()
    };
    let report = drive(10, load).await;
    assert_all_accounted_for(&report);
    assert!(report.sockets.dropped > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_that_do_not_end_are_looked_up_and_counted_as_lost() {
    let load = Load {
        rate: 50.0,
        think_ms: 600_000,
        drain_s: 0.2,
        ..Load::usual()
    };
    let report = drive(2, load).await;
    let created = report.contacts.created;
    assert!(created > 0, "{report}");
    assert_eq!(report.contacts.offered, created, "{report}");
    assert_eq!(report.contacts.stragglers.get("unknown"), Some(&created));
    assert_eq!(report.broken.lost, created, "{report}");
    assert!(!report.kept_every_promise());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_url_of_another_scheme_is_refused() {
    let options = Options {
        target: Target::at("ftp://127.0.0.1"),
        load: Load::usual(),
        json: None,
    };
    let fault = generator::drive(&options).await.unwrap_err();
    assert!(fault.to_string().starts_with("url:"), "{fault}");
}
