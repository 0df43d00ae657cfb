//! A contact as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Attributes, Channel, ContactId, Millis, Name, OfferId, Text, Timestamp};
use crate::engine::ContactPage;
use crate::engine::state::contact::{Callback, ContactState, CustomerFirst};
use crate::engine::view::{ConsultView, ContactView, OfferView, WaitEstimate};
use crate::wire::described::form::{
    CallbackModeForm, CallbackStageForm, ChannelForm, EndedByForm, EstimateReasonForm, StateForm,
    WokenByForm,
};
use crate::wire::written::Written;

/// The current state of a contact.
#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
pub struct ContactReply<'a> {
    #[schema(value_type = String)]
    id: Written<ContactId>,
    #[schema(value_type = String)]
    site: Written<&'a Name>,
    #[schema(value_type = ChannelForm)]
    channel: Written<Channel>,
    #[schema(value_type = Option<String>, required = true)]
    external_id: Option<Written<&'a Text>>,
    #[schema(value_type = StateForm)]
    state: &'static str,
    #[schema(value_type = String)]
    queue: Written<&'a Name>,
    #[schema(value_type = Option<String>, required = true)]
    topic: Option<Written<&'a Name>>,
    customer: CustomerBrief<'a>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Written<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    queued_at: Written<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    due_at: Written<Timestamp>,
    /// 1 is next; null unless queued.
    #[schema(required = true)]
    position: Option<u64>,
    /// The next available agent who can serve it is reserved for it.
    #[serde(skip_serializing_if = "is_false")]
    reserved: bool,
    /// Null unless queued, and if no estimate is possible.
    #[schema(required = true)]
    estimated_wait_s: Option<WaitReply>,
    /// Why no estimate is possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = EstimateReasonForm)]
    estimate_reason: Option<&'static str>,
    step: u32,
    /// Set from `offered` on.
    #[schema(value_type = Option<String>, required = true)]
    agent: Option<Written<&'a Name>>,
    /// Offers made so far.
    offers: u32,
    /// The current offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = OfferReply)]
    offer: Option<OfferReply>,
    /// The other agents to whom a rule has fanned it out at the same time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    offered_beside: Vec<Written<&'a Name>>,
    #[schema(value_type = Option<String>, required = true)]
    outcome: Option<Written<&'a Text>>,
    /// Its customer has hung up and is to be called.
    #[schema(required = true)]
    callback: Option<CallbackReply<'a>>,
    // The members from here on are written only if they have a value.
    /// How many times the counter's agent has called the customer again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32)]
    recalls: Option<u32>,
    /// How many times the customer did not come when called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32)]
    no_shows: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    text: Option<Written<&'a Text>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    language: Option<Written<&'a Text>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = f64)]
    sentiment: Option<f64>,
    /// An escalation has offered a callback to the customer.
    #[serde(skip_serializing_if = "is_false")]
    callback_offered: bool,
    /// The newest message of an escalation for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    message: Option<Written<&'a Text>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    attributes: Option<Written<&'a Attributes>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    not_before: Option<Written<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    answered_at: Option<Written<Timestamp>>,
    /// Whether the customer is on hold; only while active.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    held: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    held_since: Option<Written<Timestamp>>,
    /// On hold because another contact interrupted it.
    #[serde(skip_serializing_if = "is_false")]
    interrupted: bool,
    /// The reply that the customer, served in writing, is waiting for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = OwedReply)]
    response_owed: Option<OwedReply>,
    /// The agent who helps or is asked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ConsultReply<'a>)]
    consulted: Option<ConsultReply<'a>>,
    /// The agent who transferred it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = TransferReply<'a>)]
    transferred: Option<TransferReply<'a>>,
    /// While parked: when it wakes or, once awake, returns to its queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    parked_until: Option<Written<Timestamp>>,
    /// Parked, awake, and waiting for its agent since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    woken_at: Option<Written<Timestamp>>,
    /// What woke it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = WokenByForm)]
    woken_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    wrap_up_until: Option<Written<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    closed_at: Option<Written<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = EndedByForm)]
    ended_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    notes: Option<Written<&'a Text>>,
}

/// The customer, as far as routing needs.
#[derive(Serialize, ToSchema)]
struct CustomerBrief<'a> {
    /// Null for a stranger.
    #[schema(value_type = Option<String>, required = true)]
    id: Option<Written<&'a Text>>,
    #[schema(value_type = String)]
    tier: Written<&'a Name>,
    known: bool,
}

/// A customer who is to be called.
#[derive(Serialize, ToSchema)]
#[schema(as = Callback)]
struct CallbackReply<'a> {
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
struct WaitReply {
    p50: i64,
    p90: i64,
}

/// The current offer of a contact.
#[derive(Serialize, ToSchema)]
#[schema(as = LiveOffer)]
struct OfferReply {
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
struct OwedReply {
    /// The first unanswered message.
    #[schema(value_type = String, format = DateTime)]
    since: Written<Timestamp>,
    /// Null if the queue has no target.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    by: Option<Written<Timestamp>>,
    late: bool,
}

/// From one agent to the next.
#[derive(Serialize, ToSchema)]
#[schema(as = Transferred)]
struct TransferReply<'a> {
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
struct ConsultReply<'a> {
    #[schema(value_type = String)]
    agent: Written<&'a Name>,
    /// When that agent was asked.
    #[schema(value_type = String, format = DateTime)]
    since: Written<Timestamp>,
    accepted: bool,
    /// The customer has joined the two and is not on hold.
    conference: bool,
    /// The message of the agent who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    note: Option<Written<&'a Text>>,
}

impl<'a> From<&'a ConsultView> for ConsultReply<'a> {
    fn from(view: &'a ConsultView) -> Self {
        Self {
            agent: Written(&view.agent),
            since: Written(view.since),
            accepted: view.accepted,
            conference: view.conference,
            note: view.note.as_ref().map(Written),
        }
    }
}

impl<'a> ContactReply<'a> {
    pub fn new(site: &'a Name, view: &'a ContactView) -> Self {
        let intake = &*view.intake;
        let (estimated_wait_s, estimate_reason) = estimate(view.wait);
        let attributes = Some(&intake.attributes).filter(|attributes| !attributes.is_empty());
        Self {
            id: Written(view.id),
            site: Written(site),
            channel: Written(intake.channel),
            external_id: intake.external_id.as_ref().map(Written),
            state: view.state.name(),
            queue: Written(&view.queue),
            topic: intake.topic.as_ref().map(Written),
            customer: CustomerBrief {
                id: view.recognition.customer.as_ref().map(Written),
                tier: Written(&view.tier),
                known: view.recognition.is_known(),
            },
            created_at: Written(view.created_at),
            queued_at: Written(view.queued_at),
            due_at: Written(view.due_at),
            position: view.position,
            reserved: view.is_reserved,
            estimated_wait_s,
            estimate_reason,
            callback: view.callback.as_ref().map(CallbackReply::from),
            recalls: Some(view.recalls).filter(|times| *times > 0),
            no_shows: Some(view.no_shows).filter(|times| *times > 0),
            step: view.step,
            agent: view.agent.as_ref().map(Written),
            offers: view.offers,
            offer: view.offer.map(OfferReply::from),
            offered_beside: view.offered_beside.iter().map(Written).collect(),
            outcome: view.outcome.as_ref().map(Written),
            text: intake.text.as_ref().map(Written),
            language: intake.language.as_ref().map(Written),
            sentiment: view.sentiment,
            callback_offered: view.callback_offered,
            message: view.message.as_ref().map(Written),
            attributes: attributes.map(Written),
            not_before: intake.not_before.map(Written),
            answered_at: view.answered_at.map(Written),
            held: (view.state == ContactState::Active).then_some(view.held_since.is_some()),
            held_since: view.held_since.map(Written),
            interrupted: view.is_interrupted,
            response_owed: view.owed.map(|owed| OwedReply {
                since: Written(owed.since),
                by: owed.by.map(Written),
                late: owed.is_late,
            }),
            consulted: view.consulted.as_ref().map(ConsultReply::from),
            transferred: view.transferred.as_ref().map(TransferReply::from),
            parked_until: view.parked_until.map(Written),
            woken_at: view.woken_at.map(Written),
            woken_by: view.woken_at.map(|_| woken_by(view.woken_by_customer)),
            wrap_up_until: view.wrap_up_until.map(Written),
            closed_at: view.closed_at.map(Written),
            ended_by: view.ended_by.map(|by| by.name()),
            notes: view.notes.as_ref().map(Written),
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

const fn woken_by(customer: bool) -> &'static str {
    if customer { "message" } else { "time" }
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

fn estimate(wait: WaitEstimate) -> (Option<WaitReply>, Option<&'static str>) {
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

/// Contacts in order of arrival.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactPage)]
pub struct PageReply<'a> {
    contacts: Vec<ContactReply<'a>>,
    /// The `after` of the next page; null on the last one. A page can have fewer contacts than its
    /// limit, or none, and still not be the last.
    #[schema(value_type = Option<String>, required = true)]
    next_after: Option<Written<ContactId>>,
}

impl<'a> PageReply<'a> {
    pub fn new(site: &'a Name, page: &'a ContactPage) -> Self {
        Self {
            contacts: page
                .views
                .iter()
                .map(|view| ContactReply::new(site, view))
                .collect(),
            next_after: page.next_after.map(Written),
        }
    }
}
