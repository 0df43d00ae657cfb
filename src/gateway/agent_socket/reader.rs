//! Incoming frames become commands; several can be in progress, and they are answered in the order
//! of their arrival.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::gateway::agent_socket::pace::{Pace, Verdict};
use crate::gateway::agent_socket::under_way::Step;
use crate::gateway::agent_socket::{Answer, Desktop, Out};
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::socket::close::Close;
use crate::gateway::socket::meter::Incoming;
use crate::wire::frame::{Ask, CommandId, Garbled};

const AGENT: Roles = Roles::of(&[Role::Agent]);

impl Desktop {
    /// Reads until there is a reason to close.
    pub(super) async fn read(&self, incoming: &mut Incoming) -> Close {
        let mut pace = Pace::new(self.desktops.node.clock().now());
        loop {
            self.under_way.room().await;
            match self.take(incoming.next().await, &mut pace) {
                Ok(Some(step)) => self.under_way.push(step),
                Ok(None) => {}
                Err(why) => return why,
            }
        }
    }

    fn take(
        &self,
        message: Option<Result<Message, Error>>,
        pace: &mut Pace,
    ) -> Result<Option<Step>, Close> {
        let message = message.ok_or(Close::Gone)??;
        self.heard.note();
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
        let wall = self.desktops.node.clock().wall();
        if !guard.still_allows(&self.caller, AGENT, wall) {
            return Err(Close::Unauthorised);
        }
        match (Ask::read(&text), verdict) {
            (Ok((cmd, ask)), Verdict::Fine) => {
                let fingerprint = FxBuildHasher.hash_one(&ask);
                Ok(Some(self.perform(cmd, fingerprint, ask)))
            }
            (Ok((cmd, _)), _) => Ok(Some(too_fast(cmd))),
            (Err(garbled), _) => {
                // A frame with a command id gets an error each time and is not counted.
                if garbled.cmd.is_none() && pace.senseless(now) == Verdict::Enough {
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
        answer: Answer::refused("too_fast", "too many commands; slow down"),
    })
}

fn refused(garbled: Garbled) -> Out {
    Out::Answer {
        cmd: garbled.cmd,
        answer: Answer::refused(garbled.code, garbled.detail),
    }
}
