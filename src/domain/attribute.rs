//! Attributes of a contact, chosen by its adapter: names with scalar values.

use std::collections::BTreeMap;

use minicbor::{Decoder, Encoder, decode, encode};

/// The most attributes of one contact.
pub const ATTRIBUTES_MAX: usize = 64;
/// The longest name of an attribute, in bytes.
pub const ATTRIBUTE_NAME_BYTES_MAX: usize = 64;
/// The longest text of an attribute, in bytes.
pub const ATTRIBUTE_TEXT_BYTES_MAX: usize = 1_024;

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum AttributeValue {
    #[n(0)]
    Flag(#[n(0)] bool),
    #[n(1)]
    Number(#[n(0)] f64),
    #[n(2)]
    Text(#[n(0)] String),
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

/// Attributes by name, in order. A contact has few and keeps them long: a slice, not a tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Box<[(String, AttributeValue)]>);

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
        Ok(Self(map.into_iter().collect()))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &AttributeValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The total length of names and texts, in bytes.
    pub fn bytes(&self) -> usize {
        let each = self.0.iter().map(|(name, value)| match value {
            AttributeValue::Text(text) => name.len() + text.len(),
            AttributeValue::Flag(_) | AttributeValue::Number(_) => name.len(),
        });
        each.sum()
    }

    /// These attributes with `changes` applied.
    pub fn with(&self, changes: AttributeChanges) -> Result<Self, BadAttributes> {
        let mut map: BTreeMap<_, _> = self.0.iter().cloned().collect();
        for (name, value) in changes.0 {
            match value {
                Some(value) => map.insert(name, value),
                None => map.remove(&name),
            };
        }
        Self::new(map)
    }
}

/// Changes to attributes, by name: none removes one (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributeChanges(pub BTreeMap<String, Option<AttributeValue>>);

impl AttributeChanges {
    /// The changes that turn `before` into `after`.
    pub fn between(before: &Attributes, after: Attributes) -> Self {
        let gone = before.iter().map(|(name, _)| (name.clone(), None));
        let mut changes: BTreeMap<_, _> = gone.collect();
        changes.extend(Self::from(after).0);
        Self(changes)
    }
}

impl From<Attributes> for AttributeChanges {
    fn from(attributes: Attributes) -> Self {
        let each = attributes.0.into_iter();
        Self(each.map(|(name, value)| (name, Some(value))).collect())
    }
}

/// Encoded as a map.
impl<C> minicbor::Encode<C> for Attributes {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.map(self.0.len() as u64)?;
        for (name, value) in &self.0 {
            e.str(name)?;
            value.encode(e, context)?;
        }
        Ok(())
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Attributes {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        let map = BTreeMap::decode(d, context)?;
        Ok(Self(map.into_iter().collect()))
    }
}

/// The longest message, or first message, of a customer, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(flags: &[(&str, bool)]) -> Attributes {
        let flags = flags.iter();
        let flags = flags.map(|(name, flag)| ((*name).to_owned(), AttributeValue::Flag(*flag)));
        Attributes::new(flags.collect()).unwrap()
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
