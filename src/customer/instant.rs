//! Instants as text: RFC 3339 in UTC with milliseconds.

use crate::domain::Timestamp;

/// The first instant that is believed: 2000-01-01.
pub const EARLIEST: Timestamp = Timestamp(946_684_800_000);
/// The last instant that is believed: 2100-01-01.
pub const LATEST: Timestamp = Timestamp(4_102_444_800_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: an instant of this century in RFC 3339 (2026-11-21T10:00:00.000Z)")]
pub struct BadInstant;

pub fn parse(text: &str) -> Result<Timestamp, BadInstant> {
    let instant: jiff::Timestamp = text.parse().map_err(|_| BadInstant)?;
    let instant = Timestamp(instant.as_millisecond());
    (EARLIEST..LATEST)
        .contains(&instant)
        .then_some(instant)
        .ok_or(BadInstant)
}

/// An instant outside of this century is written as the nearest one inside.
pub fn print(instant: Timestamp) -> String {
    let ms = instant.clamp(EARLIEST, LATEST).0;
    let instant = jiff::Timestamp::from_millisecond(ms)
        .expect("every instant of this century is one that the calendar knows");
    format!("{instant:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_being_written_and_read() {
        let text = "2026-11-21T10:00:00.050Z";
        let instant = parse(text).unwrap();
        assert_eq!(instant, Timestamp(1_795_255_200_050));
        assert_eq!(print(instant), text);
        assert_eq!(
            print(parse("2026-11-21T18:00:00+08:00").unwrap()),
            "2026-11-21T10:00:00.000Z"
        );
    }

    #[test]
    fn what_is_no_instant_of_this_century_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-11-21",
            "1999-12-31T23:59:59Z",
            "2100-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), Err(BadInstant), "{text}");
        }
    }
}
