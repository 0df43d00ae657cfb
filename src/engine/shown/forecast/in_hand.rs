//! What agents have in hand, and when it will be finished.
//!
//! A contact occupies an agent for `T` on average, of which the last `w` are its wrap-up. In the
//! long run `n` of them finish `n / T` times a second. Those in wrap-up now finish sooner than
//! that, by the part of `T` that has passed; the others still have their whole wrap-up ahead, so
//! after `d` the number of them that have finished is
//!
//! ```text
//! A = n · d / T + W · (1 − r / T) − n · (T² − (T − w)²) / 2T²
//! ```
//!
//! for `W` wrap-ups with `r` left. If as many wrap-ups run as their share `w / T` of the time
//! implies, and `r` is half of `w`, the two corrections cancel out. For one agent alone the second
//! does not apply (the next end is known), which is what `1 − 1 / n²` stands for.
//!
//! Source: the renewal function of an age-dependent start, to its second order (Cox 1962).

/// For how long a contact occupies an agent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// From accepted to the end of the wrap-up, on average.
    pub whole_s: f64,
    /// The wrap-up part of it.
    pub wrap_up_s: f64,
    /// A wrap-up ends by itself after this.
    pub wrap_up_max_s: f64,
}

/// Contacts in agents' hands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InHand {
    count: f64,
    per_s: f64,
    wrap_ups: f64,
    /// The total time left of all wrap-ups.
    left_s: f64,
    /// How many ends are gained by running wrap-ups, and lost by those to come.
    sooner: f64,
    later: f64,
    /// Nothing ends before this; none if there is nothing to end.
    earliest_s: Option<f64>,
}

/// A number of wrap-ups, and the total of the longest time that is left of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WrapUps {
    pub(super) count: u64,
    pub(super) left_ms: i64,
}

impl InHand {
    /// `count` contacts, wrap-ups included.
    pub(super) fn of(count: u64, wrap_ups: WrapUps, taken: Taken) -> Self {
        if count == 0 {
            return Self::default();
        }
        let left_s = super::seconds(wrap_ups.left_ms).max(0.0);
        let (count, wrap_ups) = (super::count(count), super::count(wrap_ups.count));
        let whole_s = taken.whole_s.max(taken.wrap_up_s).max(1e-3);
        // Agents usually finish before the time is up, and so these as well.
        let early = (taken.wrap_up_s / taken.wrap_up_max_s.max(1e-3)).min(1.0);
        let early = if taken.wrap_up_max_s > 0.0 {
            early
        } else {
            1.0
        };
        let left_s = left_s * early;
        let before = 1.0 - taken.wrap_up_s / whole_s;
        Self {
            count,
            per_s: count / whole_s,
            wrap_ups,
            left_s,
            sooner: (wrap_ups - left_s / whole_s).max(0.0),
            later: count * (1.0 - before * before) / 2.0,
            earliest_s: Some(0.0),
        }
    }

    /// An agent who rests with room for `room` contacts: as if they all ended when the rest does,
    /// and none before.
    pub(super) fn resting(room: u64, left_ms: i64, taken: Taken) -> Self {
        let taken = Taken {
            wrap_up_max_s: 0.0,
            ..taken
        };
        let left_ms = left_ms.max(0);
        let rests = WrapUps {
            count: room,
            left_ms: left_ms.saturating_mul(i64::try_from(room).unwrap_or(i64::MAX)),
        };
        Self {
            earliest_s: Some(super::seconds(left_ms)),
            ..Self::of(room, rests, taken)
        }
    }

    pub(super) fn add(&mut self, other: Self, share: f64) {
        self.count += share * other.count;
        self.per_s += share * other.per_s;
        self.wrap_ups += share * other.wrap_ups;
        self.left_s += share * other.left_s;
        self.sooner += share * other.sooner;
        self.later += share * other.later;
        let both = self.earliest_s.into_iter().chain(other.earliest_s);
        self.earliest_s = both.reduce(f64::min);
    }

    /// Removes a share of what was added.
    pub(super) fn take_away(&mut self, other: Self, share: f64) {
        let earliest_s = self.earliest_s;
        self.add(other, -share);
        for part in [
            &mut self.per_s,
            &mut self.wrap_ups,
            &mut self.left_s,
            &mut self.sooner,
            &mut self.later,
        ] {
            *part = part.max(0.0);
        }
        self.earliest_s = earliest_s;
        // Only a floating-point residue is left.
        if self.count < 1e-6 {
            *self = Self::default();
        }
    }

    pub(super) fn count(&self) -> f64 {
        self.count
    }

    /// Adds ends from another source.
    pub(super) fn add_rate(&mut self, per_s: f64) {
        self.per_s += per_s;
        self.earliest_s = Some(0.0);
    }

    pub(super) fn is_none(&self) -> bool {
        self.per_s <= 0.0
    }

    /// Ends per second in the long run.
    pub(super) fn per_s(&self) -> f64 {
        self.per_s
    }

    /// How long it takes until this many have ended, or left by themselves at the rate `gives_up`.
    pub(super) fn wait_s(&self, places: f64, gives_up: f64) -> f64 {
        let spread_s = self.spread_wait_s(places, gives_up);
        spread_s.max(self.earliest_s.unwrap_or(0.0))
    }

    fn spread_wait_s(&self, places: f64, gives_up: f64) -> f64 {
        let n = self.count.max(1.0);
        let gained = self.sooner - self.later * (1.0 - 1.0 / (n * n));
        let rest = (places - gained).max(0.0);
        let in_the_long_run = (1.0 + gives_up * rest / self.per_s).ln() / gives_up;
        if self.wrap_ups <= 0.0 {
            return in_the_long_run;
        }
        // If evenly spread, the k-th of W ends after k of W + 1 parts of the longest.
        let longest_s = 2.0 * self.left_s / self.wrap_ups;
        let wrapped_up_s = longest_s * places.min(self.wrap_ups) / (self.wrap_ups + 1.0);
        if places <= self.wrap_ups {
            wrapped_up_s
        } else {
            in_the_long_run.max(wrapped_up_s)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: f64 = 1e-6;

    fn wrapping_up(count: u64, wrap_ups: u64, left_s: i64, taken: Taken) -> InHand {
        let wrap_ups = WrapUps {
            count: wrap_ups,
            left_ms: left_s * 1_000,
        };
        InHand::of(count, wrap_ups, taken)
    }

    #[test]
    fn a_contact_for_a_lone_agent_waits_for_the_rest_of_the_wrap_up() {
        let taken = Taken {
            whole_s: 300.0,
            wrap_up_s: 30.0,
            wrap_up_max_s: 30.0,
        };
        let lone = wrapping_up(1, 1, 20, taken);
        assert!((lone.wait_s(1.0, PATIENT) - 20.0).abs() < 0.1);
        let second = lone.wait_s(2.0, PATIENT);
        assert!((second - 320.0).abs() < 1.0, "{second}");
        let at_work = wrapping_up(1, 0, 0, taken).wait_s(1.0, PATIENT);
        assert!((at_work - 300.0).abs() < 1.0, "{at_work}");
    }

    #[test]
    fn agents_who_usually_finish_early_finish_this_one_early() {
        let taken = Taken {
            whole_s: 300.0,
            wrap_up_s: 10.0,
            wrap_up_max_s: 30.0,
        };
        let wait_s = wrapping_up(1, 1, 30, taken).wait_s(1.0, PATIENT);
        assert!((wait_s - 10.0).abs() < 0.1, "{wait_s}");
    }

    #[test]
    fn the_usual_share_of_wrap_ups_makes_no_difference() {
        let taken = Taken {
            whole_s: 240.0,
            wrap_up_s: 200.0,
            wrap_up_max_s: 200.0,
        };
        let in_hand = wrapping_up(24, 20, 2_000, taken);
        for places in [5.0, 12.0, 24.0, 60.0] {
            let wait_s = in_hand.wait_s(places, PATIENT);
            assert!(
                (wait_s / (places * 10.0) - 1.0).abs() < 0.06,
                "{places}: {wait_s}"
            );
        }
    }
}
