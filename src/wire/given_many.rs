//! The objects of a body whose keys are data: identities, attributes, skills. Duplicate keys are
//! refused.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Unexpected, Visitor,
};

use crate::domain::attribute::{
    ATTRIBUTE_NAME_BYTES_MAX, ATTRIBUTE_NUMBER_MAX, ATTRIBUTE_TEXT_BYTES_MAX, ATTRIBUTES_MAX,
};
use crate::domain::identity::IDENTITY_BYTES_MAX;
use crate::domain::skill::{LEVEL_MAX, REQUIREMENTS_MAX};
use crate::domain::text::has_hidden;
use crate::domain::{
    AttributeChanges, AttributeValue, Attributes, Identities, Identity, IdentityKind, Level, Name,
    Requirements,
};
use crate::wire::given::{Given, checked, whole};

const KINDS: &[&str] = &[
    "id",
    "account",
    "phone",
    "wechat_unionid",
    "wechat_openid",
    "device",
];

impl<'de> Deserialize<'de> for Given<Identities> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(IdentitiesVisitor).map(Self)
    }
}

struct IdentitiesVisitor;

impl<'de> Visitor<'de> for IdentitiesVisitor {
    type Value = Identities;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of identities")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Identities, A::Error> {
        let mut found: Vec<Identity> = Vec::new();
        while let Some(kind) = members.next_key::<Kind>()? {
            if found.iter().any(|identity| identity.kind == kind.0) {
                return Err(A::Error::duplicate_field(kind.0.name()));
            }
            if let Some(identity) = members.next_value_seed(OneIdentity(kind.0))? {
                found.push(identity);
            }
        }
        Ok(Identities::new(found))
    }
}

struct Kind(IdentityKind);

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let kind = |text: &str| {
            let kind = text.parse().map(Self);
            Some(kind.map_err(|_| D::Error::unknown_field(text, KINDS)))
        };
        checked(from, "the kind of an identity", kind)?
    }
}

/// Null counts as absent.
struct OneIdentity(IdentityKind);

impl<'de> DeserializeSeed<'de> for OneIdentity {
    type Value = Option<Identity>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OneIdentity {
    type Value = Option<Identity>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        let identity = |text: &str| Identity::new(self.0, text).ok();
        match self.0 {
            IdentityKind::Phone => checked(
                from,
                "a number in E.164 (+8613800138000) or a mainland mobile number",
                identity,
            ),
            IdentityKind::Id
            | IdentityKind::Account
            | IdentityKind::WechatUnionid
            | IdentityKind::WechatOpenid
            | IdentityKind::Device => checked(
                from,
                format_args!(
                    "1 to {IDENTITY_BYTES_MAX} bytes of visible characters without spaces"
                ),
                identity,
            ),
        }
        .map(Some)
    }
}

impl<'de> Deserialize<'de> for Given<Attributes> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let map = from.deserialize_map(Members::<AttributeName, AttributeGiven> {
            members: "attributes",
            members_max: ATTRIBUTES_MAX,
            kinds: PhantomData,
        })?;
        let map = map.into_iter().map(|(name, value)| (name.0, value.0));
        Attributes::new(map.collect())
            .map(Self)
            .map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Given<AttributeChanges> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let map = from.deserialize_map(Members::<AttributeName, Option<AttributeGiven>> {
            members: "attributes",
            members_max: ATTRIBUTES_MAX,
            kinds: PhantomData,
        })?;
        let map = map.into_iter();
        let map = map.map(|(name, value)| (name.0, value.map(|value| value.0)));
        Ok(Self(AttributeChanges(map.collect())))
    }
}

impl<'de> Deserialize<'de> for Given<Requirements> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let map = from.deserialize_map(Members::<SkillName, SkillLevel> {
            members: "skills",
            members_max: REQUIREMENTS_MAX,
            kinds: PhantomData,
        })?;
        let skills = map.into_iter().map(|(skill, level)| (skill.0, level.0));
        Ok(Self(Requirements::new(skills.collect())))
    }
}

/// An object whose keys are data.
struct Members<K, V> {
    members: &'static str,
    members_max: usize,
    kinds: PhantomData<(K, V)>,
}

impl<'de, K, V> Visitor<'de> for Members<K, V>
where
    K: Deserialize<'de> + Ord + fmt::Display,
    V: Deserialize<'de>,
{
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (most, members) = (self.members_max, self.members);
        write!(f, "an object of at most {most} {members}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = members.next_key::<K>()? {
            if map.len() == self.members_max {
                return Err(A::Error::invalid_length(self.members_max + 1, &self));
            }
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("duplicate field `{key}`")));
            }
            map.insert(key, members.next_value()?);
        }
        Ok(map)
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct AttributeName(String);

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AttributeName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fits = |text: &str| {
            let fits = (1..=ATTRIBUTE_NAME_BYTES_MAX).contains(&text.len());
            (fits && !has_hidden(text)).then(|| Self(text.to_owned()))
        };
        checked(
            from,
            format_args!(
                "names of 1 to {ATTRIBUTE_NAME_BYTES_MAX} bytes without control characters"
            ),
            fits,
        )
    }
}

struct AttributeGiven(AttributeValue);

impl<'de> Deserialize<'de> for AttributeGiven {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Scalar).map(Self)
    }
}

struct Scalar;

impl Visitor<'_> for Scalar {
    type Value = AttributeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "true, false, a number from -(2^53 - 1) to 2^53 - 1, or text of at most \
             {ATTRIBUTE_TEXT_BYTES_MAX} bytes without NUL"
        )
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<AttributeValue, E> {
        #[expect(clippy::cast_precision_loss, reason = "refused if precision is lost")]
        let near = number as f64;
        if near.abs() > ATTRIBUTE_NUMBER_MAX {
            return Err(E::invalid_value(Unexpected::Signed(number), &self));
        }
        Ok(AttributeValue::Number(near))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<AttributeValue, E> {
        #[expect(clippy::cast_precision_loss, reason = "refused if precision is lost")]
        let near = number as f64;
        if near > ATTRIBUTE_NUMBER_MAX {
            return Err(E::invalid_value(Unexpected::Unsigned(number), &self));
        }
        Ok(AttributeValue::Number(near))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<AttributeValue, E> {
        if number.abs() > ATTRIBUTE_NUMBER_MAX {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        Ok(AttributeValue::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<AttributeValue, E> {
        if text.len() > ATTRIBUTE_TEXT_BYTES_MAX || text.contains('\0') {
            return Err(E::invalid_value(Unexpected::Str(text), &self));
        }
        Ok(AttributeValue::Text(text.to_owned()))
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SkillName(Name);

impl fmt::Display for SkillName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for SkillName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Given::deserialize(from).map(|name| Self(name.0))
    }
}

struct SkillLevel(Level);

impl<'de> Deserialize<'de> for SkillLevel {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        whole(from, format_args!("1..={LEVEL_MAX}"), |level| {
            let level = i64::try_from(level).ok()?;
            Level::try_from(level).ok().map(Self)
        })
    }
}
