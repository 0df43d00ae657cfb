//! What must hold for contacts while they are served, and for how that ends.

use switchboard::domain::{Channel, ContactId, Millis, Text};
use switchboard::engine::event::{HeldBy, Return};
use switchboard::engine::options::{WhenClosed, WhenFull};
use switchboard::engine::state::contact::{CustomerFirst, EndedBy, Final};
use switchboard::engine::state::registry::AgentKey;

use super::{Oracle, Place};

impl Oracle {
    pub(super) fn judge_served(&self, contact: ContactId, agent: AgentKey) {
        assert_eq!(self.contacts[&contact].place, Place::Served(agent));
    }

    pub(super) fn held_or_not(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        by: HeldBy,
        held: bool,
    ) {
        let known = self.known(contact);
        let served = known.place == Place::Served(agent);
        assert!(served, "only a contact that is being served is held");
        if by == HeldBy::Interruption {
            assert_ne!(known.interrupted, held);
            known.interrupted = held;
        }
    }

    /// Back in line, or scheduled.
    pub(super) fn returned(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        why: &Return,
        cools: bool,
    ) {
        let at = self.at;
        if why.is_transfer() {
            self.learn(contact, agent, false);
        }
        self.is_idle_from(agent, at);
        self.let_go(contact, agent);
        let known = self.known(contact);
        let parked = matches!(known.place, Place::Parked { agent: of, .. } if of == agent);
        assert!(parked || known.place == Place::Served(agent));
        known.is_reached = why.is_transfer();
        if why.is_transfer() {
            known.first = known.first.map(|_| CustomerFirst::Answered);
        }
        known.was_served |= !matches!(why, Return::CallbackFailed { .. } | Return::NoShow { .. });
        let is_on_the_line = matches!(known.channel, Channel::Hotline | Channel::Storefront);
        known.has_lost_agent = *why == Return::AgentLost && is_on_the_line;
        match why {
            Return::CallbackFailed { .. } => {
                let attempts = known.callback.as_mut().expect("a callback fails");
                attempts.1 += 1;
                known.first = known.first.map(|_| CustomerFirst::Waits);
                assert!(attempts.1 < 3, "there are only so many attempts");
            }
            Return::NoShow { boost } => {
                assert!(*boost <= known.boost, "nobody comes forward by not coming");
                known.put_back = known.put_back + (known.boost - *boost);
                known.boost = *boost;
            }
            Return::TransferredAnew { .. } => {
                (known.first_queued_at, known.step) = (at, 0);
                (known.boost, known.put_back) = (Millis::ZERO, Millis::ZERO);
                known.live_max = 1;
                known.also.clear();
                known.fired.clear();
                known.troubled.clear();
                known.owes.clear();
                known.agents_let_go = false;
                known.strayed = true;
            }
            Return::Woken => known.owner_before = Some(agent),
            Return::Transferred { .. } | Return::AgentLost | Return::Requeued { .. } => {}
        }
        if cools {
            known.cooling.insert(agent);
        }
        self.go(contact, Place::Nowhere);
    }

    /// It has been served for the longest allowed time.
    pub(super) fn end_missed(&mut self, contact: ContactId) {
        let known = &self.contacts[&contact];
        assert!(matches!(known.place, Place::Served(_)), "{:?}", known.place);
        let longest = self.queues[&known.queue].served_max.unwrap();
        let since = known.served_since.unwrap();
        assert!(since + longest <= self.at, "{contact} may go on");
        self.made_up = Some(contact);
    }

    pub(super) fn judge_closing(
        &self,
        contact: ContactId,
        how: Final,
        outcome: Option<&Text>,
        ended_by: EndedBy,
    ) {
        let known = &self.contacts[&contact];
        let is_made_up = how == Final::Completed && ended_by == EndedBy::System;
        let is_known = |missed| missed == contact && is_made_up;
        assert!(self.made_up.is_none_or(is_known), "it is closed at once");
        if how == Final::Abandoned && ended_by == EndedBy::Customer {
            let is_on_the_line = known.first == Some(CustomerFirst::Answered) || known.is_reached;
            let waits = matches!(
                known.place,
                Place::Waiting | Place::Offered(_) | Place::Scheduled(_)
            );
            assert!(
                known.callback.is_none() || is_on_the_line || !waits,
                "whoever waits to be called may hang up"
            );
        }
        if how == Final::Deflected && !self.deflects(contact, outcome) {
            let from = self.diverted(contact).unwrap();
            let text = outcome.cloned().unwrap();
            let full = self.is_full(from, known.channel)
                && from.overflow.when_full == WhenFull::Deflect(text.clone());
            let closed = from.when_closed == WhenClosed::Deflect(text);
            assert!(closed || full, "only by a rule");
        }
    }

    pub(super) fn closed(
        &mut self,
        contact: ContactId,
        how: Final,
        outcome: Option<&Text>,
        agent: Option<AgentKey>,
    ) {
        let is_reported = self.made_up.take().is_none();
        let is_work = is_reported && !self.contacts[&contact].is_given_up;
        if let (Final::Completed, Some(agent), true) = (how, agent, is_work) {
            let resolved = outcome != Some(&Text::from("unresolved"));
            self.learn(contact, agent, resolved);
        }
        if let Some(agent) = agent {
            self.is_idle_from(agent, self.at);
        }
        self.known(contact).cooling.clear();
        self.go(contact, Place::Closed(how));
    }
}
