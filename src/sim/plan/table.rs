//! A plan as text for people, and as JSON for programs.

use serde_json::{Value, json};

use crate::domain::{Channel, PerChannel};
use crate::sim::day::{clock, slot_time};
use crate::sim::plan::{Level, Plan};
use crate::sim::workload::Workload;

impl Plan {
    /// A Markdown table: a row for each slot and channel with contacts.
    pub fn text(&self, workload: &Workload, policy: &str, goal_percent: u32) -> String {
        let hours = |roster: &crate::sim::staff::Roster| roster.agent_hours(workload.slot);
        let mut lines = vec![
            format!("{}: {policy}, {goal_percent} % in time", workload.title),
            self.verdict(workload),
            format!(
                "{:.1} agent-hours, Erlang-A {:.1}",
                hours(&self.roster),
                hours(&self.start)
            ),
            String::new(),
            "| from | channel | Erlang-A | agents | in time |".to_owned(),
            "|---|---|---|---|---|".to_owned(),
        ];
        for (slot, from) in self.slots(workload).enumerate() {
            for channel in Channel::ALL {
                let level = self.levels[slot].get(channel);
                let agents = self.roster.on_duty[slot].get(channel);
                let start = self.start.on_duty[slot].get(channel);
                if level.share.is_some() || agents + start > 0 {
                    let level = level.print();
                    lines.push(format!(
                        "| {from} | {channel} | {start} | {agents} | {level} |"
                    ));
                }
            }
        }
        lines.join("\n") + "\n"
    }

    /// Slots of a channel in which contacts were expected and none came.
    fn unseen(&self, workload: &Workload) -> usize {
        let slots = workload.arrivals.iter().zip(&self.levels);
        let pairs = slots.flat_map(|(arrivals, levels)| arrivals.0.iter().zip(&levels.0));
        let unseen = pairs.filter(|(expected, level)| **expected > 0.0 && level.share.is_none());
        unseen.count()
    }

    fn verdict(&self, workload: &Workload) -> String {
        let verdict = match (self.reaches, self.is_smallest) {
            _ if !self.anybody_came() => "Nobody came on any of the days, so nothing is planned",
            (false, _) => "The goal is not reached in every slot",
            (true, false) => {
                "The goal is reached on these days; not every agent was tried, fewer may do"
            }
            (true, true) => {
                "The goal is reached on these days; one agent fewer in any slot misses it"
            }
        };
        let plural = if self.rounds == 1 { "" } else { "s" };
        let verdict = format!("{verdict} ({} round{plural}).", self.rounds);
        match self.unseen(workload) {
            unseen if unseen > 0 && self.anybody_came() => format!(
                "{verdict} In {unseen} slots of a channel nobody came on these days, though some may: \
                 play more of them."
            ),
            _ => verdict,
        }
    }

    fn slots(&self, workload: &Workload) -> impl Iterator<Item = String> {
        let slots = 0..self.roster.on_duty.len();
        slots.map(|slot| slot_time(workload, slot))
    }

    pub fn json(&self, workload: &Workload, policy: &str, goal_percent: u32) -> String {
        let counts = |slot: &PerChannel<u32>| -> Value {
            let counts = slot.iter();
            counts
                .map(|(channel, agents)| (channel.name().to_owned(), json!(agents)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let levels = |slot: &PerChannel<Level>| -> Value {
            let level = |level: &Level| {
                json!({
                    "percent": level.share.map(|share| share * 100.0),
                    "half_width_95": level.half_width.map(|half| half * 100.0),
                })
            };
            let levels = slot.iter();
            levels
                .map(|(channel, found)| (channel.name().to_owned(), level(found)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let slots = (0..self.roster.on_duty.len()).map(|slot| {
            json!({
                "day": workload.day_of(slot).unwrap_or(1),
                "from": clock(workload.minute_of(slot)),
                "erlang_a": counts(&self.start.on_duty[slot]),
                "agents": counts(&self.roster.on_duty[slot]),
                "in_time": levels(&self.levels[slot]),
            })
        });
        let plan = json!({
            "title": workload.title,
            "policy": policy,
            "goal_percent": goal_percent,
            "reaches": self.reaches,
            "is_smallest": self.is_smallest,
            "rounds": self.rounds,
            "agent_hours": self.roster.agent_hours(workload.slot),
            "slots": slots.collect::<Vec<_>>(),
        });
        format!("{plan:#}\n")
    }
}

impl Level {
    fn print(&self) -> String {
        let Some(share) = self.share else {
            return "nobody came".to_owned();
        };
        let share = share * 100.0;
        match self.half_width {
            Some(half) => format!("{share:.1} % ±{:.1}", half * 100.0),
            None => format!("{share:.1} %"),
        }
    }
}
