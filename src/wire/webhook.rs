//! What the webhook is sent.

use crate::domain::{ContactId, Name, Timestamp};
use crate::wire::written::Written;
use serde::Serialize;

/// An escalation has fired.
#[derive(Serialize)]
pub struct EscalationCall<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub site: Written<&'a Name>,
    pub rule: Written<&'a Name>,
    pub queue: Written<&'a Name>,
    pub contact: Written<ContactId>,
    pub at: Written<Timestamp>,
}

impl<'a> EscalationCall<'a> {
    pub fn new(
        site: &'a Name,
        (rule, queue): (&'a Name, &'a Name),
        contact: ContactId,
        at: Timestamp,
    ) -> Self {
        Self {
            kind: "escalation",
            site: Written(site),
            rule: Written(rule),
            queue: Written(queue),
            contact: Written(contact),
            at: Written(at),
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a call is text")
    }
}
