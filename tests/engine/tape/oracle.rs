//! What must hold, computed the slow way from the events alone: the state of every contact and
//! agent, and how events change it.
//!
//! The checks of each event are grouped by subject; whose turn it is, who may serve which contact,
//! and the state between two steps are judged elsewhere.

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
use switchboard::engine::event::{Event, Recorded, RuleEvent};
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
    /// Made by a supervisor.
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
    /// When it is to be answered; irrelevant once past.
    pub(super) ordered_for: Option<Timestamp>,
    pub(super) arrival: u64,
    pub(super) direct: Option<AgentKey>,
    /// In line, in hand, or scheduled.
    pub(super) has_stood: bool,
    /// Only for the requested agent.
    pub(super) asks_for_one: bool,
    pub(super) direct_until: Option<Timestamp>,
    /// The number to call, and how often nobody answered.
    pub(super) callback: Option<(Phone, u32)>,
    /// Whether its customer was called for the last time.
    pub(super) is_given_up: bool,
    /// The progress of a customer-first callback.
    pub first: Option<CustomerFirst>,
    pub(super) cooling: BTreeSet<AgentKey>,
    pub(super) offers: u32,
    /// Whether supervisors were notified that no agent could ever take it.
    pub(super) unroutable: bool,
    /// The number of the configuration under which it arrived.
    pub(super) configuration: u64,
    /// Whether it was taken to another queue, bypassing the rules.
    pub strayed: bool,
    pub owner_before: Option<AgentKey>,
    /// When each rule has fired.
    pub fired: BTreeMap<(Name, Name), Vec<Timestamp>>,
    pub troubled: BTreeSet<(Name, Name)>,
    /// Those of them that are still to take it to another queue.
    pub owes: BTreeSet<(Name, Name)>,
    pub answered_at: Option<Timestamp>,
    /// The agent who has it, whether or not it was parked meanwhile.
    pub served_since: Option<Timestamp>,
    /// Whether it has left an agent who had reached its customer.
    pub was_served: bool,
    /// Its agent was lost while the customer was on the line.
    pub has_lost_agent: bool,
    /// Transferred by an agent who had its customer on the line.
    pub is_reached: bool,
    /// Calls that were answered and are over.
    pub hung_up: u32,
    /// Agents of these queues may also serve it.
    pub also: Vec<Name>,
    pub reserved: bool,
    /// Whether reserves do not apply to it.
    pub(super) agents_let_go: bool,
    pub(super) recognised_at: Option<Timestamp>,
    /// The queue and the rule that last reserved an agent for it.
    pub reserved_by: Option<(Name, Name)>,
    pub consult: Option<Consult>,
    pub interrupted: bool,
    /// Since when a response is owed to the customer, and whether it was reported late.
    pub owed: Option<(Timestamp, bool)>,
    /// The number of live offers that a rule allows.
    pub live_max: usize,
    /// Customer messages that no agent is known to have.
    pub(super) unheard: Vec<Written>,
}

#[derive(Clone, Debug)]
pub(super) struct Written {
    pub text: Text,
    /// The agent with the contact, and the number of the frame.
    pub told: Option<(AgentKey, u64)>,
    /// Whether the desktop was connected.
    pub likely_heard: bool,
    /// The helper when it was written, and the number of the frame.
    pub shown: Option<(AgentKey, u64)>,
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
    /// Whether the desktop has been sent everything written while it was away.
    pub knows_all: bool,
    /// It has acknowledged a message since the agent signed in.
    pub(super) acknowledges: bool,
    /// Lost, and possibly back soon.
    pub away: bool,
    rest_until: Option<Timestamp>,
    /// Takes only contacts of its class until it no longer waits.
    pub(super) room_for: Option<ContactId>,
    pub(super) unhealthy: BTreeSet<Channel>,
    /// Until the agent reports ready.
    pub(super) suspended: BTreeSet<Channel>,
    pub(super) idle_since: Timestamp,
    pub(super) last_turn: u64,
    pub(super) told: u64,
    /// The desktop was not sent frames up to this number.
    pub(super) lacks_upto: u64,
}

/// Follows the events; panics if a promise is broken.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    pub(super) contacts: BTreeMap<ContactId, Known>,
    posted: BTreeMap<ContactId, Posted>,
    pub desks: BTreeMap<AgentKey, Desk>,
    pub registry: Registry,
    pub(super) paused: BTreeSet<Name>,
    pub(super) closed: BTreeSet<Name>,
    /// The last options of each queue, for those that drain.
    pub(super) queues: BTreeMap<Name, QueueOptions>,
    pub(super) options: Option<Options>,
    pub(super) lore: Lore,
    /// No end was reported, and it is about to be closed.
    pub(super) made_up: Option<ContactId>,
    /// Queues that have had contacts of a channel with a maximum of one.
    pub(super) whole: BTreeSet<Name>,
    pub(super) configuration: u64,
    pub configured_at: Timestamp,
    /// The contact whose call an adapter reports on.
    pub reported: Option<ContactId>,
    turns: u64,
    /// The contact just responded to, since when that was owed, and whether it was late.
    answered: Option<(ContactId, Timestamp, bool)>,
    /// The contact whose rule has just fired.
    fired: Option<ContactId>,
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    /// The order is judged only for choices by one agent or one contact.
    pub judge_order: bool,
    /// The next offer was made by a contact that looked for an agent.
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
        self.fired = if let Event::Rule(contact, RuleEvent::Fired { .. }) = &recorded.event {
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
            known.owes.clear();
            known.reserved = false;
        }
    }
}
