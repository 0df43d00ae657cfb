//! Finds the smallest roster that reaches the service level of every channel in every slot.
//!
//! It starts with Erlang-A for each channel and slot, and then relies on simulation alone. Agents
//! are added where the service level is missed, until every slot reaches it. Then agents are
//! removed, in smaller steps after each failure: several slots at a time, but never neighbours,
//! since a backlog from one slot carries over into the next. Finally single agents of single slots
//! are removed, until every slot would miss the goal with one fewer.
//!
//! **Invariant:** the result depends only on the given days, so the same days give the same plan.

mod table;

use crate::domain::{Channel, Millis, PerChannel};
use crate::engine::state::attention::speed;
use crate::sim::day::{Day, count, slot_time};
use crate::sim::erlang::{Station, gamma};
use crate::sim::policy::TEXT_MAX;
use crate::sim::report::ratio_half_width;
use crate::sim::staff::{AGENTS_MAX, Roster};
use crate::sim::workload::Workload;

/// The most rounds that add agents.
pub const ADDING_MAX: u32 = 40;
/// The most rounds that remove agents.
pub const TAKING_MAX: u32 = 120;
/// The most rounds that remove a single agent from one slot.
pub const SINGLE_MAX: u32 = 600;
/// The minimum distance of slots changed in one round.
const APART: usize = 3;

/// The result of planning.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub start: Roster,
    pub roster: Roster,
    pub levels: Levels,
    /// Whether every channel reaches the goal in every slot.
    pub reaches: bool,
    /// Whether the removal of any single agent from this roster was tried and missed the goal.
    pub is_smallest: bool,
    pub rounds: u32,
}

/// The service level in each slot, by channel.
pub type Levels = Vec<PerChannel<Level>>;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// Over all contacts of all replications; none without contacts.
    pub share: Option<f64>,
    pub half_width: Option<f64>,
}

impl Level {
    fn reaches(&self, goal: f64) -> bool {
        self.share.is_none_or(|share| share >= goal)
    }
}

/// The roster by Erlang-A, with mean patience, and for text channels the agent's total speed.
/// Absences and breaks are added.
pub fn start(workload: &Workload, levels: &[crate::domain::Level], goal: f64) -> Roster {
    let slot_s = workload.slot.as_s_f64();
    let agents = |slot: usize, channel: Channel| {
        let work = workload.channels.get(channel);
        let at_a_time = if channel.is_synchronous() {
            1
        } else {
            TEXT_MAX
        };
        let patience = work.patience;
        let station = Station {
            agents: 0,
            rate_per_s: contacts(workload, slot, channel) / slot_s,
            service_s: work.effort_s / speed(at_a_time),
            patience_s: patience.map(|law| law.scale_s * gamma(1.0 + 1.0 / law.shape)),
        };
        station.agents_for(target(workload, channel).as_s_f64(), goal)
    };
    let slots = 0..workload.arrivals.len();
    let on_duty = slots.map(|slot| PerChannel(Channel::ALL.map(|channel| agents(slot, channel))));
    let wanted = Roster {
        on_duty: on_duty.collect(),
        levels: levels.to_vec(),
    };
    grossed_up(wanted, workload)
}

/// Why no roster serves this load, if the start of planning says so.
pub fn is_beyond(start: &Roster, workload: &Workload) -> Option<String> {
    let slots = start.on_duty.iter().enumerate();
    let mut needs = slots.flat_map(|(slot, needs)| needs.iter().map(move |need| (slot, need)));
    let (slot, (channel, _)) = needs.find(|(_, (_, agents))| **agents > AGENTS_MAX)?;
    let effort_s = workload.channels.get(channel).effort_s;
    let at = slot_time(workload, slot);
    Some(format!(
        "channels.{channel}.effort_s: {effort_s}, allowed: what {AGENTS_MAX} agents can serve at {at}"
    ))
}

/// Scales the roster so that the agents present and not on a break are as many as required.
fn grossed_up(mut wanted: Roster, workload: &Workload) -> Roster {
    if workload.attendance.matters() {
        let duties = wanted.all_duties(workload).into_iter();
        let share = workload.attendance.productive_share(duties);
        for slot in &mut wanted.on_duty {
            slot.0 = slot.0.map(|agents| whole(f64::from(agents) / share));
        }
    }
    wanted
}

/// Mean contacts of a slot, with surges, which may cover part of it.
fn contacts(workload: &Workload, slot: usize, channel: Channel) -> f64 {
    let usual = *workload.arrivals[slot].get(channel);
    let begins = workload.opens_at + Millis(workload.slot.0 * i64::try_from(slot).unwrap_or(0));
    let ends = begins + workload.slot;
    let those = workload.surges.iter();
    let those = those.filter(|surge| surge.channels.contains(&channel));
    let more = those.map(|surge| {
        let shared = surge.until.min(ends) - surge.from.max(begins);
        surge.more * shared.max(Millis::ZERO).as_s_f64() / workload.slot.as_s_f64()
    });
    usual * (1.0 + more.sum::<f64>())
}

fn target(workload: &Workload, channel: Channel) -> Millis {
    let promised = workload.channels.get(channel).answer_within;
    promised.unwrap_or(Millis::from_s(60))
}

/// Plans a roster. `simulate` plays the same days with a given roster; `progress` is called in
/// every round.
pub fn plan(
    workload: &Workload,
    start: Roster,
    goal: f64,
    simulate: &mut dyn FnMut(&Roster) -> Vec<Day>,
    progress: &mut dyn FnMut(u32, &Roster),
) -> Plan {
    let mut search = Search {
        workload,
        goal,
        levels: Vec::new(),
        roster: start.clone(),
        simulate,
        progress,
        rounds: 0,
    };
    search.add();
    let reaches = search.is_good(&search.levels) && anybody_came(&search.levels);
    let mut is_smallest = false;
    if reaches {
        search.take_away();
        is_smallest = search.take_singles();
    }
    Plan {
        start,
        reaches,
        is_smallest,
        rounds: search.rounds,
        roster: search.roster,
        levels: search.levels,
    }
}

impl Plan {
    /// Whether there was a contact on any of the days.
    pub fn anybody_came(&self) -> bool {
        anybody_came(&self.levels)
    }
}

fn anybody_came(levels: &Levels) -> bool {
    let mut all = levels.iter().flat_map(|slot| &slot.0);
    all.any(|level| level.share.is_some())
}

struct Search<'a> {
    workload: &'a Workload,
    goal: f64,
    /// The levels of `roster`.
    levels: Levels,
    roster: Roster,
    simulate: &'a mut dyn FnMut(&Roster) -> Vec<Day>,
    progress: &'a mut dyn FnMut(u32, &Roster),
    rounds: u32,
}

impl Search<'_> {
    fn play(&mut self, roster: &Roster) -> Levels {
        self.rounds += 1;
        (self.progress)(self.rounds, roster);
        levels(self.workload, &(self.simulate)(roster))
    }

    fn is_good(&self, levels: &Levels) -> bool {
        let all = levels.iter().flat_map(|slot| &slot.0);
        all.into_iter().all(|level| level.reaches(self.goal))
    }

    /// Adds agents to every slot below the goal, more where it is further below, and not more than
    /// a day file can have.
    fn add(&mut self) {
        self.levels = self.play(&self.roster.clone());
        for _ in 0..ADDING_MAX {
            if self.is_good(&self.levels) {
                return;
            }
            let before = self.roster.clone();
            for (slot, levels) in self.roster.on_duty.iter_mut().zip(&self.levels) {
                for channel in Channel::ALL {
                    let share = levels.get(channel).share.unwrap_or(1.0);
                    if share < self.goal {
                        let agents = slot.get_mut(channel);
                        let missing = (self.goal - share) * f64::from(*agents) / 4.0;
                        let more = agents.saturating_add(whole(missing).max(1));
                        *agents = more.min(AGENTS_MAX);
                    }
                }
            }
            if self.roster == before {
                return;
            }
            self.levels = self.play(&self.roster.clone());
        }
    }

    /// Removes agents, several slots at a time, as long as every slot reaches the goal.
    fn take_away(&mut self) {
        let tenth = |agents: u32| (agents / 10).max(u32::from(agents > 0));
        let mut steps: Vec<PerChannel<u32>> = self
            .roster
            .on_duty
            .iter()
            .map(|slot| PerChannel(slot.0.map(tenth)))
            .collect();
        for round in 0..TAKING_MAX as usize {
            let channel = Channel::ALL[round % 4];
            let first = round / 4 % APART;
            let mut roster = self.roster.clone();
            let mut tried = Vec::new();
            for slot in (first..steps.len()).step_by(APART) {
                let step = (*steps[slot].get(channel)).min(*roster.on_duty[slot].get(channel));
                if step > 0 {
                    *roster.on_duty[slot].get_mut(channel) -= step;
                    tried.push(slot);
                }
            }
            if tried.is_empty() {
                if self.is_tried_out(&steps) {
                    return;
                }
                continue;
            }
            self.try_out(roster, &tried, channel, &mut steps);
        }
    }

    /// Removes single agents as long as every slot reaches the goal; true once none can be removed.
    fn take_singles(&mut self) -> bool {
        let places = self.roster.on_duty.len() * Channel::ALL.len();
        let mut needed = 0;
        let mut tried = 0;
        for at in (0..places).cycle() {
            let (slot, channel) = (
                at / Channel::ALL.len(),
                Channel::ALL[at % Channel::ALL.len()],
            );
            // After a successful removal the same place is tried again at once.
            while *self.roster.on_duty[slot].get(channel) > 0 {
                if tried == SINGLE_MAX {
                    return false;
                }
                tried += 1;
                if !self.try_single(slot, channel) {
                    break;
                }
                needed = 0;
            }
            needed += 1;
            if needed >= places {
                return true;
            }
        }
        // A day without slots has no agents.
        true
    }

    /// Removes one agent from one slot if every slot still reaches the goal.
    fn try_single(&mut self, slot: usize, channel: Channel) -> bool {
        let mut roster = self.roster.clone();
        *roster.on_duty[slot].get_mut(channel) -= 1;
        let found = self.play(&roster);
        let is_good = self.is_good(&found);
        if is_good {
            self.roster = roster;
            self.levels = found;
        }
        is_good
    }

    /// Whether no further removal is worth trying.
    fn is_tried_out(&self, steps: &[PerChannel<u32>]) -> bool {
        let mut slots = steps.iter().zip(&self.roster.on_duty);
        slots.all(|(step, agents)| {
            let mut channels = step.0.iter().zip(&agents.0);
            channels.all(|(step, agents)| (*step).min(*agents) == 0)
        })
    }

    /// Tries a smaller roster, and keeps those removals with which every slot reaches the goal.
    fn try_out(
        &mut self,
        mut roster: Roster,
        tried: &[usize],
        channel: Channel,
        steps: &mut [PerChannel<u32>],
    ) {
        let found = self.play(&roster);
        if self.is_good(&found) {
            self.roster = roster;
            self.levels = found;
            return;
        }
        let mut kept = 0;
        for slot in tried {
            let near = found.iter().skip(*slot).take(APART);
            let mut near = near.flat_map(|slot| &slot.0);
            if near.all(|level| level.reaches(self.goal)) {
                kept += 1;
                continue;
            }
            *roster.on_duty[*slot].get_mut(channel) = *self.roster.on_duty[*slot].get(channel);
            *steps[*slot].get_mut(channel) /= 2;
        }
        if kept == 0 {
            return;
        }
        if kept == tried.len() {
            // A slot near none of the removals failed: the cause is unknown, so nothing is kept.
            for slot in tried {
                *steps[*slot].get_mut(channel) /= 2;
            }
            return;
        }
        let found = self.play(&roster);
        if self.is_good(&found) {
            self.roster = roster;
            self.levels = found;
            return;
        }
        for slot in tried {
            *steps[*slot].get_mut(channel) /= 2;
        }
    }
}

/// The service level by slot and channel, with its interval over the days.
pub fn levels(workload: &Workload, days: &[Day]) -> Levels {
    let slots = workload.arrivals.len();
    let mut counts = vec![vec![[(0_u64, 0_u64); 4]; days.len()]; slots];
    for (at, day) in days.iter().enumerate() {
        for wait in &day.waits {
            let queued_at = workload.opens_at + Millis(wait.queued_at_ms);
            if let Some(slot) = workload.slot_at(queued_at) {
                let (in_time, all) = &mut counts[slot][at][wait.channel.index()];
                *in_time += u64::from(wait.in_time);
                *all += 1;
            }
        }
    }
    let level = |days: &Vec<[(u64, u64); 4]>, channel: Channel| {
        let of_channel = || days.iter().map(|day| day[channel.index()]);
        let all: u64 = of_channel().map(|(_, all)| all).sum();
        let in_time: u64 = of_channel().map(|(in_time, _)| in_time).sum();
        if all == 0 {
            return Level::default();
        }
        let share = count(in_time) / count(all);
        let days = of_channel().filter(|(_, all)| *all > 0);
        let days: Vec<(f64, f64)> = days
            .map(|(in_time, all)| (count(in_time), count(all)))
            .collect();
        Level {
            share: Some(share),
            // A share stays within 0 and 1.
            half_width: ratio_half_width(&days).map(|half| half.min(share.max(1.0 - share))),
        }
    };
    let slots = counts.iter();
    slots
        .map(|days| PerChannel(Channel::ALL.map(|channel| level(days, channel))))
        .collect()
}

fn whole(number: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few agents; a float saturates"
    )]
    let whole = number.ceil() as u32;
    whole
}
