//! The crowd of the textbooks: Poisson arrivals in classes, with service and patience of known
//! distributions. Its waits are known in closed form or from small Markov chains, so a rehearsal of
//! it verifies engine and world together.

use switchboard::domain::{Channel, Intake, Millis, Recognition, Text, Timestamp};
use switchboard::engine::options::Select;
use switchboard::sim::crowd::{
    Answered, Arrival, Closing, Crowd, Gauges, Shift, Then, Work, WrapUp,
};
use switchboard::sim::dice::{Dice, Purpose, Throws};
use switchboard::sim::world::World;

use super::configured::{name, options};

const BEGIN: Timestamp = Timestamp(1_000_000_000_000);
/// The skill of every agent, at a higher level in earlier pools.
pub(super) const SKILL: &str = "speed";
/// The service-level threshold.
const IN_TIME: Millis = Millis::from_s(20);
/// Longer than any wait: a class with this head start always goes before the others.
pub(super) const ALWAYS: Millis = Millis::from_s(1_000_000_000);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Law {
    Never,
    Exactly { s: f64 },
    Exponential { mean_s: f64 },
    Uniform { low_s: f64, high_s: f64 },
    Lognormal { mean_s: f64, log_sd: f64 },
    Weibull { shape: f64, scale_s: f64 },
}

impl Law {
    fn draw(self, throws: &mut Throws) -> Option<Millis> {
        let seconds = match self {
            Self::Never => return None,
            Self::Exactly { s } => s,
            Self::Exponential { mean_s } => throws.exponential(mean_s),
            Self::Uniform { low_s, high_s } => throws.between(low_s, high_s),
            Self::Lognormal { mean_s, log_sd } => throws.lognormal(mean_s, log_sd),
            Self::Weibull { shape, scale_s } => throws.weibull(shape, scale_s),
        };
        Some(Millis::rounded_s(seconds))
    }
}

/// Customers of one kind; the first class is the most urgent one.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) rate_per_h: f64,
    pub(super) patience: Law,
    /// The pools that may serve it, in rings; earlier rings are preferred.
    pub(super) rings: Vec<Vec<usize>>,
}

/// Agents of one kind.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) agents: usize,
    pub(super) service: Law,
}

/// The order of service.
#[derive(Clone, Debug)]
pub(super) enum Discipline {
    FirstCome,
    /// Strictly by class; some pools may reverse it.
    Strict {
        reversed: bool,
    },
    /// Urgency grows by this much per second.
    Accumulating(Vec<f64>),
}

/// A queueing model.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) classes: Vec<Class>,
    pub(super) pools: Vec<Pool>,
    pub(super) discipline: Discipline,
    pub(super) select: Select,
    /// Contacts that one agent serves at a time.
    pub(super) sessions_max: u32,
    /// The total speed of an agent with 1, 2, 3 … contacts in hand.
    pub(super) speeds: Vec<f64>,
    /// Idle agents kept for the first class.
    pub(super) reserve: u32,
}

/// The results of a run for one class, or for all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) contacts: u64,
    pub(super) waited: u64,
    pub(super) wait_s_sum: f64,
    pub(super) served: u64,
    pub(super) served_wait_s_sum: f64,
    pub(super) in_time: u64,
    pub(super) late: u64,
    pub(super) abandoned: u64,
    pub(super) in_service_s_sum: f64,
}

impl Seen {
    pub(super) fn add(&mut self, other: &Self) {
        self.contacts += other.contacts;
        self.waited += other.waited;
        self.wait_s_sum += other.wait_s_sum;
        self.served += other.served;
        self.served_wait_s_sum += other.served_wait_s_sum;
        self.in_time += other.in_time;
        self.late += other.late;
        self.abandoned += other.abandoned;
        self.in_service_s_sum += other.in_service_s_sum;
    }
}

/// The results of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RunFigures {
    pub(super) classes: Vec<Seen>,
    /// Seconds during which agents had contacts in hand, by pool.
    pub(super) busy_s: Vec<f64>,
    /// Contacts in hand, integrated over time in seconds.
    pub(super) session_s: f64,
    pub(super) span_s: f64,
}

/// One contact of the model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    number: u64,
    class: usize,
    answered_at: Timestamp,
    counts: bool,
}

struct Textbook {
    model: Model,
    dice: Dice,
    arrivals: Throws,
    at_s: f64,
    made: u64,
    warm_up: u64,
    contacts: u64,
    shifts: Vec<Shift>,
    pool_of: Vec<usize>,
    outcome: RunFigures,
    measured_from: Option<Timestamp>,
    ended_at: Timestamp,
    busy_since: Vec<Option<Timestamp>>,
    in_hand: Vec<u32>,
}

/// Runs `contacts`, after a warm-up that is not counted.
pub(super) fn run(model: &Model, seed: u64, warm_up: u64, contacts: u64) -> RunFigures {
    let mut world = World::new(
        options(model),
        Textbook::new(model, seed, warm_up, contacts),
        BEGIN,
    );
    world.run();
    world.crowd.outcome()
}

impl Textbook {
    fn new(model: &Model, seed: u64, warm_up: u64, contacts: u64) -> Self {
        let pools = model.pools.iter().enumerate();
        let pool_of: Vec<usize> = pools
            .flat_map(|(pool, kind)| std::iter::repeat_n(pool, kind.agents))
            .collect();
        let begins = |agent| Shift {
            at: BEGIN,
            agent,
            begins: true,
        };
        let dice = Dice::new(seed);
        Self {
            model: model.clone(),
            dice,
            arrivals: dice.throws(Purpose::Arrival, 0),
            at_s: 0.0,
            made: 0,
            warm_up,
            contacts,
            shifts: (0..pool_of.len()).rev().map(begins).collect(),
            outcome: RunFigures {
                classes: vec![Seen::default(); model.classes.len()],
                busy_s: vec![0.0; model.pools.len()],
                ..RunFigures::default()
            },
            measured_from: None,
            ended_at: BEGIN,
            busy_since: vec![None; pool_of.len()],
            in_hand: vec![0; pool_of.len()],
            pool_of,
        }
    }

    fn outcome(mut self) -> RunFigures {
        let from = self.measured_from.unwrap_or(self.ended_at);
        self.outcome.span_s = (self.ended_at - from).as_s_f64();
        self.outcome
    }

    /// Only what happens while contacts still arrive is counted.
    fn is_measured(&self) -> bool {
        self.measured_from.is_some() && self.made < self.warm_up + self.contacts
    }

    fn seen(&mut self, case: Case) -> Option<&mut Seen> {
        case.counts.then(|| &mut self.outcome.classes[case.class])
    }
}

impl Crowd for Textbook {
    type Case = Case;

    fn next_arrival(&mut self) -> Option<Arrival<Case>> {
        if self.made == self.warm_up + self.contacts {
            return None;
        }
        self.made += 1;
        let rates: Vec<f64> = self
            .model
            .classes
            .iter()
            .map(|class| class.rate_per_h)
            .collect();
        self.at_s += self
            .arrivals
            .exponential(3_600.0 / rates.iter().sum::<f64>());
        let number = self.made;
        let class = self.dice.throws(Purpose::Kind, number).weighted(&rates);
        let at = BEGIN + Millis::rounded_s(self.at_s);
        if number > self.warm_up && self.measured_from.is_none() {
            self.measured_from = Some(at);
        }
        self.ended_at = at;
        let mut intake = Intake::new(Channel::App);
        intake.queue = Some(name(&format!("q{class}")));
        let mut patience = self.dice.throws(Purpose::Patience, number);
        Some(Arrival {
            at,
            intake,
            recognition: Recognition {
                tier: Some(name(&format!("t{class}"))),
                ..Recognition::default()
            },
            patience: self.model.classes[class].patience.draw(&mut patience),
            later: Vec::new(),
            case: Case {
                number,
                class,
                answered_at: at,
                counts: number > self.warm_up,
            },
        })
    }

    fn next_shift(&mut self) -> Option<Shift> {
        self.shifts.pop()
    }

    fn work(&mut self, case: &mut Case, agent: usize) -> Work {
        let service = self.model.pools[self.pool_of[agent]].service;
        let effort = service.draw(&mut self.dice.throws(Purpose::Work, case.number));
        Work {
            effort: effort.unwrap_or(Millis::ZERO),
            then: Then::Complete {
                outcome: Text::from("resolved"),
            },
            wrap_up: WrapUp::default(),
        }
    }

    fn answered(&mut self, case: &mut Case, answer: Answered, now: Timestamp) {
        let Answered { agent, waited, .. } = answer;
        case.answered_at = now;
        if let Some(seen) = self.seen(*case) {
            seen.contacts += 1;
            seen.served += 1;
            seen.waited += u64::from(waited > Millis::ZERO);
            seen.wait_s_sum += waited.as_s_f64();
            seen.served_wait_s_sum += waited.as_s_f64();
            seen.in_time += u64::from(waited <= IN_TIME);
            seen.late += u64::from(waited > IN_TIME);
        }
        self.in_hand[agent] += 1;
        if self.in_hand[agent] == 1 {
            self.busy_since[agent] = Some(now);
        }
    }

    fn closed(&mut self, case: Case, how: Closing, now: Timestamp) -> Option<Arrival<Case>> {
        match how {
            Closing::Completed { agent, .. } => {
                self.in_hand[agent] -= 1;
                let since = self.busy_since[agent].filter(|_| self.in_hand[agent] == 0);
                if let (Some(since), Some(from)) = (since, self.measured_from) {
                    let end = now.min(self.ended_at);
                    let busy = (end - since.max(from)).as_s_f64().max(0.0);
                    self.outcome.busy_s[self.pool_of[agent]] += busy;
                }
                if let Some(seen) = self.seen(case) {
                    seen.in_service_s_sum += (now - case.answered_at).as_s_f64();
                }
            }
            Closing::Abandoned { waited } => {
                if let Some(seen) = self.seen(case) {
                    seen.contacts += 1;
                    seen.abandoned += 1;
                    seen.waited += 1;
                    seen.wait_s_sum += waited.as_s_f64();
                    seen.late += u64::from(waited > IN_TIME);
                }
            }
            Closing::Refused | Closing::Cancelled | Closing::Deflected => {}
        }
        None
    }

    fn stood(&mut self, from: Timestamp, until: Timestamp, gauges: Gauges) {
        if self.is_measured() {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let in_hand = gauges.in_hand as f64;
            self.outcome.session_s += in_hand * (until - from).as_s_f64();
        }
    }

    fn speed(&self, contacts: u32) -> f64 {
        let speeds = &self.model.speeds;
        let at = (contacts.max(1) as usize).min(speeds.len()) - 1;
        speeds[at]
    }
}
