//! The commands of one desktop in progress, answered in the order of their arrival.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, ready};

use tokio::sync::{Notify, oneshot};

use crate::engine::command::CommandKey;
use crate::engine::refusal::Refusal;
use crate::gateway::agent_socket::{Answer, Desktop, Out};
use crate::node::handle::{CallError, Reply};
use crate::wire::frame::CommandId;

/// The most commands of one desktop in progress; at this number the reader waits.
const UNDER_WAY_MAX: usize = 32;

/// A frame to be answered.
pub(super) enum Step {
    Say(Out),
    /// The engine decides.
    Decide {
        cmd: CommandId,
        /// The key under which the answer is remembered, if it is.
        key: Option<CommandKey>,
        reply: Reply<()>,
    },
    /// The same command is in progress for the previous session.
    Repeat {
        cmd: CommandId,
        answer: oneshot::Receiver<Answer>,
    },
}

/// Shared by the reader, which begins commands, and the writer, which sends their answers.
///
/// **Invariant:** one task polls both, the reader first, so the writer sees new entries without
/// being woken for them.
#[derive(Default)]
pub(super) struct UnderWay {
    steps: Mutex<VecDeque<Step>>,
    room: Notify,
}

impl UnderWay {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Step>> {
        self.steps.lock().expect("nothing panics under this lock")
    }

    /// Waits until one more command may begin.
    pub(super) async fn room(&self) {
        while self.is_full() {
            self.room.notified().await;
        }
    }

    /// Nothing is read meanwhile.
    pub(super) fn is_full(&self) -> bool {
        self.lock().len() >= UNDER_WAY_MAX
    }

    pub(super) fn push(&self, step: Step) {
        self.lock().push_back(step);
    }

    fn pop(&self, answer: Option<Answer>) -> Option<Out> {
        let mut steps = self.lock();
        if steps.len() >= UNDER_WAY_MAX {
            self.room.notify_one();
        }
        Some(match steps.pop_front()? {
            Step::Say(out) => out,
            Step::Decide { cmd, .. } | Step::Repeat { cmd, .. } => Out::Answer {
                cmd: Some(cmd),
                answer: answer.unwrap_or_else(given_up),
            },
        })
    }
}

impl Desktop {
    /// The next answer, once there is one.
    pub(super) async fn next_answer(&self) -> Out {
        poll_fn(|cx| match self.poll_answer(cx) {
            Poll::Ready(Some(out)) => Poll::Ready(out),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// The next answer, if it is ready.
    pub(super) async fn answer_at_hand(&self) -> Option<Out> {
        poll_fn(|cx| match self.poll_answer(cx) {
            Poll::Ready(out) => Poll::Ready(out),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// Waits for all commands in progress, so that their answers are remembered.
    pub(super) async fn finish(&self) {
        while poll_fn(|cx| self.poll_answer(cx)).await.is_some() {}
    }

    /// None if nothing is in progress.
    fn poll_answer(&self, cx: &mut Context<'_>) -> Poll<Option<Out>> {
        let answer = match self.under_way.lock().front_mut() {
            None => return Poll::Ready(None),
            Some(Step::Say(_)) => None,
            Some(Step::Decide { key, reply, .. }) => {
                let outcome = ready!(Pin::new(reply).poll(cx));
                Some(self.answer(key.take(), outcome))
            }
            Some(Step::Repeat { answer, .. }) => {
                let answer = ready!(Pin::new(answer).poll(cx));
                Some(answer.unwrap_or_else(|_| given_up()))
            }
        };
        Poll::Ready(self.under_way.pop(answer))
    }

    /// The answer for an outcome, remembered for repeats of the command.
    fn answer(&self, key: Option<CommandKey>, outcome: Result<(), CallError>) -> Answer {
        let answer = match outcome {
            Ok(()) => Answer::Ok,
            // It is about the session: the next one may repeat the command.
            Err(CallError::Refused(refusal @ Refusal::StaleSession)) => {
                self.give_up(key);
                return Answer::refused(refusal.code(), refusal.to_string());
            }
            Err(CallError::Refused(refusal)) => {
                Answer::refused(refusal.code(), refusal.to_string())
            }
            // A fault is not an answer: the command may be repeated.
            Err(
                fault @ (CallError::Overloaded | CallError::NotDurable(_) | CallError::Stopping),
            ) => {
                self.give_up(key);
                return Answer::fault(&fault);
            }
        };
        if let Some(key) = key {
            self.answers.answer(&key, &answer);
        }
        answer
    }

    /// The command may be tried again.
    pub(super) fn give_up(&self, key: Option<CommandKey>) {
        if let Some(key) = key {
            self.answers.give_up(&key);
        }
    }
}

fn given_up() -> Answer {
    let detail = "the first command with this id was given up; try again";
    Answer::refused("overloaded", detail)
}
