//! The parts of a contact that clients see.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Millis, Name, OfferId, Text, Timestamp};
use crate::engine::state::contact::{Callback, CustomerFirst};
use crate::engine::view::{ConsultView, ContactView, OfferView, OwedView, WaitEstimate};
use crate::wire::described::form::{CallbackModeForm, CallbackStageForm};
use crate::wire::written::Written;

/// The customer, as far as routing needs.
#[derive(Serialize, ToSchema)]
pub(super) struct CustomerBrief<'a> {
    /// Null for a stranger.
    #[schema(value_type = Option<String>, required = true)]
    id: Option<Written<&'a Text>>,
    #[schema(value_type = String)]
    tier: Written<&'a Name>,
    known: bool,
}

impl<'a> From<&'a ContactView> for CustomerBrief<'a> {
    fn from(view: &'a ContactView) -> Self {
        Self {
            id: view.recognition.customer.as_ref().map(Written),
            tier: Written(&view.tier),
            known: view.recognition.is_known(),
        }
    }
}

/// A customer who is to be called.
#[derive(Serialize, ToSchema)]
#[schema(as = Callback)]
pub(super) struct CallbackReply<'a> {
    /// In E.164.
    #[schema(value_type = String)]
    phone: &'a str,
    /// `agent_first`: the agent who accepts it dials; `customer_first`: the adapter calls when it
    /// is the contact's turn.
    #[schema(value_type = CallbackModeForm)]
    mode: &'static str,
    /// How many calls were not answered.
    attempts: u32,
    /// For `customer_first`: `waiting`, `dialled` (the adapter is to call) or `answered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CallbackStageForm)]
    stage: Option<&'static str>,
    /// When the call counts as unanswered; only while it is dialled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    dial_until: Option<Written<Timestamp>>,
}

impl<'a> From<&'a Callback> for CallbackReply<'a> {
    fn from(callback: &'a Callback) -> Self {
        let (mode, stage, dial_until) = match callback.first {
            None => ("agent_first", None, None),
            Some(first) => {
                let (stage, until) = match first {
                    CustomerFirst::Waits => ("waiting", None),
                    CustomerFirst::Dialled { until, .. } => ("dialled", Some(Written(until))),
                    CustomerFirst::Answered => ("answered", None),
                };
                ("customer_first", Some(stage), until)
            }
        };
        Self {
            phone: callback.phone.as_str(),
            mode,
            attempts: callback.attempts,
            stage,
            dial_until,
        }
    }
}

/// In whole seconds, rounded up.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitEstimate)]
pub(super) struct WaitReply {
    p50: i64,
    p90: i64,
}

/// The current offer of a contact.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveOffer)]
pub(super) struct OfferReply {
    #[schema(value_type = String)]
    id: Written<OfferId>,
    /// The desktop shows it, and the answer timer is running.
    delivered: bool,
    #[schema(value_type = String, format = DateTime)]
    until: Written<Timestamp>,
    answer_within_ms: i64,
}

/// A reply that the customer is waiting for.
#[derive(Serialize, ToSchema)]
#[schema(as = ResponseOwed)]
pub(super) struct OwedReply {
    /// The first unanswered message.
    #[schema(value_type = String, format = DateTime)]
    since: Written<Timestamp>,
    /// Null if the queue has no target.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    by: Option<Written<Timestamp>>,
    late: bool,
}

impl From<OwedView> for OwedReply {
    fn from(owed: OwedView) -> Self {
        Self {
            since: Written(owed.since),
            by: owed.by.map(Written),
            late: owed.is_late,
        }
    }
}

/// From one agent to the next.
#[derive(Serialize, ToSchema)]
#[schema(as = Transferred)]
pub(super) struct TransferReply<'a> {
    #[schema(value_type = String)]
    by: Written<&'a Name>,
    /// That agent's note to the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    note: Option<Written<&'a Text>>,
}

/// A second agent beside the one who serves.
#[derive(Serialize, ToSchema)]
#[schema(as = Consulted)]
pub(super) struct ConsultReply<'a> {
    #[schema(value_type = String)]
    agent: Written<&'a Name>,
    /// When that agent was asked.
    #[schema(value_type = String, format = DateTime)]
    since: Written<Timestamp>,
    accepted: bool,
    /// The customer has joined the two.
    conference: bool,
    /// The message of the agent who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    note: Option<Written<&'a Text>>,
    /// The open request; only for the agent who is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = OfferReply)]
    offer: Option<OfferReply>,
}

impl<'a> From<&'a ConsultView> for ConsultReply<'a> {
    fn from(view: &'a ConsultView) -> Self {
        Self {
            agent: Written(&view.agent),
            since: Written(view.since),
            accepted: view.accepted,
            conference: view.conference,
            note: view.note.as_ref().map(Written),
            offer: view.offer.map(OfferReply::from),
        }
    }
}

impl<'a> From<&'a (Name, Option<Text>)> for TransferReply<'a> {
    fn from((by, note): &'a (Name, Option<Text>)) -> Self {
        Self {
            by: Written(by),
            note: note.as_ref().map(Written),
        }
    }
}

impl From<OfferView> for OfferReply {
    fn from(offer: OfferView) -> Self {
        Self {
            id: Written(offer.id),
            delivered: offer.delivered,
            until: Written(offer.until),
            answer_within_ms: offer.answer_within.0,
        }
    }
}

/// The estimate, or why there is none.
pub(super) fn estimate(wait: WaitEstimate) -> (Option<WaitReply>, Option<&'static str>) {
    let whole_s = |span: Millis| (span.0.max(0) + 999) / 1_000;
    match wait {
        WaitEstimate::NotWaiting => (None, None),
        WaitEstimate::NobodyStaffed => (None, Some("nobody_staffed")),
        WaitEstimate::NotOffered => (None, Some("not_offered")),
        WaitEstimate::Closed => (None, Some("closed")),
        WaitEstimate::Within { p50, p90 } => {
            let wait = WaitReply {
                p50: whole_s(p50),
                p90: whole_s(p90),
            };
            (Some(wait), None)
        }
    }
}
