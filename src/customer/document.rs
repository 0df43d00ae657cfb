//! A profile as a JSON document: PUT replaces it, PATCH changes it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::customer::field::{Fields, shown};
use crate::customer::id::PersonName;
use crate::customer::merge::merge;
use crate::customer::profile::CONSENT_MAX;
use crate::customer::value::{Arpu, Share, Tenure};
use crate::customer::{CustomerId, CustomerValue, Faults, Malformed, Profile, TierSource, Tiers};
use crate::domain::attribute::{
    ATTRIBUTE_NAME_BYTES_MAX, ATTRIBUTE_NUMBER_MAX, ATTRIBUTE_TEXT_BYTES_MAX, ATTRIBUTES_MAX,
};
use crate::domain::text::has_hidden;
use crate::domain::{
    AttributeChanges, AttributeValue, Attributes, Identities, Identity, IdentityKind, Name,
    Timestamp,
};

/// Members of a view that only the router writes.
pub const READ_ONLY: [&str; 5] = [
    "events",
    "history",
    "open_contacts",
    "tier_source",
    "updated_at",
];

const KNOWN: &str = "name, identities, tier, value, tags, account_manager, consent";
const KNOWN_IDENTITIES: &str = "account, phone, wechat_unionid, wechat_openid, device";
const KNOWN_VALUES: &str = "arpu, tenure_months, potential, churn_risk";

/// The profile that `body` describes completely. Read-only members are accepted and ignored, so
/// that a view can be sent back.
pub fn put(id: CustomerId, body: Value, tiers: &Tiers, now: Timestamp) -> Result<Profile, Faults> {
    let mut faults = Vec::new();
    let is_shown = is_shown(&body, tiers);
    let mut fields = Fields::open("", body, &mut faults);
    for name in READ_ONLY {
        fields.raw(name);
    }
    if is_shown {
        fields.raw("tier");
    }
    let profile = read(id, fields, tiers, now, &mut faults);
    Faults::none_or(profile, faults)
}

/// Whether the tier is that of a view of a customer for whom none is set, which stays so; any other
/// one was written into the view.
fn is_shown(view: &Value, tiers: &Tiers) -> bool {
    let text = |member: &str| view.get(member).and_then(Value::as_str);
    text("tier_source") == Some(TierSource::Default.name())
        && text("tier").is_some_and(|tier| tiers.is_default(tier))
}

/// `profile` after a merge patch. A tier that the patch does not set is not checked.
pub fn patch(
    profile: &Profile,
    patch: &Value,
    tiers: &Tiers,
    now: Timestamp,
) -> Result<Profile, Faults> {
    let mut faults: Vec<Malformed> = READ_ONLY
        .into_iter()
        .filter_map(|name| Some((name, patch.get(name)?)))
        .map(|(name, value)| {
            Malformed::new(name, shown(value), "nothing, only the router writes it")
        })
        .collect();
    if !faults.is_empty() {
        return Faults::none_or(profile.clone(), faults);
    }
    refuse_unknown_nulls(patch, &mut faults);
    let mut document = Value::Object(write(profile));
    let kept = set_aside_inexact(&mut document, profile, patch);
    merge(&mut document, patch);
    let fields = Fields::open("", document, &mut faults);
    let tiers = if writes_tier(patch) {
        tiers
    } else {
        &Tiers::Any
    };
    let mut profile = read(profile.id.clone(), fields, tiers, now, &mut faults);
    match profile.tags.with(kept) {
        Ok(tags) => profile.tags = tags,
        Err(bad) => faults.push(Malformed::new("tags", bad, "fewer")),
    }
    Faults::none_or(profile, faults)
}

/// A null member is missing from the merged document: only the patch still names it.
fn refuse_unknown_nulls(patch: &Value, faults: &mut Vec<Malformed>) {
    let parts = [
        ("", Some(patch), KNOWN),
        ("identities.", patch.get("identities"), KNOWN_IDENTITIES),
        ("value.", patch.get("value"), KNOWN_VALUES),
    ];
    for (path, part, known) in parts {
        let is_known = |name: &str| {
            known.split(", ").any(|known| known == name) || (path.is_empty() && name == "id")
        };
        for (name, value) in part.and_then(Value::as_object).into_iter().flatten() {
            if value.is_null() && !is_known(name) {
                faults.push(Malformed::unknown_field(&format!("{path}{name}"), known));
            }
        }
    }
}

/// Numbers that would be refused today are kept until they are overwritten.
fn set_aside_inexact(document: &mut Value, profile: &Profile, patch: &Value) -> AttributeChanges {
    let is_written = |name: &str| match patch.get("tags") {
        Some(Value::Object(tags)) => tags.contains_key(name),
        Some(_) => true,
        None => false,
    };
    let mut kept = AttributeChanges::default();
    for (name, value) in profile.tags.iter() {
        let is_inexact =
            matches!(value, AttributeValue::Number(number) if number.abs() > ATTRIBUTE_NUMBER_MAX);
        if is_inexact && !is_written(name) {
            document["tags"]
                .as_object_mut()
                .map(|tags| tags.remove(name));
            kept.0.insert(name.to_owned(), Some(value.into()));
        }
    }
    kept
}

/// Whether a document sets the customer's tier.
pub fn writes_tier(document: &Value) -> bool {
    document.get("tier").is_some_and(|tier| !tier.is_null())
}

/// The writable members of a profile, and the id.
pub fn write(profile: &Profile) -> Map<String, Value> {
    let identities: Map<String, Value> = profile
        .identities
        .iter()
        .map(|identity| (identity.kind.name().to_owned(), identity.value().into()))
        .collect();
    let tags: Map<String, Value> = profile
        .tags
        .iter()
        .map(|(name, value)| (name.to_owned(), scalar(value)))
        .collect();
    let consent: Map<String, Value> = profile
        .consent
        .iter()
        .map(|(purpose, agreed)| (purpose.to_string(), (*agreed).into()))
        .collect();
    Map::from_iter([
        ("id".to_owned(), profile.id.as_str().into()),
        (
            "name".to_owned(),
            profile.name.as_ref().map(PersonName::as_str).into(),
        ),
        ("identities".to_owned(), identities.into()),
        (
            "tier".to_owned(),
            profile.tier.as_ref().map(Name::as_str).into(),
        ),
        ("value".to_owned(), figures(&profile.value)),
        ("tags".to_owned(), tags.into()),
        (
            "account_manager".to_owned(),
            profile.account_manager.as_ref().map(Name::as_str).into(),
        ),
        ("consent".to_owned(), consent.into()),
    ])
}

fn figures(value: &CustomerValue) -> Value {
    json!({
        "arpu": value.arpu.map(Arpu::get),
        "tenure_months": value.tenure.map(Tenure::months),
        "potential": value.potential.map(Share::get),
        "churn_risk": value.churn_risk.map(Share::get),
    })
}

/// An attribute as JSON.
pub fn scalar(value: AttributeValue<&str>) -> Value {
    match value {
        AttributeValue::Flag(flag) => flag.into(),
        AttributeValue::Number(number) => number.into(),
        AttributeValue::Text(text) => text.into(),
    }
}

/// Reads any JSON scalar; nothing else is an attribute.
pub fn of_scalar(value: &Value) -> Option<AttributeValue> {
    match value {
        Value::Bool(flag) => Some(AttributeValue::Flag(*flag)),
        Value::Number(number) => number.as_f64().map(AttributeValue::Number),
        Value::String(text) => Some(AttributeValue::Text(text.clone())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn read(
    id: CustomerId,
    mut fields: Fields,
    tiers: &Tiers,
    now: Timestamp,
    faults: &mut Vec<Malformed>,
) -> Profile {
    let same = |value: &Value| {
        (value.as_str() == Some(id.as_str()))
            .then_some(())
            .ok_or_else(|| format!("the id in the path, {id}"))
    };
    fields.take("id", faults, same);
    let profile = Profile {
        name: fields.text("name", faults, PersonName::new),
        identities: identities(fields.object("identities", faults), faults),
        tier: tiers.check(fields.text("tier", faults, Name::new), faults),
        value: value(fields.object("value", faults), faults),
        tags: attributes(fields.object("tags", faults), ATTRIBUTES_MAX, faults),
        account_manager: fields.text("account_manager", faults, Name::new),
        consent: consent(fields.object("consent", faults), faults),
        updated_at: now,
        id,
    };
    fields.close(KNOWN, faults);
    profile
}

fn identities(mut fields: Fields, faults: &mut Vec<Malformed>) -> Identities {
    let found = IdentityKind::ALL
        .into_iter()
        .filter(|kind| *kind != IdentityKind::Id)
        .filter_map(|kind| fields.text(kind.name(), faults, |raw| Identity::new(kind, raw)))
        .collect();
    fields.close(KNOWN_IDENTITIES, faults);
    Identities::new(found)
}

fn value(mut fields: Fields, faults: &mut Vec<Malformed>) -> CustomerValue {
    let value = CustomerValue {
        arpu: fields.number("arpu", faults, Arpu::try_from),
        tenure: fields.take("tenure_months", faults, |value| {
            Tenure::try_from(whole(value).unwrap_or(u64::MAX))
        }),
        potential: fields.number("potential", faults, Share::try_from),
        churn_risk: fields.number("churn_risk", faults, Share::try_from),
    };
    fields.close(KNOWN_VALUES, faults);
    value
}

/// Also of a number that is written with a fraction of zero, as spreadsheets write whole columns.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small whole number"
)]
fn whole(value: &Value) -> Option<u64> {
    let as_float = value
        .as_f64()
        .filter(|number| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number));
    value
        .as_u64()
        .or_else(|| as_float.map(|number| number as u64))
}

/// Names and scalars, at most `max`.
pub(super) fn attributes(fields: Fields, max: usize, faults: &mut Vec<Malformed>) -> Attributes {
    let whole = fields.path();
    let mut map = BTreeMap::new();
    for (name, value) in fields.rest() {
        match attribute(&whole, &name, &value) {
            Ok(value) => {
                map.insert(name, value);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if map.len() > max {
        faults.push(Malformed::new(&whole, map.len(), format!("at most {max}")));
        return Attributes::default();
    }
    Attributes::new(map).unwrap_or_else(|bad| {
        faults.push(Malformed::new(&whole, bad, "fewer or shorter ones"));
        Attributes::default()
    })
}

fn attribute(whole: &str, name: &str, value: &Value) -> Result<AttributeValue, Malformed> {
    if !(1..=ATTRIBUTE_NAME_BYTES_MAX).contains(&name.len()) || has_hidden(name) {
        let allowed =
            format!("names of 1 to {ATTRIBUTE_NAME_BYTES_MAX} bytes without control characters");
        return Err(Malformed::new(whole, format!("{name:?}"), allowed));
    }
    let read = of_scalar(value).filter(|value| match value {
        AttributeValue::Flag(_) => true,
        AttributeValue::Number(number) => number.abs() <= ATTRIBUTE_NUMBER_MAX,
        AttributeValue::Text(text) => text.len() <= ATTRIBUTE_TEXT_BYTES_MAX && !has_hidden(text),
    });
    read.ok_or_else(|| {
        let allowed = format!(
            "true, false, a number from -(2^53 - 1) to 2^53 - 1, or text of at most {ATTRIBUTE_TEXT_BYTES_MAX} bytes without control characters"
        );
        Malformed::new(&format!("{whole}.{name}"), shown(value), allowed)
    })
}

fn consent(fields: Fields, faults: &mut Vec<Malformed>) -> BTreeMap<Name, bool> {
    let mut consent = BTreeMap::new();
    let path = fields.path();
    for (purpose, value) in fields.rest() {
        match (Name::new(&purpose), value.as_bool()) {
            (Ok(purpose), Some(agreed)) => {
                consent.insert(purpose, agreed);
            }
            (Err(bad), _) => {
                faults.push(Malformed::new(&path, format!("{purpose:?}"), bad));
            }
            (Ok(purpose), None) => {
                let path = format!("{path}.{purpose}");
                faults.push(Malformed::new(&path, shown(&value), "true or false"));
            }
        }
    }
    if consent.len() > CONSENT_MAX {
        let allowed = format!("at most {CONSENT_MAX}");
        faults.push(Malformed::new(&path, consent.len(), allowed));
    }
    consent
}
