//! What an agent's desktop is sent.

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
    reason = "a frame is written right where it is made"
)]
/// Every frame but `ok` and `refused` is numbered, gap-free per agent.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentFrame<'a> {
    /// The first of a session.
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
        /// Wait a random part of this before coming back.
        reconnect_jitter_ms: u64,
    },
    /// What was missed is no longer held: everything as it stands.
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
        /// What another agent did; or, to an agent who helps, that more is known of the
        /// contact: `updated`.
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
        /// `escalation`: a contact whose account manager this agent is; `response_late`: a
        /// customer of the agent's own has waited for an answer for too long.
        #[schema(value_type = AgentNoticeForm)]
        kind: &'a str,
        #[schema(value_type = String)]
        rule: Written<&'a Name>,
        #[schema(value_type = String)]
        queue: Written<&'a Name>,
        contact: ContactReply<'a>,
    },
    /// From the customer, or, in a conference, from the other agent.
    Message {
        seq: u64,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        #[schema(value_type = String)]
        contact: Written<ContactId>,
        /// The agent who wrote it; not there if the customer did.
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
    /// The command changed nothing; `cmd` is null where it could not be read.
    Refused {
        #[schema(value_type = Option<CommandId>, required = true)]
        cmd: Option<&'a CommandId>,
        #[schema(value_type = CodeForm)]
        code: &'a str,
        detail: &'a str,
    },
}

/// A contact that this agent may take.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferBody<'a> {
    #[schema(value_type = String)]
    pub id: Written<OfferId>,
    /// `contact`: to serve it; `consult`: to help another agent with it.
    #[schema(value_type = OfferKindForm)]
    pub kind: &'a str,
    pub contact: ContactReply<'a>,
    /// Null for a stranger, and while the customer store does not answer.
    #[schema(required = true)]
    pub customer: Option<CustomerReply<'a>>,
    pub why: WhyBody<'a>,
    /// What to do, step by step; empty as long as the configuration knows no playbooks.
    #[schema(value_type = Vec<String>)]
    pub playbook: &'a [&'a str],
    /// From `delivered` on.
    pub answer_within_ms: i64,
}

/// Why this agent was chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = Why)]
pub struct WhyBody<'a> {
    /// How the queue chooses; null where it was not kept.
    #[schema(value_type = Option<SelectForm>, required = true)]
    pub select: Option<&'a str>,
    #[schema(value_type = String)]
    pub queue: Written<&'a Name>,
    /// Without the time that it was with agents before; until it was answered, of one to help with.
    pub waited_ms: i64,
    pub step: u32,
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    pub due_terms_s: Written<&'a [(DueTerm, Millis)]>,
    /// Who looked for whom: `contact_sought_agent`, `agent_sought_contact`, `meant` or
    /// `assigned`; null where it was not kept.
    #[schema(value_type = Option<HowForm>, required = true)]
    pub how: Option<&'static str>,
    /// What this agent costs with this contact, where the queue chooses by cost.
    #[schema(required = true)]
    pub cost_s: Option<CostReply>,
    /// By how many seconds it was due earlier for this agent, who looked for a contact.
    #[schema(required = true)]
    pub fit_s: Option<f64>,
    /// Only where another agent asks for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AskedBody<'a>)]
    pub consult: Option<AskedBody<'a>>,
}

/// Who asks for help, and with what words.
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
