//! What must be true, worked out the slow way from the events alone.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::domain::{
    Channel, ContactId, Millis, Name, Recognition, Requirements, Text, Timestamp,
};
use switchboard::engine::agent::{Health, Intent};
use switchboard::engine::contact::Final;
use switchboard::engine::event::{Event, OfferEnd, Recorded, Return};
use switchboard::engine::options::{Action, Options, QueueOptions};
use switchboard::engine::registry::{AgentKey, Registry};

use super::lore::{Lore, share};

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
    pub channel: Channel,
    pub requires: Requirements,
    pub topic: Option<Name>,
    pub recognition: Recognition,
    /// Undivided attention since it was accepted, in thousandths of a millisecond.
    pub effort_permille: i64,
    pub queue: Name,
    pub tier: Name,
    pub step: usize,
    pub boost: Millis,
    pub first_queued_at: Timestamp,
    pub arrival: u64,
    pub direct: Option<AgentKey>,
    pub cooling: BTreeSet<AgentKey>,
    pub offers: u32,
    /// Supervisors were told that nobody could ever take it.
    pub unroutable: bool,
    /// Under how manyth configuration it arrived.
    pub configuration: u64,
    /// Somebody has taken it to another queue, past the rules.
    pub strayed: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Desk {
    pub session: Option<u64>,
    pub ready: bool,
    pub unhealthy: BTreeSet<Channel>,
    pub idle_since: Timestamp,
    pub last_turn: u64,
    told: u64,
}

/// Follows the events; panics when a promise is broken.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    pub contacts: BTreeMap<ContactId, Known>,
    pub desks: BTreeMap<AgentKey, Desk>,
    pub registry: Registry,
    pub paused: BTreeSet<Name>,
    /// The last configuration that knew a queue, for those that drain.
    pub queues: BTreeMap<Name, QueueOptions>,
    pub options: Option<Options>,
    pub lore: Lore,
    /// Queues that have had contacts of which an agent serves one at a time.
    pub whole: BTreeSet<Name>,
    pub configuration: u64,
    turns: u64,
    /// The contact whose rule has just fired.
    fired: Option<ContactId>,
    seq: u64,
    pub at: Timestamp,
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
                known.strayed |= known.queue != queue;
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
                ..
            } => {
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
                if matches!(why, Return::Transferred { .. }) {
                    self.learn(*contact, *agent, false);
                }
                self.is_idle_from(*agent, at);
                let known = self.known(*contact);
                assert_eq!(known.place, Place::Served(*agent));
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
            (self.due(id) - self.fit(known, agent), known.arrival)
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

    /// Time passes for whoever is served.
    fn work(&mut self, span: Millis) {
        let mut hands: BTreeMap<AgentKey, usize> = BTreeMap::new();
        let at_work = |place: &Place| match place {
            Place::Served(agent) | Place::WrapUp(agent, _) => Some(*agent),
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Offered { .. }
            | Place::Closed(_) => None,
        };
        for known in self.contacts.values() {
            if let Some(agent) = at_work(&known.place) {
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

    fn note_channel(&mut self, queue: &Name, channel: Channel) {
        if self.options.as_ref().unwrap().channels.get(channel).max == 1 {
            self.whole.insert(queue.clone());
        }
    }

    /// What must hold when a step is over.
    pub(super) fn judge_state(&self) {
        let options = self.options.as_ref().unwrap();
        for (id, known) in &self.contacts {
            assert_ne!(known.place, Place::Nowhere, "{id} stands somewhere");
            if matches!(known.place, Place::Waiting | Place::Scheduled(_)) {
                assert_ne!(
                    known.unroutable,
                    self.could_ever(known),
                    "{id} is told to be unroutable exactly when nobody could ever take it"
                );
            }
            if known.place != Place::Waiting {
                continue;
            }
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
            let used: u32 = self
                .held(*key)
                .map(|known| options.cost(known.channel))
                .sum();
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
