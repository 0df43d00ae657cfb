//! The newest commands that an agent's desktops had carried out, known by their keys.
//!
//! The answer to a command can be lost with the process. A desktop that comes back and repeats the
//! command gets `ok` again, and nothing is done twice. Only commands whose effect the state does
//! not show are kept: an accept or a completion is recognised by the contact.

use std::collections::VecDeque;

use crate::engine::command::{CommandKey, DeskAct};

/// The most commands remembered per agent, the oldest being forgotten first: twice as many as a
/// desktop may have in progress.
const CARRIED_OUT_MAX: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CarriedOut {
    #[n(0)]
    keys: VecDeque<CommandKey>,
    /// The connected desktop has come back and may repeat commands of the session before. A desktop
    /// that has merely connected may use the same ids for other commands.
    #[n(1)]
    may_be_repeated: bool,
}

impl CarriedOut {
    /// A desktop has connected, and has not said so far that it is the one of before.
    pub(in crate::engine) fn connected(&mut self) {
        self.may_be_repeated = false;
    }

    /// The desktop says that it is the one of before.
    pub(in crate::engine) fn came_back(&mut self) {
        self.may_be_repeated = true;
    }

    pub(in crate::engine) fn forget_all(&mut self) {
        self.keys.clear();
    }

    pub(in crate::engine) fn keep(&mut self, key: CommandKey) {
        if self.keys.len() == CARRIED_OUT_MAX {
            self.keys.pop_front();
        }
        self.keys.push_back(key);
    }

    /// The desktop repeats a command that was carried out.
    pub(in crate::engine) fn is_repeat(&self, key: CommandKey) -> bool {
        self.may_be_repeated && self.keys.contains(&key)
    }
}

impl DeskAct {
    /// The state does not tell a repeat of it from a new command.
    pub(in crate::engine) const fn has_to_be_kept(&self) -> bool {
        match self {
            Self::Decline { .. }
            | Self::Message { .. }
            | Self::Hold { .. }
            | Self::Unhold { .. }
            | Self::Park { .. }
            | Self::Unpark { .. }
            | Self::Transfer { .. }
            | Self::Consult { .. }
            | Self::Conference { .. }
            | Self::EndConsult { .. }
            | Self::FinishWrapUp { .. }
            | Self::ExtendWrapUp { .. }
            | Self::Pull { .. }
            | Self::Recall { .. }
            | Self::NoShow { .. }
            | Self::FailCallback { .. } => true,
            Self::Lose
            | Self::Hear { .. }
            | Self::Resume { .. }
            | Self::Resync { .. }
            | Self::CatchUp
            | Self::Intend { .. }
            | Self::Deliver { .. }
            | Self::Accept { .. }
            | Self::Complete { .. } => false,
        }
    }
}
