//! The people of a recorded day, replayed: they arrive when they arrived, wait as long as they did,
//! and take agents the time they took.
//!
//! Assumptions:
//! * An answered customer would have waited longer, by [`Fitted`].
//! * A customer who was deflected then, and is not now, waits like others.
//! * A customer who asked to be called back does not give up.
//! * A contact that was never served takes what another of the same channel, and of the same topic
//!   if there are enough, really took.
//! * The n-th offer of a contact meets the recorded reaction to its n-th offer, whichever agent
//!   gets it; further offers are accepted after the agent's usual time.
//! * A contact being served when the journal ended takes as much more as another contact.
//! * An agent who is suspended while the recorded one was, or less than two minutes before, becomes
//!   ready when the recorded one did; otherwise after two minutes.
//! * A contact that went back to the line does so again, after the time that the agent gave it.
//! * A contact that asked for an agent who is not there takes anyone of its queue.
//! * From a queue that nobody could call from then, idle agents call the next contact at once.
//! * Work that an agent left unfinished because of a lost connection is done by the first agent.
//!
//! [`Fitted`]: crate::sim::recorded::Fitted

use std::collections::BTreeMap;

use crate::domain::{Intake, Millis, Name, Requirements, Timestamp};
use crate::engine::options::Options;
use crate::sim::crowd::{Deed, DeedKind, News, Shift};
use crate::sim::day::{Day, Wait, WaitEnd};
use crate::sim::dice::{Dice, Purpose};
use crate::sim::recorded::pace::{Grade, Subject, asked, grade};
use crate::sim::recorded::{Crew, Did, End, Fate, Leaving, Leg, Matter, RecordedDay, Service};
use crate::sim::workload::Workload;
use crate::sim::world::World;

mod crowd;

/// The fewest contacts of a topic to draw from; below it, any of the channel are used.
const SAME_TOPIC_FROM: usize = 10;
/// The effort of a contact if nothing was ever finished.
const UNKNOWN_EFFORT: Millis = Millis::from_s(300);
/// Times in line with chance of their own.
const LEGS_MAX: u64 = 64;
/// How long an agent who called waits for a contact.
const CALL_FOR: Millis = Millis::from_s(120);

/// The result of a replay.
#[derive(Clone, Debug)]
pub struct Replayed {
    pub day: Day,
    /// Neither answered nor gone by the end.
    pub waiting: u64,
}

/// Replays a recorded day with this configuration and crew up to the instant at which its journal
/// ends. The same seed gives the same day.
pub fn replay(
    day: &RecordedDay,
    frame: &Workload,
    options: &Options,
    crew: &Crew,
    seed: u64,
) -> Replayed {
    let crowd = Again::new(day, frame, options, crew, seed);
    let mut world = World::new(options.clone(), crowd, day.begins_at);
    world.run_until(day.ends_at);
    world.crowd.finish()
}

/// Derives the assumptions from the recorded day.
pub(super) fn learn(day: &mut RecordedDay) {
    for (at, matter) in day.matters.iter().enumerate() {
        for (number, leg) in matter.legs.iter().enumerate() {
            let Fate::Served(service) = &leg.fate else {
                continue;
            };
            match service.end {
                // Nothing was done for the customer, or not all.
                End::Open | End::Back(_) => continue,
                // It says nothing of the pace.
                End::Left { .. } => {
                    let finished = day.finished.entry(matter.intake.channel).or_default();
                    finished.push((at, number));
                    continue;
                }
                End::Completed { .. } => {
                    let finished = day.finished.entry(matter.intake.channel).or_default();
                    finished.push((at, number));
                }
                End::HandedOn { .. } => {}
            }
            let subject = subject(&day.options, matter, leg);
            let grade = grade_then(day, service, &subject);
            day.paces.measure(&subject, &grade, service.effort_ms);
        }
    }
}

fn subject(options: &Options, matter: &Matter, leg: &Leg) -> Subject {
    let intake = &matter.intake;
    Subject {
        name: intake.topic.clone().unwrap_or_else(|| leg.queue.clone()),
        channel: intake.channel,
        asked: asked(options, &leg.queue, &intake.requires),
    }
}

/// The grade of the agent who really served it.
fn grade_then(day: &RecordedDay, service: &Service, subject: &Subject) -> Grade {
    let name = &day.agents[service.agent].name;
    let agent = day.options.agents.iter().find(|agent| agent.id == *name);
    let nothing = Requirements::default();
    grade(
        agent.map_or(&nothing, |agent| &agent.skills),
        &subject.asked,
    )
}

#[derive(Clone, Copy, Debug)]
struct Case {
    matter: usize,
    leg: usize,
    offers: usize,
    queued_at: Timestamp,
    waits: bool,
}

struct Again<'a> {
    day: &'a RecordedDay,
    frame: &'a Workload,
    options: &'a Options,
    crew: &'a Crew,
    dice: Dice,
    /// Matters in order of arrival.
    next: usize,
    shifts: Vec<Shift>,
    /// Last one first.
    deeds: Vec<Deed>,
    /// By matter.
    waiting: BTreeMap<usize, Case>,
    sampled_at: Timestamp,
    out: Day,
}

impl<'a> Again<'a> {
    fn new(
        day: &'a RecordedDay,
        frame: &'a Workload,
        options: &'a Options,
        crew: &'a Crew,
        seed: u64,
    ) -> Self {
        Self {
            shifts: crew.shifts(day.ends_at),
            deeds: deeds(day, options, crew),
            out: Day {
                agent_hours: crew.agent_hours(),
                ..Day::new(frame)
            },
            day,
            frame,
            options,
            crew,
            dice: Dice::new(seed),
            next: 0,
            waiting: BTreeMap::new(),
            sampled_at: day.begins_at,
        }
    }

    fn finish(mut self) -> Replayed {
        for case in self.waiting.values() {
            let (matter, promised_at) = (self.matter(case), self.promised_at(case));
            let day = self.day;
            let wait = day.still_waits(matter, case.queued_at, promised_at, self.frame);
            self.out.waits.extend(wait);
        }
        Replayed {
            waiting: self.waiting.len() as u64,
            day: self.out,
        }
    }

    fn matter(&self, case: &Case) -> &'a Matter {
        &self.day.matters[case.matter]
    }

    /// None if the case has gone further than it really did.
    fn leg(&self, case: &Case) -> Option<&'a Leg> {
        self.matter(case).legs.get(case.leg)
    }

    /// When it should be answered by the target of the recorded queue.
    fn promised_at(&self, case: &Case) -> Timestamp {
        let leg = self.leg(case);
        leg.map_or(case.queued_at, |leg| leg.promise.until(case.queued_at))
    }

    fn number(case: &Case) -> u64 {
        case.matter as u64 * LEGS_MAX + (case.leg as u64).min(LEGS_MAX - 1)
    }

    fn patience(&self, case: &Case) -> Option<Millis> {
        let matter = self.matter(case);
        let leg = self.leg(case);
        let waited = match leg.map(|leg| &leg.fate) {
            Some(Fate::Left {
                after,
                how: Leaving::GaveUp | Leaving::Cancelled,
                ..
            }) => return Some(*after),
            Some(Fate::Left {
                how: Leaving::Early,
                ..
            }) => return None,
            Some(Fate::Left {
                after,
                how: Leaving::Deflected,
                ..
            }) => *after,
            Some(Fate::Served(service)) => service.waited,
            Some(Fate::Open) => self.day.ends_at - leg.map_or(case.queued_at, |leg| leg.queued_at),
            None => Millis::ZERO,
        };
        let calls_back = |(_, news): &(Timestamp, News)| matches!(news, News::Callback { .. });
        if matter.news.iter().any(calls_back) {
            return None;
        }
        let fitted = (*self.day.patience.get(matter.intake.channel))?;
        let mut throws = self.dice.throws(Purpose::Patience, Self::number(case));
        Some(fitted.beyond(waited.max(Millis::ZERO), &mut throws))
    }

    fn known_queue(&self, queue: &Name) -> bool {
        self.options.queue(queue).is_some()
    }

    /// The queue in which a contact transferred to `queue` continues.
    fn queue_for(&self, queue: &Name, topic: Option<&Name>) -> Name {
        if self.known_queue(queue) {
            return queue.clone();
        }
        let lists = |queue: &&crate::engine::options::QueueOptions| {
            topic.is_some_and(|topic| queue.topics.contains(topic))
        };
        let listed = self.options.queues.iter().find(lists);
        listed
            .map_or(&self.options.default_queue, |queue| &queue.id)
            .clone()
    }

    /// The work that this leg really took, or that of a similar contact.
    fn service(&self, case: &Case) -> Option<(&'a Matter, &'a Leg, &'a Service)> {
        let matter = self.matter(case);
        if let Some(leg) = self.leg(case)
            && let Fate::Served(service) = &leg.fate
            && service.end != End::Open
        {
            return Some((matter, leg, service));
        }
        let finished = self.day.finished.get(&matter.intake.channel);
        let finished = finished.or_else(|| self.day.finished.values().next())?;
        let same_topic = |(other, _): &&(usize, usize)| {
            self.day.matters[*other].intake.topic == matter.intake.topic
        };
        let mut those: Vec<(usize, usize)> = finished.iter().filter(same_topic).copied().collect();
        if those.len() < SAME_TOPIC_FROM {
            those.clone_from(finished);
        }
        let mut throws = self.dice.throws(Purpose::Work, Self::number(case));
        let (matter, leg) = those[throws.below(those.len())];
        let matter = &self.day.matters[matter];
        let leg = &matter.legs[leg];
        match &leg.fate {
            Fate::Served(service) => Some((matter, leg, service)),
            Fate::Open | Fate::Left { .. } => None,
        }
    }

    /// The work done so far on a contact still being served when the journal ended.
    fn spent_ms(&self, case: &Case) -> f64 {
        match self.leg(case).map(|leg| &leg.fate) {
            Some(Fate::Served(service)) if service.end == End::Open => service.effort_ms,
            Some(Fate::Served(_) | Fate::Open | Fate::Left { .. }) | None => 0.0,
        }
    }

    /// The effort for this agent.
    fn effort_ms(&self, matter: &Matter, leg: &Leg, service: &Service, agent: usize) -> f64 {
        let subject = subject(&self.day.options, matter, leg);
        let then = grade_then(self.day, service, &subject);
        let now = grade(&self.options.agents[agent].skills, &subject.asked);
        service.effort_ms * self.day.paces.ratio(&subject, &now, &then)
    }

    fn wait_is_over(&mut self, case: &mut Case, now: Timestamp, outcome: Option<WaitEnd>) {
        if !case.waits || now > self.day.ends_at {
            return;
        }
        case.waits = false;
        self.waiting.remove(&case.matter);
        let Some(outcome) = outcome else {
            return;
        };
        let matter = self.matter(case);
        let promised_at = self.promised_at(case);
        let waited = (now - case.queued_at).max(Millis::ZERO);
        self.out.waits.push(Wait {
            queued_at_ms: (case.queued_at - self.frame.opens_at).0,
            tier: matter.tier,
            channel: matter.intake.channel,
            ms: waited.0,
            outcome,
            in_time: outcome == WaitEnd::Answered && now <= promised_at,
        });
    }

    fn intake(&self, matter: &Matter) -> Intake {
        let mut intake = (*matter.intake).clone();
        // It was one contact; repeating its external id would merge it with others.
        intake.external_id = None;
        intake.queue = intake.queue.filter(|queue| self.known_queue(queue));
        let is_there = |name: &Name| self.options.agents.iter().any(|agent| agent.id == *name);
        intake.agent = intake.agent.filter(is_there);
        intake
    }

    fn usual_answer(&self, agent: usize) -> Millis {
        let like = self.crew.like[agent].map(|like| &self.day.agents[like]);
        let own = like.and_then(|agent| agent.accept_after);
        own.unwrap_or(self.day.accept_after)
    }
}

/// Last one first. An agent modelled on a recorded one calls, and becomes ready again, when that
/// one did.
fn deeds(day: &RecordedDay, options: &Options, crew: &Crew) -> Vec<Deed> {
    let known = |queue: &Name| options.queue(queue).is_some();
    let like = |agent: usize| {
        let likes = crew.like.iter().enumerate();
        likes.filter_map(move |(at, like)| (*like == Some(agent)).then_some(at))
    };
    let mut deeds = Vec::new();
    for deed in &day.deeds {
        let at = deed.at;
        match &deed.what {
            Did::Called { agent, queue } if known(queue) => {
                for caller in like(*agent) {
                    let what = DeedKind::Call {
                        agent: caller,
                        queue: queue.clone(),
                        until: at + CALL_FOR,
                    };
                    deeds.push(Deed { at, what });
                }
            }
            Did::Ready { agent } => deeds.extend(like(*agent).map(|agent| Deed {
                at,
                what: DeedKind::Ready { agent },
            })),
            Did::Paused { queue } if known(queue) => deeds.push(Deed {
                at,
                what: DeedKind::Pause {
                    queue: queue.clone(),
                },
            }),
            Did::Resumed { queue } if known(queue) => deeds.push(Deed {
                at,
                what: DeedKind::Resume {
                    queue: queue.clone(),
                },
            }),
            Did::Called { .. } | Did::Paused { .. } | Did::Resumed { .. } => {}
        }
    }
    deeds.reverse();
    deeds
}
