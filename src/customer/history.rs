//! A customer's earlier contacts, newest first.

use std::cmp::Reverse;

use crate::domain::{Channel, ContactId, Name, Text, Timestamp};

/// The most entries kept per customer.
pub const HISTORY_MAX: usize = 50;
/// The most entries shown, and used by routing.
pub const HISTORY_SHOWN: usize = 20;
/// The most entries in an offer, few enough to read before the conversation starts.
pub const HISTORY_OFFERED: usize = 5;

/// A contact that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub contact: ContactId,
    pub at: Timestamp,
    pub channel: Channel,
    pub topic: Option<Name>,
    pub agent: Option<Name>,
    /// The outcome given by the agent, or the final state.
    pub outcome: Option<Text>,
}

/// Inserts `entry` in order. It replaces an entry of the same contact, so that reporting it twice
/// changes nothing.
pub fn remember(history: &mut Vec<HistoryEntry>, entry: HistoryEntry) {
    history.retain(|kept| kept.contact != entry.contact);
    let place = history.partition_point(|kept| newest_first(kept) < newest_first(&entry));
    history.insert(place, entry);
    history.truncate(HISTORY_MAX);
}

/// The newest `at_most` entries of what is filed, and of what is not, where a contact may be in
/// both; then the unfiled entry counts.
pub fn newest<'a>(
    unfiled: &'a [HistoryEntry],
    filed: &'a [HistoryEntry],
    at_most: usize,
) -> Vec<&'a HistoryEntry> {
    let is_unfiled =
        |entry: &&HistoryEntry| unfiled.iter().any(|kept| kept.contact == entry.contact);
    let filed = filed
        .iter()
        .filter(|entry| !is_unfiled(entry))
        .take(at_most);
    let mut newest: Vec<&HistoryEntry> = unfiled.iter().chain(filed).collect();
    newest.sort_unstable_by_key(|entry| newest_first(entry));
    newest.truncate(at_most);
    newest
}

fn newest_first(entry: &HistoryEntry) -> impl Ord + use<> {
    Reverse((entry.at, entry.contact))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(contact: u128, at: i64) -> HistoryEntry {
        HistoryEntry {
            contact: ContactId(contact),
            at: Timestamp(at),
            channel: Channel::App,
            topic: None,
            agent: None,
            outcome: None,
        }
    }

    fn contacts(history: &[HistoryEntry]) -> Vec<u128> {
        history.iter().map(|entry| entry.contact.0).collect()
    }

    #[test]
    fn the_newest_comes_first_whatever_the_order_of_telling() {
        let mut history = Vec::new();
        for (contact, at) in [(2, 20), (3, 30), (1, 10), (4, 30)] {
            remember(&mut history, entry(contact, at));
        }
        assert_eq!(contacts(&history), [4, 3, 2, 1]);
    }

    #[test]
    fn a_contact_is_remembered_once() {
        let mut history = Vec::new();
        for at in [10, 10, 40] {
            remember(&mut history, entry(1, at));
        }
        assert_eq!(history, [entry(1, 40)]);
    }

    #[test]
    fn what_is_shown_are_the_newest_of_what_is_filed_and_what_is_not() {
        let filed: Vec<HistoryEntry> = [(5, 50), (4, 40), (2, 20), (1, 10)]
            .map(|(contact, at)| entry(contact, at))
            .into();
        let shown = |unfiled: &[HistoryEntry], at_most| {
            let newest = newest(unfiled, &filed, at_most).into_iter();
            let newest = newest.map(|entry| (entry.contact.0, entry.at.0));
            newest.collect::<Vec<_>>()
        };
        assert_eq!(shown(&[], 2), [(5, 50), (4, 40)]);
        let unfiled = [entry(3, 30), entry(6, 60), entry(4, 45)];
        assert_eq!(
            shown(&unfiled, 9),
            [(6, 60), (5, 50), (4, 45), (3, 30), (2, 20), (1, 10)]
        );
        assert_eq!(shown(&unfiled, 2), [(6, 60), (5, 50)]);
    }

    #[test]
    fn the_oldest_is_forgotten_when_the_history_is_full() {
        let mut history = Vec::new();
        for contact in 0..60_u8 {
            remember(&mut history, entry(contact.into(), contact.into()));
        }
        remember(&mut history, entry(1_000, 0));
        assert_eq!(history.len(), HISTORY_MAX);
        assert_eq!(history.last(), Some(&entry(10, 10)));
    }
}
