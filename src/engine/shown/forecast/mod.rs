//! How long a waiting contact will still wait.
//!
//! The contacts before it (`A`, itself included), those that will arrive and be due before it,
//! those that will abandon (`θ`, per second of waiting), and how often the agents who may serve it
//! finish something (`R`, per second) give the wait as the solution of
//!
//! ```text
//! d = ln(1 + θ · A(d) / R) / θ          A(d) = A + Σ λ · (part of d in which arrivals overtake)
//! ```
//!
//! A tier with a head start overtakes for as long as its arrivals are due earlier: from now until
//! `due − target + head start`. Contacts of other queues count by the share of their agents who may
//! also serve this one, and so does the work that those agents finish. If a contact needs a whole
//! agent, agents become free by finishing such a contact, or all others that share them: of `k` at
//! a time the last ends about `√k` times as late as one alone would, so that `1 / k√k` of their
//! ends count. For a contact that needs less of an agent every end counts. Work is finished only
//! with its wrap-up, see `in_hand`. An agent who has room and only rests is available when the rest
//! is over, see `rests`; one who keeps room for another contact frees nothing for this one before
//! that has been served, see `apart`. If more than capacity keeps a contact out, only that work
//! counts, see `limits`. If idle agents are reserved for others, that many more have to become
//! free, see `kept`.
//!
//! A contact that waits for one agent alone is estimated as if there were only that agent.
//!
//! Everything is measured in operation: arrivals by queue, channel and tier, patience, handling
//! times, and the estimates' own error, which corrects later ones. Once a second one estimate is
//! kept, to be compared with the actual wait. `p90 = p50 · (1 + z · √(1/A + 0.01))`, where `z`
//! follows the share of waits that it covers.
//!
//! Source: the delay of the `A`-th customer of a queue with abandonment (Whitt 1999), with
//! overtaking by head starts. Nothing here is part of the state: a snapshot does not contain it,
//! and until something has been measured again, assumed averages are used.

mod apart;
mod around;
mod in_hand;
mod kept;
mod limits;
mod measured;
mod rests;

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::event::Foretold;
use crate::engine::shown::forecast::around::{Agents, Around};
use crate::engine::shown::forecast::in_hand::InHand;
use crate::engine::shown::forecast::kept::Kept;
use crate::engine::shown::forecast::measured::Asked;
use crate::engine::shown::forecast::rests::Able;
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::handle_time;
use crate::engine::state::needs::NeedLine;
use crate::engine::state::place::place_of;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::view::WaitEstimate;

pub(in crate::engine) use measured::Forecast;

/// The longest wait that is estimated.
const WAIT_MAX_S: f64 = 24.0 * 3_600.0;

/// The parts of an estimate.
#[derive(Clone, Copy, Debug)]
struct Foreseen {
    plain_s: f64,
    p50_s: f64,
    /// Of the wait around the estimate, as a share of it.
    spread: f64,
    p90_s: f64,
}

impl Engine {
    /// p50 and p90 of how long a contact in line will still wait for any agent who may serve this
    /// need.
    pub(in crate::engine) fn foresee(
        &self,
        contact: &Contact,
        slot: Slot,
        need: &NeedLine,
        now: Timestamp,
    ) -> Option<(Millis, Millis)> {
        let foreseen = self.foreseen(contact, slot, need, now);
        foreseen.map(Foreseen::in_millis)
    }

    /// The same for a contact that waits for this agent, who is on duty.
    pub(in crate::engine) fn foresee_for(
        &self,
        contact: &Contact,
        slot: Slot,
        agent: AgentKey,
        now: Timestamp,
    ) -> Option<(Millis, Millis)> {
        let Stage::Queued { due } = contact.stage else {
            return None;
        };
        let sampled = [(self.pool.group_of(agent)?, 1.0)];
        let agents = self.agents_of(&sampled, 1.0, now);
        let place = place_of(contact, slot, due);
        let mut around = self.ahead_around(None, (contact, place), &agents);
        for line in self.needs.direct_lines(agent) {
            let need = self.needs.get(*line);
            let ahead = self.by_kind(need.need.class.channel, &mut around).1;
            *ahead += number(need.ahead_of(place, contact.escalated.is_reserved));
        }
        for (held, in_hand) in self.in_hands_of(agent, now) {
            self.by_kind(held.labels.channel, &mut around)
                .0
                .add(in_hand, 1.0);
        }
        self.limit(contact, (agent, 1.0), |_| 1.0, now, &mut around);
        self.set_apart(contact, (agent, place), |_| 1.0, now, &mut around);
        let alone = Able {
            agent,
            is_last: true,
        };
        self.add_rest(contact, alone, &agents, 1.0, &mut around);
        let foreseen = self.solved(contact, due, around, &agents, Kept::default());
        Some(foreseen.in_millis())
    }

    /// Once a second, keeps an estimate to compare it with the actual wait.
    pub(in crate::engine) fn ask_oneself(&mut self, slot: Slot, at: Timestamp) {
        let contact = self.contact_at(slot);
        if contact.meant.direct.is_some() || !self.forecast.is_time_to_ask(slot, at) {
            return;
        }
        // A wait that spans a pause or closed hours has no estimate.
        let expected = self.in_open_hours(contact, self.expected(slot, at), at);
        let WaitEstimate::Within { p50, p90 } = expected else {
            return;
        };
        let need = self.needs.get(contact.index.line);
        let foreseen = self.foreseen(contact, slot, need, at);
        let (_, z) = self.forecast.correction(contact.labels.channel);
        let Some(foreseen) = foreseen.and_then(|foreseen| foreseen.shortened(p50, p90, z)) else {
            return;
        };
        let asked = Asked {
            at,
            plain_s: foreseen.plain_s,
            p50_s: foreseen.p50_s,
            p90_s: foreseen.p90_s,
            spread: foreseen.spread,
        };
        self.forecast.ask(slot, asked);
    }

    /// The estimate kept for the wait that ends now, and the actual wait.
    pub(in crate::engine) fn foretold(&self, slot: Slot, now: Timestamp) -> Option<Foretold> {
        let asked = self.forecast.asked(slot)?;
        Some(Foretold {
            waited: now - asked.at,
            p50: Millis::truncated_s(asked.p50_s),
            p90: Millis::truncated_s(asked.p90_s),
        })
    }

    /// The queue stops serving its contacts for a while: their waits say nothing about the
    /// estimates that were kept.
    pub(in crate::engine) fn forget_estimates(&mut self, queue: QueueKey) {
        let contacts = &self.contacts;
        self.forecast.retain(|slot| {
            let contact = &contacts[slot];
            contact.labels.queue != queue || contact.passes().everything()
        });
    }

    fn foreseen(
        &self,
        contact: &Contact,
        slot: Slot,
        need: &NeedLine,
        now: Timestamp,
    ) -> Option<Foreseen> {
        let Stage::Queued { due } = contact.stage else {
            return None;
        };
        let sampled = self.sampled(need);
        if sampled.is_empty() {
            return None;
        }
        let agents = self.agents_of(&sampled, self.staffed_for(need), now);
        let place = place_of(contact, slot, due);
        let mut around = self.ahead_around(Some(need), (contact, place), &agents);
        self.add_in_hand(&agents, &mut around);
        self.limit_all(contact, &agents, &mut around);
        self.set_all_apart(contact, place, &agents, &mut around);
        self.add_rests(contact, need, &agents, &mut around);
        let kept = self.kept_from(need, &agents);
        Some(self.solved(contact, due, around, &agents, kept))
    }

    fn solved(
        &self,
        contact: &Contact,
        due: Timestamp,
        around: Around,
        agents: &Agents<'_>,
        kept: Kept,
    ) -> Foreseen {
        let channel = contact.labels.channel;
        let is_whole = self.is_whole(channel);
        let (ahead, mut in_hand) = standing(around, is_whole, agents.staffed);
        if in_hand.is_none() {
            // The agents who are there could begin at once.
            in_hand.add_rate(agents.staffed / self.forecast.handled_s(channel));
        }
        // No arrival overtakes a contact that has the next agent reserved.
        let overtaking = if contact.escalated.is_reserved {
            Vec::new()
        } else {
            self.overtaking(contact, due, agents, kept.agents > 0)
        };
        let places = kept.places(ahead);
        // Nobody who gives up makes an agent free of those who are kept.
        let gives_up = self.forecast.gives_up_per_s() * ahead / places.count;
        let evenness = places.evenness;
        let (plain_s, in_all) = solve(places.count, in_hand, gives_up, &overtaking);
        let (bias, z) = self.forecast.correction(channel);
        let (p50_s, spread) = (plain_s * bias, handle_time::spread(in_all * evenness));
        Foreseen {
            plain_s,
            p50_s,
            spread,
            p90_s: p50_s * (1.0 + z * spread),
        }
    }
}

/// How many contacts are before a contact, itself included, and the work to be finished for them.
fn standing(around: Around, is_whole: bool, staffed: f64) -> (f64, InHand) {
    let Around {
        in_hand_whole,
        in_hand_shared,
        ahead_whole,
        ahead_shared,
        empty,
    } = around;
    let mut in_hand = in_hand_whole;
    if is_whole {
        let ends = in_hand_whole.per_s() + in_hand_shared.per_s();
        let sharing = staffed - in_hand_whole.count() - empty;
        if sharing > 0.5 {
            let each = (in_hand_shared.count() / sharing).max(1.0);
            in_hand.add(in_hand_shared, 1.0 / (each * each.sqrt()));
        }
        let by_them = in_hand.per_s() / ends.max(1e-9);
        return (1.0 + ahead_whole + by_them * ahead_shared, in_hand);
    }
    if ahead_whole <= 0.0 {
        in_hand.add(in_hand_shared, 1.0);
        (1.0 + ahead_shared, in_hand)
    } else if in_hand_shared.is_none() {
        // No agent has room before the contacts that take a whole agent have been served.
        (1.0 + ahead_whole + ahead_shared, in_hand)
    } else {
        (1.0 + ahead_shared, in_hand_shared)
    }
}

/// The wait, and how many places are ahead over it.
fn solve(ahead: f64, in_hand: InHand, gives_up: f64, overtaking: &[(f64, f64)]) -> (f64, f64) {
    let places = |wait_s: f64| {
        let more = overtaking
            .iter()
            .map(|(rate, span_s)| rate * span_s.min(wait_s));
        ahead + more.sum::<f64>()
    };
    let mut wait_s = 0.0;
    for _ in 0..16 {
        let next = in_hand.wait_s(places(wait_s), gives_up).min(WAIT_MAX_S);
        let is_close = (next - wait_s).abs() < 0.01 * next;
        wait_s = next;
        if is_close {
            break;
        }
    }
    (wait_s, places(wait_s))
}

impl Foreseen {
    /// The same, where later steps make it less; none where it is the clock alone that is waited
    /// for, of which nothing can be learned.
    fn shortened(self, p50: Millis, p90: Millis, z: f64) -> Option<Self> {
        let (p50_s, p90_s) = (p50.as_s_f64(), p90.as_s_f64());
        if (p50, p90) == self.in_millis() || p90_s >= self.p90_s {
            return Some(self);
        }
        if p90 <= p50 || self.p50_s <= 0.0 {
            return None;
        }
        let by_z = (p90_s / p50_s.max(1e-3) - 1.0) / z;
        Some(Self {
            plain_s: self.plain_s * p50_s / self.p50_s,
            p50_s,
            spread: if z > 0.0 { by_z } else { self.spread },
            p90_s,
        })
    }

    fn in_millis(self) -> (Millis, Millis) {
        (
            Millis::truncated_s(self.p50_s),
            Millis::truncated_s(self.p90_s),
        )
    }
}

fn count(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let count = number as f64;
    count
}

fn seconds(ms: i64) -> f64 {
    Millis(ms).as_s_f64()
}

fn number(number: usize) -> f64 {
    count(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This many ends of work per second.
    fn ends(per_s: f64) -> InHand {
        let mut in_hand = InHand::default();
        in_hand.add_rate(per_s);
        in_hand
    }

    #[test]
    fn the_next_contact_waits_for_one_end_of_work_and_the_tenth_for_ten() {
        let patient = 1e-6;
        let (next, _) = solve(1.0, ends(0.1), patient, &[]);
        let (tenth, _) = solve(10.0, ends(0.1), patient, &[]);
        assert!(
            (next - 10.0).abs() < 0.1 && (tenth - 100.0).abs() < 0.5,
            "{next} {tenth}"
        );
    }

    #[test]
    fn abandonment_shortens_the_line_and_overtaking_lengthens_it() {
        let (plain, _) = solve(20.0, ends(0.1), 1e-6, &[]);
        let (impatient, _) = solve(20.0, ends(0.1), 1.0 / 200.0, &[]);
        assert!(
            (impatient - 200.0 * 2.0_f64.ln()).abs() < 1.0,
            "{impatient}"
        );
        let (overtaken, places) = solve(20.0, ends(0.1), 1e-6, &[(0.05, 100.0)]);
        assert!((overtaken - (plain + 50.0)).abs() < 3.0, "{overtaken}");
        assert!((places - 25.0).abs() < 0.3, "{places}");
    }
}
