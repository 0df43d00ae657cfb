//! The life of an offer: made, delivered, accepted, or ended otherwise.
//!
//! The cooldown of the pair is computed in `cooldown`; the effect of unanswered offers on the agent
//! is in `health`.

use crate::domain::{Millis, OfferId, Text, Timestamp};
use crate::engine::choosing::choice::{Basis, Choice};
use crate::engine::choosing::shortlist::Looking;
use crate::engine::event::{Cooling, Event, OfferEnd, OfferEvent, Withdrawal};
use crate::engine::lifecycle::cooldown::COOLDOWN;
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::{Consulting, Contact, Offer, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;
use crate::engine::{Done, Engine};

/// The state of an offer that an agent refers to.
#[derive(Clone, Copy)]
enum Offered {
    Live {
        slot: Slot,
        offer: Offer,
    },
    /// An offer to help another agent.
    ToHelp {
        slot: Slot,
    },
    /// The agent already has the contact.
    Accepted,
}

/// How an offer ends that was not accepted.
struct OfferEnding {
    how: OfferEnd,
    cooldown: Option<Cooling>,
    /// The supervisor on whose behalf it ends.
    by: Option<Text>,
}

impl OfferEnding {
    const fn cooled(how: OfferEnd, cooling: Cooling) -> Self {
        Self {
            how,
            cooldown: Some(cooling),
            by: None,
        }
    }

    const fn withdrawn(why: Withdrawal) -> Self {
        Self {
            how: OfferEnd::Withdrawn(why),
            cooldown: None,
            by: None,
        }
    }
}

impl Engine {
    pub(in crate::engine) fn make_offer(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        looking: Looking,
        now: Timestamp,
    ) {
        if self.contact_at(slot).is_to_be_dialled() {
            return self.dial(slot, agent, now);
        }
        self.keep_choice(slot, agent, looking, now);
        self.offer_to(slot, agent, now, None);
    }

    /// Offers it to one more agent, while it is offered to others.
    pub(in crate::engine) fn offer_beside(&mut self, slot: Slot, agent: AgentKey, now: Timestamp) {
        self.keep_choice(slot, agent, Looking::Contact, now);
        self.offer_to(slot, agent, now, None);
    }

    fn keep_choice(&mut self, slot: Slot, agent: AgentKey, looking: Looking, now: Timestamp) {
        if self.choices.has_time(now) {
            let choice = self.choice(slot, agent, looking, now);
            self.choices.keep(slot, choice);
        }
    }

    /// Past the line, on behalf of a supervisor.
    pub(in crate::engine) fn offer_by(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        now: Timestamp,
        by: Text,
    ) {
        if self.choices.has_time(now) {
            let choice = Choice {
                how: Basis::Assigned { by: by.clone() },
                ..self.choice(slot, agent, Looking::Supervisor, now)
            };
            self.choices.keep(slot, choice);
        }
        self.offer_to(slot, agent, now, Some(by));
    }

    /// `by` is the supervisor who assigned it; none if the engine chose.
    fn offer_to(&mut self, slot: Slot, agent: AgentKey, now: Timestamp, by: Option<Text>) {
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue;
        let timing = self.rules[queue.index()].options.offer;
        let offer = OfferId {
            contact: contact.id,
            number: contact.newest_offer + 1,
        };
        let event = OfferEvent::Made {
            agent,
            queue,
            deliver_by: now + timing.undelivered_after,
            answer_within: timing.answer_within,
            by,
        };
        self.emit(now, Event::Offer(offer, event));
    }

    /// The state of this offer for the agent.
    fn offered(&self, agent: AgentKey, id: OfferId) -> Result<Offered, Refusal> {
        let slot = self.slot(id.contact).map_err(|_| Refusal::StaleOffer)?;
        let contact = self.contact_at(slot);
        if matches!(contact.stage, Stage::Offered { .. }) {
            let live = contact.offer_to(agent);
            let offer = live.filter(|offer| offer.number == id.number);
            let offer = *offer.ok_or(Refusal::StaleOffer)?;
            return Ok(Offered::Live { slot, offer });
        }
        let service = contact.service().ok_or(Refusal::StaleOffer)?;
        if service.agent == agent && service.offer_number == id.number {
            return Ok(Offered::Accepted);
        }
        match &service.aside.consult {
            Some(consult) if consult.agent == agent && consult.number == id.number => {
                Ok(match consult.stage {
                    Consulting::Offered { .. } => Offered::ToHelp { slot },
                    Consulting::Joined | Consulting::Conference => Offered::Accepted,
                })
            }
            Some(_) | None => Err(Refusal::StaleOffer),
        }
    }

    pub(in crate::engine) fn deliver(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: OfferId,
    ) -> Result<Done, Refusal> {
        match self.offered(agent, id)? {
            Offered::Accepted => {}
            Offered::ToHelp { slot } => self.deliver_consult(slot, id, now),
            Offered::Live { offer, .. } => {
                if !offer.delivered {
                    let answer_by = now + offer.answer_within;
                    self.emit(now, Event::Offer(id, OfferEvent::Delivered { answer_by }));
                }
            }
        }
        Ok(Done::Nothing)
    }

    /// The first accept wins: a second one is too late, even from the same agent, unless a new
    /// session repeats a command whose reply was lost.
    pub(in crate::engine) fn accept(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: OfferId,
    ) -> Result<Done, Refusal> {
        let done = Done::contact(id.contact);
        let slot = match self.offered(agent, id)? {
            Offered::Accepted if self.has_come_back_to(id.contact, agent) => return Ok(done),
            Offered::Accepted => return Err(Refusal::StaleOffer),
            Offered::ToHelp { slot } => {
                self.accept_consult(slot, id, now);
                return Ok(done);
            }
            Offered::Live { slot, .. } => slot,
        };
        let others = self.take_from_others(slot, agent, now);
        let (labels, waited, within_target) = self.answered(slot, now);
        let event = OfferEvent::Accepted {
            agent,
            labels,
            waited,
            within_target,
            foreseen: self.foretold(slot, now),
        };
        self.emit(now, Event::Offer(id, event));
        self.catch_up(slot, agent, now);
        self.clear_strikes(now, agent, labels.channel);
        self.interrupt_for(slot, agent, now);
        for agent in [agent].into_iter().chain(others) {
            self.serve(agent, now);
        }
        Ok(done)
    }

    /// Labels, wait, and whether the target was met, on acceptance.
    pub(in crate::engine) fn answered(
        &self,
        slot: Slot,
        now: Timestamp,
    ) -> (crate::engine::event::Labels, Millis, bool) {
        let contact = self.contact_at(slot);
        let waited = contact.age(now);
        (contact.labels, waited, now <= self.promised(contact))
    }

    pub(in crate::engine) fn decline(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: OfferId,
        reason: Option<Text>,
        retry_after: Option<Millis>,
    ) -> Result<Done, Refusal> {
        let (slot, offer) = match self.offered(agent, id)? {
            Offered::Accepted => return Err(Refusal::StaleOffer),
            Offered::ToHelp { slot } => {
                let cooling = self.declined(slot, agent, retry_after, now);
                self.decline_consult(slot, reason, cooling, now);
                return Ok(Done::Nothing);
            }
            Offered::Live { slot, offer } => (slot, offer),
        };
        let cooling = self.declined(slot, agent, retry_after, now);
        let ending = OfferEnding::cooled(OfferEnd::Declined { reason }, cooling);
        self.end_offer(slot, offer, now, ending);
        self.enter_line(slot, now);
        self.serve(agent, now);
        Ok(Done::Nothing)
    }

    /// The deadline of a live offer has passed.
    pub(in crate::engine) fn offer_is_over(&mut self, slot: Slot, now: Timestamp) {
        let channel = self.contact_at(slot).labels.channel;
        let over = self.end_all_unanswered(slot, now);
        let mut unanswered = Some(slot).filter(|slot| !self.is_offered_to_someone(*slot));
        let mut has_gone_on = false;
        for offer in over.iter().filter(|offer| offer.delivered) {
            if self.strike(now, offer.agent, channel, unanswered) {
                has_gone_on |= unanswered.take().is_some();
            }
        }
        if !has_gone_on {
            self.enter_line(slot, now);
        }
        for offer in over {
            self.wait_no_more_for_suspended(offer.agent, now);
            self.serve(offer.agent, now);
        }
    }

    /// Ends and returns the offers of a contact whose deadlines have passed.
    pub(in crate::engine) fn end_all_unanswered(
        &mut self,
        slot: Slot,
        now: Timestamp,
    ) -> Vec<Offer> {
        let live = self.contact_at(slot).live_offers();
        let over = live.filter(|offer| offer.until <= now).copied();
        let over: Vec<Offer> = over.collect();
        for offer in &over {
            self.end_unanswered(slot, *offer, now);
        }
        over
    }

    fn end_unanswered(&mut self, slot: Slot, offer: Offer, now: Timestamp) {
        let cooling = self.unanswered(slot, offer.agent, offer.delivered, now);
        if offer.delivered {
            let ending = OfferEnding::cooled(OfferEnd::Expired, cooling);
            self.end_offer(slot, offer, now, ending);
        } else {
            let ending = OfferEnding::cooled(OfferEnd::Undelivered, cooling);
            self.end_offer(slot, offer, now, ending);
            self.rest(now, offer.agent);
        }
    }

    /// A supervisor takes live offers back to assign the contact elsewhere. Returns their agents.
    pub(in crate::engine) fn take_back(
        &mut self,
        slot: Slot,
        now: Timestamp,
        by: &Text,
    ) -> Vec<AgentKey> {
        let live: Vec<Offer> = self.contact_at(slot).live_offers().copied().collect();
        for offer in &live {
            let cooling = Cooling {
                until: now + COOLDOWN,
                lift_at: None,
                times: self.refusals(slot, offer.agent),
            };
            let ending = OfferEnding {
                how: OfferEnd::Withdrawn(Withdrawal::Supervisor),
                cooldown: Some(cooling),
                by: Some(by.clone()),
            };
            self.end_offer(slot, *offer, now, ending);
        }
        live.iter().map(|offer| offer.agent).collect()
    }

    /// Takes back every live offer; the contact is then moving.
    pub(in crate::engine) fn withdraw(&mut self, slot: Slot, now: Timestamp, why: Withdrawal) {
        let live: Vec<Offer> = self.contact_at(slot).live_offers().copied().collect();
        for offer in live {
            self.end_offer(slot, offer, now, OfferEnding::withdrawn(why));
        }
    }

    /// Takes back one agent's offer; the contact is then moving, unless it is also offered to
    /// others.
    pub(in crate::engine) fn withdraw_from(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        now: Timestamp,
        why: Withdrawal,
    ) {
        if let Some(offer) = self.contact_at(slot).offer_to(agent).copied() {
            self.end_offer(slot, offer, now, OfferEnding::withdrawn(why));
        }
    }

    fn end_offer(&mut self, slot: Slot, offer: Offer, now: Timestamp, ending: OfferEnding) {
        let contact = self.contact_at(slot);
        let event = OfferEvent::Ended {
            agent: offer.agent,
            queue: contact.labels.queue,
            how: ending.how,
            cooldown: ending.cooldown,
            by: ending.by,
        };
        self.emit(now, Event::Offer(contact.offer_id(&offer), event));
    }
}

/// The contacts of which an agent has an open offer.
pub(in crate::engine) fn open_offers(engine: &Engine, agent: AgentKey) -> Vec<Slot> {
    let is_offer = |contact: &Contact| matches!(contact.stage, Stage::Offered { .. });
    let held = &engine.agent_at(agent).load.held;
    held.iter()
        .copied()
        .filter(|slot| is_offer(engine.contact_at(*slot)))
        .collect()
}
