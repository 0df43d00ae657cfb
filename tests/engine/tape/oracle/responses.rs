//! What must hold for responses owed to customers while they are served.

use switchboard::domain::{Channel, ContactId, Timestamp};
use switchboard::engine::event::{Event, MessageEvent};
use switchboard::engine::state::registry::AgentKey;

use super::{Known, Oracle, Place};

impl Oracle {
    /// The first message of a customer starts the clock; any message of an agent stops it.
    pub(super) fn wrote(&mut self, contact: ContactId, from: Option<AgentKey>) {
        let at = self.at;
        let known = self.known(contact);
        let is_text = matches!(known.channel, Channel::App | Channel::Wechat);
        if !is_text {
            return;
        }
        if from.is_some() {
            let owed = known.owed.take();
            self.answered = owed.map(|(since, is_late)| (contact, since, is_late));
        } else if matches!(known.place, Place::Served(_) | Place::Parked { .. }) {
            known.owed.get_or_insert((at, false));
        }
    }

    /// A response owed by a queue's target is counted once it is given.
    pub(super) fn judge_answered(&mut self, event: &Event) {
        let answered = self.answered.take();
        if let Event::Message(
            contact,
            MessageEvent::ResponseGiven {
                waited,
                within_target,
                ..
            },
        ) = event
        {
            let (owed_to, since, is_late) = answered.expect("an answer was owed");
            assert_eq!(*contact, owed_to);
            assert_eq!((*waited, *within_target), (self.at - since, !is_late));
        } else if let Some((contact, since, _)) = answered {
            let by = self.response_by(&self.contacts[&contact], since);
            assert_eq!(by, None, "an answer that was promised is counted");
        }
    }

    pub(super) fn response_late(&mut self, contact: ContactId, agent: AgentKey, since: Timestamp) {
        let at = self.at;
        let known = &self.contacts[&contact];
        assert_eq!(known.owed, Some((since, false)), "it is late once");
        let (Place::Served(owner) | Place::Parked { agent: owner, .. }) = known.place else {
            panic!("nobody serves {contact}");
        };
        assert_eq!(owner, agent);
        let by = self.response_by(known, since);
        assert!(by.is_some_and(|by| by <= at), "not before its time");
        self.known(contact).owed = Some((since, true));
    }

    /// In the queue's own time.
    fn response_by(&self, known: &Known, since: Timestamp) -> Option<Timestamp> {
        let span = self.queues[&known.queue].target.respond_within?;
        let hours = self.hours(&known.queue);
        Some(hours.map_or_else(
            || since + span,
            |hours| hours.add_working(since, span).unwrap(),
        ))
    }

    /// No response is overdue without a report.
    pub(in super::super) fn judge_responses(&self, now: Timestamp) {
        // What a reload has made late is reported when time passes.
        if self.configured_at == now {
            return;
        }
        for (id, known) in &self.contacts {
            if let Some((since, false)) = known.owed {
                let by = self.response_by(known, since);
                assert!(by.is_none_or(|by| by > now), "{id} waits for an answer");
            }
        }
    }
}
