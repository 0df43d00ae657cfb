//! Attributes of a contact, chosen by its adapter: names with scalar values.

use std::collections::BTreeMap;
use std::fmt;

use minicbor::{Decoder, Encoder, decode, encode};

/// The most attributes of one contact.
pub const ATTRIBUTES_MAX: usize = 64;
/// The longest name of an attribute, in bytes.
pub const ATTRIBUTE_NAME_BYTES_MAX: usize = 64;
/// The longest text of an attribute, in bytes.
pub const ATTRIBUTE_TEXT_BYTES_MAX: usize = 1_024;

/// A value, with a text of its own or one that it borrows.
#[derive(Clone, Copy, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum AttributeValue<T = String> {
    #[n(0)]
    Flag(#[n(0)] bool),
    #[n(1)]
    Number(#[n(0)] f64),
    #[n(2)]
    Text(#[n(0)] T),
}

impl From<AttributeValue<&str>> for AttributeValue {
    fn from(borrowed: AttributeValue<&str>) -> Self {
        match borrowed {
            AttributeValue::Flag(flag) => Self::Flag(flag),
            AttributeValue::Number(number) => Self::Number(number),
            AttributeValue::Text(text) => Self::Text(text.to_owned()),
        }
    }
}

/// The largest whole number that an attribute can hold without loss: 2^53 - 1. Longer ones are
/// mostly card or identity numbers, which belong in a text.
pub const ATTRIBUTE_NUMBER_MAX: f64 = 9_007_199_254_740_991.0;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAttributes {
    #[error("{0} attributes; allowed: at most {ATTRIBUTES_MAX}")]
    Count(usize),
    #[error("{0:?}: allowed: names of 1 to {ATTRIBUTE_NAME_BYTES_MAX} bytes")]
    Name(String),
    #[error("{0:?}: allowed: text of at most {ATTRIBUTE_TEXT_BYTES_MAX} bytes, finite numbers")]
    Value(String),
}

/// Attributes by name, in order. Many contacts have some and keep them long, so they are held as they
/// are encoded, in one allocation; none take no space.
#[derive(Clone, Default, PartialEq)]
pub struct Attributes(Box<[u8]>);

const ENCODED_HERE: &str = "attributes are encoded here";

impl Attributes {
    pub fn new(map: BTreeMap<String, AttributeValue>) -> Result<Self, BadAttributes> {
        if map.len() > ATTRIBUTES_MAX {
            return Err(BadAttributes::Count(map.len()));
        }
        for (name, value) in &map {
            if name.is_empty() || name.len() > ATTRIBUTE_NAME_BYTES_MAX {
                return Err(BadAttributes::Name(name.chars().take(64).collect()));
            }
            let fits = match value {
                AttributeValue::Flag(_) => true,
                AttributeValue::Number(number) => number.is_finite(),
                AttributeValue::Text(text) => text.len() <= ATTRIBUTE_TEXT_BYTES_MAX,
            };
            if !fits {
                return Err(BadAttributes::Value(name.clone()));
            }
        }
        Ok(Self::of(&map))
    }

    fn of(map: &BTreeMap<String, AttributeValue>) -> Self {
        if map.is_empty() {
            return Self::default();
        }
        Self(minicbor::to_vec(map).expect(ENCODED_HERE).into())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, AttributeValue<&str>)> {
        let mut encoded = Decoder::new(&self.0);
        let count = if self.is_empty() {
            0
        } else {
            encoded.map().expect(ENCODED_HERE).expect(ENCODED_HERE)
        };
        (0..count).map(move |_| {
            let name = encoded.str().expect(ENCODED_HERE);
            (name, encoded.decode().expect(ENCODED_HERE))
        })
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The total length of names and texts, in bytes.
    pub fn bytes(&self) -> usize {
        let each = self.iter().map(|(name, value)| match value {
            AttributeValue::Text(text) => name.len() + text.len(),
            AttributeValue::Flag(_) | AttributeValue::Number(_) => name.len(),
        });
        each.sum()
    }

    /// These attributes with `changes` applied.
    pub fn with(&self, changes: AttributeChanges) -> Result<Self, BadAttributes> {
        let mut map = self.to_map();
        for (name, value) in changes.0 {
            match value {
                Some(value) => map.insert(name, value),
                None => map.remove(&name),
            };
        }
        Self::new(map)
    }

    fn to_map(&self) -> BTreeMap<String, AttributeValue> {
        let each = self.iter();
        each.map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Changes to attributes, by name: none removes one (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributeChanges(pub BTreeMap<String, Option<AttributeValue>>);

impl AttributeChanges {
    /// The changes that turn `before` into `after`.
    pub fn between(before: &Attributes, after: Attributes) -> Self {
        let gone = before.iter().map(|(name, _)| (name.to_owned(), None));
        let mut changes: BTreeMap<_, _> = gone.collect();
        changes.extend(Self::from(after).0);
        Self(changes)
    }
}

impl From<Attributes> for AttributeChanges {
    fn from(attributes: Attributes) -> Self {
        let each = attributes.to_map().into_iter();
        Self(each.map(|(name, value)| (name, Some(value))).collect())
    }
}

/// Encoded as a map.
impl<C> minicbor::Encode<C> for Attributes {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        if self.is_empty() {
            return e.map(0)?.ok();
        }
        let written = e.writer_mut().write_all(&self.0);
        written.map_err(encode::Error::write)
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Attributes {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        Ok(Self::of(&BTreeMap::decode(d, context)?))
    }
}

/// The longest message, or first message, of a customer, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1_024;

#[cfg(test)]
mod tests {
    use minicbor::Decode;

    use super::*;

    fn attributes(flags: &[(&str, bool)]) -> Attributes {
        let flags = flags.iter();
        let flags = flags.map(|(name, flag)| ((*name).to_owned(), AttributeValue::Flag(*flag)));
        Attributes::new(flags.collect()).unwrap()
    }

    #[test]
    fn attributes_are_read_as_they_were_given_and_written_as_a_map() {
        let map = BTreeMap::from([
            ("city".to_owned(), AttributeValue::Text("广州".to_owned())),
            ("debt".to_owned(), AttributeValue::Number(-1.5)),
            ("vip".to_owned(), AttributeValue::Flag(true)),
        ]);
        let attributes = Attributes::new(map.clone()).unwrap();
        assert_eq!(attributes.to_map(), map);
        assert_eq!(attributes.bytes(), 17);
        for (attributes, map) in [(attributes, map), Default::default()] {
            let written = minicbor::to_vec(&attributes).unwrap();
            assert_eq!(written, minicbor::to_vec(&map).unwrap());
            let read = Attributes::decode(&mut Decoder::new(&written), &mut ());
            assert_eq!(read.unwrap(), attributes);
        }
    }

    #[test]
    fn the_changes_between_two_sets_turn_one_into_the_other() {
        let before = attributes(&[("a", true), ("b", true)]);
        let after = attributes(&[("b", false), ("c", true)]);
        let changes = AttributeChanges::between(&before, after.clone());
        assert_eq!(before.with(changes), Ok(after));
        let nothing = AttributeChanges::default();
        assert_eq!(before.with(nothing), Ok(before));
    }
}
