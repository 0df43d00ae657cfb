//! Outgoing frames: answers and notices, several per write, and the heartbeat.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::sink::Feed;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::RecvError;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::engine::state::agent::RESUMES_WITHIN;
use crate::gateway::agent_socket::{Desktop, Out};
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::socket::close::Close;
use crate::gateway::socket::link::{Outgoing, drain_pause};
use crate::gateway::socket::silence::Silence;
use crate::node::handle::Desk;
use crate::node::notice::{Ended, SharedNotice};
use crate::node::unread::Notices;
use crate::wire::frame::{AgentFrame, CommandId};

/// A desktop that takes longer to read is too slow.
const WRITE_WITHIN: Duration = Duration::from_secs(5);
/// The most frames written before a flush.
const BATCH_MAX: usize = 64;
/// How long a desktop that may be about to resume is sent nothing new, so that what it missed comes
/// first. It is sent everything as soon as it has sent any command.
const HOLD_BACK: Duration = Duration::from_millis(RESUMES_WITHIN.0.unsigned_abs());

pub(super) struct Writer<'a> {
    desktop: &'a Desktop,
    notices: Notices,
    ended: oneshot::Receiver<Ended>,
    resume_token: String,
    is_held_back: bool,
    /// The engine knows that the time to resume is over; nothing depends on it before.
    is_released: bool,
    ticks: u32,
    silence: Silence,
}

/// An event that is rare.
type Rare = Pin<Box<dyn Future<Output = Turn> + Send>>;

/// What to do next.
enum Turn {
    Say(Out),
    Tell(SharedNotice),
    Tick,
    /// The desktop has had its time to resume: nothing is held back any longer.
    Release,
    Close(Close),
}

impl<'a> Writer<'a> {
    pub(super) fn new(desktop: &'a Desktop, desk: Desk) -> Self {
        Self {
            desktop,
            notices: desk.notices,
            ended: desk.ended,
            resume_token: desk.resume_token,
            is_held_back: desk.resumes_from.is_some(),
            is_released: true,
            ticks: 0,
            silence: Silence::start(),
        }
    }

    /// Writes until there is a reason to close.
    #[expect(
        clippy::manual_async_fn,
        reason = "an `async fn` reserves room for its arguments twice, in every open socket"
    )]
    pub(super) fn run(mut self, outgoing: &'a mut Outgoing) -> impl Future<Output = Close> + Send {
        async move {
            let mut rare = self.rare();
            // The welcome comes first, however early the desktop sends commands.
            let mut turn = match self.notices.recv().await {
                Some(welcome) => Turn::Tell(welcome),
                None => Turn::Close(self.why_ended().await),
            };
            loop {
                let is_tick = matches!(turn, Turn::Tick);
                if let Err(why) = in_time(pin!(self.act(turn, outgoing))).await {
                    return why;
                }
                if is_tick {
                    rare.push(tick_after(self.silence.pause()));
                }
                turn = self.next(&mut rare).await;
            }
        }
    }

    async fn next(&mut self, rare: &mut FuturesUnordered<Rare>) -> Turn {
        tokio::select! {
            biased;
            out = self.desktop.next_answer() => Turn::Say(out),
            // What is held back is left to the desktop that resumes.
            why = &mut self.ended, if self.is_held_back => Turn::Close(close_for(why)),
            notice = self.notices.recv(), if !self.is_held_back => match notice {
                Some(notice) => Turn::Tell(notice),
                None => Turn::Close(self.why_ended().await),
            },
            Some(turn) = rare.next() => turn,
        }
    }

    /// Rare events are polled only when they occur, not with every frame.
    fn rare(&self) -> FuturesUnordered<Rare> {
        let mut stopping = self.desktop.desktops.stopping.clone();
        let drain_for = self.desktop.desktops.drain_for;
        let wall = self.desktop.desktops.node.clock().wall();
        let expires_in = self.desktop.caller.expires_in(wall);
        let stop: Rare = Box::pin(async move {
            // If the sender is gone, that means stop as well.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            sleep(drain_pause(drain_for)).await;
            Turn::Close(Close::Restarting)
        });
        let expiry = expires_in.map(|span| -> Rare {
            Box::pin(async move {
                sleep(span).await;
                Turn::Close(Close::Unauthorised)
            })
        });
        let tick = tick_after(self.silence.pause());
        let release: Rare = Box::pin(async {
            sleep(HOLD_BACK).await;
            Turn::Release
        });
        let rare = [stop, tick, release].into_iter();
        rare.chain(expiry).collect()
    }

    async fn why_ended(&mut self) -> Close {
        close_for((&mut self.ended).await)
    }

    async fn act(&mut self, turn: Turn, outgoing: &mut Outgoing) -> Result<(), Close> {
        match turn {
            Turn::Say(out) => self.say(out, outgoing).await?,
            Turn::Tell(notice) => self.tell(&notice, outgoing).await?,
            Turn::Tick => self.tick(outgoing).await?,
            Turn::Release => {
                self.is_held_back = false;
                self.is_released = self.desktop.release();
            }
            Turn::Close(why) => return Err(why),
        }
        for _ in 0..BATCH_MAX {
            if let Some(out) = self.desktop.answer_at_hand().await {
                self.say(out, outgoing).await?;
                continue;
            }
            if self.is_held_back {
                break;
            }
            let Ok(notice) = self.notices.try_recv() else {
                break;
            };
            self.tell(&notice, outgoing).await?;
        }
        Ok(outgoing.flush().await?)
    }

    /// Not an `async fn`: every open socket would reserve room for `out` as well.
    fn say<'o>(
        &'o mut self,
        out: Out,
        outgoing: &'o mut Outgoing,
    ) -> impl Future<Output = Result<(), Close>> + Send + use<'o, 'a> {
        self.is_held_back = false;
        let (text, missed) = match out {
            Out::Answer { cmd, answer } => (answer.frame(cmd.as_ref()).to_json(), Vec::new()),
            Out::Resumed { cmd, missed } => (ok(&cmd).to_json(), missed),
        };
        async move {
            write(outgoing, text).await?;
            if missed.is_empty() {
                return Ok(());
            }
            Box::pin(self.tell_all(&missed, outgoing)).await
        }
    }

    async fn tell_all(
        &self,
        missed: &[SharedNotice],
        outgoing: &mut Outgoing,
    ) -> Result<(), Close> {
        for notice in missed {
            self.tell(notice, outgoing).await?;
        }
        Ok(())
    }

    async fn tell(&self, notice: &SharedNotice, outgoing: &mut Outgoing) -> Result<(), Close> {
        let text = self.desktop.word(notice, &self.resume_token).await;
        Ok(write(outgoing, text).await?)
    }

    async fn tick(&mut self, outgoing: &mut Outgoing) -> Result<(), Close> {
        self.ticks += 1;
        if self.desktop.under_way.is_full() {
            // The disk is slow: it is the server who does not listen.
            self.desktop.heard.note();
        }
        if self.silence.is_over(self.desktop.heard.age()) {
            return Err(Close::Gone);
        }
        let now = self.desktop.desktops.node.clock().wall();
        let agent = Roles::of(&[Role::Agent]);
        let guard = &self.desktop.desktops.porter.guard;
        if !guard.still_allows(&self.desktop.caller, agent, now) {
            return Err(Close::Unauthorised);
        }
        if !self.is_released {
            self.is_released = self.desktop.release();
        }
        if self.ticks.is_multiple_of(2) {
            outgoing.feed(Message::Ping(bytes::Bytes::new())).await?;
        }
        Ok(())
    }
}

fn close_for(why: Result<Ended, RecvError>) -> Close {
    match why {
        Ok(Ended::Replaced) => Close::Replaced,
        Ok(Ended::TooSlow) => Close::TooSlow,
        Ok(Ended::Stopping) => Close::Restarting,
        Err(_) => Close::Internal,
    }
}

fn tick_after(pause: Duration) -> Rare {
    Box::pin(async move {
        sleep(pause).await;
        Turn::Tick
    })
}

/// Usually everything is written at once, and no timer is needed.
async fn in_time(
    mut acting: Pin<&mut impl Future<Output = Result<(), Close>>>,
) -> Result<(), Close> {
    let at_once = poll_fn(|cx| Poll::Ready(acting.as_mut().poll(cx))).await;
    match at_once {
        Poll::Ready(done) => done,
        // Boxed, because every open socket reserves room for it.
        Poll::Pending => Box::pin(timeout(WRITE_WITHIN, acting))
            .await
            .unwrap_or(Err(Close::TooSlow)),
    }
}

fn ok(cmd: &CommandId) -> AgentFrame<'_> {
    AgentFrame::Ok { cmd }
}

fn write(outgoing: &mut Outgoing, text: String) -> Feed<'_, Outgoing, Message> {
    outgoing.feed(Message::Text(text.into()))
}
