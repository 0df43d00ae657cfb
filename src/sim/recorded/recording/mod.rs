//! Reads a recorded day from the events of a journal, in order.
//!
//! A fold with its own state: which contacts are in line since when, and what each agent has in
//! hand. Contacts already open at the first event are left out, since their history is unknown.

mod agents;
mod learn;
mod line;
mod offers;
mod sampling;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{ContactId, Millis, Name, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::Recorded;
use crate::engine::options::Options;
use crate::engine::state::agent::{Health, Intent, Session};
use crate::engine::state::contact::ContactState;
use crate::engine::state::registry::{AgentKey, QueueKey, Registry};
use crate::sim::crowd::{Gauges, News};
use crate::sim::promise::Promise;
use crate::sim::recorded::hand::{Hand, median};
use crate::sim::recorded::patience::by_channel;
use crate::sim::recorded::{
    Did, Fate, Leg, Matter, Paces, RecordedAgent, RecordedDay, RecordedDeed, RecordedWait, Span,
    replay,
};

/// A minute, halved five times: the initial sampling interval, for short journals.
const SAMPLED_EVERY: Millis = Millis(1_875);

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
    /// The agent of each contact in hand, including contacts that are left out.
    serves: BTreeMap<ContactId, AgentKey>,
    begins_at: Option<Timestamp>,
    ends_at: Timestamp,
    /// The last event before those of [`Self::ends_at`].
    before_that: Timestamp,
    /// Agents who lost their connection at [`Self::ends_at`].
    lost: Vec<AgentKey>,
    /// When the server was down.
    outages: Vec<Span>,
    sampled_at: Timestamp,
    sampled_every: Millis,
    samples: Vec<(Timestamp, Gauges)>,
    waits: Vec<RecordedWait>,
    deeds: Vec<RecordedDeed>,
    /// Matters that were parked at least once.
    parked: BTreeSet<usize>,
    /// Matters on which another agent was consulted.
    helped: BTreeSet<usize>,
    /// Matters whose customers were to be called before an agent.
    customer_first: BTreeSet<usize>,
    /// Matters that went back to the line because their agent was lost.
    deserted: BTreeSet<usize>,
}

/// A contact that is not closed.
struct Open {
    matter: usize,
    in_line_since: Timestamp,
    waits: bool,
    /// Scheduled, and not in line yet.
    is_put_off: bool,
    /// Its age counts from before it joined this line.
    is_aged: bool,
    /// Its open offers.
    offered: BTreeMap<u32, PendingOffer>,
    /// How often each agent has refused it.
    refused: BTreeMap<AgentKey, u32>,
    wrapping: Option<Wrapping>,
    /// Just transferred or gone back: its next queue is not known yet.
    is_settling: bool,
}

/// A contact in wrap-up.
#[derive(Clone)]
struct Wrapping {
    since: Timestamp,
    extended_at: Option<Timestamp>,
    outcome: Text,
}

/// An offer that has not been answered.
struct PendingOffer {
    agent: AgentKey,
    at: Timestamp,
    /// The index of its reaction within the leg.
    number: usize,
}

impl Recording {
    pub fn new() -> Self {
        Self::default()
    }

    /// Continues from the state of a snapshot.
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
        let begins_at = engine.last_at();
        for agent in engine.agents() {
            if let Some(key) = recording.registry.agents.key(agent.id.as_str()) {
                let hand = &mut recording.hands[key.index()];
                hand.connected = matches!(agent.session, Session::Connected { .. });
                hand.ready = agent.intent == Intent::Ready;
                hand.stand(begins_at);
                for (channel, health) in agent.health.iter() {
                    hand.is_suspended(channel, *health == Health::Suspended, begins_at);
                }
            }
        }
        recording.has_in_hand(engine, begins_at);
        for queue in engine.queues().into_iter().filter(|queue| queue.paused) {
            recording.did(begins_at, Did::Paused { queue: queue.id });
        }
        recording.begin(begins_at);
        recording.ends_at = begins_at;
        recording
    }

    /// What agents have in hand and in wrap-up at the beginning takes their attention, although its
    /// history is unknown.
    fn has_in_hand(&mut self, engine: &Engine, at: Timestamp) {
        for agent in engine.agents() {
            let Some(key) = self.registry.agents.key(agent.id.as_str()) else {
                continue;
            };
            for contact in agent.contacts {
                let view = engine.contact(contact);
                let Some(view) = view.filter(|view| view.agent.as_ref() == Some(&agent.id)) else {
                    continue;
                };
                match view.state {
                    ContactState::Active => {
                        self.serve(contact, key, at);
                        let hand = &mut self.hands[key.index()];
                        hand.is_interrupted(contact, view.is_interrupted, at);
                    }
                    ContactState::WrapUp => self.hands[key.index()].wrapping.push(contact),
                    ContactState::Moving
                    | ContactState::Scheduled
                    | ContactState::Queued
                    | ContactState::Offered
                    | ContactState::Parked
                    | ContactState::Closed(_) => {}
                }
            }
        }
    }

    fn begin(&mut self, at: Timestamp) {
        if self.begins_at.is_none() {
            self.begins_at = Some(at);
            self.sampled_at = at;
            self.sampled_every = SAMPLED_EVERY;
        }
    }

    fn make_room(&mut self) {
        let agents = self.registry.agents.all().len();
        self.hands.resize_with(agents, Hand::default);
    }

    /// Reads the next event.
    pub fn take(&mut self, recorded: Recorded) {
        let at = recorded.at;
        self.begin(at);
        if at > self.ends_at {
            self.is_down();
            self.before_that = self.ends_at;
        }
        self.sample(at);
        self.ends_at = at;
        self.learn_from(at, recorded.event);
    }

    fn is_configured(&mut self, options: Arc<Options>) {
        self.registry.learn(&options);
        self.promises = line::promises(&options);
        self.options = Some(options);
        self.make_room();
    }

    fn arrives(&mut self, contact: ContactId, matter: Matter) {
        let open = Open {
            matter: self.matters.len(),
            in_line_since: matter.first_queued_at,
            waits: true,
            is_put_off: false,
            is_aged: false,
            offered: BTreeMap::new(),
            refused: BTreeMap::new(),
            wrapping: None,
            is_settling: false,
        };
        self.open.insert(contact, open);
        self.matters.push(matter);
    }

    fn is_queued(&mut self, contact: ContactId, queue: QueueKey) {
        self.comes_in(contact);
        self.settle(contact, queue);
        if let Some(open) = self.open.get_mut(&contact) {
            open.is_settling = false;
        }
    }

    fn queue(&self, queue: QueueKey) -> Name {
        self.registry.queues.name(queue).clone()
    }

    fn did(&mut self, at: Timestamp, what: Did) {
        self.deeds.push(RecordedDeed { at, what });
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

    fn number(&self, contact: ContactId) -> Option<usize> {
        self.open.get(&contact).map(|open| open.matter)
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

    /// The day up to the last event; none without a configuration.
    pub fn finish(mut self) -> Option<RecordedDay> {
        let options = self.options.take()?;
        self.is_down();
        let ends_at = self.ends_at;
        let in_hand: Vec<ContactId> = self.serves.keys().copied().collect();
        for contact in in_hand {
            self.stop_work(contact, ends_at);
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
                suspensions: hand.suspensions,
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
            helped: self.helped.len(),
            customer_first: self.customer_first.len(),
            deserted: self.deserted.len(),
            outages: self.outages,
            deeds: self.deeds,
            waits: self.waits,
            waiting,
            samples: self.samples,
            sampled_every: self.sampled_every,
            paces: Paces::default(),
            finished: BTreeMap::new(),
            accept_after,
            options,
        };
        replay::learn(&mut day);
        Some(day)
    }
}

/// The number of open contacts, as a reload would count them.
fn under_way(engine: &Engine) -> usize {
    let effects = engine
        .options()
        .map(|options| engine.foresee_reload(options));
    let open = effects
        .and_then(Result::ok)
        .map_or(0, |effects| effects.open);
    usize::try_from(open).unwrap_or(usize::MAX)
}
