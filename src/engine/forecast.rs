//! How long a waiting contact will wait on.
//!
//! Those who stand before it (`A`, itself included), those who will come and be due before it,
//! those who will give up (`θ`, per second of waiting), and how often the agents who may serve
//! it come to an end of something (`R`, per second) give the wait as the solution of
//!
//! ```text
//! d = ln(1 + θ · A(d) / R) / θ          A(d) = A + Σ λ · (part of d in which arrivals overtake)
//! ```
//!
//! A tier that has a head start overtakes for as long as its arrivals are due earlier: from now
//! until `due − target + head start`. Contacts of other queues count by the share of their
//! agents who may serve this one, too; so do those agents' ends of work. Agents of whom a
//! contact needs the whole become free by ending such a contact; of others every end counts.
//! Work is not at its end before its wrap-up is, see `in_hand`.
//!
//! A contact that waits for one agent alone is foreseen as if there were that agent and no other.
//!
//! Everything is measured while it happens: arrivals by queue, channel and tier, patience,
//! handling times, and the estimates' own error, which corrects the next ones. Once a second
//! one estimate is compared with what came of it. `p90 = p50 · (1 + z · √(1/A + 0.01))`, where
//! `z` follows the share of waits that it covers.
//!
//! Source: the delay of the `A`-th customer of a queue with abandonment (Whitt 1999), with
//! overtaking by head starts. Nothing here is part of the state: a snapshot does not hold it, and
//! until something is measured anew, assumed averages stand in.

mod in_hand;
mod measured;

use crate::domain::{Channel, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::{Contact, Stage};
use crate::engine::event::Foretold;
use crate::engine::forecast::in_hand::{InHand, Taken};
use crate::engine::forecast::measured::Asked;
use crate::engine::line::{LineKey, Place};
use crate::engine::needs::NeedLine;
use crate::engine::place::place_of;
use crate::engine::pool::GroupKey;
use crate::engine::registry::{AgentKey, QueueKey};

pub(super) use measured::Forecast;

/// The groups, lines and queues that one estimate looks at, so that its cost is bounded.
const GROUPS_MAX: usize = 4;
const LINES_MAX: usize = 32;
const QUEUES_MAX: usize = 32;
const MEMBERS_MAX: usize = 32;
/// The longest wait that is foreseen.
const WAIT_MAX_S: f64 = 24.0 * 3_600.0;
/// What an estimate is made of.
#[derive(Clone, Copy, Debug)]
struct Foreseen {
    plain_s: f64,
    p50_s: f64,
    /// Of the wait around the estimate, in shares of it.
    spread: f64,
    p90_s: f64,
}

/// The agents of whom one will take a contact, at a moment.
struct Agents<'a> {
    now: Timestamp,
    /// Some of their groups, each with how many of them are on duty.
    sampled: &'a [(GroupKey, f64)],
    /// All of them on duty.
    staffed: f64,
    /// The queues that they serve, each with the share of its agents that they are.
    shares: Vec<(QueueKey, f64)>,
}

/// What happens around a contact, as far as its agents are concerned: with contacts that take a
/// whole agent, and with others.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    in_hand_whole: InHand,
    in_hand_shared: InHand,
    ahead_whole: f64,
    ahead_shared: f64,
}

impl Engine {
    /// p50 and p90 of how long a contact in line will wait on for whoever may serve this need.
    pub(super) fn foresee(
        &self,
        contact: &Contact,
        slot: u32,
        need: &NeedLine,
        now: Timestamp,
    ) -> Option<(Millis, Millis)> {
        let foreseen = self.foreseen(contact, slot, need, now);
        foreseen.map(Foreseen::in_millis)
    }

    /// The same of a contact that waits for this agent, who is on duty.
    pub(super) fn foresee_for(
        &self,
        contact: &Contact,
        slot: u32,
        agent: AgentKey,
        now: Timestamp,
    ) -> Option<(Millis, Millis)> {
        let Stage::Queued { due } = contact.stage else {
            return None;
        };
        let sampled = [(self.pool.group_of(agent)?, 1.0)];
        let agents = self.agents_of(&sampled, 1.0, now);
        let place = place_of(contact, slot, due);
        let mut around = self.ahead_around(None, place, &agents);
        for line in self.needs.direct_lines(agent) {
            let need = self.needs.get(*line);
            let ahead = self.by_kind(need.need.class.channel, &mut around).1;
            *ahead += number(need.line.rank(place));
        }
        for held in &self.agent_at(agent).load.held {
            let (labels, stage) = {
                let held = self.contact_at(*held);
                (held.labels, &held.stage)
            };
            let (wrap_ups, left_ms) = match stage {
                Stage::WrapUp { until, .. } => (1, (*until - now).0),
                Stage::Moving
                | Stage::Scheduled { .. }
                | Stage::Queued { .. }
                | Stage::Offered { .. }
                | Stage::Active(_)
                | Stage::Parked(_)
                | Stage::Closed(_) => (0, 0),
            };
            let taken = self.taken_by(labels.queue, labels.channel);
            let in_hand = InHand::of(1, (wrap_ups, left_ms), taken);
            self.by_kind(labels.channel, &mut around)
                .0
                .add(in_hand, 1.0);
        }
        let foreseen = self.solved(contact.labels.channel, due, around, &agents);
        Some(foreseen.in_millis())
    }

    /// Once a second an estimate is kept, to see what comes of it.
    pub(super) fn ask_oneself(&mut self, slot: u32, at: Timestamp) {
        let contact = self.contact_at(slot);
        if contact.direct.is_some() || !self.forecast.is_time_to_ask(slot, at) {
            return;
        }
        let need = self.needs.get(contact.index.line);
        if let Some(foreseen) = self.foreseen(contact, slot, need, at) {
            let asked = Asked {
                at,
                plain_s: foreseen.plain_s,
                p50_s: foreseen.p50_s,
                p90_s: foreseen.p90_s,
                spread: foreseen.spread,
            };
            self.forecast.ask(slot, asked);
        }
    }

    /// What was kept of the wait that ends now, and how it compares.
    pub(super) fn foretold(&self, slot: u32, now: Timestamp) -> Option<Foretold> {
        let asked = self.forecast.asked(slot)?;
        Some(Foretold {
            waited: now - asked.at,
            p50: millis(asked.p50_s),
            p90: millis(asked.p90_s),
        })
    }

    fn foreseen(
        &self,
        contact: &Contact,
        slot: u32,
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
        let mut around = self.ahead_around(Some(need), place, &agents);
        self.add_in_hand(&agents, &mut around);
        Some(self.solved(contact.labels.channel, due, around, &agents))
    }

    fn agents_of<'a>(
        &self,
        sampled: &'a [(GroupKey, f64)],
        staffed: f64,
        now: Timestamp,
    ) -> Agents<'a> {
        let queues = self.queues_of(sampled).into_iter();
        let share = |queue| (queue, self.share_of(queue, sampled, staffed));
        Agents {
            now,
            sampled,
            staffed,
            shares: queues.map(share).collect(),
        }
    }

    fn solved(
        &self,
        channel: Channel,
        due: Timestamp,
        around: Around,
        agents: &Agents<'_>,
    ) -> Foreseen {
        let is_whole = self.is_whole(channel);
        let (ahead, mut in_hand) = standing(around, is_whole);
        if in_hand.is_none() {
            // The agents who are there could begin at once.
            in_hand.add_rate(agents.staffed / self.forecast.handled_s(channel));
        }
        let overtaking = self.overtaking(is_whole, due, agents);
        let gives_up = self.forecast.gives_up_per_s();
        let (plain_s, places) = solve(ahead, in_hand, gives_up, &overtaking);
        let (bias, z) = self.forecast.correction(channel);
        let (p50_s, spread) = (plain_s * bias, (1.0 / places + 0.01).sqrt());
        Foreseen {
            plain_s,
            p50_s,
            spread,
            p90_s: p50_s * (1.0 + z * spread),
        }
    }

    /// How long a contact takes an agent.
    fn taken_by(&self, queue: QueueKey, channel: Channel) -> Taken {
        let wrap_up = self.rules[queue.index()].options.wrap_up;
        Taken {
            whole_s: self.forecast.handled_s(channel),
            wrap_up_s: self.forecast.wrapped_s(queue, wrap_up),
            wrap_up_max_s: wrap_up.map_or(0.0, Millis::as_s_f64),
        }
    }

    /// Where contacts of this channel are counted.
    fn by_kind<'a>(
        &self,
        channel: Channel,
        around: &'a mut Around,
    ) -> (&'a mut InHand, &'a mut f64) {
        if self.is_whole(channel) {
            (&mut around.in_hand_whole, &mut around.ahead_whole)
        } else {
            (&mut around.in_hand_shared, &mut around.ahead_shared)
        }
    }

    fn is_whole(&self, channel: Channel) -> bool {
        self.configuration().channels.get(channel).is_exclusive()
    }

    /// Agents on duty who may serve a need.
    fn staffed_for(&self, need: &NeedLine) -> f64 {
        let step = need.eligible.len().div_ceil(MEMBERS_MAX).max(1);
        let groups = need.eligible.iter().step_by(step);
        let staffed = groups.map(|eligible| self.pool.group(eligible.group).staffed);
        f64::from(staffed.sum::<u32>()) * number(step)
    }

    /// Some of the groups that may serve a need, those on duty, with how many they are.
    fn sampled(&self, need: &NeedLine) -> Vec<(GroupKey, f64)> {
        let step = need.eligible.len().div_ceil(MEMBERS_MAX).max(1);
        let groups = need.eligible.iter().step_by(step);
        let staffed = groups.map(|eligible| {
            let staffed = self.pool.group(eligible.group).staffed;
            (eligible.group, f64::from(staffed))
        });
        let mut staffed: Vec<_> = staffed.filter(|(_, staffed)| *staffed > 0.0).collect();
        let step = staffed.len().div_ceil(GROUPS_MAX).max(1);
        let mut at = 0;
        staffed.retain(|_| {
            at += 1;
            (at - 1) % step == 0
        });
        staffed
    }

    fn queues_of(&self, sampled: &[(GroupKey, f64)]) -> Vec<QueueKey> {
        let mut queues: Vec<QueueKey> = sampled
            .iter()
            .flat_map(|(group, _)| self.pool.group(*group).signature.queues.iter().copied())
            .collect();
        queues.sort_unstable();
        queues.dedup();
        let step = queues.len().div_ceil(QUEUES_MAX).max(1);
        queues.into_iter().step_by(step).collect()
    }

    /// The share of a queue's agents who may serve the contact, too.
    fn share_of(&self, queue: QueueKey, sampled: &[(GroupKey, f64)], staffed: f64) -> f64 {
        let serves = |group| {
            let signature = &self.pool.group(group).signature;
            signature.queues.binary_search(&queue).is_ok()
        };
        let all: f64 = sampled.iter().map(|(_, staffed)| staffed).sum();
        let theirs = sampled.iter().filter(|(group, _)| serves(*group));
        let theirs: f64 = theirs.map(|(_, staffed)| staffed).sum();
        let of_queue = f64::from(self.queues[queue.index()].staffed);
        (theirs / all * staffed / of_queue.max(1.0)).min(1.0)
    }

    /// What is in the hands of these agents.
    fn add_in_hand(&self, agents: &Agents<'_>, around: &mut Around) {
        for (queue, share) in &agents.shares {
            let held = &self.queues[queue.index()];
            for channel in Channel::ALL {
                let wrap_ups = *held.counts.wrap_up.get(channel);
                let at_work = held.counts.active.get(channel) + held.counts.offered.get(channel);
                let left_ms = held.wrap_ups_until.get(channel)
                    - i64::try_from(wrap_ups).unwrap_or(0) * agents.now.0;
                let taken = self.taken_by(*queue, channel);
                let in_hand = InHand::of(at_work + wrap_ups, (wrap_ups, left_ms), taken);
                self.by_kind(channel, around).0.add(in_hand, *share);
            }
        }
    }

    /// Who stands before `place` in the lines that these agents serve, by the share of the
    /// lines' agents that they are; of `own`, which is theirs, everybody.
    fn ahead_around(&self, own: Option<&NeedLine>, place: Place, agents: &Agents<'_>) -> Around {
        let mut around = Around::default();
        let mut lines: Vec<&LineKey> = Vec::new();
        for (queue, _) in &agents.shares {
            let theirs = self.queues[queue.index()].active_lines.iter();
            lines.extend(theirs.filter(|line| self.needs.get(**line).need.queue == *queue));
        }
        let step = lines.len().div_ceil(LINES_MAX).max(1);
        let all: f64 = agents.sampled.iter().map(|(_, staffed)| staffed).sum();
        for line in lines.into_iter().step_by(step) {
            let need = self.needs.get(*line);
            let before = need.line.rank(place);
            if before == 0 {
                continue;
            }
            let weight = if own.is_some_and(|own| std::ptr::eq(need, own)) {
                1.0
            } else {
                let both = agents.sampled.iter();
                let both = both.filter(|(group, _)| need.eligible(*group).is_some());
                let both: f64 = both.map(|(_, staffed)| staffed).sum();
                let share = both / all * agents.staffed / self.staffed_for(need).max(1.0);
                share.min(1.0) * number(step)
            };
            *self.by_kind(need.need.class.channel, &mut around).1 += weight * number(before);
        }
        around
    }

    /// For each tier how many come a second who are due earlier, and for how long from now on.
    fn overtaking(&self, is_whole: bool, due: Timestamp, agents: &Agents<'_>) -> Vec<(f64, f64)> {
        let now = agents.now;
        let tiers = self.forecast.tier_weights(now);
        let all: f64 = tiers.iter().sum();
        let mut overtaking = Vec::new();
        for (queue, share) in &agents.shares {
            let channels = Channel::ALL.into_iter();
            let alike = channels.filter(|channel| self.is_whole(*channel) == is_whole);
            let rate: f64 = alike
                .map(|channel| self.forecast.arrivals_per_s(*queue, channel, now))
                .sum();
            if rate <= 0.0 {
                continue;
            }
            let target = self.rules[queue.index()].options.target.answer_within;
            for (tier, weight) in tiers.iter().enumerate() {
                let head_start = self.head_starts.get(tier).copied().unwrap_or(Millis::ZERO);
                let span_s = (due - (now + target - head_start)).as_s_f64();
                if span_s > 0.0 {
                    overtaking.push((share * rate * weight / all.max(1e-9), span_s));
                }
            }
        }
        overtaking
    }
}

/// How many stand before a contact, itself included, and what has to come to its end for them.
fn standing(around: Around, is_whole: bool) -> (f64, InHand) {
    let Around {
        in_hand_whole,
        in_hand_shared,
        ahead_whole,
        ahead_shared,
    } = around;
    if is_whole {
        let ends = in_hand_whole.per_s() + in_hand_shared.per_s();
        let by_whole = in_hand_whole.per_s() / ends.max(1e-9);
        (1.0 + ahead_whole + by_whole * ahead_shared, in_hand_whole)
    } else if ahead_whole > 0.0 {
        (1.0 + ahead_shared, in_hand_shared)
    } else {
        let mut in_hand = in_hand_shared;
        in_hand.add(in_hand_whole, 1.0);
        (1.0 + ahead_shared, in_hand)
    }
}

/// The wait, and how many places it takes.
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
    fn in_millis(self) -> (Millis, Millis) {
        (millis(self.p50_s), millis(self.p90_s))
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

fn millis(seconds: f64) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "a float saturates")]
    let ms = (seconds * 1_000.0) as i64;
    Millis(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many ends of work a second.
    fn ends(per_s: f64) -> InHand {
        let mut in_hand = InHand::default();
        in_hand.add_rate(per_s);
        in_hand
    }

    #[test]
    fn who_is_next_waits_for_one_end_of_work_and_the_tenth_for_ten() {
        let patient = 1e-6;
        let (next, _) = solve(1.0, ends(0.1), patient, &[]);
        let (tenth, _) = solve(10.0, ends(0.1), patient, &[]);
        assert!(
            (next - 10.0).abs() < 0.1 && (tenth - 100.0).abs() < 0.5,
            "{next} {tenth}"
        );
    }

    #[test]
    fn those_who_give_up_make_the_line_shorter_and_those_who_overtake_make_it_longer() {
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
