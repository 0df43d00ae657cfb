//! Obsolete steps: patience that would last for years keeps no world running once the customer has
//! been served.

use std::cmp::Reverse;

use super::{Step, World};
use crate::sim::crowd::Crowd;

impl<C: Crowd> World<C> {
    pub(super) fn drop_what_is_over(&mut self) {
        while let Some(Reverse((_, _, step))) = self.steps.peek()
            && self.is_obsolete(step)
        {
            self.steps.pop();
        }
    }

    fn is_obsolete(&self, step: &Step) -> bool {
        let life_of = |slot: usize, number: u64| {
            let life = self.lives[slot].as_ref();
            life.filter(|life| life.number == number)
        };
        match step {
            Step::GiveUp {
                slot,
                life,
                episode,
            } => {
                let life = life_of(*slot, *life);
                life.is_none_or(|life| life.episode != *episode || !life.is_waiting)
            }
            Step::Learn { slot, life, .. } => life_of(*slot, *life).is_none(),
            Step::Finish { agent, generation } => self.desks[*agent].generation != *generation,
            Step::Reply { .. }
            | Step::Return { .. }
            | Step::ComeBack { .. }
            | Step::GoOn { .. }
            | Step::Extend { .. }
            | Step::TidyUp { .. }
            | Step::Call { .. } => false,
        }
    }
}
