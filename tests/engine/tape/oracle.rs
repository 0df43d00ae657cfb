//! What must be true, worked out the slow way from the events alone.

mod dialling;
mod responses;
mod room;
mod serving;

use std::collections::{BTreeMap, BTreeSet};

use switchboard::domain::{
    Channel, ContactId, Millis, Name, Recognition, Requirements, Text, Timestamp,
};
use switchboard::engine::agent::{Health, Intent};
use switchboard::engine::contact::{CustomerFirst, EndedBy, Final};
use switchboard::engine::event::{ConsultEnd, Event, OfferEnd, Recorded, Return};
use switchboard::engine::options::{
    Action, EscalationRule, Options, QueueOptions, WhenClosed, WhenFull,
};
use switchboard::engine::registry::{AgentKey, QueueKey, Registry};

use super::lore::Lore;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nowhere,
    Scheduled(Timestamp),
    Waiting,
    Offered {
        agent: AgentKey,
        number: u32,
        until: Timestamp,
    },
    Served(AgentKey),
    Parked {
        agent: AgentKey,
        until: Timestamp,
        woken: bool,
    },
    WrapUp(AgentKey, Timestamp),
    Closed(Final),
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
    pub(super) first_queued_at: Timestamp,
    pub(super) arrival: u64,
    pub(super) direct: Option<AgentKey>,
    /// In a line, in hands, or on order.
    pub(super) has_stood: bool,
    /// Only for the agent that it asks for.
    pub(super) is_meant_alone: bool,
    pub(super) direct_until: Option<Timestamp>,
    /// The number to call, and how often nobody answered.
    pub(super) callback: Option<(Text, u32)>,
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
    /// Agents of these queues may serve it, too.
    pub also: Vec<Name>,
    pub reserved: bool,
    /// The queue and the rule that have reserved an agent for it last.
    pub reserved_by: Option<(Name, Name)>,
    pub consult: Option<Consult>,
    pub interrupted: bool,
    /// Since when an answer is owed to the customer, and whether it was said to be late.
    pub owed: Option<(Timestamp, bool)>,
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
    /// Lost, and perhaps back in a moment.
    pub away: bool,
    rest_until: Option<Timestamp>,
    pub(super) unhealthy: BTreeSet<Channel>,
    pub(super) idle_since: Timestamp,
    pub(super) last_turn: u64,
    pub(super) told: u64,
}

/// Follows the events; panics when a promise is broken.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    pub(super) contacts: BTreeMap<ContactId, Known>,
    pub desks: BTreeMap<AgentKey, Desk>,
    pub registry: Registry,
    pub(super) paused: BTreeSet<Name>,
    pub(super) closed: BTreeSet<Name>,
    /// The last configuration that knew a queue, for those that drain.
    pub(super) queues: BTreeMap<Name, QueueOptions>,
    pub(super) options: Option<Options>,
    pub(super) lore: Lore,
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

impl Known {
    /// Helps, or is asked to.
    fn is_asked(&self, agent: AgentKey) -> bool {
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
        self.follow(recorded.at, &recorded.event);
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

    #[expect(
        clippy::too_many_lines,
        clippy::cognitive_complexity,
        reason = "one arm for each event"
    )]
    fn follow(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Configured { options } => {
                self.registry.learn(options);
                for queue in &options.queues {
                    self.queues.insert(queue.id.clone(), queue.clone());
                }
                self.options = Some(Options::clone(options));
                self.configuration += 1;
                self.configured_at = at;
                let steps: BTreeMap<Name, usize> = self
                    .queues
                    .iter()
                    .map(|(name, queue)| (name.clone(), queue.steps.len()))
                    .collect();
                for known in self.contacts.values_mut() {
                    known.step = known.step.min(steps[&known.queue]);
                }
            }
            Event::ContactArrived {
                contact,
                intake,
                recognition,
                labels,
                first_queued_at,
                ..
            } => {
                let known = Known {
                    place: Place::Nowhere,
                    channel: intake.channel,
                    requires: intake.requires.clone(),
                    topic: intake.topic.clone(),
                    recognition: Recognition::clone(recognition),
                    effort_permille: 0,
                    queue: self.registry.queues.name(labels.queue).clone(),
                    tier: self.registry.tiers.name(labels.tier).clone(),
                    step: 0,
                    boost: Millis::ZERO,
                    first_queued_at: *first_queued_at,
                    arrival: self.contacts.len() as u64,
                    direct: None,
                    has_stood: false,
                    is_meant_alone: intake.agent.is_some() && !intake.or_queue,
                    direct_until: None,
                    callback: None,
                    first: None,
                    cooling: BTreeSet::new(),
                    offers: 0,
                    unroutable: false,
                    configuration: self.configuration,
                    strayed: false,
                    owner_before: None,
                    fired: BTreeMap::new(),
                    troubled: BTreeSet::new(),
                    answered_at: None,
                    also: Vec::new(),
                    reserved: false,
                    reserved_by: None,
                    consult: None,
                    interrupted: false,
                    owed: None,
                };
                self.note_channel(&known.queue, known.channel);
                assert!(
                    self.contacts.insert(*contact, known).is_none(),
                    "a contact arrives once"
                );
            }
            Event::ContactScheduled { contact, until } => {
                if let (Some(queue), Some(hours)) = (
                    self.diverted(*contact),
                    self.hours(&self.contacts[contact].queue),
                ) && queue.when_closed == WhenClosed::Schedule
                {
                    assert!(hours.is_open(*until), "ordered for when it is open");
                }
                self.go(*contact, Place::Scheduled(*until))
            }
            Event::ContactQueued {
                contact,
                queue,
                step,
                direct,
                direct_until,
                due,
            } => {
                let queue = self.registry.queues.name(*queue).clone();
                self.go(*contact, Place::Waiting);
                let known = self.known(*contact);
                known.strayed |= known.queue != queue;
                (known.queue, known.step, known.direct) = (queue, *step as usize, *direct);
                known.direct_until = *direct_until;
                let expected = self.due(*contact);
                assert_eq!(
                    *due, expected,
                    "due is first queued + target − head start − boosts"
                );
            }
            Event::ContactMoved {
                contact, labels, ..
            } => {
                if let Some(from) = self.diverted(*contact) {
                    let closed = matches!(from.when_closed, WhenClosed::Queue(_));
                    let full = matches!(from.overflow.when_full, WhenFull::Queue(_))
                        && self.is_full(from, self.contacts[contact].channel);
                    assert!(closed || full, "only by a rule");
                }
                let queue = self.registry.queues.name(labels.queue).clone();
                self.go(*contact, Place::Nowhere);
                self.note_channel(&queue, labels.channel);
                let by_rule = self.fired == Some(*contact);
                let known = self.known(*contact);
                (known.queue, known.step, known.direct) = (queue, 0, None);
                known.also.clear();
                known.reserved = false;
                known.strayed |= !by_rule;
            }
            Event::ContactUnroutable { contact, .. } => {
                assert!(!self.known(*contact).unroutable, "it is said once");
                self.known(*contact).unroutable = true;
            }
            Event::ContactRoutable { contact } => {
                assert!(self.known(*contact).unroutable, "it had been said");
                self.known(*contact).unroutable = false;
            }
            Event::ContactRecognised {
                contact,
                tier,
                recognition,
                ..
            } => {
                let tier = self.registry.tiers.name(*tier).clone();
                let known = self.known(*contact);
                known.tier = tier;
                known.recognition = Recognition::clone(recognition);
            }
            Event::ContactUpdated {
                contact, change, ..
            } => {
                if let Some(topic) = &change.topic {
                    self.known(*contact).topic = Some(topic.clone());
                }
            }
            Event::StepTaken { contact, step } => {
                let queue = self.queues[&self.contacts[contact].queue].clone();
                let known = self.known(*contact);
                assert!(*step as usize > known.step, "steps only widen");
                let after = queue.steps[*step as usize - 1].after;
                // A rule may hurry a contact on by one step.
                let hurried = *step as usize == known.step + 1 && hurries(&queue);
                let due = known.first_queued_at + after <= at;
                let (known, to) = (known.clone(), *step as usize);
                let skipped = self.skips_to(&known) == Some(to);
                assert!(due || hurried || skipped, "no step before its time");
                self.known(*contact).step = to;
            }
            Event::EscalationFired {
                contact,
                boost,
                name,
                also,
                reserved,
                ..
            } => {
                self.escalated(*contact, name, at);
                let queue = self.contacts[contact].queue.clone();
                let holds = |known: &Known| known.reserved && known.queue == queue;
                let taken = self.contacts.values().any(holds);
                assert!(!(*reserved && taken), "one agent is reserved at a time");
                let also = also.iter().map(|queue| self.registry.queues.name(*queue));
                let also: Vec<Name> = also.cloned().collect();
                let known = self.known(*contact);
                known.also = also;
                known.boost = *boost;
                known.reserved |= *reserved;
                if *reserved {
                    known.reserved_by = Some((queue, name.clone()));
                }
            }
            Event::CustomerTold { contact, .. } => {
                let place = &self.contacts[contact].place;
                let waits = matches!(place, Place::Waiting | Place::Offered { .. });
                assert!(waits, "customers are told while they wait");
            }
            Event::AgentNotified { agent, contact, .. } => {
                let manager = self.contacts[contact].recognition.account_manager.clone();
                let name = self.registry.agents.name(*agent);
                assert_eq!(manager.as_ref(), Some(name), "account managers are told");
            }
            Event::EscalationHeld { contact, .. } => {
                let place = &self.contacts[contact].place;
                let waits = matches!(place, Place::Waiting | Place::Offered { .. });
                assert!(waits, "rules are looked at while a contact waits");
            }
            Event::ConditionFailed { contact, name, .. } => {
                let said = (self.contacts[contact].queue.clone(), name.clone());
                let troubled = &mut self.known(*contact).troubled;
                assert!(troubled.insert(said), "trouble is said once");
            }
            Event::OfferMade {
                offer,
                agent,
                deliver_by,
                by,
                ..
            } => {
                self.judge_first(offer.contact, by.is_some());
                self.offered(offer.contact, offer.number, *agent, *deliver_by);
            }
            Event::OfferDelivered { offer, answer_by } => {
                let known = self.known(offer.contact);
                let Place::Offered { agent, number, .. } = known.place else {
                    panic!("only a live offer is delivered");
                };
                known.place = Place::Offered {
                    agent,
                    number,
                    until: *answer_by,
                };
            }
            Event::OfferAccepted {
                offer,
                agent,
                waited,
                within_target,
                ..
            } => {
                let promised = self.promised(&self.contacts[&offer.contact]);
                assert_eq!(*within_target, at <= promised, "a promise is kept or not");
                let known = self.known(offer.contact);
                let live = matches!(known.place, Place::Offered { agent: to, number, .. } if to == *agent && number == offer.number);
                assert!(live, "only the live offer is accepted, by its agent");
                assert_eq!(*waited, at - known.first_queued_at);
                known.cooling.clear();
                known.effort_permille = 0;
                (known.direct, known.owner_before) = (None, None);
                self.go(offer.contact, Place::Served(*agent));
            }
            Event::ContactPulled { contact, agent, .. } => {
                assert_eq!(
                    self.contacts[contact].place,
                    Place::Waiting,
                    "only a waiting contact is called"
                );
                let known = self.known(*contact);
                known.cooling.clear();
                known.effort_permille = 0;
                (known.direct, known.owner_before) = (None, None);
                self.go(*contact, Place::Served(*agent));
            }
            Event::OfferEnded {
                offer,
                agent,
                how,
                cooldown,
                ..
            } => {
                let known = self.known(offer.contact);
                let Place::Offered {
                    agent: to,
                    number,
                    until,
                } = known.place
                else {
                    panic!("only a live offer ends");
                };
                assert_eq!((to, number), (*agent, offer.number));
                if matches!(how, OfferEnd::Expired | OfferEnd::Undelivered) {
                    assert!(until <= at, "no offer ends before its time");
                }
                if !matches!(how, OfferEnd::Withdrawn(_)) && !known.is_meant_alone {
                    known.direct = None;
                }
                if cooldown.is_some() {
                    known.cooling.insert(*agent);
                }
                self.go(offer.contact, Place::Nowhere);
            }
            Event::CooldownLifted { contact, agent } => {
                self.known(*contact).cooling.remove(agent);
            }
            Event::ContactReturned {
                contact,
                agent,
                why,
                cooldown,
                ..
            } => {
                if why.is_transfer() {
                    self.learn(*contact, *agent, false);
                }
                self.is_idle_from(*agent, at);
                let known = self.known(*contact);
                let parked = matches!(known.place, Place::Parked { agent: of, .. } if of == *agent);
                assert!(parked || known.place == Place::Served(*agent));
                match why {
                    Return::CallbackFailed { .. } => {
                        let attempts = known.callback.as_mut().expect("a callback fails");
                        attempts.1 += 1;
                        known.first = known.first.map(|_| CustomerFirst::Waits);
                        assert!(attempts.1 < 3, "there are only so many attempts");
                    }
                    Return::NoShow { boost } => {
                        assert!(*boost <= known.boost, "nobody comes forward by not coming");
                        known.boost = *boost;
                    }
                    Return::TransferredAnew { .. } => {
                        (known.first_queued_at, known.step) = (at, 0);
                        known.strayed = true;
                    }
                    Return::Woken => known.owner_before = Some(*agent),
                    Return::Transferred { .. } | Return::AgentLost | Return::Requeued { .. } => {}
                }
                if cooldown.is_some() {
                    known.cooling.insert(*agent);
                }
                self.go(*contact, Place::Nowhere);
            }
            Event::CallbackRequested {
                contact,
                queue,
                phone,
                customer_first,
                ..
            } => {
                self.call_back(*contact, *queue, phone);
                self.known(*contact).first = customer_first.then_some(CustomerFirst::Waits);
            }
            Event::CallbackDialled {
                contact,
                agent,
                attempt,
                until,
                ..
            } => self.dialled(*contact, *agent, *attempt, *until),
            Event::CallbackAnswered {
                contact, reserved, ..
            } => self.picked_up(*contact, *reserved),
            Event::CallbackMissed {
                contact, attempts, ..
            } => self.rung_out(*contact, *attempts),
            Event::ContactRecalled { contact, agent, .. } => {
                assert_eq!(self.contacts[contact].place, Place::Served(*agent));
            }
            Event::WrapUpStarted {
                contact,
                agent,
                until,
                ..
            } => {
                assert_eq!(self.contacts[contact].place, Place::Served(*agent));
                self.go(*contact, Place::WrapUp(*agent, *until));
            }
            Event::WrapUpExtended {
                contact,
                agent,
                until,
            } => self.go(*contact, Place::WrapUp(*agent, *until)),
            Event::ContactClosed {
                contact,
                how,
                agent,
                outcome,
                ended_by,
                ..
            } => {
                if *how == Final::Abandoned && *ended_by == EndedBy::Customer {
                    let known = &self.contacts[contact];
                    let is_on_the_line = known.first == Some(CustomerFirst::Answered);
                    assert!(
                        known.callback.is_none() || is_on_the_line,
                        "hanging up ends no callback"
                    );
                }
                if *how == Final::Deflected && !self.deflects(*contact, outcome.as_ref()) {
                    let from = self.diverted(*contact).unwrap();
                    let text = outcome.clone().unwrap();
                    let full = self.is_full(from, self.contacts[contact].channel)
                        && from.overflow.when_full == WhenFull::Deflect(text.clone());
                    let closed = from.when_closed == WhenClosed::Deflect(text);
                    assert!(closed || full, "only by a rule");
                }
                if let (Final::Completed, Some(agent)) = (how, agent) {
                    let resolved = *outcome != Some(Text::from("unresolved"));
                    self.learn(*contact, *agent, resolved);
                }
                if let Some(agent) = agent {
                    self.is_idle_from(*agent, at);
                }
                self.known(*contact).cooling.clear();
                self.go(*contact, Place::Closed(*how));
            }
            Event::AgentConnected { agent, session } => {
                let desk = self.desks.entry(*agent).or_default();
                (desk.session, desk.away) = (Some(*session), false);
            }
            Event::AgentLost { agent, .. } => {
                let desk = self.desks.entry(*agent).or_default();
                (desk.session, desk.away) = (None, true);
            }
            Event::AgentGone { agent } => {
                let desk = self.desks.entry(*agent).or_default();
                (desk.session, desk.away) = (None, false);
            }
            Event::AgentIntended { agent, intent, .. } => {
                let desk = self.desks.entry(*agent).or_default();
                let ready = *intent == Intent::Ready;
                if ready && !desk.ready {
                    desk.idle_since = at;
                }
                desk.ready = ready;
            }
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                ..
            } => {
                let desk = self.desks.entry(*agent).or_default();
                if *health == Health::Ok {
                    desk.unhealthy.remove(channel);
                } else {
                    desk.unhealthy.insert(*channel);
                }
            }
            Event::QueuePaused { queue, .. } => {
                self.paused
                    .insert(self.registry.queues.name(*queue).clone());
            }
            Event::QueueResumed { queue, .. } => {
                self.paused.remove(self.registry.queues.name(*queue));
            }
            Event::QueueOpened { queue, until } => self.turn(*queue, true, *until),
            Event::QueueClosed { queue, until } => self.turn(*queue, false, *until),
            Event::ContactHeld { contact, agent, by } => {
                self.held_or_not(*contact, *agent, *by, true);
            }
            Event::ContactUnheld { contact, agent, by } => {
                self.held_or_not(*contact, *agent, *by, false);
            }
            Event::ContactParked {
                contact,
                agent,
                until,
            } => {
                let known = self.known(*contact);
                assert!(matches!(known.channel, Channel::App | Channel::Wechat));
                assert_eq!(known.place, Place::Served(*agent));
                let (agent, until, woken) = (*agent, *until, false);
                self.go(
                    *contact,
                    Place::Parked {
                        agent,
                        until,
                        woken,
                    },
                );
            }
            Event::ContactWoken {
                contact,
                agent,
                until,
            } => {
                let known = self.known(*contact);
                let asleep = matches!(known.place, Place::Parked { agent: of, woken: false, .. } if of == *agent);
                assert!(asleep, "only what is parked wakes, and once");
                let (agent, until, woken) = (*agent, *until, true);
                self.go(
                    *contact,
                    Place::Parked {
                        agent,
                        until,
                        woken,
                    },
                );
            }
            Event::ContactUnparked {
                contact,
                agent,
                rest_until,
            } => self.taken_up(*contact, *agent, *rest_until),
            Event::AgentRested { agent } => {
                let desk = self.desks.entry(*agent).or_default();
                assert!(desk.rest_until.take().is_some_and(|until| until <= at));
            }
            Event::ConsultOffered {
                offer,
                agent,
                by,
                deliver_by,
                ..
            } => self.help_asked(offer.contact, offer.number, (*by, *agent), *deliver_by),
            Event::ConsultDelivered { offer, answer_by } => {
                self.consult_of(offer.contact).until = Some(*answer_by);
            }
            Event::ConsultAccepted { offer, agent, .. } => {
                let consult = self.consult_of(offer.contact);
                assert_eq!((consult.agent, consult.number), (*agent, offer.number));
                assert!(consult.until.take().is_some(), "an offer is accepted once");
            }
            Event::ConferenceBegun { contact, agent } => {
                let consult = self.consult_of(*contact);
                assert_eq!((consult.agent, consult.until), (*agent, None));
                consult.conference = true;
            }
            Event::ConsultEnded {
                offer, agent, how, ..
            } => {
                let consult = *self.consult_of(offer.contact);
                assert_eq!((consult.agent, consult.number), (*agent, offer.number));
                let offered = matches!(how, ConsultEnd::Unanswered(_));
                assert_eq!(consult.until.is_some(), offered);
                if let ConsultEnd::Unanswered(OfferEnd::Expired | OfferEnd::Undelivered) = how {
                    assert!(consult.until.is_some_and(|until| until <= at), "early");
                }
                self.known(offer.contact).consult = None;
            }
            Event::ContactHandedOver {
                contact,
                from,
                agent,
                why,
                ..
            } => {
                if matches!(why, Return::Transferred { .. }) {
                    self.learn(*contact, *from, false);
                }
                let consult = *self.consult_of(*contact);
                assert_eq!((consult.agent, consult.until), (*agent, None));
                let lost = *why == Return::AgentLost;
                assert!(
                    !lost || consult.conference,
                    "only a conference outlives its agent"
                );
                self.is_idle_from(*from, at);
                let known = self.known(*contact);
                assert_eq!(known.place, Place::Served(*from));
                known.consult = None;
                known.effort_permille = 0;
                self.go(*contact, Place::Served(*agent));
            }
            Event::MessageSent { contact, from, .. } => self.wrote(*contact, *from),
            Event::ResponseLate {
                contact,
                agent,
                since,
                ..
            } => self.response_late(*contact, *agent, *since),
            Event::WaitReviewed { .. }
            | Event::ResponseGiven { .. }
            | Event::ContactShown { .. }
            | Event::MessageRelayed { .. }
            | Event::CooldownKept { .. }
            | Event::AgentResynced { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. } => {}
        }
    }

    /// Once, or at its intervals until the answer; for its tiers.
    fn escalated(&mut self, contact: ContactId, name: &Name, at: Timestamp) {
        let known = self.contacts[&contact].clone();
        let waits = matches!(known.place, Place::Waiting | Place::Offered { .. });
        assert!(waits, "rules fire while a contact waits");
        let rules = &self.queues[&known.queue].escalations;
        let rule = rules.iter().find(|rule| rule.name == *name);
        let rule = rule.expect("a rule of its queue").clone();
        assert!(
            rule.tiers.is_empty() || rule.tiers.contains(&known.tier),
            "a rule fires for its tiers"
        );
        let fired = &mut self.known(contact).fired;
        let times = fired.entry((known.queue, name.clone())).or_default();
        if let Some(last) = times.last() {
            // A reload may have given the rule another interval.
            assert!(
                at - *last >= Millis::from_s(10),
                "a rule fires again at its interval"
            );
            assert!(times.len() <= 4, "and not for ever");
            assert!(
                known.answered_at.is_none_or(|answered| answered <= *last),
                "and not after the answer"
            );
        }
        times.push(at);
    }

    /// A rule of its queue that has fired turns the contact away with these words.
    fn deflects(&self, contact: ContactId, words: Option<&Text>) -> bool {
        let known = &self.contacts[&contact];
        let rules = self.queues[&known.queue].escalations.iter();
        let fired = |rule: &&EscalationRule| {
            let key = (known.queue.clone(), rule.name.clone());
            known.fired.contains_key(&key)
        };
        let mut actions = rules.filter(fired).flat_map(|rule| &rule.actions);
        actions.any(|action| matches!(action, Action::Deflect(text) if Some(text) == words))
    }

    fn go(&mut self, contact: ContactId, next: Place) {
        let at = self.at;
        let known = self.known(contact);
        assert!(
            known.consult.is_none() || matches!(next, Place::Served(_)),
            "nobody helps with what nobody serves"
        );
        assert!(
            !matches!(known.place, Place::Closed(_)),
            "what is closed stays closed"
        );
        known.has_stood |= next != Place::Nowhere;
        let goes_on = matches!(next, Place::WrapUp(..));
        known.interrupted &= goes_on;
        if !matches!(next, Place::Served(_) | Place::Parked { .. }) {
            known.owed = None;
        }
        known.place = next;
        if let Place::Closed(_) = known.place {
            known.first = None;
            known.reserved = false;
        }
        if let Place::Served(_) = known.place {
            known.answered_at = Some(at);
            known.first = known.first.map(|_| CustomerFirst::Answered);
            known.reserved = false;
        }
    }

    fn offered(&mut self, contact: ContactId, number: u32, agent: AgentKey, until: Timestamp) {
        let desk = &self.desks[&agent];
        assert!(
            desk.session.is_some() && desk.ready,
            "offers go to those who are connected and ready"
        );
        let known = &self.contacts[&contact];
        let free = matches!(
            known.place,
            Place::Nowhere | Place::Waiting | Place::Scheduled(_)
        );
        assert!(free, "at most one live offer: {:?}", known.place);
        assert_eq!(number, known.offers + 1, "offers are numbered");
        if self.judge_order {
            assert!(
                self.may_serve(known, agent),
                "{contact} is offered to {agent:?}, who may not take it"
            );
            self.judge(contact, agent);
            self.judge_overtaking(contact, agent);
            if self.sought_agent {
                self.judge_agent(contact, agent);
            }
        }
        self.turns += 1;
        self.desks.get_mut(&agent).unwrap().last_turn = self.turns;
        let known = self.known(contact);
        known.offers = number;
        known.has_stood = true;
        known.place = Place::Offered {
            agent,
            number,
            until,
        };
    }

    /// A queue opens or closes, as its timetable says.
    fn turn(&mut self, queue: QueueKey, open: bool, until: Option<Timestamp>) {
        let queue = self.registry.queues.name(queue).clone();
        match self.hours(&queue) {
            Some(hours) => {
                assert_eq!(open, hours.is_open(self.at), "{queue} keeps its hours");
                assert!(until > Some(self.at), "and says until when");
            }
            None => assert!(open && until.is_none(), "{queue} is always open"),
        }
        if open {
            self.closed.remove(&queue);
        } else {
            self.closed.insert(queue);
        }
        // It concerns all who wait there at once.
        self.judge_order = false;
    }

    fn note_channel(&mut self, queue: &Name, channel: Channel) {
        if self.options.as_ref().unwrap().channels.get(channel).max == 1 {
            self.whole.insert(queue.clone());
        }
    }

    /// One open callback for each number and queue.
    fn call_back(&mut self, contact: ContactId, queue: QueueKey, phone: &Text) {
        let queue = self.registry.queues.name(queue).clone();
        let open = self.contacts.values().filter(|known| {
            let calls = known.callback.as_ref();
            calls.is_some_and(|(number, _)| number == phone)
                && !matches!(known.place, Place::Closed(_))
        });
        for known in open {
            assert_ne!(known.queue, queue, "{phone} is called once");
        }
        let known = self.known(contact);
        assert_eq!(known.queue, queue);
        known.callback = Some((phone.clone(), 0));
    }
}

fn hurries(queue: &QueueOptions) -> bool {
    queue
        .escalations
        .iter()
        .any(|rule| rule.actions.contains(&Action::NextStep))
}
