//! The metrics of one site as a fold over its events.
//!
//! Counters begin at 0 when the process starts. Whenever a census arrives, two counts of the open
//! contacts are compared, one from the events and one from the engine's own structures:
//! `switchboard_conservation_residual` is their difference.
//!
//! **Invariant:** what cannot be counted from an event is not counted here.

mod count;

use std::time::Duration;

use crate::domain::{Channel, Millis, Name, PerChannel, Timestamp};
use crate::engine::Census;
use crate::engine::event::{Foretold, Labels};
use crate::engine::options::Options;
use crate::engine::state::contact::{ContactState, Final};
use crate::engine::state::registry::{QueueKey, Registry};
use crate::telemetry::node_series::{NodeGauges, NodeSeries};
use crate::telemetry::outcomes::{Dial, Offered};
use crate::telemetry::recorder::Telemetry;
use crate::telemetry::series::Series;

/// The fold; its owner passes it every event in order.
pub struct Fold {
    registry: Registry,
    series: Series,
    node: NodeSeries,
    /// Open contacts according to the events.
    open: i64,
}

impl Fold {
    /// Begins with the names, the configuration and the open contacts of a recovered state.
    pub fn new(
        telemetry: &Telemetry,
        registry: Registry,
        options: Option<&Options>,
        open: u64,
    ) -> Self {
        let mut fold = Self {
            registry,
            series: Series::new(telemetry.clone()),
            node: NodeSeries::new(telemetry),
            open: signed(open),
        };
        if let Some(options) = options {
            fold.series.learn(&fold.registry, options);
        }
        fold
    }

    fn arrive(&mut self, labels: &Labels) {
        self.open += 1;
        self.series.of(labels).received.increment(1);
    }

    fn move_on(&self, from: QueueKey, labels: &Labels) {
        self.series.queue(from).moved_out.increment(1);
        self.series.of(labels).moved_in.increment(1);
    }

    fn note_unroutable(&self, labels: &Labels) {
        self.series.of(labels).unroutable.increment(1);
    }

    fn offer(&self, queue: QueueKey, outcome: Offered) {
        self.series.queue(queue).offers[outcome.index()].increment(1);
    }

    fn dial(&self, queue: QueueKey, outcome: Dial) {
        self.series.queue(queue).dials[outcome.index()].increment(1);
    }

    fn consult(&self, queue: QueueKey, outcome: Offered) {
        self.series.queue(queue).consults[outcome.index()].increment(1);
    }

    fn hold(&self, labels: &Labels, on_hold: Option<Millis>) {
        if let Some(on_hold) = on_hold {
            let series = self.series.of_channel(labels);
            series.hold.record(on_hold.as_s_f64());
        }
    }

    fn escalate(&self, queue: QueueKey, rule: &Name) {
        let series = self.series.queue(queue);
        if let Some(fired) = series.escalations.get(rule) {
            fired.increment(1);
        }
    }

    fn answer(
        &mut self,
        labels: &Labels,
        waited: Millis,
        within_target: bool,
        foreseen: Option<&Foretold>,
    ) {
        let series = self.series.of(labels);
        series.answered.increment(1);
        series.wait.record(waited.as_s_f64());
        if within_target {
            series.within_target.increment(1);
        }
        if let Some(foreseen) = foreseen {
            self.compare(labels, foreseen);
        }
    }

    fn respond(&self, labels: &Labels, within_target: bool) {
        let series = self.series.of(labels);
        series.responses.increment(1);
        if within_target {
            series.responses_within_target.increment(1);
        }
    }

    /// Compares an estimate with the actual wait.
    fn compare(&mut self, labels: &Labels, foreseen: &Foretold) {
        let series = self.series.of_channel(labels);
        let error = (foreseen.waited - foreseen.p50).as_s_f64().abs();
        series.estimate_error.record(error);
        if foreseen.waited <= foreseen.p90 {
            series.estimates_covered.increment(1);
        }
    }

    fn close(
        &mut self,
        how: Final,
        labels: &Labels,
        handled: Option<Millis>,
        unanswered: bool,
        came: bool,
    ) {
        self.open -= 1;
        let series = self.series.of(labels);
        let closed = match how {
            Final::Abandoned if unanswered => &series.abandoned,
            Final::Abandoned if !came => &series.no_show,
            // A customer who hangs up on an agent was served.
            Final::Completed | Final::Abandoned => &series.completed,
            Final::Cancelled => &series.cancelled,
            Final::Deflected => &series.deflected,
        };
        closed.increment(1);
        if unanswered {
            series.unanswered.increment(1);
        }
        self.handle(labels, handled);
    }

    /// An agent was at work on it for so long.
    fn handle(&self, labels: &Labels, handled: Option<Millis>) {
        if let Some(handled) = handled {
            let series = self.series.of_channel(labels);
            series.handle.record(handled.as_s_f64());
        }
    }

    /// A batch has become durable.
    pub fn committed(&self, took: Duration) {
        self.node.commit.record(took.as_secs_f64());
    }

    /// Records a census of the state after the events counted so far, and returns the residual.
    pub fn take_up(&self, census: &Census, at: Timestamp) -> i64 {
        let residual = self.open - signed(census.open);
        self.node.residual.set(number(residual));
        for (at_intent, row) in census.agents.iter().enumerate() {
            for (at_session, agents) in row.iter().enumerate() {
                self.series.agents[at_intent][at_session].set(number(signed(*agents)));
            }
        }
        let holds = |key: usize| {
            let mut states = ContactState::OPEN.into_iter();
            states.any(|state| {
                let held = |channel| of(counts(census, state), key, channel);
                Channel::ALL.into_iter().any(|channel| held(channel) > 0)
            })
        };
        for (key, queue) in self.series.queues(holds) {
            for channel in Channel::ALL {
                let gauges = &queue.channels[channel.index()].states;
                for (gauge, state) in gauges.iter().zip(ContactState::OPEN) {
                    gauge.set(number(signed(of(counts(census, state), key, channel))));
                }
            }
            let since = census.longest_waiting_since.get(key).copied().flatten();
            // A contact offered before its scheduled time has not waited.
            let longest = since.map_or(Millis::ZERO, |since| (at - since).max(Millis::ZERO));
            queue.longest_wait.set(longest.as_s_f64());
            let staffed = census.staffed.get(key).copied().unwrap_or(0);
            queue.staffed.set(number(signed(staffed)));
            let available = census.available.get(key).copied().unwrap_or(0);
            queue.available.set(number(signed(available)));
        }
        residual
    }

    /// Records the node's own numbers.
    pub fn node(&self, gauges: NodeGauges) {
        self.node.record(gauges);
    }
}

/// The number of contacts of each queue in this state; a census counts open contacts only.
fn counts(census: &Census, state: ContactState) -> &[PerChannel<u64>] {
    match state {
        ContactState::Scheduled => &census.scheduled,
        ContactState::Queued => &census.queued,
        ContactState::Offered => &census.offered,
        ContactState::Active => &census.active,
        ContactState::Parked => &census.parked,
        ContactState::WrapUp => &census.wrap_up,
        ContactState::Moving | ContactState::Closed(_) => &[],
    }
}

/// A queue added after the census is not in it.
fn of(counts: &[PerChannel<u64>], queue: usize, channel: Channel) -> u64 {
    counts.get(queue).map_or(0, |counts| *counts.get(channel))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn number_of(count: usize) -> f64 {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn number(count: i64) -> f64 {
    count as f64
}
