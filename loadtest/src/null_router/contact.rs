//! A contact as it arrives, and as it is sent to agents.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{Rfc3339, rfc3339};

/// A contact from an adapter. Fields that the null router does not use are parsed anyway, because
/// the real server must.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "parsed as the real server must, then not needed")]
pub(super) struct NewContact<'a> {
    #[serde(borrow)]
    channel: Cow<'a, str>,
    #[serde(borrow)]
    external_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    customer: Option<Identities<'a>>,
    #[serde(borrow)]
    topic: Option<Cow<'a, str>>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    language: Option<Cow<'a, str>>,
    #[serde(default)]
    requires: BTreeMap<String, u8>,
    #[serde(borrow)]
    queue: Option<Cow<'a, str>>,
    #[serde(borrow)]
    not_before: Option<Cow<'a, str>>,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "parsed as the real server must, then not needed")]
struct Identities<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    phone: Option<Cow<'a, str>>,
    #[serde(borrow)]
    account: Option<Cow<'a, str>>,
    #[serde(borrow)]
    wechat_openid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    wechat_unionid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    device: Option<Cow<'a, str>>,
}

/// An accepted contact.
pub(super) struct Contact {
    pub(super) id: String,
    channel: String,
    external_id: Option<String>,
    queue: String,
    topic: Option<String>,
    phone: Option<String>,
    created_ms: u64,
}

const TARGET_MS: u64 = 30_000;

impl Contact {
    pub(super) fn take_in(new: NewContact<'_>, now_ms: u64) -> Self {
        Self {
            id: next_id(now_ms),
            channel: new.channel.into_owned(),
            external_id: new.external_id.map(Cow::into_owned),
            queue: new
                .queue
                .map_or_else(|| "general".to_owned(), Cow::into_owned),
            topic: new.topic.map(Cow::into_owned),
            phone: new
                .customer
                .and_then(|customer| customer.phone)
                .map(Cow::into_owned),
            created_ms: now_ms,
        }
    }

    pub(super) fn show<'a>(&'a self, state: State, agent: Option<&'a str>) -> Shown<'a> {
        let created_at = rfc3339(self.created_ms);
        let queued = matches!(state, State::Queued);
        Shown {
            id: &self.id,
            site: "main",
            channel: &self.channel,
            external_id: self.external_id.as_deref(),
            state,
            queue: &self.queue,
            topic: self.topic.as_deref(),
            customer: CustomerBrief {
                id: self.phone.as_ref().map(|_| "c-81"),
                tier: "basic",
                known: self.phone.is_some(),
            },
            queued_at: created_at,
            created_at,
            due_at: rfc3339(self.created_ms + TARGET_MS),
            position: queued.then_some(1),
            estimated_wait_s: queued.then_some(Wait { p50: 12, p90: 31 }),
            step: 0,
            agent,
            offers: u8::from(!queued),
            outcome: matches!(state, State::Completed).then_some("resolved"),
        }
    }

    /// A customer of realistic size; there is no lookup.
    pub(super) fn customer(&self) -> Customer<'_> {
        Customer {
            id: "c-81",
            name: "张三",
            identities: KnownIdentities {
                phone: self.phone.as_deref(),
                account: "GD-20931",
                wechat_openid: "oX1-3fT9aKd0wQmEr7yUiOpAsDfG",
            },
            tier: "basic",
            tier_source: "set",
            value: Worth {
                arpu: 168.0,
                tenure_months: 61,
                potential: 0.4,
                churn_risk: 0.1,
            },
            tags: Tags {
                segment: "consumer",
                port_out_query_7d: false,
            },
            account_manager: None,
            history: [Past {
                contact: &self.id,
                at: "2026-11-20T08:15:00.000Z",
                channel: "app",
                topic: "billing",
                agent: "a3",
                outcome: "resolved",
            }; 3],
            open_contacts: [&self.id],
            consent: Consent {
                service: true,
                marketing: false,
            },
        }
    }
}

/// An id of the shape and length of a version 7 UUID: the time, then a counter.
fn next_id(now_ms: u64) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!(
        "{:08x}-{:04x}-7000-8000-{:012x}",
        (now_ms >> 16) as u32,
        now_ms as u16,
        count
    )
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Active,
    Completed,
    Offered,
    Queued,
}

/// The contact as in replies and frames.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: &'a str,
    site: &'static str,
    channel: &'a str,
    external_id: Option<&'a str>,
    state: State,
    queue: &'a str,
    topic: Option<&'a str>,
    customer: CustomerBrief,
    created_at: Rfc3339,
    queued_at: Rfc3339,
    due_at: Rfc3339,
    position: Option<u32>,
    estimated_wait_s: Option<Wait>,
    step: u8,
    agent: Option<&'a str>,
    offers: u8,
    outcome: Option<&'static str>,
}

#[derive(Serialize)]
struct CustomerBrief {
    id: Option<&'static str>,
    tier: &'static str,
    known: bool,
}

#[derive(Serialize)]
struct Wait {
    p50: u32,
    p90: u32,
}

/// The customer view in an offer.
#[derive(Serialize)]
pub(super) struct Customer<'a> {
    id: &'static str,
    name: &'static str,
    identities: KnownIdentities<'a>,
    tier: &'static str,
    tier_source: &'static str,
    value: Worth,
    tags: Tags,
    account_manager: Option<&'static str>,
    history: [Past<'a>; 3],
    open_contacts: [&'a str; 1],
    consent: Consent,
}

#[derive(Serialize)]
struct KnownIdentities<'a> {
    phone: Option<&'a str>,
    account: &'static str,
    wechat_openid: &'static str,
}

#[derive(Serialize)]
struct Worth {
    arpu: f64,
    tenure_months: u32,
    potential: f64,
    churn_risk: f64,
}

#[derive(Serialize)]
struct Tags {
    segment: &'static str,
    port_out_query_7d: bool,
}

#[derive(Clone, Copy, Serialize)]
struct Past<'a> {
    contact: &'a str,
    at: &'static str,
    channel: &'static str,
    topic: &'static str,
    agent: &'static str,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Consent {
    service: bool,
    marketing: bool,
}
