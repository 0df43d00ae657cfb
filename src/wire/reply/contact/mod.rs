//! A contact as clients see it.

mod parts;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Attributes, Channel, ContactId, Name, Text, Timestamp};
use crate::engine::ContactPage;
use crate::engine::state::contact::ContactState;
use crate::engine::view::ContactView;
use crate::wire::described::form::{
    ChannelForm, EndedByForm, EstimateReasonForm, StateForm, WokenByForm,
};
use crate::wire::reply::contact::parts::{
    CallbackReply, ConsultReply, CustomerBrief, OfferReply, OwedReply, TransferReply, WaitReply,
    estimate,
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
    /// Offers made so far; requests for help are none.
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
            customer: view.into(),
            created_at: Written(view.created_at),
            queued_at: Written(view.queued_at),
            due_at: Written(view.due_at),
            position: view.position,
            reserved: view.is_reserved,
            estimated_wait_s,
            estimate_reason,
            callback: view.callback.as_deref().map(CallbackReply::from),
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
            response_owed: view.owed.map(OwedReply::from),
            consulted: view.consulted.as_deref().map(ConsultReply::from),
            transferred: view.transferred.as_deref().map(TransferReply::from),
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

const fn woken_by(customer: bool) -> &'static str {
    if customer { "message" } else { "time" }
}

const fn is_false(flag: &bool) -> bool {
    !*flag
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
