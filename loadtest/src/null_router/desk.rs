//! What the null router remembers of an agent: open offers, contacts being served, frames that a
//! returning client may have missed, and answers that it may request again.
//!
//! Frames arrive through [`Desk::handle`] and contacts through [`Desk::offer`]; frames to send
//! leave through [`Desk::poll_frame`].
//!
//! **Invariant:** nothing here reads a clock or a socket.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::contact::{Contact, State};
use super::frame::{AgentShown, Kind, Offer, PLAYBOOK, Received, Sent, Why};
use crate::clock::rfc3339;

/// Frames kept for a client that has not acknowledged them; beyond this the oldest is dropped, and
/// a client that misses it gets a snapshot.
const KEPT_MAX: usize = 512;
/// Answers kept for repeated commands; beyond this the oldest is dropped.
const ANSWERS_MAX: usize = 64;
const HEARTBEAT_S: u32 = 10;

/// The refusal of a command, as a code.
type Refusal = &'static str;

pub(super) struct Desk {
    agent: Arc<str>,
    seq: u64,
    offers_made: u64,
    wants_contacts: bool,
    offers: BTreeMap<String, Arc<Contact>>,
    serving: BTreeMap<String, Arc<Contact>>,
    kept: VecDeque<(u64, Utf8Bytes)>,
    answers: VecDeque<Answer>,
    outbox: VecDeque<Utf8Bytes>,
}

struct Answer {
    /// Distinguishes most commands without comparing their text.
    mark: u64,
    cmd: Box<str>,
    outcome: Result<(), Refusal>,
}

impl Desk {
    pub(super) fn new(agent: Arc<str>) -> Self {
        Self {
            agent,
            seq: 0,
            offers_made: 0,
            wants_contacts: false,
            offers: BTreeMap::new(),
            serving: BTreeMap::new(),
            kept: VecDeque::new(),
            answers: VecDeque::new(),
            outbox: VecDeque::new(),
        }
    }

    pub(super) fn wants_contacts(&self) -> bool {
        self.wants_contacts
    }

    pub(super) fn poll_frame(&mut self) -> Option<Utf8Bytes> {
        self.outbox.pop_front()
    }

    /// Starts a session. The welcome carries the current sequence number and does not use one.
    pub(super) fn welcome(&mut self, now_ms: u64) {
        self.outbox.clear();
        let token = format!("rt-{}", self.agent);
        let frame = Sent::Welcome {
            seq: self.seq,
            at: rfc3339(now_ms),
            session: &format!("s-{}-{now_ms}", self.agent),
            resume_token: &token,
            agent: self.shown(),
            contacts: self.contacts_shown(),
            heartbeat_s: HEARTBEAT_S,
        }
        .to_text();
        self.outbox.push_back(frame);
    }

    /// Ends a session: withdraws open offers, and returns their contacts to be placed again.
    pub(super) fn lose_socket(&mut self, now_ms: u64) -> Vec<Arc<Contact>> {
        let offers = std::mem::take(&mut self.offers);
        for id in offers.keys() {
            self.send(|seq| Sent::OfferGone {
                seq,
                at: rfc3339(now_ms),
                offer: id,
                reason: "withdrawn",
            });
        }
        self.outbox.clear();
        offers.into_values().collect()
    }

    pub(super) fn offer(&mut self, contact: Arc<Contact>, now_ms: u64) {
        self.offers_made += 1;
        let id = format!("o-{}-{}", self.agent, self.offers_made);
        let agent = Arc::clone(&self.agent);
        let offer = Offer {
            id: &id,
            contact: contact.show(State::Offered, Some(&agent)),
            customer: contact.customer(),
            why: Why {
                chosen: "round_robin",
                candidates: 1,
                fit_s: 0,
                idle_s: 0,
                waited_ms: 0,
                step: 0,
            },
            playbook: PLAYBOOK,
            answer_within_ms: 20_000,
        };
        self.send(|seq| Sent::Offer {
            seq,
            at: rfc3339(now_ms),
            offer: &offer,
        });
        self.offers.insert(id, contact);
    }

    /// Handles a frame of the client, and answers it.
    pub(super) fn handle(&mut self, text: &str, now_ms: u64) -> Result<Kind, serde_json::Error> {
        let frame: Received<'_> = serde_json::from_str(text)?;
        let mark = mark(frame.cmd);
        let repeated = self
            .answers
            .iter()
            .find(|answer| answer.mark == mark && *answer.cmd == *frame.cmd);
        if let Some(&Answer { outcome, .. }) = repeated {
            self.answer(frame.cmd, outcome);
            return Ok(frame.kind);
        }
        let outcome = self.check(&frame);
        if self.answers.len() == ANSWERS_MAX {
            self.answers.pop_front();
        }
        self.answers.push_back(Answer {
            mark,
            cmd: frame.cmd.into(),
            outcome,
        });
        self.answer(frame.cmd, outcome);
        if outcome.is_ok() {
            self.act(&frame, now_ms);
        }
        Ok(frame.kind)
    }

    fn check(&self, frame: &Received<'_>) -> Result<(), Refusal> {
        match frame.kind {
            Kind::Accept | Kind::Decline | Kind::Delivered => self
                .offers
                .contains_key(frame.offer)
                .then_some(())
                .ok_or("stale_offer"),
            Kind::Complete => self
                .serving
                .contains_key(frame.contact)
                .then_some(())
                .ok_or("not_serving"),
            Kind::Resume if frame.token.strip_prefix("rt-") != Some(&self.agent) => {
                Err("unknown_token")
            }
            Kind::Ack | Kind::NotReady | Kind::Ready | Kind::Resume => Ok(()),
            Kind::Other => Err("unsupported"),
        }
    }

    fn act(&mut self, frame: &Received<'_>, now_ms: u64) {
        match frame.kind {
            Kind::Accept => self.assign(frame.offer, now_ms),
            Kind::Ack => {
                while self.kept.front().is_some_and(|(seq, _)| *seq <= frame.seq) {
                    self.kept.pop_front();
                }
            }
            Kind::Complete => self.end(frame.contact, now_ms),
            Kind::NotReady | Kind::Ready => {
                self.wants_contacts = frame.kind == Kind::Ready;
                self.send_presence(now_ms);
            }
            Kind::Resume => self.resume(frame.last_seq, now_ms),
            Kind::Decline | Kind::Delivered | Kind::Other => {}
        }
    }

    fn assign(&mut self, offer: &str, now_ms: u64) {
        let Some(contact) = self.offers.remove(offer) else {
            return;
        };
        let agent = Arc::clone(&self.agent);
        self.send(|seq| Sent::Assigned {
            seq,
            at: rfc3339(now_ms),
            contact: contact.show(State::Active, Some(&agent)),
        });
        self.serving.insert(contact.id.clone(), contact);
    }

    fn end(&mut self, contact: &str, now_ms: u64) {
        let Some(contact) = self.serving.remove(contact) else {
            return;
        };
        let agent = Arc::clone(&self.agent);
        self.send(|seq| Sent::ContactEnded {
            seq,
            at: rfc3339(now_ms),
            contact: contact.show(State::Completed, Some(&agent)),
            by: &agent,
        });
    }

    fn send_presence(&mut self, now_ms: u64) {
        let intention = self.intention();
        self.send(|seq| Sent::Presence {
            seq,
            at: rfc3339(now_ms),
            intention,
            session: "connected",
            health: "ok",
            capacity_used: 0,
        });
    }

    /// Resends what the client has missed, or a snapshot if that is no longer kept.
    fn resume(&mut self, last_seq: u64, now_ms: u64) {
        let oldest = self.kept.front().map_or(self.seq + 1, |(seq, _)| *seq);
        if last_seq <= self.seq && oldest <= last_seq + 1 {
            let missed = self.kept.iter().filter(|(seq, _)| *seq > last_seq);
            self.outbox.extend(missed.map(|(_, frame)| frame.clone()));
            return;
        }
        let frame = Sent::Resync {
            seq: self.seq,
            at: rfc3339(now_ms),
            agent: self.shown(),
            contacts: self.contacts_shown(),
        }
        .to_text();
        self.outbox.push_back(frame);
    }

    fn answer(&mut self, cmd: &str, outcome: Result<(), Refusal>) {
        let frame = match outcome {
            Ok(()) => Sent::Ok { cmd },
            Err(code) => Sent::Refused {
                cmd,
                code,
                detail: "the null router knows nothing of it",
            },
        };
        self.outbox.push_back(frame.to_text());
    }

    /// Numbers a frame, keeps it and sends it.
    fn send<'a>(&mut self, build: impl FnOnce(u64) -> Sent<'a>) {
        self.seq += 1;
        let text = build(self.seq).to_text();
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back((self.seq, text.clone()));
        self.outbox.push_back(text);
    }

    fn intention(&self) -> &'static str {
        if self.wants_contacts {
            "ready"
        } else {
            "not_ready"
        }
    }

    fn shown(&self) -> AgentShown<'_> {
        AgentShown {
            id: &self.agent,
            intention: self.intention(),
            capacity: 100,
            capacity_used: 0,
        }
    }

    fn contacts_shown(&self) -> Vec<super::contact::Shown<'_>> {
        self.serving
            .values()
            .map(|contact| contact.show(State::Active, Some(&self.agent)))
            .collect()
    }
}

/// FNV-1a.
fn mark(cmd: &str) -> u64 {
    cmd.bytes().fold(0xcbf2_9ce4_8422_2325, |mark, byte| {
        (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
