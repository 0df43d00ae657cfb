//! What must be true, worked out the slow way from the events alone.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::domain::{
    Channel, ContactId, Millis, Name, Recognition, Requirements, Text, Timestamp,
};
use switchboard::engine::agent::{Health, Intent};
use switchboard::engine::contact::{EndedBy, Final};
use switchboard::engine::event::{Event, OfferEnd, Recorded, Return};
use switchboard::engine::options::{Action, Options, QueueOptions, WhenClosed, WhenFull};
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
    pub(super) cooling: BTreeSet<AgentKey>,
    pub(super) offers: u32,
    /// Supervisors were told that nobody could ever take it.
    pub(super) unroutable: bool,
    /// Under how manyth configuration it arrived.
    pub(super) configuration: u64,
    /// Somebody has taken it to another queue, past the rules.
    pub(super) strayed: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Desk {
    pub session: Option<u64>,
    pub ready: bool,
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
    turns: u64,
    /// The contact whose rule has just fired.
    fired: Option<ContactId>,
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    /// The order is judged where one agent or one contact asked for it.
    pub judge_order: bool,
    /// The offer that comes next was made by a contact that looked for an agent.
    pub sought_agent: bool,
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
                    cooling: BTreeSet::new(),
                    offers: 0,
                    unroutable: false,
                    configuration: self.configuration,
                    strayed: false,
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
                assert!(due || hurried, "no step before its time");
                known.step = *step as usize;
            }
            Event::EscalationFired { contact, boost, .. } => self.known(*contact).boost = *boost,
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
                known.direct = None;
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
                known.direct = None;
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
                if matches!(why, Return::Transferred { .. }) {
                    self.learn(*contact, *agent, false);
                }
                self.is_idle_from(*agent, at);
                let known = self.known(*contact);
                assert_eq!(known.place, Place::Served(*agent));
                match why {
                    Return::CallbackFailed { .. } => {
                        let attempts = known.callback.as_mut().expect("a callback fails");
                        attempts.1 += 1;
                        assert!(attempts.1 < 3, "there are only so many attempts");
                    }
                    Return::NoShow { boost } => {
                        assert!(*boost <= known.boost, "nobody comes forward by not coming");
                        known.boost = *boost;
                    }
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
                ..
            } => self.call_back(*contact, *queue, phone),
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
                    assert!(known.callback.is_none(), "hanging up ends no callback");
                }
                if *how == Final::Deflected {
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
                self.desks.entry(*agent).or_default().session = Some(*session);
            }
            Event::AgentLost { agent, .. } | Event::AgentGone { agent } => {
                self.desks.entry(*agent).or_default().session = None;
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
            Event::WaitReviewed { .. }
            | Event::CooldownKept { .. }
            | Event::MessageSent { .. }
            | Event::AgentResynced { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. } => {}
        }
    }

    fn go(&mut self, contact: ContactId, next: Place) {
        let known = self.known(contact);
        assert!(
            !matches!(known.place, Place::Closed(_)),
            "what is closed stays closed"
        );
        known.has_stood |= next != Place::Nowhere;
        known.place = next;
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
