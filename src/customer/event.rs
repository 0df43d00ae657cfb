//! What happened to a customer elsewhere: a bill, a query, a complaint.

use serde_json::Value;

use crate::customer::Faults;
use crate::customer::document::attributes;
use crate::customer::field::Fields;
use crate::domain::{Attributes, Millis, Name, Timestamp, instant};

/// The most recent events kept of one customer.
pub const EVENTS_MAX: usize = 50;
/// The most recent events shown.
pub const EVENTS_SHOWN: usize = 20;
/// The most bytes of event attributes in an offer, so that it fits into one frame.
pub const EVENTS_OFFERED_BYTES_MAX: usize = 16 * 1_024;
/// The most attributes of one event.
pub const EVENT_ATTRIBUTES_MAX: usize = 16;
/// How far another system's clock may be ahead.
const AHEAD_MAX: Millis = Millis::from_s(3_600);

#[derive(Clone, Debug, PartialEq)]
pub struct CustomerEvent {
    pub kind: Name,
    pub at: Timestamp,
    pub attributes: Attributes,
    /// The key under which it was reported, if a repeat must be recognised.
    pub key: Option<EventKey>,
}

/// Hashes that a repeated report has in common with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKey {
    pub key: u128,
    /// Of the report's content.
    pub fingerprint: u128,
}

/// The result of reporting an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// There is no such customer.
    OfNobody,
    Added,
    /// The same event is already recorded.
    Again,
    /// A different event was reported under its key.
    Otherwise,
}

impl EventKey {
    /// Compares with a recorded key: none if they are unrelated.
    pub fn told(self, kept: Self) -> Option<Recorded> {
        let again = if self.fingerprint == kept.fingerprint {
            Recorded::Again
        } else {
            Recorded::Otherwise
        };
        (self.key == kept.key).then_some(again)
    }
}

/// Reads `{"type", "at"?, "attributes"?}`; `at` defaults to `now`.
pub fn read(body: Value, now: Timestamp) -> Result<CustomerEvent, Faults> {
    let mut faults = Vec::new();
    let mut fields = Fields::open("", body, &mut faults);
    let at = fields.text("at", &mut faults, |text| {
        let at = instant::parse(text).map_err(|bad| bad.to_string())?;
        if at > now + AHEAD_MAX {
            return Err(format!(
                "an instant before {}",
                instant::print(now + AHEAD_MAX)
            ));
        }
        Ok(at)
    });
    let kind = fields.required("type", &mut faults, Name::new);
    let attributes = attributes(
        fields.object("attributes", &mut faults),
        EVENT_ATTRIBUTES_MAX,
        &mut faults,
    );
    fields.close("type, at, attributes", &mut faults);
    match kind {
        Some(kind) if faults.is_empty() => Ok(CustomerEvent {
            kind,
            at: at.unwrap_or(now),
            attributes,
            key: None,
        }),
        Some(_) | None => Err(Faults::of(faults)),
    }
}
