//! Reads bodies, and distinguishes malformed JSON from well-formed JSON with wrong content.
//!
//! A valid body is read in one pass. Only an invalid one is read again, to find the field, what was
//! found and what is allowed.

use serde::Deserialize;
use serde_json::Value;

use crate::wire::problem::{Problem, shortened};

/// The body as a `T`, or the problem with it.
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    if !is_object(body) {
        return Err(no_object(body));
    }
    serde_json::from_slice(body).map_err(|_| explain::<T>(body))
}

/// A derived reader would also accept an array for an object, field by field.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

fn no_object(body: &[u8]) -> Problem {
    match serde_json::from_slice::<Value>(body) {
        Err(error) => malformed(&error),
        Ok(value) => Problem::bad_value("body", &value.to_string(), "an object"),
    }
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("malformed JSON: {error}");
    Problem::new(400, "malformed_json", detail)
}

fn explain<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Problem {
    // Malformed JSON takes precedence over wrong content, wherever each occurs.
    if let Err(error) = serde_json::from_slice::<Value>(body) {
        return malformed(&error);
    }
    let mut text = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut text) {
        Err(error) => wrong(&path_of(&error), &error.inner().to_string()),
        Ok(_) => Problem::new(400, "malformed_json", "malformed JSON: more than one value"),
    }
}

fn path_of(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    if path == "." { String::new() } else { path }
}

/// `message` comes from serde; its beginning gives the kind of error.
fn wrong(path: &str, message: &str) -> Problem {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let kinds = [
        ("unknown field `", "unknown_field"),
        ("duplicate field `", "duplicate_field"),
        ("missing field `", "missing_field"),
    ];
    for (start, code) in kinds {
        if let Some(rest) = message.strip_prefix(start) {
            return about_a_field(path, code, rest);
        }
    }
    let (found, allowed) = message
        .rsplit_once(", expected ")
        .unwrap_or((message, "see the documentation"));
    let found = ["invalid type: ", "invalid value: ", "invalid length "]
        .into_iter()
        .find_map(|start| found.strip_prefix(start))
        .unwrap_or(found);
    let field = if path.is_empty() { "body" } else { path };
    Problem::bad_value(field, found, allowed)
}

/// ``name`, expected one of `a`, `b``, or the name only.
fn about_a_field(parent: &str, code: &'static str, rest: &str) -> Problem {
    let (name, allowed) = match rest.rsplit_once("`, expected ") {
        Some((name, allowed)) => (name, Some(allowed.replace('`', ""))),
        None => {
            let name = rest
                .split_once("`, there are no fields")
                .map(|(name, _)| name);
            (name.unwrap_or_else(|| rest.trim_end_matches('`')), None)
        }
    };
    // The last segment, not the end of one.
    let above = parent.strip_suffix(name);
    let above = above.filter(|above| above.is_empty() || above.ends_with('.'));
    let parent = above.map_or(parent, |above| above.trim_end_matches('.'));
    let (name, parent) = (shortened(name), shortened(parent));
    let field = if parent.is_empty() {
        name
    } else {
        format!("{parent}.{name}")
    };
    let what = code.replace('_', " ");
    let detail = match &allowed {
        Some(allowed) => format!("{field}: {what}, allowed: {allowed}"),
        None => format!("{field}: {what}"),
    };
    // Duplicate names are malformed (RFC 8259 §4), although most readers accept them.
    let status = if code == "duplicate_field" { 400 } else { 422 };
    let mut problem = Problem::new(status, code, detail).at_field(field);
    problem.more.allowed = allowed;
    problem
}

#[cfg(test)]
mod tests;
