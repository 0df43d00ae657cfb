//! What an agent's desktop sends.
//!
//! One flat shape is read in a single pass for all types; the type then determines which members
//! are allowed, and others are refused.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use crate::domain::{ContactId, Millis, Name, OfferId, Text};
use crate::engine::command::{Destination, Manner};
use crate::wire::frame::CommandId;
use crate::wire::given::{Called, Given, Line, Object, Prose, Seconds, Seq};
use crate::wire::json;
use crate::wire::problem::Problem;

/// A command of an agent's desktop.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Ask {
    Ready,
    NotReady {
        reason: Option<Text>,
    },
    Delivered(OfferId),
    Accept(OfferId),
    Decline {
        offer: OfferId,
        reason: Option<Text>,
        retry_after: Option<Millis>,
    },
    Message {
        contact: ContactId,
        text: Text,
    },
    Hold(ContactId),
    Unhold(ContactId),
    Park(ContactId),
    Unpark(ContactId),
    Transfer(Handover, Manner),
    Consult(Handover),
    Conference(ContactId),
    EndConsult(ContactId),
    Complete {
        contact: ContactId,
        outcome: Text,
        notes: Option<Text>,
    },
    WrapUpDone(ContactId),
    WrapUpExtend(ContactId),
    Pull {
        queue: Name,
        /// This contact instead of the next one.
        contact: Option<ContactId>,
    },
    Recall(ContactId),
    NoShow(ContactId),
    CallbackFailed {
        contact: ContactId,
        outcome: Option<Text>,
    },
    Ack {
        seq: u64,
    },
    Resume {
        token: Text,
        last_seq: u64,
    },
}

/// A contact and its recipient or helper.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Handover {
    pub contact: ContactId,
    pub to: Destination,
    pub note: Option<Text>,
}

/// A frame that is not a valid command, and its id if it could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Garbled {
    pub cmd: Option<CommandId>,
    pub code: &'static str,
    pub detail: Cow<'static, str>,
}

/// The names of [`Ask`] on the wire.
pub const COMMANDS: [&str; 23] = [
    "ready",
    "not_ready",
    "delivered",
    "accept",
    "decline",
    "message",
    "hold",
    "unhold",
    "park",
    "unpark",
    "transfer",
    "consult",
    "conference",
    "end_consult",
    "complete",
    "wrap_up_done",
    "wrap_up_extend",
    "pull",
    "recall",
    "no_show",
    "callback_failed",
    "ack",
    "resume",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    cmd: CommandId,
    #[serde(default)]
    offer: Member<Called<OfferId>>,
    #[serde(default)]
    contact: Member<Called<ContactId>>,
    #[serde(default)]
    reason: Member<Line>,
    #[serde(default)]
    retry_after_s: Member<Seconds>,
    #[serde(default)]
    text: Member<Prose>,
    #[serde(default)]
    to: Member<Object<To>>,
    #[serde(default)]
    note: Member<Prose>,
    #[serde(default)]
    keep_age: Member<bool>,
    #[serde(default)]
    or_queue: Member<bool>,
    #[serde(default)]
    outcome: Member<Line>,
    #[serde(default)]
    notes: Member<Prose>,
    #[serde(default)]
    queue: Member<Given<Name>>,
    #[serde(default)]
    seq: Member<Seq>,
    #[serde(default)]
    token: Member<Line>,
    #[serde(default)]
    last_seq: Member<Seq>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with a queue or an agent")]
struct To {
    queue: Option<Given<Name>>,
    agent: Option<Given<Name>>,
}

/// A member of a frame; null counts as present but empty.
#[derive(Debug, Default)]
enum Member<T> {
    #[default]
    Absent,
    Null,
    Said(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let said = Option::deserialize(from)?;
        Ok(said.map_or(Self::Null, Self::Said))
    }
}

impl<T> Member<T> {
    fn take(&mut self) -> Option<T> {
        match std::mem::take(self) {
            Self::Said(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    const fn is_there(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// The id of a frame that is otherwise unreadable.
#[derive(Deserialize)]
struct CmdAlone {
    cmd: CommandId,
}

/// Why a readable frame is not a valid command.
struct Wrong {
    code: &'static str,
    detail: Cow<'static, str>,
}

impl Ask {
    pub fn read(text: &str) -> Result<(CommandId, Self), Garbled> {
        let mut frame: Frame<'_> =
            json::read(text.as_bytes()).map_err(|problem| Garbled::new(text, problem))?;
        let ask = frame.take().and_then(|ask| {
            let left = frame.left_over();
            left.map_or(Ok(ask), |name| Err(Wrong::unknown_field(name)))
        });
        match ask {
            Ok(ask) => Ok((frame.cmd, ask)),
            Err(Wrong { code, detail }) => Err(Garbled {
                cmd: Some(frame.cmd),
                code,
                detail,
            }),
        }
    }
}

impl Garbled {
    fn new(text: &str, problem: Problem) -> Self {
        let cmd = serde_json::from_str::<Object<CmdAlone>>(text).ok();
        Self {
            cmd: cmd.map(|frame| frame.0.cmd),
            code: problem.code,
            detail: problem.detail,
        }
    }
}

impl Wrong {
    fn unknown_field(name: &'static str) -> Self {
        Self {
            code: "unknown_field",
            detail: format!("{name}: unknown field for a command of this type").into(),
        }
    }

    fn missing_field(name: &'static str) -> Self {
        Self {
            code: "missing_field",
            detail: format!("{name}: missing field").into(),
        }
    }
}

impl To {
    fn destination(self) -> Result<Destination, Wrong> {
        match (self.queue, self.agent) {
            (Some(queue), None) => Ok(Destination::Queue(queue.0)),
            (None, Some(agent)) => Ok(Destination::Agent(agent.0)),
            (None, None) | (Some(_), Some(_)) => Err(Wrong {
                code: "bad_value",
                detail: "to: allowed: one of queue and agent".into(),
            }),
        }
    }
}

impl Frame<'_> {
    fn take(&mut self) -> Result<Ask, Wrong> {
        Ok(match &*self.kind {
            "ready" => Ask::Ready,
            "not_ready" => Ask::NotReady {
                reason: self.reason.take().map(|line| line.0),
            },
            "delivered" => Ask::Delivered(self.offer()?),
            "accept" => Ask::Accept(self.offer()?),
            "decline" => Ask::Decline {
                offer: self.offer()?,
                reason: self.reason.take().map(|line| line.0),
                retry_after: self.retry_after_s.take().map(|seconds| seconds.0),
            },
            "pull" => Ask::Pull {
                queue: needed("queue", self.queue.take())?.0,
                contact: self.contact.take().map(|given| given.0),
            },
            "ack" => Ask::Ack {
                seq: needed("seq", self.seq.take())?.0,
            },
            "resume" => Ask::Resume {
                token: needed("token", self.token.take())?.0,
                last_seq: needed("last_seq", self.last_seq.take())?.0,
            },
            _ => return self.take_about_a_contact(),
        })
    }

    fn take_about_a_contact(&mut self) -> Result<Ask, Wrong> {
        Ok(match &*self.kind {
            "message" => Ask::Message {
                contact: self.contact()?,
                text: needed("text", self.text.take())?.0,
            },
            "hold" => Ask::Hold(self.contact()?),
            "unhold" => Ask::Unhold(self.contact()?),
            "park" => Ask::Park(self.contact()?),
            "unpark" => Ask::Unpark(self.contact()?),
            "transfer" => Ask::Transfer(self.handover()?, self.manner()),
            "consult" => Ask::Consult(self.handover()?),
            "conference" => Ask::Conference(self.contact()?),
            "end_consult" => Ask::EndConsult(self.contact()?),
            "complete" => Ask::Complete {
                contact: self.contact()?,
                outcome: needed("outcome", self.outcome.take())?.0,
                notes: self.notes.take().map(|prose| prose.0),
            },
            "recall" => Ask::Recall(self.contact()?),
            "no_show" => Ask::NoShow(self.contact()?),
            "callback_failed" => Ask::CallbackFailed {
                contact: self.contact()?,
                outcome: self.outcome.take().map(|line| line.0),
            },
            "wrap_up_done" => Ask::WrapUpDone(self.contact()?),
            "wrap_up_extend" => Ask::WrapUpExtend(self.contact()?),
            _ => {
                return Err(Wrong {
                    code: "unknown_command",
                    detail: format!("type: allowed: {}", COMMANDS.join(", ")).into(),
                });
            }
        })
    }

    fn offer(&mut self) -> Result<OfferId, Wrong> {
        needed("offer", self.offer.take()).map(|given| given.0)
    }

    fn contact(&mut self) -> Result<ContactId, Wrong> {
        needed("contact", self.contact.take()).map(|given| given.0)
    }

    fn handover(&mut self) -> Result<Handover, Wrong> {
        Ok(Handover {
            contact: self.contact()?,
            to: needed("to", self.to.take())?.0.destination()?,
            note: self.note.take().map(|prose| prose.0),
        })
    }

    fn manner(&mut self) -> Manner {
        let ordinary = Manner::ORDINARY;
        Manner {
            keep_age: self.keep_age.take().unwrap_or(ordinary.keep_age),
            or_queue: self.or_queue.take().unwrap_or(ordinary.or_queue),
        }
    }

    /// A member that the command did not use.
    fn left_over(&self) -> Option<&'static str> {
        let Self {
            kind: _,
            cmd: _,
            offer,
            contact,
            reason,
            retry_after_s,
            text,
            to,
            note,
            keep_age,
            or_queue,
            outcome,
            notes,
            queue,
            seq,
            token,
            last_seq,
        } = self;
        let members = [
            ("offer", offer.is_there()),
            ("contact", contact.is_there()),
            ("reason", reason.is_there()),
            ("retry_after_s", retry_after_s.is_there()),
            ("text", text.is_there()),
            ("to", to.is_there()),
            ("note", note.is_there()),
            ("keep_age", keep_age.is_there()),
            ("or_queue", or_queue.is_there()),
            ("outcome", outcome.is_there()),
            ("notes", notes.is_there()),
            ("queue", queue.is_there()),
            ("seq", seq.is_there()),
            ("token", token.is_there()),
            ("last_seq", last_seq.is_there()),
        ];
        members
            .into_iter()
            .find_map(|(name, is_left)| is_left.then_some(name))
    }
}

fn needed<T>(name: &'static str, value: Option<T>) -> Result<T, Wrong> {
    value.ok_or_else(|| Wrong::missing_field(name))
}

#[cfg(test)]
mod tests;
