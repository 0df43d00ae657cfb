//! The handles of all series of one site, indexed by the engine's keys.
//!
//! A queue has series once it is configured or something happens in it; a former queue that holds
//! nothing has none after a start.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use metrics::{Counter, Gauge, Histogram};

use crate::domain::{Channel, Name};
use crate::engine::event::Labels;
use crate::engine::options::Options;
use crate::engine::state::agent::{Intent, Session};
use crate::engine::state::contact::ContactState;
use crate::engine::state::registry::{QueueKey, Registry};
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
    pub(super) no_show: Counter,
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

/// All series whose labels come from the configuration.
pub(super) struct Series {
    telemetry: Telemetry,
    tiers: Vec<Name>,
    queues: Vec<(Name, OnceCell<QueueSeries>)>,
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
            tiers: Vec::new(),
            queues: Vec::new(),
            agents,
        }
    }

    /// Adds the series of a configuration; existing ones are kept even if it leaves them out.
    pub(super) fn learn(&mut self, registry: &Registry, options: &Options) {
        registry.tiers.all().clone_into(&mut self.tiers);
        let known = self.queues.len();
        let new = registry.queues.all()[known..].iter();
        self.queues
            .extend(new.map(|name| (name.clone(), OnceCell::new())));
        for (name, queue) in &mut self.queues {
            if let Some(queue) = queue.get_mut() {
                queue.learn(&self.telemetry, name, &self.tiers);
            }
        }
        for queue in &options.queues {
            let Some(key) = registry.queues.key(queue.id.as_str()) else {
                continue;
            };
            self.queue(key);
            for rule in &queue.escalations {
                let labels = [("queue", queue.id.as_str()), ("rule", rule.name.as_str())];
                let fired = self.telemetry.counter(names::ESCALATIONS, &labels);
                let (_, series) = &mut self.queues[key.index()];
                let series = series.get_mut().expect("it was just made");
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
        &self.queue(labels.queue).channels[labels.channel.index()]
    }

    pub(super) fn queue(&self, key: QueueKey) -> &QueueSeries {
        let (name, series) = &self.queues[key.index()];
        series.get_or_init(|| QueueSeries::new(&self.telemetry, name, &self.tiers))
    }

    /// The configured queues and those that hold something, by number.
    pub(super) fn queues(
        &self,
        holds: impl Fn(usize) -> bool,
    ) -> impl Iterator<Item = (usize, &QueueSeries)> {
        let queues = self.queues.iter().enumerate();
        queues.filter_map(move |(number, (name, series))| {
            let made = || QueueSeries::new(&self.telemetry, name, &self.tiers);
            let series = match series.get() {
                None if holds(number) => series.get_or_init(made),
                known => known?,
            };
            Some((number, series))
        })
    }
}

impl QueueSeries {
    fn new(telemetry: &Telemetry, name: &Name, tiers: &[Name]) -> Self {
        let queue = name.as_str();
        let of_queue = [("queue", queue)];
        let mut series = Self {
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
        };
        series.learn(telemetry, name, tiers);
        series
    }

    /// Adds the series of further tiers.
    fn learn(&mut self, telemetry: &Telemetry, queue: &Name, tiers: &[Name]) {
        for (channel, series) in Channel::ALL.into_iter().zip(&mut self.channels) {
            let new = tiers[series.tiers.len()..].iter();
            let new = new.map(|tier| ContactSeries::new(telemetry, queue, channel, tier));
            series.tiers.extend(new);
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
            no_show: counter(names::NO_SHOW),
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
