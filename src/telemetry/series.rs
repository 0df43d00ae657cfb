//! The handles of all series of one site, found by the engine's keys without a search.

use std::collections::BTreeMap;

use metrics::{Counter, Gauge, Histogram};

use crate::domain::{Channel, Name};
use crate::engine::agent::{Intent, Session};
use crate::engine::contact::ContactState;
use crate::engine::event::Labels;
use crate::engine::options::Options;
use crate::engine::registry::Registry;
use crate::telemetry::names;
use crate::telemetry::outcomes::{Dial, Offered};
use crate::telemetry::recorder::Telemetry;

/// What is counted per queue, channel and tier.
pub(super) struct ContactSeries {
    pub(super) received: Counter,
    pub(super) answered: Counter,
    pub(super) abandoned: Counter,
    pub(super) deflected: Counter,
    pub(super) completed: Counter,
    pub(super) cancelled: Counter,
    pub(super) unanswered: Counter,
    pub(super) returned: Counter,
    pub(super) moved_in: Counter,
    pub(super) unroutable: Counter,
    pub(super) within_target: Counter,
    pub(super) responses: Counter,
    pub(super) responses_within_target: Counter,
    pub(super) responses_late: Counter,
    pub(super) ends_missed: Counter,
    pub(super) wait: Histogram,
}

/// What is counted per queue and channel.
pub(super) struct ChannelSeries {
    pub(super) handle: Histogram,
    pub(super) estimate_error: Histogram,
    pub(super) estimates_covered: Counter,
    pub(super) hold: Histogram,
    /// In the order of [`ContactState::OPEN`].
    pub(super) states: [Gauge; 6],
    tiers: Vec<ContactSeries>,
}

/// What is counted per queue.
pub(super) struct QueueSeries {
    pub(super) channels: [ChannelSeries; 4],
    pub(super) moved_out: Counter,
    pub(super) callbacks: Counter,
    /// By [`Dial::index`].
    pub(super) dials: [Counter; 3],
    /// By [`Offered::index`].
    pub(super) consults: [Counter; 6],
    pub(super) recalls: Counter,
    /// By [`Offered::index`].
    pub(super) offers: [Counter; 6],
    pub(super) escalations: BTreeMap<Name, Counter>,
    pub(super) condition_failures: BTreeMap<Name, Counter>,
    pub(super) longest_wait: Gauge,
    pub(super) staffed: Gauge,
    pub(super) available: Gauge,
}

/// All series whose labels the configuration gives.
pub(super) struct Series {
    telemetry: Telemetry,
    pub(super) queues: Vec<QueueSeries>,
    /// `[intent][session]`.
    pub(super) agents: [[Gauge; 3]; 3],
}

impl Series {
    pub(super) fn new(telemetry: Telemetry) -> Self {
        let agents = Intent::NAMES.map(|intent| {
            Session::NAMES.map(|session| {
                telemetry.gauge(names::AGENTS, &[("intent", intent), ("session", session)])
            })
        });
        Self {
            telemetry,
            queues: Vec::new(),
            agents,
        }
    }

    /// Adds what a configuration brings; what it leaves out goes on as it is.
    pub(super) fn learn(&mut self, registry: &Registry, options: &Options) {
        let tiers = registry.tiers.all();
        for queue in &registry.queues.all()[self.queues.len()..] {
            self.queues.push(QueueSeries::new(&self.telemetry, queue));
        }
        for (queue, name) in self.queues.iter_mut().zip(registry.queues.all()) {
            for (channel, series) in Channel::ALL.into_iter().zip(&mut queue.channels) {
                for tier in &tiers[series.tiers.len()..] {
                    let series_of_tier = ContactSeries::new(&self.telemetry, name, channel, tier);
                    series.tiers.push(series_of_tier);
                }
            }
        }
        for queue in &options.queues {
            let Some(key) = registry.queues.key(queue.id.as_str()) else {
                continue;
            };
            for rule in &queue.escalations {
                let labels = [("queue", queue.id.as_str()), ("rule", rule.name.as_str())];
                let fired = self.telemetry.counter(names::ESCALATIONS, &labels);
                let series = &mut self.queues[key.index()];
                series.escalations.insert(rule.name.clone(), fired);
                if rule.only_if.is_some() {
                    let failed = self.telemetry.counter(names::CONDITION_FAILURES, &labels);
                    series.condition_failures.insert(rule.name.clone(), failed);
                }
            }
        }
    }

    pub(super) fn of(&self, labels: &Labels) -> &ContactSeries {
        &self.of_channel(labels).tiers[labels.tier.index()]
    }

    pub(super) fn of_channel(&self, labels: &Labels) -> &ChannelSeries {
        &self.queues[labels.queue.index()].channels[labels.channel.index()]
    }
}

impl QueueSeries {
    fn new(telemetry: &Telemetry, queue: &Name) -> Self {
        let queue = queue.as_str();
        let of_queue = [("queue", queue)];
        Self {
            channels: Channel::ALL.map(|channel| ChannelSeries::new(telemetry, queue, channel)),
            callbacks: telemetry.counter(names::CALLBACKS, &of_queue),
            dials: Dial::ALL.map(|outcome| {
                telemetry.counter(
                    names::CALLBACK_DIALS,
                    &[("queue", queue), ("outcome", outcome.name())],
                )
            }),
            consults: Offered::ALL.map(|outcome| {
                let outcome = outcome.name_of_consult();
                telemetry.counter(names::CONSULTS, &[("queue", queue), ("outcome", outcome)])
            }),
            recalls: telemetry.counter(names::RECALLS, &of_queue),
            moved_out: telemetry.counter(names::MOVED_OUT, &of_queue),
            offers: Offered::ALL.map(|outcome| {
                let outcome = outcome.name();
                telemetry.counter(names::OFFERS, &[("queue", queue), ("outcome", outcome)])
            }),
            escalations: BTreeMap::new(),
            condition_failures: BTreeMap::new(),
            longest_wait: telemetry.gauge(names::LONGEST_WAIT, &of_queue),
            staffed: telemetry.gauge(names::STAFFED, &of_queue),
            available: telemetry.gauge(names::AVAILABLE, &of_queue),
        }
    }
}

impl ChannelSeries {
    fn new(telemetry: &Telemetry, queue: &str, channel: Channel) -> Self {
        let place = [("queue", queue), ("channel", channel.name())];
        Self {
            handle: telemetry.histogram(names::HANDLE, &place),
            estimate_error: telemetry.histogram(names::ESTIMATE_ERROR, &place),
            estimates_covered: telemetry.counter(names::ESTIMATES_COVERED, &place),
            hold: telemetry.histogram(names::HOLD, &place),
            states: ContactState::OPEN.map(|state| {
                let labels = [("state", state.name()), place[0], place[1]];
                telemetry.gauge(names::CONTACTS, &labels)
            }),
            tiers: Vec::new(),
        }
    }
}

impl ContactSeries {
    fn new(telemetry: &Telemetry, queue: &Name, channel: Channel, tier: &Name) -> Self {
        let labels = [
            ("queue", queue.as_str()),
            ("channel", channel.name()),
            ("tier", tier.as_str()),
        ];
        let counter = |name| telemetry.counter(name, &labels);
        Self {
            received: counter(names::RECEIVED),
            answered: counter(names::ANSWERED),
            abandoned: counter(names::ABANDONED),
            deflected: counter(names::DEFLECTED),
            completed: counter(names::COMPLETED),
            cancelled: counter(names::CANCELLED),
            unanswered: counter(names::UNANSWERED),
            returned: counter(names::RETURNED),
            moved_in: counter(names::MOVED_IN),
            unroutable: counter(names::UNROUTABLE),
            within_target: counter(names::WITHIN_TARGET),
            responses: counter(names::RESPONSES),
            responses_within_target: counter(names::RESPONSES_WITHIN_TARGET),
            responses_late: counter(names::RESPONSES_LATE),
            ends_missed: counter(names::ENDS_MISSED),
            wait: telemetry.histogram(names::WAIT, &labels),
        }
    }
}
