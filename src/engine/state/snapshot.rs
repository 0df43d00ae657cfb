//! The whole state as bytes, and back.
//!
//! Only what follows from events is written; every index is rebuilt from it, so a snapshot cannot
//! contradict itself.

use std::collections::VecDeque;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::{Channel, Name, Text, Timestamp};
use crate::engine::options::{Options, QueueOptions};
use crate::engine::state::agent::{Agent, Health, Session};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::deadline::{ContactRef, Reason};
use crate::engine::state::handle_time::HandleTime;
use crate::engine::state::learn::{Learned, LoreState};
use crate::engine::state::queue::{Queue, QueueRules};
use crate::engine::state::registry::{AgentKey, KnownNames, QueueKey, Registry};
use crate::engine::state::untold::Untold;
use crate::engine::{Engine, Request};

/// Agents and contacts are borrowed for writing, and owned after reading.
#[derive(minicbor::Encode, minicbor::Decode)]
struct Snapshot<Agents, Contacts> {
    #[n(0)]
    seq: u64,
    #[n(1)]
    last_at: Timestamp,
    #[n(2)]
    options: Option<Options>,
    /// Names in the order of their keys.
    #[n(3)]
    agents_known: Vec<Name>,
    #[n(4)]
    queues_known: Vec<Name>,
    #[n(5)]
    tiers_known: Vec<Name>,
    #[n(6)]
    skills_known: Vec<Name>,
    #[n(7)]
    topics_known: Vec<Name>,
    #[n(8)]
    agents: Agents,
    #[n(9)]
    queues: Vec<QueueState>,
    /// In the order of arrival.
    #[n(10)]
    contacts: Contacts,
    #[n(11)]
    requests: Vec<Request>,
    /// In the order of events.
    #[n(12)]
    untold: VecDeque<Untold>,
    #[n(13)]
    learned: Vec<LoreState>,
    #[n(14)]
    arrivals: u64,
    #[n(15)]
    closed_number: u64,
    #[n(16)]
    filed_upto: u64,
    #[n(17)]
    turns: u64,
}

#[derive(minicbor::Encode, minicbor::Decode)]
struct QueueState {
    #[n(0)]
    paused_by: Option<Text>,
    #[n(1)]
    closed: bool,
    #[n(2)]
    changes_at: Option<Timestamp>,
    #[n(3)]
    is_exclusive: bool,
    #[n(4)]
    length_seen: u64,
    #[n(5)]
    handle_time: HandleTime,
    /// For a queue removed from the configuration: its last rules.
    #[n(6)]
    vanished: Option<QueueOptions>,
}

impl Engine {
    /// The whole state.
    pub fn snapshot(&self) -> Vec<u8> {
        let contacts = self.contacts.after(0).map(|(_, contact)| contact);
        let requests = self
            .request_ages
            .iter()
            .filter_map(|(_, key)| self.requests.get(key).copied());
        let snapshot = Snapshot {
            seq: self.seq,
            last_at: self.last_at,
            options: self.options.as_deref().cloned(),
            agents_known: self.registry.agents.all().to_vec(),
            queues_known: self.registry.queues.all().to_vec(),
            tiers_known: self.registry.tiers.all().to_vec(),
            skills_known: self.registry.skills.all().to_vec(),
            agents: &self.agents,
            queues: self
                .queues
                .iter()
                .zip(&self.rules)
                .map(|(queue, rules)| QueueState {
                    paused_by: queue.paused_by.clone(),
                    closed: queue.closed,
                    changes_at: queue.changes_at,
                    is_exclusive: queue.is_exclusive,
                    length_seen: queue.length_seen,
                    handle_time: queue.handle_time,
                    vanished: (!rules.configured).then(|| rules.options.clone()),
                })
                .collect(),
            contacts: contacts.collect::<Vec<&Contact>>(),
            requests: requests.collect(),
            arrivals: self.arrivals,
            closed_number: self.closed_number,
            filed_upto: self.filed_upto,
            turns: self.turns,
            topics_known: self.registry.topics.all().to_vec(),
            learned: self.learned.write(),
            untold: self.untold.clone(),
        };
        minicbor::to_vec(snapshot).expect("writing to memory cannot fail")
    }

    /// A fingerprint of the whole state: equal for equal histories.
    pub fn state_hash(&self) -> [u8; 32] {
        Self::hash_of(&self.snapshot())
    }

    /// The fingerprint of the state that `snapshot` was written from.
    pub fn hash_of(snapshot: &[u8]) -> [u8; 32] {
        Sha256::digest(snapshot).into()
    }

    /// The engine that wrote `bytes`.
    pub fn restore(bytes: &[u8]) -> Result<Self, String> {
        let snapshot: Snapshot<Vec<Agent>, Vec<Box<Contact>>> =
            minicbor::decode(bytes).map_err(|error| error.to_string())?;
        let mut engine = Self {
            seq: snapshot.seq,
            last_at: snapshot.last_at,
            arrivals: snapshot.arrivals,
            closed_number: snapshot.closed_number,
            filed_upto: snapshot.filed_upto,
            turns: snapshot.turns,
            untold: snapshot.untold,
            registry: Registry::restore(KnownNames {
                agents: &snapshot.agents_known,
                queues: &snapshot.queues_known,
                tiers: &snapshot.tiers_known,
                skills: &snapshot.skills_known,
                topics: &snapshot.topics_known,
            }),
            learned: Learned::restore(snapshot.learned),
            ..Self::default()
        };
        for queue in &snapshot.queues {
            engine.queues.push(Queue {
                paused_by: queue.paused_by.clone(),
                handle_time: queue.handle_time,
                is_exclusive: queue.is_exclusive,
                length_seen: queue.length_seen,
                ..Queue::default()
            });
        }
        for (index, queue) in (0..).zip(&snapshot.queues) {
            engine.opened(QueueKey(index), !queue.closed, queue.changes_at);
        }
        engine.restore_rules(&snapshot.queues, snapshot.options.as_ref())?;
        engine.agents = snapshot.agents;
        if let Some(options) = snapshot.options {
            engine.configure(&Arc::new(options));
        }
        engine.arm_agents();
        for request in snapshot.requests {
            engine.request_ages.push_back((request.at, request.key.key));
            engine.requests.insert(request.key.key, request);
        }
        // Filling hands again must not count as attention.
        let attentions: Vec<_> = engine.agents.iter().map(|agent| agent.attention).collect();
        engine.restore_contacts(snapshot.contacts);
        engine.settle();
        for (agent, attention) in engine.agents.iter_mut().zip(attentions) {
            agent.attention = attention;
        }
        Ok(engine)
    }

    /// Rules by key: those of removed queues from the snapshot, the others compiled from the
    /// configuration.
    fn restore_rules(
        &mut self,
        queues: &[QueueState],
        options: Option<&Options>,
    ) -> Result<(), String> {
        let names = self.registry.queues.all().to_vec();
        for ((index, state), name) in (0..).zip(queues).zip(&names) {
            let configured = options.and_then(|options| options.queue(name));
            let rules = state.vanished.as_ref().or(configured);
            let rules = rules.ok_or_else(|| format!("no rules of queue {name}"))?;
            self.rules
                .push(QueueRules::new(rules, QueueKey(index), &self.registry));
        }
        Ok(())
    }

    fn arm_agents(&mut self) {
        for index in 0..self.agents.len() {
            let (key, agent) = (AgentKey::from(index), &self.agents[index]);
            if let Session::Grace { until } = agent.session {
                self.deadlines.arm(until, Reason::Grace(key));
            }
            if let Some(until) = agent.rest_until {
                self.deadlines.arm(until, Reason::Rest(key));
            }
            if let Some(at) = agent.ends_checked_at {
                self.deadlines.arm(at, Reason::Unended(key));
            }
            for channel in Channel::ALL {
                if let Health::CoolingDown { until, .. } = *agent.health.get(channel) {
                    self.deadlines.arm(until, Reason::Health(key, channel));
                }
            }
        }
    }

    #[expect(clippy::vec_box, reason = "each stays in its box")]
    fn restore_contacts(&mut self, contacts: Vec<Box<Contact>>) {
        let mut closed = Vec::new();
        for contact in contacts {
            let missed = contact.missed.clone();
            let slot = self.contacts.insert_boxed(contact);
            self.index(slot);
            let contact = &self.contacts[slot];
            self.queues[contact.labels.queue.index()].reserved +=
                u32::from(contact.escalated.is_reserved);
            let who = ContactRef::of(contact, slot);
            if let Stage::Closed(closing) = &contact.stage {
                closed.push((closing.number, slot));
                continue;
            }
            self.index_callback(slot);
            for cooldown in &missed.cooldowns {
                if cooldown.is_running() {
                    self.deadlines
                        .arm(cooldown.until, Reason::Cooldown(who, cooldown.agent));
                }
                if let Some(lift_at) = cooldown.lift_at {
                    self.deadlines
                        .arm(lift_at, Reason::Lift(who, cooldown.agent));
                }
            }
        }
        closed.sort_unstable();
        self.closed = closed.into_iter().map(|(_, slot)| slot).collect();
    }
}
