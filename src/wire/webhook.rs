//! The body of a webhook call.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{ContactId, Name, Timestamp};
use crate::engine::options::CALLBACK_DIALLED;
use crate::wire::described::form::{AttemptForm, WebhookKindForm};
use crate::wire::written::Written;

/// An escalation has fired, or a customer is to be called.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookCall)]
pub struct EscalationCall<'a> {
    #[serde(rename = "type")]
    #[schema(value_type = WebhookKindForm)]
    pub kind: &'static str,
    #[schema(value_type = String)]
    pub site: Written<&'a Name>,
    #[schema(value_type = String)]
    pub rule: Written<&'a Name>,
    #[schema(value_type = String)]
    pub queue: Written<&'a Name>,
    #[schema(value_type = String)]
    pub contact: Written<ContactId>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Written<Timestamp>,
    /// The call to be made; only with `callback_dialled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DialCall<'a>)]
    pub dial: Option<DialCall<'a>>,
}

/// The customer to call, and until when.
#[derive(Serialize, ToSchema)]
#[schema(as = Dial)]
pub struct DialCall<'a> {
    /// In E.164.
    pub phone: &'a str,
    /// Which call it is, counted from 1: include it when reporting the result.
    #[schema(value_type = AttemptForm)]
    pub attempt: u32,
    #[schema(value_type = String, format = DateTime)]
    pub until: Written<Timestamp>,
}

impl EscalationCall<'_> {
    /// The type of a call with or without a customer to be called.
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
