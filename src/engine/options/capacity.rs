//! What limits an agent besides capacity, cost and the maximum per channel.

use crate::domain::{Channel, Name, PerChannel};

/// What limits an agent besides capacity, cost and the maximum per channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CapacityRules {
    /// At most [`CATEGORIES_MAX`](super::CATEGORIES_MAX).
    #[n(0)]
    pub categories: Vec<CategoryOptions>,
    #[n(1)]
    pub reserve: Option<CapacityReserve>,
    #[n(2)]
    pub interrupts: Option<Interrupts>,
}

/// Topics of which an agent has at most `max` contacts at a time, taken together.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CategoryOptions {
    #[n(0)]
    pub name: Name,
    #[n(1)]
    pub max: u32,
    #[n(2)]
    pub topics: Vec<Name>,
}

/// The part of each agent's capacity reserved for some tiers. An agent with nothing of other tiers
/// in hand may still take one of their contacts.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CapacityReserve {
    #[n(0)]
    pub units: u32,
    #[n(1)]
    pub tiers: Vec<Name>,
}

/// What a new contact does to one that the agent serves, by channel: `[new][current]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Interrupts(#[n(0)] pub PerChannel<PerChannel<Interrupt>>);

impl Interrupts {
    pub fn of(&self, new: Channel, current: Channel) -> Interrupt {
        *self.0.get(new).get(current)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Interrupt {
    /// They are served side by side, capacity permitting.
    #[default]
    #[n(0)]
    Beside,
    /// The current one is put on hold, and its cost does not count.
    #[n(1)]
    Hold,
    /// The new one is not offered.
    #[n(2)]
    No,
}

impl Interrupt {
    pub const ALL: [Self; 3] = [Self::Beside, Self::Hold, Self::No];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Beside => "beside",
            Self::Hold => "hold",
            Self::No => "no",
        }
    }
}
