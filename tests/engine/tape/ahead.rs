//! The effect of a reload, computed by sorting all contacts twice.

use switchboard::domain::ContactId;
use switchboard::engine::options::Options;
use switchboard::engine::shown::foresee::Effects;
use switchboard::engine::state::registry::AgentKey;

use super::oracle::{Known, Oracle, Place};

impl Oracle {
    /// The order of waiting contacts under the new rules is as the engine predicts.
    pub(super) fn judge_foreseen(&self, foreseen: &Effects, next: &Options) {
        let mut after = self.clone();
        after.options = Some(next.clone());
        for queue in &next.queues {
            after.queues.insert(queue.id.clone(), queue.clone());
        }
        let waiting: Vec<(&ContactId, &Known)> = self
            .contacts
            .iter()
            .filter(|(_, known)| known.place == Place::Waiting)
            .collect();
        let mut reordered = 0;
        for queue in &next.queues {
            let here = waiting.iter().filter(|(_, known)| known.queue == queue.id);
            let here: Vec<ContactId> = here.map(|(id, _)| **id).collect();
            let in_order = |oracle: &Self| {
                let mut line = here.clone();
                line.sort_by_key(|id| (oracle.due(*id), self.contacts[id].arrival));
                line
            };
            let (line, next_line) = (in_order(self), in_order(&after));
            let pairs = line.iter().zip(&next_line);
            reordered += pairs.filter(|(one, other)| one != other).count() as u64;
        }
        assert_eq!(foreseen.reordered, reordered, "who stands in another place");
        assert_eq!(foreseen.waiting, waiting.len() as u64);
        let gone = self.options.as_ref().unwrap().agents.iter();
        let gone = gone.filter(|agent| next.agents.iter().all(|new| new.id != agent.id));
        let gone: Vec<AgentKey> = gone
            .map(|agent| self.registry.agents.key(agent.id.as_str()).unwrap())
            .collect();
        let held: usize = gone.iter().map(|agent| self.held(*agent).count()).sum();
        let hold = foreseen.agents_gone.contacts;
        assert_eq!(
            (foreseen.agents_gone.count, hold.offered + hold.in_hand),
            (gone.len() as u64, held as u64),
            "who goes, and what they hold"
        );
    }
}
