//! Views of the engine, made on demand.

mod contact;

use crate::domain::{Channel, ContactId, Name, PerChannel, Text, Timestamp};
use crate::engine::options::Interrupt;
use crate::engine::state::agent::{Agent, Intent, Session};
use crate::engine::state::contact::{Contact, ContactState, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::needs::missing;
use crate::engine::state::place::involved;
use crate::engine::state::pool::{GroupKey, Signature};
use crate::engine::state::queue::{Counts, Queue, QueueRules};
use crate::engine::state::registry::QueueKey;
use crate::engine::view::{AgentView, ContactView, QueueView};
use crate::engine::{Census, Engine};

/// How many contacts one page looks at: the routing loop is blocked meanwhile.
const LOOKED_AT_MAX: usize = 10_000;

/// Which contacts a page shows.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    pub state: Option<ContactState>,
    pub queue: Option<Name>,
    pub customer: Option<Text>,
    /// Only contacts that arrived after this one.
    pub after: Option<ContactId>,
    pub limit: usize,
}

/// One page of the contacts that match a filter.
#[derive(Clone, Debug, Default)]
pub struct ContactPage {
    pub views: Vec<ContactView>,
    /// The contact after which the next page begins; none on the last one. A page may end before
    /// its limit, because only a bounded number of contacts is looked at.
    pub next_after: Option<ContactId>,
}

/// One page of agents.
#[derive(Clone, Debug, Default)]
pub struct AgentPage {
    pub views: Vec<AgentView>,
    /// Where the next page begins; none on the last one.
    pub next: Option<usize>,
}

impl ContactFilter {
    fn wants_open(&self) -> bool {
        self.state.is_some_and(|state| !state.is_final())
    }
}

impl Engine {
    /// Contacts in the order of arrival, after `after`; none if that one is unknown or forgotten.
    pub fn contacts(&self, filter: &ContactFilter) -> Option<ContactPage> {
        let after = match filter.after {
            Some(id) => self.contact_at(self.contacts.slot(id)?).arrival,
            None => 0,
        };
        let contacts = &self.contacts;
        let mut page = ContactPage::default();
        let rest: &mut dyn Iterator<Item = (Slot, &Contact)> = match &filter.customer {
            Some(customer) => &mut contacts.of_customer(customer, after),
            None if filter.wants_open() => &mut contacts.open_after(after),
            None => &mut contacts.after(after),
        };
        let queue = filter.queue.as_ref();
        let queue = queue.map(|name| self.registry.queues.key(name.as_str()));
        let mut passed = None;
        for (looked_at, (slot, contact)) in rest.enumerate() {
            let fits = filter.state.is_none_or(|state| state == contact.state())
                && queue.is_none_or(|queue| queue == Some(contact.labels.queue));
            if (fits && page.views.len() == filter.limit) || looked_at == LOOKED_AT_MAX {
                page.next_after = passed;
                break;
            }
            if fits {
                page.views.push(self.contact_view(slot));
            }
            passed = Some(contact.id);
        }
        Some(page)
    }

    /// Open contacts of a customer, in the order of arrival.
    pub fn open_contacts_of_customer(&self, customer: &Text) -> Vec<ContactId> {
        let open = self.contacts.open_of_customer(customer);
        open.map(|contact| contact.id).collect()
    }

    /// What an agent has: offered, active and wrapped up, in order, then parked.
    pub fn contacts_of(&self, agent: &str) -> Vec<ContactView> {
        let Some(agent) = self.registry.agents.key(agent) else {
            return Vec::new();
        };
        let load = &self.agent_at(agent).load;
        let parked = load.parked.iter().map(|(_, slot)| *slot);
        let all = load.held.iter().copied().chain(parked);
        all.map(|slot| self.contact_view_for(slot, agent)).collect()
    }

    /// One of the agents that [`Self::agents`] returns.
    pub fn agent(&self, id: &str) -> Option<AgentView> {
        let agent = self.agent_at(self.registry.agents.key(id)?);
        is_shown(agent).then(|| self.agent_view(agent))
    }

    /// An agent that this site has or once had: one removed from the configuration can still be
    /// shown that, and what is done with an open desktop.
    pub fn agent_ever(&self, id: &str) -> Option<AgentView> {
        let agent = self.registry.agents.key(id)?;
        Some(self.agent_view(self.agent_at(agent)))
    }

    pub fn agents(&self) -> Vec<AgentView> {
        self.agents_from(0, usize::MAX).views
    }

    /// A range of all agents that there ever were.
    pub fn agents_from(&self, from: usize, at_most: usize) -> AgentPage {
        let rest = self.agents.get(from..).unwrap_or_default();
        let shown = rest.iter().take(at_most).filter(|agent| is_shown(agent));
        AgentPage {
            views: shown.map(|agent| self.agent_view(agent)).collect(),
            next: (rest.len() > at_most).then(|| from + at_most),
        }
    }

    fn agent_view(&self, agent: &Agent) -> AgentView {
        let options = self
            .pool
            .group_of(agent.key)
            .map(|group| &self.pool.group(group).signature);
        let id = self.registry.agents.name(agent.key).clone();
        let names = |queues: &Vec<QueueKey>| {
            queues
                .iter()
                .map(|queue| self.registry.queues.name(*queue).clone())
                .collect()
        };
        AgentView {
            label: agent.label.clone().unwrap_or_else(|| id.text()),
            id,
            intent: agent.intent.clone(),
            intent_by: agent.intent_by.clone(),
            session: agent.session,
            health: agent.health,
            strikes: agent.strikes,
            capacity: agent.load.capacity,
            capacity_used: agent.load.used - self.interrupted_cost(agent),
            queues: options
                .map(|signature| names(&signature.queues))
                .unwrap_or_default(),
            skills: options.map_or_else(Vec::new, |signature| {
                let skills = signature.skills.iter();
                skills
                    .map(|(skill, level)| (self.registry.skills.name(*skill).clone(), level.get()))
                    .collect()
            }),
            contacts: agent
                .load
                .held
                .iter()
                .map(|slot| self.contact_at(*slot).id)
                .collect(),
            parked: agent
                .load
                .parked
                .iter()
                .map(|(_, slot)| self.contact_at(*slot).id)
                .collect(),
            keeps_room_for: agent
                .load
                .keeps_room_for
                .map(|(slot, _)| self.contact_at(slot).id),
            idle_since: Some(agent.idle_since).filter(|since| *since > Timestamp::default()),
            told: agent.frames_sent,
        }
    }

    /// The cost of contacts that another one interrupts, which take no capacity meanwhile, and of
    /// those that accepting an open offer would interrupt.
    pub(in crate::engine) fn interrupted_cost(&self, agent: &Agent) -> u32 {
        let options = self.configuration();
        let interrupts = options.capacity.interrupts.unwrap_or_default();
        let held = || agent.load.held.iter().map(|slot| self.contact_at(*slot));
        let gives_way = |current: Channel| {
            let is_offered = |contact: &&Contact| {
                let holds = involved(&contact.stage);
                let mut holds = holds.iter();
                holds.any(|(holder, involvement)| *holder == agent.key && involvement.is_offer())
            };
            let mut offered = held().filter(is_offered);
            offered.any(|new| interrupts.of(new.labels.channel, current) == Interrupt::Hold)
        };
        let held_slots = agent.load.held.iter().copied();
        let interrupted = held_slots.filter(|slot| {
            let contact = self.contact_at(*slot);
            let own = contact.service();
            let own = own.filter(|service| service.agent == agent.key);
            own.is_some_and(|own| {
                // A wrap-up is not put on hold, but gives way all the same.
                let is_wrapped_up = matches!(contact.stage, Stage::WrapUp { .. });
                own.is_interrupted()
                    || gives_way(contact.labels.channel)
                    || (is_wrapped_up && self.is_held_up(*slot, agent.key))
            })
        });
        interrupted
            .map(|slot| options.cost(self.contact_at(slot).labels.channel))
            .sum()
    }

    /// One of the queues that [`Self::queues`] returns.
    pub fn queue(&self, id: &str) -> Option<QueueView> {
        let key = self.registry.queues.key(id)?;
        self.is_queue_shown(key).then(|| self.queue_view(key))
    }

    /// Configured queues, and removed ones that still drain.
    pub fn queues(&self) -> Vec<QueueView> {
        (0..self.queues.len())
            .map(QueueKey::from)
            .filter(|key| self.is_queue_shown(*key))
            .map(|key| self.queue_view(key))
            .collect()
    }

    fn is_queue_shown(&self, key: QueueKey) -> bool {
        self.rules[key.index()].configured || self.queues[key.index()].counts != Counts::default()
    }

    fn queue_view(&self, key: QueueKey) -> QueueView {
        let (queue, rules) = (&self.queues[key.index()], &self.rules[key.index()]);
        let sum = |counts: &PerChannel<u64>| counts.0.iter().sum();
        QueueView {
            id: rules.options.id.clone(),
            label: rules.options.label.clone(),
            paused: queue.is_paused(),
            paused_by: queue.paused_by.clone(),
            open: !queue.closed,
            changes_at: queue.changes_at,
            waiting: queue.counts.waiting(),
            waiting_per_channel: queue.counts.queued,
            offered: sum(&queue.counts.offered),
            active: sum(&queue.counts.active),
            parked: sum(&queue.counts.parked),
            wrap_up: sum(&queue.counts.wrap_up),
            longest_waiting_since: queue.longest_waiting_since(),
            staffed: u64::from(queue.staffed),
            available: self.available(queue, rules),
            answer_within: rules.options.target.answer_within,
        }
    }

    /// Agents with the skills that the queue or one of its steps requires; zero while nothing is
    /// offered.
    fn available(&self, queue: &Queue, rules: &QueueRules) -> u64 {
        if queue.is_paused() || queue.closed {
            return 0;
        }
        let could_take = |group: &&GroupKey| {
            let Signature { queues, skills, .. } = &self.pool.group(**group).signature;
            let mut rings = rules.rings_with(queues, &[], rules.last_step());
            rings.any(|ring| missing(skills, &ring.requires).is_none())
        };
        let groups = queue.groups.iter().filter(could_take);
        groups.map(|group| self.pool.available(*group)).sum()
    }

    /// Counts read from the indexes.
    pub fn census(&self) -> Census {
        let per_queue =
            |pick: fn(&Queue) -> PerChannel<u64>| self.queues.iter().map(pick).collect();
        let in_lines: u64 = self
            .needs
            .iter()
            .map(|(_, need)| need.line.len() as u64)
            .sum();
        let in_hands: u64 = self
            .agents
            .iter()
            .map(|agent| &agent.load)
            .map(|load| (load.held.len() + load.parked.len()) as u64 - u64::from(load.seconds))
            .sum();
        let scheduled: u64 = self
            .queues
            .iter()
            .map(|queue| queue.counts.scheduled.0.iter().sum::<u64>())
            .sum();
        let mut agents = [[0; 3]; 3];
        for agent in self.agents.iter().filter(|agent| is_shown(agent)) {
            agents[intent_index(&agent.intent)][session_index(agent.session)] += 1;
        }
        Census {
            scheduled: per_queue(|queue| queue.counts.scheduled),
            queued: per_queue(|queue| queue.counts.queued),
            offered: per_queue(|queue| queue.counts.offered),
            active: per_queue(|queue| queue.counts.active),
            parked: per_queue(|queue| queue.counts.parked),
            wrap_up: per_queue(|queue| queue.counts.wrap_up),
            open: in_lines + in_hands + scheduled,
            longest_waiting_since: self
                .queues
                .iter()
                .map(Queue::longest_waiting_since)
                .collect(),
            staffed: self
                .queues
                .iter()
                .map(|queue| u64::from(queue.staffed))
                .collect(),
            available: self
                .queues
                .iter()
                .zip(&self.rules)
                .map(|(queue, rules)| self.available(queue, rules))
                .collect(),
            agents,
        }
    }
}

/// An agent who is configured, or still has something to finish.
fn is_shown(agent: &Agent) -> bool {
    agent.configured || has_contacts(agent)
}

const fn intent_index(intent: &Intent) -> usize {
    match intent {
        Intent::NotReady { .. } => 0,
        Intent::Ready => 1,
        Intent::Draining { .. } => 2,
    }
}

const fn session_index(session: Session) -> usize {
    match session {
        Session::Gone => 0,
        Session::Connected { .. } => 1,
        Session::Grace { .. } => 2,
    }
}

/// It has contacts, or agents who still have some.
pub(in crate::engine) fn has_contacts(agent: &Agent) -> bool {
    !agent.load.held.is_empty() || !agent.load.parked.is_empty()
}
