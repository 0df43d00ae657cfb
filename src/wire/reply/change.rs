//! Scheduled changes to a contact, as data.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Millis, Name, Requirements, Timestamp};
use crate::engine::options::{Action, Audience};
use crate::engine::view::{Upcoming, UpcomingChange};
use crate::wire::written::Written;

/// Something that happens at its time unless something else happens first.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeReply<'a> {
    #[schema(value_type = String, format = DateTime)]
    at: Written<Timestamp>,
    #[serde(flatten)]
    what: WhatReply<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChangeKind)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WhatReply<'a> {
    Step {
        step: u32,
        /// The requirements of the contact and its queue from then on; null if unchanged.
        #[schema(value_type = Option<std::collections::BTreeMap<String, u8>>, required = true)]
        requires: Option<Written<&'a Requirements>>,
        #[schema(value_type = Vec<String>)]
        also_agents_of: Written<&'a [Name]>,
    },
    Escalation {
        #[schema(value_type = String)]
        rule: Written<&'a Name>,
        /// It fires only if its condition holds then, or its trigger has occurred.
        conditional: bool,
        boost_s: f64,
        #[schema(value_type = Option<String>, required = true)]
        move_to: Option<Written<&'a Name>>,
        notifies: bool,
        /// All its actions, in the terms of the configuration.
        actions: Vec<ActionReply<'a>>,
    },
    /// Idle agents are no longer reserved for other tiers from then on.
    AgentsLetGo,
    HoldingEnds {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    QueueOpens {
        #[schema(value_type = String)]
        queue: Written<&'a Name>,
    },
    /// Nobody is offered it from then on.
    QueueCloses {
        #[schema(value_type = String)]
        queue: Written<&'a Name>,
    },
    GraceEnds {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    CooldownEnds {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    CooldownMayEnd {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    ChannelRests {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    Scheduled,
    OfferEnds {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    WrapUpEnds {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    /// By the agent who parked it.
    TakenUpAgain {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    ParkingEnds {
        /// It is awake and waiting for its agent.
        awake: bool,
        /// It returns to its queue; otherwise it wakes.
        goes_back: bool,
    },
    ResponseLate,
    DialEnds {
        /// It is not retried, and the contact ends.
        last: bool,
    },
    /// The call to another customer, on behalf of this agent, has not been answered.
    OtherDialEnds {
        #[schema(value_type = String)]
        agent: Written<&'a Name>,
    },
    /// It is closed unless its end is reported before: the longest service time is over.
    EndMissed,
}

/// One action of an escalation, named by its configuration key.
#[derive(Serialize, ToSchema)]
#[schema(as = EscalationAction)]
#[serde(rename_all = "snake_case")]
enum ActionReply<'a> {
    BoostS(f64),
    NextStep(bool),
    MoveTo(&'a str),
    /// `supervisor`, `account_manager` or `webhook`.
    Notify(&'static str),
    AddQueue(&'a str),
    ReserveNext(bool),
    Message(&'a str),
    OfferCallback(bool),
    Deflect(&'a str),
    FanOut(u32),
}

impl<'a> From<&'a Upcoming> for ChangeReply<'a> {
    fn from(upcoming: &'a Upcoming) -> Self {
        Self {
            at: Written(upcoming.at),
            what: WhatReply::from(&upcoming.what),
        }
    }
}

impl<'a> From<&'a UpcomingChange> for WhatReply<'a> {
    #[expect(clippy::too_many_lines, reason = "one arm for each change")]
    fn from(what: &'a UpcomingChange) -> Self {
        match what {
            UpcomingChange::Step {
                step,
                requires,
                also_agents_of,
            } => Self::Step {
                step: *step,
                requires: requires.as_ref().map(Written),
                also_agents_of: Written(also_agents_of),
            },
            UpcomingChange::Escalation {
                rule,
                is_conditional,
                actions,
            } => Self::escalation(rule, *is_conditional, actions),
            UpcomingChange::AgentsLetGo => Self::AgentsLetGo,
            UpcomingChange::HoldingEnds { agent } => Self::HoldingEnds {
                agent: Written(agent),
            },
            UpcomingChange::QueueOpens { queue } => Self::QueueOpens {
                queue: Written(queue),
            },
            UpcomingChange::QueueCloses { queue } => Self::QueueCloses {
                queue: Written(queue),
            },
            UpcomingChange::GraceEnds { agent } => Self::GraceEnds {
                agent: Written(agent),
            },
            UpcomingChange::CooldownEnds { agent } => Self::CooldownEnds {
                agent: Written(agent),
            },
            UpcomingChange::CooldownMayEnd { agent } => Self::CooldownMayEnd {
                agent: Written(agent),
            },
            UpcomingChange::ChannelRests { agent } => Self::ChannelRests {
                agent: Written(agent),
            },
            UpcomingChange::Scheduled => Self::Scheduled,
            UpcomingChange::OfferEnds { agent } => Self::OfferEnds {
                agent: Written(agent),
            },
            UpcomingChange::WrapUpEnds { agent } => Self::WrapUpEnds {
                agent: Written(agent),
            },
            UpcomingChange::TakenUpAgain { agent } => Self::TakenUpAgain {
                agent: Written(agent),
            },
            UpcomingChange::ParkingEnds {
                is_awake,
                goes_back,
            } => Self::ParkingEnds {
                awake: *is_awake,
                goes_back: *goes_back,
            },
            UpcomingChange::ResponseLate => Self::ResponseLate,
            UpcomingChange::DialEnds { is_last } => Self::DialEnds { last: *is_last },
            UpcomingChange::OtherDialEnds { agent } => Self::OtherDialEnds {
                agent: Written(agent),
            },
            UpcomingChange::EndMissed => Self::EndMissed,
        }
    }
}

impl<'a> WhatReply<'a> {
    fn escalation(rule: &'a Name, conditional: bool, actions: &'a [Action]) -> Self {
        let (mut boost, mut move_to) = (Millis::ZERO, None);
        for action in actions {
            if let Action::Boost(span) = action {
                boost = boost + *span;
            } else if let Action::MoveTo(queue) = action {
                move_to = Some(Written(queue));
            }
        }
        Self::Escalation {
            rule: Written(rule),
            conditional,
            boost_s: boost.as_s_f64(),
            move_to,
            notifies: actions
                .iter()
                .any(|action| matches!(action, Action::Notify(_))),
            actions: actions.iter().map(ActionReply::from).collect(),
        }
    }
}

impl<'a> From<&'a Action> for ActionReply<'a> {
    fn from(action: &'a Action) -> Self {
        match action {
            Action::Boost(span) => Self::BoostS(span.as_s_f64()),
            Action::NextStep => Self::NextStep(true),
            Action::MoveTo(queue) => Self::MoveTo(queue.as_str()),
            Action::Notify(Audience::Supervisor) => Self::Notify("supervisor"),
            Action::Notify(Audience::AccountManager) => Self::Notify("account_manager"),
            Action::Notify(Audience::Webhook) => Self::Notify("webhook"),
            Action::AddQueue(queue) => Self::AddQueue(queue.as_str()),
            Action::ReserveNext => Self::ReserveNext(true),
            Action::Message(text) => Self::Message(text),
            Action::OfferCallback => Self::OfferCallback(true),
            Action::Deflect(text) => Self::Deflect(text),
            Action::FanOut(agents) => Self::FanOut(*agents),
        }
    }
}
