//! An agent as clients see them.

use serde::ser::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::domain::{Name, PerChannel, Text, Timestamp};
use crate::engine::state::agent::{Health, Session};
use crate::engine::view::AgentView;
use crate::wire::described::form::{HealthForm, IntentForm, SessionForm};
use crate::wire::written::Written;

/// An agent as they stand: intention, session and health are three facts.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = Agent)]
pub struct AgentReply<'a> {
    #[schema(value_type = String)]
    id: Written<&'a Name>,
    #[schema(value_type = String)]
    name: Written<&'a Text>,
    /// What the agent wants: `ready`, `not_ready` or `draining`.
    #[schema(value_type = IntentForm)]
    intent: &'static str,
    #[schema(value_type = Option<String>, required = true)]
    reason: Option<Written<&'a Text>>,
    /// Whether a desktop is there: `connected`, `grace` or `gone`.
    #[schema(value_type = SessionForm)]
    session: &'static str,
    /// The end of the grace period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime)]
    grace_until: Option<Written<Timestamp>>,
    /// Whether the router trusts the agent with a channel: `ok`, `cooling_down` or `suspended`.
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
    /// Set aside: they take nothing of the capacity.
    #[schema(value_type = Vec<String>)]
    parked: Written<&'a [crate::domain::ContactId]>,
    /// The contact, waiting for long, that the agent takes nothing else before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    keeps_room_for: Option<Written<crate::domain::ContactId>>,
    /// When work last ended, or the agent became ready after that, whatever is in hand: what
    /// `longest_idle` compares. Null before the agent was ready for the first time.
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
