//! An agent who accepts, declines, forgets, transfers and completes, and checks everything.

mod answers;
mod news;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::contact::Until;
use super::sequence::Sequence;
use super::{Door, Room, talk};
use crate::chance::Chance;

/// What was asked of the server.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Accept {
        contact: String,
    },
    /// An offer that is known to be gone.
    AcceptLate,
    Decline {
        offer: String,
    },
    Complete {
        contact: String,
    },
    Transfer {
        contact: String,
    },
    Resume,
    Engine,
    Barrier,
    Other,
}

pub(super) struct Robot {
    pub(super) name: String,
    pub(super) room: Arc<Room>,
    pub(super) chance: Chance,
    pub(super) outbox: Vec<String>,
    /// Commands to send later in this session.
    pub(super) later: BTreeMap<(Instant, u64), (Asked, Value)>,
    run: u64,
    /// The number of the latest welcome.
    session_seq: u64,
    sequence: Sequence,
    token: Option<String>,
    asked: u64,
    pending: BTreeMap<u64, (Asked, Value)>,
    gone: Option<String>,
}

pub(super) async fn work(room: Arc<Room>, number: u32) {
    let robot = Robot {
        name: format!("a{number}"),
        chance: Chance::new(u64::from(number)),
        outbox: Vec::new(),
        later: BTreeMap::new(),
        run: 0,
        session_seq: 0,
        sequence: Sequence::default(),
        token: None,
        asked: 0,
        pending: BTreeMap::new(),
        gone: None,
        room,
    };
    talk::go_on(robot).await;
}

impl Robot {
    pub(super) fn enter(&mut self, door: Door) {
        self.run = door.run;
    }

    pub(super) fn lose_socket(&mut self) {
        self.sequence.lose();
        self.later.clear();
        self.outbox.clear();
        for (asked, _) in self.pending.values() {
            if let Asked::Decline { offer } = asked {
                self.end_offer(offer, Until::Unknown);
            }
        }
        let lasting = |asked: &Asked| {
            matches!(
                asked,
                Asked::Accept { .. } | Asked::Complete { .. } | Asked::Transfer { .. }
            )
        };
        self.pending.retain(|_, (asked, _)| lasting(asked));
    }

    fn breach(&self, what: &str) {
        let Self { name, run, .. } = self;
        self.room
            .ledger
            .breach(format!("{name}, server {run}: {what}"));
    }

    fn check(&self, outcome: Result<(), String>) {
        if let Err(what) = outcome {
            self.breach(&what);
        }
    }

    fn ask(&mut self, asked: Asked, mut command: Value) {
        self.asked += 1;
        command["cmd"] = json!(self.asked);
        self.outbox.push(command.to_string());
        self.pending.insert(self.asked, (asked, command));
    }

    pub(super) fn say_later(&mut self) {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= Instant::now()
        {
            let (asked, command) = entry.remove();
            if let Asked::Accept { contact }
            | Asked::Complete { contact }
            | Asked::Transfer { contact } = &asked
            {
                self.room.ledger.doubt(contact);
            }
            self.ask(asked, command);
        }
    }

    fn soon(&mut self, ms_max: u64, asked: Asked, command: Value) {
        let most = if self.room.is_settling() { 1 } else { ms_max };
        let pause = Duration::from_millis(self.chance.below(most));
        let key = (Instant::now() + pause, self.chance.throw());
        self.later.insert(key, (asked, command));
    }

    pub(super) fn hear(&mut self, frame: &Value) {
        let kind = frame["type"].as_str().unwrap();
        if ["ok", "refused"].contains(&kind) {
            return self.hear_answer(kind == "ok", frame);
        }
        let seq = frame["seq"].as_u64().unwrap();
        match kind {
            "welcome" => {
                let last_seq = self.sequence.last();
                let outcome = self.sequence.welcome(seq);
                self.check(outcome);
                self.session_seq = seq;
                self.begin_session(frame, last_seq);
            }
            "resync" => {
                let outcome = self.sequence.resync(seq);
                self.check(outcome);
                self.room.ledger.count("resyncs");
                self.look_around(frame);
            }
            _ => match self.sequence.frame(seq) {
                Ok(true) => self.hear_news(kind, frame),
                Ok(false) => {}
                Err(what) => self.breach(&what),
            },
        }
    }

    fn consider(&mut self, frame: &Value) {
        let id = frame["offer"]["id"].as_str().unwrap();
        let (contact, number) = parts_of(id);
        let contact = contact.to_owned();
        let span = self.span(frame, Some(number));
        self.room.ledger.offered(&contact, span);
        self.room.ledger.count("offers");
        // An agent who does not answer gets no offers for half a minute: keep that rare.
        let mood = if self.room.is_settling() {
            0
        } else {
            self.chance.below(1_000)
        };
        if mood >= 993 {
            // Not even shown.
            return;
        }
        self.ask(Asked::Other, json!({"type": "delivered", "offer": id}));
        let accept = json!({"type": "accept", "offer": id});
        match mood {
            0..850 => self.soon(30, Asked::Accept { contact }, accept),
            850..900 => {
                let twice = Asked::Accept { contact };
                self.soon(10, twice.clone(), accept.clone());
                self.soon(10, twice, accept);
            }
            900..990 => {
                let decline = json!({"type": "decline", "offer": id, "reason": "busy"});
                let offer = id.to_owned();
                self.soon(30, Asked::Decline { offer }, decline);
            }
            _ => {}
        }
        if let Some(gone) = self.gone.take()
            && self.chance.percent(20)
        {
            let late = json!({"type": "accept", "offer": gone});
            self.soon(10, Asked::AcceptLate, late);
        }
    }

    fn look_at(&mut self, frame: &Value) {
        let contact = &frame["contact"];
        let id = contact["id"].as_str().unwrap();
        let is_mine = contact["agent"] == *self.name;
        match contact["state"].as_str().unwrap() {
            "wrap_up" if is_mine => {
                if self.chance.percent(50) {
                    let done = json!({"type": "wrap_up_done", "contact": id});
                    self.soon(200, Asked::Other, done);
                }
            }
            "active" | "parked" if is_mine => {}
            _ => self.end_service(id, frame),
        }
    }

    fn finish_soon(&mut self, contact: &str) {
        let id = contact.to_owned();
        let mood = if self.room.is_settling() {
            0
        } else {
            self.chance.below(100)
        };
        if mood < 85 {
            let complete = json!({"type": "complete", "contact": id, "outcome": "resolved"});
            self.soon(60, Asked::Complete { contact: id }, complete);
        } else if mood < 95 {
            let to = if mood < 92 {
                json!({"queue": *self.chance.one_of(&["first", "second"])})
            } else {
                let other = self.chance.below(u64::from(self.room.habits.agents)) + 1;
                json!({"agent": format!("a{other}")})
            };
            let transfer = json!({"type": "transfer", "contact": id, "to": to});
            self.soon(60, Asked::Transfer { contact: id }, transfer);
        } else {
            let complete = json!({"type": "complete", "contact": id, "outcome": "resolved"});
            self.soon(2_000, Asked::Complete { contact: id }, complete);
        }
    }
}

/// The contact of an offer, and the offer's number.
fn parts_of(offer: &str) -> (&str, u64) {
    let (contact, number) = offer.rsplit_once('.').unwrap();
    (contact, number.parse().unwrap())
}
