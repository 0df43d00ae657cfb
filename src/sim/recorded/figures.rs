//! The figures of a recorded day: waits, targets and abandonment, overall and by tier. The target
//! is always that of the recorded configuration, so that another configuration does not look better
//! by promising less.

use crate::domain::Timestamp;
use crate::sim::day::{Day, Wait, WaitEnd, number};
use crate::sim::recorded::replay::Replayed;
use crate::sim::recorded::{Crew, Matter, RecordedDay};
use crate::sim::report::Column;
use crate::sim::workload::Workload;

impl RecordedDay {
    /// The day as it really was, counted like a replayed one.
    pub fn as_recorded(&self, frame: &Workload) -> Replayed {
        let mut day = Day::new(frame);
        for recorded in &self.waits {
            let mut wait = recorded.wait;
            wait.queued_at_ms = (recorded.queued_at - frame.opens_at).0;
            day.waits.push(wait);
        }
        for still in &self.waiting {
            let matter = &self.matters[still.matter];
            let wait = self.still_waits(matter, still.since, still.promised_at, frame);
            day.waits.extend(wait);
        }
        for (at, gauges) in &self.samples {
            if let Some(slot) = frame.slot_at(*at) {
                day.stood_in(slot, self.sampled_every, *gauges);
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
        let waiting = self.waiting.len() as u64;
        let legs = self.matters.iter().flat_map(|matter| &matter.legs);
        day.handed_on = legs.filter(|leg| leg.is_handed_on()).count() as u64;
        Replayed { day, waiting }
    }

    /// The wait of a contact in line when the journal ends, if its target is missed by then; before
    /// that, its outcome is unknown.
    pub(super) fn still_waits(
        &self,
        matter: &Matter,
        queued_at: Timestamp,
        promised_at: Timestamp,
        frame: &Workload,
    ) -> Option<Wait> {
        let waited = self.ends_at - queued_at;
        (self.ends_at > promised_at).then(|| Wait {
            queued_at_ms: (queued_at - frame.opens_at).0,
            tier: matter.tier,
            channel: matter.intake.channel,
            ms: waited.0,
            outcome: WaitEnd::Waiting,
            in_time: false,
        })
    }
}

/// A column of the report.
pub fn column(name: String, frame: &Workload, replayed: Replayed) -> Column {
    let Replayed { day, waiting } = replayed;
    let mut figures = day.replay_figures(frame);
    figures.extend([
        number("handed_on", day.handed_on),
        number("waiting_at_the_end", waiting),
        number("refused", day.number(WaitEnd::Refused)),
        number("deflected", day.number(WaitEnd::Deflected)),
    ]);
    Column::of(name, figures, day)
}
