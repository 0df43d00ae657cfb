//! Why a contact is waiting, or how its agent was chosen: as data, and in sentences that a
//! supervisor can read out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Millis, Name, Timestamp};
use crate::engine::state::due::DueTerm;
use crate::engine::view::{Candidate, Explanation, Obstacle, WaitsFor};
use crate::wire::described::form::{ChannelForm, CooldownForm, LapseForm, WaitsForForm};
use crate::wire::reply::change::ChangeReply;
use crate::wire::reply::choice::ChoiceReply;
use crate::wire::reply::contact::ContactReply;
use crate::wire::words::{self, Phrase, Words, sentence};
use crate::wire::written::Written;

/// Why a contact is waiting, or how its agent was chosen.
#[derive(Serialize, ToSchema)]
#[schema(as = Explanation)]
pub struct ExplanationReply<'a> {
    contact: ContactReply<'a>,
    /// The terms of `due_at` in seconds, in the order in which they are explained.
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    due_terms_s: Written<&'a [(DueTerm, Millis)]>,
    /// When the next relaxation step is taken.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    next_step_at: Option<Written<Timestamp>>,
    /// Its queue is closed until then.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    opens_at: Option<Written<Timestamp>>,
    /// Its queue is paused.
    paused: bool,
    /// The one agent it is waiting for; null if any may take it.
    #[schema(required = true)]
    waits_for: Option<WaitsForReply<'a>>,
    /// The agent who takes no other contact until there is room for it.
    #[schema(value_type = Option<String>, required = true)]
    room_kept_by: Option<Written<&'a Name>>,
    /// Its agent has lost the connection and can return until then.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    agent_away_until: Option<Written<Timestamp>>,
    /// No registered agent could ever serve it.
    unroutable: bool,
    candidates: Vec<CandidateReply<'a>>,
    /// Candidates not listed: if any, those signed in are listed first.
    candidates_left_out: u64,
    /// Scheduled changes, the soonest first.
    changes: Vec<ChangeReply<'a>>,
    /// Why its agent was chosen; null while it has none.
    #[schema(required = true)]
    choice: Option<ChoiceReply<'a>>,
    sentence: Phrase,
    /// The same in sentences.
    words: Words,
}

/// The one agent a contact is waiting for.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitsFor)]
struct WaitsForReply<'a> {
    #[schema(value_type = String)]
    agent: Written<&'a Name>,
    /// `asked_for`, `account_manager`, `last_agent` or `handed_on`.
    #[schema(value_type = WaitsForForm)]
    why: &'static str,
    /// Any agent may take it from then on; null: never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    until: Option<Written<Timestamp>>,
}

impl<'a> From<&'a WaitsFor> for WaitsForReply<'a> {
    fn from(waits_for: &'a WaitsFor) -> Self {
        Self {
            agent: Written(&waits_for.agent),
            why: waits_for.why.name(),
            until: waits_for.until.map(Written),
        }
    }
}

/// An agent and the first test that failed.
#[derive(Serialize, ToSchema)]
#[schema(as = Candidate)]
struct CandidateReply<'a> {
    #[schema(value_type = String)]
    agent: Written<&'a Name>,
    /// It is being offered to this agent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    offered: bool,
    /// Null: the agent passes all tests.
    #[schema(required = true)]
    failed: Option<ObstacleReply<'a>>,
    /// How many seconds earlier it is due for this agent; null for agents who may not serve it.
    #[schema(required = true)]
    fit_s: Option<f64>,
    /// When it is due for this agent.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    due_at: Option<Written<Timestamp>>,
    sentence: Phrase,
}

/// A failed test and its details.
#[derive(Serialize, ToSchema)]
#[schema(as = Obstacle)]
#[serde(tag = "test", rename_all = "snake_case")]
enum ObstacleReply<'a> {
    MissingSkill {
        #[schema(value_type = String)]
        skill: Written<&'a Name>,
        required: u8,
        has: u8,
    },
    NotConnected,
    InGrace {
        #[schema(value_type = String, format = DateTime)]
        until: Written<Timestamp>,
    },
    NotReady {
        reason: &'a str,
    },
    Draining,
    ChannelCoolingDown {
        #[schema(value_type = String, format = DateTime)]
        until: Written<Timestamp>,
        /// How an offer ended: `expired` or `undelivered`.
        #[schema(value_type = LapseForm)]
        because: &'static str,
    },
    ChannelSuspended,
    CoolingDown {
        #[schema(value_type = String, format = DateTime)]
        until: Written<Timestamp>,
        /// From then on it can be offered again if nobody else could take it.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        lift_at: Option<Written<Timestamp>>,
        /// `declined`, `expired`, `undelivered`, `taken_back`, `had_it` or `unknown`.
        #[schema(value_type = CooldownForm)]
        because: &'static str,
    },
    NoCapacity {
        /// As `capacity_used` of the agent.
        used: u32,
        /// The capacity needed by contacts on hold for another contact, which resume after it.
        #[serde(skip_serializing_if = "is_nothing")]
        on_hold: u32,
        capacity: u32,
        cost: u32,
    },
    ChannelFull {
        #[schema(value_type = ChannelForm)]
        channel: &'static str,
        max: u32,
    },
    /// The agent has the allowed number of contacts of this category of topics.
    CategoryFull {
        #[schema(value_type = String)]
        category: Written<&'a Name>,
        max: u32,
    },
    /// The remaining capacity is reserved for other tiers.
    CapacityKept {
        used: u32,
        open: u32,
        cost: u32,
    },
    /// It must not be combined with a contact of this channel.
    NotBeside {
        #[schema(value_type = ChannelForm)]
        current: &'static str,
    },
    OffersOpen {
        open: u32,
    },
    KeepsRoom,
    OtherIsDialled,
    WaitsForOther {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    QueuePaused,
    QueueClosed {
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        until: Option<Written<Timestamp>>,
    },
    QueueIsPulled,
    KeptForOthers {
        kept: u32,
    },
}

impl<'a> ExplanationReply<'a> {
    pub fn new(site: &'a Name, explanation: &'a Explanation) -> Self {
        Self {
            contact: ContactReply::new(site, &explanation.contact),
            due_terms_s: Written(&explanation.due_terms),
            next_step_at: explanation.next_step_at.map(Written),
            opens_at: explanation.opens_at.map(Written),
            paused: explanation.is_paused,
            waits_for: explanation.waits_for.as_ref().map(WaitsForReply::from),
            room_kept_by: explanation.room_kept_by.as_ref().map(Written),
            agent_away_until: explanation.agent_away_until.map(Written),
            unroutable: explanation.unroutable,
            candidates: explanation
                .candidates
                .iter()
                .map(|candidate| CandidateReply::new(candidate, explanation.contact.due_at))
                .collect(),
            candidates_left_out: explanation.candidates_left_out,
            changes: explanation.changes.iter().map(ChangeReply::from).collect(),
            choice: explanation.choice.as_ref().map(ChoiceReply::from),
            sentence: sentence::of_contact(explanation),
            words: words::of(explanation),
        }
    }
}

impl<'a> CandidateReply<'a> {
    fn new(candidate: &'a Candidate, due_at: Timestamp) -> Self {
        Self {
            agent: Written(&candidate.agent),
            offered: candidate.is_offered,
            failed: candidate.failed.as_ref().map(ObstacleReply::from),
            fit_s: candidate.fit.map(Millis::as_s_f64),
            due_at: candidate.fit.map(|fit| Written(due_at - fit)),
            sentence: sentence::of_candidate(candidate),
        }
    }
}

impl<'a> From<&'a Obstacle> for ObstacleReply<'a> {
    #[expect(clippy::too_many_lines, reason = "one arm for each obstacle")]
    fn from(obstacle: &'a Obstacle) -> Self {
        match obstacle {
            Obstacle::MissingSkill {
                skill,
                required,
                has,
            } => Self::MissingSkill {
                skill: Written(skill),
                required: *required,
                has: *has,
            },
            Obstacle::NotConnected => Self::NotConnected,
            Obstacle::InGrace { until } => Self::InGrace {
                until: Written(*until),
            },
            Obstacle::NotReady { reason } => Self::NotReady { reason },
            Obstacle::Draining => Self::Draining,
            Obstacle::ChannelCoolingDown { until, undelivered } => Self::ChannelCoolingDown {
                until: Written(*until),
                because: if *undelivered {
                    "undelivered"
                } else {
                    "expired"
                },
            },
            Obstacle::ChannelSuspended => Self::ChannelSuspended,
            Obstacle::CoolingDown {
                until,
                lift_at,
                why,
            } => Self::CoolingDown {
                until: Written(*until),
                lift_at: lift_at.map(Written),
                because: why.name(),
            },
            Obstacle::NoCapacity {
                used,
                on_hold,
                capacity,
                cost,
            } => Self::NoCapacity {
                used: *used,
                on_hold: *on_hold,
                capacity: *capacity,
                cost: *cost,
            },
            Obstacle::ChannelFull { channel, max } => Self::ChannelFull {
                channel: channel.name(),
                max: *max,
            },
            Obstacle::CategoryFull { category, max } => Self::CategoryFull {
                category: Written(category),
                max: *max,
            },
            Obstacle::CapacityKept { used, open, cost } => Self::CapacityKept {
                used: *used,
                open: *open,
                cost: *cost,
            },
            Obstacle::NotBeside { current } => Self::NotBeside {
                current: current.name(),
            },
            Obstacle::OffersOpen { open } => Self::OffersOpen { open: *open },
            Obstacle::KeepsRoom => Self::KeepsRoom,
            Obstacle::OtherIsDialled => Self::OtherIsDialled,
            Obstacle::WaitsForOther { agent } => Self::WaitsForOther {
                agent: Written(agent),
            },
            Obstacle::QueuePaused => Self::QueuePaused,
            Obstacle::QueueClosed { until } => Self::QueueClosed {
                until: until.map(Written),
            },
            Obstacle::QueueIsPulled => Self::QueueIsPulled,
            Obstacle::KeptForOthers { kept } => Self::KeptForOthers { kept: *kept },
        }
    }
}

const fn is_nothing(amount: &u32) -> bool {
    *amount == 0
}
