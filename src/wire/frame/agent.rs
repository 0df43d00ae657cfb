//! The frames sent to an agent's desktop.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{ContactId, Millis, Name, OfferId, Text, Timestamp};
use crate::engine::state::due::DueTerm;
use crate::wire::described::form::{
    AgentNoticeForm, CodeForm, ContactUpdatedForm, EndedByForm, HowForm, OfferGoneForm,
    OfferKindForm, SelectForm,
};
use crate::wire::frame::CommandId;
use crate::wire::reply::choice::CostReply;
use crate::wire::reply::{AgentReply, ContactReply, CustomerReply};
use crate::wire::written::Written;

#[expect(
    clippy::large_enum_variant,
    reason = "a frame is serialised where it is made"
)]
/// Every frame except `ok` and `refused` is numbered, without gaps per agent.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentFrame<'a> {
    /// The first frame of a session.
    Welcome {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        session: u64,
        /// For `resume` after a lost connection.
        resume_token: &'a str,
        agent: AgentReply<'a>,
        contacts: Vec<ContactReply<'a>>,
        heartbeat_s: u64,
        /// Wait a random part of this before reconnecting.
        reconnect_jitter_ms: u64,
    },
    /// What was missed is no longer held: the complete current state.
    Resync {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        agent: AgentReply<'a>,
        contacts: Vec<ContactReply<'a>>,
    },
    Presence {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        agent: AgentReply<'a>,
    },
    Offer {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        offer: OfferBody<'a>,
    },
    OfferGone {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        #[schema(value_type = String)]
        offer: Written<OfferId>,
        #[schema(value_type = OfferGoneForm)]
        reason: &'a str,
    },
    Assigned {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        contact: ContactReply<'a>,
    },
    ContactUpdated {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        contact: ContactReply<'a>,
        /// What another agent did; or that the contact was `updated`, for an agent who helps or by
        /// a new configuration.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = ContactUpdatedForm)]
        reason: Option<&'a str>,
    },
    ContactEnded {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        contact: ContactReply<'a>,
        #[schema(value_type = EndedByForm)]
        ended_by: &'a str,
    },
    /// From a supervisor or the system.
    Notice {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        /// `escalation`: a contact whose account manager this agent is; `response_late`: a customer
        /// of this agent has been waiting too long for a reply.
        #[schema(value_type = AgentNoticeForm)]
        kind: &'a str,
        #[schema(value_type = String)]
        rule: Written<&'a Name>,
        #[schema(value_type = String)]
        queue: Written<&'a Name>,
        contact: ContactReply<'a>,
    },
    /// From the customer or, in a conference, from the other agent.
    Message {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        #[schema(value_type = String)]
        contact: Written<ContactId>,
        /// The agent who wrote it; absent if it was the customer.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String)]
        from: Option<Written<&'a Name>>,
        text: &'a str,
    },
    /// The command was carried out.
    Ok {
        #[schema(value_type = CommandId)]
        cmd: &'a CommandId,
    },
    /// The command changed nothing; `cmd` is null if it could not be read.
    Refused {
        #[schema(value_type = Option<CommandId>, required = true)]
        cmd: Option<&'a CommandId>,
        #[schema(value_type = CodeForm)]
        code: &'a str,
        detail: &'a str,
    },
}

/// A contact offered to this agent.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferBody<'a> {
    #[schema(value_type = String)]
    pub id: Written<OfferId>,
    /// `contact`: to serve it; `consult`: to help another agent with it.
    #[schema(value_type = OfferKindForm)]
    pub kind: &'a str,
    pub contact: ContactReply<'a>,
    /// Null for a stranger, if the customer store does not answer in time, and if the frame would
    /// be larger than 64 KiB; its events are left out first.
    #[schema(required = true)]
    pub customer: Option<CustomerReply<'a>>,
    pub why: WhyBody<'a>,
    /// Instructions, step by step; empty, because there are no playbooks yet.
    #[schema(value_type = Vec<String>)]
    pub playbook: &'a [&'a str],
    /// Counted from `delivered`.
    pub answer_within_ms: i64,
}

/// Why this agent was chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = Why)]
pub struct WhyBody<'a> {
    /// How the queue chooses; null if it was not recorded.
    #[schema(value_type = Option<SelectForm>, required = true)]
    pub select: Option<&'a str>,
    #[schema(value_type = String)]
    pub queue: Written<&'a Name>,
    /// Excludes earlier time with agents; for a consultation it ends when the contact was answered.
    pub waited_ms: i64,
    pub step: u32,
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    pub due_terms_s: Written<&'a [(DueTerm, Millis)]>,
    /// Who was matched to whom: `contact_sought_agent`, `agent_sought_contact`, `meant` or
    /// `assigned`; null if it was not recorded.
    #[schema(value_type = Option<HowForm>, required = true)]
    pub how: Option<&'static str>,
    /// The cost of this agent for this contact, if the queue chooses by cost.
    #[schema(required = true)]
    pub cost_s: Option<CostReply>,
    /// How many seconds earlier it was due for this agent, if a contact was sought.
    #[schema(required = true)]
    pub fit_s: Option<f64>,
    /// Only if another agent asks for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AskedBody<'a>)]
    pub consult: Option<AskedBody<'a>>,
}

/// The agent who asks for help, and the message.
#[derive(Serialize, ToSchema)]
#[schema(as = Asked)]
pub struct AskedBody<'a> {
    #[schema(value_type = String)]
    pub by: Written<&'a Name>,
    #[schema(value_type = Option<String>, required = true)]
    pub note: Option<Written<&'a Text>>,
}

impl AgentFrame<'_> {
    pub fn to_json(&self) -> String {
        let bytes = match self {
            Self::Ok { .. } | Self::Refused { .. } | Self::OfferGone { .. } => 128,
            Self::Welcome { .. }
            | Self::Resync { .. }
            | Self::Presence { .. }
            | Self::Offer { .. }
            | Self::Assigned { .. }
            | Self::ContactUpdated { .. }
            | Self::ContactEnded { .. }
            | Self::Notice { .. }
            | Self::Message { .. } => 1_024,
        };
        let mut text = Vec::with_capacity(bytes);
        serde_json::to_writer(&mut text, self).expect("a frame is text and numbers");
        String::from_utf8(text).expect("JSON is UTF-8")
    }
}
