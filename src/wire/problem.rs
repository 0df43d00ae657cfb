//! The one shape of every no over HTTP: RFC 9457 with a stable `code`.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the `code` tells problems apart.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "about:blank")]
    kind: &'static str,
    /// The words of the status.
    #[schema(value_type = String)]
    title: &'static str,
    pub status: u16,
    /// Stable, in snake case.
    #[schema(value_type = String, example = "bad_value")]
    pub code: &'static str,
    #[schema(value_type = String)]
    pub detail: Cow<'static, str>,
    /// The path of the field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What may stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// The customer that an identity belongs to already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Everything that is wrong, where more than one thing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Sent as the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
}

impl Problem {
    pub fn new(status: u16, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: "about:blank",
            title: title_of(status),
            status,
            code,
            detail: detail.into(),
            field: None,
            found: None,
            allowed: None,
            customer: None,
            faults: Vec::new(),
            retry_after_s: None,
        }
    }

    /// Well-formed, but `field` holds what it may not.
    pub fn bad_value(field: impl Into<String>, found: &str, allowed: impl Into<String>) -> Self {
        let (field, found, allowed) = (field.into(), shortened(found), allowed.into());
        let detail = format!("{field}: found {found}, allowed: {allowed}");
        Self {
            field: Some(field),
            found: Some(found),
            allowed: Some(allowed),
            ..Self::new(422, "bad_value", detail)
        }
    }

    pub fn with_retry_after_s(self, seconds: u32) -> Self {
        Self {
            retry_after_s: Some(seconds),
            ..self
        }
    }

    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a problem is text and numbers")
    }
}

/// The most characters of a wrong value that a problem repeats.
const FOUND_CHARS_MAX: usize = 64;

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(FOUND_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn title_of(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error")
}
