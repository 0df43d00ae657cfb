//! Tells a story to the engine and writes down what happened.
//!
//! ```text
//! 0s    a1 connects
//! 0s    a1 ready
//! 1s    c1 arrives app billing
//! 2s    a1 delivers c1
//! 3s    a1 accepts c1
//! 60s   time passes
//! ```
//!
//! After every line the engine is audited, a refusal must have left no mark,
//! and the history is folded anew and compared by hash.

mod parse;

use std::fmt::Write as _;
use std::sync::Arc;

use switchboard::domain::period::Period;
use switchboard::domain::skill::Level;
use switchboard::domain::{
    ContactId, Hours, Millis, Name, PerChannel, Requirements, Text, Timestamp,
};
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::engine::event::{ConsultEnd, Event, HeldBy, OfferEnd, Recorded, Return};
use switchboard::engine::options::{
    AgentOptions, CallbackOptions, CapacityRules, ChannelOptions, HoursOptions, Limits, NoShow,
    OfferOptions, Options, Order, Overflow, QueueOptions, Select, Target, TierOptions, WhenClosed,
};
use switchboard::engine::registry::Registry;
use switchboard::engine::{Done, Engine};

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn skills(text: &str) -> Requirements {
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let pair = |pair: &str| {
        let (skill, level) = pair.trim().split_once(' ').unwrap();
        (
            name(skill),
            Level::try_from(level.parse::<i64>().unwrap()).unwrap(),
        )
    };
    Requirements::new(pairs.map(pair).collect())
}

pub(crate) fn queue(id: &str) -> QueueOptions {
    QueueOptions {
        id: name(id),
        label: Text::from(id),
        topics: Vec::new(),
        requires: Requirements::default(),
        target: Target {
            answer_within: Millis::from_s(30),
            goal_percent: 80,
            respond_within: None,
        },
        offer: OfferOptions {
            answer_within: Millis::from_s(20),
            undelivered_after: Millis::from_s(2),
        },
        wrap_up: None,
        waiting_max: 500,
        select: Select::Best,
        steps: Vec::new(),
        escalations: Vec::new(),
        pull: false,
        reserve: None,
        hours: None,
        when_closed: WhenClosed::Hold,
        overflow: Overflow::default(),
        callback: CallbackOptions::DEFAULT,
        no_show: NoShow::Close,
        prefer: None,
        park_max: None,
    }
}

pub(crate) fn agent(id: &str, queues: &str, has: &str) -> AgentOptions {
    AgentOptions {
        id: name(id),
        label: Text::from(id),
        queues: queues.split(' ').map(name).collect(),
        skills: skills(has),
        capacity: 100,
    }
}

/// Voice takes an agent whole, text a fifth; diamond is worth 300 s.
pub(crate) fn centre(queues: Vec<QueueOptions>, agents: Vec<AgentOptions>) -> Options {
    let tier = |id: &str, head_start: i64| TierOptions {
        name: name(id),
        head_start: Millis::from_s(head_start),
    };
    let text = ChannelOptions { cost: 20, max: 5 };
    let voice = ChannelOptions { cost: 100, max: 1 };
    Options {
        site: name("test"),
        tiers: vec![
            tier("diamond", 300),
            tier("gold", 200),
            tier("silver", 60),
            tier("basic", 0),
        ],
        default_tier: name("basic"),
        channels: PerChannel([text, voice, text, voice]),
        specialist: Millis::from_s(120),
        overtake_max: Millis::from_s(900),
        unresolved: vec!["unresolved".into()],
        order: Order::Due,
        hours: Vec::new(),
        direct_wait: Millis::from_s(60),
        direct_to_manager: None,
        capacity: CapacityRules::default(),
        default_queue: queues[0].id.clone(),
        queues,
        agents,
        limits: Limits::DEFAULT,
    }
}

/// A timetable of every day in UTC, where a story begins at midnight.
pub(crate) fn hours(id: &str, periods: &str) -> HoursOptions {
    let day: Vec<Period> = periods
        .split(' ')
        .map(|period| period.parse().unwrap())
        .collect();
    let week = [(); 7].map(|()| day.clone());
    HoursOptions {
        id: name(id),
        hours: Hours::new("Etc/UTC".parse().unwrap(), week, Vec::new()).unwrap(),
    }
}

/// One queue `q` and these agents, without skills.
pub(crate) fn plain(agents: &str) -> Options {
    centre(
        vec![queue("q")],
        agents.split(' ').map(|id| agent(id, "q", "")).collect(),
    )
}

pub(crate) struct Story {
    pub engine: Engine,
    pub now: Timestamp,
    pub history: Vec<Recorded>,
    registry: Registry,
    told: String,
}

/// Runs a story and returns its transcript.
pub(crate) fn tell(options: Options, story: &str) -> String {
    let mut teller = Story::new(options);
    teller.tell(story)
}

/// Compares a transcript with what was expected, line by line.
#[track_caller]
pub(crate) fn assert_told(told: &str, expected: &str) {
    let lines = |text: &str| {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(told), lines(expected), "\n{told}");
}

impl Story {
    pub(crate) fn new(options: Options) -> Self {
        let mut story = Self {
            engine: Engine::new(),
            now: Timestamp(0),
            history: Vec::new(),
            registry: Registry::default(),
            told: String::new(),
        };
        story
            .command(Command::Site(SiteCommand::Configure(Arc::new(options))))
            .unwrap();
        story.told.clear();
        story
    }

    /// Tells on, and returns what happened since the last time.
    pub(crate) fn tell(&mut self, story: &str) -> String {
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (at, what) = line.split_once(char::is_whitespace).unwrap();
            self.pass_until(instant(at));
            if what.trim() != "time passes" {
                self.act(what.trim());
            }
        }
        std::mem::take(&mut self.told)
    }

    fn pass_until(&mut self, until: Timestamp) {
        assert!(until >= self.now, "a story goes forward");
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            while self.engine.expire(self.now, 1) {}
            self.note();
        }
        self.now = until;
    }

    fn act(&mut self, what: &str) {
        let command = parse::parse(what);
        if let Err(refusal) = self.command(command) {
            writeln!(
                self.told,
                "{} {what}: refused {}",
                seconds(self.now),
                refusal.code()
            )
            .unwrap();
        }
    }

    pub(crate) fn command(
        &mut self,
        command: Command,
    ) -> Result<Done, switchboard::engine::refusal::Refusal> {
        let before = self.engine.state_hash();
        let outcome = self.engine.handle(self.now, command);
        if outcome.is_err() {
            assert_eq!(self.engine.state_hash(), before, "a refusal leaves no mark");
            assert!(self.engine.poll_event().is_none(), "a refusal says nothing");
        }
        self.note();
        outcome
    }

    /// Writes down what has happened and audits the state.
    fn note(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            let recorded = emitted.recorded;
            assert_eq!(
                recorded.seq,
                self.history.len() as u64 + 1,
                "events have no gaps"
            );
            if let Event::Configured { options } = &recorded.event {
                self.registry.learn(options);
            }
            if let Some(text) = self.words(&recorded.event) {
                writeln!(self.told, "{} {text}", seconds(recorded.at)).unwrap();
            }
            self.history.push(recorded);
        }
        assert_eq!(
            self.engine.faults(),
            Vec::<String>::new(),
            "at {}\n{}",
            self.now,
            self.told
        );
        assert_eq!(
            self.replayed().state_hash(),
            self.engine.state_hash(),
            "the fold of the history is the state"
        );
        let restored = Engine::restore(&self.engine.snapshot()).unwrap();
        assert_eq!(
            restored.state_hash(),
            self.engine.state_hash(),
            "a snapshot is the state"
        );
        assert_eq!(
            restored.next_deadline(),
            self.engine.next_deadline(),
            "a snapshot keeps the deadlines"
        );
    }

    pub(crate) fn replayed(&self) -> Engine {
        let mut engine = Engine::new();
        for recorded in &self.history {
            let bytes = minicbor::to_vec(recorded).unwrap();
            let decoded: Recorded = minicbor::decode(&bytes).unwrap();
            assert_eq!(decoded, *recorded, "the journal's encoding loses nothing");
            engine.apply(&decoded);
        }
        engine
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn words(&self, event: &Event) -> Option<String> {
        let agent = |key| self.registry.agents.name(key);
        let queue = |key| self.registry.queues.name(key);
        Some(match event {
            Event::ContactQueued {
                contact,
                queue: at,
                direct,
                ..
            } => match direct {
                Some(direct) => format!("{} waits for {}", short(*contact), agent(*direct)),
                None => format!("{} queued in {}", short(*contact), queue(*at)),
            },
            Event::ContactScheduled { contact, .. } => format!("{} scheduled", short(*contact)),
            Event::ContactMoved {
                contact, labels, ..
            } => format!("{} moved to {}", short(*contact), queue(labels.queue)),
            Event::StepTaken { contact, step } => format!("{} at step {step}", short(*contact)),
            Event::ConditionFailed {
                contact,
                name,
                trouble,
                ..
            } => format!(
                "{} condition of {name} failed: {}",
                short(*contact),
                trouble.name()
            ),
            Event::AgentNotified {
                agent: of,
                contact,
                name,
                ..
            } => format!(
                "{} hears that {} escalated {name}",
                agent(*of),
                short(*contact)
            ),
            Event::CustomerTold { contact, text, .. } => {
                format!("{} is told: {text}", short(*contact))
            }
            Event::EscalationFired { contact, name, .. } => {
                format!("{} escalated {name}", short(*contact))
            }
            Event::OfferMade {
                offer, agent: to, ..
            } => format!("{} offered to {}", short(offer.contact), agent(*to)),
            Event::OfferAccepted {
                offer,
                agent: by,
                waited,
                ..
            } => {
                format!(
                    "{} accepted by {} after {}",
                    short(offer.contact),
                    agent(*by),
                    seconds(Timestamp(waited.0))
                )
            }
            Event::OfferEnded {
                offer,
                agent: of,
                how,
                ..
            } => {
                format!("{} {} {}", short(offer.contact), ending(how), agent(*of))
            }
            Event::ContactPulled {
                contact, agent: by, ..
            } => format!("{} called by {}", short(*contact), agent(*by)),
            Event::ContactReturned {
                contact,
                agent: of,
                why,
                ..
            } => {
                let why = match why {
                    Return::Transferred { .. } => "transferred by",
                    Return::TransferredAnew { .. } => "transferred anew by",
                    Return::AgentLost => "lost by",
                    Return::Requeued { .. } => "taken from",
                    Return::CallbackFailed { .. } => "not reached by",
                    Return::NoShow { .. } => "did not come to",
                    Return::Woken => "not taken up by",
                };
                format!("{} {why} {}", short(*contact), agent(*of))
            }
            Event::WrapUpStarted { contact, .. } => format!("{} wrap-up", short(*contact)),
            Event::WrapUpExtended { contact, .. } => {
                format!("{} wrap-up extended", short(*contact))
            }
            Event::ContactHeld { contact, by, .. } => match by {
                HeldBy::Agent => format!("{} held", short(*contact)),
                HeldBy::Interruption => format!("{} interrupted", short(*contact)),
            },
            Event::ContactUnheld { contact, by, .. } => match by {
                HeldBy::Agent => format!("{} unheld", short(*contact)),
                HeldBy::Interruption => format!("{} resumed", short(*contact)),
            },
            Event::ContactParked { contact, .. } => format!("{} parked", short(*contact)),
            Event::ContactWoken {
                contact, agent: of, ..
            } => {
                format!("{} wakes for {}", short(*contact), agent(*of))
            }
            Event::ContactUnparked {
                contact, agent: by, ..
            } => {
                format!("{} taken up by {}", short(*contact), agent(*by))
            }
            Event::ConsultOffered {
                offer,
                agent: to,
                by,
                ..
            } => format!(
                "{} help asked of {} by {}",
                short(offer.contact),
                agent(*to),
                agent(*by)
            ),
            Event::ConsultAccepted {
                offer, agent: by, ..
            } => {
                format!("{} helped by {}", short(offer.contact), agent(*by))
            }
            Event::ConferenceBegun {
                contact,
                agent: with,
            } => {
                format!("{} in conference with {}", short(*contact), agent(*with))
            }
            Event::ConsultEnded {
                offer,
                agent: of,
                how,
                ..
            } => {
                let how = match how {
                    ConsultEnd::Unanswered(how) => ending(how),
                    ConsultEnd::Ended => "ended with",
                    ConsultEnd::Lost => "without the lost",
                    ConsultEnd::Left => "left by its agent and",
                    ConsultEnd::Over(_) => "over for",
                };
                format!("{} help {how} {}", short(offer.contact), agent(*of))
            }
            Event::ContactHandedOver {
                contact,
                from,
                agent: to,
                ..
            } => format!(
                "{} handed by {} to {}",
                short(*contact),
                agent(*from),
                agent(*to)
            ),
            Event::ContactClosed { contact, how, .. } => {
                format!("{} {}", short(*contact), how.name())
            }
            Event::AgentLost { agent: of, .. } => format!("{} lost", agent(*of)),
            Event::AgentGone { agent: of } => format!("{} gone", agent(*of)),
            Event::AgentIntended {
                agent: of, intent, ..
            } => match intent.reason() {
                Some(reason) => format!("{} {} ({reason})", agent(*of), intent.name()),
                None => format!("{} {}", agent(*of), intent.name()),
            },
            // A rest without a strike, and its end, would only be noise.
            Event::AgentHealthChanged { strikes: 0, .. } => return None,
            Event::AgentHealthChanged {
                agent: of,
                channel,
                health,
                ..
            } => {
                format!("{} {channel} {}", agent(*of), health.name())
            }
            Event::CallbackRequested { contact, phone, .. } => {
                format!("{} to be called at {}", short(*contact), &**phone)
            }
            Event::CallbackDialled {
                contact, attempt, ..
            } => format!("{} called the {attempt}. time", short(*contact)),
            Event::CallbackAnswered { contact, .. } => format!("{} on the line", short(*contact)),
            Event::CallbackMissed { contact, .. } => {
                format!("{} does not answer", short(*contact))
            }
            Event::ResponseLate {
                contact, agent: by, ..
            } => format!("{} not answered in time by {}", short(*contact), agent(*by)),
            Event::ResponseGiven {
                contact,
                agent: by,
                waited,
                ..
            } => format!(
                "{} answered by {} after {}",
                short(*contact),
                agent(*by),
                seconds(Timestamp(waited.0))
            ),
            Event::ContactRecalled {
                contact, agent: by, ..
            } => format!("{} called again by {}", short(*contact), agent(*by)),
            Event::QueueOpened { queue: at, .. } => format!("{} opens", queue(*at)),
            Event::QueueClosed { queue: at, .. } => format!("{} closes", queue(*at)),
            Event::CooldownLifted { contact, agent: of } => {
                format!("{} may go to {} again", short(*contact), agent(*of))
            }
            // Most stories are told in centres that are too small for everything.
            Event::ContactUnroutable { .. } | Event::ContactRoutable { .. } => return None,
            Event::Configured { .. }
            | Event::ContactArrived { .. }
            | Event::ContactRecognised { .. }
            | Event::ContactUpdated { .. }
            | Event::OfferDelivered { .. }
            | Event::CooldownKept { .. }
            | Event::WaitReviewed { .. }
            | Event::EscalationHeld { .. }
            | Event::AgentRested { .. }
            | Event::ConsultDelivered { .. }
            | Event::ContactShown { .. }
            | Event::MessageRelayed { .. }
            | Event::MessageSent { .. }
            | Event::AgentConnected { .. }
            | Event::AgentResynced { .. }
            | Event::QueuePaused { .. }
            | Event::QueueResumed { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. } => return None,
        })
    }
}

fn ending(how: &OfferEnd) -> &'static str {
    match how {
        OfferEnd::Declined { .. } => "declined by",
        OfferEnd::Expired => "not answered by",
        OfferEnd::Undelivered => "not delivered to",
        OfferEnd::Withdrawn(_) => "withdrawn from",
    }
}

fn instant(text: &str) -> Timestamp {
    let ms = match text.strip_suffix("ms") {
        Some(ms) => ms.parse().unwrap(),
        None => 1_000 * text.strip_suffix('s').unwrap().parse::<i64>().unwrap(),
    };
    Timestamp(ms)
}

fn seconds(at: Timestamp) -> String {
    if at.0 % 1_000 == 0 {
        format!("{}s", at.0 / 1_000)
    } else {
        format!("{}ms", at.0)
    }
}

/// `c7` is the contact with the id 7.
pub(crate) fn contact(text: &str) -> ContactId {
    ContactId(text.strip_prefix('c').unwrap().parse().unwrap())
}

fn short(contact: ContactId) -> String {
    format!("c{}", contact.0)
}
