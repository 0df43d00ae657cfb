//! What the webhook is sent.

use crate::domain::{ContactId, Name, Timestamp};
use crate::engine::options::CALLBACK_DIALLED;
use crate::wire::written::Written;
use serde::Serialize;

/// An escalation has fired, or a customer is to be called.
#[derive(Serialize)]
pub struct EscalationCall<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub site: Written<&'a Name>,
    pub rule: Written<&'a Name>,
    pub queue: Written<&'a Name>,
    pub contact: Written<ContactId>,
    pub at: Written<Timestamp>,
    /// The call that is to be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial: Option<DialCall<'a>>,
}

/// Whom to call, and until when.
#[derive(Serialize)]
pub struct DialCall<'a> {
    pub phone: &'a str,
    pub attempt: u32,
    pub until: Written<Timestamp>,
}

impl EscalationCall<'_> {
    /// The type of a call that says who is to be dialled, or of one that does not.
    pub fn kind(dials: bool) -> &'static str {
        if dials {
            CALLBACK_DIALLED
        } else {
            "escalation"
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a call is text")
    }
}
