//! What few contacts have: boxed, and absent while it is as usual.

use std::ops::Deref;

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// A group of fields that most contacts never have.
pub trait Usual: Clone + PartialEq + 'static {
    /// What it is like as long as nothing is special.
    const USUAL: &'static Self;
}

/// A value that is read as any other, and takes space only while it is not as usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rare<T>(Option<Box<T>>);

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Usual> Deref for Rare<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::USUAL)
    }
}

impl<T: Usual> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self((value != *T::USUAL).then(|| Box::new(value)))
    }
}

impl<T: Usual> Rare<T> {
    /// Allocates only for what is not as usual then.
    pub(in crate::engine) fn alter<R>(&mut self, alter: impl FnOnce(&mut T) -> R) -> R {
        if let Some(held) = &mut self.0 {
            let result = alter(held);
            if **held == *T::USUAL {
                self.0 = None;
            }
            return result;
        }
        let mut value = T::USUAL.clone();
        let result = alter(&mut value);
        *self = value.into();
        result
    }

    /// The same for a change that leaves the usual as it is.
    pub(in crate::engine) fn reset(&mut self, reset: impl Fn(&mut T)) {
        debug_assert!(leaves_usual(&reset), "the usual is altered, not reset");
        if self.0.is_some() {
            self.alter(reset);
        }
    }
}

fn leaves_usual<T: Usual>(reset: impl Fn(&mut T)) -> bool {
    let mut value = T::USUAL.clone();
    reset(&mut value);
    value == *T::USUAL
}

/// Encoded as the value, or as nothing.
impl<C, T: Encode<C>> Encode<C> for Rare<T> {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        self.0.encode(e, context)
    }

    fn is_nil(&self) -> bool {
        self.0.is_none()
    }
}

impl<'b, C, T: Usual + Decode<'b, C>> Decode<'b, C> for Rare<T> {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, DecodeError> {
        let value: Option<T> = Option::decode(d, context)?;
        Ok(value.map_or_else(Self::default, Self::from))
    }

    fn nil() -> Option<Self> {
        Some(Self::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Usual for u32 {
        const USUAL: &'static Self = &0;
    }

    #[test]
    fn a_value_takes_space_only_while_it_is_not_as_usual() {
        let mut rare = Rare::<u32>::default();
        rare.alter(|value| *value = 0);
        assert_eq!((*rare, rare.0.is_none()), (0, true));
        rare.alter(|value| *value = 7);
        assert_eq!((*rare, rare.0.is_none()), (7, false));
        rare.reset(|value| *value = 0);
        assert_eq!((*rare, rare.0.is_none()), (0, true));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "altered, not reset")]
    fn a_reset_that_would_change_the_usual_is_noticed() {
        Rare::<u32>::default().reset(|value| *value = 1);
    }

    #[test]
    fn what_is_as_usual_is_encoded_as_nothing() {
        let nothing = minicbor::to_vec(Rare::<u32>::default()).unwrap();
        assert_eq!(nothing, minicbor::to_vec(None::<u32>).unwrap());
        let usual = minicbor::to_vec(Some(0_u32)).unwrap();
        let decoded: Rare<u32> = minicbor::decode(&usual).unwrap();
        assert_eq!(decoded, Rare::default());
    }
}
