//! The format of every error over HTTP: RFC 9457 with a stable `code`.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::code::is_known;
use crate::wire::described::form::CodeForm;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    /// Stable, in snake case.
    pub code: &'static str,
    pub detail: Cow<'static, str>,
    /// Also sent as the header `Retry-After`.
    pub retry_after_s: Option<u32>,
    /// Boxed, because every call can return a problem.
    pub more: Box<More>,
}

/// Details of a problem; see [`ProblemBody`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct More {
    pub field: Option<String>,
    pub found: Option<String>,
    pub allowed: Option<String>,
    pub customer: Option<String>,
    pub faults: Vec<String>,
}

/// A problem on the wire.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Always `about:blank`: the `code` distinguishes problems.
    #[serde(rename = "type")]
    kind: &'a str,
    /// The standard phrase of the status.
    title: &'a str,
    status: u16,
    /// Stable, in snake case.
    #[schema(value_type = CodeForm)]
    code: &'a str,
    detail: &'a str,
    /// The path of the wrong field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    field: Option<&'a str>,
    /// The value found there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    found: Option<&'a str>,
    /// The values allowed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    allowed: Option<&'a str>,
    /// The customer to whom the identity already belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    customer: Option<&'a str>,
    /// All faults, for calls that can report several.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    faults: &'a [String],
    /// Also sent as the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32)]
    retry_after_s: Option<u32>,
}

impl Problem {
    pub fn new(status: u16, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        debug_assert!(is_known(code), "{code} is not among the codes");
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after_s: None,
            more: Box::default(),
        }
    }

    /// Well-formed, but the value of `field` is not allowed.
    pub fn bad_value(field: impl Into<String>, found: &str, allowed: impl Into<String>) -> Self {
        // An attribute's name can be too long.
        let field = shortened(&field.into());
        let (found, allowed) = (shortened(found), allowed.into());
        let detail = format!("{field}: found {found}, allowed: {allowed}");
        let mut problem = Self::new(422, "bad_value", detail);
        problem.more.field = Some(field);
        problem.more.found = Some(found);
        problem.more.allowed = Some(allowed);
        problem
    }

    pub fn at_field(mut self, field: impl Into<String>) -> Self {
        self.more.field = Some(field.into());
        self
    }

    pub fn with_retry_after_s(self, seconds: u32) -> Self {
        Self {
            retry_after_s: Some(seconds),
            ..self
        }
    }

    pub fn to_json(&self) -> Vec<u8> {
        let body = ProblemBody {
            kind: "about:blank",
            title: title_of(self.status),
            status: self.status,
            code: self.code,
            detail: &self.detail,
            field: self.more.field.as_deref(),
            found: self.more.found.as_deref(),
            allowed: self.more.allowed.as_deref(),
            customer: self.more.customer.as_deref(),
            faults: &self.more.faults,
            retry_after_s: self.retry_after_s,
        };
        serde_json::to_vec(&body).expect("a problem is text and numbers")
    }
}

/// The most characters of a wrong value that a problem quotes.
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
