//! What the webhook is sent.

use crate::domain::{ContactId, Name, Text, Timestamp};
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
    pub phone: Written<&'a Text>,
    pub attempt: u32,
    pub until: Written<Timestamp>,
}

impl<'a> EscalationCall<'a> {
    pub fn new(
        site: &'a Name,
        (rule, queue): (&'a Name, &'a Name),
        contact: ContactId,
        at: Timestamp,
        dial: Option<DialCall<'a>>,
    ) -> Self {
        Self {
            kind: if dial.is_some() {
                CALLBACK_DIALLED
            } else {
                "escalation"
            },
            site: Written(site),
            rule: Written(rule),
            queue: Written(queue),
            contact: Written(contact),
            at: Written(at),
            dial,
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a call is text")
    }
}
