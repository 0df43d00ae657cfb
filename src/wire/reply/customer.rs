//! The 360° view of a customer.

use std::collections::BTreeMap;

use serde::ser::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::customer::event::EVENTS_SHOWN;
use crate::customer::history::HISTORY_SHOWN;
use crate::customer::recognise::tier;
use crate::customer::value::{Arpu, Share, Tenure};
use crate::customer::{CustomerEvent, CustomerValue, HistoryEntry, Profile};
use crate::domain::{Attributes, Channel, ContactId, Identities, Name, Text, Timestamp};
use crate::wire::described::form::{ChannelForm, TierSourceForm};
use crate::wire::written::Written;

/// What is known about a customer, from all sources.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub profile: &'a Profile,
    /// Newest first.
    pub history: &'a [&'a HistoryEntry],
    /// Last reported first.
    pub events: &'a [CustomerEvent],
    /// Empty if the engine was not asked.
    pub open_contacts: &'a [ContactId],
    /// The tier of customers for whom none is set.
    pub default_tier: Option<&'a Name>,
}

/// A customer.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerReply<'a> {
    id: &'a str,
    #[schema(required = true)]
    name: Option<&'a str>,
    #[schema(value_type = BTreeMap<String, String>)]
    identities: Written<&'a Identities>,
    #[schema(value_type = Option<String>, required = true)]
    tier: Option<Written<&'a Name>>,
    /// `set` by a person or a billing system, or `default`.
    #[schema(value_type = TierSourceForm)]
    tier_source: &'static str,
    value: ValueReply,
    #[schema(value_type = Object)]
    tags: Written<&'a Attributes>,
    /// An agent id.
    #[schema(value_type = Option<String>, required = true)]
    account_manager: Option<Written<&'a Name>>,
    /// Newest first.
    history: Vec<HistoryReply<'a>>,
    events: Vec<CustomerEventReply<'a>>,
    #[schema(value_type = Vec<String>)]
    open_contacts: Written<&'a [ContactId]>,
    /// What the customer agreed to (true) or refused (false), by purpose.
    #[schema(value_type = BTreeMap<String, bool>)]
    consent: Written<&'a BTreeMap<Name, bool>>,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Written<Timestamp>,
}

/// The value of a customer; null means unknown.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = CustomerValue)]
struct ValueReply {
    /// Average revenue per user and month.
    #[schema(required = true)]
    arpu: Option<f64>,
    #[schema(required = true)]
    tenure_months: Option<u16>,
    #[schema(required = true)]
    potential: Option<f64>,
    #[schema(required = true)]
    churn_risk: Option<f64>,
}

/// An earlier contact.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = HistoryEntry)]
struct HistoryReply<'a> {
    #[schema(value_type = String)]
    contact: Written<ContactId>,
    #[schema(value_type = String, format = DateTime)]
    at: Written<Timestamp>,
    #[schema(value_type = ChannelForm)]
    channel: Written<Channel>,
    #[schema(value_type = Option<String>, required = true)]
    topic: Option<Written<&'a Name>>,
    #[schema(value_type = Option<String>, required = true)]
    agent: Option<Written<&'a Name>>,
    #[schema(value_type = Option<String>, required = true)]
    outcome: Option<Written<&'a Text>>,
}

/// What happened to a customer elsewhere.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = CustomerEvent)]
struct CustomerEventReply<'a> {
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: Written<&'a Name>,
    #[schema(value_type = String, format = DateTime)]
    at: Written<Timestamp>,
    #[schema(value_type = Object)]
    attributes: Written<&'a Attributes>,
}

impl<'a> From<Known<'a>> for CustomerReply<'a> {
    fn from(known: Known<'a>) -> Self {
        let profile = known.profile;
        let (written, source) = tier(profile);
        let history = known.history.iter().take(HISTORY_SHOWN);
        let events = known.events.iter().take(EVENTS_SHOWN);
        Self {
            id: profile.id.as_str(),
            name: profile.name.as_ref().map(|name| name.as_str()),
            identities: Written(&profile.identities),
            tier: written.or(known.default_tier).map(Written),
            tier_source: source.name(),
            value: ValueReply::from(&profile.value),
            tags: Written(&profile.tags),
            account_manager: profile.account_manager.as_ref().map(Written),
            history: history.copied().map(HistoryReply::from).collect(),
            events: events.map(CustomerEventReply::from).collect(),
            open_contacts: Written(known.open_contacts),
            consent: Written(&profile.consent),
            updated_at: Written(profile.updated_at),
        }
    }
}

impl From<&CustomerValue> for ValueReply {
    fn from(value: &CustomerValue) -> Self {
        Self {
            arpu: value.arpu.map(Arpu::get),
            tenure_months: value.tenure.map(Tenure::months),
            potential: value.potential.map(Share::get),
            churn_risk: value.churn_risk.map(Share::get),
        }
    }
}

impl<'a> From<&'a HistoryEntry> for HistoryReply<'a> {
    fn from(entry: &'a HistoryEntry) -> Self {
        Self {
            contact: Written(entry.contact),
            at: Written(entry.at),
            channel: Written(entry.channel),
            topic: entry.topic.as_ref().map(Written),
            agent: entry.agent.as_ref().map(Written),
            outcome: entry.outcome.as_ref().map(Written),
        }
    }
}

impl<'a> From<&'a CustomerEvent> for CustomerEventReply<'a> {
    fn from(event: &'a CustomerEvent) -> Self {
        Self {
            kind: Written(&event.kind),
            at: Written(event.at),
            attributes: Written(&event.attributes),
        }
    }
}

impl Serialize for Written<&BTreeMap<Name, bool>> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, flag)| (name.as_str(), flag)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::customer::{CustomerId, Tiers, document};

    const NOW: Timestamp = Timestamp(1_795_255_200_000);

    fn profile(body: Value) -> Profile {
        document::put(CustomerId::new("c-81").unwrap(), body, &Tiers::Any, NOW).unwrap()
    }

    fn full() -> Value {
        json!({
            "name": "张三",
            "identities": {"phone": "13800138000", "account": "GD-20931"},
            "tier": "diamond",
            "value": {"arpu": 168.5, "tenure_months": 61, "churn_risk": 0.1},
            "tags": {"segment": "business", "port_out_query_7d": true, "lines": 3},
            "account_manager": "a7",
            "consent": {"service": true, "marketing": false}
        })
    }

    /// The reply as a client reads it.
    fn told(profile: &Profile, history: &[HistoryEntry]) -> Value {
        let basic = Name::new("basic").unwrap();
        let events = [CustomerEvent {
            key: None,
            kind: Name::new("complaint").unwrap(),
            at: NOW,
            attributes: Attributes::default(),
        }];
        let history: Vec<&HistoryEntry> = history.iter().collect();
        let known = Known {
            profile,
            history: &history,
            events: &events,
            open_contacts: &[ContactId(9)],
            default_tier: Some(&basic),
        };
        let text = serde_json::to_string(&CustomerReply::from(known)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_view_has_everything_that_is_known() {
        let history = [HistoryEntry {
            contact: ContactId(7),
            at: NOW,
            channel: Channel::App,
            topic: Name::new("billing").ok(),
            agent: None,
            outcome: Some(Text::from("resolved")),
        }];
        let told = told(&profile(full()), &history);
        let expected = json!({
            "id": "c-81",
            "name": "张三",
            "identities": {"phone": "+8613800138000", "account": "GD-20931"},
            "tier": "diamond",
            "tier_source": "set",
            "value": {"arpu": 168.5, "tenure_months": 61, "potential": null, "churn_risk": 0.1},
            "tags": {"segment": "business", "port_out_query_7d": true, "lines": 3},
            "account_manager": "a7",
            "history": [{
                "contact": ContactId(7).to_string(),
                "at": "2026-11-21T10:00:00.000Z",
                "channel": "app",
                "topic": "billing",
                "agent": null,
                "outcome": "resolved",
            }],
            "events": [{"type": "complaint", "at": "2026-11-21T10:00:00.000Z", "attributes": {}}],
            "open_contacts": [ContactId(9).to_string()],
            "consent": {"service": true, "marketing": false},
            "updated_at": "2026-11-21T10:00:00.000Z",
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn the_view_can_be_sent_back() {
        for body in [full(), json!({}), json!({"name": "李四"})] {
            let written = profile(body);
            assert_eq!(profile(told(&written, &[])), written);
        }
    }

    #[test]
    fn a_tier_that_nobody_wrote_is_the_default() {
        let told = told(&profile(json!({"tier": null})), &[]);
        assert_eq!(told["tier"], "basic");
        assert_eq!(told["tier_source"], "default");
    }
}
