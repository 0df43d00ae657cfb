//! What comes in: frames to commands, several of them under way at a time,
//! answered in the order in which they came.

use std::hash::BuildHasher;
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use rustc_hash::FxBuildHasher;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::gateway::agent_socket::pace::{Pace, Verdict};
use crate::gateway::agent_socket::{Answer, Desktop, Out};
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::socket::close::Close;
use crate::gateway::socket::link::Incoming;
use crate::wire::frame::{Ask, CommandId, Garbled};

/// The most commands of one desktop that are under way.
const UNDER_WAY_MAX: usize = 32;
const AGENT: Roles = Roles::of(&[Role::Agent]);

/// A frame that is to be answered.
pub(super) enum Step {
    Perform {
        cmd: CommandId,
        /// Of the whole frame: the same id on another frame is another command.
        fingerprint: u64,
        ask: Ask,
    },
    /// Without being carried out.
    Say(Out),
}

impl Desktop {
    /// Reads until there is a reason to close. What `perform` makes of a frame
    /// goes to `under_way`, which outlives the reader.
    pub(super) async fn read<F: Future<Output = Out>>(
        &self,
        incoming: &mut Incoming,
        outbox: &mpsc::Sender<Out>,
        under_way: &mut FuturesOrdered<F>,
        perform: impl Fn(Step) -> F,
    ) -> Close {
        let mut pace = Pace::new(self.desktops.node.clock().now());
        loop {
            tokio::select! {
                biased;
                Some(out) = under_way.next(), if !under_way.is_empty() => {
                    if outbox.send(out).await.is_err() {
                        return Close::Gone;
                    }
                }
                message = incoming.next(), if under_way.len() < UNDER_WAY_MAX => {
                    match self.take(message, &mut pace) {
                        Ok(Some(step)) => under_way.push_back(perform(step)),
                        Ok(None) => {}
                        Err(why) => return why,
                    }
                }
            }
        }
    }

    fn take(
        &self,
        message: Option<Result<Message, Error>>,
        pace: &mut Pace,
    ) -> Result<Option<Step>, Close> {
        let message = message.ok_or(Close::Gone)??;
        self.heard.store(true, Ordering::Relaxed);
        let now = self.desktops.node.clock().now();
        let verdict = pace.frame(now);
        if verdict == Verdict::Enough {
            return Err(Close::Policy);
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Close::Binary),
            Message::Close(_) => return Err(Close::Gone),
            // The library answers pings.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(None),
        };
        let guard = &self.desktops.porter.guard;
        if !guard.still_allows(&self.caller, AGENT, now) {
            return Err(Close::Unauthorised);
        }
        match (Ask::read(&text), verdict) {
            (Ok((cmd, ask)), Verdict::Fine) => Ok(Some(Step::Perform {
                cmd,
                fingerprint: FxBuildHasher.hash_one(text.as_str()),
                ask,
            })),
            (Ok((cmd, _)), _) => Ok(Some(too_fast(cmd))),
            (Err(garbled), _) => {
                if pace.senseless() == Verdict::Enough {
                    return Err(Close::Policy);
                }
                Ok(Some(Step::Say(refused(garbled))))
            }
        }
    }
}

fn too_fast(cmd: CommandId) -> Step {
    Step::Say(Out::Answer {
        cmd: Some(cmd),
        answer: Answer::refused("too_fast", "more commands than anyone can mean; slow down"),
    })
}

fn refused(garbled: Garbled) -> Out {
    Out::Answer {
        cmd: garbled.cmd,
        answer: Answer::refused(garbled.code, garbled.detail),
    }
}
