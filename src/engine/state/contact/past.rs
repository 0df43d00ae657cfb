//! What a contact has been through.

use crate::domain::Text;
use crate::engine::state::contact::rare::Usual;
use crate::engine::state::registry::AgentKey;

/// What most contacts never go through. It is kept as long as the contact, unless a field says when
/// it ends.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Past {
    #[n(0)]
    pub callback_offered: bool,
    /// The last message of an escalation to the customer.
    #[n(1)]
    pub message: Option<Text>,
    /// How many times the agent who called it has called it again; ends when it comes back.
    #[n(2)]
    pub recalls: u32,
    /// How many times its customer did not come when called.
    #[n(3)]
    pub no_shows: u32,
    /// The agent who has it without an offer of its own: asked for help, then handed over to. Ends
    /// with the next offer or answer.
    #[n(4)]
    pub handed_over_to: Option<AgentKey>,
    /// The last transfer.
    #[n(5)]
    pub transferred: Option<Transferred>,
    /// How many times agents were asked to help with it.
    #[n(6)]
    pub asked_to_help: u32,
}

/// A transfer from one agent to the next.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Transferred {
    #[n(0)]
    pub by: AgentKey,
    #[n(1)]
    pub note: Option<Text>,
}

impl Usual for Past {
    const USUAL: &'static Self = &Self {
        callback_offered: false,
        message: None,
        recalls: 0,
        no_shows: 0,
        handed_over_to: None,
        transferred: None,
        asked_to_help: 0,
    };
}
