//! Values of the domain as they are given in JSON: each is checked while it is
//! read, and a complaint says what was found and what is allowed.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};

use crate::domain;
use crate::domain::attribute::MESSAGE_BYTES_MAX;
use crate::domain::channel::CHANNEL_NAMES;
use crate::domain::text::has_hidden;
use crate::domain::{Channel, ContactId, Millis, Name, OfferId, Text, Timestamp, instant};

/// A checked value of the domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Given<T>(pub T);

/// Reads text through a check. `allowed` completes "expected …".
struct Checked<F> {
    allowed: &'static str,
    check: F,
}

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Checked<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.allowed)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.check)(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self.allowed))
    }
}

pub(super) fn checked<'de, D: Deserializer<'de>, T>(
    from: D,
    allowed: &'static str,
    check: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    from.deserialize_str(Checked { allowed, check })
}

/// Reads a number through a check. `allowed` completes "expected …".
struct Number<F> {
    allowed: &'static str,
    check: F,
}

impl<T, F: FnOnce(f64) -> Option<T>> Visitor<'_> for Number<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.allowed)
    }

    #[expect(clippy::cast_precision_loss, reason = "JSON has one kind of number")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_f64(number as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "JSON has one kind of number")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        let found = Unexpected::Float(number);
        (self.check)(number).ok_or_else(|| E::invalid_value(found, &self.allowed))
    }
}

/// Reads a whole number through a check. `allowed` completes "expected …".
struct Whole<F> {
    allowed: &'static str,
    check: F,
}

impl<T, F: FnOnce(u64) -> Option<T>> Visitor<'_> for Whole<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.allowed)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Err(E::invalid_value(Unexpected::Signed(number), &self.allowed))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        let found = Unexpected::Unsigned(number);
        (self.check)(number).ok_or_else(|| E::invalid_value(found, &self.allowed))
    }
}

pub(super) fn whole<'de, D: Deserializer<'de>, T>(
    from: D,
    allowed: &'static str,
    check: impl FnOnce(u64) -> Option<T>,
) -> Result<T, D::Error> {
    from.deserialize_u64(Whole { allowed, check })
}

macro_rules! given_as_text {
    ($($type:ty, $allowed:expr, $check:expr;)*) => { $(
        impl<'de> Deserialize<'de> for Given<$type> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                checked(from, $allowed, $check).map(Self)
            }
        }
    )* };
}

given_as_text! {
    Name, "1 to 64 of A-Z a-z 0-9 _ - . :", |text| Name::new(text).ok();
    Channel, CHANNEL_NAMES, |text| text.parse().ok();
    ContactId, "the id of a contact", |text| text.parse().ok();
    OfferId, "the id of an offer", |text| text.parse().ok();
    Timestamp, "an instant from 1970 to 2099 in RFC 3339 (2026-11-21T10:00:00.000Z)",
        |text| instant::parse(text).ok();
}

/// What a desktop calls a contact or an offer: any text names one, if only one that does not
/// exist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Called<T>(pub T);

/// No contact has this id.
const NOBODY: ContactId = ContactId(0);

impl<'de> Deserialize<'de> for Called<ContactId> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let allowed = "the id of a contact";
        checked(from, allowed, |text| Some(text.parse().unwrap_or(NOBODY))).map(Self)
    }
}

impl<'de> Deserialize<'de> for Called<OfferId> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let unknown = OfferId {
            contact: NOBODY,
            number: 0,
        };
        let allowed = "the id of an offer";
        checked(from, allowed, |text| Some(text.parse().unwrap_or(unknown))).map(Self)
    }
}

/// Text that stands in one line: an id of another system, a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(pub Text);

/// The longest [`Line`], in bytes.
pub const LINE_BYTES_MAX: usize = 256;

impl Line {
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=LINE_BYTES_MAX).contains(&text.len());
        (fits && !has_hidden(text)).then(|| Self(text.into()))
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let allowed = "1 to 256 bytes of text without control characters";
        checked(from, allowed, Self::new)
    }
}

/// What people write to each other: kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prose(pub Text);

impl<'de> Deserialize<'de> for Prose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fits = |text: &str| {
            let fits = (1..=MESSAGE_BYTES_MAX).contains(&text.len()) && !text.contains('\0');
            fits.then(|| Self(text.into()))
        };
        checked(from, "1 to 16384 bytes of text without NUL", fits)
    }
}

/// A telephone number, in E.164 once it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(pub domain::Phone);

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let allowed = "a number in E.164 (+8613800138000) or a mainland mobile number";
        checked(from, allowed, |text| {
            domain::Phone::new(text).ok().map(Self)
        })
    }
}

/// A language tag (RFC 5646), not looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(pub Text);

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fits = |text: &str| {
            let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            ((1..=35).contains(&text.len()) && letters).then(|| Self(text.into()))
        };
        checked(
            from,
            "a language tag of 1 to 35 letters, digits and -",
            fits,
        )
    }
}

/// From −1 (furious) to 1 (delighted).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sentiment(pub f64);

impl<'de> Deserialize<'de> for Sentiment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let allowed = "a number from -1 to 1";
        let check = |value| (-1.0..=1.0).contains(&value).then_some(Self(value));
        from.deserialize_f64(Number { allowed, check })
    }
}

/// A span in whole seconds, at most a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub Millis);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        whole(from, "0..=86400", |seconds| {
            let seconds = i64::try_from(seconds).ok();
            let seconds = seconds.filter(|seconds| *seconds <= 86_400);
            Some(Self(Millis::from_s(seconds?)))
        })
    }
}

/// Which of several calls, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt(pub u32);

impl<'de> Deserialize<'de> for Attempt {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        whole(from, "1..=4294967295", |number| {
            let number = u32::try_from(number).ok();
            number.filter(|number| *number > 0).map(Self)
        })
    }
}

/// The number of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seq(pub u64);

impl<'de> Deserialize<'de> for Seq {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        whole(from, "0..=18446744073709551615", |number| {
            Some(Self(number))
        })
    }
}

/// An object read member by member, where a derived reader would also take an array.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Shape<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Shape<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        from.deserialize_map(Shape(PhantomData)).map(Self)
    }
}

/// For a field that may be absent but not null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
