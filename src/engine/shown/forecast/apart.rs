//! Agents who keep room for another contact: whatever they finish, that contact takes them, and
//! only by serving it do they finish something that frees them for others.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::shown::forecast::around::{Agents, Around};
use crate::engine::shown::forecast::in_hand::{InHand, WrapUps};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::line::Place;
use crate::engine::state::place::place_of;
use crate::engine::state::registry::{AgentKey, QueueKey};

/// How many of the agents who keep room are considered.
const APART_MAX: usize = 32;

impl Engine {
    /// What an agent has in hand.
    pub(super) fn in_hands_of(
        &self,
        agent: AgentKey,
        now: Timestamp,
    ) -> impl Iterator<Item = (&Contact, InHand)> {
        let held = self.agent_at(agent).load.held.iter();
        held.map(move |slot| {
            let held = self.contact_at(*slot);
            let wrap_up = match held.stage {
                Stage::WrapUp { until, .. } => WrapUps {
                    count: 1,
                    left_ms: (until - now).0,
                },
                Stage::Moving
                | Stage::Scheduled { .. }
                | Stage::Queued { .. }
                | Stage::Offered { .. }
                | Stage::Active(_)
                | Stage::Parked(_)
                | Stage::Closed(_) => WrapUps::default(),
            };
            let taken = self.taken_by(held.labels.queue, held.labels.channel);
            (held, InHand::of(1, wrap_up, taken))
        })
    }

    /// Sets apart those of these agents who keep room for other contacts.
    pub(super) fn set_all_apart(
        &self,
        contact: &Contact,
        place: Place,
        agents: &Agents<'_>,
        around: &mut Around,
    ) {
        let is_sampled = |agent: &&AgentKey| {
            let group = self.pool.group_of(**agent);
            let mut sampled = agents.sampled.iter();
            group.is_some_and(|own| sampled.any(|(group, _)| *group == own))
        };
        let keeping = self.keeping_room.iter().take(APART_MAX);
        for agent in keeping.filter(is_sampled) {
            let share = |queue| agents.share(queue);
            self.set_apart(contact, (*agent, place), share, agents.now, around);
        }
    }

    /// The same for one agent, if that one keeps room; `share` is the share by which a queue was
    /// counted.
    pub(super) fn set_apart(
        &self,
        contact: &Contact,
        (agent, place): (AgentKey, Place),
        share: impl Fn(QueueKey) -> f64,
        now: Timestamp,
        around: &mut Around,
    ) {
        let held = self.agent_at(agent);
        if !self.keeps_room_from(held, self.classes.of(contact)) {
            return;
        }
        let Some((slot, _)) = held.load.keeps_room_for else {
            return;
        };
        for (held, in_hand) in self.in_hands_of(agent, now) {
            let counted = self.by_kind(held.labels.channel, around).0;
            counted.take_away(in_hand, share(held.labels.queue));
        }
        let kept_for = self.contact_at(slot);
        let Stage::Queued { due } = kept_for.stage else {
            return;
        };
        let labels = kept_for.labels;
        let taken = self.taken_by(labels.queue, labels.channel);
        let (in_hand, ahead) = self.by_kind(labels.channel, around);
        in_hand.add(InHand::of(1, WrapUps::default(), taken), 1.0);
        let turn = (
            !kept_for.escalated.is_reserved,
            place_of(kept_for, slot, due),
        );
        if turn < (!contact.escalated.is_reserved, place) {
            *ahead = (*ahead - 1.0).max(0.0);
        }
    }
}
