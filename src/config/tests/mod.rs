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
