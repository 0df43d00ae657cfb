//! The 360° view: a customer as an agent sees them.

use crate::customer::CustomerEvent;
use crate::customer::HistoryEntry;
use crate::customer::Profile;
use crate::customer::document;
use crate::customer::event;
use crate::customer::history::HISTORY_SHOWN;
use crate::customer::instant;
use crate::customer::recognise::tier;
use crate::domain::ContactId;
use crate::domain::Name;
use serde_json::Value;
use serde_json::json;

/// The most recent events shown.
const EVENTS_SHOWN: usize = 20;

/// Everything that is known about a customer, from those who know it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub profile: &'a Profile,
    /// Newest first.
    pub history: &'a [HistoryEntry],
    /// Newest first.
    pub events: &'a [CustomerEvent],
    pub open_contacts: &'a [ContactId],
    /// The tier of a customer of whom nobody said one.
    pub default_tier: Option<&'a Name>,
}

impl View<'_> {
    pub fn to_json(&self) -> Value {
        let (tier, source) = tier(self.profile);
        let shown = tier.or(self.default_tier).map(Name::as_str);
        let history = self.history.iter().take(HISTORY_SHOWN).map(entry);
        let events = self.events.iter().take(EVENTS_SHOWN).map(event::write);
        let open = self.open_contacts.iter().map(ContactId::to_string);
        let mut view = document::write(self.profile);
        view.extend([
            ("tier".to_owned(), shown.into()),
            ("tier_source".to_owned(), source.name().into()),
            ("history".to_owned(), history.collect()),
            ("events".to_owned(), events.collect()),
            ("open_contacts".to_owned(), open.collect()),
            (
                "updated_at".to_owned(),
                instant::print(self.profile.updated_at).into(),
            ),
        ]);
        Value::Object(view)
    }
}

fn entry(entry: &HistoryEntry) -> Value {
    json!({
        "contact": entry.contact.to_string(),
        "at": instant::print(entry.at),
        "channel": entry.channel.name(),
        "topic": entry.topic.as_ref().map(Name::as_str),
        "agent": entry.agent.as_ref().map(Name::as_str),
        "outcome": entry.outcome.as_ref().map(Name::as_str),
    })
}
