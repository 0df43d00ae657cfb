//! The newest commands that an agent's desktops had carried out, known by their keys.
//!
//! The answer to a command can be lost with the process. A desktop that comes back and repeats the
//! command gets `ok` again, and nothing is done twice. An accept and a completion are not kept: they
//! are recognised by the contact.

use std::collections::VecDeque;

use crate::engine::command::{CommandKey, DeskAct};

/// The most commands remembered per agent, the oldest being forgotten first: twice as many as a
/// desktop may have in progress.
const CARRIED_OUT_MAX: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CarriedOut {
    #[n(0)]
    keys: VecDeque<CommandKey>,
    #[n(1)]
    by: By,
}

/// Whose the keys are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
enum By {
    /// The connected desktop.
    #[default]
    #[n(0)]
    This,
    /// The one before, whose answers this process remembers.
    #[n(1)]
    Before,
    /// One whose answers are lost with the process: whoever comes back may repeat them.
    #[n(2)]
    Unanswered,
    /// The connected desktop, which has come back to them.
    #[n(3)]
    Same,
}

impl CarriedOut {
    /// The process has restarted.
    pub(in crate::engine) fn restarted(&mut self) {
        self.by = By::Unanswered;
    }

    pub(in crate::engine) fn connected(&mut self) {
        self.by = match self.by {
            By::This | By::Before => By::Before,
            By::Same | By::Unanswered => By::Unanswered,
        };
    }

    /// The desktop says that it was connected before.
    pub(in crate::engine) fn came_back(&mut self) {
        if self.may_come_back() {
            self.by = By::Same;
        }
    }

    /// Whether it makes a difference if the desktop says that it was connected before.
    pub(in crate::engine) fn may_come_back(&self) -> bool {
        self.by == By::Unanswered && !self.keys.is_empty()
    }

    pub(in crate::engine) fn forget_all(&mut self) {
        self.keys.clear();
    }

    /// A desktop that has merely connected may use the ids of the one before for other commands.
    pub(in crate::engine) fn keep(&mut self, key: CommandKey) {
        if matches!(self.by, By::Before | By::Unanswered) {
            self.keys.clear();
            self.by = By::This;
        }
        if self.keys.len() == CARRIED_OUT_MAX {
            self.keys.pop_front();
        }
        self.keys.push_back(key);
    }

    /// The desktop repeats a command that was carried out.
    pub(in crate::engine) fn is_repeat(&self, key: CommandKey) -> bool {
        self.by == By::Same && self.keys.contains(&key)
    }
}

impl DeskAct {
    /// The state does not tell a repeat of it from a new command.
    pub(in crate::engine) const fn has_to_be_kept(&self) -> bool {
        match self {
            Self::Intend { .. }
            | Self::Decline { .. }
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
            | Self::Release
            | Self::Deliver { .. }
            | Self::Accept { .. }
            | Self::Complete { .. } => false,
        }
    }
}
