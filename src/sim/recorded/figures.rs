//! What a recorded day is judged by: waits, promises and those who gave up, of all and by
//! tier. The promise is always the one of the recorded configuration, so that another
//! configuration is not the better one for promising less.

use crate::sim::day::{Day, Figure, Unit, count};
use crate::sim::recorded::crowd::Replayed;
use crate::sim::recorded::{Crew, Fate, RecordedDay};
use crate::sim::report::Column;
use crate::sim::workload::Workload;

impl RecordedDay {
    /// The day as it really was, counted like one that is played again.
    pub fn as_recorded(&self, frame: &Workload) -> Replayed {
        let mut day = Day::new(frame);
        for recorded in &self.waits {
            let mut wait = recorded.wait;
            wait.queued_at_ms = (recorded.queued_at - frame.opens_at).0;
            day.waits.push(wait);
        }
        for (at, gauges) in &self.samples {
            if let Some(slot) = frame.slot_at(*at) {
                day.sample(slot, gauges.waiting, gauges.busy, gauges.on_duty);
            }
        }
        let crew = Crew {
            like: Vec::new(),
            spans: self
                .agents
                .iter()
                .map(|agent| agent.spans.clone())
                .collect(),
        };
        day.agent_hours = crew.agent_hours();
        let legs = self.matters.iter().flat_map(|matter| &matter.legs);
        let waiting = legs.filter(|leg| leg.fate == Fate::Open).count() as u64;
        let again = self
            .matters
            .iter()
            .map(|matter| matter.legs.len() as u64 - 1);
        day.handed_on = again.sum();
        Replayed { day, waiting }
    }
}

/// A column of the report.
pub fn column(name: String, frame: &Workload, replayed: Replayed) -> Column {
    let Replayed { day, waiting } = replayed;
    let figure = |key: &str, value: u64| Figure {
        key: key.to_owned(),
        unit: Unit::Count,
        value: count(value),
    };
    let mut figures = day.replay_figures(frame);
    figures.push(figure("handed_on", day.handed_on));
    figures.push(figure("waiting_at_the_end", waiting));
    figures.push(figure("refused", day.refused));
    Column::of(name, figures, day)
}
