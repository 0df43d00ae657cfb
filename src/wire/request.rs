//! The bodies of requests. A body that was read is valid, except for the names of queues, agents
//! and skills, which only the engine knows.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::domain::{
    AttributeChanges, Attributes, Channel, Identities, Intake, Name, Requirements, Text, Timestamp,
};
use crate::engine::command::{CallbackMode, ContactRequest, Intention, Patch};
use crate::wire::described::customer::ContactIdentities;
use crate::wire::described::form::{
    AttemptForm, AttributeChangesForm, AttributesForm, ChannelForm, LineForm, NameForm, PhoneForm,
    ProseForm, RequirementsForm,
};
use crate::wire::given::{
    Attempt, Given, Language, Line, Phone, Prose, Sentiment, checked, present,
};

/// A new contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    #[schema(value_type = ChannelForm)]
    channel: Given<Channel>,
    /// Together with the channel a natural key of the adapter: a repeat returns the existing
    /// contact.
    #[serde(default)]
    #[schema(value_type = Option<LineForm>)]
    external_id: Option<Line>,
    /// Without identities the contact is anonymous.
    #[serde(default)]
    #[schema(value_type = Option<ContactIdentities>)]
    customer: Option<Given<Identities>>,
    #[serde(default)]
    #[schema(value_type = Option<NameForm>)]
    topic: Option<Given<Name>>,
    #[serde(default)]
    #[schema(value_type = Option<ProseForm>)]
    text: Option<Prose>,
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9-]{1,35}$")]
    language: Option<Language>,
    /// Up to 32 skills with the level of each.
    #[serde(default)]
    #[schema(value_type = Option<RequirementsForm>)]
    requires: Option<Given<Requirements>>,
    /// By default the topic and the configuration decide.
    #[serde(default)]
    #[schema(value_type = Option<NameForm>)]
    queue: Option<Given<Name>>,
    /// The agent it asks for.
    #[serde(default)]
    #[schema(value_type = Option<NameForm>)]
    agent: Option<Given<Name>>,
    /// Whether any agent of the queue will do if that one is absent or does not become free in
    /// time. Default: true.
    #[serde(default)]
    or_queue: Option<bool>,
    /// Not offered to anyone before this time, which is at most 90 days ahead.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Given<Timestamp>>,
    #[serde(default)]
    #[schema(value_type = Option<AttributesForm>)]
    attributes: Option<Given<Attributes>>,
}

impl From<NewContact> for Intake {
    fn from(new: NewContact) -> Self {
        Self {
            channel: new.channel.0,
            external_id: new.external_id.map(|line| line.0),
            identities: new.customer.map(|given| given.0).unwrap_or_default(),
            topic: new.topic.map(|given| given.0),
            text: new.text.map(|prose| prose.0),
            language: new.language.map(|language| language.0),
            requires: new.requires.map(|given| given.0).unwrap_or_default(),
            queue: new.queue.map(|given| given.0),
            agent: new.agent.map(|given| given.0),
            or_queue: new.or_queue.unwrap_or(true),
            not_before: new.not_before.map(|given| given.0),
            attributes: new.attributes.map(|given| given.0).unwrap_or_default(),
        }
    }
}

/// `customer_left` abandons the contact, any other reason cancels it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelContact {
    #[schema(value_type = LineForm)]
    reason: Line,
}

impl From<CancelContact> for ContactRequest {
    fn from(body: CancelContact) -> Self {
        Self::Cancel {
            reason: body.reason.0,
        }
    }
}

/// How it ended for the customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndContact {
    #[schema(value_type = LineForm)]
    outcome: Line,
}

impl From<EndContact> for ContactRequest {
    fn from(body: EndContact) -> Self {
        Self::End {
            outcome: body.outcome.0,
        }
    }
}

/// From the customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    #[schema(value_type = ProseForm)]
    text: Prose,
}

impl From<NewMessage> for ContactRequest {
    fn from(body: NewMessage) -> Self {
        Self::Message { text: body.text.0 }
    }
}

/// Absent members are unchanged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = NameForm, required = false)]
    topic: Option<Given<Name>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = f64, minimum = -1, maximum = 1, required = false)]
    sentiment: Option<Sentiment>,
    /// Merged into the contact's attributes; null removes one.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = AttributeChangesForm, required = false)]
    attributes: Option<Given<AttributeChanges>>,
}

impl From<ContactPatch> for Patch {
    fn from(patch: ContactPatch) -> Self {
        Self {
            topic: patch.topic.map(|given| given.0),
            sentiment: patch.sentiment.map(|sentiment| sentiment.0),
            attributes: patch.attributes.map(|given| given.0),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
enum Intent {
    Ready,
    NotReady,
    Draining,
}

impl<'de> Deserialize<'de> for Intent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        checked(from, "ready, not_ready or draining", |text| match text {
            "ready" => Some(Self::Ready),
            "not_ready" => Some(Self::NotReady),
            "draining" => Some(Self::Draining),
            _ => None,
        })
    }
}

/// An agent's new presence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPresence {
    intent: Intent,
    /// The reason for not_ready or draining.
    #[serde(default)]
    #[schema(value_type = Option<LineForm>)]
    reason: Option<Line>,
}

impl NewPresence {
    /// `otherwise` is the reason if none is given.
    pub fn into_intention(self, otherwise: &str) -> Intention {
        let reason = || {
            self.reason
                .map_or_else(|| Text::from(otherwise), |line| line.0)
        };
        match self.intent {
            Intent::Ready => Intention::Ready,
            Intent::NotReady => Intention::NotReady { reason: reason() },
            Intent::Draining => Intention::Draining { reason: reason() },
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
enum DialFirst {
    /// An agent accepts, then dials the customer.
    #[default]
    AgentFirst,
    /// The adapter calls the customer when it is the contact's turn, and an agent is asked once the
    /// customer has answered.
    CustomerFirst,
}

impl<'de> Deserialize<'de> for DialFirst {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        checked(from, "agent_first or customer_first", |text| match text {
            "agent_first" => Some(Self::AgentFirst),
            "customer_first" => Some(Self::CustomerFirst),
            _ => None,
        })
    }
}

/// The customer of a waiting contact hangs up and wants to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCallback {
    /// Default: the number that the contact came with.
    #[serde(default)]
    #[schema(value_type = Option<PhoneForm>)]
    phone: Option<Phone>,
    #[serde(default)]
    #[schema(inline, required = false)]
    mode: DialFirst,
}

impl From<NewCallback> for ContactRequest {
    fn from(body: NewCallback) -> Self {
        Self::Callback {
            phone: body.phone.map(|phone| phone.0),
            mode: match body.mode {
                DialFirst::AgentFirst => CallbackMode::AgentFirst,
                DialFirst::CustomerFirst => CallbackMode::CustomerFirst,
            },
        }
    }
}

/// The customer who is being called has answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackAnswered {
    /// Which call is meant, counted from 1. Default: the current one.
    #[serde(default)]
    #[schema(value_type = Option<AttemptForm>)]
    attempt: Option<Attempt>,
}

impl From<CallbackAnswered> for ContactRequest {
    fn from(body: CallbackAnswered) -> Self {
        Self::CallbackAnswered {
            attempt: body.attempt.map(|attempt| attempt.0),
        }
    }
}

/// The customer who is being called has not answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackFailed {
    /// Which call is meant, counted from 1. Default: the current one.
    #[serde(default)]
    #[schema(value_type = Option<AttemptForm>)]
    attempt: Option<Attempt>,
    /// The contact's outcome, if this was the last attempt.
    #[serde(default)]
    #[schema(value_type = Option<LineForm>)]
    outcome: Option<Line>,
}

impl From<CallbackFailed> for ContactRequest {
    fn from(body: CallbackFailed) -> Self {
        Self::CallbackFailed {
            attempt: body.attempt.map(|attempt| attempt.0),
            outcome: body.outcome.map(|line| line.0),
        }
    }
}

/// The agent to whom a waiting contact is assigned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    #[schema(value_type = NameForm)]
    agent: Given<Name>,
}

impl NewAssignment {
    pub fn into_agent(self) -> Name {
        self.agent.0
    }
}

/// The body of a call without parameters: an empty object, or none.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
