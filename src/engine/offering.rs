//! An offer's life: made, delivered, accepted, or ended without.
//!
//! An agent who declines or does not answer is neither offered the same
//! contact again at once nor banned from it: a cooldown for the pair, doubling
//! with every refusal. Unanswered offers are strikes against the agent, by
//! degrees; undelivered ones are not.

use crate::domain::{Channel, Millis, OfferId, Text, Timestamp};
use crate::engine::agent::{Health, Intent, STRIKES_WITHIN};
use crate::engine::choice::{Choice, How};
use crate::engine::contact::{Consulting, Contact, Stage};
use crate::engine::event::{Cooling, Event, OfferEnd, Withdrawal};
use crate::engine::refusal::Refusal;
use crate::engine::registry::AgentKey;
use crate::engine::shortlist::Looking;
use crate::engine::{Done, Engine};

/// The first cooldown of an agent for a contact; it doubles up to the most.
pub(super) const COOLDOWN: Millis = Millis::from_s(30);
pub(super) const COOLDOWN_MAX: Millis = Millis::from_s(300);
/// No cooldown is shorter that the agent has not asked for, so that a lone one is not hammered.
pub(super) const COOLDOWN_MIN: Millis = Millis::from_s(10);
/// The shortest and the longest that a decline may ask for.
pub(super) const RETRY_AFTER_MIN: Millis = Millis::from_s(1);
pub(super) const RETRY_AFTER_MAX: Millis = Millis::from_s(3_600);
/// A channel rests so long after the first strike.
pub(super) const STRIKE_COOLDOWN: Millis = Millis::from_s(30);
/// A desktop that did not confirm an offer is left alone for so long.
pub(super) const UNDELIVERED_COOLDOWN: Millis = Millis::from_s(5);

/// What an offer that an agent speaks of has come to.
#[derive(Clone, Copy)]
enum Offered {
    Live {
        slot: u32,
    },
    /// To help another agent.
    ToHelp {
        slot: u32,
    },
    /// The agent has what was offered.
    Accepted,
}

impl Engine {
    pub(super) fn make_offer(
        &mut self,
        slot: u32,
        agent: AgentKey,
        looking: Looking,
        now: Timestamp,
    ) {
        if self.contact_at(slot).is_to_be_dialled() {
            return self.dial(slot, agent, now);
        }
        if self.choices.has_time(now) {
            let choice = self.choice(slot, agent, looking, now);
            self.choices.keep(slot, choice);
        }
        self.offer_to(slot, agent, now, None);
    }

    /// Past the line, because a supervisor wants it so.
    pub(super) fn offer_by(&mut self, slot: u32, agent: AgentKey, now: Timestamp, by: Text) {
        if self.choices.has_time(now) {
            let choice = Choice {
                how: How::Assigned { by: by.clone() },
                ..self.choice(slot, agent, Looking::Supervisor, now)
            };
            self.choices.keep(slot, choice);
        }
        self.offer_to(slot, agent, now, Some(by));
    }

    /// `by` the supervisor who wants it so; none when the engine chose.
    fn offer_to(&mut self, slot: u32, agent: AgentKey, now: Timestamp, by: Option<Text>) {
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue;
        let timing = self.rules[queue.index()].options.offer;
        let offer = OfferId {
            contact: contact.id,
            number: contact.offers + 1,
        };
        let event = Event::OfferMade {
            offer,
            agent,
            queue,
            deliver_by: now + timing.undelivered_after,
            answer_within: timing.answer_within,
            by,
        };
        self.emit(now, event);
    }

    /// What this offer is to the agent.
    fn offered(&self, agent: AgentKey, id: OfferId) -> Result<Offered, Refusal> {
        let slot = self.slot(id.contact).map_err(|_| Refusal::StaleOffer)?;
        let contact = self.contact_at(slot);
        if let Stage::Offered(offer) = &contact.stage {
            let is_it = offer.agent == agent && offer.number == id.number;
            return if is_it {
                Ok(Offered::Live { slot })
            } else {
                Err(Refusal::StaleOffer)
            };
        }
        let service = contact.service().ok_or(Refusal::StaleOffer)?;
        if service.agent == agent && service.offer_number == id.number {
            return Ok(Offered::Accepted);
        }
        match &service.consult {
            Some(consult) if consult.agent == agent && consult.number == id.number => {
                Ok(match consult.stage {
                    Consulting::Offered { .. } => Offered::ToHelp { slot },
                    Consulting::Joined | Consulting::Conference => Offered::Accepted,
                })
            }
            Some(_) | None => Err(Refusal::StaleOffer),
        }
    }

    pub(super) fn deliver(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: OfferId,
    ) -> Result<Done, Refusal> {
        match self.offered(agent, id)? {
            Offered::Accepted => {}
            Offered::ToHelp { slot } => self.deliver_consult(slot, id, now),
            Offered::Live { slot } => {
                let Stage::Offered(offer) = &self.contact_at(slot).stage else {
                    unreachable!("a live offer is one");
                };
                if !offer.delivered {
                    let answer_by = now + offer.answer_within;
                    let offer = id;
                    self.emit(now, Event::OfferDelivered { offer, answer_by });
                }
            }
        }
        Ok(Done::Nothing)
    }

    /// The first accept wins: a second is too late, also of the same agent, unless a new
    /// session repeats what it has not heard the answer to.
    pub(super) fn accept(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: OfferId,
    ) -> Result<Done, Refusal> {
        let done = Done::Contact {
            contact: id.contact,
            fresh: true,
        };
        let slot = match self.offered(agent, id)? {
            Offered::Accepted if self.has_come_back_to(id.contact, agent) => return Ok(done),
            Offered::Accepted => return Err(Refusal::StaleOffer),
            Offered::ToHelp { slot } => {
                self.accept_consult(slot, id, now);
                return Ok(done);
            }
            Offered::Live { slot } => slot,
        };
        let (labels, waited, within_target) = self.answered(slot, now);
        let event = Event::OfferAccepted {
            offer: id,
            agent,
            labels,
            waited,
            within_target,
            foreseen: self.foretold(slot, now),
        };
        self.emit(now, event);
        self.catch_up(slot, agent, now);
        self.clear_strikes(now, agent, labels.channel);
        self.interrupt_for(slot, agent, now);
        self.serve(agent, now);
        Ok(done)
    }

    /// Labels, waited and whether the promise was kept, at the answer.
    pub(super) fn answered(
        &self,
        slot: u32,
        now: Timestamp,
    ) -> (crate::engine::event::Labels, Millis, bool) {
        let contact = self.contact_at(slot);
        let waited = now - contact.first_queued_at;
        let rules = &self.rules[contact.labels.queue.index()];
        let promised = rules.promised(contact.first_queued_at);
        (contact.labels, waited, now <= promised)
    }

    pub(super) fn decline(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: OfferId,
        reason: Option<Text>,
        retry_after: Option<Millis>,
    ) -> Result<Done, Refusal> {
        let slot = match self.offered(agent, id)? {
            Offered::Accepted => return Err(Refusal::StaleOffer),
            Offered::ToHelp { slot } => {
                self.decline_consult(slot, reason, now);
                return Ok(Done::Nothing);
            }
            Offered::Live { slot } => slot,
        };
        let cooling = match retry_after {
            Some(asked) => Cooling {
                until: now + asked.clamp(RETRY_AFTER_MIN, RETRY_AFTER_MAX),
                lift_at: None,
                times: self.refusals(slot, agent),
            },
            None => self.cooling(slot, agent, now),
        };
        self.end_offer(slot, now, OfferEnd::Declined { reason }, Some(cooling));
        self.enter_line(slot, now);
        self.serve(agent, now);
        Ok(Done::Nothing)
    }

    /// The deadline of a live offer has come.
    pub(super) fn offer_is_over(&mut self, slot: u32, now: Timestamp) {
        let Stage::Offered(offer) = self.contact_at(slot).stage else {
            unreachable!("the deadline of an offer is armed only while it lives");
        };
        let channel = self.contact_at(slot).labels.channel;
        if offer.delivered {
            let cooling = self.cooling(slot, offer.agent, now);
            self.end_offer(slot, now, OfferEnd::Expired, Some(cooling));
            self.strike(now, offer.agent, channel);
        } else {
            let cooling = Cooling {
                until: now + COOLDOWN_MIN,
                lift_at: None,
                times: self.refusals(slot, offer.agent),
            };
            self.end_offer(slot, now, OfferEnd::Undelivered, Some(cooling));
            self.rest(now, offer.agent);
        }
        self.enter_line(slot, now);
        self.serve(offer.agent, now);
    }

    /// A supervisor takes a live offer back: meant for somebody else.
    pub(super) fn take_from(&mut self, slot: u32, agent: AgentKey, now: Timestamp, by: Text) {
        let cooling = Cooling {
            until: now + COOLDOWN,
            lift_at: None,
            times: self.refusals(slot, agent),
        };
        let how = OfferEnd::Withdrawn(Withdrawal::Supervisor);
        self.end_offer_by(slot, now, how, Some(cooling), Some(by));
    }

    /// Takes a live offer back; the contact then stands nowhere.
    pub(super) fn withdraw(&mut self, slot: u32, now: Timestamp, why: Withdrawal) {
        self.end_offer(slot, now, OfferEnd::Withdrawn(why), None);
    }

    fn end_offer(&mut self, slot: u32, now: Timestamp, how: OfferEnd, cooldown: Option<Cooling>) {
        self.end_offer_by(slot, now, how, cooldown, None);
    }

    fn end_offer_by(
        &mut self,
        slot: u32,
        now: Timestamp,
        how: OfferEnd,
        cooldown: Option<Cooling>,
        by: Option<Text>,
    ) {
        let contact = self.contact_at(slot);
        let Stage::Offered(offer) = contact.stage else {
            unreachable!("only a live offer ends");
        };
        let event = Event::OfferEnded {
            offer: contact.offer_id(&offer),
            agent: offer.agent,
            queue: contact.labels.queue,
            how,
            cooldown,
            by,
        };
        self.emit(now, event);
    }

    /// The pair's next cooldown. It may be lifted early, once half of the
    /// target has passed, if nobody else could take the contact.
    fn cooling(&self, slot: u32, agent: AgentKey, now: Timestamp) -> Cooling {
        let contact = self.contact_at(slot);
        let times = self.refusals(slot, agent);
        let span = Millis((COOLDOWN.0 << times.min(8)).min(COOLDOWN_MAX.0));
        let rules = &self.rules[contact.labels.queue.index()];
        let half = rules.options.target.answer_within.percent(50);
        let half_way = rules.after(contact.first_queued_at, half);
        let lift_at = half_way.max(now + COOLDOWN_MIN);
        Cooling {
            until: now + span,
            lift_at: Some(lift_at).filter(|lift_at| *lift_at < now + span),
            times: times + 1,
        }
    }

    /// How often this agent has refused this contact so far.
    pub(super) fn refusals(&self, slot: u32, agent: AgentKey) -> u32 {
        let cooldowns = &self.contact_at(slot).cooldowns;
        let known = cooldowns.iter().find(|cooldown| cooldown.agent == agent);
        known.map_or(0, |cooldown| cooldown.times)
    }

    /// Lifts a cooldown if nobody else could take the contact.
    pub(super) fn lift_cooldown(&mut self, slot: u32, agent: AgentKey, now: Timestamp) {
        let contact = self.contact_at(slot).id;
        if self.somebody_else_could(slot) {
            self.emit(now, Event::CooldownKept { contact, agent });
            return;
        }
        self.emit(now, Event::CooldownLifted { contact, agent });
        if self.agent_at(agent).is_staffed() {
            self.serve(agent, now);
        }
    }

    /// Whether an agent who is staffed and not cooling down may take it.
    fn somebody_else_could(&mut self, slot: u32) -> bool {
        let line = self.line_of(slot);
        let need = self.needs.get(line);
        let staffed: u32 = need
            .eligible
            .iter()
            .map(|eligible| self.pool.group(eligible.group).staffed)
            .sum();
        let contact = self.contact_at(slot);
        let cooling = contact
            .cooldowns
            .iter()
            .filter(|cooldown| cooldown.is_running() && self.agent_at(cooldown.agent).is_staffed())
            .filter(|cooldown| {
                let group = self.pool.group_of(cooldown.agent);
                group.is_some_and(|group| need.eligible(group).is_some())
            })
            .count();
        self.needs.release(line);
        staffed as usize > cooling
    }

    /// By degrees: first the channel rests, then it is suspended until the
    /// agent says `ready` again, then the agent is no longer ready.
    pub(super) fn strike(&mut self, now: Timestamp, agent: AgentKey, channel: Channel) {
        let held = self.agent_at(agent);
        let recent = now - held.last_strike_at <= STRIKES_WITHIN;
        let strikes = if recent { held.strikes + 1 } else { 1 };
        let health = if strikes == 1 {
            Health::CoolingDown {
                until: now + STRIKE_COOLDOWN,
                undelivered: false,
            }
        } else {
            Health::Suspended
        };
        self.emit(
            now,
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                strikes,
            },
        );
        if strikes >= 3 {
            let intent = Intent::NotReady {
                reason: Text::from("no_answer"),
            };
            self.intend(now, agent, intent, Text::from("system"));
        }
    }

    /// A desktop that does not confirm is left alone for a moment: no strike.
    pub(super) fn rest(&mut self, now: Timestamp, agent: AgentKey) {
        let strikes = self.agent_at(agent).strikes;
        for channel in Channel::ALL {
            if self.agent_at(agent).is_healthy(channel) {
                let health = Health::CoolingDown {
                    until: now + UNDELIVERED_COOLDOWN,
                    undelivered: true,
                };
                self.emit(
                    now,
                    Event::AgentHealthChanged {
                        agent,
                        channel,
                        health,
                        strikes,
                    },
                );
            }
        }
    }

    /// Any accept clears the strikes and trusts the channel again.
    pub(super) fn clear_strikes(&mut self, now: Timestamp, agent: AgentKey, channel: Channel) {
        let held = self.agent_at(agent);
        if held.strikes > 0 || !held.is_healthy(channel) {
            let health = Health::Ok;
            self.emit(
                now,
                Event::AgentHealthChanged {
                    agent,
                    channel,
                    health,
                    strikes: 0,
                },
            );
        }
    }

    /// A channel has rested.
    pub(super) fn recover(&mut self, now: Timestamp, agent: AgentKey, channel: Channel) {
        let strikes = self.agent_at(agent).strikes;
        let health = Health::Ok;
        self.emit(
            now,
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                strikes,
            },
        );
        self.serve(agent, now);
    }
}

/// The offers that are open to an agent, by contact.
pub(super) fn open_offers(engine: &Engine, agent: AgentKey) -> Vec<u32> {
    let is_offer = |contact: &Contact| matches!(contact.stage, Stage::Offered(_));
    let held = &engine.agent_at(agent).load.held;
    held.iter()
        .copied()
        .filter(|slot| is_offer(engine.contact_at(*slot)))
        .collect()
}
