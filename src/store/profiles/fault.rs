//! What can go wrong with the store, as opposed to what it refuses.

/// The store has failed; what was asked for may still be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    #[error("the customer store cannot be reached")]
    Unreachable,
    #[error("the customer store is overloaded")]
    Busy,
    /// A write may have happened all the same.
    #[error("the customer store did not answer in time")]
    TimedOut,
    /// It reads, and will write again when it has room, or whatever else it says it lacks.
    #[error("the customer store takes no changes: {0}")]
    TakesNoChanges(String),
    /// It answers, though not us, until somebody gives the right back.
    #[error("the customer store refuses: {0}")]
    NotAllowed(String),
    #[error("the customer store failed: {0}")]
    Failed(String),
    #[error("the customer store holds something unreadable: {0}")]
    Corrupt(String),
}

impl StoreFault {
    /// Asking again later may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable
            | Self::Busy
            | Self::TimedOut
            | Self::TakesNoChanges(_)
            | Self::NotAllowed(_) => true,
            Self::Failed(_) | Self::Corrupt(_) => false,
        }
    }
}
