//! Supervisors and operators: queues are paused, contacts assigned, configurations loaded, and the
//! engine restarts.

use std::sync::Arc;

use switchboard::domain::Name;
use switchboard::engine::command::{Command, ContactCommand, ContactRequest, SiteCommand};
use switchboard::engine::event::{
    CallbackEvent, Event, LineEvent, OfferEnd, OfferEvent, QueueEvent, RuleEvent, Withdrawal,
};
use switchboard::engine::shown::foresee::Effects;
use switchboard::engine::state::registry::QueueKey;

use super::Player;
use crate::tape::draw::draw_centre;
use crate::tape::oracle::Place;

impl Player {
    pub(super) fn steer(&mut self) {
        let (queue, by) = (self.any_queue(), "s1".into());
        match self.dice.roll(4) {
            0 if !self.is_calm => self.command(Command::Site(SiteCommand::Pause {
                queue,
                by,
                key: None,
            })),
            0..=2 => self.command(Command::Site(SiteCommand::Resume {
                queue,
                by,
                key: None,
            })),
            _ => {
                let agent = self.any_agent();
                let agent = self.oracle.registry.agents.name(agent).clone();
                let contact = self.any_contact();
                self.oracle.judge_order = false;
                // Assigning bypasses the line on purpose.
                let command = Command::Contact(ContactCommand::Request {
                    contact,
                    request: ContactRequest::Assign { agent, by },
                    key: None,
                });
                let outcome = self.engine.handle(self.now, command);
                assert!(outcome.is_ok() || self.engine.seq() == self.history.len() as u64);
                self.drain();
            }
        }
    }

    /// Another configuration with the same costs: queues and agents come, go and change. Only an
    /// agent who serves nothing may get another capacity.
    pub(super) fn reload(&mut self) {
        let mut next = draw_centre(&mut self.dice, self.is_calm);
        next.channels = self.options.channels;
        next.capacity = self.options.capacity.clone();
        for agent in &mut next.agents {
            let before = self
                .options
                .agents
                .iter()
                .find(|known| known.id == agent.id);
            let is_held = self.serves_somebody(&agent.id);
            let before = before.filter(|_| is_held);
            agent.capacity = before.map_or(agent.capacity, |known| known.capacity);
        }
        self.options = next.clone();
        let before = self.engine.snapshot();
        let foreseen = self.engine.foresee_reload(&next).unwrap();
        assert!(
            self.engine.snapshot() == before,
            "looking ahead leaves no mark"
        );
        self.oracle.judge_foreseen(&foreseen, &next);
        let seen = self.history.len();
        self.command(Command::Site(SiteCommand::Configure(Arc::new(next))));
        assert_eq!(
            self.engine.reloaded(),
            Some(&foreseen),
            "it says what it has done"
        );
        self.judge_done(&foreseen, seen);
    }

    /// Or has already begun, and continues later.
    fn serves_somebody(&self, agent: &Name) -> bool {
        let Some(agent) = self.oracle.registry.agents.key(agent.as_str()) else {
            return false;
        };
        let mut known = self.oracle.contacts.values();
        known.any(|known| match known.place {
            Place::Served(by) | Place::Parked { agent: by, .. } | Place::WrapUp(by, _) => {
                by == agent || known.is_asked(agent)
            }
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Offered(_)
            | Place::Closed(_) => false,
        })
    }

    /// A reload did what the preview said, judged by its events alone: those before the ordinary
    /// rules resume.
    fn judge_done(&self, foreseen: &Effects, seen: usize) {
        let events = self.history[seen..].iter().map(|recorded| &recorded.event);
        let is_there = |queue: QueueKey| {
            let name = self.oracle.registry.queues.name(queue);
            self.options.queue(name).is_some()
        };
        let done: Vec<&Event> = events
            .take_while(|event| {
                // A rule makes a postponed move.
                !matches!(event, Event::Line(_, LineEvent::Moved { from, .. }) if is_there(*from))
                    && !matches!(
                        event,
                        Event::Offer(_, OfferEvent::Made { .. })
                            | Event::Callback(_, CallbackEvent::Dialled { .. })
                            | Event::Rule(_, RuleEvent::Fired { .. })
                            | Event::Queue(_, QueueEvent::Grew { .. })
                    )
            })
            .collect();
        let count =
            |is_so: fn(&Event) -> bool| done.iter().filter(|event| is_so(event)).count() as u64;
        let moved = count(|event| matches!(event, Event::Line(_, LineEvent::Moved { .. })));
        let lost = count(|event| matches!(event, Event::Line(_, LineEvent::Unroutable { .. })));
        let found = count(|event| matches!(event, Event::Line(_, LineEvent::Routable)));
        let taken_back = count(|event| {
            let gone = OfferEnd::Withdrawn(Withdrawal::Reconfigured);
            matches!(event, Event::Offer(_, OfferEvent::Ended { how, .. }) if *how == gone)
        });
        assert_eq!(
            (moved, lost, found, taken_back),
            (
                foreseen.moved,
                foreseen.unroutable,
                foreseen.routable,
                foreseen.agents_gone.contacts.offered
            ),
            "moved, unroutable, routable, taken back"
        );
    }

    /// Everything unwritten is lost; the rest is read again.
    pub(super) fn crash(&mut self) {
        let next_deadline = self.engine.next_deadline();
        let from_snapshot = self.dice.once_in(2);
        self.engine = self.replayed(from_snapshot);
        assert_eq!(
            self.engine.next_deadline(),
            next_deadline,
            "deadlines survive"
        );
        if self.dice.once_in(3) {
            self.command(Command::Site(SiteCommand::Restart));
            self.unanswered = self.carried_out.clone();
        }
    }
}
