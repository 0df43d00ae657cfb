//! Domain values as received in JSON: each is checked while it is read, and an error gives what was
//! found and what is allowed.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, Expected, MapAccess, Unexpected, Visitor};

use crate::domain;
use crate::domain::attribute::MESSAGE_BYTES_MAX;
use crate::domain::channel::CHANNEL_NAMES;
use crate::domain::id::NAME_BYTES_MAX;
use crate::domain::text::has_hidden;
use crate::domain::{Channel, ContactId, Millis, Name, OfferId, Text, Timestamp, instant};
use crate::engine::command::RETRY_AFTER_MAX;

/// A checked domain value.
#[derive(Clone, Debug, PartialEq)]
pub struct Given<T>(pub T);

/// What is allowed, to complete "expected …".
struct Allowed<A>(A);

impl<A: fmt::Display> Expected for Allowed<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads text through a check. `allowed` completes "expected …".
struct Checked<A, F> {
    allowed: A,
    check: F,
}

impl<T, A: fmt::Display, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Checked<A, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.allowed.fmt(f)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let found = Unexpected::Str(text);
        (self.check)(text).ok_or_else(|| E::invalid_value(found, &Allowed(self.allowed)))
    }
}

pub(super) fn checked<'de, D: Deserializer<'de>, T>(
    from: D,
    allowed: impl fmt::Display,
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
struct Whole<A, F> {
    allowed: A,
    check: F,
}

impl<T, A: fmt::Display, F: FnOnce(u64) -> Option<T>> Visitor<'_> for Whole<A, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.allowed.fmt(f)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        let found = Unexpected::Signed(number);
        Err(E::invalid_value(found, &Allowed(self.allowed)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        let found = Unexpected::Unsigned(number);
        (self.check)(number).ok_or_else(|| E::invalid_value(found, &Allowed(self.allowed)))
    }
}

pub(super) fn whole<'de, D: Deserializer<'de>, T>(
    from: D,
    allowed: impl fmt::Display,
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
    Name, format_args!("1 to {NAME_BYTES_MAX} of A-Z a-z 0-9 _ - . :"), |text| Name::new(text).ok();
    Channel, CHANNEL_NAMES, |text| text.parse().ok();
    ContactId, "a contact id", |text| text.parse().ok();
    OfferId, "an offer id", |text| text.parse().ok();
    Timestamp, "an instant from 1970 to 2099 in RFC 3339 (2026-11-21T10:00:00.000Z)",
        |text| instant::parse(text).ok();
}

/// A contact or offer as a desktop refers to it: any text is accepted, and what is not an id refers
/// to one that does not exist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Called<T>(pub T);

/// No contact has this id.
const NOBODY: ContactId = ContactId(0);

impl<'de> Deserialize<'de> for Called<ContactId> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let allowed = "a contact id";
        checked(from, allowed, |text| Some(text.parse().unwrap_or(NOBODY))).map(Self)
    }
}

impl<'de> Deserialize<'de> for Called<OfferId> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let unknown = OfferId {
            contact: NOBODY,
            number: 0,
        };
        let allowed = "an offer id";
        checked(from, allowed, |text| Some(text.parse().unwrap_or(unknown))).map(Self)
    }
}

/// Text in one line: an id of another system, a reason.
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
        checked(
            from,
            format_args!("1 to {LINE_BYTES_MAX} bytes of text without control characters"),
            Self::new,
        )
    }
}

/// Messages between people, kept unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prose(pub Text);

impl<'de> Deserialize<'de> for Prose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fits = |text: &str| {
            let fits = (1..=MESSAGE_BYTES_MAX).contains(&text.len()) && !text.contains('\0');
            fits.then(|| Self(text.into()))
        };
        checked(
            from,
            format_args!("1 to {MESSAGE_BYTES_MAX} bytes of text without NUL"),
            fits,
        )
    }
}

/// A telephone number, normalised to E.164.
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

/// A language tag (RFC 5646), not checked against the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(pub Text);

const LANGUAGE_BYTES_MAX: usize = 35;

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fits = |text: &str| {
            let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            ((1..=LANGUAGE_BYTES_MAX).contains(&text.len()) && letters).then(|| Self(text.into()))
        };
        checked(
            from,
            format_args!("a language tag of 1 to {LANGUAGE_BYTES_MAX} letters, digits and -"),
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

/// A cooldown in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub Millis);

const SECONDS_MAX: i64 = RETRY_AFTER_MAX.0 / 1_000;

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        whole(from, format_args!("0..={SECONDS_MAX}"), |seconds| {
            let seconds = i64::try_from(seconds).ok();
            let seconds = seconds.filter(|seconds| *seconds <= SECONDS_MAX);
            Some(Self(Millis::from_s(seconds?)))
        })
    }
}

/// The number of a call, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt(pub u32);

impl<'de> Deserialize<'de> for Attempt {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        whole(from, format_args!("1..={}", u32::MAX), |number| {
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
        whole(from, format_args!("0..={}", u64::MAX), |number| {
            Some(Self(number))
        })
    }
}

/// An object read member by member; a derived reader would also accept an array.
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

/// For a field that can be absent but not null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
