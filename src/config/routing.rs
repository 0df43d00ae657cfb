//! The options of routing.

use crate::config::escalation::refuse_circles;
use crate::config::fault::{Findings, Spot};
use crate::config::names::{Known, Unique};
use crate::config::queue::Others;
use crate::config::reader::Reader;
use crate::config::{capacity, hours, queue};
use crate::domain::channel::CHANNEL_NAMES;
use crate::domain::{Channel, Millis, Name, PerChannel, Text};
use crate::engine::options::{
    AGENTS_MAX, AgentOptions, ChannelOptions, DirectToManager, Limits, Options, Order, QUEUES_MAX,
    QueueOptions, TierOptions,
};
use crate::engine::shown::fairness;
use crate::engine::shown::fairness::Deferral;

/// The most tiers of one site.
pub(super) const TIERS_MAX: usize = 16;

/// The default tiers, with their head starts in seconds.
pub(super) const DEFAULT_TIERS: [(&str, i64); 4] = [
    ("diamond", 300),
    ("gold", 200),
    ("silver", 60),
    ("basic", 0),
];
const DEFAULT_SITE: &str = "main";
const DEFAULT_OVERTAKE_MAX: Millis = Millis::from_s(900);
const DEFAULT_SPECIALIST: Millis = Millis::from_s(120);
const DEFAULT_DIRECT_WAIT: Millis = Millis::from_s(60);
const DEFAULT_CAPACITY: u32 = 100;
const DEFAULT_UNRESOLVED: &str = "unresolved";
/// The most outcomes that count as unresolved.
const UNRESOLVED_MAX: usize = 64;
const OUTCOME_BYTES_MAX: usize = 64;
const COST_MAX: u32 = 10_000;
const SESSIONS_MAX: u32 = 1_000;
const CONTACTS_MAX: u32 = 10_000_000;

/// The names that the document defines, for references to them.
pub(super) struct Names<'d> {
    pub(super) queues: Known<'d>,
    pub(super) tiers: Known<'d>,
    pub(super) agents: Known<'d>,
    pub(super) hours: Known<'d>,
    pub(super) topics: Known<'d>,
    /// Whether a rule notifies the webhook.
    pub(super) calls_webhook: bool,
}

/// None if a value without a default is missing or faulty. `default_tier` is the one that the
/// document names, if any.
pub(super) fn read(
    root: &mut Reader<'_, '_>,
    names: &Names<'_>,
    default_tier: Option<Name>,
) -> Option<Options> {
    let site = root.key("site").name().or_else(|| fixed(DEFAULT_SITE));
    let default_queue = root.key("default_queue").name_of(&names.queues);
    let (overtake_max, specialist, bound) = root.key("fairness").table(|fairness| {
        let overtake_max = fairness.key("overtake_max_s").seconds(1..=86_400);
        let specialist = fairness.key("specialist_s").seconds(0..=3_600);
        (overtake_max, specialist, fairness.spot_of("overtake_max_s"))
    });
    let tiers = read_tiers(root);
    let channels = root.key("channels").table(read_channels);
    let mut others = Others::new(names);
    let queues = root.key("queue").required();
    let queues = queues.tables(QUEUES_MAX, |queue| queue::read(queue, &mut others));
    refuse_circles(&others.moves, root.findings());
    refuse_circles(&others.overflows, root.findings());
    let mut ids = Unique::default();
    let agents = root.key("agent");
    let agents = agents.tables(AGENTS_MAX, |agent| {
        read_agent(agent, &mut ids, &names.queues)
    });
    let limits = root.key("limits").table(read_limits);
    let unresolved = root.key("learning").table(read_unresolved);
    let hours = hours::read(root);
    let direct_wait = root.key("direct").table(|direct| {
        let wait = direct.key("wait_s").seconds(1..=3_600);
        wait.unwrap_or(DEFAULT_DIRECT_WAIT)
    });
    let direct_to_manager = read_direct_to_manager(root, &names.tiers);
    let capacity = capacity::read(root, names);
    let channels = as_capacity_allows(channels, &agents);
    let options = Options {
        site: site?,
        default_tier: default_tier.or_else(|| lowest(&tiers))?,
        tiers,
        channels,
        specialist: specialist.unwrap_or(DEFAULT_SPECIALIST),
        overtake_max: overtake_max.unwrap_or(DEFAULT_OVERTAKE_MAX),
        default_queue: default_queue.or_else(|| open_to_all(&queues))?,
        queues,
        agents,
        limits,
        unresolved,
        order: Order::Due,
        hours,
        direct_wait,
        direct_to_manager,
        capacity,
    };
    refuse_overtaking(&options, bound, root.findings());
    Some(options)
}

fn fixed(name: &str) -> Option<Name> {
    Name::new(name).ok()
}

fn read_tiers(root: &mut Reader<'_, '_>) -> Vec<TierOptions> {
    let tiers = root.key("tiers").named(1..=TIERS_MAX, |name, tier| {
        let head_start = tier.table(|tier| {
            let head_start = tier.key("head_start_s").required();
            head_start.seconds(0..=3_600)
        });
        Some(TierOptions {
            name,
            head_start: head_start?,
        })
    });
    tiers.unwrap_or_else(|| {
        let tiers = DEFAULT_TIERS.iter().filter_map(|(name, head_start_s)| {
            Some(TierOptions {
                name: fixed(name)?,
                head_start: Millis::from_s(*head_start_s),
            })
        });
        tiers.collect()
    })
}

/// The default tier for unknown customers: the one with the smallest head start.
fn lowest(tiers: &[TierOptions]) -> Option<Name> {
    let lowest = tiers.iter().min_by_key(|tier| tier.head_start);
    lowest.map(|tier| tier.name.clone())
}

/// The default queue: the first that requires no skill and is not pulled from, or else the first.
fn open_to_all(queues: &[QueueOptions]) -> Option<Name> {
    let open = |queue: &&QueueOptions| queue.requires.is_empty() && !queue.pull;
    let chosen = queues.iter().find(open).or_else(|| queues.first());
    chosen.map(|queue| queue.id.clone())
}

fn read_channels(channels: &mut Reader<'_, '_>) -> PerChannel<ChannelOptions> {
    PerChannel(Channel::ALL.map(|channel| {
        let default = default_channel(channel);
        channels.key(channel.name()).table(|options| {
            let cost = options.key("cost").whole(1..=COST_MAX);
            let max = options.key("max").whole(1..=SESSIONS_MAX);
            // With a cost but no maximum, capacity alone limits the channel.
            let otherwise = cost.map_or(default.max, |_| SESSIONS_MAX);
            ChannelOptions {
                cost: cost.unwrap_or(default.cost),
                max: max.unwrap_or(otherwise),
            }
        })
    }))
}

/// Caps the maximum of each channel at what the largest capacity has room for: a channel whose
/// maximum becomes 1 takes a whole agent, and is protected accordingly.
fn as_capacity_allows(
    mut channels: PerChannel<ChannelOptions>,
    agents: &[AgentOptions],
) -> PerChannel<ChannelOptions> {
    if let Some(largest) = agents.iter().map(|agent| agent.capacity).max() {
        for channel in Channel::ALL {
            let limits = channels.get_mut(channel);
            limits.max = limits.max.min((largest / limits.cost).max(1));
        }
    }
    channels
}

const fn default_channel(channel: Channel) -> ChannelOptions {
    let (cost, max) = match channel {
        Channel::App => (25, 4),
        Channel::Hotline | Channel::Storefront => (100, 1),
        Channel::Wechat => (20, 5),
    };
    ChannelOptions { cost, max }
}

fn read_agent(
    agent: &mut Reader<'_, '_>,
    ids: &mut Unique,
    queues: &Known<'_>,
) -> Option<AgentOptions> {
    let id = agent.key("id").required().new_name(ids);
    let label = agent.key("name").label();
    let queues = agent.key("queues").names_of(QUEUES_MAX, queues);
    let skills = agent.key("skills").levels();
    let capacity = agent.key("capacity").whole(1..=COST_MAX);
    let id = id?;
    Some(AgentOptions {
        label: label.unwrap_or_else(|| id.text()),
        id,
        queues,
        skills: skills.unwrap_or_default(),
        capacity: capacity.unwrap_or(DEFAULT_CAPACITY),
    })
}

fn read_direct_to_manager(root: &mut Reader<'_, '_>, tiers: &Known<'_>) -> Option<DirectToManager> {
    let is_there = root.has("direct_to_manager");
    root.key("direct_to_manager").table(|rule| {
        let named = rule.key("tiers").or_required_if(is_there);
        let tiers = named.names_of(TIERS_MAX, tiers);
        let named = rule.key("channels").or_required_if(is_there);
        let mut listed = Unique::default();
        let channels = named.strings(Channel::ALL.len(), |text, path| {
            let channel: Channel = text.parse().map_err(|_| CHANNEL_NAMES.to_owned())?;
            listed.claim(text, path)?;
            Ok(channel)
        });
        let hold = rule.key("hold_s").seconds(0..=60);
        is_there.then(|| DirectToManager {
            tiers,
            channels,
            hold: hold.unwrap_or_default(),
        })
    })
}

/// Closed contacts must be remembered until they are filed in their customers' histories, through a
/// burst or a short outage of the store.
const CLOSED_CONTACTS_MIN: u32 = 10_000;

fn read_limits(limits: &mut Reader<'_, '_>) -> Limits {
    let open_contacts_max = limits.key("open_contacts_max").whole(1..=CONTACTS_MAX);
    let closed_contacts_max = limits
        .key("closed_contacts_max")
        .whole(CLOSED_CONTACTS_MIN..=CONTACTS_MAX);
    let closed_for_h = limits.key("closed_for_h").whole(1..=720);
    let grace = limits.key("grace_s").seconds(1..=3_600);
    Limits {
        open_contacts_max: open_contacts_max.unwrap_or(Limits::DEFAULT.open_contacts_max),
        closed_contacts_max: closed_contacts_max.unwrap_or(Limits::DEFAULT.closed_contacts_max),
        closed_for: closed_for_h.map_or(Limits::DEFAULT.closed_for, |hours: i64| {
            Millis::from_s(hours * 3_600)
        }),
        grace: grace.unwrap_or(Limits::DEFAULT.grace),
    }
}

fn read_unresolved(learning: &mut Reader<'_, '_>) -> Vec<Text> {
    let is_there = learning.has("unresolved");
    let unresolved = learning.key("unresolved");
    let outcomes = unresolved.strings(UNRESOLVED_MAX, |text, _| {
        let fits = (1..=OUTCOME_BYTES_MAX).contains(&text.len());
        fits.then(|| Text::from(text))
            .ok_or_else(|| format!("1 to {OUTCOME_BYTES_MAX} bytes"))
    });
    if is_there {
        outcomes
    } else {
        vec![Text::from(DEFAULT_UNRESOLVED)]
    }
}

/// Reports an `overtake_max_s` below the longest bound, if the values it depends on are free of
/// faults.
fn refuse_overtaking(options: &Options, spot: Spot, findings: &mut Findings) {
    if !findings.spare(&["tiers", "fairness", "queue"]) {
        return;
    }
    let bounds = fairness::bounds(options, Deferral::Bounded);
    let by_clock = bounds
        .iter()
        .map(|bound| (bound.longest(), bound.to_string()));
    // With business hours the bound is in working time, and can be larger.
    let working = fairness::in_working_time(options)
        .filter(|working| Deferral::of(working.queue) == Deferral::Bounded)
        .map(|working| (working.at_least(), working.to_string()));
    let longest = by_clock.chain(working).max_by_key(|(longest, _)| *longest);
    let too_long = longest.filter(|(longest, _)| *longest > options.overtake_max);
    let Some((longest, because)) = too_long else {
        return;
    };
    let found = options.overtake_max.whole_s().to_string();
    let allowed = format!("at least {}, because {because}", longest.whole_s());
    findings.add(spot, &found, &allowed);
}
