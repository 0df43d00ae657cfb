//! A load that remembers every promise: adapters that post and agents who serve, at one server or
//! its successors, and the [`Ledger`] of what each of them was sent.
//!
//! [`Crowd::come`] starts it, [`Crowd::let_in`] and [`Crowd::shut_out`] give and take access to a
//! server, [`Crowd::settle`] brings everything to an end.

mod adapter;
mod contact;
mod ledger;
mod robot;
mod sequence;
mod talk;
mod verdict;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::patience::eventually;
pub(crate) use ledger::Ledger;

/// How the crowd behaves.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) agents: u32,
    pub(crate) adapters: u32,
    /// New contacts wait while this many are open.
    pub(crate) open_max: usize,
    /// After how many of 100,000 received frames a robot drops its socket.
    pub(crate) drops_in_100_000: u64,
    /// The number of customers to name; 0 for strangers only.
    pub(crate) customers: u64,
    /// Whether a refused contact is a broken promise.
    pub(crate) always_taken: bool,
}

/// The current server, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Door {
    address: SocketAddr,
    run: u64,
}

/// State shared by the whole crowd.
struct Room {
    habits: Habits,
    ledger: Ledger,
    door: watch::Sender<Option<Door>>,
    /// Who has a connection open, or is about to.
    inside: AtomicUsize,
    /// No new contacts; open ones are taken and completed.
    settling: AtomicBool,
    retired: AtomicUsize,
}

pub(crate) struct Crowd {
    room: Arc<Room>,
    runs: u64,
    members: JoinSet<()>,
}

/// Counts the members with a connection.
struct Inside<'a>(&'a AtomicUsize);

impl<'a> Inside<'a> {
    fn enter(room: &'a Room) -> Self {
        room.inside.fetch_add(1, Ordering::SeqCst);
        Self(&room.inside)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Room {
    fn is_settling(&self) -> bool {
        self.settling.load(Ordering::SeqCst)
    }

    /// Waits for a server, and enters.
    async fn go_in(&self) -> (Door, Inside<'_>) {
        let mut doors = self.door.subscribe();
        loop {
            let door = *doors.wait_for(Option::is_some).await.unwrap();
            let inside = Inside::enter(self);
            // Access may have been closed in between.
            if let Some(door) = door
                && self.is_open(door)
            {
                return (door, inside);
            }
        }
    }

    fn is_open(&self, door: Door) -> bool {
        *self.door.borrow() == Some(door)
    }
}

impl Crowd {
    pub(crate) fn come(habits: Habits) -> Self {
        let room = Arc::new(Room {
            ledger: Ledger::default(),
            door: watch::Sender::new(None),
            inside: AtomicUsize::new(0),
            settling: AtomicBool::new(false),
            retired: AtomicUsize::new(0),
            habits,
        });
        let mut members = JoinSet::new();
        for number in 1..=room.habits.agents {
            members.spawn(robot::work(Arc::clone(&room), number));
        }
        for number in 1..=room.habits.adapters {
            members.spawn(adapter::work(Arc::clone(&room), number));
        }
        Self {
            room,
            runs: 0,
            members,
        }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.room.ledger
    }

    pub(crate) fn let_in(&mut self, address: SocketAddr) {
        self.runs += 1;
        let door = Door {
            address,
            run: self.runs,
        };
        self.room.door.send_replace(Some(door));
        self.look_after();
    }

    /// Returns when no member is connected to the old server any more.
    pub(crate) async fn shut_out(&mut self) {
        self.room.door.send_replace(None);
        eventually("everyone has left", async || {
            (self.room.inside.load(Ordering::SeqCst) == 0).then_some(())
        })
        .await;
        self.look_after();
    }

    /// A member who panicked is a failed test.
    fn look_after(&mut self) {
        while let Some(ended) = self.members.try_join_next() {
            ended.unwrap();
        }
    }

    /// Lets adapters repeat unanswered requests and agents finish open contacts, and returns when
    /// all contacts have ended.
    pub(crate) async fn settle(&mut self, address: SocketAddr) {
        self.room.settling.store(true, Ordering::SeqCst);
        let adapters = usize::try_from(self.room.habits.adapters).unwrap();
        eventually("every request is answered", async || {
            (self.room.retired.load(Ordering::SeqCst) == adapters).then_some(())
        })
        .await;
        verdict::await_ends(&self.room.ledger, address).await;
        self.look_after();
    }
}
