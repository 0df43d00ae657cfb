//! Names that people choose, and ids that the server assigns.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use minicbor::{decode, encode};

use crate::domain::Text;

/// The longest [`Name`], in bytes.
pub const NAME_BYTES_MAX: usize = 64;

/// The name of a queue, an agent, a skill, a tier, a topic or a site:
/// 1 to 64 of `A-Z a-z 0-9 _ - . :`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Text);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: 1 to {NAME_BYTES_MAX} of A-Z a-z 0-9 _ - . :")]
pub struct BadName;

impl Name {
    pub fn new(text: &str) -> Result<Self, BadName> {
        let letter =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
        if text.is_empty() || text.len() > NAME_BYTES_MAX || !text.bytes().all(letter) {
            return Err(BadName);
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn text(&self) -> Text {
        self.0.clone()
    }
}

impl FromStr for Name {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        Self::new(text)
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<C> minicbor::Encode<C> for Name {
    fn encode<W: encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Name {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::new(d.str()?).map_err(decode::Error::message)
    }
}

/// A contact's permanent id: a UUID (version 7), assigned by the shell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactId(pub u128);

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_u128(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this server")]
pub struct BadId;

impl FromStr for ContactId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        // Only the form that the server prints is accepted: each contact has one spelling.
        let id = uuid::Uuid::try_parse(text).map_err(|_| BadId)?;
        let is_printed = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
        is_printed.then_some(Self(id.as_u128())).ok_or(BadId)
    }
}

impl<C> minicbor::Encode<C> for ContactId {
    fn encode<W: encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0.to_be_bytes())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for ContactId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let bytes = d
            .bytes()?
            .try_into()
            .map_err(|_| decode::Error::message("a contact id has 16 bytes"))?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }
}

/// The `number`th offer of a contact, counted from 1. A late reply names an offer that is no longer
/// live, and so cannot win.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
pub struct OfferId {
    #[n(0)]
    pub contact: ContactId,
    #[n(1)]
    pub number: u32,
}

impl fmt::Display for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.contact, self.number)
    }
}

impl FromStr for OfferId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let (contact, number) = text.rsplit_once('.').ok_or(BadId)?;
        let canonical =
            number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        Ok(Self {
            contact: contact.parse()?,
            number: number.parse().ok().filter(|_| canonical).ok_or(BadId)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let printed = "019ac1f2-0000-7abc-8def-00000000000a";
        let id: ContactId = printed.parse().unwrap();
        assert_eq!(id.to_string(), printed);
        for other in [
            printed.to_uppercase(),
            printed.replace('-', ""),
            format!("{{{printed}}}"),
            format!("urn:uuid:{printed}"),
        ] {
            assert_eq!(other.parse::<ContactId>(), Err(BadId), "{other}");
            assert_eq!(format!("{other}.1").parse::<OfferId>(), Err(BadId));
        }
    }
}
