//! The configuration, the agents present, and the queues that are paused or closed.

use std::collections::BTreeMap;

use switchboard::domain::{Channel, Name, Timestamp};
use switchboard::engine::options::Options;
use switchboard::engine::state::agent::{Health, Intent};
use switchboard::engine::state::registry::{AgentKey, QueueKey};

use super::Oracle;

impl Oracle {
    pub(super) fn configured(&mut self, options: &Options) {
        self.registry.learn(options);
        for queue in &options.queues {
            self.queues.insert(queue.id.clone(), queue.clone());
        }
        self.options = Some(options.clone());
        self.configuration += 1;
        self.configured_at = self.at;
        let steps: BTreeMap<Name, usize> = self
            .queues
            .iter()
            .map(|(name, queue)| (name.clone(), queue.steps.len()))
            .collect();
        for known in self.contacts.values_mut() {
            known.step = known.step.min(steps[&known.queue]);
        }
        self.give_up_rooms(|_, _, _| true);
    }

    pub(super) fn present(&mut self, agent: AgentKey, session: Option<u64>, away: bool) {
        let desk = self.desks.entry(agent).or_default();
        desk.room_for = desk.room_for.filter(|_| session.is_some());
        (desk.session, desk.away) = (session, away);
        desk.knows_all = false;
        desk.acknowledges &= session.is_some() || away;
        if session.is_some() {
            desk.lacks_upto = desk.told;
        }
    }

    pub(super) fn intended(&mut self, agent: AgentKey, intent: &Intent) {
        let at = self.at;
        let desk = self.desks.entry(agent).or_default();
        let ready = *intent == Intent::Ready;
        if ready && !desk.ready {
            desk.idle_since = at;
        }
        desk.ready = ready;
        desk.room_for = desk.room_for.filter(|_| ready);
    }

    pub(super) fn ails(&mut self, agent: AgentKey, channel: Channel, health: &Health) {
        let desk = self.desks.entry(agent).or_default();
        if *health == Health::Suspended {
            desk.suspended.insert(channel);
        } else {
            desk.suspended.remove(&channel);
        }
        if *health == Health::Ok {
            desk.unhealthy.remove(&channel);
        } else {
            desk.unhealthy.insert(channel);
            self.give_up_rooms(|keeper, _, known| keeper == agent && known.channel == channel);
        }
    }

    pub(super) fn paused(&mut self, queue: QueueKey, is_paused: bool) {
        let queue = &self.registry.queues.name(queue).clone();
        if is_paused {
            self.paused.insert(queue.clone());
            self.give_up_rooms(|_, _, known| known.queue == *queue);
        } else {
            self.paused.remove(queue);
        }
    }

    /// A queue opens or closes by its timetable.
    pub(super) fn turn(&mut self, queue: QueueKey, open: bool, until: Option<Timestamp>) {
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
            self.give_up_rooms(|_, _, known| known.queue == queue);
            self.closed.insert(queue);
        }
        // It affects all contacts waiting there at once.
        self.judge_order = false;
    }
}
