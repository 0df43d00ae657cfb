//! The four ways a customer reaches the contact centre.

use std::fmt;
use std::str::FromStr;

/// Where a contact comes from. It has no influence on the order, only on capacity and on what the
/// loss of an agent means for the customer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(index_only)]
pub enum Channel {
    #[n(0)]
    App,
    #[n(1)]
    Hotline,
    #[n(2)]
    Wechat,
    #[n(3)]
    Storefront,
}

impl Channel {
    pub const ALL: [Self; 4] = [Self::App, Self::Hotline, Self::Wechat, Self::Storefront];

    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Hotline => "hotline",
            Self::Wechat => "wechat",
            Self::Storefront => "storefront",
        }
    }

    pub const fn index(self) -> usize {
        self as usize
    }

    /// The customer is present and cannot wait for an agent to come back: voice and counters, as
    /// opposed to text.
    pub const fn is_synchronous(self) -> bool {
        matches!(self, Self::Hotline | Self::Storefront)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The names that [`Channel::from_str`] accepts, for messages.
pub const CHANNEL_NAMES: &str = "app, hotline, wechat or storefront";

impl FromStr for Channel {
    type Err = UnknownChannel;
    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.name() == text)
            .ok_or(UnknownChannel)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: {CHANNEL_NAMES}")]
pub struct UnknownChannel;

/// One value for each channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct PerChannel<T>(#[n(0)] pub [T; 4]);

impl<T> PerChannel<T> {
    pub fn get(&self, channel: Channel) -> &T {
        &self.0[channel.index()]
    }

    pub fn get_mut(&mut self, channel: Channel) -> &mut T {
        &mut self.0[channel.index()]
    }

    pub fn iter(&self) -> impl Iterator<Item = (Channel, &T)> {
        Channel::ALL.into_iter().zip(&self.0)
    }
}
