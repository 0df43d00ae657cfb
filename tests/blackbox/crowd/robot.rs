//! An agent who accepts, declines, forgets, transfers and completes, and checks everything.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::contact::{Span, Until, ms};
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

    fn begin_session(&mut self, welcome: &Value, last_seq: u64) {
        let token = welcome["resume_token"].as_str().unwrap().to_owned();
        if let Some(token) = self.token.replace(token) {
            let resume = json!({"type": "resume", "token": token, "last_seq": last_seq});
            self.ask(Asked::Resume, resume);
        }
        for (_, command) in self
            .pending
            .values()
            .filter(|(asked, _)| !matches!(asked, Asked::Resume))
        {
            self.outbox.push(command.to_string());
        }
        if welcome["agent"]["intent"] != "ready" {
            self.ask(Asked::Other, json!({"type": "ready"}));
        }
        self.look_around(welcome);
    }

    /// The full state, from a welcome or a resync.
    fn look_around(&mut self, frame: &Value) {
        let contacts = frame["contacts"].as_array().unwrap();
        let ledger = &self.room.ledger;
        for id in ledger.served_by(&self.name) {
            if !contacts.iter().any(|contact| contact["id"] == *id) {
                self.breach(&format!("{id} is not there any more: {frame}"));
            }
        }
        let is_anew = frame["type"] == "resync";
        let mut served = Vec::new();
        for contact in contacts {
            self.room.ledger.learn(contact);
            let id = contact["id"].as_str().unwrap();
            let state = contact["state"].as_str().unwrap();
            if is_anew && state != "offered" {
                let span = self.span(frame, None);
                self.room.ledger.trace(id, |known| known.hold(span));
                served.push(id);
            }
            if state == "active" {
                self.finish_soon(id);
            }
        }
        if is_anew {
            let Self {
                name, session_seq, ..
            } = self;
            self.room.ledger.let_go_but(name, &served, *session_seq);
        }
    }

    fn span(&self, frame: &Value, offer: Option<u64>) -> Span {
        Span {
            run: self.run,
            agent: self.name.clone(),
            offer,
            seq: frame["seq"].as_u64().unwrap(),
            from_ms: ms(&frame["at"]),
            until: Until::Open,
        }
    }

    fn hear_news(&mut self, kind: &str, frame: &Value) {
        let at = ms(&frame["at"]);
        self.note(frame);
        match kind {
            "offer" => self.consider(frame),
            "offer_gone" => {
                let offer = frame["offer"].as_str().unwrap();
                self.end_offer(offer, Until::Ms(at));
                self.gone = Some(offer.to_owned());
                self.count_gone(frame["reason"].as_str().unwrap());
            }
            "assigned" => {
                let id = frame["contact"]["id"].as_str().unwrap();
                let service = self.span(frame, None);
                self.room
                    .ledger
                    .trace(id, |known| known.begin_service(service));
            }
            "contact_updated" => self.look_at(frame),
            "contact_ended" => {
                let contact = &frame["contact"];
                let id = contact["id"].as_str().unwrap();
                self.end_service(id, frame);
                let ledger = &self.room.ledger;
                ledger.told_of_end(id);
                ledger.ended(id, contact["state"].as_str().unwrap());
                ledger.count("ends");
            }
            "presence" => {
                let agent = &frame["agent"];
                let health = agent["health"].as_object().unwrap();
                let is_trusted = health.values().all(|health| health != "suspended");
                if agent["intent"] != "ready" || !is_trusted {
                    self.ask(Asked::Other, json!({"type": "ready"}));
                }
            }
            _ => {}
        }
    }

    /// Records what is reported about a contact.
    fn note(&self, frame: &Value) {
        let offer = &frame["offer"];
        let contact = offer.get("contact").unwrap_or_else(|| &frame["contact"]);
        let id = contact["id"].as_str().or_else(|| contact.as_str());
        let offer = offer["id"].as_str().or_else(|| offer.as_str());
        let of_offer = offer.and_then(|offer| offer.rsplit_once('.'));
        let Some(id) = id.or_else(|| of_offer.map(|(contact, _)| contact)) else {
            return;
        };
        if contact.is_object() {
            self.room.ledger.learn(contact);
        }
        let number = of_offer.map_or("", |(_, number)| number);
        let line = format!(
            "server {}, {} #{} {}: {} {number} {} {} {}",
            self.run,
            self.name,
            frame["seq"],
            frame["at"],
            frame["type"],
            frame["reason"],
            contact["state"],
            contact["agent"],
        );
        self.room.ledger.note(id, line);
    }

    fn count_gone(&self, reason: &str) {
        self.room.ledger.count(match reason {
            "expired" => "offers expired",
            "undelivered" => "offers undelivered",
            "withdrawn" => "offers withdrawn",
            "customer_left" => "offers whose customer left",
            _ => "offers gone otherwise",
        });
    }

    fn end_offer(&self, offer: &str, until: Until) {
        let (contact, number) = parts_of(offer);
        self.room.ledger.trace(contact, |known| {
            known.end_offer(&self.name, number, until);
        });
    }

    fn end_service(&self, contact: &str, frame: &Value) {
        let until = Until::Ms(ms(&frame["at"]));
        let seq = frame["seq"].as_u64().unwrap();
        self.room.ledger.trace(contact, |known| {
            known.end_service(&self.name, seq, until);
        });
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

    fn hear_answer(&mut self, is_ok: bool, answer: &Value) {
        let cmd = answer["cmd"].as_u64();
        let Some((asked, command)) = cmd.and_then(|cmd| self.pending.remove(&cmd)) else {
            return self.breach(&format!("an answer to nothing: {answer}"));
        };
        if !is_ok && (answer["code"] == "overloaded" || answer["code"] == "stopping") {
            // It was not carried out: repeat it under the same name.
            self.outbox.push(command.to_string());
            self.pending.insert(cmd.unwrap(), (asked, command));
            return;
        }
        let room = Arc::clone(&self.room);
        let ledger = &room.ledger;
        match asked {
            Asked::Accept { contact } => {
                ledger.settle(&contact, |known| known.accept(&self.name, is_ok));
                if is_ok {
                    ledger.count("accepts");
                    self.finish_soon(&contact);
                }
            }
            Asked::AcceptLate => {
                if is_ok {
                    self.breach(&format!("an offer that was gone is accepted: {command}"));
                }
                ledger.count("late accepts refused");
            }
            // A declined offer is gone without a further frame.
            Asked::Decline { offer } => {
                self.end_offer(&offer, Until::Unknown);
                ledger.count("declines");
            }
            Asked::Complete { contact } => {
                ledger.settle(&contact, |known| known.complete(&self.name, is_ok));
                ledger.count(if is_ok {
                    "completions"
                } else {
                    "completions refused"
                });
            }
            Asked::Transfer { contact } => self.has_transferred(&contact, is_ok, answer),
            Asked::Resume => self.has_resumed(is_ok, answer),
            Asked::Engine => {
                // This is answered after everything sent before that answer.
                let seq = self.sequence.last();
                self.ask(Asked::Barrier, json!({"type": "ack", "seq": seq}));
            }
            Asked::Barrier => {
                let outcome = self.sequence.pass_barrier();
                self.check(outcome);
            }
            Asked::Other => {}
        }
    }

    fn has_transferred(&mut self, contact: &str, is_ok: bool, answer: &Value) {
        let code = answer["code"].as_str().unwrap_or_default();
        // The other agent cannot take it: it stays here.
        let stays = ["agent_not_ready", "already_yours", "queue_full"].contains(&code);
        let room = Arc::clone(&self.room);
        room.ledger
            .settle(contact, |known| known.hand_on(&self.name, stays));
        if stays {
            self.finish_soon(contact);
        }
        room.ledger.count(if is_ok {
            "transfers"
        } else {
            "transfers refused"
        });
    }

    fn has_resumed(&mut self, is_ok: bool, answer: &Value) {
        self.sequence.resume_was_answered();
        if !is_ok {
            self.breach(&format!("neither resumed nor told anew: {answer}"));
        }
        self.room.ledger.count("resumes");
        // The engine handles this after `resume`.
        self.ask(Asked::Engine, json!({"type": "ready"}));
    }
}

/// The contact of an offer, and the offer's number.
fn parts_of(offer: &str) -> (&str, u64) {
    let (contact, number) = offer.rsplit_once('.').unwrap();
    (contact, number.parse().unwrap())
}
