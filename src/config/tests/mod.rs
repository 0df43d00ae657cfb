//! Tests of the reader: what is refused, what is understood, and what is warned of.

mod doors;
mod escalations;
mod fairness;
mod files;
mod properties;
mod refused;
mod rehearsals;
mod understood;
mod warned;

use std::collections::BTreeMap;

use super::*;
use crate::domain::Name;

/// The smallest valid document.
const LEAST: &str = "[[queue]]\nid = \"general\"\n";

fn config(text: &str) -> Config {
    Config::parse(text).unwrap_or_else(|faults| panic!("{faults}\n\n{text}"))
}

fn faults(text: &str) -> Vec<String> {
    let Err(faults) = Config::parse(text) else {
        return Vec::new();
    };
    faults.iter().map(Fault::to_string).collect()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// What unknown keys are told is allowed, by their paths.
fn unknown(faults: &Faults) -> BTreeMap<&str, &str> {
    let unknown = faults.iter().filter(|fault| fault.found == "unknown key");
    let told = unknown.map(|fault| (fault.path.as_str(), fault.allowed.as_str()));
    told.collect()
}

/// Reads each line of a faulty document alone, under its header: unknown keys are told the same as
/// in the whole document, whatever else their tables have.
fn assert_told_the_same(document: &str, read: impl Fn(&str) -> Faults) {
    let whole = read(document);
    let told = unknown(&whole);
    let mut header = "";
    for line in document.lines() {
        if line.starts_with('[') {
            header = line;
            continue;
        }
        for (path, allowed) in unknown(&read(&format!("{header}\n{line}"))) {
            assert_eq!(told[path], allowed, "{path}");
        }
    }
}
