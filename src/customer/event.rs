//! What happened to a customer elsewhere: a bill, a query, a complaint.

use serde_json::Value;

use crate::customer::Faults;
use crate::customer::document::attributes;
use crate::customer::field::Fields;
use crate::domain::{Attributes, Millis, Name, Timestamp, instant};

/// The most recent events kept of one customer.
pub const EVENTS_MAX: usize = 50;
/// So many of them are shown.
pub const EVENTS_SHOWN: usize = 20;
/// What is written in those that come with an offer, in bytes, at most: one frame is to hold it.
pub const EVENTS_OFFERED_BYTES_MAX: usize = 16 * 1_024;
/// The most attributes of one event.
pub const EVENT_ATTRIBUTES_MAX: usize = 16;
/// How far the clock of another system may be ahead.
const AHEAD_MAX: Millis = Millis::from_s(3_600);

#[derive(Clone, Debug, PartialEq)]
pub struct CustomerEvent {
    pub kind: Name,
    pub at: Timestamp,
    pub attributes: Attributes,
    /// Under which it was told, if it may be told again.
    pub key: Option<EventKey>,
}

/// What a repeat of one telling has in common with it: hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKey {
    pub key: u128,
    /// Of what was told.
    pub fingerprint: u128,
}

/// What became of an event that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// There is no such customer.
    OfNobody,
    Added,
    /// It is there already.
    Again,
    /// Something else was told under its key.
    Otherwise,
}

impl EventKey {
    /// Whether `self` and what is kept are the same telling; none if they have nothing to do
    /// with each other.
    pub fn told(self, kept: Self) -> Option<Recorded> {
        let again = if self.fingerprint == kept.fingerprint {
            Recorded::Again
        } else {
            Recorded::Otherwise
        };
        (self.key == kept.key).then_some(again)
    }
}

/// Reads `{"type", "at"?, "attributes"?}`; without `at` it happens now.
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
