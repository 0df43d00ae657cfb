//! Carrying out what a desktop asks, once.

use crate::domain::Text;
use crate::engine::command::{Act, AgentCommand, Command, Intention};
use crate::gateway::agent_socket::reader::Step;
use crate::gateway::agent_socket::{Answer, AnswerKey, Desktop, Out};
use crate::node::answers::Begun;
use crate::node::handle::CallError;
use crate::wire::frame::{Ask, CommandId};

/// The reason of an agent who gives none.
const UNSPECIFIED: &str = "unspecified";

/// What a command is for this server.
enum Deed {
    /// Of the engine, and to be done once.
    Act(Act),
    /// Of the engine, and no worse for being done twice.
    Intend(Act),
    Ack {
        seq: u64,
    },
    Resume {
        token: Text,
        last_seq: u64,
    },
    /// Known, and not possible.
    Never,
}

impl Desktop {
    pub(super) async fn perform(&self, step: Step) -> Out {
        let (cmd, fingerprint, ask) = match step {
            Step::Perform {
                cmd,
                fingerprint,
                ask,
            } => (cmd, fingerprint, ask),
            Step::Say(out) => return out,
        };
        let answer = match self.deed(ask) {
            Deed::Act(act) => self.once((cmd.clone(), fingerprint), act).await,
            // Said twice it is still so.
            Deed::Intend(act) => self.act(act).await.unwrap_or_else(|fault| fault),
            Deed::Ack { seq } => {
                self.desktops.node.ack(self.agent.as_str(), seq);
                Answer::Ok
            }
            Deed::Resume { token, last_seq } => return self.resume(cmd, &token, last_seq).await,
            Deed::Never => {
                Answer::refused("not_supported", "no channel of this server can do that")
            }
        };
        Out::told(cmd, answer)
    }

    /// A repeated command gets the answer of before.
    async fn once(&self, key: AnswerKey, act: Act) -> Answer {
        match self.answers.look_up(key.clone()) {
            Begun::Given(answer) => return answer,
            Begun::UnderWay(answer) => return answer.await.unwrap_or_else(|_| given_up()),
            Begun::New => {}
        }
        match self.act(act).await {
            Ok(answer) => {
                self.answers.answer(&key, &answer);
                answer
            }
            // A fault is not an answer: the same command may be tried again.
            Err(fault) => {
                self.answers.give_up(&key);
                fault
            }
        }
    }

    async fn act(&self, act: Act) -> Result<Answer, Answer> {
        let command = Command::Agent(AgentCommand {
            agent: self.agent.clone(),
            act,
        });
        match self.desktops.node.decide(command, |_, _, _| ()).await {
            Ok(()) => Ok(Answer::Ok),
            Err(CallError::Refused(refusal)) => {
                Ok(Answer::refused(refusal.code(), refusal.to_string()))
            }
            Err(CallError::Overloaded | CallError::NotDurable) => Err(Answer::refused(
                "overloaded",
                "the router is overloaded; try again in a moment",
            )),
            Err(CallError::Stopping) => Err(Answer::refused("stopping", "the router is stopping")),
        }
    }

    /// What was missed of the session before, or everything anew.
    async fn resume(&self, cmd: CommandId, token: &Text, last_seq: u64) -> Out {
        let node = &self.desktops.node;
        let missed = node.resume(self.agent.as_str(), self.session, token, last_seq);
        if let Some(missed) = missed {
            self.answers.resume();
            return Out::Resumed { cmd, missed };
        }
        let resync = Act::Resync {
            session: self.session,
        };
        let answer = self.act(resync).await.unwrap_or_else(|fault| fault);
        Out::told(cmd, answer)
    }

    fn deed(&self, ask: Ask) -> Deed {
        let session = self.session;
        Deed::Act(match ask {
            Ask::Ready => return Deed::Intend(self.intend(Intention::Ready)),
            Ask::NotReady { reason } => {
                let reason = reason.unwrap_or_else(|| Text::from(UNSPECIFIED));
                return Deed::Intend(self.intend(Intention::NotReady { reason }));
            }
            Ask::Delivered(offer) => Act::Deliver { session, offer },
            Ask::Accept(offer) => Act::Accept { session, offer },
            Ask::Decline {
                offer,
                reason,
                retry_after,
            } => Act::Decline {
                session,
                offer,
                reason,
                retry_after,
            },
            Ask::Message { contact, text } => Act::Message {
                session,
                contact,
                text,
            },
            Ask::Transfer(handover) => Act::Transfer {
                session,
                contact: handover.contact,
                to: handover.to,
                note: handover.note,
            },
            Ask::Complete {
                contact,
                outcome,
                notes,
            } => Act::Complete {
                session,
                contact,
                outcome,
                notes,
            },
            Ask::WrapUpDone(contact) => Act::FinishWrapUp { session, contact },
            Ask::WrapUpExtend(contact) => Act::ExtendWrapUp { session, contact },
            Ask::Pull { queue } => Act::Pull { session, queue },
            Ask::Hold(_)
            | Ask::Unhold(_)
            | Ask::Park(_)
            | Ask::Unpark(_)
            | Ask::Consult(_)
            | Ask::Conference(_)
            | Ask::EndConsult(_) => return Deed::Never,
            Ask::Ack { seq } => return Deed::Ack { seq },
            Ask::Resume { token, last_seq } => return Deed::Resume { token, last_seq },
        })
    }

    fn intend(&self, intent: Intention) -> Act {
        Act::Intend {
            session: Some(self.session),
            intent,
            by: self.caller.name.clone(),
        }
    }
}

impl Out {
    fn told(cmd: CommandId, answer: Answer) -> Self {
        Self::Answer {
            cmd: Some(cmd),
            answer,
        }
    }
}

fn given_up() -> Answer {
    let detail = "the first command with this id was given up; try again";
    Answer::refused("overloaded", detail)
}
