//! Why an agent has a contact, as data.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{ContactId, Name, Timestamp};
use crate::engine::choosing::choice::{Basis, Choice, Head, Shortlisted, Unknown};
use crate::engine::choosing::cost::Cost;
use crate::wire::described::form::{ChoiceUnknownForm, HowForm, SelectForm};
use crate::wire::written::Written;

/// What was compared when the agent was offered the contact.
#[derive(Serialize, ToSchema)]
#[schema(as = Choice)]
pub struct ChoiceReply<'a> {
    #[schema(value_type = Option<String>, required = true)]
    agent: Option<Written<&'a Name>>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    offered_at: Option<Written<Timestamp>>,
    /// How the queue chooses among agents.
    #[schema(value_type = Option<SelectForm>, required = true)]
    select: Option<&'static str>,
    /// Who was matched to whom: `contact_sought_agent`, `agent_sought_contact`, `meant` for this
    /// agent only, or `assigned` by a supervisor.
    #[schema(value_type = Option<HowForm>, required = true)]
    how: Option<&'static str>,
    /// The supervisor who assigned it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    by: Option<&'a str>,
    /// The cost of this agent for this contact, if the queue chooses by cost.
    #[schema(required = true)]
    cost_s: Option<CostReply>,
    /// The best agents, the chosen one first; null if a contact was sought or nothing is recorded.
    #[schema(required = true)]
    shortlist: Option<Vec<ShortlistedReply<'a>>>,
    /// How many agents could have taken it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64)]
    could_take: Option<u64>,
    /// The first contact of each line, the chosen one first; null if an agent was sought or nothing
    /// is recorded.
    #[schema(required = true)]
    heads: Option<Vec<HeadReply<'a>>>,
    /// How many contacts, one per line, the agent could have taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64)]
    lines: Option<u64>,
    /// Why nothing is recorded: `restarted_since`, `not_kept`, `called` or `handed_over`.
    #[schema(value_type = Option<ChoiceUnknownForm>, required = true)]
    reason: Option<&'static str>,
}

/// A cost in seconds; credits are negative, and the lowest total is chosen.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = Cost)]
pub struct CostReply {
    /// The expected effort divided by the probability of resolving the contact.
    work: f64,
    last_agent: f64,
    account_manager: f64,
    /// A credit for having been idle.
    idle: f64,
    /// What the agent's other contacts lose.
    crowding: f64,
    /// The price of occupying an agent whom contacts that need a whole agent could use.
    occupancy: f64,
    total: f64,
}

/// An agent who could have taken the contact.
#[derive(Serialize, ToSchema)]
#[schema(as = Shortlisted)]
struct ShortlistedReply<'a> {
    #[schema(value_type = String)]
    agent: Written<&'a Name>,
    /// The relaxation step that includes the agent; lower ones come first.
    step: u32,
    /// Used capacity, in thousandths of the agent's total.
    load_permille: i64,
    idle_s: f64,
    last_turn: u64,
    skill_sum: i64,
    #[schema(required = true)]
    cost_s: Option<CostReply>,
}

/// A contact that the agent could have taken instead.
#[derive(Serialize, ToSchema)]
#[schema(as = Head)]
struct HeadReply<'a> {
    #[schema(value_type = String)]
    contact: Written<ContactId>,
    #[schema(value_type = String)]
    queue: Written<&'a Name>,
    #[schema(value_type = String)]
    tier: Written<&'a Name>,
    #[schema(value_type = String, format = DateTime)]
    due_at: Written<Timestamp>,
    /// How many seconds earlier it was due for this agent.
    fit_s: f64,
    /// The next agent was reserved for it, regardless of due times.
    reserved: bool,
}

impl<'a> From<&'a Result<Choice, Unknown>> for ChoiceReply<'a> {
    fn from(choice: &'a Result<Choice, Unknown>) -> Self {
        match choice {
            Ok(choice) => Self::known(choice),
            Err(unknown) => Self {
                reason: Some(unknown.name()),
                ..Self::nothing()
            },
        }
    }
}

impl<'a> ChoiceReply<'a> {
    const fn nothing() -> Self {
        Self {
            agent: None,
            offered_at: None,
            select: None,
            how: None,
            by: None,
            cost_s: None,
            shortlist: None,
            could_take: None,
            heads: None,
            lines: None,
            reason: None,
        }
    }

    fn known(choice: &'a Choice) -> Self {
        let known = Self {
            agent: Some(Written(&choice.agent)),
            offered_at: Some(Written(choice.at)),
            select: Some(choice.select.name()),
            how: Some(choice.how.name()),
            cost_s: choice.cost.map(CostReply::from),
            ..Self::nothing()
        };
        match &choice.how {
            Basis::ForContact {
                shortlist,
                could_take,
            } => Self {
                shortlist: Some(shortlist.iter().map(ShortlistedReply::from).collect()),
                could_take: Some(*could_take),
                ..known
            },
            Basis::ForAgent { heads, lines } => Self {
                heads: Some(heads.iter().map(HeadReply::from).collect()),
                lines: Some(*lines),
                ..known
            },
            Basis::Meant => known,
            Basis::Assigned { by } => Self {
                by: Some(by),
                ..known
            },
        }
    }
}

impl From<Cost> for CostReply {
    fn from(cost: Cost) -> Self {
        Self {
            work: cost.work.as_s_f64(),
            last_agent: cost.last_agent.as_s_f64(),
            account_manager: cost.account_manager.as_s_f64(),
            idle: cost.idle.as_s_f64(),
            crowding: cost.crowding.as_s_f64(),
            occupancy: cost.occupancy.as_s_f64(),
            total: cost.total().as_s_f64(),
        }
    }
}

impl<'a> From<&'a Shortlisted> for ShortlistedReply<'a> {
    fn from(listed: &'a Shortlisted) -> Self {
        Self {
            agent: Written(&listed.agent),
            step: listed.step,
            load_permille: listed.load_permille,
            idle_s: listed.idle.as_s_f64(),
            last_turn: listed.last_turn,
            skill_sum: listed.skill_sum,
            cost_s: listed.cost.map(CostReply::from),
        }
    }
}

impl<'a> From<&'a Head> for HeadReply<'a> {
    fn from(head: &'a Head) -> Self {
        Self {
            contact: Written(head.contact),
            queue: Written(&head.queue),
            tier: Written(&head.tier),
            due_at: Written(head.due),
            fit_s: head.fit.as_s_f64(),
            reserved: head.is_reserved,
        }
    }
}
