//! Submits contacts over a fixed number of keep-alive connections to the server.
//!
//! [`Poster::submit`], callable from any thread, sends a contact at once on a free connection, or
//! queues it for the first that becomes free. Each connection carries one request at a time, as an
//! adapter's would.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::net::TcpStream;

use super::book::ContactNo;
use super::desk::Room;
use super::response;
use super::response::Response;
use super::template::Requests;
use crate::clock::Stopwatch;

/// Contacts waiting for a free connection; beyond this a contact counts as unsent.
const BACKLOG_MAX: usize = 4_000_000;
const READ_BYTES: usize = 8 * 1_024;
/// How long a saturating run waits after a refusal before it tries again.
const REFUSED_PAUSE: Duration = Duration::from_millis(10);
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Poster {
    room: Arc<Room>,
    requests: Requests,
    watch: Stopwatch,
    /// Each life that ends makes room for the next.
    closed: bool,
    shut: AtomicBool,
    queue: Mutex<Queue>,
    connections: Vec<Mutex<Connection>>,
}

#[derive(Default)]
struct Queue {
    free: Vec<usize>,
    backlog: VecDeque<ContactNo>,
}

#[derive(Default)]
struct Connection {
    stream: Option<Arc<TcpStream>>,
    in_flight: Option<ContactNo>,
    request: Vec<u8>,
}

#[derive(Deserialize)]
struct Created<'a> {
    id: &'a str,
}

#[derive(Deserialize)]
struct Problem<'a> {
    #[serde(borrow, default)]
    code: &'a str,
}

impl Poster {
    pub(crate) fn new(
        room: Arc<Room>,
        requests: Requests,
        watch: Stopwatch,
        connections: usize,
        closed: bool,
    ) -> Self {
        Self {
            room,
            requests,
            watch,
            closed,
            shut: AtomicBool::new(false),
            queue: Mutex::default(),
            connections: (0..connections).map(|_| Mutex::default()).collect(),
        }
    }

    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.room
    }

    pub(crate) fn watch(&self) -> Stopwatch {
        self.watch
    }

    /// Starts a life that was due at `scheduled_ns`.
    pub(crate) fn submit(&self, scheduled_ns: u64) {
        let Some(no) = self.room.book.open(scheduled_ns) else {
            self.room.tally.unsent.raise();
            return;
        };
        let free = {
            let mut queue = lock(&self.queue);
            let free = queue.free.pop();
            if free.is_none() && queue.backlog.len() < BACKLOG_MAX {
                queue.backlog.push_back(no);
                return;
            }
            free
        };
        match free {
            Some(index) => self.send(index, no),
            None => {
                self.room.book.failed(no);
                self.room.tally.unsent.raise();
            }
        }
    }

    /// A life has ended or failed: a saturating run starts another in its place.
    pub(crate) fn life_over(&self) {
        if self.closed && !self.shut.load(Ordering::Relaxed) {
            self.submit(self.watch.elapsed_ns());
        }
    }

    /// Starts no more lives; contacts already queued are still sent.
    pub(crate) fn shut(&self) {
        self.shut.store(true, Ordering::Relaxed);
    }

    fn send(&self, index: usize, no: ContactNo) {
        let mut connection = lock(&self.connections[index]);
        let Connection {
            stream: Some(stream),
            in_flight,
            request,
        } = &mut *connection
        else {
            drop(connection);
            self.fail(no);
            return;
        };
        self.requests.write(no, request);
        *in_flight = Some(no);
        self.room.book.sent(no, self.watch.elapsed_ns());
        let sent = stream.try_write(request);
        if !matches!(sent, Ok(len) if len == request.len()) {
            // With one small request in flight this means that the connection is broken. Its reader
            // notices as well, and opens another.
            connection.stream = None;
            connection.in_flight = None;
            drop(connection);
            self.fail(no);
        }
    }

    fn fail(&self, no: ContactNo) {
        self.room.book.failed(no);
        self.room.tally.connections_lost.raise();
    }

    /// Keeps connection `index` open, and reads its responses.
    pub(crate) async fn attend(&self, index: usize, server: SocketAddr) {
        loop {
            // Whatever ended the connection, open another.
            let _ = self.attend_one(index, server).await;
            let unanswered = {
                let mut connection = lock(&self.connections[index]);
                connection.stream = None;
                connection.in_flight.take()
            };
            lock(&self.queue).free.retain(|free| *free != index);
            if let Some(no) = unanswered {
                self.fail(no);
                self.life_over();
            }
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
    }

    async fn attend_one(&self, index: usize, server: SocketAddr) -> io::Result<()> {
        let stream = Arc::new(TcpStream::connect(server).await?);
        stream.set_nodelay(true)?;
        stream.writable().await?;
        lock(&self.connections[index]).stream = Some(Arc::clone(&stream));
        self.next(index);
        let mut buffer = Vec::with_capacity(READ_BYTES);
        loop {
            stream.readable().await?;
            match stream.try_read_buf(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            }
            while let Some(response) = response::parse(&buffer).map_err(invalid)? {
                let (len, last) = (response.len, response.last);
                let created = self.record(index, &response);
                buffer.drain(..len);
                if !created {
                    if self.closed {
                        tokio::time::sleep(REFUSED_PAUSE).await;
                    }
                    self.life_over();
                }
                if last {
                    return Ok(());
                }
                self.next(index);
            }
        }
    }

    /// Records the server's response. Returns whether the contact was created.
    fn record(&self, index: usize, response: &Response<'_>) -> bool {
        let now_ns = self.watch.elapsed_ns();
        let Some(no) = lock(&self.connections[index]).in_flight.take() else {
            return true;
        };
        if let (200 | 201, Ok(contact)) = (
            response.status,
            serde_json::from_slice::<Created<'_>>(response.body),
        ) {
            self.room.book.created(no, contact.id, now_ns);
            return true;
        }
        self.room.book.refused(no, response.status);
        let code = serde_json::from_slice::<Problem<'_>>(response.body)
            .map_or("unreadable", |problem| problem.code);
        let name = format!("{} {code}", response.status);
        self.room.tally.contacts_refused.raise(&name);
        false
    }

    /// Sends the contact that has waited longest, or marks the connection free.
    fn next(&self, index: usize) {
        let waiting = {
            let mut queue = lock(&self.queue);
            let waiting = queue.backlog.pop_front();
            if waiting.is_none() {
                queue.free.push(index);
            }
            waiting
        };
        if let Some(no) = waiting {
            self.send(index, no);
        }
    }
}

fn invalid(malformed: response::Malformed) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, malformed.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
