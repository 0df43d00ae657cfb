//! What must be true of what customers write: whoever serves them knows it.

use switchboard::domain::{ContactId, Text};
use switchboard::engine::registry::AgentKey;

use super::{Oracle, Place};

impl Oracle {
    /// Who is told and there has heard it; anyone else may never come back.
    pub(super) fn said(&mut self, contact: ContactId, told: Option<AgentKey>, text: &Text) {
        let is_heard = told.is_some_and(|agent| self.desks[&agent].session.is_some());
        if !is_heard {
            self.known(contact).unheard.push(text.clone());
        }
    }

    pub(super) fn relayed(&mut self, contact: ContactId, agent: AgentKey, text: &Text) {
        let known = self.known(contact);
        let helper = known.consult.map(|consult| consult.agent);
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
        assert!(
            is_theirs || helper == Some(agent),
            "{contact} is not with who hears of it"
        );
        let first = known.unheard.iter().position(|kept| kept == text);
        if helper.is_none() {
            assert_eq!(first, Some(0), "it is heard once, and in order");
        }
        if let Some(first) = first {
            known.unheard.remove(first);
        }
    }

    /// Whoever resumes has in the sequence what was said meanwhile.
    pub(super) fn resumed(&mut self, agent: AgentKey) {
        for known in self.contacts.values_mut() {
            if let Place::Served(with) | Place::WrapUp(with, _) | Place::Parked { agent: with, .. } =
                known.place
                && with == agent
            {
                known.unheard.clear();
            }
        }
    }

    pub(in super::super) fn judge_messages(&self) {
        for (id, known) in &self.contacts {
            if let Place::Served(agent) = known.place
                && self.desks[&agent].knows_all
            {
                assert!(
                    known.unheard.is_empty(),
                    "{id}: its agent does not know all"
                );
            }
        }
    }
}
