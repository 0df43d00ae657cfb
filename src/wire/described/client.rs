//! The frames of an agent's desktop as a client writes them, for the published description. The
//! server reads them with [`Ask`](crate::wire::frame::Ask).

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::described::form::{LineForm, NameForm, ProseForm, SeqForm};
use crate::wire::frame::CommandId;

/// What a desktop sends; `cmd` is its own id for the command.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    Ready {
        cmd: CommandId,
    },
    NotReady {
        cmd: CommandId,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<LineForm>)]
        reason: Option<String>,
    },
    /// The desktop shows the offer: the answer timer starts here.
    Delivered {
        cmd: CommandId,
        offer: String,
    },
    Accept {
        cmd: CommandId,
        offer: String,
    },
    Decline {
        cmd: CommandId,
        offer: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<LineForm>)]
        reason: Option<String>,
        /// Do not offer this contact again before this time has passed.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(maximum = 86_400)]
        retry_after_s: Option<u32>,
    },
    /// To the customer.
    Message {
        cmd: CommandId,
        contact: String,
        #[schema(value_type = ProseForm)]
        text: String,
    },
    Hold {
        cmd: CommandId,
        contact: String,
    },
    Unhold {
        cmd: CommandId,
        contact: String,
    },
    Park {
        cmd: CommandId,
        contact: String,
    },
    Unpark {
        cmd: CommandId,
        contact: String,
    },
    Transfer {
        cmd: CommandId,
        contact: String,
        to: Recipient,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<ProseForm>)]
        note: Option<String>,
        /// False: it waits as if it had just arrived. By default it keeps its age.
        #[serde(skip_serializing_if = "Option::is_none")]
        keep_age: Option<bool>,
        /// True: it returns to its queue if the agent cannot be offered it at once.
        #[serde(skip_serializing_if = "Option::is_none")]
        or_queue: Option<bool>,
    },
    Consult {
        cmd: CommandId,
        contact: String,
        to: Recipient,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<ProseForm>)]
        note: Option<String>,
    },
    Conference {
        cmd: CommandId,
        contact: String,
    },
    EndConsult {
        cmd: CommandId,
        contact: String,
    },
    Complete {
        cmd: CommandId,
        contact: String,
        #[schema(value_type = LineForm)]
        outcome: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<ProseForm>)]
        notes: Option<String>,
    },
    WrapUpDone {
        cmd: CommandId,
        contact: String,
    },
    /// Once, by 30 seconds.
    WrapUpExtend {
        cmd: CommandId,
        contact: String,
    },
    /// Calls the next contact, in queues that allow it.
    Pull {
        cmd: CommandId,
        #[schema(value_type = NameForm)]
        queue: String,
        /// This contact instead of the next one.
        #[serde(skip_serializing_if = "Option::is_none")]
        contact: Option<String>,
    },
    /// Calls the called customer again.
    Recall {
        cmd: CommandId,
        contact: String,
    },
    /// The called customer did not come.
    NoShow {
        cmd: CommandId,
        contact: String,
    },
    /// The customer did not answer a callback: it is retried, or ends.
    CallbackFailed {
        cmd: CommandId,
        contact: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<LineForm>)]
        outcome: Option<String>,
    },
    /// Every frame up to this number has been processed: the server may forget them. Before the
    /// desktop has resumed, or sent another command, the number of its `welcome` or a higher one
    /// counts for nothing.
    Ack {
        cmd: CommandId,
        #[schema(value_type = SeqForm)]
        seq: u64,
    },
    /// The first command after a lost connection: sends what was missed, or `resync`. The missed
    /// frames come after `ok` and have numbers below the one of `welcome`. New ones come after them,
    /// unless the desktop waits for more than half a second with this command.
    Resume {
        cmd: CommandId,
        #[schema(value_type = LineForm)]
        token: String,
        /// Up to this number every frame has been processed. What a `welcome` has skipped has not.
        #[schema(value_type = SeqForm)]
        last_seq: u64,
    },
}

/// A queue or an agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    Queue(String),
    Agent(String),
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::wire::frame::Ask;
    use crate::wire::frame::command::COMMANDS;

    #[expect(clippy::too_many_lines, reason = "one of each")]
    fn one_of_each() -> Vec<ClientFrame> {
        let cmd = || CommandId::Text("c1".into());
        let contact = || "0198c6a0-0000-7000-8000-000000000001".to_owned();
        let offer = || format!("{}.1", contact());
        let (text, note) = (|| "text".to_owned(), || Some("note".to_owned()));
        let to = || Recipient::Queue("general".to_owned());
        vec![
            ClientFrame::Ready { cmd: cmd() },
            ClientFrame::NotReady {
                cmd: cmd(),
                reason: note(),
            },
            ClientFrame::Delivered {
                cmd: cmd(),
                offer: offer(),
            },
            ClientFrame::Accept {
                cmd: cmd(),
                offer: offer(),
            },
            ClientFrame::Decline {
                cmd: cmd(),
                offer: offer(),
                reason: note(),
                retry_after_s: Some(9),
            },
            ClientFrame::Message {
                cmd: cmd(),
                contact: contact(),
                text: text(),
            },
            ClientFrame::Hold {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::Unhold {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::Park {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::Unpark {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::Transfer {
                cmd: cmd(),
                contact: contact(),
                to: to(),
                note: note(),
                keep_age: Some(false),
                or_queue: Some(true),
            },
            ClientFrame::Consult {
                cmd: cmd(),
                contact: contact(),
                to: Recipient::Agent(text()),
                note: None,
            },
            ClientFrame::Conference {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::EndConsult {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::Complete {
                cmd: cmd(),
                contact: contact(),
                outcome: text(),
                notes: note(),
            },
            ClientFrame::WrapUpDone {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::WrapUpExtend {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::Pull {
                cmd: cmd(),
                queue: text(),
                contact: Some(contact()),
            },
            ClientFrame::Recall {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::NoShow {
                cmd: cmd(),
                contact: contact(),
            },
            ClientFrame::CallbackFailed {
                cmd: cmd(),
                contact: contact(),
                outcome: note(),
            },
            ClientFrame::Ack { cmd: cmd(), seq: 4 },
            ClientFrame::Resume {
                cmd: cmd(),
                token: text(),
                last_seq: 3,
            },
        ]
    }

    #[test]
    fn the_server_reads_what_a_client_writes() {
        let mut names = Vec::new();
        for frame in one_of_each() {
            let text = serde_json::to_string(&frame).unwrap();
            assert!(Ask::read(&text).is_ok(), "{text}");
            let value: Value = serde_json::from_str(&text).unwrap();
            names.push(value["type"].as_str().unwrap().to_owned());
        }
        assert_eq!(names, COMMANDS, "and these are all");
    }
}
