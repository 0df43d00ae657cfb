//! Several futures of one present: how much of a wait is chance.
//!
//! An estimate of a wait knows the state at that moment and nothing that will be drawn later. So
//! the same world continues several times from one moment, each time with other dice for everything
//! unknown then: arrivals, when customers lose patience, and how much longer the contacts in hand
//! take, given what they have taken. The deviation of a wait among its futures is the least error
//! that any estimate can have.
//!
//! Returning customers come at the same time in every future: also unknown, but few.
//!
//! For measuring estimates; no command uses it.

use std::cmp::Reverse;

use super::{Step, World, id_of, slot_of};
use crate::domain::{Millis, Timestamp};
use crate::engine::view::WaitEstimate;
use crate::sim::crowd::Crowd;

/// A crowd whose chance can be redrawn from some moment on.
pub trait Fortune: Crowd<Case: Clone> + Clone {
    /// Redraws the arrivals from now on, and everything drawn later, with other dice.
    fn redraw(&mut self, now: Timestamp, seed: u64);

    /// The work a contact still needs beyond what it has received; none to keep the planned end.
    fn work_left(&self, case: &Self::Case, agent: usize, spent: Millis) -> Option<Millis>;

    /// How much longer a customer who has waited this long waits before abandoning.
    fn patience_left(&self, case: &Self::Case, waited: Millis) -> Option<Millis>;
}

/// How often and how far a day is forked.
#[derive(Clone, Copy, Debug)]
pub struct Forking {
    /// Forks at one in this many arrivals that have to wait.
    pub every: usize,
    pub futures: u64,
}

/// A contact that had to wait, in several futures.
#[derive(Clone, Debug)]
pub struct Fork {
    /// The estimate.
    pub p50: Millis,
    /// Its waits in the futures in which it was answered.
    pub waited: Vec<Millis>,
}

impl<C: Fortune> World<C> {
    /// Runs until nothing is left to happen, forking from some moment on.
    pub fn forks(mut self, from: Timestamp, forking: Forking) -> Vec<Fork> {
        let mut forks = Vec::new();
        let mut waited = 0;
        loop {
            let before = self.lives_made;
            if !self.step() {
                return forks;
            }
            if self.lives_made == before || self.now < from {
                continue;
            }
            let newest = (self.lives.iter()).position(|life| {
                life.as_ref()
                    .is_some_and(|life| life.number == self.lives_made && life.is_waiting)
            });
            let Some(slot) = newest else {
                continue;
            };
            waited += 1;
            if waited % forking.every == 0 {
                forks.extend(self.fork(slot, forking.futures));
            }
        }
    }

    fn fork(&self, slot: usize, futures: u64) -> Option<Fork> {
        let number = self.lives[slot].as_ref()?.number;
        let WaitEstimate::Within { p50, .. } = self.engine.contact(id_of(slot, number))?.wait
        else {
            return None;
        };
        let seeds = 0..futures;
        let waited = seeds.filter_map(|seed| {
            let mut world = self.clone();
            world.go_otherwise(number << 16 | seed);
            world.wait_out(slot, number)
        });
        Some(Fork {
            p50,
            waited: waited.collect(),
        })
    }

    /// How long a contact waits until it is answered, if it is.
    fn wait_out(&mut self, slot: usize, number: u64) -> Option<Millis> {
        loop {
            let life = self.lives[slot].as_ref()?;
            if life.number != number {
                return None;
            }
            if !life.is_waiting {
                return Some(self.now - life.queued_at);
            }
            if !self.step() {
                return None;
            }
        }
    }

    fn go_otherwise(&mut self, seed: u64) {
        self.crowd.redraw(self.now, seed);
        self.arrival = self.crowd.next_arrival();
        let steps = std::mem::take(&mut self.steps).into_iter();
        let otherwise = steps.map(|Reverse((at, order, step))| {
            Reverse((self.lasts_until(&step).unwrap_or(at), order, step))
        });
        self.steps = otherwise.collect();
        for agent in 0..self.desks.len() {
            self.work(agent);
            for in_hand in &mut self.desks[agent].in_hand {
                let spent = Millis::truncated_ms(in_hand.spent_ms);
                let life = self.lives[slot_of(in_hand.contact).0].as_ref();
                let left = life.and_then(|life| self.crowd.work_left(&life.case, agent, spent));
                if let Some(left) = left {
                    in_hand.left_ms = left.as_s_f64() * 1_000.0;
                }
            }
            self.plan(agent);
        }
    }

    /// Redraws how long a customer waits.
    fn lasts_until(&self, step: &Step) -> Option<Timestamp> {
        let Step::GiveUp {
            slot,
            life,
            episode,
        } = step
        else {
            return None;
        };
        let waits = self.lives[*slot].as_ref().filter(|found| {
            found.number == *life && found.episode == *episode && found.is_waiting
        })?;
        let left = self
            .crowd
            .patience_left(&waits.case, self.now - waits.queued_at);
        left.map(|left| self.now + left)
    }
}
