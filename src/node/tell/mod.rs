//! Turns events into notices for the agent's desktop.
//!
//! Every event that the engine numbered for an agent becomes exactly one notice with that number,
//! whatever has happened to its contact since.
//!
//! **Invariant:** nothing here decides, and nothing here counts.

mod offered;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::domain::{ContactId, Millis, Name, OfferId, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{
    AgentEvent, Because, CallbackEvent, ConsultEnd, ConsultEvent, ContactEvent, Event,
    MessageEvent, OfferEnd, OfferEvent, RuleEvent, ServiceEvent, Withdrawal,
};
use crate::engine::options::{Options, RESPONSE_LATE, Select};
use crate::engine::state::contact::EndedBy;
use crate::engine::state::registry::{AgentKey, QueueKey, Registry};
use crate::engine::view::{AgentView, ContactView};
use crate::node::feed::Feed;
use crate::node::feeds::Feeds;
use crate::node::notice::{Gone, HelpRequest, Notice, NoticeKind, Tells};

/// What notices need besides the engine's views, indexed by the engine's keys.
pub(super) struct Teller {
    feeds: Vec<Arc<Feed>>,
    queues: Vec<QueueFacts>,
    head_starts: Vec<Millis>,
}

#[derive(Clone, Copy, Default)]
struct QueueFacts {
    select: Option<Select>,
    answer_within: Millis,
}

impl Teller {
    pub(super) fn new() -> Self {
        Self {
            feeds: Vec::new(),
            queues: Vec::new(),
            head_starts: Vec::new(),
        }
    }

    /// Updates the facts after a configuration change.
    pub(super) fn learn(&mut self, registry: &Registry, options: &Options, feeds: &Feeds) {
        let known = self.feeds.len();
        for agent in &registry.agents.all()[known..] {
            self.feeds.push(feeds.learn(agent));
        }
        let configured = options.agents.iter();
        let configured = configured.filter_map(|agent| registry.agents.key(agent.id.as_str()));
        let configured: BTreeSet<usize> = configured.map(AgentKey::index).collect();
        for (index, feed) in self.feeds.iter().enumerate() {
            feed.set_configured(configured.contains(&index));
        }
        self.queues
            .resize(registry.queues.all().len(), QueueFacts::default());
        for queue in &options.queues {
            if let Some(key) = registry.queues.key(queue.id.as_str()) {
                self.queues[key.index()] = QueueFacts {
                    select: Some(queue.select),
                    answer_within: queue.target.answer_within,
                };
            }
        }
        let tiers = registry.tiers.all().iter();
        self.head_starts = tiers.map(|tier| options.head_start(tier)).collect();
    }

    pub(super) fn feed(&self, agent: AgentKey) -> &Arc<Feed> {
        &self.feeds[agent.index()]
    }

    /// The notice that reports `event` to `agent`.
    pub(super) fn notice(
        &self,
        engine: &Engine,
        at: Timestamp,
        event: &Event,
        (agent, seq): (AgentKey, u64),
    ) -> Notice {
        let scene = Scene {
            teller: self,
            engine,
            at,
            agent: engine.registry().agents.name(agent),
        };
        let tells = scene.tells(event);
        Notice::new(seq, at, tells)
    }
}

/// One event with the state that it led to.
struct Scene<'a> {
    teller: &'a Teller,
    engine: &'a Engine,
    at: Timestamp,
    agent: &'a Name,
}

impl Scene<'_> {
    fn tells(&self, event: &Event) -> Tells {
        match event {
            Event::Agent(_, event) => self.of_agent(event),
            Event::Contact(contact, event) => self.of_contact(*contact, event),
            Event::Rule(contact, event) => self.of_rule(*contact, event),
            Event::Callback(contact, event) => self.of_callback(*contact, event),
            Event::Offer(offer, event) => self.of_offer(*offer, event),
            Event::Service(contact, _, event) => self.of_service(*contact, event),
            Event::Consult(offer, event) => self.of_consult(*offer, event),
            Event::Message(contact, event) => self.of_message(*contact, event),
            // They concern no agent in particular.
            Event::Site(_) | Event::Queue(..) | Event::Line(..) => self.not_numbered(event),
        }
    }

    fn of_agent(&self, event: &AgentEvent) -> Tells {
        match event {
            AgentEvent::Connected { session } => {
                self.everything(|agent, contacts| Tells::Welcome {
                    session: *session,
                    agent,
                    contacts,
                })
            }
            AgentEvent::Resynced => {
                self.everything(|agent, contacts| Tells::Resync { agent, contacts })
            }
            AgentEvent::Intended { .. }
            | AgentEvent::HealthChanged { .. }
            | AgentEvent::Reconfigured => self.presence(),
            AgentEvent::Heard { .. }
            | AgentEvent::Resumed { .. }
            | AgentEvent::Lost { .. }
            | AgentEvent::Gone
            | AgentEvent::Rested
            | AgentEvent::EndsChecked { .. }
            | AgentEvent::CarriedOut { .. } => self.not_numbered(event),
        }
    }

    fn of_contact(&self, contact: ContactId, event: &ContactEvent) -> Tells {
        match event {
            ContactEvent::Recognised { .. } | ContactEvent::Updated { .. } => {
                self.of(contact, Tells::ContactUpdated)
            }
            ContactEvent::Closed { ended_by, .. } => self.ended(contact, *ended_by),
            ContactEvent::Arrived { .. } | ContactEvent::EndMissed { .. } => {
                self.not_numbered(event)
            }
        }
    }

    fn of_rule(&self, contact: ContactId, event: &RuleEvent) -> Tells {
        match event {
            RuleEvent::AgentNotified { queue, name, .. } => {
                self.escalated(contact, NoticeKind::Escalation, name.clone(), *queue)
            }
            RuleEvent::Fired { .. }
            | RuleEvent::NotApplicable { .. }
            | RuleEvent::ConditionFailed { .. }
            | RuleEvent::WaitReviewed { .. }
            | RuleEvent::MoveOwed { .. }
            | RuleEvent::NextReserved { .. }
            | RuleEvent::CustomerTold { .. } => self.not_numbered(event),
        }
    }

    fn of_callback(&self, contact: ContactId, event: &CallbackEvent) -> Tells {
        match event {
            CallbackEvent::Requested { .. } => self.of(contact, Tells::ContactUpdated),
            CallbackEvent::Dialled { .. }
            | CallbackEvent::Answered { .. }
            | CallbackEvent::Missed { .. }
            | CallbackEvent::GivenUp { .. } => self.not_numbered(event),
        }
    }

    fn of_offer(&self, offer: OfferId, event: &OfferEvent) -> Tells {
        match event {
            OfferEvent::Made {
                queue,
                answer_within,
                ..
            } => self.offer(offer, *queue, *answer_within, None),
            OfferEvent::Accepted { .. } => self.of(offer.contact, Tells::Assigned),
            OfferEvent::Ended { how, .. } => Tells::OfferGone {
                offer,
                reason: gone(how),
            },
            OfferEvent::Delivered { .. } => self.not_numbered(event),
        }
    }

    fn of_service(&self, contact: ContactId, event: &ServiceEvent) -> Tells {
        match event {
            ServiceEvent::Pulled { .. } | ServiceEvent::HandedOver { .. } => {
                self.of(contact, Tells::Assigned)
            }
            ServiceEvent::Shown { because } => self.shown(contact, *because),
            ServiceEvent::Recalled { .. }
            | ServiceEvent::Held { .. }
            | ServiceEvent::Unheld { .. }
            | ServiceEvent::Parked { .. }
            | ServiceEvent::Woken { .. }
            | ServiceEvent::Unparked { .. }
            | ServiceEvent::Returned { .. }
            | ServiceEvent::WrapUpStarted { .. }
            | ServiceEvent::WrapUpExtended { .. } => self.of(contact, Tells::ContactUpdated),
        }
    }

    fn of_consult(&self, offer: OfferId, event: &ConsultEvent) -> Tells {
        match event {
            ConsultEvent::Offered {
                queue,
                answer_within,
                by,
                note,
                ..
            } => {
                let asked = HelpRequest {
                    by: self.name(*by),
                    note: note.clone(),
                };
                self.offer(offer, *queue, *answer_within, Some(asked))
            }
            ConsultEvent::Accepted { .. } => self.of(offer.contact, Tells::Assigned),
            ConsultEvent::ConferenceBegun { .. } => self.shown(offer.contact, Because::Conference),
            ConsultEvent::Ended { how, .. } => self.consult_ended(offer, how),
            ConsultEvent::Delivered { .. } => self.not_numbered(event),
        }
    }

    fn of_message(&self, contact: ContactId, event: &MessageEvent) -> Tells {
        match event {
            MessageEvent::Sent { text, .. } => Tells::Message {
                contact,
                from: None,
                text: text.clone(),
                is_owed: false,
            },
            MessageEvent::Relayed { from, text, .. } => Tells::Message {
                contact,
                from: from.map(|agent| self.name(agent)),
                text: text.clone(),
                // The messages of a conference are sent to the helper as they are written.
                is_owed: from.is_none() && self.engine.is_served_by(contact, self.agent),
            },
            MessageEvent::ResponseLate { labels, .. } => {
                let rule = Name::new(RESPONSE_LATE).expect("a plain word is a name");
                self.escalated(contact, NoticeKind::ResponseLate, rule, labels.queue)
            }
            MessageEvent::ResponseGiven { .. } => self.not_numbered(event),
        }
    }

    /// `Event::shown_to` numbers no such event.
    fn not_numbered(&self, event: &impl fmt::Debug) -> Tells {
        debug_assert!(false, "no desktop is sent this: {event:?}");
        self.presence()
    }

    fn ended(&self, contact: ContactId, ended_by: EndedBy) -> Tells {
        self.of(contact, |contact| Tells::ContactEnded { contact, ended_by })
    }

    fn escalated(
        &self,
        contact: ContactId,
        kind: NoticeKind,
        rule: Name,
        queue: QueueKey,
    ) -> Tells {
        let queue = self.engine.registry().queues.name(queue).clone();
        self.of(contact, |contact| Tells::Notice {
            kind,
            rule,
            queue,
            contact,
        })
    }

    fn everything(&self, tells: impl FnOnce(Box<AgentView>, Vec<ContactView>) -> Tells) -> Tells {
        let contacts = self.engine.contacts_of(self.agent.as_str());
        tells(Box::new(self.agent_view()), contacts)
    }

    fn agent_view(&self) -> AgentView {
        self.engine
            .agent_ever(self.agent.as_str())
            .expect("the engine notifies only agents that it knows")
    }

    fn presence(&self) -> Tells {
        Tells::Presence(Box::new(self.agent_view()))
    }

    /// For a contact no longer remembered, a presence notice takes the number.
    fn of(&self, contact: ContactId, tells: impl FnOnce(Box<ContactView>) -> Tells) -> Tells {
        let contact = self.engine.contact_for(contact, self.agent.as_str());
        contact.map_or_else(|| self.presence(), |contact| tells(Box::new(contact)))
    }

    fn name(&self, agent: AgentKey) -> Name {
        self.engine.registry().agents.name(agent).clone()
    }

    fn shown(&self, contact: ContactId, because: Because) -> Tells {
        self.of(contact, |contact| Tells::ContactShown { contact, because })
    }

    /// The notice to the consulted agent.
    fn consult_ended(&self, offer: OfferId, how: &ConsultEnd) -> Tells {
        match how {
            ConsultEnd::Unanswered(how) => Tells::OfferGone {
                offer,
                reason: gone(how),
            },
            ConsultEnd::Over(ended_by) => self.ended(offer.contact, *ended_by),
            ConsultEnd::Ended | ConsultEnd::Lost | ConsultEnd::Left => {
                self.shown(offer.contact, Because::ConsultEnded)
            }
        }
    }
}

fn gone(how: &OfferEnd) -> Gone {
    match how {
        OfferEnd::Expired => Gone::Expired,
        OfferEnd::Undelivered => Gone::Undelivered,
        OfferEnd::Declined { .. } => Gone::Withdrawn,
        OfferEnd::Withdrawn(why) => match why {
            Withdrawal::CustomerLeft => Gone::CustomerLeft,
            Withdrawal::ContactChanged => Gone::Superseded,
            Withdrawal::Taken => Gone::Taken,
            Withdrawal::AgentLeft
            | Withdrawal::SessionLost
            | Withdrawal::SessionReplaced
            | Withdrawal::Supervisor
            | Withdrawal::ConsultEnded
            | Withdrawal::ContactEnded
            | Withdrawal::Reconfigured => Gone::Withdrawn,
        },
    }
}
