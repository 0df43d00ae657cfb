//! Answers already given to agents' commands, so that a command repeated after a lost connection is
//! not carried out twice.
//!
//! Answers belong to a session. A session that asks to resume with the token of one before takes
//! over the answers of the session before, and with them what that one had taken over, also if it
//! is sent the complete state instead; a session that merely connects begins with none, and may use
//! the same ids for other commands.
//!
//! **Invariant:** per agent at most two sessions of [`ANSWERS_MAX`] answers.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use dashmap::{DashMap, Entry};
use rustc_hash::FxBuildHasher;
use tokio::sync::oneshot;

use crate::domain::Name;

/// The most answers remembered per session; the oldest are dropped first.
pub const ANSWERS_MAX: usize = 128;

/// The answers of all agents; `K` tells commands apart.
pub struct Answers<K, A> {
    newest: DashMap<Name, Numbered<K, A>, FxBuildHasher>,
}

/// A session and its number among the agent's sessions.
struct Numbered<K, A> {
    number: u64,
    session: Session<K, A>,
}

/// The answers of one session.
pub struct Session<K, A>(Arc<Mutex<Table<K, A>>>);

struct Table<K, A> {
    /// Hashes of the keys. Most commands are new, and the hashes alone nearly always tell.
    hashes: VecDeque<u32>,
    /// The keys and answers, in the same order as `hashes`.
    answers: VecDeque<(K, Slot<A>)>,
    /// The session before, until this one resumes it or another begins.
    before: Option<Session<K, A>>,
    /// The session that has taken over all of it.
    successor: Option<Session<K, A>>,
}

enum Slot<A> {
    /// Being carried out; repeats wait here.
    UnderWay(Vec<oneshot::Sender<A>>),
    Given(A),
}

/// What is known of a command.
pub enum Begun<A> {
    /// New: carry it out.
    New,
    /// Already answered.
    Given(A),
    /// Still being carried out; the channel closes without an answer if that is given up.
    UnderWay(oneshot::Receiver<A>),
}

impl<K, A> Clone for Session<K, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, A> Default for Answers<K, A> {
    fn default() -> Self {
        Self {
            newest: DashMap::default(),
        }
    }
}

impl<K: Hash + Eq, A: Clone> Answers<K, A> {
    /// Begins a session of this agent, which can resume those from `resumes_from` on, if any.
    /// A session older than the current one cannot be resumed.
    pub fn begin(&self, agent: &Name, number: u64, resumes_from: Option<u64>) -> Session<K, A> {
        let begun = |before| Numbered {
            number,
            session: Session::new(before),
        };
        match self.newest.entry(agent.clone()) {
            Entry::Occupied(newest) if newest.get().number > number => Session::new(None),
            Entry::Occupied(mut newest) => {
                let before = resumes_from.and_then(|oldest| newest.get().left_to_resume(oldest));
                newest.insert(begun(before));
                newest.get().session.clone()
            }
            Entry::Vacant(place) => place.insert(begun(None)).session.clone(),
        }
    }
}

impl<K: Hash + Eq, A: Clone> Numbered<K, A> {
    /// What the next session may resume if it can go back to `oldest`: this session, or the one
    /// before it if this connection was perhaps lost before its welcome was read.
    fn left_to_resume(&self, oldest: u64) -> Option<Session<K, A>> {
        let before = {
            let mut table = self.session.lock();
            let before = table.before.take();
            before.filter(|_| self.number > oldest && table.answers.is_empty())
        };
        let own = || (self.number >= oldest).then(|| self.session.clone());
        before.or_else(own)
    }
}

impl<K: Hash + Eq, A: Clone> Session<K, A> {
    fn new(before: Option<Self>) -> Self {
        Self(Arc::new(Mutex::new(Table {
            hashes: VecDeque::new(),
            answers: VecDeque::new(),
            before,
            successor: None,
        })))
    }

    /// The desktop of the session before has come back: its answers are taken over.
    pub fn resume(&self) {
        let Some(before) = self.lock().before.take() else {
            return;
        };
        // Locked one after the other, the earlier one first, as everywhere: an answer that comes
        // in between would be lost.
        let mut earlier = before.lock();
        let mut table = self.lock();
        earlier.successor = Some(self.clone());
        let (mut hashes, mut answers) = (
            mem::take(&mut earlier.hashes),
            mem::take(&mut earlier.answers),
        );
        hashes.append(&mut table.hashes);
        answers.append(&mut table.answers);
        (table.hashes, table.answers) = (hashes, answers);
        while table.answers.len() > ANSWERS_MAX {
            table.forget_oldest();
        }
    }

    /// Looks a command up and begins it if it is new.
    pub fn look_up(&self, id: K) -> Begun<A> {
        let mut table = self.lock();
        if let Some(successor) = table.successor.clone() {
            drop(table);
            return successor.look_up(id);
        }
        if let Some(begun) = table.known(&id) {
            return begun;
        }
        if table.answers.len() == ANSWERS_MAX {
            table.forget_oldest();
        }
        table.hashes.push_back(hash(&id));
        table.answers.push_back((id, Slot::UnderWay(Vec::new())));
        Begun::New
    }

    /// Remembers the answer, and sends it to everybody who waits for it.
    pub fn answer(&self, id: &K, answer: &A) {
        let mut table = self.lock();
        if let Some(successor) = table.successor.clone() {
            drop(table);
            return successor.answer(id, answer);
        }
        if let Some(slot) = table.slot(id)
            && let Slot::UnderWay(waiting) = mem::replace(slot, Slot::Given(answer.clone()))
        {
            for waiting in waiting {
                // The receiver may be gone.
                let _ = waiting.send(answer.clone());
            }
        }
    }

    /// It came to nothing: the command may be tried again. Everybody who waits for it learns so.
    pub fn give_up(&self, id: &K) {
        let mut table = self.lock();
        if let Some(successor) = table.successor.clone() {
            drop(table);
            return successor.give_up(id);
        }
        if let Some(index) = table.index(id) {
            table.hashes.remove(index);
            table.answers.remove(index);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table<K, A>> {
        self.0.lock().expect("nothing panics under this lock")
    }
}

impl<K: Hash + Eq, A: Clone> Table<K, A> {
    fn forget_oldest(&mut self) {
        self.hashes.pop_front();
        self.answers.pop_front();
    }

    /// The newest are looked at first: what is answered or repeated was just sent.
    fn index(&self, id: &K) -> Option<usize> {
        let hash = hash(id);
        let hashes = self.hashes.iter().enumerate().rev();
        hashes
            .filter(|(_, known)| **known == hash)
            .map(|(index, _)| index)
            .find(|index| self.answers[*index].0 == *id)
    }

    fn slot(&mut self, id: &K) -> Option<&mut Slot<A>> {
        let index = self.index(id)?;
        Some(&mut self.answers[index].1)
    }

    fn known(&mut self, id: &K) -> Option<Begun<A>> {
        let (older, newer) = self.hashes.as_slices();
        let hash = hash(id);
        if !has(older, hash) && !has(newer, hash) {
            return None;
        }
        Some(match self.slot(id)? {
            Slot::Given(answer) => Begun::Given(answer.clone()),
            Slot::UnderWay(waiting) => {
                let (answer, reply) = oneshot::channel();
                waiting.push(answer);
                Begun::UnderWay(reply)
            }
        })
    }
}

/// Half of the hash, so that more of them fit into one comparison.
fn hash<K: Hash>(id: &K) -> u32 {
    (FxBuildHasher.hash_one(id) >> 32) as u32
}

/// Compares all of them without an early exit, which vectorises and is faster.
fn has(hashes: &[u32], hash: u32) -> bool {
    let found = |found, known: &u32| found | (*known == hash);
    hashes.iter().fold(false, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> Name {
        Name::new("a1").unwrap()
    }

    fn is_new(session: &Session<u32, char>, id: u32) -> bool {
        matches!(session.look_up(id), Begun::New)
    }

    #[test]
    fn a_repeated_command_is_answered_as_before() {
        let answers = Answers::default();
        let session = answers.begin(&agent(), 1, None);
        assert!(is_new(&session, 1));
        let Begun::UnderWay(mut waiting) = session.look_up(1) else {
            panic!("it is under way");
        };
        session.answer(&1, &'y');
        assert_eq!(waiting.try_recv(), Ok('y'));
        assert!(matches!(session.look_up(1), Begun::Given('y')));
        assert!(is_new(&session, 2));
    }

    #[test]
    fn answers_go_over_to_a_session_that_resumes_and_to_no_other() {
        let answers = Answers::default();
        let first = answers.begin(&agent(), 1, None);
        assert!(is_new(&first, 1));
        let second = answers.begin(&agent(), 2, Some(1));
        // Carried out, although the socket that asked for it is gone.
        first.answer(&1, &'y');
        second.resume();
        assert!(matches!(second.look_up(1), Begun::Given('y')));
        let third = answers.begin(&agent(), 3, Some(1));
        assert!(is_new(&third, 1));
        assert!(is_new(&third, 2));
    }

    #[test]
    fn answers_go_through_any_number_of_sessions_that_resume() {
        let answers = Answers::default();
        let first = answers.begin(&agent(), 1, None);
        assert!(is_new(&first, 1));
        let mut newest = first.clone();
        for number in 2..6 {
            newest = answers.begin(&agent(), number, Some(1));
            newest.resume();
            assert!(is_new(&newest, 10 * u32::try_from(number).unwrap()));
        }
        assert!(matches!(newest.look_up(1), Begun::UnderWay(_)));
        first.answer(&1, &'y');
        assert!(matches!(newest.look_up(1), Begun::Given('y')));
        assert!(matches!(first.look_up(1), Begun::Given('y')));
    }

    #[test]
    fn a_connection_that_is_lost_before_it_resumes_costs_no_answers() {
        let answers = Answers::default();
        let first = answers.begin(&agent(), 1, None);
        assert!(is_new(&first, 1));
        first.answer(&1, &'y');
        answers.begin(&agent(), 2, Some(1));
        let third = answers.begin(&agent(), 3, Some(1));
        third.resume();
        assert!(matches!(third.look_up(1), Begun::Given('y')));
    }

    #[test]
    fn a_session_that_nobody_can_resume_any_more_leaves_no_answers() {
        let answers = Answers::default();
        let first = answers.begin(&agent(), 1, None);
        assert!(is_new(&first, 1));
        answers.begin(&agent(), 2, Some(1));
        // The second has acknowledged its welcome without having resumed the first.
        let third = answers.begin(&agent(), 3, Some(2));
        third.resume();
        assert!(is_new(&third, 1));
        // Then the agent was away for too long.
        answers.begin(&agent(), 4, None);
        let fifth = answers.begin(&agent(), 5, Some(4));
        fifth.resume();
        assert!(is_new(&fifth, 1));
    }

    #[test]
    fn a_session_that_was_overtaken_is_resumed_by_nobody() {
        let answers = Answers::default();
        let second = answers.begin(&agent(), 2, None);
        assert!(is_new(&second, 1));
        let first = answers.begin(&agent(), 1, None);
        assert!(is_new(&first, 1));
        let third = answers.begin(&agent(), 3, Some(2));
        third.resume();
        second.answer(&1, &'y');
        assert!(matches!(third.look_up(1), Begun::Given('y')));
    }

    #[test]
    fn the_oldest_answers_are_forgotten() {
        let answers = Answers::default();
        let session = answers.begin(&agent(), 1, None);
        for id in 0..1_000 {
            assert!(is_new(&session, id));
            session.answer(&id, &'y');
        }
        assert!(is_new(&session, 0));
        assert_eq!(session.lock().answers.len(), ANSWERS_MAX);
    }
}
