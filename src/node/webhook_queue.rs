//! What waits for the webhook: what it is told, and the customers who are to be called,
//! each in a line of its own, since a call that is to be made now waits behind nothing.
//!
//! A line is bounded. What finds it full is dropped, counted, and logged when that begins
//! and when it is over; where there is no webhook nothing waits.

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::node::notice::{EscalationNotice, SharedEscalation};
use crate::telemetry::{Telemetry, Webhooks};

/// The most calls that wait in a line. Memory is taken only by those that wait: all of them
/// take 9 MB.
const CALLS_MAX: usize = 65_536;
const _: () = assert!(
    size_of::<EscalationNotice>() <= 112,
    "with its place and its counts not more than 136 bytes"
);

/// The committer's end.
pub(super) struct WebhookSender {
    told: Line,
    dials: Line,
    telemetry: Telemetry,
}

/// The webhook's end.
pub struct WebhookQueue {
    /// Escalations.
    pub told: mpsc::Receiver<SharedEscalation>,
    /// Customers whom an adapter is to call.
    pub dials: mpsc::Receiver<SharedEscalation>,
}

struct Line {
    places: mpsc::Sender<SharedEscalation>,
    /// Dropped since the line was found full; 0 once half of it is free again.
    dropped: u64,
}

pub(super) fn lines(telemetry: &Telemetry) -> (WebhookSender, WebhookQueue) {
    lines_of(CALLS_MAX, telemetry)
}

fn lines_of(calls_max: usize, telemetry: &Telemetry) -> (WebhookSender, WebhookQueue) {
    let line = || {
        let (places, waiting) = mpsc::channel(calls_max);
        (Line { places, dropped: 0 }, waiting)
    };
    let ((told, told_out), (dials, dials_out)) = (line(), line());
    let calls = WebhookSender {
        told,
        dials,
        telemetry: telemetry.clone(),
    };
    let waiting = WebhookQueue {
        told: told_out,
        dials: dials_out,
    };
    (calls, waiting)
}

impl WebhookSender {
    pub(super) fn push(&mut self, notice: SharedEscalation) {
        let line = match notice.dial {
            Some(_) => &mut self.dials,
            None => &mut self.told,
        };
        if !line.push(notice) {
            Webhooks::new(&self.telemetry).dropped.increment(1);
        }
    }
}

impl WebhookQueue {
    pub fn len(&self) -> usize {
        self.told.len() + self.dials.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Line {
    /// False if the notice was dropped.
    fn push(&mut self, notice: SharedEscalation) -> bool {
        match self.places.try_send(notice) {
            Ok(()) => {
                if self.dropped > 0 && self.places.capacity() > self.places.max_capacity() / 2 {
                    let dropped = std::mem::take(&mut self.dropped);
                    tracing::info!(dropped, "the webhook queue has caught up");
                }
                true
            }
            Err(TrySendError::Full(_)) => {
                if self.dropped == 0 {
                    let waiting = self.places.max_capacity();
                    tracing::warn!(
                        waiting,
                        "the webhook queue is full; calls are being dropped"
                    );
                }
                self.dropped += 1;
                false
            }
            // There is no webhook.
            Err(TrySendError::Closed(_)) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{ContactId, Name, Phone, Timestamp};
    use crate::node::notice::Dial;

    fn notice(seq: u64, dial: Option<Dial>) -> SharedEscalation {
        let word = Name::new("early").expect("a plain word is a name");
        Arc::new(EscalationNotice {
            seq,
            rule: word.clone(),
            queue: word,
            contact: ContactId(1),
            at: Timestamp(0),
            notifies_supervisors: true,
            dial,
        })
    }

    #[test]
    fn what_is_too_much_is_dropped_and_counted_and_holds_up_no_dial() {
        let telemetry = Telemetry::new();
        let (mut calls, mut waiting) = lines_of(2, &telemetry);
        for seq in 1..=4 {
            calls.push(notice(seq, None));
        }
        calls.push(notice(
            5,
            Some(Dial {
                phone: Phone::new("+8613800138000").expect("a number"),
                attempt: 1,
                until: Timestamp(60_000),
            }),
        ));
        assert_eq!(waiting.len(), 3);
        let seqs = [&mut waiting.told, &mut waiting.dials].map(|line| {
            let first = line.try_recv().expect("something waits");
            first.seq
        });
        assert_eq!(seqs, [1, 5]);
        let counted = "switchboard_webhooks_total{outcome=\"dropped\"} 2";
        assert!(telemetry.render().contains(counted));
    }

    #[test]
    fn without_a_webhook_nothing_waits_and_nothing_is_dropped() {
        let telemetry = Telemetry::new();
        let (mut calls, waiting) = lines_of(1, &telemetry);
        drop(waiting);
        for seq in 1..=3 {
            calls.push(notice(seq, None));
        }
        assert!(!telemetry.render().contains("outcome=\"dropped\""));
    }
}
