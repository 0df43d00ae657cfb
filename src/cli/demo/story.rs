//! What became of every contact of a run, as the server tells it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;

use crate::cli::demo::look::Eyes;
use crate::cli::demo::look::LookFault;
use crate::domain::Millis;
use crate::domain::instant;

const PAGE: usize = 200;
/// So many contacts are asked for, and no more.
const PAGES_MAX: usize = 2_000;

/// All contacts of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    /// The numbers of the contacts that are there.
    pub(super) numbers: BTreeSet<u64>,
    pub(super) by_state: BTreeMap<String, u64>,
    /// Received and answered, by channel.
    pub(super) by_channel: BTreeMap<String, (u64, u64)>,
    /// The waits of those who were answered, by tier.
    pub(super) waits: BTreeMap<String, Vec<Millis>>,
    /// Contacts that were told twice.
    pub(super) doubles: u64,
}

#[derive(Deserialize)]
struct Page {
    contacts: Vec<Contact>,
    next_after: Option<String>,
}

#[derive(Deserialize)]
struct Contact {
    external_id: Option<String>,
    channel: String,
    state: String,
    customer: Customer,
    queued_at: String,
    answered_at: Option<String>,
}

#[derive(Deserialize)]
struct Customer {
    tier: String,
}

impl Story {
    /// Reads page after page; `run` is how the external ids of this run begin.
    pub(super) async fn read(eyes: &mut Eyes, run: &str) -> Result<Self, LookFault> {
        let mut story = Self::default();
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let path = format!("/v1/contacts?limit={PAGE}&after={after}");
            let page: Page = eyes.read(&path).await?;
            for contact in &page.contacts {
                story.take(contact, run);
            }
            match page.next_after {
                Some(next) => after = next,
                None => break,
            }
        }
        Ok(story)
    }

    fn take(&mut self, contact: &Contact, run: &str) {
        let number = contact
            .external_id
            .as_deref()
            .and_then(|id| id.strip_prefix(run)?.strip_prefix('-')?.parse().ok());
        let Some(number) = number else {
            return;
        };
        if !self.numbers.insert(number) {
            self.doubles += 1;
            return;
        }
        *self.by_state.entry(contact.state.clone()).or_default() += 1;
        let channel = self.by_channel.entry(contact.channel.clone());
        let (received, answered) = channel.or_default();
        *received += 1;
        if let Some(wait) = contact.wait() {
            *answered += 1;
            let tier = contact.customer.tier.clone();
            self.waits.entry(tier).or_default().push(wait);
        }
    }
}

impl Contact {
    /// None for those who were not answered.
    fn wait(&self) -> Option<Millis> {
        let answered_at = instant::parse(self.answered_at.as_deref()?).ok()?;
        Some(answered_at - instant::parse(&self.queued_at).ok()?)
    }
}

/// The value that `percent` of `sorted` are not above.
pub(super) fn percentile(sorted: &[Millis], percent: usize) -> Millis {
    let rank = (sorted.len() * percent).div_ceil(100);
    let value = sorted.get(rank.saturating_sub(1));
    value.copied().unwrap_or(Millis::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_of_the_run_are_counted_once_each() {
        let mut story = Story::default();
        let page = r#"{"next_after":null,"contacts":[
            {"external_id":"d-1","channel":"app","state":"completed","customer":{"tier":"gold"},
             "queued_at":"2026-11-21T10:00:00.000Z","answered_at":"2026-11-21T10:00:02.500Z"},
            {"external_id":"d-1","channel":"app","state":"completed","customer":{"tier":"gold"},
             "queued_at":"2026-11-21T10:00:00.000Z"},
            {"external_id":"d-2","channel":"hotline","state":"queued","customer":{"tier":"basic"},
             "queued_at":"2026-11-21T10:00:00.000Z"},
            {"external_id":"dd-3","channel":"app","state":"queued","customer":{"tier":"basic"},
             "queued_at":"2026-11-21T10:00:00.000Z"},
            {"external_id":null,"channel":"app","state":"queued","customer":{"tier":"basic"},
             "queued_at":"2026-11-21T10:00:00.000Z"}]}"#;
        let page: Page = serde_json::from_str(page).unwrap();
        for contact in &page.contacts {
            story.take(contact, "d");
        }
        assert_eq!(story.numbers, BTreeSet::from([1, 2]));
        assert_eq!(story.doubles, 1);
        assert_eq!(story.by_channel["app"], (1, 1));
        assert_eq!(story.by_channel["hotline"], (1, 0));
        assert_eq!(story.waits["gold"], [Millis(2_500)]);
    }

    #[test]
    fn percentiles_are_values_that_were_there() {
        let waits: Vec<_> = (1..=20).map(Millis).collect();
        assert_eq!(percentile(&waits, 50), Millis(10));
        assert_eq!(percentile(&waits, 95), Millis(19));
        assert_eq!(percentile(&waits, 100), Millis(20));
        assert_eq!(percentile(&[], 50), Millis::ZERO);
    }
}
