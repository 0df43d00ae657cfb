//! What is told at the end.

use std::fmt::Write;

use crate::cli::demo::column;
use crate::cli::demo::look::Seen;
use crate::cli::demo::look::Tier;
use crate::cli::demo::screen::clock;
use crate::cli::demo::story::Story;
use crate::cli::demo::story::percentile;
use crate::cli::demo::visitors::Tally;
use crate::domain::Millis;

/// How the account of the contacts comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Account {
    Sound,
    /// What does not fit, in sentences.
    Wrong(Vec<String>),
}

/// Compares what was acknowledged with what is there and what was counted.
pub(super) fn audit(tally: &Tally, seen: &Seen, story: &Story) -> Account {
    let mut wrong = Vec::new();
    let lost = tally.acknowledged.difference(&story.numbers).count();
    if lost > 0 {
        wrong.push(format!(
            "{lost} contacts were acknowledged and are not there"
        ));
    }
    if story.doubles > 0 {
        wrong.push(format!("{} contacts are there twice", story.doubles));
    }
    let there = story.numbers.len() as u64;
    if seen.received != there {
        let received = seen.received;
        wrong.push(format!(
            "{received} contacts were counted, and {there} are there"
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
    text.push_str(&channels(story));
    text.push_str(&tiers(seen, story));
    text.push_str(&counts(tally, seen));
    text.push_str(&conservation(story, account));
    text
}

fn channels(story: &Story) -> String {
    let mut text = "\nchannel     received  answered\n".to_owned();
    for (channel, (received, answered)) in &story.by_channel {
        let _ = writeln!(text, "{channel:<10} {received:>9} {answered:>9}");
    }
    text
}

fn tiers(seen: &Seen, story: &Story) -> String {
    let mut text = "\ntier        answered  within target   wait p50     p95     max\n".to_owned();
    for tier in &seen.tiers {
        let mut waits = story.waits.get(&tier.name).cloned().unwrap_or_default();
        waits.sort_unstable();
        let _ = writeln!(text, "{}", tier_line(tier, &waits));
    }
    text
}

fn tier_line(tier: &Tier, waits: &[Millis]) -> String {
    let within = tier.percent_within_target();
    let within = within.map_or("-".to_owned(), |percent| format!("{percent} %"));
    let wait = |percent| format!("{:.1} s", percentile(waits, percent).as_s_f64());
    format!(
        "{:<10} {:>9} {within:>14} {:>10} {:>7} {:>7}",
        tier.name,
        tier.answered,
        wait(50),
        wait(95),
        wait(100)
    )
}

fn counts(tally: &Tally, seen: &Seen) -> String {
    let named = |counts: &std::collections::BTreeMap<String, u64>| {
        let counts = counts.iter().map(|(name, count)| format!("{name} {count}"));
        counts.collect::<Vec<_>>().join(", ")
    };
    let mut text = format!(
        "\nescalations {} ({})\noffers      {}\n",
        seen.escalated(),
        named(&seen.escalations),
        named(&seen.offers)
    );
    if tally.turned_away > 0 {
        let _ = writeln!(text, "turned away {} (a queue was full)", tally.turned_away);
    }
    if tally.failed > 0 {
        let _ = writeln!(text, "requests that failed: {}", tally.failed);
    }
    text
}

fn conservation(story: &Story, account: &Account) -> String {
    let there = story.numbers.len();
    let states = story.by_state.iter();
    let states: Vec<_> = states.map(|(state, n)| format!("{state} {n}")).collect();
    let mut text = format!("contacts    {there} ({})\n", states.join(", "));
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

/// So that a line of the report never wraps.
pub(super) fn cut(text: &str, columns: usize) -> String {
    let lines = text.lines().map(|line| column::cut(line, columns));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn story(numbers: &[u64]) -> Story {
        Story {
            numbers: numbers.iter().copied().collect(),
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
    fn an_account_is_sound_when_everything_is_there_once() {
        let account = audit(&tally(&[1, 2]), &seen(2, 0.0), &story(&[1, 2]));
        assert_eq!(account, Account::Sound);
        let told = report(61, &tally(&[1]), &seen(2, 0.0), &story(&[1, 2]), &account);
        assert!(told.ends_with("nothing was lost.\n"), "{told}");
    }

    #[test]
    fn whatever_does_not_fit_is_said() {
        let account = audit(&tally(&[1, 2, 3]), &seen(4, 1.0), &story(&[1, 2]));
        let told = report(61, &tally(&[]), &seen(2, 0.0), &story(&[1, 2]), &account);
        for sentence in [
            "WRONG: 1 contacts were acknowledged and are not there",
            "WRONG: 4 contacts were counted, and 2 are there",
            "WRONG: the conservation residual is 1",
        ] {
            assert!(told.contains(sentence), "{told}");
        }
    }
}
