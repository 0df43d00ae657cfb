//! What limits an agent beside capacity, costs and the most of a channel.

use crate::domain::{Channel, Name, PerChannel};

/// What limits an agent beside capacity, costs and the most of a channel.
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

/// Topics of which an agent has no more than so many contacts at a time.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CategoryOptions {
    #[n(0)]
    pub name: Name,
    #[n(1)]
    pub max: u32,
    #[n(2)]
    pub topics: Vec<Name>,
}

/// What contacts of other tiers may not use of an agent's capacity. An agent with nothing
/// of theirs in hand takes one of them all the same.
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
    /// As far as capacity goes.
    #[default]
    #[n(0)]
    Beside,
    /// The current one waits on hold, and its cost does not count.
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
