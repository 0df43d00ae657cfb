//! Reads a recorded day from the events of a journal, in their order.
//!
//! A fold that keeps its own books: who stands in line since when, what each agent has in
//! hand. Contacts that were under way when the events begin are left out, as nobody knows
//! what they had been through.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{ContactId, Millis, Name, OfferId, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::agent::{Intent, Session};
use crate::engine::command::CUSTOMER_LEFT;
use crate::engine::contact::Final;
use crate::engine::event::{Cooling, Event, Labels, OfferEnd, Recorded, Return};
use crate::engine::options::Options;
use crate::engine::registry::{AgentKey, QueueKey, Registry};
use crate::sim::crowd::{Gauges, News};
use crate::sim::day::Outcome;
use crate::sim::promise::Promise;
use crate::sim::recorded::hand::{Hand, median};
use crate::sim::recorded::patience::by_channel;
use crate::sim::recorded::{
    Did, End, Fate, Leaving, Leg, Matter, Paces, Reaction, RecordedAgent, RecordedDay,
    RecordedDeed, RecordedWait, Service, crowd,
};

mod line;

const SAMPLED_EVERY: Millis = Millis::from_s(60);

/// A journal that is being read.
#[derive(Default)]
pub struct Recording {
    registry: Registry,
    options: Option<Arc<Options>>,
    promises: BTreeMap<Name, Promise>,
    hands: Vec<Hand>,
    matters: Vec<Matter>,
    under_way: usize,
    open: BTreeMap<ContactId, Open>,
    begins_at: Option<Timestamp>,
    ends_at: Timestamp,
    sampled_at: Timestamp,
    samples: Vec<(Timestamp, Gauges)>,
    waits: Vec<RecordedWait>,
    deeds: Vec<RecordedDeed>,
    /// Matters that were set aside, once or more often.
    parked: BTreeSet<usize>,
}

/// A contact that is not closed.
struct Open {
    matter: usize,
    in_line_since: Timestamp,
    waits: bool,
    /// Does not stand in line yet.
    is_put_off: bool,
    /// Its age counts from before it stood in line.
    is_aged: bool,
    /// Its live offers.
    offered: BTreeMap<u32, Asked>,
    /// How often each agent has refused it.
    refused: BTreeMap<AgentKey, u32>,
    serves: Option<AgentKey>,
    wrapping: Option<(Timestamp, Text)>,
    /// Has just been handed on: its next queue is not known yet.
    is_settling: bool,
}

/// An agent who is offered a contact, and has not answered.
struct Asked {
    agent: AgentKey,
    at: Timestamp,
    /// The number of the reaction, among those of its leg.
    number: usize,
}

impl Recording {
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from what a snapshot knows.
    pub fn after(engine: &Engine) -> Self {
        let mut recording = Self {
            registry: engine.registry().clone(),
            options: engine.options().cloned(),
            under_way: under_way(engine),
            ..Self::default()
        };
        recording.promises = recording
            .options
            .as_deref()
            .map(line::promises)
            .unwrap_or_default();
        recording.make_room();
        for agent in engine.agents() {
            if let Some(key) = recording.registry.agents.key(agent.id.as_str()) {
                let hand = &mut recording.hands[key.index()];
                hand.connected = matches!(agent.session, Session::Connected { .. });
                hand.ready = agent.intent == Intent::Ready;
                hand.stand(engine.last_at());
            }
        }
        recording.begin(engine.last_at());
        recording
    }

    fn begin(&mut self, at: Timestamp) {
        if self.begins_at.is_none() {
            self.begins_at = Some(at);
            self.sampled_at = at;
        }
    }

    fn make_room(&mut self) {
        let agents = self.registry.agents.all().len();
        self.hands.resize_with(agents, Hand::default);
    }

    /// Takes the next event.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all others are about one contact"
    )]
    pub fn take(&mut self, recorded: Recorded) {
        let at = recorded.at;
        self.begin(at);
        self.sample(at);
        self.ends_at = at;
        match recorded.event {
            Event::Configured { options } => {
                self.registry.learn(&options);
                self.promises = line::promises(&options);
                self.options = Some(options);
                self.make_room();
            }
            Event::AgentConnected { agent, .. } => self.session(agent, true, at),
            Event::AgentLost { agent, .. } | Event::AgentGone { agent } => {
                self.session(agent, false, at);
            }
            Event::AgentIntended { agent, intent, .. } => {
                let hand = &mut self.hands[agent.index()];
                hand.ready = intent == Intent::Ready;
                hand.stand(at);
            }
            Event::QueuePaused { queue, .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Paused { queue });
            }
            Event::QueueResumed { queue, .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Resumed { queue });
            }
            event => self.about_contact(at, event),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a recorded day is made of few things: what was decided is decided anew"
    )]
    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn about_contact(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::ContactArrived {
                contact,
                intake,
                recognition,
                labels,
                first_queued_at,
                ..
            } => {
                let leg = self.leg(first_queued_at, labels.queue);
                self.open.insert(
                    contact,
                    Open {
                        matter: self.matters.len(),
                        in_line_since: first_queued_at,
                        waits: true,
                        is_put_off: false,
                        is_aged: false,
                        offered: BTreeMap::new(),
                        refused: BTreeMap::new(),
                        serves: None,
                        wrapping: None,
                        is_settling: false,
                    },
                );
                self.matters.push(Matter {
                    arrived_at: at,
                    first_queued_at,
                    intake,
                    recognition,
                    news: Vec::new(),
                    tier: labels.tier.index(),
                    legs: vec![leg],
                });
            }
            Event::ContactMoved {
                contact, labels, ..
            } => {
                self.settle(contact, labels.queue);
                self.is_promised(contact, labels.queue);
            }
            Event::ContactScheduled { contact, until } => self.is_put_off(contact, until),
            Event::ContactQueued { contact, queue, .. } => {
                self.comes_in(contact);
                self.settle(contact, queue);
                if let Some(open) = self.open.get_mut(&contact) {
                    open.is_settling = false;
                }
            }
            Event::ContactRecognised {
                contact,
                recognition,
                tier,
                ..
            } => {
                let news = News::Recognised((*recognition).clone());
                self.hear(contact, at, news);
                if let Some(matter) = self.matter(contact) {
                    matter.tier = tier.index();
                }
            }
            Event::ContactUpdated {
                contact, change, ..
            } => self.hear(contact, at, News::Changed(change)),
            Event::CallbackRequested { contact, phone, .. } => {
                self.hear(contact, at, News::Callback { phone });
            }
            Event::OfferMade { offer, agent, .. } => {
                self.comes_in(offer.contact);
                self.is_offered(offer, agent, at);
            }
            Event::OfferEnded {
                offer,
                how,
                cooldown,
                ..
            } => self.offer_ended(offer, &how, cooldown, at),
            Event::OfferAccepted {
                offer,
                agent,
                labels,
                within_target,
                ..
            } => {
                self.reacts(offer, at, |after| Reaction::Accepts { after });
                self.is_promised(offer.contact, labels.queue);
                self.is_taken(offer.contact, agent, within_target, at);
            }
            Event::ContactPulled {
                contact,
                agent,
                labels,
                within_target,
                ..
            } => {
                let queue = self.queue(labels.queue);
                let agent_index = agent.index();
                self.did(
                    at,
                    Did::Called {
                        agent: agent_index,
                        queue,
                    },
                );
                self.is_promised(contact, labels.queue);
                self.is_taken(contact, agent, within_target, at);
            }
            Event::ContactReturned {
                contact,
                why,
                labels,
                ..
            } => self.is_returned(contact, &why, labels, at),
            Event::ContactParked { contact, .. } => {
                self.stop_work(contact, at);
                self.parked
                    .extend(self.open.get(&contact).map(|open| open.matter));
            }
            Event::ContactUnparked { contact, agent, .. } => {
                self.hands[agent.index()].take(contact, at);
            }
            Event::WrapUpStarted {
                contact,
                agent,
                outcome,
                ..
            } => {
                self.stop_work(contact, at);
                self.hands[agent.index()].wrapping.push(contact);
                if let Some(open) = self.open.get_mut(&contact) {
                    open.wrapping = Some((at, outcome));
                }
            }
            Event::ContactClosed {
                contact,
                how,
                outcome,
                ..
            } => self.is_closed(contact, how, outcome, at),
            _ => {}
        }
    }

    fn queue(&self, queue: QueueKey) -> Name {
        self.registry.queues.name(queue).clone()
    }

    fn did(&mut self, at: Timestamp, what: Did) {
        self.deeds.push(RecordedDeed { at, what });
    }

    fn session(&mut self, agent: AgentKey, connected: bool, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.connected = connected;
        hand.stand(at);
    }

    fn leg(&self, queued_at: Timestamp, queue: QueueKey) -> Leg {
        let queue = self.queue(queue);
        Leg {
            queued_at,
            promise: self.promise(&queue),
            queue,
            reactions: Vec::new(),
            fate: Fate::Open,
        }
    }

    fn matter(&mut self, contact: ContactId) -> Option<&mut Matter> {
        let open = self.open.get(&contact)?;
        self.matters.get_mut(open.matter)
    }

    fn last_leg(&mut self, contact: ContactId) -> Option<&mut Leg> {
        self.matter(contact)?.legs.last_mut()
    }

    fn hear(&mut self, contact: ContactId, at: Timestamp, news: News) {
        if let Some(matter) = self.matter(contact) {
            matter.news.push((at, news));
        }
    }

    fn is_offered(&mut self, offer: OfferId, agent: AgentKey, at: Timestamp) {
        let leg = self.last_leg(offer.contact);
        let Some(leg) = leg.filter(|leg| leg.fate == Fate::Open) else {
            return;
        };
        let number = leg.reactions.len();
        let later_than = Millis::ZERO;
        leg.reactions.push(Reaction::Unknown { later_than });
        if let Some(open) = self.open.get_mut(&offer.contact) {
            open.offered
                .insert(offer.number, Asked { agent, at, number });
        }
    }

    fn offer_ended(
        &mut self,
        offer: OfferId,
        how: &OfferEnd,
        cooldown: Option<Cooling>,
        at: Timestamp,
    ) {
        let retry_after = cooldown.and_then(|cooldown| self.asked_for(offer, cooldown, at));
        self.reacts(offer, at, |after| match how {
            OfferEnd::Declined { .. } => Reaction::Declines { after, retry_after },
            OfferEnd::Expired => Reaction::Ignores,
            OfferEnd::Undelivered => Reaction::Unseen,
            OfferEnd::Withdrawn(_) => Reaction::Unknown { later_than: after },
        });
    }

    /// For how long the agent has asked to be left alone: that is no refusal more, and is not
    /// cut short.
    fn asked_for(&mut self, offer: OfferId, cooldown: Cooling, at: Timestamp) -> Option<Millis> {
        let open = self.open.get_mut(&offer.contact)?;
        let agent = open.offered.get(&offer.number)?.agent;
        let before = open.refused.insert(agent, cooldown.times).unwrap_or(0);
        let asked = cooldown.times == before && cooldown.lift_at.is_none();
        asked.then(|| cooldown.until - at)
    }

    fn reacts(&mut self, offer: OfferId, at: Timestamp, reaction: impl FnOnce(Millis) -> Reaction) {
        let open = self.open.get_mut(&offer.contact);
        let Some(asked) = open.and_then(|open| open.offered.remove(&offer.number)) else {
            return;
        };
        let reaction = reaction(at - asked.at);
        if let Reaction::Accepts { after } = reaction {
            self.hands[asked.agent.index()].accepted_after.push(after);
        }
        if let Some(leg) = self.last_leg(offer.contact)
            && leg.fate == Fate::Open
            && let Some(known) = leg.reactions.get_mut(asked.number)
        {
            *known = reaction;
        }
    }

    fn is_taken(&mut self, contact: ContactId, agent: AgentKey, in_time: bool, at: Timestamp) {
        self.hands[agent.index()].take(contact, at);
        self.comes_in(contact);
        self.wait_is_over(contact, Outcome::Answered, in_time, at);
        let Some(open) = self.open.get_mut(&contact) else {
            return;
        };
        open.serves = Some(agent);
        let Some(leg) = self.last_leg(contact) else {
            return;
        };
        match &mut leg.fate {
            // Somebody goes on with what another agent had begun.
            Fate::Served(service) => service.agent = agent.index(),
            Fate::Open | Fate::Left { .. } => {
                leg.fate = Fate::Served(Service {
                    agent: agent.index(),
                    waited: at - leg.queued_at,
                    effort_ms: 0.0,
                    end: End::Open,
                });
            }
        }
    }

    /// The agent's work on a contact is over, or interrupted.
    fn stop_work(&mut self, contact: ContactId, at: Timestamp) {
        let serves = self.open.get(&contact).and_then(|open| open.serves);
        let Some(agent) = serves else {
            return;
        };
        let effort_ms = self.hands[agent.index()].put(contact, at);
        if let Some(leg) = self.last_leg(contact)
            && let Fate::Served(service) = &mut leg.fate
        {
            service.effort_ms += effort_ms;
        }
    }

    fn is_returned(&mut self, contact: ContactId, why: &Return, labels: Labels, at: Timestamp) {
        self.stop_work(contact, at);
        let keeps_age = !matches!(why, Return::TransferredAnew { .. });
        let handed_on = why.is_transfer();
        let next = self.leg(at, labels.queue);
        let Some(open) = self.open.get_mut(&contact) else {
            return;
        };
        open.serves = None;
        open.waits = true;
        open.is_aged = keeps_age;
        open.in_line_since = at;
        open.is_settling = handed_on;
        if let Some(matter) = self.matter(contact).filter(|_| handed_on) {
            if let Some(Fate::Served(service)) = matter.legs.last_mut().map(|leg| &mut leg.fate) {
                service.end = End::HandedOn { keeps_age };
            }
            matter.legs.push(next);
        }
    }

    fn is_closed(&mut self, contact: ContactId, how: Final, outcome: Option<Text>, at: Timestamp) {
        let Some(open) = self.open.get(&contact) else {
            return;
        };
        let (waited, wrapping) = (at - open.in_line_since, open.wrapping.clone());
        let (serves, is_put_off) = (open.serves, open.is_put_off);
        if wrapping.is_none() {
            self.stop_work(contact, at);
        }
        if let Some(agent) = serves {
            let wrapping = &mut self.hands[agent.index()].wrapping;
            wrapping.retain(|held| *held != contact);
        }
        let how = match how {
            Final::Deflected => Leaving::Deflected,
            Final::Abandoned | Final::Cancelled if is_put_off => Leaving::Early,
            Final::Abandoned => Leaving::GaveUp,
            Final::Completed | Final::Cancelled => Leaving::Cancelled,
        };
        match how {
            Leaving::GaveUp => self.wait_is_over(contact, Outcome::GaveUp, false, at),
            Leaving::Deflected => self.wait_is_over(contact, Outcome::Deflected, false, at),
            Leaving::Cancelled | Leaving::Early => {}
        }
        if let Some(leg) = self.last_leg(contact) {
            match &mut leg.fate {
                Fate::Served(service) => {
                    let wrap_up = wrapping.as_ref().map(|(since, _)| at - *since);
                    let outcome = wrapping.map(|(_, outcome)| outcome).or(outcome);
                    let outcome = outcome.unwrap_or_else(|| Text::from(CUSTOMER_LEFT));
                    service.end = End::Completed { outcome, wrap_up };
                }
                Fate::Open | Fate::Left { .. } => {
                    leg.fate = Fate::Left { after: waited, how };
                }
            }
        }
        self.open.remove(&contact);
    }

    fn sample(&mut self, at: Timestamp) {
        if self.sampled_at > at {
            return;
        }
        let busy = self.hands.iter().filter(|hand| hand.is_at_work());
        let gauges = Gauges {
            waiting: self.open.values().filter(|open| open.waits).count(),
            busy: busy.count(),
            on_duty: self.hands.iter().filter(|hand| hand.is_on_duty()).count(),
            in_hand: self.hands.iter().map(|hand| hand.active.len()).sum(),
        };
        while self.sampled_at <= at {
            self.samples.push((self.sampled_at, gauges));
            self.sampled_at = self.sampled_at + SAMPLED_EVERY;
        }
    }

    /// The day up to the last event; none without a configuration.
    pub fn finish(mut self) -> Option<RecordedDay> {
        let options = self.options.take()?;
        let ends_at = self.ends_at;
        let under_way: Vec<ContactId> = self.open.keys().copied().collect();
        for contact in under_way {
            if self.open[&contact].wrapping.is_none() {
                self.stop_work(contact, ends_at);
            }
        }
        let waiting = self.waiting();
        let all = self.hands.iter().flat_map(|hand| &hand.accepted_after);
        let accept_after = median(all.copied().collect()).unwrap_or(Millis::ZERO);
        let names = self.registry.agents.all().iter();
        let agents = names.zip(self.hands).map(|(name, mut hand)| {
            hand.end(ends_at);
            RecordedAgent {
                name: name.clone(),
                spans: hand.spans,
                accept_after: median(hand.accepted_after),
            }
        });
        let mut day = RecordedDay {
            begins_at: self.begins_at?,
            ends_at,
            tiers: self.registry.tiers.all().to_vec(),
            agents: agents.collect(),
            patience: by_channel(&self.matters, ends_at),
            matters: self.matters,
            under_way: self.under_way,
            parked: self.parked.len(),
            deeds: self.deeds,
            waits: self.waits,
            waiting,
            samples: self.samples,
            paces: Paces::default(),
            finished: BTreeMap::new(),
            accept_after,
            options,
        };
        crowd::learn(&mut day);
        Some(day)
    }
}

/// Contacts that are not closed: those that a reload would have to think of.
fn under_way(engine: &Engine) -> usize {
    let effects = engine
        .options()
        .map(|options| engine.foresee_reload(options));
    let open = effects
        .and_then(Result::ok)
        .map_or(0, |effects| effects.open);
    usize::try_from(open).unwrap_or(usize::MAX)
}
