//! What agents and their desktops do, and what the engine makes of it.

use crate::domain::{Channel, Text, Timestamp};
use crate::engine::command::CommandKey;
use crate::engine::state::agent::{Health, Intent};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum AgentEvent {
    #[n(0)]
    Connected {
        #[n(0)]
        session: u64,
    },
    #[n(1)]
    Resynced,
    /// The agent's desktop has received what customers wrote.
    #[n(2)]
    Heard {
        /// Up to the frame of this number.
        #[n(0)]
        upto: u64,
    },
    /// The connection is lost; the agent may come back until then.
    #[n(3)]
    Lost {
        #[n(0)]
        until: Timestamp,
        /// The process has restarted.
        #[n(1)]
        #[cbor(default)]
        is_restart: bool,
    },
    #[n(4)]
    Gone,
    #[n(5)]
    Intended {
        #[n(0)]
        intent: Intent,
        #[n(1)]
        by: Text,
        /// A supervisor has set it.
        #[n(2)]
        is_steered: bool,
    },
    #[n(6)]
    HealthChanged {
        #[n(0)]
        channel: Channel,
        #[n(1)]
        health: Health,
        /// Consecutive offers that this agent let expire.
        #[n(2)]
        strikes: u32,
    },
    /// A new configuration has removed or restored the agent, or has changed the agent's name or
    /// what the agent serves: shown on a connected desktop.
    #[n(7)]
    Reconfigured,
    /// Parked contacts may come back to the agent again.
    #[n(8)]
    Rested,
    /// Its contacts were checked for ends that were never reported.
    #[n(9)]
    EndsChecked {
        #[n(0)]
        next: Option<Timestamp>,
    },
    /// The agent's desktop has come back with everything up to the frame of this number, and was
    /// sent the rest.
    #[n(10)]
    Resumed {
        #[n(0)]
        upto: u64,
    },
    /// A command of the agent's desktop that may be repeated was carried out.
    #[n(11)]
    CarriedOut {
        #[n(0)]
        key: CommandKey,
    },
}
