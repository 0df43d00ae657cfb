//! The layers, checked in the sources: imports point down, the pure zone has no async, no clock and
//! no I/O, and files stay readable.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use switchboard::wire::code::{CODES, is_known};

/// What each zone may import from the project, besides itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("dice", &[]),
    ("domain", &[]),
    ("episode", &[]),
    ("stopwatch", &[]),
    ("task", &[]),
    ("engine", &["domain"]),
    ("customer", &["domain"]),
    ("wire", &["customer", "domain", "engine"]),
    ("sim", &["customer", "domain", "engine"]),
    (
        "store",
        &["customer", "domain", "episode", "stopwatch", "task"],
    ),
    ("telemetry", &["domain", "engine", "episode", "store"]),
    (
        "node",
        &[
            "customer",
            "domain",
            "engine",
            "episode",
            "stopwatch",
            "store",
            "task",
            "telemetry",
        ],
    ),
    (
        "gateway",
        &[
            "customer",
            "domain",
            "engine",
            "episode",
            "node",
            "stopwatch",
            "store",
            "task",
            "telemetry",
            "wire",
        ],
    ),
    (
        "config",
        &["domain", "engine", "gateway", "sim", "store", "telemetry"],
    ),
];

/// What each part of the engine may import from the others. Methods of `Engine` are called from
/// anywhere in it; this is about what they are made of.
const PARTS_MAY_IMPORT: &[(&str, &[&str])] = &[
    ("state", &[]),
    ("choosing", &["state"]),
    ("lifecycle", &["choosing", "state"]),
    ("shown", &["choosing", "lifecycle", "state"]),
    ("handlers", &["choosing", "lifecycle", "shown", "state"]),
];

/// Zones of pure functions, without access to the outside world.
const PURE: &[&str] = &["customer", "dice", "domain", "engine", "sim", "wire"];
const BANNED_IN_PURE: &[&str] = &[
    "async ",
    ".await",
    "tokio",
    "Instant::now",
    "SystemTime",
    "std::fs",
    "std::io",
    "File::",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
    "rand::",
    "thread_rng",
    "OsRng",
    "Mutex",
    "println!",
    // Time zones come from the bundled data, never from the machine.
    "TimeZone::get",
    "TimeZone::system",
    "from_env",
    "tz::db()",
    "Zoned::now",
    "Timestamp::now",
    "in_tz(",
];

/// The only random number of the pure zone seeds hashes of keys that come from outside; no order
/// of these maps is ever visible.
const RANDOM: &str = "RandomState";
const SEEDED_IN: &[&str] = &["engine/mod.rs", "engine/state/contacts.rs"];

const LINES_MAX: usize = 500;
const DRAWERS: &[&str] = &["utils.rs", "util.rs", "helpers.rs", "common.rs", "misc.rs"];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source with its zone: the folder, or the file's own name.
fn zones() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).unwrap();
            let zone = inside
                .components()
                .next()
                .unwrap()
                .as_os_str()
                .to_str()
                .unwrap();
            (
                zone.trim_end_matches(".rs").to_owned(),
                path.clone(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

/// The code without comments and without inline test modules.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap())
        .collect();
    let mut kept = Vec::new();
    let mut rest = lines.as_slice();
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        if line.trim() == "#[cfg(test)]" {
            rest = after_module(after).unwrap_or(after);
        } else {
            kept.push(*line);
        }
    }
    kept.join("\n")
}

/// The code after the module that starts here, possibly with further attributes; none if another
/// item starts, or the module is a separate file. In formatted code a module ends at the
/// indentation it starts at.
fn after_module<'a, 'b>(lines: &'a [&'b str]) -> Option<&'a [&'b str]> {
    let begin = lines
        .iter()
        .position(|line| line.trim().ends_with(['{', ';']))?;
    let opening = lines[begin];
    let item = opening.trim_start();
    let is_module = item.starts_with("mod ") || item.starts_with("pub(super) mod ");
    if !is_module || !item.ends_with('{') {
        return None;
    }
    let closing = format!("{}}}", &opening[..opening.len() - item.len()]);
    let end = lines[begin..].iter().position(|line| *line == closing)?;
    Some(&lines[begin + end + 1..])
}

#[test]
fn code_after_the_tests_of_a_file_is_checked_too() {
    let text = "\
use a;
#[cfg(test)]
mod tests;
use b; // and not that
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = \"a test\")]
mod more {
    use not_this;
    fn f() {
    }
}
#[cfg(test)]
use c;
fn g() {}";
    assert_eq!(code(text), "use a;\nmod tests;\nuse b; \nuse c;\nfn g() {}");
}

fn imports(text: &str, from: &str) -> BTreeSet<String> {
    let named = text.split(from).skip(1);
    named
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

#[test]
fn imports_point_down() {
    for (zone, path, text) in zones() {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == zone) else {
            assert!(
                ["cli", "lib", "main"].contains(&zone.as_str()),
                "{}: in no zone",
                path.display()
            );
            continue;
        };
        for import in imports(&code(&text), "crate::") {
            let fine = import == zone || allowed.contains(&import.as_str());
            assert!(
                fine,
                "{}: {zone} may not import {import}; allowed: {allowed:?}",
                path.display()
            );
        }
    }
}

#[test]
fn imports_point_down_within_the_engine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
    for (part, allowed) in PARTS_MAY_IMPORT {
        let mut found = Vec::new();
        sources(&root.join(part), &mut found);
        assert!(!found.is_empty(), "{part}: no part of the engine");
        for path in found {
            let text = fs::read_to_string(&path).unwrap();
            for import in imports(&code(&text), "crate::engine::") {
                let is_part = PARTS_MAY_IMPORT.iter().any(|(name, _)| *name == import);
                assert!(
                    !is_part || import == *part || allowed.contains(&import.as_str()),
                    "{}: {part} may not import {import}; allowed: {allowed:?}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_pure_zone_has_no_access_to_the_world() {
    for (zone, path, text) in zones() {
        if !PURE.contains(&zone.as_str()) {
            continue;
        }
        let code = code(&text);
        for word in BANNED_IN_PURE {
            assert!(
                !code.contains(word),
                "{}: `{word}` in the pure zone",
                path.display()
            );
        }
        let is_seeded = SEEDED_IN.iter().any(|file| path.ends_with(file));
        assert!(
            is_seeded || !code.contains(RANDOM),
            "{}: `{RANDOM}` in the pure zone",
            path.display()
        );
    }
}

/// Only tasks started by the `task` zone have their panics handled.
#[test]
fn only_one_place_starts_threads_and_tasks() {
    const STARTS: &[&str] = &["thread::Builder", "thread::spawn", "tokio::spawn"];
    for (zone, path, text) in zones() {
        let code = code(&text);
        for word in STARTS {
            assert!(
                zone == "task" || !code.contains(word),
                "{}: `{word}` outside of src/task",
                path.display()
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    for (_, path, text) in zones() {
        let first = text.lines().next().unwrap_or_default();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            first.starts_with("//!"),
            "{} does not open with what it is for",
            path.display()
        );
        assert!(
            text.lines().count() <= LINES_MAX,
            "{} is longer than {LINES_MAX} lines",
            path.display()
        );
        assert!(
            !DRAWERS.contains(&name),
            "{}: name a file by its noun",
            path.display()
        );
    }
}

#[test]
fn the_layers_have_no_cycle() {
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    for (zone, allowed) in MAY_IMPORT {
        for import in *allowed {
            let below = settled.contains(import);
            assert!(
                below,
                "{zone} imports {import}, which does not stand below it"
            );
        }
        settled.insert(zone);
    }
}

/// The quoted words that follow `before`, however the code is broken into lines.
fn quoted_after<'a>(squeezed: &'a str, before: &str) -> Vec<&'a str> {
    let rests = squeezed.split(before).skip(1);
    let words = rests.filter_map(|rest| rest.strip_prefix('"')?.split('"').next());
    words.collect()
}

/// Every code that the sources give a refusal is in the published list.
#[test]
fn every_code_of_a_refusal_is_published() {
    let mut given = BTreeSet::new();
    let mut written = String::new();
    for (zone, path, text) in zones() {
        let squeezed: String = code(&text).split_whitespace().collect();
        let is_list = path.ends_with("wire/code.rs");
        if !is_list {
            written.push_str(&squeezed);
        }
        if path.ends_with("engine/refusal.rs") || path.ends_with("customer/malformed.rs") {
            given.extend(quoted_after(&squeezed, "=>").into_iter().map(str::to_owned));
        }
        if !["gateway", "wire"].contains(&zone.as_str()) {
            continue;
        }
        for status in 400..600 {
            let made = format!("::new({status},");
            given.extend(
                quoted_after(&squeezed, &made)
                    .into_iter()
                    .map(str::to_owned),
            );
        }
        for before in [
            "::new(status,",
            "nothing_there(",
            "refused(",
            "not_ready(",
            "code:",
        ] {
            given.extend(
                quoted_after(&squeezed, before)
                    .into_iter()
                    .map(str::to_owned),
            );
        }
    }
    assert!(given.len() > 60, "{given:?}");
    for code in &given {
        assert!(is_known(code), "{code} is not published");
    }
    for code in CODES {
        let literal = format!("\"{code}\"");
        assert!(written.contains(&literal), "{code} is given to nothing");
    }
}
