//! Decisions that are not yet durable, between the loop that decides and the thread that commits.
//!
//! The loop gathers its decisions in a [`Portion`] of its own and adds that to the current one at
//! the end of each turn; the committer takes the whole current portion, so everything gathered
//! during one flush forms the next batch. The current portion is bounded in bytes and in number: at
//! the bound the loop stops deciding until the committer has taken it. Everything leaves in the
//! order in which it was decided.
//!
//! **Invariant:** an effect bypasses the portions only if nothing at all is in progress.

use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use minicbor::encode::write::Writer;
use tokio::sync::Notify;

use crate::domain::Timestamp;
use crate::engine::event::{Event, Recorded, SiteEvent};
use crate::node::handle::Effect;
use crate::node::outgoing::Outgoing;
use crate::store::journal::RecordBatch;

/// The most bytes of events not yet durable before the loop stops deciding.
const BYTES_MAX: usize = 4 << 20;
/// The most effects and notices waiting before the loop stops deciding.
const OUTGOING_MAX: usize = 65_536;
/// A turn that has gathered this many bytes hands them over before it ends.
const GATHERED_BYTES: usize = 256 << 10;
/// So does a turn with this many effects and notices.
const GATHERED_OUTGOING: usize = 4_096;

/// Shared by both ends.
#[derive(Clone)]
pub(super) struct Pipeline(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    work: Condvar,
    room: Notify,
    batch_bytes_max: usize,
}

#[derive(Default)]
pub(super) struct State {
    portion: Portion,
    /// When the first part of the current portion was handed over.
    portion_since: Option<Timestamp>,
    /// The same for the portion that the committer has taken.
    taken_since: Option<Timestamp>,
    committer: Committing,
    loop_waits: bool,
    ending: bool,
    remove_before: Option<u64>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Committing {
    /// Awake between two portions.
    #[default]
    Looking,
    /// Waiting to be woken.
    Asleep,
    /// Has taken a portion and not yet released all of it.
    Busy,
}

/// Events and, in order, the effects to release once they are durable.
pub(super) struct Portion {
    /// Usually one; more only if a single command overflows it.
    pub(super) batches: Vec<RecordBatch>,
    pub(super) outgoing: Vec<Outgoing>,
}

impl Default for Portion {
    fn default() -> Self {
        Self {
            batches: vec![RecordBatch::new()],
            outgoing: Vec::new(),
        }
    }
}

impl Portion {
    fn is_empty(&self) -> bool {
        self.outgoing.is_empty() && self.batches[0].is_empty()
    }

    /// Adds an event to the last batch, or to a new one if that already has `split_bytes`.
    fn record(&mut self, recorded: &Recorded, split_bytes: usize) {
        // A configuration can be nearly as large as a batch, so it starts one.
        let alone = matches!(recorded.event, Event::Site(SiteEvent::Configured { .. }));
        if self
            .batches
            .last()
            .is_none_or(|batch| batch.bytes() >= split_bytes || (alone && !batch.is_empty()))
        {
            self.batches.push(RecordBatch::new());
        }
        let batch = self
            .batches
            .last_mut()
            .expect("a batch exists or was just pushed");
        batch
            .push_with(|bytes| minicbor::encode(recorded, Writer::new(bytes)))
            .expect("encoding into memory does not fail");
    }

    pub(super) fn push(&mut self, outgoing: Outgoing) {
        self.outgoing.push(outgoing);
    }

    /// Appends all of `later`, keeping its batches separate where a merged one would be too large.
    fn append(&mut self, later: &mut Self, split_bytes: usize) {
        if self.is_empty() {
            mem::swap(self, later);
            return;
        }
        for batch in &mut later.batches {
            match self.batches.last_mut() {
                Some(last) if last.bytes() + batch.bytes() <= split_bytes => last.append(batch),
                Some(_) | None => self.batches.push(mem::take(batch)),
            }
        }
        later.batches.truncate(1);
        self.outgoing.append(&mut later.outgoing);
    }

    /// Clears the content but keeps the memory of a usual portion.
    fn clear(&mut self) {
        self.batches.truncate(1);
        self.batches[0].clear();
        self.outgoing.clear();
        self.outgoing.shrink_to(OUTGOING_MAX);
    }

    fn bytes(&self) -> usize {
        self.batches.iter().map(RecordBatch::bytes).sum()
    }
}

/// What the committer finds when it looks for work.
pub(super) enum Work {
    Portion,
    RemoveBefore(u64),
    /// Nothing arrived for a while.
    Quiet,
    /// Nothing more will arrive.
    End,
}

impl Shared {
    fn is_full(&self, portion: &Portion) -> bool {
        let bytes_max = BYTES_MAX.min(self.batch_bytes_max / 2);
        portion.bytes() >= bytes_max || portion.outgoing.len() >= OUTGOING_MAX
    }

    /// Above the bounds at which the loop hands over and stops, so that only a command larger than
    /// the difference is spread over two batches.
    fn split_bytes(&self) -> usize {
        self.batch_bytes_max / 4 * 3
    }
}

impl Pipeline {
    pub(super) fn new(batch_bytes_max: usize) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            room: Notify::new(),
            batch_bytes_max,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0
            .state
            .lock()
            .expect("a panic under this lock has ended the process")
    }

    /// Adds an event to `gathered`.
    pub(super) fn record(&self, recorded: &Recorded, gathered: &mut Portion) {
        gathered.record(recorded, self.0.split_bytes());
    }

    /// Releases `effect` after everything before it; at once if nothing is in progress.
    pub(super) fn release(&self, effect: Effect, gathered: &mut Portion) {
        if gathered.is_empty() && self.is_idle() {
            effect();
        } else {
            gathered.push(Outgoing::Effect(effect));
        }
    }

    fn is_idle(&self) -> bool {
        let state = self.lock();
        state.portion.is_empty() && state.committer != Committing::Busy
    }

    /// True if enough has gathered to hand it over before the turn ends.
    pub(super) fn is_large(&self, gathered: &Portion) -> bool {
        let bytes_max = GATHERED_BYTES.min(self.0.batch_bytes_max / 2);
        gathered.bytes() >= bytes_max || gathered.outgoing.len() >= GATHERED_OUTGOING
    }

    /// When the oldest batch not yet durable was handed over.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        let state = self.lock();
        state.taken_since.or(state.portion_since)
    }

    /// Hands `gathered` to the committer and leaves it empty.
    pub(super) fn hand_over(&self, gathered: &mut Portion, now: Timestamp) {
        if gathered.is_empty() {
            return;
        }
        let mut state = self.lock();
        state.portion_since.get_or_insert(now);
        state.portion.append(gathered, self.0.split_bytes());
        self.rouse(&mut state);
    }

    /// Returns once there is room for more, that is, after the committer has taken the portion.
    pub(super) async fn room(&self) {
        while self.wants_room() {
            // If the committer was faster, `Notify` has stored a permit.
            self.0.room.notified().await;
        }
    }

    fn wants_room(&self) -> bool {
        let mut state = self.lock();
        state.loop_waits = self.0.is_full(&state.portion);
        if state.loop_waits {
            self.rouse(&mut state);
        }
        state.loop_waits
    }

    /// Asks the committer to remove old segments when it next looks for work.
    pub(super) fn remove_before(&self, seq: u64) {
        let mut state = self.lock();
        state.remove_before = Some(seq);
        self.rouse(&mut state);
    }

    /// The pending request of [`Self::remove_before`], for a committer that cannot go on.
    pub(super) fn removal(&self) -> Option<u64> {
        self.lock().remove_before.take()
    }

    /// Nothing follows: the committer ends after the current portion.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.ending = true;
        self.rouse(&mut state);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.lock().ending
    }

    /// One wake-up is enough, and each costs a system call.
    fn rouse(&self, state: &mut State) {
        if state.committer == Committing::Asleep {
            state.committer = Committing::Looking;
            self.0.work.notify_one();
        }
    }

    /// The committer's end: waits up to `quiet` for work, and swaps the gathered portion for the
    /// emptied `done` one.
    pub(super) fn take(&self, done: &mut Portion, quiet: Duration) -> Work {
        done.clear();
        let mut state = self.lock();
        state.committer = Committing::Looking;
        state.taken_since = None;
        loop {
            // Rare, and not delayed by a busy day: space may be short.
            if let Some(seq) = state.remove_before.take() {
                return Work::RemoveBefore(seq);
            }
            if !state.portion.is_empty() {
                mem::swap(&mut state.portion, done);
                state.taken_since = state.portion_since.take();
                state.committer = Committing::Busy;
                if mem::take(&mut state.loop_waits) {
                    self.0.room.notify_one();
                }
                return Work::Portion;
            }
            if state.ending {
                return Work::End;
            }
            if state.committer == Committing::Asleep {
                state.committer = Committing::Looking;
                return Work::Quiet;
            }
            state.committer = Committing::Asleep;
            state = self
                .0
                .work
                .wait_timeout(state, quiet)
                .expect("a panic under this lock has ended the process")
                .0;
        }
    }
}
