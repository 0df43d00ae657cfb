//! A rehearsal in virtual time: the very engine that routes, a crowd that comes, waits, gives
//! up and comes back, and agents who answer, work and go home.
//!
//! The world carries commands to the engine and events to the [`Crowd`]; the crowd decides
//! what people do, the engine decides who gets whom. Several contacts in hand share an
//! agent's attention as [`attention`](crate::engine::attention) says.
//!
//! **Invariant:** nothing here chooses an agent or a contact, and time only ever comes from
//! the next thing that happens.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::domain::{ContactId, Intake, Millis, Name, OfferId, Recognition, Text, Timestamp};
use crate::engine::attention::speed;
use crate::engine::command::{
    Act, AgentCommand, Command, ContactCommand, Destination, Intention, SiteCommand,
};
use crate::engine::contact::Final;
use crate::engine::event::Event;
use crate::engine::options::Options;
use crate::engine::registry::AgentKey;
use crate::engine::view::WaitEstimate;
use crate::engine::{Done, Emitted, Engine};

/// What an adapter says when the customer has hung up.
const CUSTOMER_LEFT: &str = "customer_left";

/// The people of a rehearsal, and whoever watches them.
pub trait Crowd {
    /// What is known of one contact besides what the engine knows.
    type Case;

    /// The next contact that comes from outside, in order of time.
    fn next_arrival(&mut self) -> Option<Arrival<Self::Case>>;

    /// The next change of shift, in order of time.
    fn next_shift(&mut self) -> Option<Shift>;

    /// What an agent makes of an offer.
    fn answer(&mut self, _case: &mut Self::Case, _agent: usize) -> Answer {
        Answer::Accept {
            after: Millis::ZERO,
        }
    }

    /// What a contact takes this agent, who has just accepted it.
    fn work(&mut self, case: &mut Self::Case, agent: usize) -> Work;

    /// The contact waits in line; called once per time in a queue, if [`Self::ASKS_ESTIMATES`].
    fn estimated(&mut self, _case: &mut Self::Case, _now: Timestamp, _estimate: WaitEstimate) {}

    /// Answered after `waited` since it was first queued.
    fn answered(&mut self, case: &mut Self::Case, agent: usize, waited: Millis, now: Timestamp);

    /// The contact is over; it may come again.
    fn closed(
        &mut self,
        case: Self::Case,
        how: Closing,
        now: Timestamp,
    ) -> Option<Arrival<Self::Case>>;

    /// How things stand, once every [`Self::SAMPLED_EVERY`].
    fn sampled(&mut self, _now: Timestamp, _gauges: Gauges) {}

    /// The total speed of an agent with so many contacts in hand.
    fn speed(&self, contacts: u32) -> f64 {
        speed(contacts)
    }

    const ASKS_ESTIMATES: bool = false;
    const SAMPLED_EVERY: Millis = Millis::from_s(60);
}

/// A contact that comes.
#[derive(Clone, Debug)]
pub struct Arrival<C> {
    pub at: Timestamp,
    pub intake: Intake,
    pub recognition: Recognition,
    /// How long it waits before it is given up; for ever without.
    pub patience: Option<Millis>,
    pub case: C,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    pub at: Timestamp,
    pub agent: usize,
    pub begins: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Accept { after: Millis },
    Decline { after: Millis },
    Ignore,
}

/// What a contact takes an agent, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Undivided attention.
    pub effort: Millis,
    pub then: Then,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    Complete {
        outcome: Text,
    },
    /// Handed on, to wait once more.
    Transfer {
        queue: Name,
        patience: Option<Millis>,
    },
}

/// How a contact ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    Completed {
        agent: usize,
    },
    /// Given up after so long in the queue.
    Abandoned {
        waited: Millis,
    },
    /// The engine did not take it, or took it out.
    Refused,
}

/// How things stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    pub waiting: usize,
    /// Agents with something in hand.
    pub busy: usize,
    pub on_duty: usize,
    /// Contacts in agents' hands.
    pub in_hand: usize,
}

/// What is due at some time; the number keeps the order of making.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    GiveUp {
        slot: usize,
        life: u64,
        episode: u32,
    },
    Finish {
        agent: usize,
        generation: u64,
    },
    Reply {
        agent: usize,
        offer: (u128, u32),
        accepts: bool,
    },
    Return {
        number: u64,
    },
}

/// One contact under way.
struct Life<C> {
    /// Tells the lives of one slot apart.
    number: u64,
    case: C,
    queued_at: Timestamp,
    episode: u32,
    is_waiting: bool,
    recognition: Recognition,
}

/// A contact in an agent's hands.
struct InHand {
    slot: usize,
    left_ms: f64,
    then: Then,
}

#[derive(Default)]
struct Desk {
    name: Option<Name>,
    session: u64,
    on_duty: bool,
    in_hand: Vec<InHand>,
    worked_upto: Timestamp,
    generation: u64,
}

pub struct World<C: Crowd> {
    pub engine: Engine,
    pub crowd: C,
    now: Timestamp,
    steps: BinaryHeap<Reverse<(Timestamp, u64, Step)>>,
    steps_made: u64,
    desks: Vec<Desk>,
    lives: Vec<Option<Life<C::Case>>>,
    free: Vec<usize>,
    lives_made: u64,
    /// Those that come again, until they do.
    returning: std::collections::BTreeMap<u64, Arrival<C::Case>>,
    arrival: Option<Arrival<C::Case>>,
    shift: Option<Shift>,
    gauges: Gauges,
    sampled_at: Timestamp,
    events: std::collections::VecDeque<Emitted>,
}

impl<C: Crowd> World<C> {
    /// The agents of `options` are numbered in their order.
    pub fn new(options: Options, crowd: C, begin: Timestamp) -> Self {
        let desks = options.agents.iter().map(|agent| Desk {
            name: Some(agent.id.clone()),
            ..Desk::default()
        });
        let mut world = Self {
            engine: Engine::new(),
            desks: desks.collect(),
            crowd,
            now: begin,
            steps: BinaryHeap::new(),
            steps_made: 0,
            lives: Vec::new(),
            free: Vec::new(),
            lives_made: 0,
            returning: std::collections::BTreeMap::new(),
            arrival: None,
            shift: None,
            gauges: Gauges::default(),
            sampled_at: begin,
            events: std::collections::VecDeque::new(),
        };
        world.command(Command::Site(SiteCommand::Configure(Arc::new(options))));
        world.arrival = world.crowd.next_arrival();
        world.shift = world.crowd.next_shift();
        world
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Goes on until nothing is left to happen.
    pub fn run(&mut self) {
        while self.step() {}
    }

    /// Lets the next thing happen; false if there is none.
    pub fn step(&mut self) -> bool {
        let arrival = self.arrival.as_ref().map(|arrival| arrival.at);
        let shift = self.shift.map(|shift| shift.at);
        let own = self.steps.peek().map(|Reverse((at, _, _))| *at);
        let outside = [shift, arrival, own].into_iter().flatten().min();
        // With nobody in the house the engine's own deadlines lead nowhere.
        let engine = self
            .engine
            .next_deadline()
            .filter(|_| outside.is_some() || self.is_occupied());
        let Some(next) = outside.into_iter().chain(engine).min() else {
            return false;
        };
        self.pass_to(next);
        if engine == Some(next) {
            self.engine.expire(self.now, usize::MAX);
            self.react();
        } else if shift == Some(next) {
            self.change_shift();
        } else if own == Some(next) {
            self.take_step();
        } else if let Some(arrival) = self.arrival.take() {
            self.arrival = self.crowd.next_arrival();
            self.arrive(arrival);
        }
        true
    }

    fn is_occupied(&self) -> bool {
        self.gauges.waiting > 0 || self.gauges.in_hand > 0
    }

    fn pass_to(&mut self, next: Timestamp) {
        while self.sampled_at <= next {
            self.crowd.sampled(self.sampled_at, self.gauges);
            self.sampled_at = self.sampled_at + C::SAMPLED_EVERY;
        }
        self.now = self.now.max(next);
    }

    fn later(&mut self, at: Timestamp, step: Step) {
        self.steps_made += 1;
        self.steps.push(Reverse((at, self.steps_made, step)));
    }

    fn take_step(&mut self) {
        let Some(Reverse((_, _, step))) = self.steps.pop() else {
            return;
        };
        match step {
            Step::GiveUp {
                slot,
                life,
                episode,
            } => self.give_up(slot, life, episode),
            Step::Finish { agent, generation } => self.finish(agent, generation),
            Step::Reply {
                agent,
                offer,
                accepts,
            } => self.reply(agent, offer_id(offer), accepts),
            Step::Return { number } => {
                if let Some(arrival) = self.returning.remove(&number) {
                    self.arrive(arrival);
                }
            }
        }
    }

    // What comes from outside.

    fn arrive(&mut self, arrival: Arrival<C::Case>) {
        self.lives_made += 1;
        let life = Life {
            number: self.lives_made,
            case: arrival.case,
            queued_at: self.now,
            episode: 0,
            is_waiting: true,
            recognition: arrival.recognition.clone(),
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.lives.push(None);
            self.lives.len() - 1
        });
        let (number, id) = (life.number, id_of(slot, life.number));
        self.lives[slot] = Some(life);
        self.gauges.waiting += 1;
        let command = ContactCommand::Submit {
            id,
            intake: Box::new(arrival.intake),
            recognition: arrival.recognition,
            key: None,
        };
        let taken = self.engine.handle(self.now, Command::Contact(command));
        if taken.is_err() {
            self.gauges.waiting -= 1;
            self.end(slot, Closing::Refused);
        }
        if let Some(patience) = arrival.patience {
            let step = Step::GiveUp {
                slot,
                life: number,
                episode: 0,
            };
            self.later(self.now + patience, step);
        }
        self.react();
        self.ask_estimate(slot, number);
    }

    fn ask_estimate(&mut self, slot: usize, number: u64) {
        if !C::ASKS_ESTIMATES {
            return;
        }
        let waits = |life: &&mut Life<C::Case>| life.number == number && life.is_waiting;
        if let Some(life) = self.lives[slot].as_mut().filter(waits)
            && let Some(view) = self.engine.contact(id_of(slot, number))
        {
            self.crowd.estimated(&mut life.case, self.now, view.wait);
        }
    }

    fn give_up(&mut self, slot: usize, number: u64, episode: u32) {
        let life = self.lives[slot].as_ref();
        let waits = life.is_some_and(|life| {
            life.number == number && life.episode == episode && life.is_waiting
        });
        if waits {
            self.command(Command::Contact(ContactCommand::Cancel {
                contact: id_of(slot, number),
                reason: Text::from(CUSTOMER_LEFT),
                key: None,
            }));
        }
    }

    fn change_shift(&mut self) {
        let Some(shift) = self.shift.take() else {
            return;
        };
        self.shift = self.crowd.next_shift();
        if self.desks[shift.agent].on_duty == shift.begins {
            return;
        }
        self.desks[shift.agent].on_duty = shift.begins;
        if !shift.begins {
            self.gauges.on_duty -= 1;
            let reason = Text::from("off_duty");
            return self.intend(shift.agent, Intention::NotReady { reason });
        }
        self.gauges.on_duty += 1;
        if self.desks[shift.agent].session == 0 {
            let connected = self.act(shift.agent, Act::Connect);
            if let Some(Done::Session { number }) = connected {
                self.desks[shift.agent].session = number;
            }
        }
        self.intend(shift.agent, Intention::Ready);
    }

    fn intend(&mut self, agent: usize, intent: Intention) {
        let act = Act::Intend {
            session: Some(self.desks[agent].session),
            intent,
            by: Text::from("shift"),
        };
        self.act(agent, act);
    }

    // What agents do.

    fn reply(&mut self, agent: usize, offer: OfferId, accepts: bool) {
        let session = self.desks[agent].session;
        let act = if accepts {
            Act::Accept { session, offer }
        } else {
            Act::Decline {
                session,
                offer,
                reason: None,
                retry_after: None,
            }
        };
        self.act(agent, act);
    }

    /// What each contact in an agent's hands gets of a moment.
    fn each_gets(&self, agent: usize) -> f64 {
        let contacts = self.desks[agent].in_hand.len();
        let count = u32::try_from(contacts).unwrap_or(u32::MAX).max(1);
        self.crowd.speed(count) / f64::from(count)
    }

    /// Lets the contacts in an agent's hands get what they have got since.
    fn work(&mut self, agent: usize) {
        let each = self.each_gets(agent);
        let desk = &mut self.desks[agent];
        let got = (self.now - desk.worked_upto).as_s_f64() * 1_000.0 * each;
        for in_hand in &mut desk.in_hand {
            in_hand.left_ms -= got;
        }
        desk.worked_upto = self.now;
    }

    /// When the first of the contacts in hand is done, as things stand.
    fn plan(&mut self, agent: usize) {
        let each = self.each_gets(agent);
        let desk = &mut self.desks[agent];
        desk.generation += 1;
        let least = desk.in_hand.iter().map(|in_hand| in_hand.left_ms);
        let Some(least) = least.min_by(f64::total_cmp) else {
            return;
        };
        let span = (least / each).max(0.0).round();
        #[expect(clippy::cast_possible_truncation, reason = "a float saturates")]
        let at = self.now + Millis(span as i64);
        let generation = desk.generation;
        self.later(at, Step::Finish { agent, generation });
    }

    fn finish(&mut self, agent: usize, generation: u64) {
        if self.desks[agent].generation != generation {
            return;
        }
        self.work(agent);
        let in_hand = &self.desks[agent].in_hand;
        let least =
            (0..in_hand.len()).min_by(|a, b| in_hand[*a].left_ms.total_cmp(&in_hand[*b].left_ms));
        let Some(least) = least else {
            return;
        };
        let done = self.desks[agent].in_hand.remove(least);
        self.gauges.in_hand -= 1;
        self.gauges.busy -= usize::from(self.desks[agent].in_hand.is_empty());
        self.plan(agent);
        let Some(life) = &mut self.lives[done.slot] else {
            return;
        };
        let (session, contact) = (self.desks[agent].session, id_of(done.slot, life.number));
        match done.then {
            Then::Complete { outcome } => {
                self.act(
                    agent,
                    Act::Complete {
                        session,
                        contact,
                        outcome,
                        notes: None,
                    },
                );
            }
            Then::Transfer { queue, patience } => {
                life.episode += 1;
                life.queued_at = self.now;
                life.is_waiting = true;
                let (number, episode) = (life.number, life.episode);
                self.gauges.waiting += 1;
                if let Some(patience) = patience {
                    let step = Step::GiveUp {
                        slot: done.slot,
                        life: number,
                        episode,
                    };
                    self.later(self.now + patience, step);
                }
                let to = Destination::Queue(queue);
                self.act(
                    agent,
                    Act::Transfer {
                        session,
                        contact,
                        to,
                        note: None,
                    },
                );
                self.ask_estimate(done.slot, number);
            }
        }
    }

    // What the engine says.

    fn act(&mut self, agent: usize, act: Act) -> Option<Done> {
        let agent = self.desks[agent].name.clone()?;
        self.command(Command::Agent(AgentCommand { agent, act }))
    }

    /// A refusal means that things have gone on meanwhile.
    fn command(&mut self, command: Command) -> Option<Done> {
        let done = self.engine.handle(self.now, command).ok();
        self.react();
        done
    }

    fn react(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            self.events.push_back(emitted);
        }
        while let Some(emitted) = self.events.pop_front() {
            self.hear(&emitted.recorded.event);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "people hear of few things: of the rest the engine keeps the count"
    )]
    fn hear(&mut self, event: &Event) {
        match event {
            Event::OfferMade { offer, agent, .. } => self.offered(*offer, *agent),
            Event::OfferAccepted {
                offer,
                agent,
                waited,
                ..
            } => self.taken(offer.contact, *agent, *waited),
            Event::ContactPulled {
                contact,
                agent,
                waited,
                ..
            } => self.taken(*contact, *agent, *waited),
            Event::ContactClosed {
                contact,
                how,
                agent,
                ..
            } => self.is_closed(*contact, *how, *agent),
            _ => {}
        }
    }

    fn offered(&mut self, offer: OfferId, agent: AgentKey) {
        let (slot, number) = slot_of(offer.contact);
        let Some(life) = self.lives[slot]
            .as_mut()
            .filter(|life| life.number == number)
        else {
            return;
        };
        let answer = self.crowd.answer(&mut life.case, agent.index());
        let (after, accepts) = match answer {
            Answer::Accept { after } => (after, true),
            Answer::Decline { after } => (after, false),
            Answer::Ignore => return self.deliver(agent.index(), offer),
        };
        if after == Millis::ZERO {
            return self.reply(agent.index(), offer, accepts);
        }
        self.deliver(agent.index(), offer);
        let step = Step::Reply {
            agent: agent.index(),
            offer: (offer.contact.0, offer.number),
            accepts,
        };
        self.later(self.now + after, step);
    }

    fn deliver(&mut self, agent: usize, offer: OfferId) {
        let session = self.desks[agent].session;
        self.act(agent, Act::Deliver { session, offer });
    }

    fn taken(&mut self, contact: ContactId, agent: AgentKey, waited: Millis) {
        let (slot, number) = slot_of(contact);
        let agent = agent.index();
        let Some(life) = self.lives[slot]
            .as_mut()
            .filter(|life| life.number == number)
        else {
            return;
        };
        life.is_waiting = false;
        self.gauges.waiting -= 1;
        self.gauges.in_hand += 1;
        self.gauges.busy += usize::from(self.desks[agent].in_hand.is_empty());
        self.crowd.answered(&mut life.case, agent, waited, self.now);
        let work = self.crowd.work(&mut life.case, agent);
        self.work(agent);
        self.desks[agent].in_hand.push(InHand {
            slot,
            left_ms: work.effort.as_s_f64() * 1_000.0,
            then: work.then,
        });
        self.plan(agent);
    }

    fn is_closed(&mut self, contact: ContactId, how: Final, agent: Option<AgentKey>) {
        let (slot, number) = slot_of(contact);
        let Some(life) = self.lives[slot]
            .as_ref()
            .filter(|life| life.number == number)
        else {
            return;
        };
        self.gauges.waiting -= usize::from(life.is_waiting);
        let waited = self.now - life.queued_at;
        let closing = match (how, agent) {
            (Final::Completed, Some(agent)) => Closing::Completed {
                agent: agent.index(),
            },
            (Final::Abandoned, _) => Closing::Abandoned { waited },
            (Final::Completed | Final::Cancelled | Final::Deflected, _) => Closing::Refused,
        };
        self.end(slot, closing);
    }

    fn end(&mut self, slot: usize, closing: Closing) {
        let Some(life) = self.lives[slot].take() else {
            return;
        };
        self.free.push(slot);
        if let Some(mut again) = self.crowd.closed(life.case, closing, self.now) {
            if let Closing::Completed { agent } = closing {
                again
                    .recognition
                    .last_agent
                    .clone_from(&self.desks[agent].name);
            } else if again.recognition.last_agent.is_none() {
                again.recognition.last_agent = life.recognition.last_agent;
            }
            self.steps_made += 1;
            let number = self.steps_made;
            let at = again.at;
            self.returning.insert(number, again);
            self.later(at, Step::Return { number });
        }
    }
}

/// A slot and what tells its lives apart, as an id that is never used twice.
fn id_of(slot: usize, number: u64) -> ContactId {
    ContactId(u128::from(number) << 32 | slot as u128)
}

fn slot_of(contact: ContactId) -> (usize, u64) {
    let slot = usize::try_from(contact.0 & 0xffff_ffff).expect("32 bits");
    let number = u64::try_from(contact.0 >> 32).expect("numbers have 64 bits");
    (slot, number)
}

fn offer_id((contact, number): (u128, u32)) -> OfferId {
    OfferId {
        contact: ContactId(contact),
        number,
    }
}
