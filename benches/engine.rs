//! Benchmarks of the engine alone: complete lives of contacts (arrive, offer, delivered, accept,
//! complete) per second on one core, by number of agents, number of waiting contacts, and diversity
//! of the agents.
//!
//! `cargo bench --bench engine`
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has failed"
)]

use std::collections::{BTreeSet, VecDeque};
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use switchboard::domain::skill::Level;
use switchboard::domain::{
    Channel, ContactId, Intake, Millis, Name, OfferId, Recognition, Requirements, Text, Timestamp,
};
use switchboard::engine::command::{
    Act, AgentCommand, Command, ContactCommand, DeskAct, Intention, SiteCommand,
};
use switchboard::engine::event::{Event, OfferEvent};
use switchboard::engine::options::{AgentOptions, Limits, Options, QueueOptions};
use switchboard::engine::{Done, Engine};

/// The allocator that the server uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const QUEUES: usize = 200;
const LIVES: u64 = 1_000;
/// The last bits of a contact's id are its queue.
const QUEUE_BITS: u32 = 16;

fn name(text: String) -> Name {
    Name::new(&text).unwrap()
}

fn queue(number: usize) -> QueueOptions {
    QueueOptions {
        requires: Requirements::new(vec![(
            name(format!("s{}", number % 64)),
            Level::try_from(1).unwrap(),
        )]),
        waiting_max: 1_000_000,
        ..QueueOptions::ordinary(name(format!("q{number}")))
    }
}

/// `teams` of agents: all of one team serve the same three queues with the same skills; with as
/// many teams as agents, all agents differ.
fn centre(agents: usize, teams: usize) -> Options {
    let agent = |number: usize| {
        let team = number % teams;
        let queues = [team * 7, team * 13 + 1, team * 29 + 2].map(|queue| queue % QUEUES);
        let skills = queues.iter().map(|queue| {
            let level = 1 + i64::try_from(team / QUEUES % 9).unwrap();
            (
                name(format!("s{}", queue % 64)),
                Level::try_from(level).unwrap(),
            )
        });
        let served = queues.map(|queue| name(format!("q{queue}")));
        AgentOptions {
            skills: Requirements::new(skills.collect()),
            ..AgentOptions::ordinary(name(format!("a{number}")), served.into())
        }
    };
    Options {
        limits: Limits {
            closed_contacts_max: 10_000,
            ..Limits::DEFAULT
        },
        ..Options::ordinary(
            name("bench".to_owned()),
            (0..QUEUES).map(queue).collect(),
            (0..agents).map(agent).collect(),
        )
    }
}

/// The queues that have agents.
fn served(options: &Options) -> Vec<Name> {
    let served: BTreeSet<&Name> = options
        .agents
        .iter()
        .flat_map(|agent| &agent.queues)
        .collect();
    served.into_iter().cloned().collect()
}

/// An engine with all agents ready, and methods that push contacts through it.
struct Floor {
    engine: Engine,
    now: Timestamp,
    next: u128,
    queues: Vec<Name>,
    agents: Vec<Name>,
    sessions: Vec<u64>,
}

impl Floor {
    fn new(agents: usize, teams: usize, waiting: u64) -> Self {
        let options = centre(agents, teams);
        let mut floor = Self {
            engine: Engine::new(),
            now: Timestamp(1_000_000),
            next: 1,
            queues: served(&options),
            agents: options
                .agents
                .iter()
                .map(|agent| agent.id.clone())
                .collect(),
            sessions: Vec::new(),
        };
        floor.command(Command::Site(SiteCommand::Configure(Arc::new(options))));
        for agent in floor.agents.clone() {
            let Done::Session { number } = floor.act(&agent, Act::Connect) else {
                unreachable!("connecting gives a session");
            };
            floor.sessions.push(number);
            floor.act(
                &agent,
                DeskAct::Intend {
                    intent: Intention::Ready,
                    by: Text::from("a"),
                }
                .of(number),
            );
            floor.drain();
        }
        // Contacts find an agent until all are busy; then they wait.
        if waiting > 0 {
            floor.fill(agents);
            for _ in 0..waiting {
                floor.arrive();
                floor.drain();
            }
        }
        floor.drain();
        floor
    }

    /// Gives every agent a call.
    fn fill(&mut self, agents: usize) {
        let mut taken = 0;
        let mut tries = 0;
        while taken < agents && tries < agents * 50 {
            tries += 1;
            self.arrive();
            taken += self.answer();
        }
    }

    fn command(&mut self, command: Command) -> Done {
        self.engine.handle(self.now, command).unwrap()
    }

    fn act(&mut self, agent: &Name, act: Act) -> Done {
        self.command(Command::Agent(AgentCommand {
            agent: agent.clone(),
            act,
        }))
    }

    /// A contact arrives in the queue whose turn it is.
    fn arrive(&mut self) {
        self.arrive_in(self.next % self.queues.len() as u128);
    }

    fn arrive_in(&mut self, queue: u128) {
        self.now = self.now + Millis(1);
        let mut intake = Intake::new(Channel::Hotline);
        intake.queue = Some(self.queues[usize::try_from(queue).unwrap()].clone());
        let id = ContactId((self.next * 0x9e37_79b9_7f4a_7c15) << QUEUE_BITS | queue);
        self.next += 1;
        self.command(Command::Contact(ContactCommand::Submit {
            id,
            intake: Box::new(intake),
            recognition: Recognition::default(),
            key: None,
        }));
    }

    fn drain(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            black_box(&emitted);
        }
    }

    /// Delivers and accepts the open offers; returns how many there were.
    fn answer(&mut self) -> usize {
        let mut answered = 0;
        for (agent, offer) in self.offers() {
            let (name, session) = (self.agents[agent].clone(), self.sessions[agent]);
            self.act(&name, DeskAct::Deliver { offer }.of(session));
            self.act(&name, DeskAct::Accept { offer }.of(session));
            answered += 1;
        }
        answered
    }

    fn offers(&mut self) -> Vec<(usize, OfferId)> {
        let mut offers = Vec::new();
        while let Some(emitted) = self.engine.poll_event() {
            if let Event::Offer(offer, OfferEvent::Made { agent, .. }) =
                black_box(emitted).recorded.event
            {
                offers.push((agent.index(), offer));
            }
        }
        offers
    }

    /// One life: a contact arrives, and every open offer is carried through.
    fn live(&mut self) {
        self.arrive();
        let mut open = self.offers();
        while let Some((agent, offer)) = open.pop() {
            let (name, session) = (self.agents[agent].clone(), self.sessions[agent]);
            self.act(&name, DeskAct::Deliver { offer }.of(session));
            self.act(&name, DeskAct::Accept { offer }.of(session));
            let contact = offer.contact;
            self.act(
                &name,
                DeskAct::Complete {
                    contact,
                    outcome: Text::from("ok"),
                    notes: None,
                }
                .of(session),
            );
            self.drain();
            if open.is_empty() {
                return;
            }
        }
    }

    /// One life under a standing backlog: an agent finishes and takes the next contact, and another
    /// one arrives behind it, so that every queue stays as long as it was.
    fn live_under_backlog(&mut self, busy: &mut VecDeque<(usize, ContactId)>) {
        let (agent, contact) = busy.pop_front().unwrap();
        let (name, session) = (self.agents[agent].clone(), self.sessions[agent]);
        self.act(
            &name,
            DeskAct::Complete {
                contact,
                outcome: Text::from("ok"),
                notes: None,
            }
            .of(session),
        );
        for (agent, offer) in self.offers() {
            let (name, session) = (self.agents[agent].clone(), self.sessions[agent]);
            self.act(&name, DeskAct::Deliver { offer }.of(session));
            self.act(&name, DeskAct::Accept { offer }.of(session));
            busy.push_back((agent, offer.contact));
            self.arrive_in(offer.contact.0 & ((1 << QUEUE_BITS) - 1));
        }
        self.drain();
    }

    fn busy(&self) -> VecDeque<(usize, ContactId)> {
        (0..self.agents.len())
            .filter_map(|agent| {
                let view = self.engine.agent(self.agents[agent].as_str())?;
                view.contacts.first().map(|contact| (agent, *contact))
            })
            .collect()
    }
}

fn lives(c: &mut Criterion) {
    let mut group = c.benchmark_group("full lives");
    group.throughput(Throughput::Elements(LIVES));
    group.sample_size(20);
    for (agents, teams) in [
        (1_000, 100),
        (10_000, 100),
        (1_000, 1_000),
        (10_000, 10_000),
    ] {
        let mut floor = Floor::new(agents, teams, 0);
        group.bench_function(
            format!("{agents} agents in {teams} teams, nobody waits"),
            |b| {
                b.iter(|| (0..LIVES).for_each(|_| floor.live()));
            },
        );
    }
    for waiting in [1_000, 100_000] {
        let mut floor = Floor::new(1_000, 100, waiting);
        let mut busy = floor.busy();
        group.bench_function(format!("1000 agents in 100 teams, {waiting} wait"), |b| {
            b.iter(|| (0..LIVES).for_each(|_| floor.live_under_backlog(&mut busy)));
        });
    }
    group.finish();
}

criterion_group!(benches, lives);
criterion_main!(benches);
