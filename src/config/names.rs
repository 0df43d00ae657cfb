//! Names that the document defines: finds references to undefined names and suggests the intended
//! one.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::Name;

/// The longest misspelling for which a name is suggested.
const MISSPELLED_BYTES_MAX: usize = 64;

/// The defined names of one kind.
pub(super) struct Known<'d> {
    what: &'static str,
    names: BTreeSet<&'d str>,
}

impl<'d> Known<'d> {
    pub(super) fn new(what: &'static str, names: impl IntoIterator<Item = &'d str>) -> Self {
        Self {
            what,
            names: names.into_iter().collect(),
        }
    }

    /// The ids of a list of tables, well formed or not.
    pub(super) fn ids(what: &'static str, document: &'d DeTable<'d>, key: &str) -> Self {
        let items = items(document.get(key));
        let ids = items.filter_map(|item| item.get("id")?.get_ref().as_str());
        Self::new(what, ids)
    }

    /// The topics of all queues, well formed or not.
    pub(super) fn topics(document: &'d DeTable<'d>) -> Self {
        let queues = items(document.get("queue"));
        let topics = queues.flat_map(|queue| items(queue.get("topics")));
        Self::new("a topic of a queue", topics.filter_map(DeValue::as_str))
    }

    /// The name, or what is allowed in its place.
    pub(super) fn check(&self, text: &str) -> Result<Name, String> {
        let refused = || {
            let hint = did_you_mean(text, self.names.iter().copied());
            format!("{}{hint}", self.what)
        };
        let known = self.names.contains(text).then(|| Name::new(text).ok());
        known.flatten().ok_or_else(refused)
    }

    pub(super) const fn what(&self) -> &'static str {
        self.what
    }
}

/// Names that must be unique, each with the path where it first occurred.
#[derive(Default)]
pub(super) struct Unique(BTreeMap<String, String>);

impl Unique {
    /// Starts with reserved names, each with its owner.
    pub(super) fn without<const N: usize>(reserved: [&str; N], whose: &str) -> Self {
        let names = reserved.map(|name| (name.to_owned(), whose.to_owned()));
        Self(names.into())
    }

    pub(super) fn claim(&mut self, name: &str, path: &str) -> Result<(), String> {
        match self.0.get(name) {
            Some(first) => Err(format!("a unique value ({first} has this one)")),
            None => {
                self.0.insert(name.to_owned(), path.to_owned());
                Ok(())
            }
        }
    }
}

/// ` (did you mean "broadband"?)`, or nothing if no name is close.
pub(super) fn did_you_mean<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> String {
    if text.len() > MISSPELLED_BYTES_MAX {
        return String::new();
    }
    let distance = |name| strsim::osa_distance(text, name);
    let nearest = names.map(|name| (distance(name), name)).min();
    nearest
        .filter(|(distance, name)| *distance <= text.len().max(name.len()) / 3)
        .map_or_else(String::new, |(_, name)| {
            format!(" (did you mean {name:?}?)")
        })
}

/// Whether a rule of a queue, well formed or not, notifies `whom`.
pub(super) fn is_notified(document: &DeTable<'_>, whom: &str) -> bool {
    let rules = items(document.get("queue")).flat_map(|queue| items(queue.get("escalation")));
    let mut actions = rules.flat_map(|rule| items(rule.get("do")));
    actions.any(|action| {
        let notified = action.get("notify").map(|value| value.get_ref().as_str());
        notified == Some(Some(whom))
    })
}

/// The items of a list; none if it is not a list.
fn items<'d>(list: Option<&'d Spanned<DeValue<'d>>>) -> impl Iterator<Item = &'d DeValue<'d>> {
    let list = list.and_then(|list| list.get_ref().as_array());
    list.into_iter().flatten().map(Spanned::get_ref)
}

/// The keys of a table of the document.
pub(super) fn keys<'d>(document: &'d DeTable<'d>, key: &str) -> Option<Vec<&'d str>> {
    let table = document.get(key).map(|value| value.get_ref());
    let table = table.and_then(DeValue::as_table)?;
    Some(table.keys().map(|key| key.get_ref().as_ref()).collect())
}
