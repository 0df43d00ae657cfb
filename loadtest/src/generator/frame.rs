//! The frames of an agent's socket, parsed for the few fields needed here.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A frame from the server, with the fields of all kinds; most are absent.
#[derive(Deserialize)]
pub(super) struct Frame<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    pub(super) seq: Option<u64>,
    #[serde(borrow, default)]
    pub(super) at: &'a str,
    #[serde(borrow, default)]
    pub(super) cmd: &'a str,
    #[serde(borrow, default)]
    pub(super) code: &'a str,
    #[serde(borrow, default)]
    pub(super) resume_token: &'a str,
    #[serde(borrow)]
    pub(super) offer: Option<Named<'a>>,
    #[serde(borrow)]
    pub(super) contact: Option<Named<'a>>,
    #[serde(borrow, default)]
    pub(super) contacts: Vec<Named<'a>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Assigned,
    ContactEnded,
    ContactUpdated,
    Offer,
    OfferGone,
    Ok,
    Refused,
    Resync,
    Welcome,
    #[serde(other)]
    Other,
}

/// The fields common to all frames.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: Kind,
    seq: Option<u64>,
}

impl<'a> Frame<'a> {
    /// A frame of another kind may use the same field names differently.
    pub(super) fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).or_else(|error| {
            let Envelope { kind, seq } = serde_json::from_str(text)?;
            if kind != Kind::Other {
                return Err(error);
            }
            Ok(Self {
                kind,
                seq,
                at: "",
                cmd: "",
                code: "",
                resume_token: "",
                offer: None,
                contact: None,
                contacts: Vec::new(),
            })
        })
    }
}

/// Something with an id: sometimes the id alone, sometimes the whole object.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Named<'a> {
    pub(super) id: &'a str,
    pub(super) external_id: &'a str,
    pub(super) state: &'a str,
    /// The contact inside an offer.
    pub(super) contact: Inner<'a>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
pub(super) struct Inner<'a> {
    #[serde(borrow)]
    pub(super) id: &'a str,
    #[serde(borrow)]
    external_id: Option<&'a str>,
}

impl<'a> Inner<'a> {
    pub(super) fn external_id(self) -> &'a str {
        self.external_id.unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct IdOrObject;

        impl<'de> Visitor<'de> for IdOrObject {
            type Value = Named<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or an object with one")
            }

            fn visit_borrowed_str<E>(self, id: &'de str) -> Result<Self::Value, E> {
                Ok(Named {
                    id,
                    ..Named::default()
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut named = Named::default();
                while let Some(field) = map.next_key::<Field>()? {
                    match field {
                        Field::Id => named.id = map.next_value()?,
                        Field::ExternalId => {
                            named.external_id = map.next_value::<Option<_>>()?.unwrap_or_default();
                        }
                        Field::State => named.state = map.next_value()?,
                        Field::Contact => named.contact = map.next_value()?,
                        Field::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(named)
            }
        }

        from.deserialize_any(IdOrObject)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Contact,
    ExternalId,
    Id,
    State,
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_read_with_its_contact() {
        let text = r#"{"type":"offer","seq":4,"at":"2026-11-21T10:00:00.000Z","offer":{"id":"o-1",
            "contact":{"id":"c1","site":"main","external_id":"x-1","state":"offered"},
            "customer":{"id":"c-81","name":"张三"},"why":{},"playbook":[],"answer_within_ms":20000}}"#;
        let frame = Frame::read(text).unwrap();
        assert_eq!((frame.kind, frame.seq), (Kind::Offer, Some(4)));
        let offer = frame.offer.unwrap();
        assert_eq!(offer.id, "o-1");
        assert_eq!(
            (offer.contact.id, offer.contact.external_id()),
            ("c1", "x-1")
        );
    }

    #[test]
    fn an_offer_that_is_gone_is_named_by_its_id_alone() {
        let text = r#"{"type":"offer_gone","seq":5,"at":"","offer":"o-1","reason":"taken"}"#;
        let frame = Frame::read(text).unwrap();
        assert_eq!(frame.offer.unwrap().id, "o-1");
    }

    #[test]
    fn kinds_and_fields_that_are_not_known_are_ignored() {
        let text = r#"{"type":"survey","seq":6,"contacts":3,"mood":[1,{"a":2}],"contact":7}"#;
        let frame = Frame::read(text).unwrap();
        assert_eq!((frame.kind, frame.seq), (Kind::Other, Some(6)));
    }
}
