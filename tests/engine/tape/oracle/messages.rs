//! What must hold for customers' messages: the agent who serves them has them, and a message that
//! nobody is known to have is not lost.

use switchboard::domain::{ContactId, Text};
use switchboard::engine::state::registry::AgentKey;

use super::{Desk, Oracle, Place, Written};

impl Written {
    /// Not sent to this agent's current desktop.
    fn is_owed(&self, agent: AgentKey, desk: &Desk) -> bool {
        self.told
            .is_none_or(|(told, number)| told != agent || number <= desk.lacks_upto)
    }

    /// Sent to this agent, in a frame up to this one.
    fn is_with(&self, agent: AgentKey, upto: u64) -> bool {
        self.told
            .is_some_and(|(told, number)| told == agent && number <= upto)
    }
}

impl Oracle {
    pub(super) fn said(&mut self, contact: ContactId, told: Option<AgentKey>, text: &Text) {
        let desk = told.map(|agent| &self.desks[&agent]);
        let written = Written {
            text: text.clone(),
            told: told.map(|agent| (agent, self.desks[&agent].told)),
            likely_heard: desk.is_some_and(|desk| desk.session.is_some()),
            shown: None,
        };
        self.known(contact).unheard.push(written);
    }

    pub(super) fn relayed(&mut self, contact: ContactId, agent: AgentKey, text: &Text) {
        let desk = self.desks[&agent].clone();
        let known = self.known(contact);
        if known.consult.map(|consult| consult.agent) == Some(agent) {
            let last = known.unheard.last_mut();
            let last = last.filter(|written| written.text == *text);
            let last = last.expect("a helper is shown what has just come");
            last.shown = Some((agent, desk.told));
            return;
        }
        let is_theirs = match known.place {
            Place::Served(with) | Place::WrapUp(with, _) | Place::Parked { agent: with, .. } => {
                with == agent
            }
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Offered(_)
            | Place::Closed(_) => false,
        };
        assert!(is_theirs, "{contact} is not with who hears of it");
        let mut unheard = known.unheard.iter_mut();
        let first = unheard.find(|written| written.is_owed(agent, &desk));
        let first = first.expect("it is told once to each desktop");
        assert_eq!(first.text, *text, "it is told in order");
        first.told = Some((agent, desk.told));
        first.likely_heard = desk.session.is_some();
    }

    /// The desktop has acknowledged everything up to this frame.
    pub(super) fn heard(&mut self, agent: AgentKey, upto: u64) {
        assert!(upto <= self.desks[&agent].told, "there is no such frame");
        for known in self.contacts.values_mut() {
            let is_heard = |written: &Written| written.is_with(agent, upto) && written.likely_heard;
            known.unheard.retain(|written| !is_heard(written));
        }
    }

    /// The desktop has everything up to this frame, and is sent the rest.
    pub(super) fn resumed(&mut self, agent: AgentKey, upto: u64) {
        self.heard(agent, upto);
        let desk = self.desks.get_mut(&agent).unwrap();
        (desk.lacks_upto, desk.knows_all) = (0, true);
        let unheard = self
            .contacts
            .values_mut()
            .flat_map(|known| &mut known.unheard);
        for written in unheard {
            written.likely_heard |= written.is_with(agent, u64::MAX);
        }
    }

    /// Taken from its agent: a lost one may not have received the last messages, nor may the newest
    /// desktop have received what an earlier one was sent, nor one that acknowledges what it has
    /// received the rest.
    pub(super) fn let_go(&mut self, contact: ContactId, agent: AgentKey) {
        let desk = self.desks[&agent].clone();
        let is_owed = |written: &Written| {
            !written.likely_heard
                || desk.session.is_none()
                || desk.acknowledges
                || written.is_owed(agent, &desk)
        };
        let unheard = &mut self.known(contact).unheard;
        unheard.retain(is_owed);
        for written in unheard {
            (written.told, written.likely_heard, written.shown) = (None, false, None);
        }
    }

    /// Handed over to the helper, who was shown the last messages when they came.
    pub(super) fn let_go_to_helper(&mut self, contact: ContactId, helper: AgentKey) {
        let is_there = self.desks[&helper].session.is_some();
        let unheard = &mut self.known(contact).unheard;
        unheard.retain(|written| !written.likely_heard);
        for written in unheard {
            let shown = written.shown.take();
            written.told = shown.filter(|(agent, _)| *agent == helper);
            written.likely_heard = written.told.is_some() && is_there;
        }
    }

    pub(in super::super) fn judge_messages(&self) {
        for (id, known) in &self.contacts {
            if let Place::Served(agent) = known.place
                && self.desks[&agent].knows_all
            {
                let desk = &self.desks[&agent];
                let mut unheard = known.unheard.iter();
                assert!(
                    !unheard.any(|written| written.is_owed(agent, desk)),
                    "{id}: its agent does not know all"
                );
            }
        }
    }
}
