//! Failures of the store, as opposed to what it refuses.

/// The store failed; the request itself may be valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    #[error("the customer store cannot be reached")]
    Unreachable,
    #[error("the customer store is overloaded")]
    Busy,
    /// A write may have happened all the same.
    #[error("the customer store did not answer in time")]
    TimedOut,
    /// Reads work; writes will again once it has room, or whatever else it reports as missing.
    #[error("the customer store rejects writes: {0}")]
    TakesNoChanges(String),
    /// It answers, but denies this server a permission until that is granted again.
    #[error("the customer store denies a permission: {0}")]
    NotAllowed(String),
    #[error("the customer store failed: {0}")]
    Failed(String),
    #[error("the customer store holds something unreadable: {0}")]
    Corrupt(String),
}

impl StoreFault {
    /// Whether a retry later may help.
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
