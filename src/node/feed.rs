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
use std::sync::{Mutex, MutexGuard};

use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use crate::domain::Name;
use crate::node::handle::{CallError, Desk};
use crate::node::missed::{Missed, Unresumed, replay};
use crate::node::notice::{Ended, SharedNotice, Tells};
use crate::node::reading::Reading;
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
    reading: Reading,
    desk: Option<Seat>,
    /// The session of the newest desktop, connected or not.
    session: u64,
    token: Option<Token>,
    /// With one of these tokens the stream can be resumed: that of the last session whose desktop
    /// is known to have it, and those of the newest connections since, each lost perhaps before its
    /// welcome was read.
    resumable: VecDeque<Token>,
}

/// The node's end of a desk.
struct Seat {
    notices: unread::Writer,
    ended: oneshot::Sender<Ended>,
}

/// The secret of one session.
struct Token {
    session: u64,
    secret: String,
}

/// A desktop that is connecting: it is seated when its welcome is delivered.
pub(super) struct Arrival {
    login: u64,
    seat: Seat,
    desk: Desk,
    answer: oneshot::Sender<Result<Desk, CallError>>,
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
                resumes_from: None,
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

impl Token {
    fn is(&self, secret: &str) -> bool {
        self.secret.as_bytes().ct_eq(secret.as_bytes()).into()
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
        stream.reading.not_sent();
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
        stream.change_token(arrival.desk.resume_token.clone());
        stream.reading.seated(welcome.seq);
        let resumes_from = stream.resumable.front().map(|oldest| oldest.session);
        stream.desk = Some(arrival.seat);
        drop(stream);
        let seated = self.push(welcome);
        let desk = Desk {
            session,
            resumes_from,
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
            stream.reading.worked();
        }
    }

    /// What this session's predecessors missed, if all of it is still held.
    pub(super) fn resume(
        &self,
        session: u64,
        token: &str,
        last_seq: u64,
    ) -> Result<Missed, Unresumed> {
        let mut stream = self.lock();
        let upto = stream.reading.upto(last_seq);
        let welcome = stream.reading.welcome();
        let fits = stream.resumable.iter().any(|known| known.is(token));
        let is_known = fits && session == stream.session;
        let is_doubtful = last_seq >= welcome || stream.reading.is_doubtful(last_seq);
        let unresumed = Unresumed { upto, is_known };
        if !is_known || is_doubtful {
            return Err(unresumed);
        }
        let first = stream.ring.front().map_or(u64::MAX, |notice| notice.seq);
        let missed = upto + 1..welcome;
        if !missed.is_empty() && first > missed.start {
            return Err(unresumed);
        }
        let notices = replay(&stream.ring, stream.reading.begun(), &missed);
        stream.reading.resumed();
        Ok(Missed { upto, notices })
    }

    /// The desktop of this session has seen everything up to `seq`; then up to which number
    /// messages have been read, if there are any that were not reported. Fails with the newest
    /// number sent if `seq` is above it.
    pub(super) fn ack(&self, session: u64, seq: u64) -> Result<Option<u64>, u64> {
        let mut stream = self.lock();
        if session != stream.session {
            return Ok(None);
        }
        let upto = stream.reading.acked(seq)?;
        while stream.ring.front().is_some_and(|notice| notice.seq <= upto) {
            stream.forget_oldest();
        }
        Ok(Some(upto).filter(|_| stream.reading.is_news(upto)))
    }

    /// The engine has been told that messages up to this number have been read.
    pub(super) fn reported(&self, upto: u64) {
        self.lock().reading.reported(upto);
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
        stream.reading.forget();
    }
}

impl Stream {
    /// Begins a session with its own token.
    fn change_token(&mut self, secret: String) {
        if self.reading.has_token() {
            self.resumable.clear();
        }
        let session = self.session;
        self.resumable
            .extend(self.token.replace(Token { session, secret }));
        if self.resumable.len() > RESUMABLE_MAX {
            // The oldest is the one that a desktop is known to have, if there is such a one.
            self.resumable.remove(1);
        }
    }

    fn keep(&mut self, notice: SharedNotice) {
        let is_message = matches!(notice.tells, Tells::Message { .. });
        self.reading
            .told(notice.seq, is_message, self.desk.is_some());
        self.ring_bytes += notice.bytes;
        self.ring.push_back(notice);
        while self.ring.len() > RING_MAX || self.ring_bytes > RING_BYTES_MAX {
            self.forget_oldest();
        }
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
