//! One agent of the generator: the contacts it holds, and how it answers.
//!
//! Frames arrive through [`Desk::handle`], time through [`Desk::expire`]; commands to send leave
//! through [`Desk::poll_command`], finished lives through [`Desk::take_over_count`].
//! [`Desk::next_deadline_ns`] says when to call `expire` next.
//!
//! **Invariant:** nothing here reads a clock or a socket.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::book::{AgentNo, Book};
use super::command::{Command, Held};
use super::frame::{Frame, Kind, Named};
use super::name::RunName;
use super::sequence::{Sequence, Step};
use super::span::{Until, stamp};
use super::tally::Tally;
use crate::clock::wall_ms;

/// A command refused with this is sent again after a while.
const TOO_FAST: &str = "too_fast";
const AGAIN_NS: u64 = 100_000_000;

/// How an agent works.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    /// From the offer to its acceptance.
    pub(crate) think_ns: u64,
    /// From the acceptance to the completion.
    pub(crate) handle_ns: u64,
    /// Acknowledges every this many frames; none: never.
    pub(crate) ack_every: Option<u64>,
}

/// State shared by all agents of a run.
pub(crate) struct Room {
    pub(crate) book: Book,
    pub(crate) tally: Tally,
    pub(super) run: RunName,
    pub(crate) habits: Habits,
}

impl Room {
    /// A fresh state with a name of its own.
    pub(crate) fn new(habits: Habits) -> Self {
        let nonce = (wall_ms() << 16) ^ u64::from(std::process::id());
        Self {
            book: Book::new(),
            tally: Tally::default(),
            run: RunName::new(nonce & 0xffff_ffff_ffff),
            habits,
        }
    }
}

pub(crate) struct Desk {
    no: AgentNo,
    room: Arc<Room>,
    sequence: Sequence,
    /// Nothing is sent in a session before the server's welcome.
    welcomed: bool,
    resume_token: Option<Arc<str>>,
    commands_made: u64,
    unanswered: Vec<(u64, Command)>,
    outbox: VecDeque<String>,
    offers: BTreeMap<Arc<str>, Held>,
    serving: BTreeMap<Arc<str>, Held>,
    timers: BTreeMap<(u64, u64), Command>,
    timers_made: u64,
    over_count: u32,
}

impl Desk {
    pub(crate) fn new(no: AgentNo, room: Arc<Room>) -> Self {
        Self {
            no,
            room,
            sequence: Sequence::default(),
            welcomed: false,
            resume_token: None,
            commands_made: 0,
            unanswered: Vec::new(),
            outbox: VecDeque::new(),
            offers: BTreeMap::new(),
            serving: BTreeMap::new(),
            timers: BTreeMap::new(),
            timers_made: 0,
            over_count: 0,
        }
    }

    pub(crate) fn poll_command(&mut self) -> Option<String> {
        self.outbox.pop_front()
    }

    /// How many lives have ended at this desk since the last call.
    pub(crate) fn take_over_count(&mut self) -> u32 {
        std::mem::take(&mut self.over_count)
    }

    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        let ((due_ns, _), _) = self.timers.first_key_value()?;
        self.welcomed.then_some(*due_ns)
    }

    pub(crate) fn expire(&mut self, now_ns: u64) {
        while self.welcomed
            && let Some(timer) = self.timers.first_entry()
            && timer.key().0 <= now_ns
        {
            let command = timer.remove();
            self.command(command);
        }
    }

    /// The socket is gone: the server withdraws offers, and keeps accepted contacts assigned.
    pub(crate) fn lose_socket(&mut self) {
        self.welcomed = false;
        self.outbox.clear();
        for held in std::mem::take(&mut self.offers).into_values() {
            self.offer_over(&held, Until::Unknown);
        }
    }

    /// Handles a frame. An unreadable frame is only counted.
    pub(crate) fn handle(&mut self, text: &str, now_ns: u64) {
        let Ok(frame) = Frame::read(text) else {
            self.room.tally.unreadable.raise();
            return;
        };
        let welcome = frame.kind == Kind::Welcome;
        if !welcome
            && let Some(seq) = frame.seq
            && self.is_repeated(seq, frame.kind)
        {
            return;
        }
        match frame.kind {
            Kind::Assigned | Kind::Other => {}
            Kind::ContactEnded => self.on_ended(&frame, now_ns),
            Kind::ContactUpdated => self.on_updated(&frame),
            Kind::Offer => self.on_offer(&frame, now_ns),
            Kind::OfferGone => self.on_offer_gone(&frame),
            Kind::Ok => self.on_answer(&frame, now_ns),
            Kind::Refused => self.on_refusal(&frame, now_ns),
            Kind::Resync => self.on_resync(&frame),
            Kind::Welcome => self.on_welcome(&frame),
        }
    }

    fn is_repeated(&mut self, seq: u64, kind: Kind) -> bool {
        if kind == Kind::Resync {
            self.sequence.restart(seq);
            return false;
        }
        match self.sequence.step(seq) {
            Step::Next => {}
            Step::Gap => self.room.tally.seq_gaps.raise(),
            Step::Repeat => {
                self.room.tally.seq_repeats.raise();
                return true;
            }
        }
        if let Some(every) = self.room.habits.ack_every
            && seq.is_multiple_of(every)
        {
            let seq = self.sequence.last();
            self.command(Command::Ack { seq });
        }
        false
    }

    fn on_welcome(&mut self, frame: &Frame<'_>) {
        self.welcomed = true;
        let earlier = self.resume_token.replace(frame.resume_token.into());
        let seq = frame.seq.unwrap_or_default();
        let Some(token) = earlier else {
            self.sequence.restart(seq);
            self.command(Command::Ready);
            return;
        };
        let last_seq = self.sequence.last();
        self.sequence.welcome_back(seq);
        let asked_again = std::mem::take(&mut self.unanswered);
        self.command(Command::Resume { token, last_seq });
        for (cmd, command) in asked_again {
            if !matches!(command, Command::Resume { .. }) {
                self.outbox.push_back(command.to_text(cmd));
                self.unanswered.push((cmd, command));
            }
        }
    }

    fn on_offer(&mut self, frame: &Frame<'_>, now_ns: u64) {
        let Some(offer) = frame.offer else {
            self.room.tally.unreadable.raise();
            return;
        };
        let contact = Held {
            id: offer.contact.id.into(),
            no: self.room.run.number(offer.contact.external_id()),
        };
        match contact.no {
            Some(no) => self.room.book.offered(no, self.no, stamp(frame.at), now_ns),
            None => self.room.tally.foreign_offers.raise(),
        }
        let offer: Arc<str> = offer.id.into();
        self.offers.insert(Arc::clone(&offer), contact.clone());
        self.command(Command::Delivered {
            offer: Arc::clone(&offer),
        });
        let think_ns = self.room.habits.think_ns;
        self.after(think_ns, now_ns, Command::Accept { offer, contact });
    }

    fn on_offer_gone(&mut self, frame: &Frame<'_>) {
        if let Some(offer) = frame.offer
            && let Some(held) = self.offers.remove(offer.id)
        {
            self.offer_over(&held, Until::Gone(stamp(frame.at)));
        }
    }

    fn on_answer(&mut self, frame: &Frame<'_>, now_ns: u64) {
        match self.answered(frame.cmd) {
            Some(Command::Accept { offer, contact }) => {
                self.offers.remove(&offer);
                if let Some(no) = contact.no {
                    self.room.book.accepted(no, self.no);
                }
                self.serve(contact, now_ns);
            }
            Some(Command::Ready) => self.room.tally.agents_ready.raise(),
            Some(Command::Resume { .. }) => self.sequence.resumed(),
            Some(
                Command::Ack { .. }
                | Command::Complete { .. }
                | Command::Delivered { .. }
                | Command::WrapUpDone { .. },
            )
            | None => {}
        }
    }

    fn on_refusal(&mut self, frame: &Frame<'_>, now_ns: u64) {
        self.room.tally.commands_refused.raise(frame.code);
        let refused = self.answered(frame.cmd);
        if let Some(command) = refused {
            if frame.code == TOO_FAST {
                // Nothing was done, and it is to be sent again.
                return self.after(AGAIN_NS, now_ns, command);
            }
            self.give_up_on(command);
        }
    }

    fn give_up_on(&mut self, refused: Command) {
        match refused {
            Command::Accept { offer, contact } => {
                self.offers.remove(&offer);
                self.offer_over(&contact, Until::Unknown);
            }
            // The contact is no longer ours; the server is asked later whether it has ended.
            Command::Complete { contact } | Command::WrapUpDone { contact } => {
                self.let_go(&contact.id);
            }
            Command::Resume { .. } => self.sequence.give_up(),
            Command::Ack { .. } | Command::Delivered { .. } | Command::Ready => {}
        }
    }

    fn on_updated(&mut self, frame: &Frame<'_>) {
        if let Some(contact) = frame.contact
            && contact.state == "wrap_up"
            && let Some(held) = self.serving.get(contact.id)
        {
            let contact = held.clone();
            self.command(Command::WrapUpDone { contact });
        }
    }

    fn on_ended(&mut self, frame: &Frame<'_>, now_ns: u64) {
        let Some(contact) = frame.contact else {
            self.room.tally.unreadable.raise();
            return;
        };
        let held = self.serving.remove(contact.id);
        let no = held
            .and_then(|held| held.no)
            .or_else(|| self.room.run.number(contact.external_id));
        if let Some(no) = no
            && self.room.book.ended(no, now_ns)
        {
            self.over_count += 1;
        }
    }

    /// The server no longer has the missed frames, and sends what we hold.
    fn on_resync(&mut self, frame: &Frame<'_>) {
        self.room.tally.resyncs.raise();
        let held: Vec<Arc<str>> = self.serving.keys().cloned().collect();
        for id in held {
            if !frame.contacts.iter().any(|contact| *contact.id == *id) {
                self.let_go(&id);
            }
        }
        for contact in &frame.contacts {
            self.take_up(contact);
        }
    }

    fn take_up(&mut self, contact: &Named<'_>) {
        let held = Held {
            id: contact.id.into(),
            no: self.room.run.number(contact.external_id),
        };
        if contact.state == "wrap_up" {
            self.command(Command::WrapUpDone { contact: held });
        } else if contact.state == "active" && !self.serving.contains_key(&held.id) {
            self.serving.insert(Arc::clone(&held.id), held.clone());
            self.command(Command::Complete { contact: held });
        }
    }

    fn serve(&mut self, contact: Held, now_ns: u64) {
        if self
            .serving
            .insert(Arc::clone(&contact.id), contact.clone())
            .is_none()
        {
            let handle_ns = self.room.habits.handle_ns;
            self.after(handle_ns, now_ns, Command::Complete { contact });
        }
    }

    fn let_go(&mut self, contact: &Arc<str>) {
        if self.serving.remove(contact).is_some() {
            self.over_count += 1;
        }
    }

    fn offer_over(&self, held: &Held, until: Until) {
        if let Some(no) = held.no {
            self.room.book.offer_over(no, self.no, until);
        }
    }

    fn answered(&mut self, cmd: &str) -> Option<Command> {
        let cmd: u64 = cmd.parse().ok()?;
        let index = self.unanswered.iter().position(|(made, _)| *made == cmd)?;
        Some(self.unanswered.swap_remove(index).1)
    }

    fn after(&mut self, delay_ns: u64, now_ns: u64, command: Command) {
        if delay_ns == 0 {
            self.command(command);
        } else {
            self.timers_made += 1;
            let key = (now_ns + delay_ns, self.timers_made);
            self.timers.insert(key, command);
        }
    }

    fn command(&mut self, command: Command) {
        self.commands_made += 1;
        self.outbox.push_back(command.to_text(self.commands_made));
        self.unanswered.push((self.commands_made, command));
    }
}

#[cfg(test)]
mod tests;
