//! The end of a day: everybody goes home half an hour after closing, and nobody who still waits is
//! served any more, whether another day follows or not.

use switchboard::config::Rehearsal;
use switchboard::sim::day::{Day, WaitEnd};

use crate::centres::{centre, contender, figure, on_day, played};

/// Two hours, of which the agents are there for the first.
fn short_staffed(agents: u32, contacts: f64) -> String {
    centre(2, 0, contacts).replace("hotline = [0, 0]", &format!("hotline = [{agents}, 0]"))
}

fn patient(text: &str) -> String {
    text.replace(
        "answer_within_s = 20\n",
        "answer_within_s = 20\npatience = { shape = 1.0, scale_s = 36000 }\n",
    )
}

fn day(text: &str) -> Day {
    let rehearsal = Rehearsal::parse(text).unwrap();
    contender(&rehearsal).play(&rehearsal.workload, 1, 0)
}

#[test]
fn whoever_still_waits_when_everybody_has_gone_home_has_waited_until_then() {
    const HOME_AT_MS: i64 = 9_000_000;
    let day = day(&patient(&short_staffed(2, 200.0)));
    let waiting = day.waits.iter();
    let waiting = waiting.filter(|wait| wait.outcome == WaitEnd::Waiting);
    assert!(waiting.clone().count() > 100, "{}", waiting.count());
    for wait in waiting {
        assert_eq!(wait.queued_at_ms + wait.ms, HOME_AT_MS, "{wait:?}");
    }
    let longest = day.waits.iter().map(|wait| wait.queued_at_ms + wait.ms);
    assert_eq!(longest.max(), Some(HOME_AT_MS));
    assert!(day.number(WaitEnd::GaveUp) > 0);
    assert_eq!(day.lost.iter().sum::<u64>(), {
        day.number(WaitEnd::Waiting) + day.number(WaitEnd::GaveUp)
    });
}

#[test]
fn a_contact_handed_on_after_everybody_has_gone_home_waits_no_more() {
    let text = patient(&centre(2, 2, 100.0))
        .replace("effort_s = 240", "effort_s = 6000")
        .replace(
            "[[grade]]\n",
            "[[grade]]\nhands_on = 1.0\nhands_on_max = 1\n",
        );
    let day = day(&text);
    assert!(day.number(WaitEnd::Waiting) > 0);
    for wait in day.waits.iter().filter(|wait| !wait.is_answered()) {
        assert!(
            wait.queued_at_ms + wait.ms <= 9_000_000 || wait.ms == 0,
            "{wait:?}"
        );
    }
}

#[test]
fn what_the_day_before_leaves_over_is_not_served_on_the_next() {
    let text = short_staffed(2, 100.0);
    let alone = played(&text, 8);
    let after_another = played(&on_day(&text, "days_before = 1"), 8);
    let busy = "days_before = 1\ndays_before_factor = 5.0";
    let after_a_busy_one = played(&on_day(&text, busy), 8);
    for column in [&after_another, &after_a_busy_one] {
        for key in ["contacts", "answered", "within_target", "occupancy"] {
            let apart = figure(column, key) - figure(&alone, key);
            assert!(apart.abs() < 1e-9, "{key}: {apart}");
        }
    }
    assert!(figure(&alone, "within_target") > 1.0);
}
