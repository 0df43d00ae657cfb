//! Frames from the server, as far as the demonstration's agents need them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A frame from the server, with its sequence number if it has one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) seq: Option<u64>,
    pub(super) heard: Heard,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Heard {
    Welcome {
        resume_token: String,
        agent: Myself,
        contacts: Vec<Contact>,
    },
    Resync {
        contacts: Vec<Contact>,
    },
    Presence {
        agent: Myself,
    },
    Offer {
        offer: Offer,
    },
    OfferGone {
        offer: String,
    },
    Assigned {
        contact: Contact,
    },
    ContactUpdated {
        contact: Contact,
    },
    ContactEnded {
        contact: Contact,
    },
    #[serde(other)]
    Other,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Myself {
    pub(super) intent: String,
    /// By channel.
    pub(super) health: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Offer {
    pub(super) id: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Contact {
    pub(super) id: String,
    pub(super) state: String,
}

#[derive(Deserialize)]
struct Numbered {
    seq: Option<u64>,
}

impl Frame {
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let Numbered { seq } = serde_json::from_str(text)?;
        let heard = serde_json::from_str(text)?;
        Ok(Self { seq, heard })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_for_what_matters() {
        let offer = r#"{"type":"offer","seq":4,"at":"…","offer":{"id":"o.1","contact":{"id":"c"},
            "why":{},"playbook":[],"answer_within_ms":20000}}"#;
        let frame = Frame::read(offer).unwrap();
        assert_eq!(frame.seq, Some(4));
        let id = "o.1".to_owned();
        assert_eq!(
            frame.heard,
            Heard::Offer {
                offer: Offer { id }
            }
        );
        let ok = Frame::read(r#"{"type":"ok","cmd":"1"}"#).unwrap();
        assert_eq!((ok.seq, ok.heard), (None, Heard::Other));
        let unknown = Frame::read(r#"{"type":"weather","seq":5,"offer":7}"#).unwrap();
        assert_eq!((unknown.seq, unknown.heard), (Some(5), Heard::Other));
    }
}
