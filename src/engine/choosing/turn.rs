//! Which contact is next for an agent.
//!
//! An agent with room compares the first contact of each line, and contacts whose customers know
//! this agent, by `due` minus the fit of the two (or by the order under rehearsal). Nothing is
//! offered here.

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::options::{Order, Urgency};
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::due;
use crate::engine::state::learn::Expectation;
use crate::engine::state::line::{LineKey, Place};
use crate::engine::state::needs::{Eligible, NeedLine};
use crate::engine::state::registry::AgentKey;

/// The turn of a contact: one that has the next agent reserved first (false), then the lowest
/// value, then the earliest arrival.
pub(in crate::engine) type Turn = (bool, i64, u64, Slot);

/// An agent in search of a contact.
#[derive(Clone, Copy)]
struct Seeker {
    is_wanted_whole: bool,
    now: Timestamp,
}

/// A contact that an agent could take.
struct Waiting<'a> {
    key: LineKey,
    need: &'a NeedLine,
    eligible: &'a Eligible,
    place: Place,
    knows_customer: bool,
}

/// What decides the fit of an agent and a contact.
struct Meeting<'a> {
    need: &'a NeedLine,
    eligible: &'a Eligible,
    knows_customer: bool,
    is_wanted_whole: bool,
}

impl Engine {
    /// The contact due first for this agent, over all the queues and channels that the agent
    /// serves.
    pub(in crate::engine) fn find_contact(
        &mut self,
        agent: AgentKey,
        now: Timestamp,
    ) -> Option<Slot> {
        loop {
            let slot = self.first_contact(agent, now)?;
            if !self.keep_room(agent, slot, now) {
                return Some(slot);
            }
        }
    }

    fn first_contact(&self, agent: AgentKey, now: Timestamp) -> Option<Slot> {
        let mut best: Option<Turn> = None;
        self.each_turn(agent, now, |turn, _| {
            best = Some(best.map_or(turn, |known| known.min(turn)));
        });
        best.map(|(.., slot)| slot)
    }

    /// Every contact that this agent has to compare, with its turn and its line: the first of each
    /// line, and those whose customers know this agent.
    pub(in crate::engine) fn each_turn(
        &self,
        agent: AgentKey,
        now: Timestamp,
        mut look: impl FnMut(Turn, LineKey),
    ) {
        let mut waiting = self.waiting_for(agent, |_| true).peekable();
        if waiting.peek().is_none() {
            return;
        }
        let seeker = Seeker {
            is_wanted_whole: self.is_wanted_whole(agent),
            now,
        };
        for found in waiting {
            look(self.turn(&found, seeker), found.key);
        }
    }

    /// The first contact of each of these lines that this agent could take, and those whose
    /// customers know this agent.
    fn waiting_for(
        &self,
        agent: AgentKey,
        counts: impl Fn(&NeedLine) -> bool + Copy,
    ) -> impl Iterator<Item = Waiting<'_>> {
        let standing = self.pool.standing(agent);
        let standing = standing.zip(self.pool.group_of(agent));
        let waiting = move |key: LineKey, knows_customer, place: Place| {
            let (need, (_, group)) = (self.needs.get(key), standing?);
            Some(Waiting {
                key,
                need,
                eligible: need.eligible(group)?,
                place,
                knows_customer,
            })
        };
        let is_open = move |key: LineKey| {
            let need = self.needs.get(key);
            standing.is_some_and(|(standing, _)| standing.mask.has(need.need.class))
                && counts(need)
                && self.is_offered(need)
                && !self.has_dialled_for(agent, need)
        };
        let queues = standing.map_or(&[][..], |(_, group)| {
            &self.pool.group(group).signature.queues
        });
        let shared = queues
            .iter()
            .flat_map(|queue| &self.queues[queue.index()].active_lines);
        let lines = shared.chain(self.needs.direct_lines(agent)).copied();
        let heads = lines
            .filter(move |key| is_open(*key))
            .filter_map(move |key| waiting(key, false, self.first_of(key, agent)?));
        let wanting = self.needs.wanting(agent).filter(move |(key, place)| {
            let need = self.needs.get(*key);
            need.need.direct.is_none()
                && is_open(*key)
                && !self.contact_at(place.slot).is_cooling(agent)
        });
        heads.chain(wanting.filter_map(move |(key, place)| waiting(key, true, place)))
    }

    /// Whether this agent has nothing in hand and could take a contact that needs a whole agent.
    pub(in crate::engine) fn is_wanted_whole(&self, agent: AgentKey) -> bool {
        let standing = self.pool.standing(agent);
        standing.is_some_and(|standing| standing.sessions == 0)
            && self.configuration().specialist > Millis::ZERO
            && self
                .waiting_for(agent, |need| self.takes_whole(need))
                .next()
                .is_some()
    }

    fn takes_whole(&self, need: &NeedLine) -> bool {
        let channel = need.need.class.channel;
        self.configuration().channels.get(channel).is_exclusive()
    }

    /// How much of `due` this agent is worth to a contact of this line.
    pub(in crate::engine) fn fit_of(
        &self,
        contact: &Contact,
        need: &NeedLine,
        agent: AgentKey,
    ) -> Millis {
        let group = self.pool.group_of(agent);
        let eligible = group.and_then(|group| need.eligible(group));
        eligible.map_or(Millis::ZERO, |eligible| {
            let knows_customer = self.liked(contact).any(|liked| liked == agent);
            self.fit(&Meeting {
                need,
                eligible,
                knows_customer,
                is_wanted_whole: self.is_wanted_whole(agent),
            })
        })
    }

    /// While contacts wait that need a whole agent, an idle agent has no fit for contacts that can
    /// be served beside others: otherwise agents freed in a rush would join those serving text and,
    /// as long as text waits, never be free for a call.
    fn fit(&self, meeting: &Meeting<'_>) -> Millis {
        let (need, eligible) = (meeting.need, meeting.eligible);
        if need.need.direct.is_some() || (meeting.is_wanted_whole && !self.takes_whole(need)) {
            return Millis::ZERO;
        }
        due::fit(
            self.expect(eligible, need),
            eligible.excess_permille,
            meeting.knows_customer,
            self.configuration().specialist,
        )
    }

    /// The turn of this contact with the agent.
    fn turn(&self, found: &Waiting<'_>, seeker: Seeker) -> Turn {
        let Waiting {
            need,
            eligible,
            place,
            knows_customer,
            ..
        } = *found;
        let turn = match &self.configuration().order {
            Order::Due if need.need.is_reserved => place.due.0,
            Order::Due => {
                let fit = self.fit(&Meeting {
                    need,
                    eligible,
                    knows_customer,
                    is_wanted_whole: seeker.is_wanted_whole,
                });
                (place.due - fit).0
            }
            Order::Urgency(urgency) => {
                let fit = self.expect(eligible, need);
                self.urgency(
                    urgency,
                    self.contact_at(place.slot),
                    fit,
                    knows_customer,
                    seeker.now,
                )
            }
        };
        (!need.need.is_reserved, turn, place.arrival, place.slot)
    }

    /// Negative, because the most urgent comes first.
    fn urgency(
        &self,
        urgency: &Urgency,
        contact: &Contact,
        expected: Expectation,
        knows_customer: bool,
        now: Timestamp,
    ) -> i64 {
        let age_s = (now - contact.wait.first_queued_at + contact.escalated.boost).as_s_f64();
        let target = self.rules[contact.labels.queue.index()].options.target;
        let weight = urgency.weights[contact.labels.tier.index()];
        let convex = urgency.convex.map_or(0.0, |span| age_s / span.as_s_f64());
        let mut value = weight * age_s / target.answer_within.as_s_f64() + convex * convex;
        if urgency.fit_power > 0.0 {
            value *= due::worth(expected).powf(urgency.fit_power);
            value *= if knows_customer { 1.5 } else { 1.0 };
        }
        #[expect(clippy::cast_possible_truncation, reason = "a float saturates")]
        let turn = -(value * 1e9) as i64;
        turn
    }

    /// The first of a line that does not cool down for this agent.
    fn first_of(&self, line: LineKey, agent: AgentKey) -> Option<Place> {
        let mut places = self.needs.get(line).line.iter();
        places.find(|place| {
            let contact = self.contact_at(place.slot);
            contact.fetch();
            !contact.is_cooling(agent)
        })
    }
}
