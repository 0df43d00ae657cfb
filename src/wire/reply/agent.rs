//! An agent as clients see them.

use serde::ser::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::domain::{Name, PerChannel, Text, Timestamp};
use crate::engine::state::agent::{Health, Session};
use crate::engine::view::AgentView;
use crate::wire::described::form::{HealthForm, IntentForm, SessionForm};
use crate::wire::written::Written;

/// An agent: intent, session and health are independent.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = Agent)]
pub struct AgentReply<'a> {
    #[schema(value_type = String)]
    id: Written<&'a Name>,
    #[schema(value_type = String)]
    name: Written<&'a Text>,
    /// The agent's own choice: `ready`, `not_ready` or `draining`.
    #[schema(value_type = IntentForm)]
    intent: &'static str,
    #[schema(value_type = Option<String>, required = true)]
    reason: Option<Written<&'a Text>>,
    /// The supervisor who set the intent, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    intent_by: Option<Written<&'a Text>>,
    /// The state of the desktop's connection: `connected`, `grace` or `gone`.
    #[schema(value_type = SessionForm)]
    session: &'static str,
    /// The end of the grace period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    grace_until: Option<Written<Timestamp>>,
    /// Whether the agent is offered contacts of a channel: `ok`, `cooling_down` or `suspended`.
    #[schema(value_type = std::collections::BTreeMap<String, HealthForm>)]
    health: Written<&'a PerChannel<Health>>,
    strikes: u32,
    capacity: u32,
    capacity_used: u32,
    #[schema(value_type = Vec<String>)]
    queues: Written<&'a [Name]>,
    #[schema(value_type = std::collections::BTreeMap<String, u8>)]
    skills: Written<&'a [(Name, u8)]>,
    #[schema(value_type = Vec<String>)]
    contacts: Written<&'a [crate::domain::ContactId]>,
    /// Parked contacts; they use no capacity.
    #[schema(value_type = Vec<String>)]
    parked: Written<&'a [crate::domain::ContactId]>,
    /// A contact that has waited long; the agent gets no other before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    keeps_room_for: Option<Written<crate::domain::ContactId>>,
    /// When work last ended or, if later, the agent became ready, whatever is in progress;
    /// `longest_idle` compares it. Null before the agent was first ready.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    idle_since: Option<Written<Timestamp>>,
}

impl<'a> From<&'a AgentView> for AgentReply<'a> {
    fn from(view: &'a AgentView) -> Self {
        Self {
            id: Written(&view.id),
            name: Written(&view.label),
            intent: view.intent.name(),
            reason: view.intent.reason().map(Written),
            intent_by: view.intent_by.as_ref().map(Written),
            session: view.session.name(),
            grace_until: match view.session {
                Session::Grace { until } => Some(Written(until)),
                Session::Gone | Session::Connected { .. } => None,
            },
            health: Written(&view.health),
            strikes: view.strikes,
            capacity: view.capacity,
            capacity_used: view.capacity_used,
            queues: Written(&view.queues),
            skills: Written(&view.skills),
            contacts: Written(&view.contacts),
            parked: Written(&view.parked),
            keeps_room_for: view.keeps_room_for.map(Written),
            idle_since: view.idle_since.map(Written),
        }
    }
}

impl Serialize for Written<Health> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

/// All agents of the site.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = Agents)]
pub struct AgentsReply<'a> {
    agents: Vec<AgentReply<'a>>,
}

impl<'a> From<&'a [AgentView]> for AgentsReply<'a> {
    fn from(views: &'a [AgentView]) -> Self {
        Self {
            agents: views.iter().map(AgentReply::from).collect(),
        }
    }
}
