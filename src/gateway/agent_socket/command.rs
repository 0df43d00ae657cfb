//! Carries out a desktop's commands: once by the engine, or here.

use std::hash::BuildHasher;
use std::sync::atomic::Ordering;

use rustc_hash::FxBuildHasher;

use crate::domain::Text;
use crate::engine::command::{Act, AgentCommand, Command, CommandKey, DeskAct, Intention};
use crate::gateway::agent_socket::under_way::Step;
use crate::gateway::agent_socket::{Answer, Desktop, Out};
use crate::node::answers::Begun;
use crate::node::{Missed, Unresumed};
use crate::wire::frame::{Ask, CommandId};

/// The reason when an agent gives none.
const UNSPECIFIED: &str = "unspecified";

/// How this server handles a command.
enum Deed {
    /// For the engine, to be carried out once.
    Act(DeskAct),
    Ack {
        seq: u64,
    },
    Resume {
        token: Text,
        last_seq: u64,
    },
}

impl Desktop {
    /// Begins a command. The fingerprint covers its meaning, not its spelling: the same id with a
    /// different request is a different command.
    pub(super) fn perform(&self, cmd: CommandId, fingerprint: u64, ask: Ask) -> Step {
        match self.deed(ask) {
            Deed::Act(act) => {
                self.begin_work();
                self.once(cmd, fingerprint, act)
            }
            Deed::Ack { seq } => said(cmd, self.ack(seq)),
            Deed::Resume { token, last_seq } => self.resume(cmd, &token, last_seq),
        }
    }

    /// A desktop that works without resuming first gets the messages that were written before it
    /// connected.
    fn begin_work(&self) {
        if !self.knows_all.load(Ordering::Relaxed) {
            self.know_all(DeskAct::CatchUp);
        }
        if self.knows_all.load(Ordering::Relaxed) {
            self.has_begun();
        }
    }

    /// The desktop has had its time to resume. False if the inbox is full.
    pub(super) fn release(&self) -> bool {
        self.knows_all.load(Ordering::Relaxed) || self.ask(DeskAct::Release)
    }

    /// The desktop works, and gets all that it lacks.
    fn has_begun(&self) {
        if !self.has_worked.swap(true, Ordering::Relaxed) {
            let node = &self.desktops.node;
            node.has_worked(self.agent.as_str(), self.session);
        }
    }

    fn ack(&self, seq: u64) -> Answer {
        let node = &self.desktops.node;
        match node.ack(self.agent.as_str(), self.session, seq) {
            Ok(read_upto) => {
                if let Some(upto) = read_upto {
                    self.hear(upto);
                }
                Answer::Ok
            }
            Err(told) => {
                let detail = format!("seq: {seq}, allowed: 0..={told}, the numbers sent so far");
                Answer::refused("bad_value", detail)
            }
        }
    }

    /// Reports to the engine that customers' messages have arrived.
    fn hear(&self, upto: u64) {
        // If the inbox is full, the next acknowledgement reports it again.
        if self.ask(DeskAct::Hear { upto }) {
            self.desktops.node.reported(self.agent.as_str(), upto);
        }
    }

    fn know_all(&self, act: DeskAct) {
        // If the inbox is full, the next command tries again.
        let is_asked = self.ask(act);
        self.knows_all.store(is_asked, Ordering::Relaxed);
    }

    /// False if the inbox is full.
    fn ask(&self, act: DeskAct) -> bool {
        let command = self.command(act);
        self.desktops.node.begin(command, |_, _| ()).is_ok()
    }

    fn command(&self, act: DeskAct) -> Command {
        self.by_agent(act.of(self.session))
    }

    fn by_agent(&self, act: Act) -> Command {
        let agent = self.agent.clone();
        Command::Agent(AgentCommand { agent, act })
    }

    /// A repeated command gets the same answer again.
    fn once(&self, cmd: CommandId, fingerprint: u64, act: DeskAct) -> Step {
        let key = CommandKey(FxBuildHasher.hash_one((&cmd, fingerprint)));
        match self.answers.look_up(key) {
            Begun::Given(answer) => said(cmd, answer),
            Begun::UnderWay(answer) => Step::Repeat { cmd, answer },
            Begun::New => {
                // The engine knows repeats of what it did before the server restarted.
                let command = self.by_agent(act.under(key, self.session));
                self.begin(cmd, Some(key), command)
            }
        }
    }

    fn begin(&self, cmd: CommandId, key: Option<CommandKey>, command: Command) -> Step {
        match self.desktops.node.begin(command, |_, _| ()) {
            Ok(reply) => Step::Decide { cmd, key, reply },
            Err(fault) => {
                self.give_up(key);
                said(cmd, Answer::fault(&fault))
            }
        }
    }

    /// Sends what the previous session missed, or the complete state.
    fn resume(&self, cmd: CommandId, token: &Text, last_seq: u64) -> Step {
        let node = &self.desktops.node;
        match node.resume(self.agent.as_str(), self.session, token, last_seq) {
            Ok(Missed { upto, notices }) => {
                self.answers.resume();
                self.know_all(DeskAct::Resume { upto });
                let missed = notices;
                Step::Say(Out::Resumed { cmd, missed })
            }
            Err(Unresumed { upto, is_known }) => {
                if is_known {
                    self.answers.resume();
                }
                let step = self.begin(cmd, None, self.command(DeskAct::Resync { upto }));
                if matches!(step, Step::Decide { .. }) {
                    self.knows_all.store(true, Ordering::Relaxed);
                    self.has_begun();
                }
                step
            }
        }
    }

    fn deed(&self, ask: Ask) -> Deed {
        Deed::Act(match ask {
            Ask::Ready => self.intend(Intention::Ready),
            Ask::NotReady { reason } => {
                let reason = reason.unwrap_or_else(|| Text::from(UNSPECIFIED));
                self.intend(Intention::NotReady { reason })
            }
            Ask::Delivered(offer) => DeskAct::Deliver { offer },
            Ask::Accept(offer) => DeskAct::Accept { offer },
            Ask::Decline {
                offer,
                reason,
                retry_after,
            } => DeskAct::Decline {
                offer,
                reason,
                retry_after,
            },
            Ask::Message { contact, text } => DeskAct::Message { contact, text },
            Ask::Transfer(handover, manner) => DeskAct::Transfer {
                contact: handover.contact,
                to: handover.to,
                note: handover.note,
                manner,
            },
            Ask::Complete {
                contact,
                outcome,
                notes,
            } => DeskAct::Complete {
                contact,
                outcome,
                notes,
            },
            Ask::WrapUpDone(contact) => DeskAct::FinishWrapUp { contact },
            Ask::WrapUpExtend(contact) => DeskAct::ExtendWrapUp { contact },
            Ask::Pull { queue, contact } => DeskAct::Pull { queue, contact },
            Ask::Recall(contact) => DeskAct::Recall { contact },
            Ask::NoShow(contact) => DeskAct::NoShow { contact },
            Ask::CallbackFailed { contact, outcome } => DeskAct::FailCallback { contact, outcome },
            Ask::Hold(contact) => DeskAct::Hold { contact },
            Ask::Unhold(contact) => DeskAct::Unhold { contact },
            Ask::Park(contact) => DeskAct::Park { contact },
            Ask::Unpark(contact) => DeskAct::Unpark { contact },
            Ask::Consult(handover) => DeskAct::Consult {
                contact: handover.contact,
                to: handover.to,
                note: handover.note,
            },
            Ask::Conference(contact) => DeskAct::Conference { contact },
            Ask::EndConsult(contact) => DeskAct::EndConsult { contact },
            Ask::Ack { seq } => return Deed::Ack { seq },
            Ask::Resume { token, last_seq } => return Deed::Resume { token, last_seq },
        })
    }

    fn intend(&self, intent: Intention) -> DeskAct {
        DeskAct::Intend {
            intent,
            by: self.caller.name.clone(),
        }
    }
}

fn said(cmd: CommandId, answer: Answer) -> Step {
    let cmd = Some(cmd);
    Step::Say(Out::Answer { cmd, answer })
}
