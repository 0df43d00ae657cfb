//! The thread that makes decisions durable and then releases the effects that wait for it.
//!
//! Everything gathered since the last flush is one batch: one write, one sync. Then facts, notices
//! and answers leave in the order in which they were decided. Only under heavy load, or while the
//! workers are behind with earlier effects, does it linger: larger batches leave more processor
//! time for the work itself, which shortens waits. A journal failure ends the process, and nothing
//! of that batch leaves.
//!
//! **Invariant:** nothing leaves before everything decided before it is durable.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tokio::runtime::RuntimeMetrics;
use tokio::sync::oneshot;

use crate::node::log::Log;
use crate::node::outgoing::{Counted, Outgoing};
use crate::node::pipeline::{Pipeline, Portion, Work};
use crate::node::shared::Shared;
use crate::node::webhook_queue::WebhookSender;
use crate::stopwatch::Stopwatch;
use crate::store::journal::{AppendError, NextSegment, RecordBatch};
use crate::task::{EXIT_IO, end_process};
use crate::telemetry::{Fold, NodeGauges};

/// How long it has to be idle before the last write is sealed.
const SEAL_AFTER: Duration = Duration::from_millis(50);
/// How often the journal is asked whether it can be extended.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How much may be written in between: far less than a segment, so that new contacts are refused
/// while there is still room for open ones.
const ASK_EVERY_BYTES: u64 = 4 << 20;
/// A batch with this many effects indicates heavy load.
const CROWDED: usize = 120;
/// The workers are behind if this many woken tasks are waiting for one of them.
const BEHIND: usize = 16;
/// How long the next batch then waits for more.
const LINGER: Duration = Duration::from_millis(1);
/// The pause between tries for a batch that does not fit.
const NO_SEGMENT_PAUSE: Duration = Duration::from_millis(200);
/// Tries while stopping; what is lost then has not been acknowledged.
const NO_SEGMENT_TRIES_AT_END: u32 = 25;

pub(super) struct Committer<L> {
    pub(super) log: L,
    pub(super) fold: Fold,
    pub(super) pipeline: Pipeline,
    pub(super) shared: Arc<Shared>,
    pub(super) webhooks: WebhookSender,
    /// Metrics of the workers that run the effects.
    pub(super) workers: RuntimeMetrics,
}

impl<L: Log> Committer<L> {
    /// Works until the pipeline ends; then `ended` receives the log.
    pub(super) fn run(mut self, ended: oneshot::Sender<L>) {
        let mut portion = Portion::default();
        let mut sealed = true;
        let mut asked = Stopwatch::start();
        let mut written_since: u64 = 0;
        loop {
            let quiet = if sealed { ASK_EVERY } else { SEAL_AFTER };
            match self.pipeline.take(&mut portion, quiet) {
                Work::Portion => {
                    let written = self.commit(&mut portion.batches);
                    written_since += written;
                    sealed &= written == 0;
                    let lingers = portion.outgoing.len() >= CROWDED
                        || self.workers.global_queue_depth() >= BEHIND;
                    for outgoing in portion.outgoing.drain(..) {
                        self.let_out(outgoing);
                    }
                    if lingers {
                        thread::sleep(LINGER);
                    }
                }
                Work::Quiet => {
                    self.seal();
                    sealed = true;
                }
                Work::RemoveBefore(seq) => self.remove_before(seq),
                Work::End => break,
            }
            if asked.elapsed() >= ASK_EVERY || written_since >= ASK_EVERY_BYTES {
                asked = Stopwatch::start();
                written_since = 0;
                self.ask_journal();
            }
        }
        self.seal();
        // The receiver may be gone.
        let _ = ended.send(self.log);
    }

    /// Returns the number of bytes once all batches are durable.
    fn commit(&mut self, batches: &mut [RecordBatch]) -> u64 {
        let mut written = 0;
        for batch in batches.iter_mut().filter(|batch| !batch.is_empty()) {
            let watch = Stopwatch::start();
            let seq = self.append(batch);
            self.fold.committed(watch.elapsed());
            self.shared.progress.advance(seq, batch.bytes());
            written += batch.bytes() as u64;
        }
        written
    }

    fn append(&mut self, batch: &mut RecordBatch) -> u64 {
        let mut tries_left = NO_SEGMENT_TRIES_AT_END;
        loop {
            match self.log.append(batch) {
                Ok(seq) => {
                    self.shared.set_full(false);
                    return seq;
                }
                Err(error @ AppendError::NoSegment { hindrance, .. }) => {
                    let reason = error.to_string();
                    self.shared.set_hindrance(Some((&reason, hindrance)));
                    self.shared.set_full(true);
                    tries_left -= u32::from(self.pipeline.is_ending());
                    if tries_left == 0 {
                        end_on(&error);
                    }
                    match self.pipeline.removal() {
                        Some(seq) => self.remove_before(seq),
                        None => thread::sleep(NO_SEGMENT_PAUSE),
                    }
                }
                Err(error) => end_on(&error),
            }
        }
    }

    fn seal(&mut self) {
        match self.log.seal() {
            Ok(()) | Err(AppendError::NoSegment { .. }) => {}
            Err(error) => end_on(&error),
        }
    }

    fn ask_journal(&mut self) {
        match self.log.next_segment() {
            NextSegment::Possible => self.shared.set_hindrance(None),
            NextSegment::Hindered { reason, hindrance } => {
                self.shared.set_hindrance(Some((&reason, hindrance)));
                // A failed log ends the process even if nothing is waiting to be written.
                self.seal();
            }
        }
    }

    fn remove_before(&mut self, seq: u64) {
        match self.log.remove_before(seq) {
            Ok(removed) => tracing::info!(removed, "removed journal segments behind a snapshot"),
            Err(error) => tracing::error!(%error, "cannot remove old journal segments"),
        }
    }

    fn let_out(&mut self, outgoing: Outgoing) {
        let feeds = &self.shared.feeds;
        match outgoing {
            Outgoing::Fact(event) => self.fold.count(&event),
            Outgoing::Notice { feed, notice } => feeds.push(&feed, notice),
            Outgoing::Welcome {
                feed,
                session,
                notice,
                arrival,
            } => feeds.seat(&feed, session, notice, *arrival),
            Outgoing::Forget(feed) => feed.forget(),
            Outgoing::Escalation(notice) => {
                // There may be no subscribers.
                let _ = self.shared.escalations.send(notice);
            }
            Outgoing::Webhook(notice) => self.webhooks.push(notice),
            Outgoing::Census(counted) => self.take_up(*counted),
            Outgoing::Effect(effect) => effect(),
        }
    }

    fn take_up(&mut self, counted: Counted) {
        let shared = &self.shared;
        let residual = self.fold.take_up(&counted.census, counted.at);
        if residual != 0 {
            tracing::error!(
                residual,
                "contact counts disagree (switchboard_conservation_residual): this is a bug, please report it"
            );
        }
        self.fold.node(NodeGauges {
            inbox_depth: counted.inbox_depth,
            desks: shared.feeds.survey(),
            desks_ended_too_slow: shared.feeds.ended_too_slow(),
            clock_steps: shared.clock.steps(),
            clock_ahead: shared.clock.ahead(),
            standstills: shared.standstills.load(Ordering::Relaxed),
            journal_hindered: shared.is_hindered(),
        });
        if let Some(taken_up) = counted.taken_up {
            // The caller may be gone.
            let _ = taken_up.send(());
        }
    }
}

fn end_on(error: &AppendError) -> ! {
    end_process(EXIT_IO, &format!("the journal cannot be written: {error}"))
}
