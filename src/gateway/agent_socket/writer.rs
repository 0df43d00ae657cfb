//! What goes out: answers and notices, several in one go, and the heartbeat.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::SinkExt;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::agent_socket::{Desktop, Out};
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::socket::close::Close;
use crate::gateway::socket::link::{Outgoing, drain_pause};
use crate::node::handle::Desk;
use crate::node::notice::{Ended, SharedNotice};
use crate::wire::frame::{AgentFrame, CommandId};

/// How often a desktop is asked whether it is still there, and told so.
pub(super) const HEARTBEAT_S: u64 = 10;
/// How often the socket is looked at: twice a heartbeat.
const TICK: Duration = Duration::from_secs(HEARTBEAT_S / 2);
/// So many ticks without anything from the desktop, and it is lost.
const SILENT_TICKS_MAX: u32 = 5;
/// A desktop that takes longer to read is too slow.
const WRITE_WITHIN: Duration = Duration::from_secs(5);
/// The most frames that are written before they are sent off.
const BATCH_MAX: usize = 64;
/// Further ahead no timer is set; the ticks look at the token, too.
const EXPIRY_MAX: Duration = Duration::from_secs(24 * 3_600);

pub(super) struct Writer<'a> {
    desktop: &'a Desktop,
    notices: mpsc::Receiver<SharedNotice>,
    ended: oneshot::Receiver<Ended>,
    resume_token: String,
    inbox: mpsc::Receiver<Out>,
    ticks: u32,
    silent_ticks: u32,
}

/// What there is to do.
enum Turn {
    Say(Out),
    Tell(SharedNotice),
    Tick,
    Close(Close),
}

impl<'a> Writer<'a> {
    pub(super) fn new(desktop: &'a Desktop, desk: Desk, inbox: mpsc::Receiver<Out>) -> Self {
        Self {
            desktop,
            notices: desk.notices,
            ended: desk.ended,
            resume_token: desk.resume_token,
            inbox,
            ticks: 0,
            silent_ticks: 0,
        }
    }

    /// Writes until there is a reason to close.
    pub(super) async fn run(mut self, outgoing: &mut Outgoing) -> Close {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        let mut stopping = self.desktop.desktops.stopping.clone();
        let drain_for = self.desktop.desktops.drain_for;
        let mut stop = std::pin::pin!(async {
            // Whoever could say stop has gone: that is a stop, too.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            sleep(drain_pause(drain_for)).await;
        });
        let mut expiry = std::pin::pin!(sleep(self.expires_in()));
        loop {
            let turn = tokio::select! {
                biased;
                () = &mut stop => Turn::Close(Close::Restarting),
                () = &mut expiry => Turn::Close(Close::Unauthorised),
                Some(out) = self.inbox.recv() => Turn::Say(out),
                notice = self.notices.recv() => match notice {
                    Some(notice) => Turn::Tell(notice),
                    None => Turn::Close(self.why_ended().await),
                },
                _ = ticks.tick() => Turn::Tick,
            };
            let written = timeout(WRITE_WITHIN, self.act(turn, outgoing)).await;
            match written {
                Ok(Ok(())) => {}
                Ok(Err(why)) => return why,
                Err(_) => return Close::TooSlow,
            }
        }
    }

    fn expires_in(&self) -> Duration {
        let Some(expires_at) = self.desktop.caller.expires_at else {
            return EXPIRY_MAX * 365;
        };
        let left = expires_at - self.desktop.desktops.node.clock().now();
        Duration::from_millis(u64::try_from(left.0).unwrap_or(0)).min(EXPIRY_MAX)
    }

    async fn why_ended(&mut self) -> Close {
        match (&mut self.ended).await {
            Ok(Ended::Replaced) => Close::Replaced,
            Ok(Ended::TooSlow) => Close::TooSlow,
            Ok(Ended::Stopping) => Close::Restarting,
            Err(_) => Close::Internal,
        }
    }

    async fn act(&mut self, turn: Turn, outgoing: &mut Outgoing) -> Result<(), Close> {
        match turn {
            Turn::Say(out) => self.say(out, outgoing).await?,
            Turn::Tell(notice) => self.tell(&notice, outgoing).await?,
            Turn::Tick => self.tick(outgoing).await?,
            Turn::Close(why) => return Err(why),
        }
        for _ in 0..BATCH_MAX {
            if let Ok(out) = self.inbox.try_recv() {
                self.say(out, outgoing).await?;
            } else if let Ok(notice) = self.notices.try_recv() {
                self.tell(&notice, outgoing).await?;
            } else {
                break;
            }
        }
        Ok(outgoing.flush().await?)
    }

    async fn say(&self, out: Out, outgoing: &mut Outgoing) -> Result<(), Close> {
        match out {
            Out::Answer { cmd, answer } => {
                write(outgoing, answer.frame(cmd.as_ref()).to_json()).await
            }
            Out::Resumed { cmd, missed } => {
                write(outgoing, ok(&cmd).to_json()).await?;
                for notice in &missed {
                    self.tell(notice, outgoing).await?;
                }
                Ok(())
            }
        }
    }

    async fn tell(&self, notice: &SharedNotice, outgoing: &mut Outgoing) -> Result<(), Close> {
        let text = self.desktop.word(notice, &self.resume_token).await;
        write(outgoing, text).await
    }

    async fn tick(&mut self, outgoing: &mut Outgoing) -> Result<(), Close> {
        self.ticks += 1;
        self.silent_ticks += 1;
        if self.desktop.heard.swap(false, Ordering::Relaxed) {
            self.silent_ticks = 0;
        }
        if self.silent_ticks >= SILENT_TICKS_MAX {
            return Err(Close::Gone);
        }
        let now = self.desktop.desktops.node.clock().now();
        let agent = Roles::of(&[Role::Agent]);
        let guard = &self.desktop.desktops.porter.guard;
        if !guard.still_allows(&self.desktop.caller, agent, now) {
            return Err(Close::Unauthorised);
        }
        if self.ticks.is_multiple_of(2) {
            outgoing.feed(Message::Ping(bytes::Bytes::new())).await?;
        }
        Ok(())
    }
}

fn ok(cmd: &CommandId) -> AgentFrame<'_> {
    AgentFrame::Ok { cmd }
}

async fn write(outgoing: &mut Outgoing, text: String) -> Result<(), Close> {
    Ok(outgoing.feed(Message::Text(text.into())).await?)
}
