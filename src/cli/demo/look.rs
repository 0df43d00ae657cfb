//! What a supervisor sees: queues, agents and metrics, read from the server.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cli::demo::door::{Door, DoorFault};
use crate::cli::demo::numbers::Numbers;
use crate::cli::demo::waits::Waits;
use crate::domain::Channel;

const RECEIVED: &str = "switchboard_contacts_received_total";
const ANSWERED: &str = "switchboard_contacts_answered_total";
const ABANDONED: &str = "switchboard_contacts_abandoned_total";
const COMPLETED: &str = "switchboard_contacts_completed_total";
const WITHIN_TARGET: &str = "switchboard_answered_within_target_total";
const ESCALATIONS: &str = "switchboard_escalations_total";
const OFFERS: &str = "switchboard_offers_total";
const LONGEST_WAIT: &str = "switchboard_longest_wait_seconds";
const WAIT_BUCKETS: &str = "switchboard_wait_seconds_bucket";
const RESIDUAL: &str = "switchboard_conservation_residual";

/// One look at queues, agents and metrics.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) queues: Vec<Queue>,
    pub(super) agents: Agents,
    pub(super) tiers: Vec<Tier>,
    pub(super) channels: Vec<AtChannel>,
    pub(super) received: u64,
    pub(super) answered: u64,
    pub(super) abandoned: u64,
    pub(super) completed: u64,
    /// By rule.
    pub(super) escalations: BTreeMap<String, u64>,
    /// By outcome; `made` counts all.
    pub(super) offers: BTreeMap<String, u64>,
    pub(super) residual: f64,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Queue {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) waiting: u64,
    pub(super) offered: u64,
    pub(super) active: u64,
    pub(super) wrap_up: u64,
    pub(super) staffed: u64,
    pub(super) available: u64,
    #[serde(skip)]
    pub(super) longest_wait_s: f64,
}

/// Numbers of agents by what they are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Agents {
    /// Connected, ready and without a contact.
    pub(super) ready: u64,
    /// Connected, ready and with a contact.
    pub(super) busy: u64,
    pub(super) not_ready: u64,
    /// Without a socket.
    pub(super) lost: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AtChannel {
    pub(super) channel: Channel,
    pub(super) received: u64,
    pub(super) answered: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tier {
    pub(super) name: String,
    pub(super) answered: u64,
    pub(super) within_target: u64,
    /// Of answered contacts.
    pub(super) waits: Waits,
}

#[derive(Deserialize)]
struct Queues {
    queues: Vec<Queue>,
}

#[derive(Deserialize)]
struct AllAgents {
    agents: Vec<Agent>,
}

#[derive(Deserialize)]
struct Agent {
    intent: String,
    session: String,
    capacity_used: u32,
}

/// Why the server could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookFault {
    #[error(transparent)]
    Door(#[from] DoorFault),
    #[error("{path} cannot be read: {error}")]
    Answer {
        path: String,
        error: serde_json::Error,
    },
    #[error("{path} returned {status}")]
    Status {
        path: String,
        status: http::StatusCode,
    },
}

/// The connections to look through: a supervisor's, and one for metrics.
pub(super) struct Eyes {
    supervisor: Door,
    metrics: Door,
    tiers: Vec<String>,
}

impl Eyes {
    pub(super) fn new(address: SocketAddr, tiers: Vec<String>) -> Self {
        Self {
            supervisor: Door::new(address, "dev-supervisor"),
            metrics: Door::new(address, "dev-metrics"),
            tiers,
        }
    }

    pub(super) async fn look(&mut self) -> Result<Seen, LookFault> {
        let Queues { mut queues } = self.read("/v1/queues").await?;
        let AllAgents { agents } = self.read("/v1/agents").await?;
        let scraped = self.metrics.get("/metrics").await?;
        let numbers = Numbers::read(&String::from_utf8_lossy(&scraped.body));
        for queue in &mut queues {
            queue.longest_wait_s = numbers.sum(LONGEST_WAIT, &[("queue", &queue.id)]);
        }
        Ok(Seen {
            queues,
            agents: Agents::of(&agents),
            ..count(&numbers, &self.tiers)
        })
    }

    /// Reads `path` as a supervisor.
    pub(super) async fn read<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, LookFault> {
        let answer = self.supervisor.get(path).await?;
        let path = path.to_owned();
        if !answer.status.is_success() {
            let status = answer.status;
            return Err(LookFault::Status { path, status });
        }
        let read = serde_json::from_slice(&answer.body);
        read.map_err(|error| LookFault::Answer { path, error })
    }
}

fn count(numbers: &Numbers, tiers: &[String]) -> Seen {
    let tier = |name: &String| Tier {
        name: name.clone(),
        answered: numbers.count(ANSWERED, &[("tier", name)]),
        within_target: numbers.count(WITHIN_TARGET, &[("tier", name)]),
        waits: waits(numbers, name),
    };
    let at = |channel: Channel| AtChannel {
        channel,
        received: numbers.count(RECEIVED, &[("channel", channel.name())]),
        answered: numbers.count(ANSWERED, &[("channel", channel.name())]),
    };
    Seen {
        tiers: tiers.iter().map(tier).collect(),
        channels: Channel::ALL.map(at).to_vec(),
        received: numbers.count(RECEIVED, &[]),
        answered: numbers.count(ANSWERED, &[]),
        abandoned: numbers.count(ABANDONED, &[]),
        completed: numbers.count(COMPLETED, &[]),
        escalations: numbers.counts_by(ESCALATIONS, "rule"),
        offers: numbers.counts_by(OFFERS, "outcome"),
        residual: numbers.sum(RESIDUAL, &[]),
        ..Seen::default()
    }
}

fn waits(numbers: &Numbers, tier: &str) -> Waits {
    let buckets = numbers.sums_by(WAIT_BUCKETS, "le", &[("tier", tier)]);
    let buckets = buckets.into_iter();
    let bounded = buckets.filter_map(|(bound, count)| Some((bound.parse().ok()?, count)));
    Waits::new(bounded.collect())
}

impl Agents {
    fn of(agents: &[Agent]) -> Self {
        let mut count = Self::default();
        for agent in agents {
            if agent.session != "connected" {
                count.lost += 1;
            } else if agent.intent != "ready" {
                count.not_ready += 1;
            } else if agent.capacity_used > 0 {
                count.busy += 1;
            } else {
                count.ready += 1;
            }
        }
        count
    }
}

impl Seen {
    pub(super) fn waiting(&self) -> u64 {
        self.queues.iter().map(|queue| queue.waiting).sum()
    }

    pub(super) fn offered(&self) -> u64 {
        self.queues.iter().map(|queue| queue.offered).sum()
    }

    pub(super) fn active(&self) -> u64 {
        self.queues.iter().map(|queue| queue.active).sum()
    }

    pub(super) fn longest_wait_s(&self) -> f64 {
        let waits = self.queues.iter().map(|queue| queue.longest_wait_s);
        waits.fold(0.0, f64::max)
    }

    pub(super) fn escalated(&self) -> u64 {
        self.escalations.values().sum()
    }
}

impl Tier {
    /// None before the first answer.
    pub(super) fn percent_within_target(&self) -> Option<u64> {
        (self.within_target * 100).checked_div(self.answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agent_is_counted_in_one_of_four_groups() {
        let agents = r#"{"agents":[
            {"intent":"ready","session":"connected","capacity_used":0},
            {"intent":"ready","session":"connected","capacity_used":20},
            {"intent":"not_ready","session":"connected","capacity_used":20},
            {"intent":"ready","session":"grace","capacity_used":20}]}"#;
        let AllAgents { agents } = serde_json::from_str(agents).unwrap();
        let each_once = Agents {
            ready: 1,
            busy: 1,
            not_ready: 1,
            lost: 1,
        };
        assert_eq!(Agents::of(&agents), each_once);
    }

    #[test]
    fn numbers_are_counted_per_tier_and_rule() {
        let numbers = Numbers::read(&format!(
            "{ANSWERED}{{channel=\"app\",queue=\"a\",tier=\"gold\"}} 3\n\
             {WITHIN_TARGET}{{channel=\"app\",queue=\"a\",tier=\"gold\"}} 2\n\
             {ESCALATIONS}{{queue=\"a\",rule=\"at_risk\"}} 4\n\
             {ESCALATIONS}{{queue=\"b\",rule=\"at_risk\"}} 1\n"
        ));
        let seen = count(&numbers, &["gold".to_owned(), "basic".to_owned()]);
        assert_eq!(seen.tiers[0].percent_within_target(), Some(66));
        assert_eq!(seen.tiers[1].percent_within_target(), None);
        assert_eq!(seen.escalated(), 5);
    }
}
