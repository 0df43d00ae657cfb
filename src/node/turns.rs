//! The loop that owns the engine: takes envelopes, decides, and hands the events to the pipeline.
//!
//! One turn opens a bounded number of envelopes, then carries out a bounded number of
//! deadlines; each command gets its own reading of the clock. Between turns the loop
//! waits for envelopes, for the next deadline, or for room in the pipeline.
//!
//! **Invariant:** the engine is drained of events before the next command.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot};

use crate::domain::{Millis, Timestamp};
use crate::engine::command::{Act, AgentCommand, Command, DeskAct, SiteCommand};
use crate::engine::event::{AgentEvent, Event, Recorded, SiteEvent};
use crate::engine::options::Options;
use crate::engine::refusal::Refusal;
use crate::engine::{Done, Emitted, Engine};
use crate::node::backlog::Backlog;
use crate::node::escalations::{Addressed, Escalations};
use crate::node::feed::{Arrival, Orphan};
use crate::node::handle::{CallError, Continuation, Effect, Envelope};
use crate::node::outgoing::{Counted, Outgoing};
use crate::node::pipeline::{Pipeline, Portion};
use crate::node::shared::Shared;
use crate::node::standstill::Standstill;
use crate::node::tell::Teller;

/// The most envelopes opened in one turn.
const ENVELOPES_MAX: usize = 64;
/// The most deadlines carried out in one turn.
const DEADLINES_MAX: usize = 256;
/// How often the loop does its housekeeping.
const TICK: Millis = Millis::from_s(1);
/// The largest encoded configuration: it has to fit into one journal batch.
const CONFIGURED_BYTES_MAX: usize = 6 << 20;

pub(super) struct Turns {
    engine: Engine,
    inbox: mpsc::Receiver<Envelope>,
    pipeline: Pipeline,
    /// Decisions since the last hand-over.
    gathered: Portion,
    shared: Arc<Shared>,
    teller: Teller,
    tick_at: Timestamp,
    standstill: Standstill,
    backlog: Backlog,
    escalations: Escalations,
}

impl Turns {
    pub(super) fn new(
        engine: Engine,
        inbox: mpsc::Receiver<Envelope>,
        pipeline: Pipeline,
        shared: Arc<Shared>,
    ) -> Self {
        let now = shared.clock.now();
        let mut turns = Self {
            engine,
            inbox,
            pipeline,
            gathered: Portion::default(),
            shared,
            teller: Teller::new(),
            tick_at: Timestamp::default(),
            standstill: Standstill::new(now),
            backlog: Backlog::new(),
            escalations: Escalations::new(),
        };
        turns.learn();
        turns
    }

    /// Decides before the gateway opens.
    pub(super) fn begin(&mut self, command: SiteCommand) -> Result<(), Refusal> {
        let now = self.shared.clock.now();
        self.handle(now, Command::Site(command))?;
        self.record(now, None, None);
        self.pipeline.hand_over(&mut self.gathered, now);
        Ok(())
    }

    /// Calls the webhook for what it was to be told of when the process ended. It comes before
    /// what is decided now: calls are confirmed in the order of events.
    pub(super) fn tell_again(&mut self) {
        for untold in self.engine.untold() {
            let notice = self.escalations.untold(untold, &self.engine);
            self.gathered.push(Outgoing::Webhook(notice));
        }
    }

    /// Calls the webhook again for customers who were being called when the process ended:
    /// whether it was called before is not known, and the customers still wait.
    pub(super) fn dial_again(&mut self) {
        let now = self.shared.clock.now();
        for under_way in self.engine.dials(now) {
            let notice = self.escalations.again(self.engine.seq(), under_way);
            self.gathered.push(Outgoing::Webhook(notice));
        }
        self.pipeline.hand_over(&mut self.gathered, now);
    }

    /// Takes turns until `stop`, then returns the engine.
    pub(super) async fn run(mut self, mut stop: oneshot::Receiver<()>) -> Engine {
        let mut taken = Vec::with_capacity(ENVELOPES_MAX);
        'turns: loop {
            let wake_at = self.wake_at();
            tokio::select! {
                biased;
                _ = &mut stop => break,
                count = self.inbox.recv_many(&mut taken, ENVELOPES_MAX) => {
                    if count == 0 {
                        break;
                    }
                }
                () = self.shared.clock.wait_until(wake_at) => {}
            }
            for envelope in taken.drain(..) {
                if self.pipeline.is_large(&self.gathered) && !self.hand_over(&mut stop).await {
                    break 'turns;
                }
                self.open(envelope);
            }
            self.pass_time(wake_at);
            if !self.hand_over(&mut stop).await {
                break;
            }
        }
        self.pipeline.end();
        self.engine
    }

    /// Hands over what has gathered and waits until the pipeline has room; false if the site is
    /// stopped meanwhile.
    async fn hand_over(&mut self, stop: &mut oneshot::Receiver<()>) -> bool {
        let now = self.shared.clock.now();
        self.pipeline.hand_over(&mut self.gathered, now);
        tokio::select! {
            biased;
            () = self.pipeline.room() => true,
            _ = stop => false,
        }
    }

    fn wake_at(&self) -> Timestamp {
        let deadline = self.next_deadline();
        deadline.map_or(self.tick_at, |deadline| deadline.min(self.tick_at))
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let deadline = self.engine.next_deadline()?;
        let deadline = self.standstill.not_before(deadline);
        Some(self.backlog.not_before(deadline))
    }

    /// Checks whether more time has passed than the loop meant to wait.
    fn look_back(&mut self, wake_at: Timestamp, now: Timestamp) {
        if let Some(stood_still) = self.standstill.look(wake_at, now) {
            self.shared.standstills.fetch_add(1, Ordering::Relaxed);
            let stood_still_ms = stood_still.0;
            tracing::warn!(
                stood_still_ms,
                "the server stood still (process stopped, machine paused or disk slow); commands received meanwhile are handled before overdue deadlines"
            );
        }
    }

    fn open(&mut self, envelope: Envelope) {
        let now = self.shared.clock.now();
        match envelope {
            Envelope::Decide { command, then } => self.decide(now, command, then),
            Envelope::Read(look) => {
                let effect = look(&self.engine);
                self.pipeline.release(effect, &mut self.gathered);
            }
            Envelope::Connect(connecting) => self.connect(now, connecting.0),
            Envelope::Count(taken_up) => self.count(now, Some(taken_up)),
        }
    }

    fn decide(&mut self, now: Timestamp, command: Command, then: Continuation) {
        let outcome = self.handle(now, command);
        let effect = then(outcome, &self.engine);
        self.record(now, None, Some(effect));
    }

    fn connect(&mut self, now: Timestamp, arrival: Box<Arrival>) {
        let feed = self.shared.feeds.get(arrival.agent().as_str());
        if !feed.is_some_and(|feed| feed.admits(&arrival)) {
            let refuse = move || arrival.refuse(CallError::Refused(Refusal::StaleSession));
            return self.pipeline.release(Box::new(refuse), &mut self.gathered);
        }
        let command = Command::Agent(AgentCommand {
            agent: arrival.agent().clone(),
            act: Act::Connect,
        });
        match self.handle(now, command) {
            Ok(_) => self.record(now, Some(arrival), None),
            Err(refusal) => {
                let refuse = move || arrival.refuse(CallError::Refused(refusal));
                self.pipeline.release(Box::new(refuse), &mut self.gathered);
            }
        }
    }

    fn handle(&mut self, now: Timestamp, command: Command) -> Result<Done, Refusal> {
        if let Command::Site(SiteCommand::Configure(options)) = &command {
            check_size(options)?;
        }
        self.engine.handle(now, command)
    }

    /// Carries out what is due, and once a second the housekeeping.
    fn pass_time(&mut self, wake_at: Timestamp) {
        let now = self.shared.clock.now();
        self.look_back(wake_at, now);
        self.backlog.look(self.pipeline.oldest(), now);
        if self.next_deadline().is_some_and(|due| due <= now) {
            self.engine.expire(now, DEADLINES_MAX);
            self.record(now, None, None);
        }
        if now >= self.tick_at {
            self.tick_at = now + TICK;
            self.shared.clock.regulate();
            for orphan in self.shared.feeds.take_orphans() {
                self.lose(now, orphan);
            }
            self.count(now, None);
        }
    }

    fn lose(&mut self, now: Timestamp, orphan: Orphan) {
        let command = Command::Agent(AgentCommand {
            agent: orphan.agent,
            act: DeskAct::Lose.of(orphan.session),
        });
        // A refusal means that the session is already known to be gone.
        let _ = self.handle(now, command);
        self.record(now, None, None);
    }

    fn count(&mut self, now: Timestamp, taken_up: Option<oneshot::Sender<()>>) {
        let counted = Counted {
            census: self.engine.census(),
            at: now,
            inbox_depth: self.inbox.len(),
            taken_up,
        };
        self.gathered.push(Outgoing::Census(Box::new(counted)));
    }

    /// Passes on the events of one command and the notices about them: the caller gets its `answer`
    /// before anyone is notified of the consequences.
    fn record(
        &mut self,
        now: Timestamp,
        mut arrival: Option<Box<Arrival>>,
        answer: Option<Effect>,
    ) {
        let mut next = self.engine.poll_event();
        if let Some(answer) = answer {
            if next.is_none() {
                return self.pipeline.release(answer, &mut self.gathered);
            }
            self.gathered.push(Outgoing::Effect(answer));
        }
        while let Some(Emitted { recorded, told }) = next {
            self.pipeline.record(&recorded, &mut self.gathered);
            self.look_into(&recorded);
            if let Some(told) = told {
                let notice = self.teller.notice(&self.engine, now, &recorded.event, told);
                let notice = Arc::new(notice);
                let feed = Arc::clone(self.teller.feed(told.0));
                self.gathered.push(match (&recorded.event, arrival.take()) {
                    (Event::Agent(_, AgentEvent::Connected { session }), Some(arrival)) => {
                        Outgoing::Welcome {
                            feed,
                            session: *session,
                            notice,
                            arrival,
                        }
                    }
                    (_, still_to_come) => {
                        arrival = still_to_come;
                        Outgoing::Notice { feed, notice }
                    }
                });
            }
            self.gathered.push(Outgoing::Fact(recorded.event));
            next = self.engine.poll_event();
        }
    }

    /// Applies the effects that some events have on the node itself.
    fn look_into(&mut self, recorded: &Recorded) {
        if let Event::Site(SiteEvent::Configured { .. }) = &recorded.event {
            self.learn();
        } else if let Event::Agent(agent, AgentEvent::Gone) = &recorded.event {
            let feed = Arc::clone(self.teller.feed(*agent));
            self.gathered.push(Outgoing::Forget(feed));
        } else if let Some(Addressed {
            notice,
            notifies_webhook,
        }) = self.escalations.of(recorded, &self.engine)
        {
            self.gathered
                .push(Outgoing::Escalation(Arc::clone(&notice)));
            if notifies_webhook {
                self.gathered.push(Outgoing::Webhook(notice));
            }
        }
    }

    fn learn(&mut self) {
        if let Some(options) = self.engine.options() {
            self.teller
                .learn(self.engine.registry(), options, &self.shared.feeds);
        }
    }
}

/// A configuration too large for the journal is refused before anything is decided.
pub fn check_size(options: &Options) -> Result<(), Refusal> {
    let encoded = minicbor::to_vec(options);
    let bytes = encoded.map_or(usize::MAX, |encoded| encoded.len());
    if bytes > CONFIGURED_BYTES_MAX {
        return Err(Refusal::Configuration(format!(
            "the configuration takes {bytes} bytes; allowed: {CONFIGURED_BYTES_MAX}"
        )));
    }
    Ok(())
}
