//! The people of a contact centre: customers with a matter, a tier and limited patience, who return
//! if it was not resolved; agents who are good at some topics and not at others.
//!
//! Chance depends on the customer alone, so that compared policies meet the same customers with the
//! same matters.

use crate::domain::{
    Channel, Identities, Identity, IdentityKind, Intake, Millis, Name, PerChannel, Recognition,
    Text, Timestamp,
};
use crate::engine::event::Recorded;
use crate::engine::options::Options;
use crate::sim::arrivals::{Coming, coming};
use crate::sim::crowd::{Arrival, Deed, Shift};
use crate::sim::day::{Day, Guess, Wait, WaitEnd};
use crate::sim::dice::{Dice, Purpose, Throws};
use crate::sim::promise::Promise;
use crate::sim::staff::{DAY, STAY, Staff};
use crate::sim::workload::Workload;
use crate::sim::world::World;
use crate::sim::world::fork::{Fork, Forking};

mod crowd;
mod known;
mod otherwise;

/// The outcomes that agents report.
const RESOLVED: &str = "resolved";
const UNRESOLVED: &str = "unresolved";
/// Returns and transfers with chance of their own.
const EPISODES_MAX: u64 = 64;

/// Which queue a contact requests.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// None: the topic and the configuration choose it.
    ByTopic,
    /// One of these, by topic and channel.
    Asked(Vec<PerChannel<Name>>),
}

/// A day to be played, with the days before it.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub workload: &'a Workload,
    pub staff: &'a Staff,
    pub entry: &'a Entry,
    pub options: &'a Options,
    pub seed: u64,
}

impl<'a> Scene<'a> {
    /// Plays it.
    pub fn play(self) -> Day {
        let mut world = World::new(self.options.clone(), self.centre(), self.begin());
        world.run();
        world.crowd.finish()
    }

    /// Plays it and records everything that happens, as a server's journal would.
    pub fn record(self) -> Vec<Recorded> {
        let mut world = World::recording(self.options.clone(), self.centre(), self.begin());
        world.run();
        world.journal.unwrap_or_default()
    }

    /// Plays it, and for some waiting contacts also other futures.
    pub fn fork(self, forking: Forking) -> Vec<Fork> {
        World::new(self.options.clone(), self.centre(), self.begin())
            .forks(self.workload.opens_at, forking)
    }

    fn begin(self) -> Timestamp {
        let days_before = i64::from(self.workload.days_before);
        self.workload.opens_at - Millis(DAY.0 * days_before)
    }

    fn centre(self) -> Centre<'a> {
        let dice = Dice::new(self.seed);
        Centre::new(self.workload, self.staff, self.entry, self.options, dice)
    }
}

/// One customer's matter.
#[derive(Clone, Debug)]
pub struct Case {
    number: u64,
    /// How often it has joined a line; each time has its own random streams.
    episode: u64,
    /// How often it was offered since it last joined a line.
    offers: u64,
    channel: Channel,
    topic: usize,
    tier: usize,
    came_at: Timestamp,
    /// When the day of its arrival closes.
    closes_at: Timestamp,
    /// When it joins the line.
    queued_at: Timestamp,
    is_put_off: bool,
    /// The engine counts more waiting time than since `queued_at`.
    is_aged: bool,
    /// Its effort for an agent of average pace.
    effort_s: f64,
    manager: Option<usize>,
    last_agent: Option<usize>,
    repeats: u32,
    redials: u32,
    handed_on: u32,
    served: bool,
    resolved: bool,
    counts: bool,
    guess: Option<(i64, i64)>,
}

#[derive(Clone)]
pub struct Centre<'a> {
    workload: &'a Workload,
    staff: &'a Staff,
    entry: &'a Entry,
    dice: Dice,
    /// Last one first.
    coming: Vec<Coming>,
    shifts: Vec<Shift>,
    breaks: Vec<Deed>,
    /// When everybody has gone home, on each day; last one first.
    home_times: Vec<Timestamp>,
    /// Each agent's grade in each topic.
    grades: Vec<Vec<usize>>,
    names: Vec<Name>,
    /// By topic: the queue that a transferred contact continues in.
    queues: Vec<PerChannel<Name>>,
    promises: Vec<PerChannel<Promise>>,
    topic_effort_mean: f64,
    day: Day,
}

impl<'a> Centre<'a> {
    fn new(
        workload: &'a Workload,
        staff: &'a Staff,
        entry: &'a Entry,
        options: &Options,
        dice: Dice,
    ) -> Self {
        let names: Vec<Name> = options
            .agents
            .iter()
            .map(|agent| agent.id.clone())
            .collect();
        let queues = known::queues_by_topic(workload, entry, options);
        let attendance = &workload.attendance;
        Self {
            coming: coming(workload, dice),
            shifts: staff.shifts(workload.days_before, attendance, dice),
            breaks: staff.breaks(workload.days_before, attendance, dice),
            home_times: home_times(workload),
            grades: known::grades(workload, staff),
            names,
            promises: known::promises(workload, &queues, options),
            queues,
            topic_effort_mean: workload.topic_effort_mean(),
            day: Day {
                agent_hours: staff.agent_hours(),
                productive_hours: staff.present_hours(attendance, dice),
                ..Day::new(workload)
            },
            workload,
            staff,
            entry,
            dice,
        }
    }

    fn finish(self) -> Day {
        self.day
    }

    fn throws(&self, purpose: Purpose, case: &Case) -> Throws {
        self.dice.throws(
            purpose,
            case.number * EPISODES_MAX + case.episode.min(EPISODES_MAX - 1),
        )
    }

    /// The mean effort of a contact.
    fn average_effort_s(&self, channel: Channel, topic: usize) -> f64 {
        self.workload.channels.get(channel).effort_s * self.workload.topics[topic].effort
            / self.topic_effort_mean
    }

    /// Draws the customer of an arrival.
    fn customer(&self, coming: Coming) -> Case {
        let mut throws = self.dice.throws(Purpose::Kind, coming.number);
        let shares: Vec<f64> = self
            .workload
            .topics
            .iter()
            .map(|topic| topic.share)
            .collect();
        let drawn = throws.weighted(&shares);
        let topic = coming.topic.unwrap_or(drawn);
        let shares: Vec<f64> = self.workload.tiers.iter().map(|tier| tier.share).collect();
        let tier = throws.weighted(&shares);
        let has_manager = self.workload.tiers[tier].has_manager;
        let manager = has_manager.then(|| self.manager(coming.number)).flatten();
        let average = self.average_effort_s(coming.channel, topic);
        let effort_s = self
            .dice
            .throws(Purpose::Work, coming.number)
            .lognormal(average, self.workload.effort_log_sd)
            .min(self.workload.effort_max.as_s_f64());
        Case {
            number: coming.number,
            episode: 0,
            offers: 0,
            channel: coming.channel,
            topic,
            tier,
            came_at: coming.at,
            closes_at: self.closes_after(coming.at),
            queued_at: coming.at,
            is_put_off: false,
            is_aged: false,
            effort_s,
            manager,
            last_agent: None,
            repeats: 0,
            redials: 0,
            handed_on: 0,
            served: false,
            resolved: false,
            counts: coming.at >= self.workload.opens_at,
            guess: None,
        }
    }

    /// When the day that contains an instant closes: the rehearsed day or one before it.
    fn closes_after(&self, at: Timestamp) -> Timestamp {
        let early = (self.workload.opens_at - at).max(Millis::ZERO);
        let days = (early.0 + DAY.0 - 1).div_euclid(DAY.0);
        self.workload.closes_at() - Millis(DAY.0 * days)
    }

    /// The agent with the highest draw for this customer, so that agents whom two compared rosters
    /// share keep their customers as managers.
    fn manager(&self, customer: u64) -> Option<usize> {
        let drawn = |number: u64| {
            let mut throws = self.dice.throws_again(Purpose::Manager, customer, number);
            throws.unit()
        };
        let members = self.staff.members.iter().enumerate();
        let drawn = members.map(|(agent, member)| (agent, drawn(member.number)));
        let most = drawn.max_by(|(_, one), (_, other)| one.total_cmp(other));
        most.map(|(agent, _)| agent)
    }

    fn arrival(&self, case: Case, patience: Option<Millis>) -> Arrival<Case> {
        let mut intake = Intake::new(case.channel);
        intake.topic = Some(self.workload.topics[case.topic].name.clone());
        if let Entry::Asked(queues) = self.entry {
            intake.queue = Some(queues[case.topic].get(case.channel).clone());
        }
        intake.identities = Identities::new(phone(case.number).into_iter().collect());
        let name = |agent: Option<usize>| agent.map(|agent| self.names[agent].clone());
        Arrival {
            at: case.queued_at,
            intake,
            recognition: Recognition {
                customer: Some(Text::from(format!("c{}", case.number).as_str())),
                tier: Some(self.workload.tiers[case.tier].name.clone()),
                account_manager: name(case.manager),
                last_agent: name(case.last_agent),
            },
            patience,
            later: Vec::new(),
            case,
        }
    }

    fn patience(&self, case: &Case) -> Option<Millis> {
        let patience = self.workload.channels.get(case.channel).patience?;
        let mut throws = self.throws(Purpose::Patience, case);
        let seconds = throws.weibull(patience.shape, patience.scale_s);
        let scale = if case.episode == 0 {
            1.0
        } else {
            throws.between(0.5, 1.5)
        };
        Some(Millis::rounded_s(seconds * scale))
    }

    /// Returns after an exponential delay, unless the day is over by then, with the given patience
    /// or a new one.
    fn again(
        &self,
        mut case: Case,
        after_s: f64,
        as_before: Option<Millis>,
        now: Timestamp,
    ) -> Option<Arrival<Case>> {
        let mut throws = self.throws(Purpose::Return, &case);
        case.episode += 1;
        case.offers = 0;
        case.is_aged = false;
        case.queued_at = now + Millis::rounded_s(throws.exponential(after_s));
        let comes = case.queued_at < case.closes_at;
        let patience = as_before.or_else(|| self.patience(&case));
        comes.then(|| self.arrival(case, patience))
    }

    fn wait_is_over(&mut self, case: &Case, now: Timestamp, outcome: WaitEnd, in_time: bool) {
        if !case.counts {
            return;
        }
        let waited = (now - case.queued_at).max(Millis::ZERO);
        let answered = outcome == WaitEnd::Answered;
        self.day.waits.push(Wait {
            queued_at_ms: (case.queued_at - self.workload.opens_at).0,
            tier: case.tier,
            channel: case.channel,
            ms: waited.0,
            outcome,
            in_time: answered && in_time,
        });
        if let Some((p50_ms, p90_ms)) = case.guess.filter(|_| answered) {
            self.day.guesses.push(Guess {
                tier: case.tier,
                p50_ms,
                p90_ms,
                waited_ms: waited.0,
            });
        }
    }

    fn turned_away(
        &mut self,
        case: &Case,
        now: Timestamp,
        outcome: WaitEnd,
    ) -> Option<Arrival<Case>> {
        self.wait_is_over(case, now, outcome, false);
        self.is_gone(case);
        None
    }

    /// The customer does not return.
    fn is_gone(&mut self, case: &Case) {
        if case.counts && !case.served {
            self.day.lost[case.tier] += 1;
        }
    }
}

/// A number of the customer's own, at which a full queue can have them called back.
fn phone(customer: u64) -> Option<Identity> {
    let number = format!("+861{:010}", customer % 10_000_000_000);
    Identity::new(IdentityKind::Phone, &number).ok()
}

/// When everybody has gone home, on this day and each day before; last one first.
fn home_times(workload: &Workload) -> Vec<Timestamp> {
    let last = workload.closes_at() + STAY;
    let days = 0..=i64::from(workload.days_before);
    days.map(|day| last - Millis(DAY.0 * day)).collect()
}
