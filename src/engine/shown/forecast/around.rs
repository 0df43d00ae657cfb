//! The surroundings of a waiting contact: the agents who may take it, what they have in hand, the
//! contacts before it, and those that will arrive and be due before it.

use crate::domain::{Channel, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::shown::forecast::in_hand::{InHand, Taken, WrapUps};
use crate::engine::shown::forecast::{WAIT_MAX_S, number};
use crate::engine::state::contact::Contact;
use crate::engine::state::line::{LineKey, Place};
use crate::engine::state::needs::NeedLine;
use crate::engine::state::pool::GroupKey;
use crate::engine::state::registry::QueueKey;

/// How many groups, lines and queues one estimate considers, which bounds its cost.
const GROUPS_MAX: usize = 4;
const LINES_MAX: usize = 32;
const QUEUES_MAX: usize = 32;
const MEMBERS_MAX: usize = 32;
const LEAVING_MAX: usize = 128;

/// The agents who may take a contact, at one instant.
pub(super) struct Agents<'a> {
    pub now: Timestamp,
    /// A sample of their groups, each with its number of agents on duty.
    pub sampled: &'a [(GroupKey, f64)],
    /// All of them on duty.
    pub staffed: f64,
    /// The queues that they serve, each with their share of its agents.
    pub shares: Vec<(QueueKey, f64)>,
}

/// What concerns a contact's agents: contacts that take a whole agent, and others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    pub in_hand_whole: InHand,
    pub in_hand_shared: InHand,
    pub ahead_whole: f64,
    pub ahead_shared: f64,
    /// Agents with nothing in hand.
    pub empty: f64,
}

impl Agents<'_> {
    /// How many agents each sampled one stands for.
    pub(super) fn scale(&self) -> f64 {
        let sampled: f64 = self.sampled.iter().map(|(_, staffed)| staffed).sum();
        self.staffed / sampled.max(1.0)
    }

    /// By how much is counted what is of a queue.
    pub(super) fn share(&self, queue: QueueKey) -> f64 {
        let mut shares = self.shares.iter();
        let own = shares.find(|(own, _)| *own == queue);
        own.map_or(0.0, |(_, share)| *share)
    }
}

impl Engine {
    pub(super) fn agents_of<'a>(
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

    /// For how long a contact occupies an agent.
    pub(super) fn taken_by(&self, queue: QueueKey, channel: Channel) -> Taken {
        let wrap_up = self.rules[queue.index()].options.wrap_up;
        Taken {
            whole_s: self.forecast.handled_s(channel),
            wrap_up_s: self.forecast.wrapped_s(queue, wrap_up),
            wrap_up_max_s: wrap_up.map_or(0.0, Millis::as_s_f64),
        }
    }

    /// The part in which contacts of this channel are counted.
    pub(super) fn by_kind<'a>(
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

    pub(super) fn is_whole(&self, channel: Channel) -> bool {
        self.configuration().channels.get(channel).is_exclusive()
    }

    /// Agents of a group on duty who can be offered contacts of this need's channel: they are
    /// trusted with it, and it fits into their capacity.
    pub(in crate::engine) fn staffed_in(&self, group: GroupKey, need: &NeedLine) -> u32 {
        let channel = need.need.class.channel;
        if self.ground().fits(group, channel) {
            self.pool.group(group).trusted(channel)
        } else {
            0
        }
    }

    /// Agents on duty who may serve a need.
    pub(in crate::engine) fn staffed_for(&self, need: &NeedLine) -> f64 {
        let step = need.eligible.len().div_ceil(MEMBERS_MAX).max(1);
        let groups = need.eligible.iter().step_by(step);
        let staffed = groups.map(|eligible| self.staffed_in(eligible.group, need));
        f64::from(staffed.sum::<u32>()) * number(step)
    }

    /// A sample of the groups on duty that may serve a need, each with its number of such agents.
    pub(super) fn sampled(&self, need: &NeedLine) -> Vec<(GroupKey, f64)> {
        let step = need.eligible.len().div_ceil(MEMBERS_MAX).max(1);
        let groups = need.eligible.iter().step_by(step);
        let staffed = groups.map(|eligible| {
            let staffed = self.staffed_in(eligible.group, need);
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

    /// The share of a queue's agents who may also serve the contact.
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

    /// Adds what these agents have in hand.
    pub(super) fn add_in_hand(&self, agents: &Agents<'_>, around: &mut Around) {
        let groups = agents.sampled.iter();
        let empty = groups.map(|(group, _)| f64::from(self.pool.group(*group).empty));
        around.empty = empty.sum::<f64>() * agents.scale();
        for (queue, share) in &agents.shares {
            let held = &self.queues[queue.index()];
            for channel in Channel::ALL {
                let wrap_ups = *held.counts.wrap_up.get(channel);
                let at_work = held.counts.active.get(channel) + held.counts.offered.get(channel);
                let left_ms = held.wrap_ups_until.get(channel)
                    - i64::try_from(wrap_ups).unwrap_or(0) * agents.now.0;
                let taken = self.taken_by(*queue, channel);
                let in_hand = InHand::of(
                    at_work + wrap_ups,
                    WrapUps {
                        count: wrap_ups,
                        left_ms,
                    },
                    taken,
                );
                self.by_kind(channel, around).0.add(in_hand, *share);
            }
        }
        self.leave_out_leaving(agents, around);
    }

    /// What agents have in hand who are not ready, or lost: as it ends, nobody gets room.
    fn leave_out_leaving(&self, agents: &Agents<'_>, around: &mut Around) {
        let step = self.leaving.len().div_ceil(LEAVING_MAX).max(1);
        for agent in self.leaving.iter().step_by(step) {
            let in_hands = self.in_hands_of(*agent, agents.now);
            let own = in_hands.filter(|(held, _)| held.agent() == Some(*agent));
            for (Contact { labels, .. }, in_hand) in own {
                let share = agents.share(labels.queue) * number(step);
                let counted = self.by_kind(labels.channel, around).0;
                counted.take_away(in_hand, share);
            }
        }
    }

    /// The contacts before one at `place` in the lines that these agents serve, weighted by their
    /// share of the lines' agents; in `own`, which is theirs, all of them.
    pub(super) fn ahead_around(
        &self,
        own: Option<&NeedLine>,
        (contact, place): (&Contact, Place),
        agents: &Agents<'_>,
    ) -> Around {
        let mut around = Around::default();
        let mut lines: Vec<&LineKey> = Vec::new();
        for (queue, _) in &agents.shares {
            let theirs = self.queues[queue.index()].active_lines.iter();
            lines.extend(theirs.filter(|line| self.needs.get(**line).need.queue == *queue));
        }
        let step = lines.len().div_ceil(LINES_MAX).max(1);
        let all: f64 = agents.sampled.iter().map(|(_, staffed)| staffed).sum();
        let pull = self.rules[contact.labels.queue.index()].options.pull;
        let is_called = pull && !contact.passes().everything();
        for line in lines.into_iter().step_by(step) {
            let need = self.needs.get(*line);
            let before = need.ahead_of(place, contact.escalated.is_reserved);
            // Contacts that are not offered stand in nobody's way; those that agents call, only
            // in that of their own queue.
            let is_called = is_called && need.need.queue == contact.labels.queue;
            if before == 0 || !(is_called || self.lets_in(need)) {
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

    /// For each tier the rate of arrivals with an earlier due, per second, and how long that lasts
    /// from now on; and the rate at which contacts come back from agents, with their age.
    pub(super) fn overtaking(
        &self,
        contact: &Contact,
        due: Timestamp,
        agents: &Agents<'_>,
        is_kept_from: bool,
    ) -> Vec<(f64, f64)> {
        let now = agents.now;
        let is_whole = self.is_whole(contact.labels.channel);
        let tiers = self.forecast.tier_weights(now);
        let all: f64 = tiers.iter().sum();
        let age_s = (now - contact.wait.first_queued_at).as_s_f64();
        let mut overtaking = Vec::new();
        for (queue, share) in &agents.shares {
            let rules = &self.rules[queue.index()].options;
            let (held, is_own) = (&self.queues[queue.index()], *queue == contact.labels.queue);
            if !is_own && (held.is_paused() || held.closed || rules.pull) {
                continue;
            }
            let channels = Channel::ALL.into_iter();
            let alike = channels.filter(|channel| self.is_whole(*channel) == is_whole);
            let rate: f64 = alike
                .clone()
                .map(|channel| self.forecast.arrivals_per_s(*queue, channel, now))
                .sum();
            for channel in alike {
                let come_back = self.forecast.come_back_per_s(*queue, channel, now);
                // They overtake as long as they are older than the contact will be by then.
                let span_s = self.forecast.come_back_age_s(channel) - age_s;
                if come_back > 0.0 && span_s > 0.0 {
                    overtaking.push((share * come_back, span_s));
                }
            }
            if rate <= 0.0 {
                continue;
            }
            // Agents are kept for these, however late they come.
            let kept_for = rules.reserve.as_ref().filter(|_| is_own && is_kept_from);
            let target = rules.target.answer_within;
            for (tier, weight) in tiers.iter().enumerate() {
                let head_start = self.head_starts.get(tier).copied().unwrap_or(Millis::ZERO);
                let is_kept_for = kept_for.is_some_and(|reserve| {
                    let tier = self.registry.tiers.all().get(tier);
                    tier.is_some_and(|tier| reserve.tiers.contains(tier))
                });
                let span_s = if is_kept_for {
                    WAIT_MAX_S
                } else {
                    (due - (now + target - head_start)).as_s_f64()
                };
                if span_s > 0.0 {
                    overtaking.push((share * rate * weight / all.max(1e-9), span_s));
                }
            }
        }
        overtaking
    }
}
