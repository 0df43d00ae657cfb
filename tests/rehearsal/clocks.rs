//! Days and the clock: nights, time zones, closing, and the hours of queues.

use switchboard::config::Rehearsal;
use switchboard::sim::day::Day;
use switchboard::sim::report::Column;

use crate::centres::{centre, configuration, contender, figure, on_day, report, routed};

/// The hours, counted from opening, in which contacts arrived.
fn busy_hours(day: &Day) -> Vec<i64> {
    let mut hours = vec![0; 8];
    for wait in &day.waits {
        hours[usize::try_from(wait.queued_at_ms / 3_600_000).unwrap()] += 1;
    }
    let most = (0..).zip(hours).filter(|(_, came)| *came > 20);
    most.map(|(hour, _)| hour).collect()
}

fn with_surge(from: &str, until: &str) -> String {
    let surge = format!(
        "[[surge]]\nfrom = \"{from}\"\nuntil = \"{until}\"\nchannels = [\"hotline\"]\nmore = 40\n"
    );
    let text = centre(8, 20, 8.0).replace("opens = \"00:00\"", "opens = \"20:00\"");
    text + &surge
}

#[test]
fn a_surge_after_midnight_belongs_to_the_night_that_has_begun() {
    let hours = |from: &str, until: &str| {
        let rehearsal = Rehearsal::parse(&with_surge(from, until)).unwrap();
        busy_hours(&contender(&rehearsal).play(&rehearsal.workload, 1, 0))
    };
    assert_eq!(hours("23:00", "02:00"), [3, 4, 5]);
    assert_eq!(hours("01:00", "03:00"), [5, 6]);
    assert_eq!(hours("20:00", "04:00"), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(hours("22:00", "24:00"), [2, 3]);
    for (from, until, fault) in [
        (
            "19:00",
            "22:00",
            "surge[0].from: 19:00 to 22:00, allowed: within the day, 20:00 to 04:00",
        ),
        (
            "03:00",
            "05:00",
            "surge[0].from: 03:00 to 05:00, allowed: within the day, 20:00 to 04:00",
        ),
        (
            "05:00",
            "06:00",
            "surge[0].from: 05:00 to 06:00, allowed: within the day, 20:00 to 04:00",
        ),
        (
            "23:00",
            "23:00",
            "surge[0].until: 23:00, allowed: another time than from",
        ),
    ] {
        let found = Rehearsal::parse(&with_surge(from, until)).unwrap_err();
        assert!(found.to_string().starts_with(fault), "{found}");
    }
}

#[test]
fn charts_of_a_night_continue_after_midnight() {
    let rehearsal = Rehearsal::parse(&with_surge("23:00", "02:00")).unwrap();
    let day = contender(&rehearsal).play(&rehearsal.workload, 1, 0);
    let column = Column::new("p".to_owned(), &rehearsal.workload, vec![day]);
    let pages = report(vec![column]).pages(&rehearsal.workload);
    let (_, page) = pages.iter().find(|(name, _)| name == "day-1").unwrap();
    let svg = page.svg();
    for hour in ["20:00", "22:00", "00:00", "02:00", "04:00"] {
        assert!(svg.contains(hour), "{hour}");
    }
}

const SHANGHAI: &str = "hours = \"office\"\n[hours.office]\nzone = \"Asia/Shanghai\"\n\
                        mon = [\"09:00-18:00\"]\ntue = [\"09:00-18:00\"]\nwed = [\"09:00-18:00\"]\n\
                        thu = [\"09:00-18:00\"]\nfri = [\"09:00-18:00\"]\n";

#[test]
fn the_day_is_a_working_day_by_the_clock_of_its_zone() {
    let patient = "patience = { scale_s = 600 }\nanswer_within_s = 20";
    let office = centre(8, 1, 200.0)
        .replace("opens = \"00:00\"", "opens = \"09:00\"")
        .replace("answer_within_s = 20", patient);
    let config = configuration(20, &format!("topics = [\"t\"]\n{SHANGHAI}"));
    let answered = |lines: &str| figure(&routed(&on_day(&office, lines), &config), "answered");
    assert!(answered("zone = \"Asia/Shanghai\"") > 150.0);
    assert_eq!(answered("zone = \"America/Lima\""), 0.0);
    // A Sunday.
    assert_eq!(
        answered("zone = \"Asia/Shanghai\"\ndate = \"2026-03-01\""),
        0.0
    );
    for (line, fault) in [
        ("zone = \"Asia/Nowhere\"", "day.zone: \"Asia/Nowhere\""),
        ("date = \"2026-02-30\"", "day.date: \"2026-02-30\""),
    ] {
        let found = Rehearsal::parse(&on_day(&office, line)).unwrap_err();
        assert!(found.to_string().starts_with(fault), "{found}");
    }
}

#[test]
fn contacts_held_when_the_last_agent_goes_home_wait_no_longer_than_that() {
    let late = centre(2, 1, 40.0).replace("opens = \"00:00\"", "opens = \"16:30\"");
    let late = on_day(&late, "zone = \"Asia/Shanghai\"");
    let config = configuration(3, &format!("topics = [\"t\"]\n{SHANGHAI}"));
    let column = routed(&late, &config);
    let waiting = figure(&column, "waiting_at_the_end");
    assert!(waiting > 5.0, "{waiting}");
    let home_after_s = 2.5 * 3_600.0;
    assert!(figure(&column, "longest_wait") <= home_after_s);
}

#[test]
fn the_target_runs_while_the_queue_is_open_whoever_set_it() {
    let early = centre(2, 1, 40.0).replace("opens = \"00:00\"", "opens = \"08:00\"");
    let early = on_day(&early, "zone = \"Asia/Shanghai\"");
    let of_queues = early.replace("answer_within_s = 20\n", "");
    let target = "target = { answer_within_s = 20, goal_percent = 80 }";
    let queue = format!("topics = [\"t\"]\n{target}\n{SHANGHAI}");
    for text in [early, of_queues] {
        let column = routed(&text, &configuration(60, &queue));
        assert!(figure(&column, "mean_wait") > 300.0);
        assert_eq!(figure(&column, "within_target"), 100.0);
    }
}

#[test]
fn scheduled_contacts_wait_from_the_opening_or_are_in_their_own_row() {
    let text = centre(2, 1, 40.0).replace("channels.hotline", "channels.app");
    let text = on_day(&text, "zone = \"Asia/Shanghai\"");
    let impatient = "patience = { scale_s = 60 }\nanswer_within_s = 20";
    let text = text.replace("answer_within_s = 20", impatient);
    let queue = format!("topics = [\"t\"]\nwhen_closed = \"schedule\"\n{SHANGHAI}");
    let from = |opens: &str| {
        let text = text.replace("opens = \"00:00\"", &format!("opens = \"{opens}\""));
        routed(&text, &configuration(60, &queue))
    };
    let early = from("08:00");
    assert_eq!(figure(&early, "answered"), figure(&early, "contacts"));
    assert_eq!(figure(&early, "longest_wait"), 0.0);
    let before_nine = &early.day.slots[0];
    assert_eq!(before_nine.waiting, 0.0, "{before_nine:?}");
    let late = from("17:00");
    let scheduled = figure(&late, "scheduled");
    assert!(scheduled > 5.0, "{scheduled}");
    assert_eq!(figure(&late, "waiting_at_the_end"), 0.0);
    let came = figure(&late, "contacts");
    assert_eq!(came, figure(&late, "answered") + scheduled);
    assert_eq!(figure(&late, "mean_wait"), 0.0);
}
