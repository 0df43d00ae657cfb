//! The staff: duties, skills and pace, drawn from a roster or taken from a routing configuration.

use crate::domain::skill::Level;
use crate::domain::{Channel, Millis, Name, PerChannel, Requirements, Timestamp};
use crate::engine::options::AgentOptions;
use crate::sim::attendance::Attendance;
use crate::sim::crowd::{Deed, DeedKind, Shift};
use crate::sim::dice::{Dice, Purpose, Throws};
use crate::sim::workload::Workload;

/// One agent of a rehearsal.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The channel that the agent was hired for, if the roster says so.
    pub channel: Option<Channel>,
    pub skills: Requirements,
    /// The time that work takes this agent, relative to others of the same grade.
    pub pace: f64,
    pub duties: Vec<Duty>,
    /// Identifies this agent's random streams, whoever else is rostered.
    pub number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// All agents; those of a routing configuration are in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Staff {
    pub members: Vec<Member>,
}

/// Agents on duty in each slot of the day, by channel, and how their skills are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Roster {
    pub on_duty: Vec<PerChannel<u32>>,
    /// The levels of each agent, each in a different skill, drawn by the topics' shares.
    pub levels: Vec<Level>,
}

impl Roster {
    /// The most agents on duty at once, by channel.
    fn most(&self, channel: Channel) -> u32 {
        let slots = self.on_duty.iter();
        slots.map(|slot| *slot.get(channel)).max().unwrap_or(0)
    }

    /// The hours of all duties, including the stay after the last slot.
    pub fn agent_hours(&self, slot: Millis) -> f64 {
        let agents = |slot: &PerChannel<u32>| f64::from(slot.0.iter().sum::<u32>());
        let all: f64 = self.on_duty.iter().map(agents).sum();
        let stay = self.on_duty.last().map_or(0.0, agents);
        (all * slot.as_s_f64() + stay * STAY.as_s_f64()) / 3_600.0
    }

    /// The same roster with the number of agents multiplied by `factor`, rounded.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let scale = |count: u32| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "counts"
            )]
            let scaled = (f64::from(count) * factor).round() as u32;
            scaled
        };
        Self {
            on_duty: self
                .on_duty
                .iter()
                .map(|slot| PerChannel(slot.0.map(scale)))
                .collect(),
            levels: self.levels.clone(),
        }
    }

    /// Draws the agents of one replication; the first of a channel work longest.
    pub fn draw(&self, workload: &Workload, dice: Dice) -> Staff {
        let mut staff = Staff::default();
        for channel in Channel::ALL {
            for rank in 0..self.most(channel) {
                let number = (channel.index() as u64) << 32 | u64::from(rank);
                let mut throws = dice.throws(Purpose::Agent, number);
                staff.members.push(Member {
                    channel: Some(channel),
                    skills: draw_skills(&self.levels, workload, &mut throws),
                    pace: throws.lognormal(1.0, workload.agent_log_sd),
                    duties: self.duties(channel, rank, workload),
                    number,
                });
            }
        }
        staff
    }

    /// The duties of all agents.
    pub fn all_duties(&self, workload: &Workload) -> Vec<Duty> {
        let of = |channel| {
            let ranks = 0..self.most(channel);
            ranks.flat_map(move |rank| self.duties(channel, rank, workload))
        };
        Channel::ALL.into_iter().flat_map(of).collect()
    }

    /// The duties of the agent of this rank: whenever more agents are required than have a lower
    /// rank. Agents of the last slot stay for [`STAY`] to serve waiting contacts.
    fn duties(&self, channel: Channel, rank: u32, workload: &Workload) -> Vec<Duty> {
        let mut duties: Vec<Duty> = Vec::new();
        let mut from = workload.opens_at;
        for slot in &self.on_duty {
            let until = from + workload.slot;
            if rank < *slot.get(channel) {
                match duties.last_mut().filter(|duty| duty.until == from) {
                    Some(duty) => duty.until = until,
                    None => duties.push(Duty { from, until }),
                }
            }
            from = until;
        }
        if let Some(last) = duties.last_mut().filter(|duty| duty.until == from) {
            last.until = from + STAY;
        }
        duties
    }
}

/// Draws different skills, one for each level, by the topics' shares.
fn draw_skills(levels: &[Level], workload: &Workload, throws: &mut Throws) -> Requirements {
    let mut weights: Vec<f64> = workload
        .topics
        .iter()
        .map(|topic| {
            if topic.skill.is_some() {
                topic.share
            } else {
                0.0
            }
        })
        .collect();
    let mut skills: Vec<(Name, Level)> = Vec::new();
    for level in levels {
        if weights.iter().sum::<f64>() <= 0.0 {
            break;
        }
        let topic = throws.weighted(&weights);
        weights[topic] = 0.0;
        if let Some(skill) = &workload.topics[topic].skill {
            skills.push((skill.clone(), *level));
        }
    }
    Requirements::new(skills)
}

impl Staff {
    /// The agents of a routing configuration, on duty all day.
    pub fn of(agents: &[AgentOptions], workload: &Workload, dice: Dice) -> Self {
        let duty = Duty {
            from: workload.opens_at,
            until: workload.closes_at() + STAY,
        };
        let member = |agent: &AgentOptions| {
            let number = number_of(&agent.id);
            Member {
                channel: None,
                skills: agent.skills.clone(),
                pace: dice
                    .throws(Purpose::Agent, number)
                    .lognormal(1.0, workload.agent_log_sd),
                duties: vec![duty],
                number,
            }
        };
        let members = agents.iter().map(member);
        Self {
            members: members.collect(),
        }
    }

    /// Starts and ends of duty in order of time, last one first, of this day and the days before.
    /// Absent agents have none; duties that meet or overlap are merged.
    pub fn shifts(&self, days_before: u32, attendance: &Attendance, dice: Dice) -> Vec<Shift> {
        let mut spans: Vec<(usize, Timestamp, Timestamp)> = Vec::new();
        for day in 0..=i64::from(days_before) {
            let shift_by = Millis(DAY.0 * day);
            for (agent, member) in self.present(day, attendance, dice) {
                let duties = member.duties.iter();
                spans.extend(
                    duties.map(|duty| (agent, duty.from - shift_by, duty.until - shift_by)),
                );
            }
        }
        spans.sort_unstable();
        spans.dedup_by(|(agent, from, until), (before, _, last)| {
            let goes_on = agent == before && from <= last;
            if goes_on {
                *last = (*last).max(*until);
            }
            goes_on
        });
        let ends = |(agent, from, until)| {
            [(from, true), (until, false)].map(|(at, begins)| Shift { at, agent, begins })
        };
        let mut shifts: Vec<Shift> = spans.into_iter().flat_map(ends).collect();
        shifts.sort_by_key(|shift| std::cmp::Reverse((shift.at, shift.begins, shift.agent)));
        shifts
    }

    /// Breaks in order of time, last one first.
    pub fn breaks(&self, days_before: u32, attendance: &Attendance, dice: Dice) -> Vec<Deed> {
        let mut breaks = Vec::new();
        for day in 0..=i64::from(days_before) {
            let shift_by = Millis(DAY.0 * day);
            for (agent, member) in self.present(day, attendance, dice) {
                let taken =
                    attendance.breaks(member.number, day.unsigned_abs(), &member.duties, dice);
                breaks.extend(taken.into_iter().map(|(at, length)| {
                    let at = at - shift_by;
                    (at, agent, length)
                }));
            }
        }
        breaks.sort_unstable_by_key(|taken| std::cmp::Reverse(*taken));
        let deed = |(at, agent, length)| Deed {
            at,
            what: DeedKind::Break { agent, length },
        };
        breaks.into_iter().map(deed).collect()
    }

    /// The agents present on a day, which counts backwards.
    fn present(
        &self,
        day: i64,
        attendance: &Attendance,
        dice: Dice,
    ) -> impl Iterator<Item = (usize, &Member)> {
        let members = self.members.iter().enumerate();
        members.filter(move |(_, member)| {
            !attendance.is_absent(member.number, day.unsigned_abs(), dice)
        })
    }

    /// Paid hours: of all rostered agents, absent or not.
    pub fn agent_hours(&self) -> f64 {
        hours(self.members.iter())
    }

    /// Hours of the agents present on the rehearsed day, including breaks.
    pub fn present_hours(&self, attendance: &Attendance, dice: Dice) -> f64 {
        hours(self.present(0, attendance, dice).map(|(_, member)| member))
    }
}

/// Derived from the name alone (FNV-1a), so that removing an agent does not shift the chances of
/// others. The upper bits are left free, for counters such as days.
fn number_of(name: &Name) -> u64 {
    let bytes = name.as_str().bytes();
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash >> NUMBER_SHIFT
}

fn hours<'a>(members: impl Iterator<Item = &'a Member>) -> f64 {
    let duties = members.flat_map(|member| &member.duties);
    let seconds = duties.map(|duty| (duty.until - duty.from).as_s_f64());
    seconds.sum::<f64>() / 3_600.0
}

/// Leaves numbers of 48 bits.
const NUMBER_SHIFT: u32 = 16;
/// The most agents on duty in one slot for one channel.
pub const AGENTS_MAX: u32 = 20_000;
/// How long agents of the last slot stay after closing to serve waiting contacts.
pub const STAY: Millis = Millis::from_s(30 * 60);
/// From one day to the next.
pub const DAY: Millis = Millis::from_s(24 * 3_600);
