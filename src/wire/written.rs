//! Domain values as written in JSON, without allocation.

use serde::ser::{Serialize, Serializer};

use crate::domain::attribute::AttributeValue;
use crate::domain::instant::Rfc3339;
use crate::domain::{
    Attributes, Channel, ContactId, Identities, Millis, Name, OfferId, PerChannel, Requirements,
    Text, Timestamp,
};
use crate::engine::state::due::DueTerm;

/// A domain value to be serialised.
#[derive(Clone, Copy, Debug)]
pub struct Written<T>(pub T);

impl Serialize for Written<Timestamp> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(Rfc3339::from(self.0).as_str())
    }
}

impl Serialize for Written<ContactId> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut room = uuid::Uuid::encode_buffer();
        let id = uuid::Uuid::from_u128(self.0.0).hyphenated();
        to.serialize_str(id.encode_lower(&mut room))
    }
}

impl Serialize for Written<OfferId> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl Serialize for Written<Channel> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl Serialize for Written<&Name> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_str())
    }
}

impl Serialize for Written<&Text> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0)
    }
}

impl Serialize for Written<&[Name]> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(Written))
    }
}

impl Serialize for Written<&[ContactId]> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().copied().map(Written))
    }
}

/// Skills with their levels, or the terms of `due` in seconds: names with numbers.
impl Serialize for Written<&[(Name, u8)]> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, level)| (name.as_str(), level)))
    }
}

impl Serialize for Written<&Requirements> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(
            self.0
                .iter()
                .map(|(name, level)| (name.as_str(), level.get())),
        )
    }
}

impl Serialize for Written<&[(DueTerm, Millis)]> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let terms = self
            .0
            .iter()
            .map(|(term, span)| (term.name(), span.as_s_f64()));
        to.collect_map(terms)
    }
}

impl Serialize for Written<&Attributes> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, Written(value))))
    }
}

impl Serialize for Written<AttributeValue<&str>> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::Flag(flag) => to.serialize_bool(flag),
            // A whole number is written without a decimal point, as it was received.
            AttributeValue::Number(number) if is_whole(number) =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
                to.serialize_i64(number as i64)
            }
            AttributeValue::Number(number) => to.serialize_f64(number),
            AttributeValue::Text(text) => to.serialize_str(text),
        }
    }
}

fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0
}

impl Serialize for Written<&Identities> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let pairs = self.0.iter();
        to.collect_map(pairs.map(|identity| (identity.kind.name(), identity.value())))
    }
}

impl<T: Copy> Serialize for Written<&PerChannel<T>>
where
    Written<T>: Serialize,
{
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let members = self.0.iter();
        to.collect_map(members.map(|(channel, value)| (channel.name(), Written(*value))))
    }
}

impl Serialize for Written<u64> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(self.0)
    }
}
