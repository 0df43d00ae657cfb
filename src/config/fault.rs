//! What is wrong with a configuration, one line for each fault.

use std::fmt;

use crate::config::auth::AuthOptions;

/// The most faults that are listed; beyond it, lists are not read further.
const FAULTS_MAX: usize = 1_000;

/// The longest excerpt of the document in a fault, in characters.
const FOUND_CHARS_MAX: usize = 80;

/// One fault: where it is, what was found, what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Keys and indices from 0: `queue[2].offer.answer_within_s`.
    pub path: String,
    pub found: String,
    pub allowed: String,
    /// From 1; none if the fault concerns the document as a whole.
    pub line: Option<usize>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, allowed: {}",
            self.path, self.found, self.allowed
        )?;
        self.line.map_or(Ok(()), |line| write!(f, " (line {line})"))
    }
}

/// Every fault of one configuration, in the order of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Faults {
    list: Vec<Fault>,
    /// There are more faults than are listed.
    cut_off: bool,
    callers: Option<AuthOptions>,
}

impl Faults {
    /// A fault of the file itself, which has no lines to show.
    pub(super) fn of_file(path: String, found: String, allowed: &str) -> Self {
        let mut faults = Self::default();
        faults.add(path, found, allowed.to_owned(), None);
        faults
    }

    pub(super) fn beside(self, callers: Option<AuthOptions>) -> Self {
        Self { callers, ..self }
    }

    /// The `[auth]` section as far as it was read, so that the key files it names can be checked as
    /// well.
    pub fn callers(&self) -> Option<&AuthOptions> {
        self.callers.as_ref()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.list.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn add(&mut self, path: String, found: String, allowed: String, line: Option<usize>) {
        if self.list.len() == FAULTS_MAX {
            self.cut_off = true;
            return;
        }
        self.list.push(Fault {
            path,
            found,
            allowed,
            line,
        });
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.list.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{fault}")?;
        }
        if self.cut_off {
            write!(f, "\n… and more; only the first {FAULTS_MAX} are listed")?;
        }
        Ok(())
    }
}

/// A spot in the document.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) path: String,
    /// Byte offset; none for the document as a whole.
    pub(super) offset: Option<usize>,
}

/// Collects faults while the document is read.
pub(super) struct Findings {
    /// The byte offset of each line's end.
    line_ends: Vec<usize>,
    faults: Faults,
}

impl Findings {
    pub(super) fn new(text: &str) -> Self {
        Self {
            line_ends: text.match_indices('\n').map(|(offset, _)| offset).collect(),
            faults: Faults::default(),
        }
    }

    pub(super) fn add(&mut self, spot: Spot, found: &str, allowed: &str) {
        let line = spot
            .offset
            .map(|offset| self.line_ends.partition_point(|end| *end < offset) + 1);
        let found = match found.char_indices().nth(FOUND_CHARS_MAX) {
            Some((end, _)) => format!("{}…", &found[..end]),
            None => found.to_owned(),
        };
        self.faults.add(spot.path, found, allowed.to_owned(), line);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether a further fault would not be listed.
    pub(super) fn is_full(&self) -> bool {
        self.faults.cut_off
    }

    /// Whether no fault lies in any of these top-level keys.
    pub(super) fn spare(&self, keys: &[&str]) -> bool {
        let within = |fault: &Fault| keys.iter().any(|key| fault.path.starts_with(key));
        !self.faults.cut_off && !self.faults.iter().any(within)
    }

    pub(super) fn into_faults(mut self) -> Faults {
        self.faults.list.sort_by_key(|fault| fault.line);
        self.faults
    }
}
