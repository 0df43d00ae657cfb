//! The notices to one agent: the most recent ones, for a desktop that reconnects, and the path to
//! the connected desktop.
//!
//! A [`Feed`] is written by the committer only, in the order of the notices' numbers, which have no
//! gaps. It does not survive a restart: a desktop that reconnects then gets the complete state
//! again, and the numbers continue.
//!
//! **Invariant:** the ring holds consecutive numbers, and nothing here waits.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use crate::domain::Name;
use crate::node::handle::{CallError, Desk};
use crate::node::notice::{Ended, Notice, SharedNotice, Tells};
use crate::node::unread::{self, Blocked};

/// The most notices kept for a desktop that reconnects.
const RING_MAX: usize = 256;
/// The most bytes they may take, by estimate.
const RING_BYTES_MAX: usize = 64 << 10;
/// The most sessions that one session can resume.
const RESUMABLE_MAX: usize = 8;

/// The feed of one agent.
pub(super) struct Feed {
    agent: Name,
    /// The agent is in the configuration.
    is_configured: AtomicBool,
    stream: Mutex<Stream>,
    /// Logins so far, in the order of announcement.
    logins: AtomicU64,
    /// The newest login that became a session.
    newest_login: AtomicU64,
}

/// Which of an agent's desktops is newer is decided when it asks to connect, because later steps
/// may overtake each other.
pub struct Login {
    pub(super) agent: Name,
    number: u64,
}

#[derive(Default)]
struct Stream {
    ring: VecDeque<SharedNotice>,
    ring_bytes: usize,
    /// The number of the newest notice.
    told: u64,
    /// Range of numbers that contains all unacknowledged messages.
    messages: Option<(u64, u64)>,
    desk: Option<Seat>,
    /// The session of the newest desktop, connected or not.
    session: u64,
    welcome_seq: u64,
    token: Option<Token>,
    /// The desktop of this session has worked in it, so it has the session's token.
    has_worked: bool,
    /// The first number that no desktop was sent, as far as is known, until one resumes or begins to
    /// work: from there on only frames after a welcome were sent.
    unsent: Option<u64>,
    /// What was sent before `unsent` is not known either: it was before a restart.
    is_fresh: bool,
    /// With one of these tokens the stream can be resumed: that of the last session in which a
    /// desktop has worked, and those of the connections since, each lost perhaps before its welcome
    /// was read.
    resumable: VecDeque<Token>,
}

/// The node's end of a desk.
struct Seat {
    notices: unread::Writer,
    ended: oneshot::Sender<Ended>,
}

/// A secret of one session.
struct Token(String);

/// A desktop that is connecting: it is seated when its welcome is delivered.
pub(super) struct Arrival {
    login: u64,
    seat: Seat,
    desk: Desk,
    answer: oneshot::Sender<Result<Desk, CallError>>,
}

/// What a reconnecting desktop missed.
#[derive(Debug)]
pub struct Missed {
    /// It has everything up to this number.
    pub upto: u64,
    /// All from there to its welcome.
    pub notices: Vec<SharedNotice>,
}

/// A session whose desktop is gone although nobody reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Orphan {
    pub(super) agent: Name,
    pub(super) session: u64,
}

/// How a desk lost its seat other than by closing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unseated {
    TooSlow,
    /// The desk was dropped.
    Vanished,
}

impl Arrival {
    pub(super) fn new(
        login: Login,
        resume_token: String,
    ) -> (Self, oneshot::Receiver<Result<Desk, CallError>>) {
        let (answer, reply) = oneshot::channel();
        let (notices_in, notices) = unread::channel();
        let (ended_in, ended) = oneshot::channel();
        let arrival = Self {
            login: login.number,
            seat: Seat {
                notices: notices_in,
                ended: ended_in,
            },
            desk: Desk {
                agent: login.agent,
                session: 0,
                resume_token,
                may_resume: false,
                notices,
                ended,
            },
            answer,
        };
        (arrival, reply)
    }

    pub(super) fn agent(&self) -> &Name {
        &self.desk.agent
    }

    /// The engine refused the connection.
    pub(super) fn refuse(self, error: CallError) {
        // The caller may be gone.
        let _ = self.answer.send(Err(error));
    }
}

impl Seat {
    fn leave(self, why: Ended) {
        // Sent before the notices end; the receiver may be gone.
        let _ = self.ended.send(why);
    }
}

impl Feed {
    pub(super) fn new(agent: Name) -> Self {
        Self {
            agent,
            is_configured: AtomicBool::new(false),
            stream: Mutex::default(),
            logins: AtomicU64::new(0),
            newest_login: AtomicU64::new(0),
        }
    }

    pub(super) fn is_configured(&self) -> bool {
        self.is_configured.load(Ordering::Relaxed)
    }

    pub(super) fn set_configured(&self, is_configured: bool) {
        self.is_configured.store(is_configured, Ordering::Relaxed);
    }

    pub(super) fn announce(&self) -> Login {
        Login {
            agent: self.agent.clone(),
            number: self.logins.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }

    /// True if no newer login has become a session; from then on no older one can.
    pub(super) fn admits(&self, arrival: &Arrival) -> bool {
        let before = self
            .newest_login
            .fetch_max(arrival.login, Ordering::Relaxed);
        before < arrival.login
    }

    fn lock(&self) -> MutexGuard<'_, Stream> {
        self.stream.lock().expect("nothing panics under this lock")
    }

    pub(super) fn orphan(&self, session: u64) -> Orphan {
        Orphan {
            agent: self.agent.clone(),
            session,
        }
    }

    /// Keeps a notice and passes it on; an error reports that this ended the desk of a session.
    pub(super) fn push(&self, notice: SharedNotice) -> Result<(), (u64, Unseated)> {
        let mut stream = self.lock();
        stream.keep(notice.clone());
        let Some(seat) = &stream.desk else {
            return Ok(());
        };
        let unseated = match seat.notices.push(notice) {
            Ok(()) => return Ok(()),
            Err(Blocked::Full) => Unseated::TooSlow,
            Err(Blocked::Gone) => Unseated::Vanished,
        };
        let seq = stream.told;
        stream.unsent.get_or_insert(seq);
        stream.unseat(Ended::TooSlow);
        Err((stream.session, unseated))
    }

    /// Seats a desk; its first notice is the welcome. An older desk is unseated.
    pub(super) fn seat(
        &self,
        session: u64,
        welcome: SharedNotice,
        arrival: Arrival,
    ) -> Result<(), (u64, Unseated)> {
        let mut stream = self.lock();
        stream.unseat(Ended::Replaced);
        stream.session = session;
        stream.welcome_seq = welcome.seq;
        let token = Token(arrival.desk.resume_token.clone());
        stream.change_token(token);
        let may_resume = !stream.resumable.is_empty();
        stream.desk = Some(arrival.seat);
        drop(stream);
        let seated = self.push(welcome);
        let desk = Desk {
            session,
            may_resume,
            ..arrival.desk
        };
        if arrival.answer.send(Ok(desk)).is_err() {
            self.detach(session);
            return Err((session, Unseated::Vanished));
        }
        seated
    }

    /// The desktop of this session has sent a command, and lacks nothing.
    pub(super) fn has_worked(&self, session: u64) {
        let mut stream = self.lock();
        if stream.session == session {
            stream.has_worked = true;
            stream.lacks_nothing();
        }
    }

    /// What this session's predecessors missed, if all of it is still held; otherwise up to which
    /// number the desktop, which is to be sent the complete state, has everything.
    pub(super) fn resume(&self, session: u64, token: &str, last_seq: u64) -> Result<Missed, u64> {
        let mut stream = self.lock();
        // A desktop that goes by the highest number may name a welcome, before which it has missed
        // something.
        let upto = stream.sent_of(last_seq);
        let mut resumable = stream.resumable.iter();
        let fits = resumable.any(|known| known.0.as_bytes().ct_eq(token.as_bytes()).into());
        if !fits || session != stream.session || last_seq >= stream.welcome_seq {
            return Err(upto);
        }
        let first = stream.ring.front().map_or(u64::MAX, |notice| notice.seq);
        let missed = upto + 1..stream.welcome_seq;
        if !missed.is_empty() && first > missed.start {
            return Err(upto);
        }
        let held = stream.ring.iter();
        let held = held.filter(|notice| missed.contains(&notice.seq));
        let notices = held.map(as_history).collect();
        stream.lacks_nothing();
        Ok(Missed { upto, notices })
    }

    /// The agent has seen everything up to `seq`; then up to which number messages have been read,
    /// if there were any. Fails with the newest number sent if `seq` is above it.
    pub(super) fn ack(&self, seq: u64) -> Result<Option<u64>, u64> {
        let mut stream = self.lock();
        if seq > stream.told {
            return Err(stream.told);
        }
        stream.has_worked |= seq >= stream.welcome_seq;
        let seq = stream.sent_of(seq);
        while stream.ring.front().is_some_and(|notice| notice.seq <= seq) {
            stream.forget_oldest();
        }
        let messages = stream.messages.take();
        stream.messages = messages.and_then(|(from, to)| {
            let rest = from.max(seq + 1);
            (rest <= to).then_some((rest, to))
        });
        Ok(Some(seq).filter(|_| stream.messages != messages))
    }

    /// Sends nothing more to the desk of this session; true if it was seated.
    pub(super) fn detach(&self, session: u64) -> bool {
        let mut stream = self.lock();
        stream.session == session && stream.desk.take().is_some()
    }

    /// Ends the desk if one is seated; true if so.
    pub(super) fn end(&self, why: Ended) -> bool {
        self.lock().unseat(why)
    }

    /// Whether a desk is seated; an error reports that it was dropped.
    pub(super) fn look(&self) -> Result<bool, (u64, Unseated)> {
        let mut stream = self.lock();
        let Some(seat) = &stream.desk else {
            return Ok(false);
        };
        if seat.notices.is_dropped() {
            stream.desk = None;
            return Err((stream.session, Unseated::Vanished));
        }
        Ok(true)
    }

    /// The agent did not come back in time: the stream can no longer be resumed.
    pub(super) fn forget(&self) {
        let mut stream = self.lock();
        stream.ring = VecDeque::new();
        stream.ring_bytes = 0;
        stream.token = None;
        stream.resumable = VecDeque::new();
        stream.lacks_nothing();
    }
}

impl Stream {
    /// Begins a session with its own token.
    fn change_token(&mut self, token: Token) {
        if self.has_worked {
            self.resumable.clear();
        }
        self.resumable.extend(self.token.replace(token));
        if self.resumable.len() > RESUMABLE_MAX {
            self.resumable.pop_front();
        }
        self.has_worked = false;
    }

    fn keep(&mut self, notice: SharedNotice) {
        self.is_fresh |= self.told == 0 && notice.seq > 1;
        if self.desk.is_none() || self.is_fresh {
            self.unsent.get_or_insert(notice.seq);
        }
        self.told = notice.seq;
        if matches!(notice.tells, Tells::Message { .. }) {
            let first = self.messages.map_or(notice.seq, |(first, _)| first);
            self.messages = Some((first, notice.seq));
        }
        self.ring_bytes += notice.bytes;
        self.ring.push_back(notice);
        while self.ring.len() > RING_MAX || self.ring_bytes > RING_BYTES_MAX {
            self.forget_oldest();
        }
    }

    /// Up to which number a desktop has everything that says it has everything up to `seq`.
    fn sent_of(&self, seq: u64) -> u64 {
        match self.unsent {
            Some(unsent) if seq >= unsent && self.is_fresh => 0,
            Some(unsent) => seq.min(unsent - 1),
            None => seq,
        }
    }

    fn lacks_nothing(&mut self) {
        (self.unsent, self.is_fresh) = (None, false);
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.ring.pop_front() {
            self.ring_bytes -= oldest.bytes;
        }
    }

    fn unseat(&mut self, why: Ended) -> bool {
        let seat = self.desk.take();
        seat.map(|seat| seat.leave(why)).is_some()
    }
}

/// A past welcome or resync must not be taken for a current one: only the agent's presence is kept,
/// under the same number.
fn as_history(notice: &SharedNotice) -> SharedNotice {
    let (Tells::Welcome { agent, .. } | Tells::Resync { agent, .. }) = &notice.tells else {
        return Arc::clone(notice);
    };
    let presence = Tells::Presence(agent.clone());
    Arc::new(Notice::new(notice.seq, notice.at, presence))
}
