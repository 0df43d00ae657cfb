//! A contact as submitted, checked.

use crate::domain::{Attributes, Channel, Identities, Name, Requirements, Text, Timestamp};

/// What an adapter submits. Names of queues and skills are checked by the engine, which knows the
/// configuration.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Intake {
    #[n(0)]
    pub channel: Channel,
    #[n(1)]
    pub external_id: Option<Text>,
    #[n(2)]
    pub identities: Identities,
    #[n(3)]
    pub topic: Option<Name>,
    #[n(4)]
    pub text: Option<Text>,
    #[n(5)]
    pub language: Option<Text>,
    #[n(6)]
    pub requires: Requirements,
    #[n(7)]
    pub queue: Option<Name>,
    /// Not to be offered to anyone before this instant.
    #[n(8)]
    pub not_before: Option<Timestamp>,
    #[n(9)]
    pub attributes: Attributes,
    /// The agent that it names.
    #[n(10)]
    pub agent: Option<Name>,
    /// Anyone of the queue will do if that agent is not there or does not take it in time.
    #[n(11)]
    pub or_queue: bool,
}

impl Intake {
    /// A contact of this channel with nothing else given.
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            external_id: None,
            identities: Identities::default(),
            topic: None,
            text: None,
            language: None,
            requires: Requirements::default(),
            queue: None,
            not_before: None,
            attributes: Attributes::default(),
            agent: None,
            or_queue: true,
        }
    }
}
