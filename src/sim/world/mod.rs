//! A rehearsal in virtual time: the production engine, customers who arrive, wait, abandon and
//! return, and agents who answer, work and go home.
//!
//! The world carries commands to the engine and events to the [`Crowd`]; the crowd decides what
//! people do, the engine decides who gets which contact. Several contacts in hand share an agent's
//! attention as defined by [`attention`](crate::engine::state::attention).
//!
//! **Invariant:** nothing here chooses an agent or a contact, and time advances only to the next
//! thing that happens.

mod arriving;
mod calling;
mod closing;
mod floor;
pub mod fork;
mod hear;
mod over;
mod rest;
mod shift;
mod steps;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use self::calling::Callers;
use self::steps::Step;
use super::crowd::{Arrival, Crowd, Deed, Gauges, News, Shift};
use super::desk::Desk;
use crate::domain::{ContactId, Millis, OfferId, Recognition, Timestamp};
use crate::engine::command::{Command, DeskAct, SiteCommand};
use crate::engine::event::Recorded;
use crate::engine::options::Options;
use crate::engine::{Emitted, Engine};

/// An open contact.
#[derive(Clone)]
struct Life<C> {
    /// Distinguishes the lives of one slot.
    number: u64,
    case: C,
    queued_at: Timestamp,
    episode: u32,
    is_waiting: bool,
    /// Scheduled, and not in line yet.
    is_put_off: bool,
    /// Kept for a scheduled contact, whose patience starts when it joins the line.
    patience: Option<Millis>,
    recognition: Recognition,
    /// What becomes known about it.
    news: Vec<News>,
}

#[derive(Clone)]
pub struct World<C: Crowd> {
    pub engine: Engine,
    pub crowd: C,
    now: Timestamp,
    steps: BinaryHeap<Reverse<(Timestamp, u64, Step)>>,
    steps_made: u64,
    desks: Vec<Desk>,
    callers: Callers,
    lives: Vec<Option<Life<C::Case>>>,
    free: Vec<usize>,
    lives_made: u64,
    /// Returning contacts, until they arrive.
    returning: std::collections::BTreeMap<u64, Arrival<C::Case>>,
    arrival: Option<Arrival<C::Case>>,
    shift: Option<Shift>,
    deed: Option<Deed>,
    /// When everybody has gone home next.
    home_at: Option<Timestamp>,
    /// Everybody has gone home, and nobody has come since.
    is_deserted: bool,
    gauges: Gauges,
    events: std::collections::VecDeque<Emitted>,
    /// What agents do at once. Nothing is done while events are heard: one step of the engine may
    /// make thousands of offers.
    acts: std::collections::VecDeque<(usize, DeskAct)>,
    is_reacting: bool,
    /// Everything that has happened, if recorded.
    pub journal: Option<Vec<Recorded>>,
}

impl<C: Crowd> World<C> {
    /// The agents of `options` are numbered in their order.
    pub fn new(options: Options, crowd: C, begin: Timestamp) -> Self {
        Self::begin(options, crowd, begin, None)
    }

    /// Records everything that happens in `journal`.
    pub fn recording(options: Options, crowd: C, begin: Timestamp) -> Self {
        Self::begin(options, crowd, begin, Some(Vec::new()))
    }

    fn begin(options: Options, crowd: C, begin: Timestamp, journal: Option<Vec<Recorded>>) -> Self {
        let desks = options
            .agents
            .iter()
            .map(|agent| Desk::of(agent.id.clone()));
        let mut world = Self {
            engine: Engine::new(),
            desks: desks.collect(),
            callers: Callers::of(&options, |queue| crowd.agents_call(queue)),
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
            deed: None,
            home_at: None,
            is_deserted: false,
            gauges: Gauges::default(),
            events: std::collections::VecDeque::new(),
            acts: std::collections::VecDeque::new(),
            is_reacting: false,
            journal,
        };
        world.command(Command::Site(SiteCommand::Configure(Arc::new(options))));
        world.arrival = world.crowd.next_arrival();
        world.shift = world.crowd.next_shift();
        world.deed = world.crowd.next_deed();
        world.home_at = world.crowd.goes_home_at();
        world
    }

    /// Runs until nothing is left to happen.
    pub fn run(&mut self) {
        while self.step() {}
        for life in std::mem::take(&mut self.lives).into_iter().flatten() {
            if life.is_waiting || life.is_put_off {
                self.crowd.left_waiting(life.case);
            }
        }
    }

    /// Runs until an instant, whether or not anything happens at it.
    pub fn run_until(&mut self, end: Timestamp) {
        while self.step_until(Some(end)) {}
        self.pass_to(end);
    }

    /// Takes the next step; false if there is none.
    pub fn step(&mut self) -> bool {
        self.step_until(None)
    }

    /// Like [`Self::step`]; also false if nothing happens by `end`.
    fn step_until(&mut self, end: Option<Timestamp>) -> bool {
        let arrival = self.arrival.as_ref().map(|arrival| arrival.at);
        let shift = self.shift.map(|shift| shift.at);
        self.drop_what_is_over();
        let own = self.steps.peek().map(|Reverse((at, _, _))| *at);
        let deed = self.deed.as_ref().map(|deed| deed.at);
        let outside = [shift, arrival, own, deed, self.home_at];
        let outside = outside.into_iter().flatten().min();
        // With nobody present the engine's own deadlines lead nowhere: a timetable opens and closes
        // for ever.
        let engine = self
            .engine
            .next_deadline()
            .filter(|_| end.or(outside).is_some() || self.is_occupied());
        let next = outside.into_iter().chain(engine).min();
        let Some(next) = next.filter(|next| end.is_none_or(|end| *next <= end)) else {
            return false;
        };
        self.pass_to(next);
        if engine == Some(next) {
            self.engine.expire(self.now, usize::MAX);
            self.react();
            if self.gauges.waiting > 0 {
                self.callers.look_again();
            }
        } else if shift == Some(next) {
            self.change_shift();
        } else if own == Some(next) {
            self.take_step();
        } else if deed == Some(next) {
            self.take_deed();
        } else if arrival == Some(next) {
            if let Some(arrival) = self.arrival.take() {
                self.arrival = self.crowd.next_arrival();
                self.arrive(arrival);
            }
        } else {
            self.go_home();
        }
        self.call_next();
        true
    }

    /// Whether an agent works, or a contact waits while agents are on duty.
    fn is_occupied(&self) -> bool {
        self.gauges.busy > 0 || self.gauges.waiting > 0 && self.gauges.on_duty > 0
    }

    /// Call whenever the contacts in hand, duty or rest of an agent may have changed.
    fn tally(&mut self, agent: usize) {
        let desk = &mut self.desks[agent];
        let (busy, on_duty) = desk.stands();
        let (was_busy, was_on_duty) = std::mem::replace(&mut desk.counted, (busy, on_duty));
        let count =
            |number: usize, was: bool, is: bool| number + usize::from(is) - usize::from(was);
        self.gauges.busy = count(self.gauges.busy, was_busy, busy);
        self.gauges.on_duty = count(self.gauges.on_duty, was_on_duty, on_duty);
        if on_duty && !busy {
            desk.idle_since = self.now;
            self.callers.is_free(agent);
        }
    }

    fn pass_to(&mut self, next: Timestamp) {
        if next > self.now {
            self.crowd.stood(self.now, next, self.gauges);
            self.now = next;
        }
    }
}

/// An id that is never reused, made of a slot and the number of its life.
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
