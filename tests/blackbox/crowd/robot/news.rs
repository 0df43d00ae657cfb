//! What a robot reads from frames that are not answers: the state of its session, and news of
//! contacts.

use serde_json::{Value, json};

use super::{Asked, Robot, parts_of};
use crate::crowd::contact::{Span, Until, ms};

impl Robot {
    pub(super) fn begin_session(&mut self, welcome: &Value, last_seq: u64) {
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
    pub(super) fn look_around(&mut self, frame: &Value) {
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

    pub(super) fn span(&self, frame: &Value, offer: Option<u64>) -> Span {
        Span {
            run: self.run,
            agent: self.name.clone(),
            offer,
            seq: frame["seq"].as_u64().unwrap(),
            from_ms: ms(&frame["at"]),
            until: Until::Open,
        }
    }

    pub(super) fn hear_news(&mut self, kind: &str, frame: &Value) {
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
    pub(super) fn note(&self, frame: &Value) {
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

    pub(super) fn count_gone(&self, reason: &str) {
        self.room.ledger.count(match reason {
            "expired" => "offers expired",
            "undelivered" => "offers undelivered",
            "withdrawn" => "offers withdrawn",
            "customer_left" => "offers whose customer left",
            _ => "offers gone otherwise",
        });
    }

    pub(super) fn end_offer(&self, offer: &str, until: Until) {
        let (contact, number) = parts_of(offer);
        self.room.ledger.trace(contact, |known| {
            known.end_offer(&self.name, number, until);
        });
    }

    pub(super) fn end_service(&self, contact: &str, frame: &Value) {
        let until = Until::Ms(ms(&frame["at"]));
        let seq = frame["seq"].as_u64().unwrap();
        self.room.ledger.trace(contact, |known| {
            known.end_service(&self.name, seq, until);
        });
    }
}
