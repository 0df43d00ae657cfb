//! The owners of contacts, and what an adapter may see.

use switchboard::domain::{Channel, ContactId, Text};
use switchboard::engine::Done;
use switchboard::engine::command::ContactCommand;
use switchboard::engine::refusal::Refusal;

use super::{Oracle, Place};

#[derive(Clone, Debug)]
pub(in crate::tape) struct Posted {
    by: Option<Text>,
    external: Option<(Channel, Text)>,
}

impl Posted {
    pub(super) fn new(by: Option<&Text>, channel: Channel, external_id: Option<&Text>) -> Self {
        Self {
            by: by.cloned(),
            external: external_id.map(|id| (channel, id.clone())),
        }
    }

    fn is_open_to(&self, adapter: &Text) -> bool {
        self.by.as_ref().is_none_or(|by| by == adapter)
    }
}

impl Oracle {
    pub(in crate::tape) fn posted_by(&self, contact: ContactId) -> Option<Text> {
        self.posted.get(&contact)?.by.clone()
    }

    /// The reply to an adapter, before its effects are observed.
    pub(in crate::tape) fn judge_told(
        &self,
        adapter: &Text,
        command: &ContactCommand,
        outcome: &Result<Done, Refusal>,
    ) {
        let of = |id: ContactId| &self.posted[&id];
        if let ContactCommand::Submit { intake, key, .. } = command {
            let external = intake.external_id.clone();
            let external = external.map(|id| (intake.channel, id));
            match outcome {
                Ok(Done::Contact {
                    contact,
                    fresh: false,
                }) => {
                    let is_same = key.is_some() || of(*contact).external == external;
                    assert!(
                        is_same && of(*contact).is_open_to(adapter),
                        "{adapter} is given {contact}, which is another's or another"
                    );
                }
                Ok(_) => {
                    let same = self.posted.iter().find(|(id, posted)| {
                        let is_open = !matches!(self.contacts[id].place, Place::Closed(_));
                        let is_same = external.is_some() && posted.external == external;
                        is_open && is_same && posted.is_open_to(adapter)
                    });
                    assert!(same.is_none(), "{adapter} has posted {same:?} before");
                }
                Err(_) => {}
            }
            return;
        }
        let contact = command.contact().expect("only a submission speaks of none");
        let is_anothers = self
            .posted
            .get(&contact)
            .is_some_and(|posted| !posted.is_open_to(adapter));
        assert!(
            !is_anothers || *outcome == Err(Refusal::UnknownContact),
            "{adapter} is told of {contact}, which is another's"
        );
    }
}
