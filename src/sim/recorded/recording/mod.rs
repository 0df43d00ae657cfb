//! Reads a recorded day from the events of a journal, in order.
//!
//! A fold with its own state: which contacts are in line since when, and what each agent has in
//! hand. Contacts already open at the first event are left out, since their history is unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{Channel, ContactId, Millis, Name, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{Event, Recorded};
use crate::engine::options::Options;
use crate::engine::state::agent::{Health, Intent, Session};
use crate::engine::state::registry::{AgentKey, QueueKey, Registry};
use crate::sim::crowd::{Gauges, News};
use crate::sim::promise::Promise;
use crate::sim::recorded::hand::{Hand, median};
use crate::sim::recorded::patience::by_channel;
use crate::sim::recorded::{
    Did, Fate, Leg, Matter, Paces, Reaction, RecordedAgent, RecordedDay, RecordedDeed,
    RecordedWait, replay,
};

mod line;
mod offers;
mod service;

/// A minute, halved five times: the initial sampling interval, for short journals.
const SAMPLED_EVERY: Millis = Millis(1_875);
/// At this many samples every second one is dropped, until the interval is a minute.
const SAMPLES_MANY: usize = 1_000;

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
    wrapping: Option<(Timestamp, Text)>,
    /// Just transferred: its next queue is not known yet.
    is_settling: bool,
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
        self.sample(at);
        self.ends_at = at;
        self.learn_from(at, recorded.event);
    }

    /// Most events are decisions, which the replay makes anew; only what people did is read.
    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn learn_from(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Configured { options, .. } => self.is_configured(options),
            Event::AgentConnected { agent, .. } => self.came(agent, at),
            Event::AgentLost { agent, .. } | Event::AgentGone { agent } => self.left(agent, at),
            Event::AgentIntended { agent, intent, .. } => self.intends(agent, intent, at),
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                ..
            } => self.is_trusted(agent, channel, health, at),
            Event::QueuePaused { queue, .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Paused { queue });
            }
            Event::QueueResumed { queue, .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Resumed { queue });
            }
            Event::ContactArrived {
                contact,
                intake,
                recognition,
                labels,
                first_queued_at,
                ..
            } => {
                let matter = Matter {
                    arrived_at: at,
                    first_queued_at,
                    intake,
                    recognition,
                    news: Vec::new(),
                    tier: labels.tier.index(),
                    legs: vec![self.leg(first_queued_at, labels.queue)],
                };
                self.arrives(contact, matter);
            }
            Event::ContactMoved {
                contact, labels, ..
            } => {
                self.settle(contact, labels.queue);
                self.is_promised(contact, labels.queue);
            }
            Event::ContactScheduled { contact, until, .. } => self.is_put_off(contact, until),
            Event::ContactQueued { contact, queue, .. } => self.is_queued(contact, queue),
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
            Event::CallbackRequested {
                contact,
                phone,
                customer_first,
                ..
            } => {
                if customer_first {
                    self.customer_first.extend(self.number(contact));
                }
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
                let called = agent.index();
                self.did(
                    at,
                    Did::Called {
                        agent: called,
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
            Event::ContactParked { contact, .. } => self.is_parked(contact, at),
            Event::ContactUnparked { contact, agent, .. } => self.serve(contact, agent, at),
            Event::ConsultAccepted { offer, .. } => {
                self.helped.extend(self.number(offer.contact));
            }
            Event::ContactHandedOver { contact, agent, .. } => {
                self.is_handed_over(contact, agent, at);
            }
            Event::WrapUpStarted {
                contact,
                agent,
                outcome,
                ..
            } => self.is_wrapped_up(contact, agent, outcome, at),
            Event::ContactClosed {
                contact,
                how,
                outcome,
                agent,
                ..
            } => {
                self.is_let_go(contact, agent, at);
                self.is_closed(contact, how, outcome, at);
            }
            Event::WrapUpExtended { .. }
            | Event::ContactRecalled { .. }
            | Event::ContactHeld { .. }
            | Event::ContactUnheld { .. }
            | Event::ContactWoken { .. }
            | Event::ConsultOffered { .. }
            | Event::ConferenceBegun { .. }
            | Event::ContactShown { .. }
            | Event::MessageRelayed { .. }
            | Event::AgentResynced { .. }
            | Event::AgentReconfigured { .. }
            | Event::AgentNotified { .. }
            | Event::ResponseLate { .. }
            | Event::ConsultEnded { .. }
            | Event::MessageSent { .. }
            | Event::ContactUnroutable { .. }
            | Event::ContactRoutable { .. }
            | Event::EndMissed { .. }
            | Event::StepTaken { .. }
            | Event::EscalationFired { .. }
            | Event::EscalationNotApplicable { .. }
            | Event::MovePostponed { .. }
            | Event::MoveOwed { .. }
            | Event::NextReserved { .. }
            | Event::ConditionFailed { .. }
            | Event::CustomerTold { .. }
            | Event::ResponseGiven { .. }
            | Event::CallbackDialled { .. }
            | Event::CallbackAnswered { .. }
            | Event::CallbackMissed { .. }
            | Event::CallbackGivenUp { .. }
            | Event::RoomKept { .. }
            | Event::AgentsLetGo { .. }
            | Event::OfferDelivered { .. }
            | Event::ConsultDelivered { .. }
            | Event::CooldownLifted { .. }
            | Event::CooldownKept { .. }
            | Event::QueueGrew { .. }
            | Event::WaitReviewed { .. }
            | Event::AgentRested { .. }
            | Event::AgentHeard { .. }
            | Event::EndsChecked { .. }
            | Event::QueueOpened { .. }
            | Event::QueueClosed { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. }
            | Event::EscalationsTold { .. } => {}
        }
    }

    fn is_configured(&mut self, options: Arc<Options>) {
        self.registry.learn(&options);
        self.promises = line::promises(&options);
        self.options = Some(options);
        self.make_room();
    }

    fn intends(&mut self, agent: AgentKey, intent: Intent, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.ready = intent == Intent::Ready;
        hand.stand(at);
    }

    /// An agent who was suspended and is trusted again while on duty has become ready again.
    fn is_trusted(&mut self, agent: AgentKey, channel: Channel, health: Health, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        let is_suspended = health == Health::Suspended;
        let was_suspended = hand.is_suspended(channel, is_suspended, at);
        if was_suspended && !is_suspended && hand.is_there() {
            let agent = agent.index();
            self.did(at, Did::Ready { agent });
        }
    }

    fn came(&mut self, agent: AgentKey, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.connected = true;
        hand.stand(at);
    }

    fn left(&mut self, agent: AgentKey, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.connected = false;
        hand.stand(at);
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
            self.sampled_at = self.sampled_at + self.sampled_every;
            if self.samples.len() == SAMPLES_MANY && self.sampled_every < Millis::from_s(60) {
                self.sample_seldomer();
            }
        }
    }

    fn sample_seldomer(&mut self) {
        let mut keeps = false;
        self.samples.retain(|_| {
            keeps = !keeps;
            keeps
        });
        self.sampled_every = self.sampled_every + self.sampled_every;
    }

    /// The day up to the last event; none without a configuration.
    pub fn finish(mut self) -> Option<RecordedDay> {
        let options = self.options.take()?;
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
