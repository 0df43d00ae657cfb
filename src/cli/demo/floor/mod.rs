//! How an agent behaves at the desktop.
//!
//! Frames come in through [`Agent::hear`], time through [`Agent::expire`]; actions go out through
//! [`Agent::poll`]. [`Agent::next_deadline_ms`] returns when to call `expire` next.
//!
//! **Invariant:** nothing here reads a clock or a socket, and the number of plans is bounded by a
//! few per contact that the agent has.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::cli::demo::dice::Dice;
use crate::cli::demo::heard::{Contact, Frame, Heard, Myself};
use crate::wire::described::client::ClientFrame;
use crate::wire::frame::CommandId;

/// From the offer to the answer.
const THINK_MS: (u64, u64) = (1_000, 4_000);
const TALK_MS: (u64, u64) = (5_000, 25_000);
const NOTES_MS: (u64, u64) = (1_000, 4_000);
const WORK_MS: (u64, u64) = (60_000, 180_000);
const BREAK_MS: (u64, u64) = (6_000, 15_000);
/// Between two calls of a counter for the next customer.
const PULL_MS: (u64, u64) = (1_000, 3_000);
const ONLINE_MS: (u64, u64) = (120_000, 600_000);
/// One agent loses the socket early, so that viewers see it happen.
const ONLINE_FIRST_MS: (u64, u64) = (10_000, 14_000);
const OFFLINE_MS: (u64, u64) = (2_000, 6_000);
/// Until a suspended agent reports ready again.
const COME_BACK_MS: (u64, u64) = (3_000, 8_000);

/// Frames between two acknowledgements.
const ACK_EVERY: u64 = 16;
const DECLINE_PERCENT: u64 = 4;
const SLEEP_PERCENT: u64 = 2;
/// Share of offers that the desktop never confirms.
const LOST_PERCENT: u64 = 1;
const OUTCOMES: [(&str, u64); 4] = [
    ("resolved", 82),
    ("follow_up", 10),
    ("sold", 5),
    ("unresolved", 3),
];

/// What an agent does next.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Say(ClientFrame),
    /// Loses the socket, and reconnects after this time.
    HangUp {
        back_after_ms: u64,
    },
}

/// Something that an agent will do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Plan {
    Accept { offer: String },
    Decline { offer: String },
    Complete { contact: String },
    FinishNotes { contact: String },
    TakeBreak,
    EndBreak,
    Pull,
    HangUp,
    ComeBack,
}

/// What sets an agent apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Habits {
    /// A queue from which the agent calls the next contact.
    pub(super) pulls_from: Option<String>,
    /// Whether the agent loses the socket early.
    pub(super) loses_socket_early: bool,
}

/// One agent, with their plans.
pub(super) struct Agent {
    habits: Habits,
    dice: Dice,
    is_there: bool,
    is_on_break: bool,
    resume_token: Option<String>,
    /// Every frame up to this number was heard.
    last_seq: u64,
    /// The number of the newest welcome, until the frames missed before it have come.
    welcome_seq: Option<u64>,
    said: u64,
    offers: BTreeSet<String>,
    serving: BTreeSet<String>,
    plans: BTreeMap<(u64, u64), Plan>,
    planned: u64,
    acts: VecDeque<Act>,
}

impl Agent {
    pub(super) fn new(habits: Habits, dice: Dice) -> Self {
        let online_ms = if habits.loses_socket_early {
            ONLINE_FIRST_MS
        } else {
            ONLINE_MS
        };
        let is_counter = habits.pulls_from.is_some();
        let mut agent = Self {
            habits,
            dice,
            is_there: false,
            is_on_break: false,
            resume_token: None,
            last_seq: 0,
            welcome_seq: None,
            said: 0,
            offers: BTreeSet::new(),
            serving: BTreeSet::new(),
            plans: BTreeMap::new(),
            planned: 0,
            acts: VecDeque::new(),
        };
        agent.plan(0, WORK_MS, Plan::TakeBreak);
        agent.plan(0, online_ms, Plan::HangUp);
        if is_counter {
            agent.plan(0, PULL_MS, Plan::Pull);
        }
        agent
    }

    pub(super) fn poll(&mut self) -> Option<Act> {
        self.acts.pop_front()
    }

    /// None before the server's `welcome`.
    pub(super) fn next_deadline_ms(&self) -> Option<u64> {
        let ((at_ms, _), _) = self.plans.first_key_value()?;
        self.is_there.then_some(*at_ms)
    }

    pub(super) fn expire(&mut self, now_ms: u64) {
        while self.is_there
            && let Some(plan) = self.plans.first_entry()
            && plan.key().0 <= now_ms
        {
            let plan = plan.remove();
            self.carry_out(plan, now_ms);
        }
    }

    /// The server withdraws offers, and keeps the contacts in service.
    pub(super) fn lose_socket(&mut self) {
        self.is_there = false;
        self.acts.clear();
        self.offers.clear();
    }

    pub(super) fn hear(&mut self, frame: Frame, now_ms: u64) {
        match frame.heard {
            Heard::Welcome {
                resume_token,
                contacts,
                ..
            } => return self.begin(frame.seq, resume_token, &contacts, now_ms),
            Heard::Resync { contacts } => {
                self.last_seq = frame.seq.unwrap_or(self.last_seq);
                self.welcome_seq = None;
                self.take_stock(&contacts, now_ms);
            }
            Heard::Presence { agent } => self.look_at_myself(&agent, now_ms),
            Heard::Offer { offer } => self.consider(offer.id, now_ms),
            Heard::OfferGone { offer } => {
                self.offers.remove(&offer);
            }
            Heard::Assigned { contact } | Heard::ContactUpdated { contact } => {
                self.take_up(&contact, now_ms);
            }
            Heard::ContactEnded { contact } => {
                self.serving.remove(&contact.id);
            }
            Heard::Other => {}
        }
        if let Some(seq) = frame.seq {
            self.note(seq);
        }
    }

    /// Acknowledges every few frames, so that the server can forget them.
    fn note(&mut self, seq: u64) {
        let before = self.last_seq;
        self.pass_welcome();
        if seq == self.last_seq + 1 {
            self.last_seq = seq;
        }
        self.pass_welcome();
        let seq = self.last_seq;
        if seq / ACK_EVERY > before / ACK_EVERY {
            self.say(|cmd| ClientFrame::Ack { cmd, seq });
        }
    }

    /// Counts the welcome as heard once everything before it was.
    fn pass_welcome(&mut self) {
        let next = self.last_seq + 1;
        if self.welcome_seq.take_if(|seq| *seq == next).is_some() {
            self.last_seq = next;
        }
    }

    fn begin(&mut self, seq: Option<u64>, resume_token: String, contacts: &[Contact], now_ms: u64) {
        self.is_there = true;
        let last_seq = self.last_seq;
        if let Some(token) = self.resume_token.replace(resume_token) {
            self.say(|cmd| ClientFrame::Resume {
                cmd,
                token,
                last_seq,
            });
            self.welcome_seq = seq;
        } else {
            self.say(|cmd| ClientFrame::Ready { cmd });
            self.last_seq = seq.unwrap_or_default();
        }
        self.take_stock(contacts, now_ms);
    }

    /// Adopts the server's list of the agent's contacts.
    fn take_stock(&mut self, contacts: &[Contact], now_ms: u64) {
        let held: BTreeSet<&str> = contacts.iter().map(|contact| &*contact.id).collect();
        self.serving.retain(|contact| held.contains(&**contact));
        for contact in contacts {
            self.take_up(contact, now_ms);
        }
    }

    fn take_up(&mut self, contact: &Contact, now_ms: u64) {
        let id = || contact.id.clone();
        match contact.state.as_str() {
            "active" if self.serving.insert(id()) => {
                self.plan(now_ms, TALK_MS, Plan::Complete { contact: id() });
            }
            "wrap_up" => {
                self.serving.remove(&contact.id);
                self.plan(now_ms, NOTES_MS, Plan::FinishNotes { contact: id() });
            }
            _ => {}
        }
    }

    /// A suspended agent must report ready to get offers again.
    fn look_at_myself(&mut self, agent: &Myself, now_ms: u64) {
        let is_suspended = agent.health.values().any(|health| health == "suspended");
        let comes_back = self.plans.values().any(|plan| *plan == Plan::ComeBack);
        if is_suspended && agent.intent == "ready" && !comes_back {
            self.plan(now_ms, COME_BACK_MS, Plan::ComeBack);
        }
    }

    fn consider(&mut self, offer: String, now_ms: u64) {
        self.offers.insert(offer.clone());
        if self.dice.percent(LOST_PERCENT) {
            return;
        }
        let shown = offer.clone();
        self.say(|cmd| ClientFrame::Delivered { cmd, offer: shown });
        if self.dice.percent(SLEEP_PERCENT) {
            return;
        }
        let answer = if self.dice.percent(DECLINE_PERCENT) {
            Plan::Decline { offer }
        } else {
            Plan::Accept { offer }
        };
        self.plan(now_ms, THINK_MS, answer);
    }

    fn carry_out(&mut self, plan: Plan, now_ms: u64) {
        match plan {
            Plan::Accept { offer } => {
                if self.offers.remove(&offer) {
                    self.say(|cmd| ClientFrame::Accept { cmd, offer });
                }
            }
            Plan::Decline { offer } => {
                if self.offers.remove(&offer) {
                    self.decline(offer);
                }
            }
            Plan::Complete { contact } => {
                // If the command is lost with the socket, `take_stock` plans it again.
                if self.serving.remove(&contact) {
                    self.complete(contact);
                }
            }
            Plan::FinishNotes { contact } => {
                self.say(|cmd| ClientFrame::WrapUpDone { cmd, contact });
            }
            Plan::TakeBreak => self.take_break(now_ms),
            Plan::EndBreak => {
                self.is_on_break = false;
                self.say(|cmd| ClientFrame::Ready { cmd });
                self.plan(now_ms, WORK_MS, Plan::TakeBreak);
            }
            Plan::Pull => self.pull(now_ms),
            Plan::HangUp => self.hang_up(now_ms),
            Plan::ComeBack => {
                if !self.is_on_break {
                    self.say(|cmd| ClientFrame::Ready { cmd });
                }
            }
        }
    }

    fn decline(&mut self, offer: String) {
        self.say(|cmd| ClientFrame::Decline {
            cmd,
            offer,
            reason: Some("busy".to_owned()),
            retry_after_s: None,
        });
    }

    fn complete(&mut self, contact: String) {
        let outcome = self.dice.weigh(&OUTCOMES).to_owned();
        self.say(|cmd| ClientFrame::Complete {
            cmd,
            contact,
            outcome,
            notes: None,
        });
    }

    fn take_break(&mut self, now_ms: u64) {
        self.is_on_break = true;
        self.say(|cmd| ClientFrame::NotReady {
            cmd,
            reason: Some("break".to_owned()),
        });
        self.plan(now_ms, BREAK_MS, Plan::EndBreak);
    }

    /// A free counter calls the next customer.
    fn pull(&mut self, now_ms: u64) {
        self.plan(now_ms, PULL_MS, Plan::Pull);
        let is_free = self.serving.is_empty() && self.offers.is_empty() && !self.is_on_break;
        if let Some(queue) = self.habits.pulls_from.clone().filter(|_| is_free) {
            self.say(|cmd| ClientFrame::Pull {
                cmd,
                queue,
                contact: None,
            });
        }
    }

    fn hang_up(&mut self, now_ms: u64) {
        self.lose_socket();
        let back_after_ms = self.dice.within(OFFLINE_MS.0, OFFLINE_MS.1);
        self.acts.push_back(Act::HangUp { back_after_ms });
        self.plan(now_ms + back_after_ms, ONLINE_MS, Plan::HangUp);
    }

    fn plan(&mut self, now_ms: u64, (from_ms, to_ms): (u64, u64), plan: Plan) {
        let after_ms = self.dice.within(from_ms, to_ms);
        self.planned += 1;
        self.plans.insert((now_ms + after_ms, self.planned), plan);
    }

    fn say(&mut self, frame: impl FnOnce(CommandId) -> ClientFrame) {
        self.said += 1;
        let cmd = CommandId::Text(self.said.to_string().as_str().into());
        self.acts.push_back(Act::Say(frame(cmd)));
    }
}

#[cfg(test)]
mod tests;
