//! What a queue does with those for whom it has no place, and how customers are called back.

use crate::domain::{Millis, Name, PerChannel, Text};

/// For so long a customer who is called first is called, where the queue says nothing else.
pub const DIAL_WITHIN: Millis = Millis::from_s(60);

/// How customers who are to be called are called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CallbackOptions {
    #[n(0)]
    pub retry_delay: Millis,
    /// So often at most.
    #[n(1)]
    pub attempts_max: u32,
    /// How long a customer who is called first may take to answer; none: [`DIAL_WITHIN`].
    #[cbor(n(2), default)]
    pub dial_within: Option<Millis>,
}

impl CallbackOptions {
    pub const DEFAULT: Self = Self {
        retry_delay: Millis::from_s(600),
        attempts_max: 3,
        dial_within: Some(DIAL_WITHIN),
    };
}

impl Default for CallbackOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What becomes of a contact whose customer does not come when called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum NoShow {
    #[default]
    #[n(0)]
    Close,
    /// It waits again, behind so many others, or behind all.
    #[n(1)]
    Requeue {
        #[n(0)]
        places: Option<u32>,
    },
}

/// What a queue does with more contacts than may wait in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Overflow {
    /// The most of a channel that wait, within what may wait at all.
    #[n(0)]
    pub waiting_max: PerChannel<Option<u32>>,
    #[n(1)]
    pub when_full: WhenFull,
}

/// What becomes of a contact that comes to a full queue.
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
    /// Its customer is called in turn: as many again may wait so.
    #[n(3)]
    Callback,
}

/// What becomes of a contact that comes to a closed queue.
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
    /// It is ordered for when the queue opens, and its age counts from there.
    #[n(3)]
    Schedule,
}
