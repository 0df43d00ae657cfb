//! What recognising the customer adds to a contact.

use crate::domain::{Name, Text};

/// Who the customer is, as far as routing needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Recognition {
    /// The customer's id in the store; none for a stranger.
    #[n(0)]
    pub customer: Option<Text>,
    /// The value tier; none means the configuration's default tier.
    #[n(1)]
    pub tier: Option<Name>,
    #[n(2)]
    pub account_manager: Option<Name>,
    /// The agent who served this customer last.
    #[n(3)]
    pub last_agent: Option<Name>,
}

impl Recognition {
    pub fn is_known(&self) -> bool {
        self.customer.is_some()
    }
}
