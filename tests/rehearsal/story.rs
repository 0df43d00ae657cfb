//! A short day, told command by command to a real engine: a centre with one queue and a few agents.

use std::sync::Arc;

use switchboard::config::Config;
use switchboard::domain::{Channel, ContactId, Intake, Millis, Name, Recognition, Text, Timestamp};
use switchboard::engine::command::{
    Act, AgentCommand, Command, ContactCommand, ContactRequest, DeskAct, Destination, Intention,
    Manner, SiteCommand,
};
use switchboard::engine::event::{Event, OfferEvent, Recorded};
use switchboard::engine::options::Options;
use switchboard::engine::{Done, Engine};
use switchboard::sim::day::{Day, Slot};
use switchboard::sim::recorded::{RecordedDay, Recording, column, replay, with_staff};
use switchboard::sim::report::Column;

/// Wednesday 4 March 2026, 08:50 in UTC.
pub(crate) const BEGIN: Timestamp = Timestamp(1_772_614_200_000);

pub(crate) const QUEUE: &str = "site = \"s\"\n[[agent]]\nid = \"a\"\nqueues = [\"q\"]\n\
                     [[queue]]\nid = \"q\"\nwrap_up_s = 0\n\
                     target = { answer_within_s = 20, goal_percent = 80 }\n";

pub(crate) const OFFICE: &str = "[hours.office]\nzone = \"UTC\"\nwed = [\"09:00-17:00\"]\n";

pub(crate) struct Story {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    session: u64,
    /// Misses offers.
    pub(crate) is_deaf: bool,
    pub(crate) events: Vec<Recorded>,
}

impl Story {
    /// An agent who is ready.
    pub(crate) fn of(config: &str) -> Self {
        let mut story = Self {
            engine: Engine::new(),
            now: BEGIN,
            session: 0,
            is_deaf: false,
            events: Vec::new(),
        };
        let options = Arc::new(Config::parse(config).unwrap().routing);
        story.say(Command::Site(SiteCommand::Configure(options)));
        story.connects();
        story.is_ready();
        story
    }

    pub(crate) fn connects(&mut self) {
        if let Done::Session { number } = self.act(Act::Connect) {
            self.session = number;
        }
    }

    pub(crate) fn is_ready(&mut self) {
        let by = Text::from("shift");
        self.desk(DeskAct::Intend {
            intent: Intention::Ready,
            by,
        });
    }

    pub(crate) fn is_away(&mut self) {
        let reason = Text::from("away");
        self.desk(DeskAct::Intend {
            intent: Intention::NotReady { reason },
            by: Text::from("shift"),
        });
    }

    pub(crate) fn say(&mut self, command: Command) -> Done {
        let done = self.engine.handle(self.now, command).unwrap();
        self.listen();
        done
    }

    pub(crate) fn desk(&mut self, act: DeskAct) -> Done {
        self.act(act.of(self.session))
    }

    pub(crate) fn act(&mut self, act: Act) -> Done {
        self.act_of("a", act)
    }

    pub(crate) fn act_of(&mut self, agent: &str, act: Act) -> Done {
        let agent = Name::new(agent).unwrap();
        self.say(Command::Agent(AgentCommand { agent, act }))
    }

    /// The agent accepts every offer at once, or misses it.
    pub(crate) fn listen(&mut self) {
        while let Some(emitted) = self.engine.poll_event() {
            let event = emitted.recorded.event.clone();
            self.events.push(emitted.recorded);
            if let Event::Offer(offer, OfferEvent::Made { .. }) = event {
                self.desk(if self.is_deaf {
                    DeskAct::Deliver { offer }
                } else {
                    DeskAct::Accept { offer }
                });
            }
        }
    }

    pub(crate) fn passes(&mut self, s: i64) {
        let until = self.now + Millis::from_s(s);
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= until) {
            self.now = at;
            self.engine.expire(at, usize::MAX);
            self.listen();
        }
        self.now = until;
    }

    pub(crate) fn comes(&mut self, id: u128, after: Option<Millis>) -> ContactId {
        let mut intake = Intake::new(Channel::App);
        intake.not_before = after.map(|after| self.now + after);
        self.submits(id, intake)
    }

    pub(crate) fn calls(&mut self, id: u128) -> ContactId {
        self.submits(id, Intake::new(Channel::Hotline))
    }

    fn submits(&mut self, id: u128, intake: Intake) -> ContactId {
        let id = ContactId(id);
        self.say(Command::Contact(ContactCommand::Submit {
            id,
            intake: Box::new(intake),
            recognition: Recognition::default(),
            key: None,
        }));
        id
    }

    pub(crate) fn leaves(&mut self, contact: ContactId) {
        self.say(Command::Contact(ContactCommand::Request {
            contact,
            request: ContactRequest::Cancel {
                reason: Text::from("customer_left"),
            },
            key: None,
        }));
    }

    pub(crate) fn completes(&mut self, contact: ContactId) {
        self.desk(DeskAct::Complete {
            contact,
            outcome: Text::from("resolved"),
            notes: None,
        });
    }

    pub(crate) fn hands_on(&mut self, contact: ContactId, keep_age: bool) {
        self.desk(DeskAct::Transfer {
            contact,
            to: Destination::Queue(Name::new("q").unwrap()),
            note: None,
            manner: Manner {
                keep_age,
                or_queue: false,
            },
        });
    }

    /// A minute later.
    pub(crate) fn ends(mut self) -> RecordedDay {
        self.passes(60);
        self.stops(Recording::new())
    }

    pub(crate) fn stops(mut self, mut recording: Recording) -> RecordedDay {
        // An event of that moment: the day lasts until then.
        self.say(Command::Site(SiteCommand::Pause {
            queue: Name::new("q").unwrap(),
            by: Text::from("supervisor"),
            key: None,
        }));
        for recorded in self.events {
            recording.take(recorded);
        }
        recording.finish().unwrap()
    }
}

/// The sum of a gauge over the day, in slots of a minute.
pub(crate) fn seconds(day: &Day, of: impl Fn(&Slot) -> f64) -> f64 {
    let slots = day.slots.iter().filter(|slot| slot.lasted_ms > 0.0);
    let seconds = slots.map(|slot| of(slot) / slot.lasted_ms * 60.0);
    seconds.sum()
}

/// The day as it was, and its replay under the same configuration.
pub(crate) fn columns(day: &RecordedDay) -> [Column; 2] {
    let frame = day.frame("T");
    [
        column("was".to_owned(), &frame, day.as_recorded(&frame)),
        replayed(day, &day.options, 0),
    ]
}

/// A replay with this configuration and this many more agents.
pub(crate) fn replayed(day: &RecordedDay, options: &Options, change: i32) -> Column {
    let frame = day.frame("T");
    let (options, crew) = with_staff(day, options, change);
    let again = replay(day, &frame, &options, &crew, 1);
    column("is".to_owned(), &frame, again)
}
