//! Walks a TOML document and collects its faults.
//!
//! A [`Reader`] represents one table. Asking it for a [key](Reader::key) both reads the value and
//! declares that the key exists; a key that was never asked for is reported as unknown. A faulty
//! value is reported and read as absent, so that one walk finds every fault.
//!
//! **Invariant:** a key that is read cannot be reported as unknown, and a key that is not read
//! cannot be silently accepted.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::fault::{Findings, Spot};
use crate::config::names::did_you_mean;
use crate::domain::Name;
use crate::store::profiles::options::without_credentials;

pub(super) type Value<'d> = Spanned<DeValue<'d>>;

/// One table of the document. An absent table reads as an empty one.
pub(super) struct Reader<'r, 'd> {
    table: Option<&'d DeTable<'d>>,
    spot: Spot,
    asked: Vec<&'static str>,
    findings: &'r mut Findings,
}

/// One key of a table, with its value if there is one.
pub(super) struct Field<'f, 'd> {
    value: Option<&'d Value<'d>>,
    required: bool,
    spot: Spot,
    findings: &'f mut Findings,
}

/// Reads the whole document.
pub(super) fn walk<'d, T>(
    document: &'d DeTable<'d>,
    findings: &mut Findings,
    read: impl FnOnce(&mut Reader<'_, 'd>) -> T,
) -> T {
    let spot = Spot {
        path: String::new(),
        offset: None,
    };
    table(Some(document), spot, findings, read)
}

fn table<'d, T>(
    table: Option<&'d DeTable<'d>>,
    spot: Spot,
    findings: &mut Findings,
    read: impl FnOnce(&mut Reader<'_, 'd>) -> T,
) -> T {
    let mut reader = Reader {
        table,
        spot,
        asked: Vec::new(),
        findings,
    };
    let outcome = read(&mut reader);
    reader.report_unknown_keys();
    outcome
}

impl<'d> Reader<'_, 'd> {
    pub(super) fn key(&mut self, key: &'static str) -> Field<'_, 'd> {
        self.asked.push(key);
        let spot = self.spot_of(key);
        Field {
            value: self.table.and_then(|table| table.get(key)),
            required: false,
            spot,
            findings: self.findings,
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.spot.path
    }

    /// Where `key` is, or would be.
    pub(super) fn spot_of(&self, key: &str) -> Spot {
        let value = self.table.and_then(|table| table.get(key));
        Spot {
            path: join(&self.spot.path, key),
            offset: value.map_or(self.spot.offset, |value| Some(value.span().start)),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    pub(super) fn holds_table(&self, key: &str) -> bool {
        let value = self.table.and_then(|table| table.get(key));
        value.is_some_and(|value| value.get_ref().is_table())
    }

    /// Whether a list has items; also true for a value that is not a list, which is reported
    /// elsewhere.
    pub(super) fn holds_items(&self, key: &str) -> bool {
        let value = self.table.and_then(|table| table.get(key));
        let list = value.map(|value| value.get_ref().as_array());
        list.is_some_and(|list| list.is_none_or(|list| !list.is_empty()))
    }

    /// How many of the keys asked for so far are present.
    pub(super) fn present(&self) -> usize {
        self.asked.iter().filter(|key| self.has(key)).count()
    }

    pub(super) fn asked(&self) -> String {
        self.asked.join(", ")
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_none_or(DeTable::is_empty)
    }

    pub(super) fn fault(&mut self, found: &str, allowed: &str) {
        self.findings.add(self.spot.clone(), found, allowed);
    }

    pub(super) fn fault_at(&mut self, key: &str, found: &str, allowed: &str) {
        self.findings.add(self.spot_of(key), found, allowed);
    }

    pub(super) fn findings(&mut self) -> &mut Findings {
        self.findings
    }

    fn report_unknown_keys(&mut self) {
        for (key, value) in entries(self.table) {
            if self.asked.contains(&key) {
                continue;
            }
            let hint = did_you_mean(key, self.asked.iter().copied());
            let spot = Spot {
                path: join(&self.spot.path, key),
                offset: Some(value.span().start),
            };
            let allowed = format!("{}{hint}", self.asked.join(", "));
            self.findings.add(spot, "unknown key", &allowed);
        }
    }
}

impl<'f, 'd> Field<'f, 'd> {
    /// Makes the absence of this key a fault.
    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) fn or_required_if(mut self, required: bool) -> Self {
        self.required |= required;
        self
    }

    /// Reports the key as unknown.
    pub(super) fn refuse(self, allowed: &str) {
        self.findings.add(self.spot, "unknown key", allowed);
    }

    /// What `parse` returns for the value; its error says what is allowed.
    pub(super) fn parse_at<T>(
        self,
        allowed: &str,
        parse: impl FnOnce(&'d DeValue<'d>, &str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(value) = self.value else {
            if self.required {
                self.findings.add(self.spot, "missing", allowed);
            }
            return None;
        };
        match parse(value.get_ref(), &self.spot.path) {
            Ok(parsed) => Some(parsed),
            Err(allowed) => {
                self.findings
                    .add(self.spot, &shown(value.get_ref()), &allowed);
                None
            }
        }
    }

    /// Like [`parse`](Self::parse), without repeating the value.
    pub(super) fn parse_hidden<T>(
        self,
        allowed: &str,
        parse: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Option<T> {
        if self.value.is_none() {
            return self.parse(allowed, parse);
        }
        let parsed = self.value.and_then(|value| parse(value.get_ref()));
        if parsed.is_none() {
            self.findings.add(self.spot, "another value", allowed);
        }
        parsed
    }

    pub(super) fn parse<T>(
        self,
        allowed: &str,
        parse: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Option<T> {
        self.parse_at(allowed, |value, _| {
            parse(value).ok_or_else(|| allowed.to_owned())
        })
    }

    pub(super) fn table<T>(self, read: impl FnOnce(&mut Reader<'_, 'd>) -> T) -> T {
        let value = self.value.map(Spanned::get_ref);
        let inner = value.and_then(DeValue::as_table);
        if let Some(other) = value.filter(|_| inner.is_none()) {
            self.findings
                .add(self.spot.clone(), &shown(other), "a table");
        }
        table(inner, self.spot, self.findings, read)
    }

    /// A list of tables; those for which `read` returns none are omitted.
    pub(super) fn tables<T>(
        mut self,
        len_max: usize,
        mut read: impl FnMut(&mut Reader<'_, 'd>) -> Option<T>,
    ) -> Vec<T> {
        let mut made = Vec::new();
        for (item, spot) in self.items(len_max, "tables") {
            if self.findings.is_full() {
                break;
            }
            match item.get_ref().as_table() {
                Some(inner) => made.extend(table(Some(inner), spot, self.findings, &mut read)),
                None => self.findings.add(spot, &shown(item.get_ref()), "a table"),
            }
        }
        made
    }

    /// A list of strings. The error of `parse` says what is allowed.
    pub(super) fn strings<T>(
        mut self,
        len_max: usize,
        mut parse: impl FnMut(&'d str, &str) -> Result<T, String>,
    ) -> Vec<T> {
        let mut made = Vec::new();
        for (item, spot) in self.items(len_max, "strings") {
            if self.findings.is_full() {
                break;
            }
            let text = item.get_ref().as_str();
            let parsed = text.map_or_else(
                || Err("a string".to_owned()),
                |text| parse(text, &spot.path),
            );
            match parsed {
                Ok(parsed) => made.push(parsed),
                Err(allowed) => self.findings.add(spot, &shown(item.get_ref()), &allowed),
            }
        }
        made
    }

    /// A list of plain values; none if it has a fault. `allowed` is for each of them.
    pub(super) fn list<T>(
        mut self,
        lengths: RangeInclusive<usize>,
        what: &str,
        allowed: &str,
        parse: impl Fn(&'d DeValue<'d>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let is_given = self.value.is_some();
        let items = self.items_within(lengths.clone(), what);
        let mut made = Vec::with_capacity(items.len());
        for (item, spot) in items {
            match parse(item.get_ref()) {
                Some(parsed) => made.push(parsed),
                None => self.findings.add(spot, &shown(item.get_ref()), allowed),
            }
        }
        let given = self.value.and_then(|value| value.get_ref().as_array());
        let is_sound = given.is_some_and(|list| list.len() == made.len());
        (is_given && is_sound && lengths.contains(&made.len())).then_some(made)
    }

    /// A table whose keys are chosen by the user, in the order of the document. `read` receives the
    /// field of each.
    pub(super) fn named<T>(
        self,
        range: RangeInclusive<usize>,
        mut read: impl FnMut(Name, Field<'_, 'd>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.value?.get_ref();
        let Some(inner) = value.as_table() else {
            self.findings.add(self.spot, &shown(value), "a table");
            return None;
        };
        if !range.contains(&inner.len()) {
            let found = format!("{} entries", inner.len());
            let allowed = format!("{range:?} entries");
            self.findings.add(self.spot.clone(), &found, &allowed);
        }
        let mut made = Vec::new();
        for (key, value) in entries(Some(inner)).into_iter().take(*range.end()) {
            let spot = Spot {
                path: join(&self.spot.path, key),
                offset: Some(value.span().start),
            };
            match Name::new(key) {
                Ok(name) => made.extend(read(
                    name,
                    Field {
                        value: Some(value),
                        required: true,
                        spot,
                        findings: self.findings,
                    },
                )),
                Err(_) => self.findings.add(spot, &format!("{key:?}"), NAME_FORM),
            }
        }
        Some(made)
    }

    fn items(&mut self, len_max: usize, what: &str) -> Vec<(&'d Value<'d>, Spot)> {
        self.items_within(usize::from(self.required)..=len_max, what)
    }

    fn items_within(
        &mut self,
        lengths: RangeInclusive<usize>,
        what: &str,
    ) -> Vec<(&'d Value<'d>, Spot)> {
        let allowed = format!("a list of {lengths:?} {what}");
        let Some(value) = self.value else {
            if self.required {
                self.findings.add(self.spot.clone(), "missing", &allowed);
            }
            return Vec::new();
        };
        let list = value.get_ref().as_array();
        if !list.is_some_and(|list| lengths.contains(&list.len())) {
            self.findings
                .add(self.spot.clone(), &shown(value.get_ref()), &allowed);
        }
        let items = list.into_iter().flatten().take(*lengths.end()).enumerate();
        let placed = items.map(|(index, item)| {
            let spot = Spot {
                path: format!("{}[{index}]", self.spot.path),
                offset: Some(item.span().start),
            };
            (item, spot)
        });
        placed.collect()
    }
}

pub(super) const NAME_FORM: &str = "1 to 64 of A-Z a-z 0-9 _ - . :";

/// The entries of a table in the order of the document.
fn entries<'d>(table: Option<&'d DeTable<'d>>) -> Vec<(&'d str, &'d Value<'d>)> {
    let mut entries: Vec<_> = table.into_iter().flatten().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
        .into_iter()
        .map(|(key, value)| (key.get_ref().as_ref(), value))
        .collect()
}

fn join(path: &str, key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let dot = if path.is_empty() { "" } else { "." };
    if !key.is_empty() && key.bytes().all(bare) {
        return format!("{path}{dot}{key}");
    }
    let short: String = key.chars().take(64).collect();
    format!("{path}{dot}{short:?}")
}

/// A value as shown in a fault, without credentials.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{:?}", without_credentials(text)),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(instant) => instant.to_string(),
        DeValue::Array(items) => format!("a list of {}", items.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
