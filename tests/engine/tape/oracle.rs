//! What must be true, worked out the slow way from the events alone: what is known of
//! every contact and agent, and how an event is heard.
//!
//! What must hold for each event stands by its subject; whose turn it is, who may serve
//! whom, and how things stand between two steps is judged elsewhere.

mod centre;
mod consulting;
mod dialling;
mod follow;
mod line;
mod messages;
mod offers;
mod parking;
mod posters;
mod responses;
mod room;
mod rules;
mod serving;

use std::collections::{BTreeMap, BTreeSet};

use switchboard::domain::{
    Channel, ContactId, Millis, Name, Phone, Recognition, Requirements, Text, Timestamp,
};
use switchboard::engine::event::{Event, Recorded};
use switchboard::engine::options::{Options, QueueOptions};
use switchboard::engine::state::contact::{CustomerFirst, Final};
use switchboard::engine::state::registry::{AgentKey, Registry};

use super::lore::Lore;
use posters::Posted;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nowhere,
    Scheduled(Timestamp),
    Waiting,
    Offered(Vec<Live>),
    Served(AgentKey),
    Parked {
        agent: AgentKey,
        until: Timestamp,
        woken: bool,
    },
    WrapUp(AgentKey, Timestamp),
    Closed(Final),
}

/// A live offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Live {
    pub agent: AgentKey,
    pub number: u32,
    pub until: Timestamp,
    /// By a supervisor.
    pub is_assigned: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Known {
    pub place: Place,
    pub(super) channel: Channel,
    pub(super) requires: Requirements,
    pub(super) topic: Option<Name>,
    pub(super) recognition: Recognition,
    /// Undivided attention since it was accepted, in thousandths of a millisecond.
    pub(super) effort_permille: i64,
    pub(super) queue: Name,
    pub(super) tier: Name,
    pub(super) step: usize,
    pub(super) boost: Millis,
    /// A part of `boost`.
    pub(super) put_back: Millis,
    pub(super) first_queued_at: Timestamp,
    /// Until it is answered; past its time, that does not matter any more.
    pub(super) ordered_for: Option<Timestamp>,
    pub(super) arrival: u64,
    pub(super) direct: Option<AgentKey>,
    /// In a line, in hands, or on order.
    pub(super) has_stood: bool,
    /// Only for the agent that it asks for.
    pub(super) asks_for_one: bool,
    pub(super) direct_until: Option<Timestamp>,
    /// The number to call, and how often nobody answered.
    pub(super) callback: Option<(Phone, u32)>,
    /// Its customer was called for the last time.
    pub(super) is_given_up: bool,
    /// How far it is, where the customer is called first.
    pub first: Option<CustomerFirst>,
    pub(super) cooling: BTreeSet<AgentKey>,
    pub(super) offers: u32,
    /// Supervisors were told that nobody could ever take it.
    pub(super) unroutable: bool,
    /// Under how manyth configuration it arrived.
    pub(super) configuration: u64,
    /// Somebody has taken it to another queue, past the rules.
    pub strayed: bool,
    pub owner_before: Option<AgentKey>,
    /// When each rule has fired.
    pub fired: BTreeMap<(Name, Name), Vec<Timestamp>>,
    pub troubled: BTreeSet<(Name, Name)>,
    pub answered_at: Option<Timestamp>,
    /// By its agent, whether or not it was parked meanwhile.
    pub served_since: Option<Timestamp>,
    /// It has left an agent who had reached its customer.
    pub was_served: bool,
    /// Handed on by an agent who had its customer on the line.
    pub is_reached: bool,
    /// Agents of these queues may serve it, too.
    pub also: Vec<Name>,
    pub reserved: bool,
    /// No idle agents are kept for others from it.
    pub(super) agents_let_go: bool,
    pub(super) recognised_at: Option<Timestamp>,
    /// The queue and the rule that have reserved an agent for it last.
    pub reserved_by: Option<(Name, Name)>,
    pub consult: Option<Consult>,
    pub interrupted: bool,
    /// Since when an answer is owed to the customer, and whether it was said to be late.
    pub owed: Option<(Timestamp, bool)>,
    /// So many live offers a rule lets it have.
    pub live_max: usize,
    /// What the customer wrote and nobody is known to have.
    pub(super) unheard: Vec<Written>,
}

#[derive(Clone, Debug)]
pub(super) struct Written {
    pub text: Text,
    /// The agent with the contact, and the number of the frame.
    pub told: Option<(AgentKey, u64)>,
    /// The desktop was there.
    pub likely_heard: bool,
}

/// A second agent, asked or joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Consult {
    pub agent: AgentKey,
    pub number: u32,
    /// The deadline of the offer.
    pub until: Option<Timestamp>,
    conference: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Desk {
    pub session: Option<u64>,
    pub ready: bool,
    /// The desktop has been told all that was written while it was away.
    pub knows_all: bool,
    /// Lost, and perhaps back in a moment.
    pub away: bool,
    rest_until: Option<Timestamp>,
    /// Nothing but contacts of its class is taken until it waits no more.
    pub(super) room_for: Option<ContactId>,
    pub(super) unhealthy: BTreeSet<Channel>,
    /// Until the agent says to be ready.
    pub(super) suspended: BTreeSet<Channel>,
    pub(super) idle_since: Timestamp,
    pub(super) last_turn: u64,
    pub(super) told: u64,
    /// The number of the frame with which the session began.
    pub(super) welcomed: u64,
}

/// Follows the events; panics when a promise is broken.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    pub(super) contacts: BTreeMap<ContactId, Known>,
    posted: BTreeMap<ContactId, Posted>,
    pub desks: BTreeMap<AgentKey, Desk>,
    pub registry: Registry,
    pub(super) paused: BTreeSet<Name>,
    pub(super) closed: BTreeSet<Name>,
    /// The last configuration that knew a queue, for those that drain.
    pub(super) queues: BTreeMap<Name, QueueOptions>,
    pub(super) options: Option<Options>,
    pub(super) lore: Lore,
    /// Nobody has said that it has ended, and it is about to be closed.
    pub(super) made_up: Option<ContactId>,
    /// Queues that have had contacts of which an agent serves one at a time.
    pub(super) whole: BTreeSet<Name>,
    pub(super) configuration: u64,
    pub configured_at: Timestamp,
    /// The contact of which an adapter says how its call went.
    pub reported: Option<ContactId>,
    turns: u64,
    /// Who has just been answered, since when that was owed, and whether it was late.
    answered: Option<(ContactId, Timestamp, bool)>,
    /// The contact whose rule has just fired.
    fired: Option<ContactId>,
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    /// The order is judged where one agent or one contact asked for it.
    pub judge_order: bool,
    /// The offer that comes next was made by a contact that looked for an agent.
    pub sought_agent: bool,
}

impl Desk {
    /// Connected and ready.
    pub(super) fn takes_offers(&self) -> bool {
        self.session.is_some() && self.ready
    }
}

impl Known {
    /// Helps, or is asked to.
    pub(super) fn is_asked(&self, agent: AgentKey) -> bool {
        self.consult.is_some_and(|consult| consult.agent == agent)
    }
}

impl Oracle {
    pub(super) fn hear(&mut self, recorded: &Recorded, told: Option<(AgentKey, u64)>) {
        assert_eq!(
            recorded.seq,
            self.seq + 1,
            "events are numbered without gaps"
        );
        assert!(recorded.at >= self.at, "time does not run back");
        self.work(recorded.at - self.at);
        (self.seq, self.at) = (recorded.seq, recorded.at);
        if let Some((agent, number)) = told {
            let desk = self.desks.entry(agent).or_default();
            assert_eq!(
                number,
                desk.told + 1,
                "an agent's frames are numbered without gaps"
            );
            desk.told = number;
        }
        self.judge_answered(&recorded.event);
        self.follow(&recorded.event);
        self.fired = if let Event::EscalationFired { contact, .. } = &recorded.event {
            Some(*contact)
        } else {
            None
        };
    }

    fn known(&mut self, contact: ContactId) -> &mut Known {
        self.contacts
            .get_mut(&contact)
            .expect("events speak of contacts that arrived")
    }

    fn go(&mut self, contact: ContactId, next: Place) {
        let at = self.at;
        self.give_up_rooms(|_, kept_for, _| kept_for == contact);
        let known = self.known(contact);
        assert!(
            known.consult.is_none() || matches!(next, Place::Served(_)),
            "nobody helps with what nobody serves"
        );
        assert!(
            !matches!(known.place, Place::Closed(_)),
            "what is closed stays closed"
        );
        if matches!(next, Place::Served(_)) && !matches!(known.place, Place::Parked { .. }) {
            known.served_since = Some(at);
        }
        known.has_stood |= next != Place::Nowhere;
        let goes_on = matches!(next, Place::WrapUp(..));
        known.interrupted &= goes_on;
        if !matches!(next, Place::Served(_) | Place::Parked { .. }) {
            known.owed = None;
        }
        known.place = next;
        if let Place::Closed(_) = known.place {
            known.first = None;
            known.unheard.clear();
            known.reserved = false;
        }
        if let Place::Served(_) = known.place {
            known.answered_at = Some(at);
            known.reserved = false;
        }
    }
}
