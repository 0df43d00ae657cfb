//! Turns events into notices for the agent's desktop.
//!
//! Every event that the engine numbered for an agent becomes exactly one notice with that number,
//! whatever has happened to its contact since.
//!
//! **Invariant:** nothing here decides, and nothing here counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::customer::HistoryEntry;
use crate::customer::history::HISTORY_OFFERED;
use crate::domain::{ContactId, Millis, Name, OfferId, Timestamp};
use crate::engine::Engine;
use crate::engine::choosing::choice::Brief;
use crate::engine::event::{Because, ConsultEnd, Event, OfferEnd, Withdrawal};
use crate::engine::options::{Options, RESPONSE_LATE, Select};
use crate::engine::state::due;
use crate::engine::state::registry::{AgentKey, QueueKey, Registry};
use crate::engine::view::{AgentView, ContactView};
use crate::node::feed::Feed;
use crate::node::feeds::Feeds;
use crate::node::filing;
use crate::node::notice::{Gone, HelpRequest, Notice, NoticeKind, Tells, Why};

/// Used in place of a rule's name when a customer being served gets no reply in time.
fn response_late() -> Name {
    Name::new(RESPONSE_LATE).expect("a plain word is a name")
}

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
    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn tells(&self, event: &Event) -> Tells {
        match event {
            Event::AgentConnected { session, .. } => {
                self.everything(|agent, contacts| Tells::Welcome {
                    session: *session,
                    agent,
                    contacts,
                })
            }
            Event::AgentResynced { .. } => {
                self.everything(|agent, contacts| Tells::Resync { agent, contacts })
            }
            Event::OfferMade {
                offer,
                queue,
                answer_within,
                ..
            } => self.offer(*offer, *queue, *answer_within, None),
            Event::ConsultOffered {
                offer,
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
                self.offer(*offer, *queue, *answer_within, Some(asked))
            }
            Event::ConsultAccepted { offer, .. } => self.of(offer.contact, Tells::Assigned),
            Event::ContactHandedOver { contact, .. } => self.of(*contact, Tells::Assigned),
            Event::ConferenceBegun { contact, .. } => self.shown(*contact, Because::Conference),
            Event::ContactShown {
                contact, because, ..
            } => self.shown(*contact, *because),
            Event::ConsultEnded { offer, how, .. } => self.consult_ended(*offer, how),
            Event::MessageRelayed {
                contact,
                from,
                text,
                ..
            } => Tells::Message {
                contact: *contact,
                from: from.map(|agent| self.name(agent)),
                text: text.clone(),
                // The messages of a conference are sent to the helper as they are written.
                is_owed: from.is_none() && self.engine.is_served_by(*contact, self.agent),
            },
            Event::OfferEnded { offer, how, .. } => Tells::OfferGone {
                offer: *offer,
                reason: gone(how),
            },
            Event::OfferAccepted { offer, .. } => self.of(offer.contact, Tells::Assigned),
            Event::ContactPulled { contact, .. } => self.of(*contact, Tells::Assigned),
            Event::ContactReturned { contact, .. }
            | Event::WrapUpStarted { contact, .. }
            | Event::WrapUpExtended { contact, .. }
            | Event::CallbackRequested { contact, .. }
            | Event::ContactRecalled { contact, .. }
            | Event::ContactHeld { contact, .. }
            | Event::ContactUnheld { contact, .. }
            | Event::ContactParked { contact, .. }
            | Event::ContactWoken { contact, .. }
            | Event::ContactUnparked { contact, .. }
            | Event::ContactRecognised { contact, .. }
            | Event::ContactUpdated { contact, .. } => self.of(*contact, Tells::ContactUpdated),
            Event::ContactClosed {
                contact, ended_by, ..
            } => self.of(*contact, |contact| Tells::ContactEnded {
                contact,
                ended_by: *ended_by,
            }),
            Event::MessageSent { contact, text, .. } => Tells::Message {
                contact: *contact,
                from: None,
                text: text.clone(),
                is_owed: false,
            },
            Event::AgentNotified {
                contact,
                queue,
                name,
                ..
            } => {
                let queue = self.engine.registry().queues.name(*queue).clone();
                self.of(*contact, |contact| Tells::Notice {
                    kind: NoticeKind::Escalation,
                    rule: name.clone(),
                    queue,
                    contact,
                })
            }
            Event::ResponseLate {
                contact, labels, ..
            } => {
                let queue = self.engine.registry().queues.name(labels.queue).clone();
                self.of(*contact, |contact| Tells::Notice {
                    kind: NoticeKind::ResponseLate,
                    rule: response_late(),
                    queue,
                    contact,
                })
            }
            Event::AgentIntended { .. }
            | Event::AgentReconfigured { .. }
            | Event::AgentHealthChanged { .. } => self.presence(),
            Event::Configured { .. }
            | Event::ContactArrived { .. }
            | Event::ContactScheduled { .. }
            | Event::ContactQueued { .. }
            | Event::ContactMoved { .. }
            | Event::ContactUnroutable { .. }
            | Event::ContactRoutable { .. }
            | Event::StepTaken { .. }
            | Event::EscalationFired { .. }
            | Event::EscalationNotApplicable { .. }
            | Event::MoveOwed { .. }
            | Event::NextReserved { .. }
            | Event::ConditionFailed { .. }
            | Event::CustomerTold { .. }
            | Event::ResponseGiven { .. }
            | Event::CallbackDialled { .. }
            | Event::CallbackAnswered { .. }
            | Event::CallbackMissed { .. }
            | Event::CallbackGivenUp { .. }
            | Event::RoomKept { .. }
            | Event::AgentsLetGo { .. }
            | Event::OfferDelivered { .. }
            | Event::ConsultDelivered { .. }
            | Event::CooldownLifted { .. }
            | Event::CooldownKept { .. }
            | Event::QueueGrew { .. }
            | Event::WaitReviewed { .. }
            | Event::AgentLost { .. }
            | Event::AgentGone { .. }
            | Event::AgentRested { .. }
            | Event::EndMissed { .. }
            | Event::AgentHeard { .. }
            | Event::EndsChecked { .. }
            | Event::QueuePaused { .. }
            | Event::QueueResumed { .. }
            | Event::QueueOpened { .. }
            | Event::QueueClosed { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. }
            | Event::EscalationsTold { .. } => {
                // `Event::shown_to` numbers none of these.
                debug_assert!(false, "no desktop is sent this: {event:?}");
                self.presence()
            }
        }
    }

    fn everything(&self, tells: impl FnOnce(AgentView, Vec<ContactView>) -> Tells) -> Tells {
        let contacts = self.engine.contacts_of(self.agent.as_str());
        tells(self.agent_view(), contacts)
    }

    fn agent_view(&self) -> AgentView {
        self.engine
            .agent_ever(self.agent.as_str())
            .expect("the engine notifies only agents that it knows")
    }

    fn presence(&self) -> Tells {
        Tells::Presence(self.agent_view())
    }

    /// For a contact no longer remembered, a presence notice takes the number.
    fn of(&self, contact: ContactId, tells: impl FnOnce(ContactView) -> Tells) -> Tells {
        let contact = self.engine.contact_for(contact, self.agent.as_str());
        contact.map_or_else(|| self.presence(), tells)
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
            ConsultEnd::Over(ended_by) => self.of(offer.contact, |contact| Tells::ContactEnded {
                contact,
                ended_by: *ended_by,
            }),
            ConsultEnd::Ended | ConsultEnd::Lost | ConsultEnd::Left => {
                self.shown(offer.contact, Because::ConsultEnded)
            }
        }
    }

    fn offer(
        &self,
        offer: OfferId,
        queue: QueueKey,
        answer_within: Millis,
        asked: Option<HelpRequest>,
    ) -> Tells {
        self.of(offer.contact, |contact| Tells::Offer {
            offer,
            answer_within,
            why: self.why(offer, queue, &contact, asked),
            unfiled: self.unfiled(&contact),
            open_contacts: self.open_contacts(&contact),
            contact,
        })
    }

    fn unfiled(&self, contact: &ContactView) -> Vec<HistoryEntry> {
        let customer = contact.recognition.customer.as_ref();
        let unfiled = customer.map(|id| self.engine.unfiled_of(id, HISTORY_OFFERED));
        unfiled.iter().flatten().map(filing::entry).collect()
    }

    fn open_contacts(&self, contact: &ContactView) -> Vec<ContactId> {
        let customer = contact.recognition.customer.as_ref();
        let open = customer.map(|id| self.engine.open_contacts_of_customer(id));
        open.unwrap_or_default()
    }

    fn why(
        &self,
        offer: OfferId,
        queue: QueueKey,
        contact: &ContactView,
        consult: Option<HelpRequest>,
    ) -> Why {
        let facts = self.teller.queues[queue.index()];
        let tier = self.engine.registry().tiers.key(contact.tier.as_str());
        let head_start = tier.map_or(Millis::ZERO, |tier| self.teller.head_starts[tier.index()]);
        let target = facts.answer_within;
        let closed = contact.promised_at - contact.queued_at - target;
        let sooner = contact.sooner;
        let boost = contact.promised_at - head_start - sooner - contact.due_at;
        // A contact for which help is asked was already answered.
        let waited = contact.answered_at.unwrap_or(self.at) - contact.waits_since;
        Why {
            select: facts.select,
            // A contact assigned before its scheduled time has not waited at all.
            waited: waited.max(Millis::ZERO),
            step: contact.step,
            due_terms: due::terms_of(target, closed, head_start, sooner, boost),
            queue: contact.queue.clone(),
            choice: brief(self.engine, offer),
            consult,
        }
    }
}

fn brief(engine: &Engine, offer: OfferId) -> Option<Box<Brief>> {
    let choice = engine.choice_of_offer(offer)?;
    Some(Box::new(choice.brief()))
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
