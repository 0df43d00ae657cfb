//! Instants as text: RFC 3339 in UTC with milliseconds.
//!
//! Written by hand because every reply and every frame carries a few: no
//! allocation, no formatting machinery.

use crate::domain::Timestamp;

/// The first valid instant: 1970-01-01.
const EARLIEST: Timestamp = Timestamp(0);
/// The first instant that is too late to be valid: 2100-01-01.
const TOO_LATE: Timestamp = Timestamp(4_102_444_800_000);

const LENGTH: usize = "2026-11-21T10:00:00.000Z".len();
const DAY_MS: i64 = 86_400_000;
/// Counted from the 1st of March of the year 0.
const DAYS_BEFORE_1970: i64 = 719_468;

/// The text of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339([u8; LENGTH]);

impl Rfc3339 {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and signs are ASCII")
    }
}

impl From<Timestamp> for Rfc3339 {
    /// An instant outside the years 1 to 9999 is written as the nearest one inside.
    fn from(instant: Timestamp) -> Self {
        let ms = instant.0.clamp(-62_135_596_800_000, 253_402_300_799_999);
        let small = |value: i64| u32::try_from(value).expect("a day, or a time of day");
        let (year, month, day) = date_of(small(ms.div_euclid(DAY_MS) + DAYS_BEFORE_1970));
        let ms = small(ms.rem_euclid(DAY_MS));
        let (seconds, ms) = (ms / 1_000, ms % 1_000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        for (place, value) in [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, minutes / 60),
            (14, minutes % 60),
            (17, seconds),
            // The last digit is written separately, behind these two.
            (20, ms / 10),
        ] {
            text[place..place + 2].copy_from_slice(&PAIRS[value as usize]);
        }
        text[22] = PAIRS[(ms % 10) as usize][1];
        Self(text)
    }
}

/// The numbers from 0 to 99 in two digits.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [*b"00"; 100];
    let mut number: u8 = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// The text of an instant, as a string.
pub fn print(instant: Timestamp) -> String {
    Rfc3339::from(instant).as_str().to_owned()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: an instant from 1970 to 2099 in RFC 3339 (2026-11-21T10:00:00.000Z)")]
pub struct BadInstant;

/// Reads `YYYY-MM-DDThh:mm:ss`, an optional fraction, and `Z` or an offset.
pub fn parse(text: &str) -> Result<Timestamp, BadInstant> {
    let (local, rest) = text.as_bytes().split_at_checked(19).ok_or(BadInstant)?;
    let form = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if form.into_iter().any(|(at, sign)| local[at] != sign) {
        return Err(BadInstant);
    }
    let month = number(&local[5..7], 1..=12)?;
    let year = number(&local[0..4], 0..=9_999)?;
    let day = number(&local[8..10], 1..=days_of(year, month))?;
    let minutes = number(&local[11..13], 0..=23)? * 60 + number(&local[14..16], 0..=59)?;
    let seconds = minutes * 60 + number(&local[17..19], 0..=59)?;
    let (fraction_ms, zone) = fraction(rest)?;
    let ms = day_number(year, month, day) * DAY_MS + seconds * 1_000 + fraction_ms;
    let instant = Timestamp(ms - offset_minutes(zone)? * 60_000);
    (EARLIEST..TOO_LATE)
        .contains(&instant)
        .then_some(instant)
        .ok_or(BadInstant)
}

fn number(digits: &[u8], allowed: std::ops::RangeInclusive<i64>) -> Result<i64, BadInstant> {
    let mut value = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return Err(BadInstant);
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    allowed.contains(&value).then_some(value).ok_or(BadInstant)
}

/// The whole milliseconds of `.123456`, and the rest of the text.
fn fraction(rest: &[u8]) -> Result<(i64, &[u8]), BadInstant> {
    let Some(digits) = rest.strip_prefix(b".") else {
        return Ok((0, rest));
    };
    let length = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if !(1..=9).contains(&length) {
        return Err(BadInstant);
    }
    let mut ms = 0;
    for place in 0..3 {
        ms = ms * 10
            + digits[..length]
                .get(place)
                .map_or(0, |d| i64::from(d - b'0'));
    }
    Ok((ms, &digits[length..]))
}

fn offset_minutes(zone: &[u8]) -> Result<i64, BadInstant> {
    match zone {
        b"Z" => Ok(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let minutes = number(&[*h1, *h2], 0..=23)? * 60 + number(&[*m1, *m2], 0..=59)?;
            Ok(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => Err(BadInstant),
    }
}

/// Days since 1970-01-01, in a year that begins with March so that the leap
/// day is its last one.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - DAYS_BEFORE_1970
}

/// The inverse of [`day_number`], counted from the 1st of March of the year 0.
fn date_of(days: u32) -> (u32, u32, u32) {
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + u32::from(month <= 2);
    (year, month, day)
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_instant_has_one_text_in_utc() {
        for (text, same) in [
            ("2026-11-21T10:00:00.050Z", "2026-11-21T10:00:00.050Z"),
            ("2026-11-21T18:00:00+08:00", "2026-11-21T10:00:00.000Z"),
            (
                "2024-02-29T23:59:59.9999999-00:30",
                "2024-03-01T00:29:59.999Z",
            ),
            ("2026-11-21T10:00:00.5Z", "2026-11-21T10:00:00.500Z"),
        ] {
            assert_eq!(parse(text).map(print).as_deref(), Ok(same), "{text}");
        }
        assert_eq!(
            parse("2026-11-21T10:00:00.050Z"),
            Ok(Timestamp(1_795_255_200_050))
        );
    }

    #[test]
    fn an_invalid_instant_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-11-21",
            "2026-11-21 10:00:00Z",
            "2026-11-21T10:00:00",
            "2026-11-21T10:00:00z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T10:00:60Z",
            "2026-02-29T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-11-21T10:00:00.Z",
            "2026-11-21T10:00:00+8:00",
            "2026-11-21T10:00:00+08:00 ",
            "二〇二六-11-21T10:00:00Z",
            "1969-12-31T23:59:59Z",
            "2100-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), Err(BadInstant), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_calendar_agrees_with_that_of_a_library(ms in EARLIEST.0..TOO_LATE.0) {
            let oracle = jiff::Timestamp::from_millisecond(ms).unwrap();
            prop_assert_eq!(print(Timestamp(ms)), format!("{oracle:.3}"));
            prop_assert_eq!(parse(&print(Timestamp(ms))), Ok(Timestamp(ms)));
        }

        #[test]
        fn every_instant_can_be_written(ms in any::<i64>()) {
            prop_assert_eq!(print(Timestamp(ms)).len(), LENGTH);
        }
    }
}
