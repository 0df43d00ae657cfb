//! The fold from a book to a report.

use super::*;
use crate::generator::book::{AgentNo, Book};
use crate::generator::span::Until;

const MS: u64 = 1_000_000;

fn fold(book: &Book, stragglers: BTreeMap<String, u64>) -> Report {
    let setting = Setting {
        url: "http://h:1".into(),
        agents: 1,
        connections: 1,
        closed: None,
        window_s: 1.0,
        seed: 1,
    };
    let window = Window {
        from_ns: 0,
        until_ns: 1_000 * MS,
    };
    let readings = Readings {
        server: Some(ServerReadings {
            cpu: CpuTime {
                user_ms: 30,
                system_ms: 70,
            },
            rss_start_kib: 1_000,
            rss_connected_kib: 1_010,
            rss_end_kib: 1_100,
        }),
        generator_cpu: CpuTime::default(),
        machine_busy_ms: 350,
    };
    Report::fold(
        setting,
        window,
        book,
        &Tally::default(),
        stragglers,
        readings,
        2_000 * MS,
    )
}

fn live(book: &Book, scheduled_ns: u64, sent_ns: u64, took_ns: u64) {
    let no = book.open(scheduled_ns).unwrap();
    book.sent(no, sent_ns);
    book.created(no, "c", sent_ns + took_ns);
    book.offered(no, AgentNo(0), 1, sent_ns + took_ns);
    book.accepted(no, AgentNo(0));
    book.ended(no, sent_ns + took_ns);
}

#[test]
fn contacts_delayed_by_a_stall_count_from_when_they_were_due() {
    // Due every 10 ms. The server answers within 1 ms, but does nothing from 0 to 500 ms:
    // fifty contacts could only be sent when the stall was over.
    let book = Book::new();
    for n in 0..100 {
        let due_ns = n * 10 * MS;
        live(&book, due_ns, due_ns.max(500 * MS), MS);
    }
    let latency = fold(&book, BTreeMap::new()).post_to_created;
    assert_eq!(latency.count, 100);
    assert!((495_000..=505_000).contains(&latency.max_us), "{latency}");
    assert!((485_000..=505_000).contains(&latency.p99_us), "{latency}");
    // Measured from the moment of sending, each of them would have taken 1 ms.
    assert!((1_000..=12_000).contains(&latency.p50_us), "{latency}");
}

#[test]
fn contacts_due_before_the_window_are_not_measured() {
    let book = Book::new();
    live(&book, 2_000 * MS, 2_000 * MS, MS);
    let report = fold(&book, BTreeMap::new());
    assert_eq!(report.post_to_offer.count, 0);
    assert_eq!(report.contacts.ended, 1);
    assert!(report.kept_every_promise());
}

#[test]
fn a_contact_that_the_server_forgot_is_lost_and_one_that_ended_unseen_is_not() {
    let book = Book::new();
    for no in 0..3 {
        let no = book.open(no).unwrap();
        book.created(no, "c", 1);
    }
    let stragglers = BTreeMap::from([
        ("completed".to_owned(), 1),
        ("queued".to_owned(), 1),
        ("unknown".to_owned(), 1),
    ]);
    let report = fold(&book, stragglers);
    assert_eq!((report.broken.lost, report.broken.never_offered), (2, 2));
    assert!(!report.kept_every_promise());
}

#[test]
fn processor_time_is_divided_by_the_lives_of_the_window() {
    let book = Book::new();
    for n in 0..100 {
        live(&book, n * MS, n * MS, MS);
    }
    let report = fold(&book, BTreeMap::new());
    assert_eq!(report.others_cpu_share, Some(0.25));
    let server = report.server.unwrap();
    assert!((server.cpu_us_per_life - 1_000.0).abs() < 1e-9);
    assert!((server.rss_kib_per_agent - 10.0).abs() < 1e-9);
}

#[test]
fn a_report_survives_its_json() {
    let book = Book::new();
    live(&book, 0, 0, MS);
    let report = fold(&book, BTreeMap::new());
    let json = serde_json::to_string_pretty(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[test]
fn a_contact_that_is_never_answered_has_waited_to_the_end_and_breaks_a_promise() {
    let book = Book::new();
    for n in 0..90 {
        live(&book, n * 10 * MS, n * 10 * MS, MS);
    }
    for n in 90..100 {
        book.open(n * 10 * MS).unwrap();
    }
    let report = fold(&book, BTreeMap::new());
    assert_eq!((report.broken.unanswered, report.contacts.failed), (10, 0));
    assert!(!report.kept_every_promise());
    for latency in [
        report.post_to_created,
        report.post_to_offer,
        report.post_to_end,
    ] {
        assert_eq!(latency.count, 100);
        assert!(latency.p99_us > 1_000_000, "{latency:?}");
    }
}

#[test]
fn an_offer_whose_end_was_told_and_whose_answer_was_late_still_shows_a_double() {
    let book = Book::new();
    let no = book.open(0).unwrap();
    book.created(no, "c", MS);
    book.offered(no, AgentNo(0), 10, MS);
    book.offered(no, AgentNo(1), 15, MS);
    book.accepted(no, AgentNo(1));
    book.offer_over(no, AgentNo(0), Until::Gone(20));
    // `stale_offer`
    book.offer_over(no, AgentNo(0), Until::Unknown);
    book.ended(no, 2 * MS);
    assert_eq!(fold(&book, BTreeMap::new()).broken.offered_twice_at_once, 1);
}
