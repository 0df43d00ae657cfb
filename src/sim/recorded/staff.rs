//! Who is on duty when a recorded day is replayed: the recorded agents, and more or fewer.

use crate::domain::{Millis, Name, Timestamp};
use crate::engine::options::{AgentOptions, Options};
use crate::sim::crowd::Shift;
use crate::sim::recorded::{RecordedDay, Span};

/// The agents of a configuration, in its order.
#[derive(Clone, Debug)]
pub struct Crew {
    /// The recorded agent each one is modelled on; none for agents who were not there.
    pub like: Vec<Option<usize>>,
    pub spans: Vec<Vec<Span>>,
}

/// A configuration with this many more agents (or fewer, below 0), and the times at which each is
/// on duty. Added agents copy the queues, skills and times of the agents who were on duty longest,
/// one each; those removed are the ones on duty longest. An agent that is only in the configuration
/// is on duty all the time.
pub fn with_staff(day: &RecordedDay, options: &Options, change: i32) -> (Options, Crew) {
    let mut options = options.clone();
    let mut crew = Crew {
        like: Vec::new(),
        spans: Vec::new(),
    };
    for agent in &options.agents {
        let like = day.agents.iter().position(|known| known.name == agent.id);
        let all_day = Span {
            from: day.begins_at,
            until: day.ends_at,
        };
        let spans = like.map_or_else(|| vec![all_day], |like| day.agents[like].spans.clone());
        crew.like.push(like);
        crew.spans.push(spans);
    }
    let mut longest: Vec<usize> = (0..options.agents.len()).collect();
    longest.sort_by_key(|agent| (std::cmp::Reverse(crew.on_duty(*agent)), *agent));
    let number = change.unsigned_abs() as usize;
    if change > 0 {
        let copied = longest.into_iter().cycle().take(number);
        for (number, agent) in (1..).zip(copied) {
            let copy = AgentOptions {
                id: new_name(&options, number),
                ..options.agents[agent].clone()
            };
            options.agents.push(copy);
            crew.like.push(crew.like[agent]);
            crew.spans.push(crew.spans[agent].clone());
        }
    } else {
        let mut left_out: Vec<usize> = longest.into_iter().take(number).collect();
        left_out.sort_unstable();
        for agent in left_out.into_iter().rev() {
            options.agents.remove(agent);
            crew.like.remove(agent);
            crew.spans.remove(agent);
        }
    }
    (options, crew)
}

fn new_name(options: &Options, number: usize) -> Name {
    let is_free = |name: &Name| options.agents.iter().all(|agent| agent.id != *name);
    let names = (number..).map(|number| format!("more-{number}"));
    let mut free = names.filter_map(|name| Name::new(&name).ok().filter(&is_free));
    free.next().expect("agents are fewer than numbers")
}

impl Crew {
    fn on_duty(&self, agent: usize) -> Millis {
        Millis(self.spans[agent].iter().map(Span::ms).sum())
    }

    pub fn agent_hours(&self) -> f64 {
        let ms: i64 = self.spans.iter().flatten().map(Span::ms).sum();
        Millis(ms).as_s_f64() / 3_600.0
    }

    /// Starts and ends of duty, last one first. An agent who was there at the end stays.
    pub(super) fn shifts(&self, ends_at: Timestamp) -> Vec<Shift> {
        let mut shifts = Vec::new();
        for (agent, spans) in self.spans.iter().enumerate() {
            for span in spans {
                let begin = (span.from, true);
                let end = (span.until < ends_at).then_some((span.until, false));
                for (at, begins) in [Some(begin), end].into_iter().flatten() {
                    shifts.push(Shift { at, agent, begins });
                }
            }
        }
        // Ends before starts: an agent may leave and come back at the same instant.
        shifts.sort_by_key(|shift| std::cmp::Reverse((shift.at, shift.begins, shift.agent)));
        shifts
    }
}

impl Span {
    pub fn ms(&self) -> i64 {
        (self.until - self.from).0
    }
}
