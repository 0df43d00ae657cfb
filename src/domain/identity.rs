//! What a customer is recognised by, in one normal form.

use std::fmt;
use std::str::FromStr;

use crate::domain::{Phone, Text};

/// The kinds of identity, strongest first: the order in which they are tried.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(index_only)]
pub enum IdentityKind {
    #[n(0)]
    Id,
    #[n(1)]
    Account,
    #[n(2)]
    Phone,
    #[n(3)]
    WechatUnionid,
    #[n(4)]
    WechatOpenid,
    #[n(5)]
    Device,
}

impl IdentityKind {
    pub const ALL: [Self; 6] = [
        Self::Id,
        Self::Account,
        Self::Phone,
        Self::WechatUnionid,
        Self::WechatOpenid,
        Self::Device,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Account => "account",
            Self::Phone => "phone",
            Self::WechatUnionid => "wechat_unionid",
            Self::WechatOpenid => "wechat_openid",
            Self::Device => "device",
        }
    }
}

impl fmt::Display for IdentityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for IdentityKind {
    type Err = BadIdentity;
    fn from_str(text: &str) -> Result<Self, BadIdentity> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or(BadIdentity::Kind)
    }
}

/// The longest identity, in bytes.
pub const IDENTITY_BYTES_MAX: usize = 128;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadIdentity {
    #[error("allowed: id, account, phone, wechat_unionid, wechat_openid, device")]
    Kind,
    #[error("allowed: 1 to {IDENTITY_BYTES_MAX} bytes of visible characters without spaces")]
    Form,
    #[error("allowed: a number in E.164 (+8613800138000) or a mainland mobile number")]
    Phone,
}

/// One identity, normalised. `Debug` hides the value: logs must not carry it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
pub struct Identity {
    #[n(0)]
    pub kind: IdentityKind,
    #[n(1)]
    value: Text,
}

impl Identity {
    pub fn new(kind: IdentityKind, raw: &str) -> Result<Self, BadIdentity> {
        let value = match kind {
            IdentityKind::Phone => Phone::new(raw)?.text(),
            IdentityKind::Id
            | IdentityKind::Account
            | IdentityKind::WechatUnionid
            | IdentityKind::WechatOpenid
            | IdentityKind::Device => opaque(raw)?.into(),
        };
        Ok(Self { kind, value })
    }

    pub fn value(&self) -> &str {
        &self.value
    }

    pub fn text(&self) -> Text {
        self.value.clone()
    }

    /// The number, if this is a telephone number.
    pub fn phone(&self) -> Option<Phone> {
        let is_phone = self.kind == IdentityKind::Phone;
        is_phone.then(|| Phone(self.text()))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:•••", self.kind)
    }
}

fn opaque(raw: &str) -> Result<&str, BadIdentity> {
    let hidden =
        |c: char| c.is_whitespace() || c.is_control() || is_bidi_control(c) || is_invisible(c);
    if raw.is_empty() || raw.len() > IDENTITY_BYTES_MAX || raw.contains(hidden) {
        return Err(BadIdentity::Form);
    }
    Ok(raw)
}

/// Characters without a form of their own, which spreadsheets and byte order marks leave behind: two
/// identities would look like one.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Characters that change the direction of the surrounding text, and so could make a name on an
/// agent's screen read as another one.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The identities that came with one contact, strongest kind first, one per kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Identities(#[n(0)] Box<[Identity]>);

impl Identities {
    /// Keeps the first of each kind.
    pub fn new(mut identities: Vec<Identity>) -> Self {
        identities.sort_by_key(|identity| identity.kind);
        identities.dedup_by_key(|identity| identity.kind);
        Self(identities.into())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Identity> {
        self.0.iter()
    }

    pub fn get(&self, kind: IdentityKind) -> Option<&Identity> {
        self.0.iter().find(|identity| identity.kind == kind)
    }

    /// No identities: an anonymous customer.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(raw: &str) -> Option<String> {
        Identity::new(IdentityKind::Phone, raw)
            .ok()
            .map(|identity| identity.value().to_owned())
    }

    #[test]
    fn a_phone_number_has_one_spelling() {
        for raw in [
            "13800138000",
            "+8613800138000",
            "008613800138000",
            "8613800138000",
            "+86 138-0013-8000",
            "１３８００１３８０００",
            " 138 0013 8000 ",
            "\u{202d}+86\u{a0}138\u{2011}0013\u{2013}8000\u{202c}",
            "+86013800138000",
        ] {
            assert_eq!(phone(raw).as_deref(), Some("+8613800138000"), "{raw}");
        }
        assert_eq!(phone("+44 20 7946 0958").as_deref(), Some("+442079460958"));
        for raw in [
            "+86 (0)10 6552 9988",
            "+86（10）6552 9988",
            "0086 010 6552 9988",
        ] {
            assert_eq!(phone(raw).as_deref(), Some("+861065529988"), "{raw}");
        }
    }

    #[test]
    fn an_invalid_phone_number_is_refused() {
        for raw in [
            "",
            "+",
            "12345",
            "02012345678",
            "+0123456789",
            "+12345678901234567",
            "138x0013800",
            "10086",
        ] {
            assert_eq!(phone(raw), None, "{raw}");
        }
    }

    #[test]
    fn an_identity_does_not_show_itself_in_a_log() {
        let identity = Identity::new(IdentityKind::Account, "GD-20931").unwrap();
        assert!(!format!("{identity:?}").contains("20931"));
    }

    #[test]
    fn hidden_characters_are_refused() {
        for raw in [
            "a b",
            "a\u{202e}b",
            "a\0",
            "",
            "\u{feff}a",
            "a\u{200b}",
            "a\u{ad}b",
        ] {
            assert!(Identity::new(IdentityKind::Device, raw).is_err(), "{raw:?}");
        }
    }
}
