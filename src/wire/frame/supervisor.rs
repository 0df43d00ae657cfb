//! The frames sent to supervisors.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{ContactId, Name, Timestamp};
use crate::wire::described::form::SupervisorNoticeForm;
use crate::wire::reply::{AgentReply, QueueReply};
use crate::wire::written::Written;

#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SupervisorFrame<'a> {
    /// All queues and agents.
    Snapshot {
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        queues: Vec<QueueReply<'a>>,
        agents: Vec<AgentReply<'a>>,
    },
    /// Those that have changed.
    Update {
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        queues: Vec<QueueReply<'a>>,
        agents: Vec<AgentReply<'a>>,
        /// No longer in the configuration.
        #[serde(skip_serializing_if = "is_empty")]
        #[schema(value_type = Vec<String>)]
        queues_gone: Written<&'a [Name]>,
        #[serde(skip_serializing_if = "is_empty")]
        #[schema(value_type = Vec<String>)]
        agents_gone: Written<&'a [Name]>,
    },
    /// A rule has fired for a contact.
    Escalation {
        /// Its name in the configuration.
        #[schema(value_type = String)]
        rule: Written<&'a Name>,
        #[schema(value_type = String)]
        queue: Written<&'a Name>,
        #[schema(value_type = String)]
        contact: Written<ContactId>,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
        /// True if the rule notifies supervisors; otherwise for information only.
        notify: bool,
    },
    /// Something the router reports without a rule.
    Notice {
        /// `unroutable`: no registered agent could ever serve the contact; `response_late`: its
        /// customer, being served, has been waiting too long for a reply; `callback_dialled`: an
        /// adapter is to call its customer; `end_missing`: its end was not reported within the
        /// longest service time, so it was closed.
        #[schema(value_type = SupervisorNoticeForm)]
        kind: Written<&'a Name>,
        #[schema(value_type = String)]
        queue: Written<&'a Name>,
        #[schema(value_type = String)]
        contact: Written<ContactId>,
        #[schema(value_type = String, format = DateTime)]
        at: Written<Timestamp>,
    },
}

fn is_empty(names: &Written<&[Name]>) -> bool {
    names.0.is_empty()
}

impl SupervisorFrame<'_> {
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a frame is text and numbers")
    }
}
