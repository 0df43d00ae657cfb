//! What the rules of its queue do to a contact.

use crate::domain::{Millis, Name, Text, Timestamp};
use crate::engine::condition::Trouble;
use crate::engine::options::Audience;
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum RuleEvent {
    #[n(0)]
    Fired {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        name: Name,
        /// The total of all boosts of the contact, this one included.
        #[n(2)]
        boost: Millis,
        #[n(3)]
        due: Timestamp,
        #[n(4)]
        notify: Vec<Audience>,
        /// When it will fire again.
        #[n(5)]
        again_at: Option<Timestamp>,
        /// All further queues whose agents may serve it.
        #[n(6)]
        also: Vec<QueueKey>,
        /// The next agent is reserved for it.
        #[n(7)]
        reserved: bool,
        /// It claims the next agent, once none is reserved for another contact.
        #[n(8)]
        claims: bool,
        #[n(9)]
        callback_offered: bool,
        /// How many live offers it may have beside the first.
        #[n(10)]
        beside_max: u32,
    },
    /// Its time came, but it does not apply to the contact as it is.
    #[n(1)]
    NotApplicable {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        name: Name,
    },
    /// Its condition could not be evaluated: reported once per contact and rule.
    #[n(2)]
    ConditionFailed {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        name: Name,
        #[n(2)]
        trouble: Trouble,
    },
    /// No breach is predicted; checked again at `check_at`.
    #[n(3)]
    WaitReviewed {
        #[n(0)]
        check_at: Timestamp,
        /// Rules that did not apply to a predicted breach before, and do now: evaluated then as
        /// well.
        #[n(1)]
        lets_go: Vec<Name>,
    },
    /// A rule has fired that takes the contact out of its queue, which is not possible now: it goes
    /// as soon as it can.
    #[n(4)]
    MoveOwed {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        name: Name,
        /// False: the rule no longer asks for it.
        #[n(2)]
        is_owed: bool,
    },
    /// The next agent is reserved for it: a rule had claimed it while it was reserved for another
    /// contact.
    #[n(5)]
    NextReserved {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        name: Name,
    },
    /// An escalation is shown on a desktop.
    #[n(6)]
    AgentNotified {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        name: Name,
    },
    /// A message of an escalation to the customer.
    #[n(7)]
    CustomerTold {
        #[n(0)]
        name: Name,
        #[n(1)]
        text: Text,
    },
}
