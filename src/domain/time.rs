//! Instants and spans, in milliseconds.
//!
//! **Invariant:** nothing here reads a clock.

use std::fmt;
use std::ops::{Add, Sub};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    minicbor::Encode,
    minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub i64);

/// A span in milliseconds; negative only as a difference of two instants.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    minicbor::Encode,
    minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Millis(#[n(0)] pub i64);

impl Millis {
    pub const ZERO: Self = Self(0);

    pub const fn from_s(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    pub const fn whole_s(self) -> i64 {
        self.0 / 1_000
    }

    /// Any fraction of a millisecond is dropped.
    pub const fn truncated_ms(ms: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a float saturates")]
        let whole = ms as i64;
        Self(whole)
    }

    /// Any fraction of a millisecond is dropped.
    pub const fn truncated_s(seconds: f64) -> Self {
        Self::truncated_ms(seconds * 1_000.0)
    }

    /// To the nearest millisecond.
    pub const fn rounded_ms(ms: f64) -> Self {
        Self::truncated_ms(ms.round())
    }

    /// To the nearest millisecond.
    pub const fn rounded_s(seconds: f64) -> Self {
        Self::rounded_ms(seconds * 1_000.0)
    }

    pub fn as_s_f64(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "spans stay far below 2^53 ms")]
        let ms = self.0 as f64;
        ms / 1_000.0
    }

    /// This percentage of the span.
    pub const fn percent(self, percent: u32) -> Self {
        Self(self.0.saturating_mul(percent as i64) / 100)
    }
}

impl Add<Millis> for Timestamp {
    type Output = Self;
    fn add(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Millis> for Timestamp {
    type Output = Self;
    fn sub(self, span: Millis) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Millis;
    fn sub(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Millis {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}
