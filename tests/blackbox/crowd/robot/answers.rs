//! What a robot does with the answers to its commands.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Asked, Robot};
use crate::crowd::contact::Until;

impl Robot {
    pub(super) fn hear_answer(&mut self, is_ok: bool, answer: &Value) {
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

    pub(super) fn has_transferred(&mut self, contact: &str, is_ok: bool, answer: &Value) {
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

    pub(super) fn has_resumed(&mut self, is_ok: bool, answer: &Value) {
        self.sequence.resume_was_answered();
        if !is_ok {
            self.breach(&format!("neither resumed nor told anew: {answer}"));
        }
        self.room.ledger.count("resumes");
        // The engine handles this after `resume`.
        self.ask(Asked::Engine, json!({"type": "ready"}));
    }
}
