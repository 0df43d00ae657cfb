//! The frames of an agent's socket.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::contact::{Customer, Shown};
use crate::clock::Rfc3339;

/// A frame from an agent. Fields that its kind does not have are ignored, since the answer would be
/// the same.
#[derive(Deserialize)]
pub(super) struct Received<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(borrow, default)]
    pub(super) cmd: &'a str,
    #[serde(borrow, default)]
    pub(super) offer: &'a str,
    #[serde(borrow, default)]
    pub(super) contact: &'a str,
    #[serde(default)]
    pub(super) seq: u64,
    #[serde(default)]
    pub(super) last_seq: u64,
    #[serde(borrow, default)]
    pub(super) token: &'a str,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Accept,
    Ack,
    Complete,
    Decline,
    Delivered,
    NotReady,
    Ready,
    Resume,
    #[serde(other)]
    Other,
}

impl Kind {
    /// Whether offers may follow it. A returning client gets none before it has resumed, so that
    /// missed frames come first.
    pub(super) fn opens_the_door(self) -> bool {
        matches!(self, Self::Ready | Self::Resume)
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Sent<'a> {
    Assigned {
        seq: u64,
        at: Rfc3339,
        contact: Shown<'a>,
    },
    ContactEnded {
        seq: u64,
        at: Rfc3339,
        contact: Shown<'a>,
        by: &'a str,
    },
    Offer {
        seq: u64,
        at: Rfc3339,
        offer: &'a Offer<'a>,
    },
    OfferGone {
        seq: u64,
        at: Rfc3339,
        offer: &'a str,
        reason: &'static str,
    },
    Ok {
        cmd: &'a str,
    },
    Presence {
        seq: u64,
        at: Rfc3339,
        intention: &'static str,
        session: &'static str,
        health: &'static str,
        capacity_used: u32,
    },
    Refused {
        cmd: &'a str,
        code: &'static str,
        detail: &'static str,
    },
    Resync {
        seq: u64,
        at: Rfc3339,
        agent: AgentShown<'a>,
        contacts: Vec<Shown<'a>>,
    },
    Welcome {
        seq: u64,
        at: Rfc3339,
        session: &'a str,
        resume_token: &'a str,
        agent: AgentShown<'a>,
        contacts: Vec<Shown<'a>>,
        heartbeat_s: u32,
    },
}

#[derive(Serialize)]
pub(super) struct Offer<'a> {
    pub(super) id: &'a str,
    pub(super) contact: Shown<'a>,
    pub(super) customer: Customer<'a>,
    pub(super) why: Why,
    pub(super) playbook: [&'static str; 3],
    pub(super) answer_within_ms: u32,
}

pub(super) const PLAYBOOK: [&str; 3] = [
    "Greet by name and say that you see the earlier contacts",
    "Read out the line test before asking anything technical",
    "Offer a visit only after the remote reset",
];

#[derive(Serialize)]
pub(super) struct Why {
    pub(super) chosen: &'static str,
    pub(super) candidates: u32,
    pub(super) fit_s: u32,
    pub(super) idle_s: u32,
    pub(super) waited_ms: u32,
    pub(super) step: u8,
}

#[derive(Serialize)]
pub(super) struct AgentShown<'a> {
    pub(super) id: &'a str,
    pub(super) intention: &'static str,
    pub(super) capacity: u32,
    pub(super) capacity_used: u32,
}

thread_local! {
    /// Frames are written here first, so that each is allocated once at its exact size.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Sent<'_> {
    pub(super) fn to_text(&self) -> Utf8Bytes {
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            serde_json::to_writer(&mut *scratch, self)
                .expect("a frame has no map with keys that are not strings");
            let text = std::str::from_utf8(scratch).expect("JSON is written in UTF-8");
            Utf8Bytes::from(text)
        })
    }
}
