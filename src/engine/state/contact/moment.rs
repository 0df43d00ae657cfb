//! An instant or none, in the space of an instant.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::domain::Timestamp;

/// An instant or none. No event lies at the beginning of time: that stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(Timestamp);

impl Moment {
    pub const NONE: Self = Self(Timestamp(i64::MIN));

    pub const fn at(at: Timestamp) -> Self {
        Self(at)
    }

    pub fn get(self) -> Option<Timestamp> {
        (self != Self::NONE).then_some(self.0)
    }

    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(in crate::engine) fn take(&mut self) -> Option<Timestamp> {
        std::mem::take(self).get()
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self::NONE
    }
}

impl From<Option<Timestamp>> for Moment {
    fn from(at: Option<Timestamp>) -> Self {
        at.map_or(Self::NONE, Self::at)
    }
}

/// Encoded as an optional instant.
impl<C> Encode<C> for Moment {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        self.get().encode(e, context)
    }

    fn is_nil(&self) -> bool {
        self.is_none()
    }
}

impl<'b, C> Decode<'b, C> for Moment {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, DecodeError> {
        Option::<Timestamp>::decode(d, context).map(Self::from)
    }

    fn nil() -> Option<Self> {
        Some(Self::NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_or_none_is_read_and_encoded_as_such() {
        for at in [None, Some(Timestamp(0)), Some(Timestamp(-7))] {
            let moment = Moment::from(at);
            assert_eq!((moment.get(), moment.is_none()), (at, at.is_none()));
            let bytes = minicbor::to_vec(moment).unwrap();
            assert_eq!(bytes, minicbor::to_vec(at).unwrap());
            assert_eq!(minicbor::decode::<Moment>(&bytes).unwrap(), moment);
        }
    }
}
