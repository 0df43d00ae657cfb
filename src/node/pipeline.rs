//! What has been decided and is not yet durable, between the loop that decides and the
//! thread that commits.
//!
//! The loop gathers what it decides in a [`Portion`] of its own and adds that to the present
//! one, turn by turn; the committer takes all of it at once, so that whatever has gathered
//! during one flush is the next batch. The present portion is bounded by bytes and by count:
//! at the bound the loop stops deciding until the committer has taken it. Everything leaves
//! in the order in which it was decided.
//!
//! **Invariant:** an effect runs past the portions only if nothing at all is under way.

use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use minicbor::encode::write::Writer;
use tokio::sync::Notify;

use crate::domain::Timestamp;
use crate::engine::event::{Event, Recorded};
use crate::node::handle::Effect;
use crate::node::outgoing::Outgoing;
use crate::store::journal::RecordBatch;

/// The most bytes of undurable events before the loop stops deciding.
const BYTES_MAX: usize = 4 << 20;
/// The most things that wait to leave before the loop stops deciding.
const OUTGOING_MAX: usize = 65_536;
/// A turn that has gathered so many bytes hands them over before its end.
const GATHERED_BYTES: usize = 256 << 10;
/// So does one that has gathered so many effects and notices.
const GATHERED_OUTGOING: usize = 4_096;

/// The two ends share this.
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
    /// When the first of it was handed over.
    portion_since: Option<Timestamp>,
    /// The same of what the committer has taken.
    taken_since: Option<Timestamp>,
    committer: Committing,
    loop_waits: bool,
    ending: bool,
    remove_before: Option<u64>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Committing {
    /// Between two portions, awake.
    #[default]
    Looking,
    /// Waits to be woken.
    Asleep,
    /// Has taken a portion and has not let all of it out.
    Busy,
}

/// Events and, in order, what leaves once they are durable.
pub(super) struct Portion {
    /// Usually one; more only if a single command fills more than one.
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

    /// Adds an event to the last batch, or to another if that has `split_bytes` already.
    fn record(&mut self, recorded: &Recorded, split_bytes: usize) {
        // A configuration may be nearly as large as a batch: it begins one.
        let alone = matches!(recorded.event, Event::Configured { .. });
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
            .expect("there is one, or it was pushed");
        batch
            .push_with(|bytes| minicbor::encode(recorded, Writer::new(bytes)))
            .expect("an event can always be written into memory");
    }

    pub(super) fn push(&mut self, outgoing: Outgoing) {
        self.outgoing.push(outgoing);
    }

    /// Takes over all of `later`, whose batches stay apart where one would be too large.
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

    /// Forgets the content and keeps the memory of a usual portion.
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

/// What the committer finds when it looks.
pub(super) enum Work {
    Portion,
    RemoveBefore(u64),
    /// Nothing came for a while.
    Quiet,
    /// Nothing will come any more.
    End,
}

impl Shared {
    fn is_full(&self, portion: &Portion) -> bool {
        let bytes_max = BYTES_MAX.min(self.batch_bytes_max / 2);
        portion.bytes() >= bytes_max || portion.outgoing.len() >= OUTGOING_MAX
    }

    /// Above the bounds at which the loop hands over and stops, so that only a command that
    /// is larger than the difference is spread over two batches.
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

    /// Adds an event to what has gathered.
    pub(super) fn record(&self, recorded: &Recorded, gathered: &mut Portion) {
        gathered.record(recorded, self.0.split_bytes());
    }

    /// Lets `effect` out after everything before it: at once if nothing is under way.
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

    /// So much has gathered that it is handed over before the turn is at its end.
    pub(super) fn is_large(&self, gathered: &Portion) -> bool {
        let bytes_max = GATHERED_BYTES.min(self.0.batch_bytes_max / 2);
        gathered.bytes() >= bytes_max || gathered.outgoing.len() >= GATHERED_OUTGOING
    }

    /// When the oldest batch that is not yet durable was handed over.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        let state = self.lock();
        state.taken_since.or(state.portion_since)
    }

    /// Hands what has gathered to the committer, and leaves it empty.
    pub(super) fn hand_over(&self, gathered: &mut Portion, now: Timestamp) {
        if gathered.is_empty() {
            return;
        }
        let mut state = self.lock();
        state.portion_since.get_or_insert(now);
        state.portion.append(gathered, self.0.split_bytes());
        self.rouse(&mut state);
    }

    /// Returns when there is room for more, which is when the committer has taken the portion.
    pub(super) async fn room(&self) {
        while self.wants_room() {
            // If the committer was faster, the `Notify` has kept its permit.
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

    /// Asks the committer to remove old segments when it comes to it.
    pub(super) fn remove_before(&self, seq: u64) {
        let mut state = self.lock();
        state.remove_before = Some(seq);
        self.rouse(&mut state);
    }

    /// What [`Self::remove_before`] has asked for, for a committer that cannot go on without.
    pub(super) fn removal(&self) -> Option<u64> {
        self.lock().remove_before.take()
    }

    /// Nothing follows: the committer ends after what is there.
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

    /// The committer's end: waits for work, at most `quiet` long, and swaps the portion
    /// that has gathered for the emptied `done` one.
    pub(super) fn take(&self, done: &mut Portion, quiet: Duration) -> Work {
        done.clear();
        let mut state = self.lock();
        state.committer = Committing::Looking;
        state.taken_since = None;
        loop {
            // Seldom, and not to be kept waiting by a busy day: room may be short.
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
