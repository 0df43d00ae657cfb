//! What a queue does with contacts that it cannot take, and how customers are called back.

use crate::domain::{Millis, Name, PerChannel, Text};

/// How long a call to a customer who is called first may ring, unless the queue says otherwise.
pub const DIAL_WITHIN: Millis = Millis::from_s(60);

/// How callbacks are retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CallbackOptions {
    #[n(0)]
    pub retry_delay: Millis,
    /// The most attempts.
    #[n(1)]
    pub attempts_max: u32,
    /// How long a call to a customer who is called first may ring.
    #[n(2)]
    pub dial_within: Millis,
}

impl CallbackOptions {
    pub const DEFAULT: Self = Self {
        retry_delay: Millis::from_s(600),
        attempts_max: 3,
        dial_within: DIAL_WITHIN,
    };
}

impl Default for CallbackOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What happens to a contact whose customer does not come when called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum NoShow {
    #[default]
    #[n(0)]
    Close,
    /// It waits again, behind this many others, or behind all.
    #[n(1)]
    Requeue {
        #[n(0)]
        places: Option<u32>,
    },
}

/// What a queue does when it is full.
#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Overflow {
    /// The most waiting contacts of a channel, within the limit of the queue.
    #[n(0)]
    pub waiting_max: PerChannel<Option<u32>>,
    #[n(1)]
    pub when_full: WhenFull,
}

/// What happens to a contact that comes to a full queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum WhenFull {
    #[default]
    #[n(0)]
    Refuse,
    /// It ends at once, with this text as its outcome.
    #[n(1)]
    Deflect(#[n(0)] Text),
    /// It goes to another queue.
    #[n(2)]
    Queue(#[n(0)] Name),
    /// Its customer is called in turn: as many again may wait like this.
    #[n(3)]
    Callback,
}

/// What happens to a contact that comes to a closed queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum WhenClosed {
    /// It waits until the queue opens.
    #[default]
    #[n(0)]
    Hold,
    /// It ends at once, with this text as its outcome.
    #[n(1)]
    Deflect(#[n(0)] Text),
    /// It goes to another queue.
    #[n(2)]
    Queue(#[n(0)] Name),
    /// It is scheduled for when the queue opens, and its age counts from there.
    #[n(3)]
    Schedule,
}
