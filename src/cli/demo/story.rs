//! What became of every contact, as the server reports it: those of this run, and of earlier runs
//! with the same folder.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::cli::demo::look::{Eyes, LookFault};
use crate::domain::{Timestamp, instant};

const PAGE: usize = 200;
/// The most pages that are read.
const PAGES_MAX: usize = 2_000;

/// Which contacts belong to a run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// Prefix of the crowd's external ids.
    pub(super) name: String,
    /// Earlier contacts are of earlier runs.
    pub(super) begun_at: Timestamp,
}

/// All contacts that the server knows at the end of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    /// The crowd's own, by number.
    pub(super) numbers: BTreeSet<u64>,
    /// Including those of other clients and of earlier runs.
    pub(super) by_state: BTreeMap<String, u64>,
    /// How many of these are of earlier runs.
    pub(super) earlier: u64,
    /// Contacts of the crowd that are listed twice.
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
    state: String,
    created_at: String,
}

impl Story {
    /// Reads all contacts that the server has, page by page.
    pub(super) async fn read(eyes: &mut Eyes, run: &Run) -> Result<Self, LookFault> {
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

    fn take(&mut self, contact: &Contact, run: &Run) {
        *self.by_state.entry(contact.state.clone()).or_default() += 1;
        let created_at = instant::parse(&contact.created_at);
        if created_at.is_ok_and(|at| at < run.begun_at) {
            self.earlier += 1;
            return;
        }
        if let Some(number) = run.number(contact)
            && !self.numbers.insert(number)
        {
            self.doubles += 1;
        }
    }

    /// Number of contacts, whoever posted them.
    pub(super) fn there(&self) -> u64 {
        self.by_state.values().sum()
    }

    /// Number of contacts of this run, whoever posted them.
    pub(super) fn came(&self) -> u64 {
        self.there() - self.earlier
    }
}

impl Run {
    pub(super) fn external_id(&self, number: u64) -> String {
        format!("{}-{number}", self.name)
    }

    fn number(&self, contact: &Contact) -> Option<u64> {
        let id = contact.external_id.as_deref()?;
        let number = id.strip_prefix(&self.name)?.strip_prefix('-')?;
        number.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_of_the_run_are_counted_once_each() {
        let run = Run {
            name: "d".to_owned(),
            begun_at: instant::parse("2026-11-21T10:00:00.000Z").unwrap(),
        };
        let page = r#"{"next_after":null,"contacts":[
            {"external_id":"d-1","state":"completed","created_at":"2026-11-21T10:00:00.000Z"},
            {"external_id":"d-1","state":"completed","created_at":"2026-11-21T10:00:00.000Z"},
            {"external_id":"d-2","state":"queued","created_at":"2026-11-21T10:00:01.000Z"},
            {"external_id":"dd-3","state":"queued","created_at":"2026-11-21T10:00:02.000Z"},
            {"external_id":null,"state":"queued","created_at":"2026-11-21T09:59:59.999Z"}]}"#;
        let page: Page = serde_json::from_str(page).unwrap();
        let mut story = Story::default();
        for contact in &page.contacts {
            story.take(contact, &run);
        }
        assert_eq!(story.numbers, BTreeSet::from([1, 2]));
        assert_eq!(story.doubles, 1);
        assert_eq!((story.there(), story.came()), (5, 4));
        let states = [("completed", 2), ("queued", 3)].map(|(s, n)| (s.to_owned(), n));
        assert_eq!(story.by_state, BTreeMap::from(states));
    }
}
