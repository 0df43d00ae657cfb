//! What must be true, worked out the slow way from the events alone.

mod room;
mod serving;

use std::collections::{BTreeMap, BTreeSet};

use switchboard::domain::{
    Channel, ContactId, Millis, Name, Recognition, Requirements, Text, Timestamp,
};
use switchboard::engine::agent::{Health, Intent};
use switchboard::engine::contact::Final;
use switchboard::engine::event::{ConsultEnd, Event, OfferEnd, Recorded, Return};
use switchboard::engine::options::{Action, AgentOptions, Options, QueueOptions};
use switchboard::engine::registry::{AgentKey, Registry};

use super::lore::{Grade, Lore, Subject, share};

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
    channel: Channel,
    requires: Requirements,
    topic: Option<Name>,
    recognition: Recognition,
    /// Undivided attention since it was accepted, in thousandths of a millisecond.
    effort_permille: i64,
    queue: Name,
    tier: Name,
    step: usize,
    boost: Millis,
    first_queued_at: Timestamp,
    arrival: u64,
    direct: Option<AgentKey>,
    owner_before: Option<AgentKey>,
    cooling: BTreeSet<AgentKey>,
    offers: u32,
    /// When each rule has fired.
    fired: BTreeMap<(Name, Name), Vec<Timestamp>>,
    troubled: BTreeSet<(Name, Name)>,
    answered_at: Option<Timestamp>,
    /// Agents of these queues may serve it, too.
    also: Vec<Name>,
    reserved: bool,
    pub consult: Option<Consult>,
    interrupted: bool,
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
    away: bool,
    unhealthy: BTreeSet<Channel>,
    told: u64,
    rest_until: Option<Timestamp>,
}

/// Follows the events; panics when a promise is broken.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    pub contacts: BTreeMap<ContactId, Known>,
    pub desks: BTreeMap<AgentKey, Desk>,
    pub registry: Registry,
    paused: BTreeSet<Name>,
    /// The last configuration that knew a queue, for those that drain.
    queues: BTreeMap<Name, QueueOptions>,
    options: Option<Options>,
    lore: Lore,
    seq: u64,
    at: Timestamp,
    /// The order is judged where one agent or one contact asked for it.
    pub judge_order: bool,
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
        self.follow(recorded.at, &recorded.event);
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
                    owner_before: None,
                    cooling: BTreeSet::new(),
                    offers: 0,
                    fired: BTreeMap::new(),
                    troubled: BTreeSet::new(),
                    answered_at: None,
                    also: Vec::new(),
                    reserved: false,
                    consult: None,
                    interrupted: false,
                };
                assert!(
                    self.contacts.insert(*contact, known).is_none(),
                    "a contact arrives once"
                );
            }
            Event::ContactScheduled { contact, until } => {
                self.go(*contact, Place::Scheduled(*until))
            }
            Event::ContactQueued {
                contact,
                queue,
                step,
                direct,
                due,
                ..
            } => {
                let queue = self.registry.queues.name(*queue).clone();
                self.go(*contact, Place::Waiting);
                let known = self.known(*contact);
                (known.queue, known.step, known.direct) = (queue, *step as usize, *direct);
                let expected = self.due(*contact);
                assert_eq!(
                    *due, expected,
                    "due is first queued + target − head start − boosts"
                );
            }
            Event::ContactMoved {
                contact, labels, ..
            } => {
                let queue = self.registry.queues.name(labels.queue).clone();
                self.go(*contact, Place::Nowhere);
                let known = self.known(*contact);
                (known.queue, known.step, known.direct) = (queue, 0, None);
                known.also.clear();
                known.reserved = false;
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
                ..
            } => self.offered(offer.contact, offer.number, *agent, *deliver_by),
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
                ..
            } => {
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
                if !matches!(how, OfferEnd::Withdrawn(_)) {
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
                let known = self.known(*contact);
                let parked = matches!(known.place, Place::Parked { agent: of, .. } if of == *agent);
                assert!(parked || known.place == Place::Served(*agent));
                if matches!(why, Return::TransferredAnew { .. }) {
                    (known.first_queued_at, known.step) = (at, 0);
                }
                if *why == Return::Woken {
                    known.owner_before = Some(*agent);
                }
                if cooldown.is_some() {
                    known.cooling.insert(*agent);
                }
                self.go(*contact, Place::Nowhere);
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
                ..
            } => {
                if let (Final::Completed, Some(agent)) = (how, agent) {
                    let resolved = *outcome != Some(Text::from("unresolved"));
                    self.learn(*contact, *agent, resolved);
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
                self.desks.entry(*agent).or_default().ready = *intent == Intent::Ready;
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
            Event::ConsultAccepted { offer, agent } => {
                let consult = self.consult_of(offer.contact);
                assert_eq!((consult.agent, consult.number), (*agent, offer.number));
                assert!(consult.until.take().is_some(), "an offer is accepted once");
            }
            Event::ConferenceBegun { contact, agent } => {
                let consult = self.consult_of(*contact);
                assert_eq!((consult.agent, consult.until), (*agent, None));
                consult.conference = true;
            }
            Event::ConsultEnded { offer, agent, how } => {
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
                let known = self.known(*contact);
                assert_eq!(known.place, Place::Served(*from));
                known.consult = None;
                known.effort_permille = 0;
                self.go(*contact, Place::Served(*agent));
            }
            Event::WaitReviewed { .. }
            | Event::ContactShown { .. }
            | Event::MessageRelayed { .. }
            | Event::CooldownKept { .. }
            | Event::MessageSent { .. }
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
        let goes_on = matches!(next, Place::WrapUp(..));
        known.interrupted &= goes_on;
        known.place = next;
        if let Place::Closed(_) = known.place {
            known.reserved = false;
        }
        if let Place::Served(_) = known.place {
            known.answered_at = Some(at);
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
        }
        let known = self.known(contact);
        known.offers = number;
        known.place = Place::Offered {
            agent,
            number,
            until,
        };
    }

    /// Nobody whom this agent could take is due before.
    fn judge(&self, contact: ContactId, agent: AgentKey) {
        let turn = |id: ContactId| {
            let known = &self.contacts[&id];
            let fit = if known.reserved {
                Millis::ZERO
            } else {
                self.fit(known, agent)
            };
            (!known.reserved, self.due(id) - fit, known.arrival)
        };
        let own = turn(contact);
        for (id, known) in &self.contacts {
            let rival =
                *id != contact && known.place == Place::Waiting && self.may_serve(known, agent);
            assert!(
                !rival || turn(*id) > own,
                "{id} is due before {contact} for {agent:?}"
            );
        }
    }

    pub(super) fn due(&self, contact: ContactId) -> Timestamp {
        let known = &self.contacts[&contact];
        let options = self.options.as_ref().unwrap();
        let head_start = options
            .tiers
            .iter()
            .find(|tier| tier.name == known.tier)
            .map_or(Millis::ZERO, |tier| tier.head_start);
        known.first_queued_at + self.queues[&known.queue].target.answer_within
            - head_start
            - known.boost
    }

    fn agent(&self, agent: AgentKey) -> Option<&AgentOptions> {
        let name = self.registry.agents.name(agent);
        self.options
            .as_ref()
            .unwrap()
            .agents
            .iter()
            .find(|options| options.id == *name)
    }

    fn level(agent: &AgentOptions, skill: &Name) -> i64 {
        agent
            .skills
            .iter()
            .find(|(name, _)| *name == skill)
            .map_or(0, |(_, level)| i64::from(level.get()))
    }

    /// Time passes for whoever is served.
    fn work(&mut self, span: Millis) {
        let mut hands: BTreeMap<AgentKey, usize> = BTreeMap::new();
        let at_work = |place: &Place| match place {
            Place::Served(agent) | Place::WrapUp(agent, _) => Some(*agent),
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Offered { .. }
            | Place::Parked { .. }
            | Place::Closed(_) => None,
        };
        for known in self.contacts.values() {
            let joined = known.consult.filter(|consult| consult.until.is_none());
            let helper = joined.map(|consult| consult.agent);
            for agent in at_work(&known.place).into_iter().chain(helper) {
                *hands.entry(agent).or_default() += 1;
            }
        }
        for known in self.contacts.values_mut() {
            if let Some(agent) = at_work(&known.place) {
                known.effort_permille += share(hands[&agent], span);
            }
        }
    }

    fn learn(&mut self, contact: ContactId, agent: AgentKey, resolved: bool) {
        let known = self.contacts[&contact].clone();
        let Some(agent) = self.agent(agent) else {
            return;
        };
        let grade = self.grade(&known, agent);
        let subject = (self.subject(&known), known.channel);
        self.lore
            .learn(subject, grade, known.effort_permille, resolved);
    }

    fn subject(&self, known: &Known) -> Subject {
        let topic = known.topic.as_ref();
        let topic = topic.filter(|topic| self.registry.topics.key(topic.as_str()).is_some());
        topic.map_or_else(
            || Subject::Queue(known.queue.clone()),
            |topic| Subject::Topic(topic.clone()),
        )
    }

    /// Levels in the skills that the queue, at any step, or the contact asks for.
    fn grade(&self, known: &Known, agent: &AgentOptions) -> Grade {
        let queue = &self.queues[&known.queue];
        let steps = queue.steps.iter().filter_map(|step| step.requires.as_ref());
        let asked = steps.chain([&queue.requires, &known.requires]);
        let skills = asked.flat_map(|requires| requires.iter().map(|(skill, _)| skill));
        skills
            .filter_map(|skill| {
                let level = u8::try_from(Self::level(agent, skill)).unwrap();
                (level > 0).then(|| (skill.clone(), level))
            })
            .collect()
    }

    fn fit(&self, known: &Known, key: AgentKey) -> Millis {
        let (Some(agent), None) = (self.agent(key), known.direct) else {
            return Millis::ZERO;
        };
        let mut required: BTreeMap<Name, i64> = BTreeMap::new();
        for (skill, level) in self.queues[&known.queue]
            .requires
            .iter()
            .chain(known.requires.iter())
        {
            let entry = required.entry(skill.clone()).or_default();
            *entry = (*entry).max(i64::from(level.get()));
        }
        let count = i64::try_from(required.len().max(1)).unwrap();
        let permille: i64 = required
            .iter()
            .map(|(skill, level)| {
                ((Self::level(agent, skill) - level) * 1_000 / level).clamp(0, 1_000)
            })
            .sum();
        let specialist = self.options.as_ref().unwrap().specialist;
        let grade = self.grade(known, agent);
        let fit = self
            .lore
            .fit(self.subject(known), grade, permille / count, specialist);
        let knows = |name: &Option<Name>| name.as_ref() == Some(self.registry.agents.name(key));
        let affinity = if knows(&known.recognition.account_manager)
            || knows(&known.recognition.last_agent)
            || known.owner_before == Some(key)
        {
            Millis::from_s(25)
        } else {
            Millis::ZERO
        };
        (fit + affinity).min(specialist)
    }

    /// Whether this agent could be offered this contact now.
    fn may_serve(&self, known: &Known, key: AgentKey) -> bool {
        let Some(agent) = self.agent(key) else {
            return false;
        };
        let (desk, queue) = (&self.desks[&key], &self.queues[&known.queue]);
        let offered = !queue.pull && !self.paused.contains(&known.queue);
        let there =
            desk.session.is_some() && desk.ready && !desk.unhealthy.contains(&known.channel);
        let cooling = known.cooling.contains(&key);
        offered
            && there
            && !cooling
            && self.has_room(agent, key, known)
            && self.is_eligible(known, agent, key)
    }

    fn is_eligible(&self, known: &Known, agent: &AgentOptions, key: AgentKey) -> bool {
        if let Some(direct) = known.direct {
            return direct == key;
        }
        let queue = &self.queues[&known.queue];
        let has = |required: &Requirements| {
            required
                .iter()
                .all(|(skill, level)| Self::level(agent, skill) >= i64::from(level.get()))
        };
        let mut queues = vec![known.queue.clone()];
        let mut requires = queue.requires.clone();
        let mut rings = vec![(queues.clone(), requires.clone())];
        for step in &queue.steps[..known.step] {
            queues.extend(step.also_agents_of.iter().cloned());
            requires = step.requires.clone().unwrap_or(requires);
            rings.push((queues.clone(), requires.clone()));
        }
        rings.push((known.also.clone(), requires));
        has(&known.requires)
            && rings.iter().any(|(queues, requires)| {
                has(requires) && agent.queues.iter().any(|queue| queues.contains(queue))
            })
    }

    /// The step to which a contact goes on at once, because nobody of its own is there.
    fn skips_to(&self, known: &Known) -> Option<usize> {
        let there = |step: usize, or_away: bool| {
            let at = Known {
                step,
                ..known.clone()
            };
            let is_there = |desk: &Desk| desk.session.is_some() || (or_away && desk.away);
            self.desks.iter().any(|(key, desk)| {
                let agent = self.agent(*key);
                desk.ready
                    && is_there(desk)
                    && agent.is_some_and(|agent| self.is_eligible(&at, agent, *key))
            })
        };
        let steps = &self.queues[&known.queue].steps[known.step..];
        let skips = steps.iter().take_while(|step| step.skip_unstaffed).count();
        if skips == 0 || known.direct.is_some() || there(known.step, true) {
            return None;
        }
        (known.step + 1..=known.step + skips).find(|step| there(*step, false))
    }

    /// What must hold when a step is over.
    pub(super) fn judge_state(&self) {
        let options = self.options.as_ref().unwrap();
        for (id, known) in &self.contacts {
            assert_ne!(known.place, Place::Nowhere, "{id} stands somewhere");
            if let Place::Parked { agent, woken, .. } = known.place {
                assert!(
                    !woken || !self.could_take_up(known, agent),
                    "{id} waits for {agent:?}, who could take it up"
                );
            }
            if let Some(consult) = known.consult.filter(|consult| consult.until.is_some()) {
                let desk = &self.desks[&consult.agent];
                assert!(
                    desk.session.is_some() && desk.ready,
                    "{id} asks whoever left"
                );
            }
            if known.place != Place::Waiting {
                continue;
            }
            assert_eq!(self.skips_to(known), None, "{id} waits for nobody");
            for key in self.desks.keys() {
                assert!(
                    !self.may_serve(known, *key),
                    "{id} waits beside {key:?} who could take it"
                );
            }
        }
        for key in self.desks.keys() {
            let Some(agent) = self.agent(*key) else {
                continue;
            };
            let at_work = self
                .held(*key)
                .filter(|known| self.takes_capacity(known, *key));
            let used: u32 = at_work.map(|known| options.cost(known.channel)).sum();
            assert!(used <= agent.capacity, "{key:?} has more than fits");
        }
    }
}

fn hurries(queue: &QueueOptions) -> bool {
    queue
        .escalations
        .iter()
        .any(|rule| rule.actions.contains(&Action::NextStep))
}
