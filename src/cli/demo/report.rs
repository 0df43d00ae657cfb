//! The report at the end of the demonstration.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::cli::demo::look::{Seen, Tier};
use crate::cli::demo::screen::clock;
use crate::cli::demo::story::Story;
use crate::cli::demo::visitors::Tally;
use crate::domain::counted;

/// Whether all contacts are accounted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Account {
    Sound,
    /// The mismatches, in sentences.
    Wrong(Vec<String>),
}

/// Compares the acknowledged contacts with those listed and those counted in metrics.
pub(super) fn audit(tally: &Tally, seen: &Seen, story: &Story) -> Account {
    let mut wrong = Vec::new();
    let lost = tally.acknowledged.difference(&story.numbers).count();
    if lost > 0 {
        let lost = counted(lost as u64, "contact");
        wrong.push(format!("missing although acknowledged: {lost}"));
    }
    if story.doubles > 0 {
        wrong.push(format!(
            "listed twice: {}",
            counted(story.doubles, "contact")
        ));
    }
    let came = story.came();
    if seen.received != came {
        let received = seen.received;
        wrong.push(format!(
            "received by the metrics: {received}, listed: {came}"
        ));
    }
    if seen.residual != 0.0 {
        wrong.push(format!("the conservation residual is {}", seen.residual));
    }
    if wrong.is_empty() {
        Account::Sound
    } else {
        Account::Wrong(wrong)
    }
}

pub(super) fn report(
    elapsed_s: u64,
    tally: &Tally,
    seen: &Seen,
    story: &Story,
    account: &Account,
) -> String {
    let mut text = format!("After {}\n", clock(elapsed_s));
    text.push_str(&channels(seen));
    text.push_str(&tiers(seen));
    text.push_str(&counts(tally, seen));
    text.push_str(&conservation(story, account));
    text
}

fn channels(seen: &Seen) -> String {
    let mut text = "\nchannel     received  answered\n".to_owned();
    for at in &seen.channels {
        let name = at.channel.name();
        let _ = writeln!(text, "{name:<10} {:>9} {:>9}", at.received, at.answered);
    }
    text
}

fn tiers(seen: &Seen) -> String {
    let mut text = "\ntier        answered  within target   wait p50     p95     max\n".to_owned();
    for tier in &seen.tiers {
        let _ = writeln!(text, "{}", tier_line(tier));
    }
    text
}

fn tier_line(tier: &Tier) -> String {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let within = tier.percent_within_target();
    let within = or_none(within.map(|percent| format!("{percent} %")));
    let wait = |percent| {
        let wait_s = tier.waits.percentile_s(percent);
        or_none(wait_s.map(|wait_s| format!("{wait_s:.1} s")))
    };
    let max = or_none(tier.waits.max_s().map(|max_s| format!("<={max_s:.0} s")));
    format!(
        "{:<10} {:>9} {within:>14} {:>10} {:>7} {max:>7}",
        tier.name,
        tier.answered,
        wait(50.0),
        wait(95.0),
    )
}

fn counts(tally: &Tally, seen: &Seen) -> String {
    let named = |counts: &BTreeMap<String, u64>| {
        let counts = counts.iter().map(|(name, count)| format!("{name} {count}"));
        counts.collect::<Vec<_>>().join(", ")
    };
    let mut text = match seen.escalated() {
        0 => "\nescalations none\n".to_owned(),
        count => format!("\nescalations {count} ({})\n", named(&seen.escalations)),
    };
    let offers = match named(&seen.offers) {
        none if none.is_empty() => "none".to_owned(),
        offers => offers,
    };
    let _ = writeln!(text, "offers      {offers}");
    if tally.turned_away > 0 {
        let _ = writeln!(text, "turned away {} (429)", tally.turned_away);
    }
    if tally.failed > 0 {
        let _ = writeln!(text, "failed requests: {}", tally.failed);
    }
    text
}

fn conservation(story: &Story, account: &Account) -> String {
    let there = story.there();
    let states = story.by_state.iter();
    let states: Vec<_> = states.map(|(state, n)| format!("{state} {n}")).collect();
    let mut text = format!("contacts    {there} ({})\n", states.join(", "));
    if story.earlier > 0 {
        let _ = writeln!(
            text,
            "            {} of them from earlier runs",
            story.earlier
        );
    }
    match account {
        Account::Sound => {
            let _ = writeln!(
                text,
                "Every contact is in exactly one state: nothing was lost."
            );
        }
        Account::Wrong(wrong) => {
            for sentence in wrong {
                let _ = writeln!(text, "WRONG: {sentence}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::demo::waits::Waits;

    fn story(numbers: &[u64]) -> Story {
        Story {
            numbers: numbers.iter().copied().collect(),
            by_state: BTreeMap::from([("queued".to_owned(), numbers.len() as u64)]),
            ..Story::default()
        }
    }

    fn seen(received: u64, residual: f64) -> Seen {
        Seen {
            received,
            residual,
            ..Seen::default()
        }
    }

    fn tally(acknowledged: &[u64]) -> Tally {
        Tally {
            acknowledged: acknowledged.iter().copied().collect::<BTreeSet<_>>(),
            ..Tally::default()
        }
    }

    #[test]
    fn the_account_is_sound_if_every_contact_is_listed_once() {
        let account = audit(&tally(&[1, 2]), &seen(2, 0.0), &story(&[1, 2]));
        assert_eq!(account, Account::Sound);
        let told = report(61, &tally(&[1]), &seen(2, 0.0), &story(&[1, 2]), &account);
        assert!(told.ends_with("nothing was lost.\n"), "{told}");
    }

    #[test]
    fn contacts_of_earlier_runs_are_listed_and_not_counted_as_received() {
        let mut story = story(&[1, 2]);
        story.by_state.insert("active".to_owned(), 3);
        story.earlier = 3;
        let account = audit(&tally(&[1, 2]), &seen(2, 0.0), &story);
        assert_eq!(account, Account::Sound);
        let told = report(61, &tally(&[1, 2]), &seen(2, 0.0), &story, &account);
        let contacts =
            "contacts    5 (active 3, queued 2)\n            3 of them from earlier runs\n";
        assert!(told.contains(contacts), "{told}");
        let nothing = "\nescalations none\noffers      none\n";
        assert!(told.contains(nothing), "{told}");
    }

    #[test]
    fn waits_are_reported_per_tier() {
        let tier = Tier {
            name: "gold".to_owned(),
            answered: 4,
            within_target: 3,
            waits: Waits::new(vec![(1.0, 0.0), (2.0, 4.0), (f64::INFINITY, 4.0)]),
        };
        assert_eq!(
            tier_line(&tier),
            "gold               4           75 %      1.5 s   1.9 s   <=2 s"
        );
        let nobody = tier_line(&Tier::default());
        assert_eq!(nobody.matches('-').count(), 4, "{nobody}");
    }

    #[test]
    fn every_mismatch_is_reported() {
        let account = audit(&tally(&[1, 2, 3]), &seen(4, 1.0), &story(&[1, 2]));
        let told = report(61, &tally(&[]), &seen(2, 0.0), &story(&[1, 2]), &account);
        for sentence in [
            "WRONG: missing although acknowledged: 1 contact",
            "WRONG: received by the metrics: 4, listed: 2",
            "WRONG: the conservation residual is 1",
        ] {
            assert!(told.contains(sentence), "{told}");
        }
    }
}
