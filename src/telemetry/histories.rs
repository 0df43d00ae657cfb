//! How far customer histories are behind, and how many entries are lost for good.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use metrics::{Counter, Gauge};

use crate::engine::shown::unfiled::Unfiled;
use crate::episode::Episode;
use crate::telemetry::fold::number_of;
use crate::telemetry::names;
use crate::telemetry::recorder::Telemetry;

/// They are checked more often than this.
const LOSES_NOTHING_AFTER: Duration = Duration::from_secs(40);

pub struct Histories {
    unfiled: Gauge,
    lost: Counter,
    /// Forgotten contacts have been counted up to this closing number.
    counted_upto: AtomicU64,
    losses: Episode,
}

impl Histories {
    /// Contacts up to this closing number were forgotten before the start, and are not counted.
    pub fn new(telemetry: &Telemetry, forgotten_upto: u64) -> Self {
        Self {
            unfiled: telemetry.gauge(names::UNFILED, &[]),
            lost: telemetry.counter(names::HISTORIES_LOST, &[]),
            counted_upto: AtomicU64::new(forgotten_upto),
            losses: Episode::new(LOSES_NOTHING_AFTER),
        }
    }

    /// The customer store does not take a contact.
    pub fn lost(&self) {
        self.lost.increment(1);
    }

    /// Records how many contacts are waiting, and counts and logs those forgotten before they were
    /// filed; those up to `in_hand_upto` are being filed and are not lost.
    pub fn look_at(&self, unfiled: &Unfiled, in_hand_upto: u64, now: Instant) {
        self.unfiled.set(number_of(unfiled.waiting));
        let counted_upto = self.counted_upto.load(Ordering::Relaxed);
        let known_upto = unfiled.filed_upto.max(in_hand_upto).max(counted_upto);
        let lost = unfiled.forgotten_upto.saturating_sub(known_upto);
        if lost > 0 {
            self.lost.increment(lost);
            self.counted_upto
                .store(unfiled.forgotten_upto, Ordering::Relaxed);
            if self.losses.came(lost, now) {
                tracing::error!(
                    contacts = lost,
                    "closed contacts were forgotten before the customer store took them: the \
                     histories of their customers lack them, and more are counted"
                );
            }
        } else if let Some(contacts) = self.losses.over(now).filter(|&contacts| contacts > 1) {
            tracing::warn!(
                contacts,
                "closed contacts were forgotten before the customer store recorded them"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stopwatch;

    #[test]
    fn what_is_forgotten_is_counted_once_and_not_while_it_is_in_hand() {
        let telemetry = Telemetry::new();
        let (histories, now) = (Histories::new(&telemetry, 2), stopwatch::now());
        let look_at = |filed_upto, forgotten_upto, in_hand_upto| {
            let unfiled = Unfiled {
                waiting: 10,
                filed_upto,
                forgotten_upto,
                ..Unfiled::default()
            };
            histories.look_at(&unfiled, in_hand_upto, now);
            let text = telemetry.render();
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix("switchboard_histories_lost_total "));
            value.and_then(|value| value.parse::<u64>().ok())
        };
        assert_eq!(look_at(0, 2, 0), Some(0));
        assert_eq!(look_at(5, 3, 0), Some(0));
        assert_eq!(look_at(5, 7, 8), Some(0));
        assert_eq!(look_at(5, 12, 8), Some(4));
        assert_eq!(look_at(8, 12, 0), Some(4));
        assert_eq!(look_at(8, 14, 0), Some(6));
        assert_eq!(look_at(20, 14, 0), Some(6));
    }
}
