//! Queues: targets, required skills, and the steps that relax them.

use std::ops::RangeInclusive;

use crate::config::escalation::Move;
use crate::config::names::{Known, Unique};
use crate::config::reader::{NAME_FORM, Reader};
use crate::config::routing::{Names, TIERS_MAX};
use crate::config::{diversion, escalation, hours};
use crate::domain::{Millis, Name, Requirements};
use crate::engine::options::{
    CallbackOptions, DIAL_WITHIN, NoShow, OfferOptions, PARK_MAX, QUEUES_MAX, QueueOptions,
    Reserve, SERVED_MAX, STEPS_MAX, Select, Step, Target,
};

/// The most topics of one queue.
const TOPICS_MAX: usize = 256;

/// The longest target: 30 days.
const TARGET_S_MAX: i64 = 30 * 86_400;
/// The longest time a contact may stay parked: 7 days.
const PARK_S_MAX: i64 = 7 * 86_400;
/// The range of `served_max_s`: a minute to 7 days.
const SERVED_S: RangeInclusive<i64> = 60..=7 * 86_400;
/// The latest step: 7 days.
const STEP_S_MAX: i64 = 7 * 86_400;

/// The most idle agents that a queue may keep for some tiers.
const RESERVE_MAX: u32 = 10_000;

/// What reading one queue needs to know of the others.
pub(super) struct Others<'k, 'd> {
    pub(super) queues: &'k Known<'d>,
    pub(super) hours: &'k Known<'d>,
    pub(super) tiers: &'k Known<'d>,
    /// The moves of escalations.
    pub(super) moves: Vec<Move>,
    /// The destinations of contacts that cannot enter.
    pub(super) overflows: Vec<Move>,
    ids: Unique,
    topics: Unique,
}

impl<'k, 'd> Others<'k, 'd> {
    pub(super) fn new(names: &'k Names<'d>) -> Self {
        Self {
            queues: &names.queues,
            tiers: &names.tiers,
            hours: &names.hours,
            moves: Vec::new(),
            overflows: Vec::new(),
            ids: Unique::default(),
            topics: Unique::default(),
        }
    }
}

pub(super) fn read(
    queue: &mut Reader<'_, '_>,
    others: &mut Others<'_, '_>,
) -> Option<QueueOptions> {
    let id = queue.key("id").required().new_name(&mut others.ids);
    let label = queue.key("name").label();
    let topics = queue.key("topics").strings(TOPICS_MAX, |text, path| {
        let topic = Name::new(text).map_err(|_| NAME_FORM)?;
        others.topics.claim(text, path)?;
        Ok(topic)
    });
    let requires = queue.key("requires").levels().unwrap_or_default();
    let target = queue.key("target").table(read_target);
    let offer = queue.key("offer").table(read_offer);
    let wrap_up = queue.key("wrap_up_s").seconds(0..=900);
    let waiting_max = queue.key("waiting_max").whole(1..=1_000_000);
    let select = Select::ALL.map(|select| (select.name(), select));
    let select = queue.key("select").choice(&select);
    let mut steps = read_steps(queue, id.as_ref(), others.queues);
    let mut escalations = escalation::read(queue, id.as_ref(), others);
    match read_last(queue, others.queues) {
        Last::Hold => {}
        Last::AnyInQueue => end_with_any(queue, &mut steps),
        Last::Overflow { to, after } => {
            let rule = escalation::overflow(queue, id.as_ref(), to, after, others);
            if escalations.iter().any(|known| known.name == rule.name) {
                let found = "an overflow and an escalation of that name";
                queue.fault_at("last", found, "one of them");
            }
            escalations.push(rule);
        }
    }
    let pull = queue.key("pull").flag();
    let reserve = read_reserve(queue, pull, others.tiers);
    let (hours, when_closed) = hours::read_of_queue(queue, id.as_ref(), others);
    let overflow = diversion::read_overflow(queue, id.as_ref(), others);
    let callback = queue.key("callback").table(read_callback);
    let no_show = read_no_show(queue);
    let prefer = read_prefer(queue);
    let (park_max, served_max) = read_longest(queue);
    let id = id?;
    Some(QueueOptions {
        label: label.unwrap_or_else(|| id.text()),
        id,
        topics,
        requires,
        target,
        offer,
        wrap_up: wrap_up.filter(|span| *span > Millis::ZERO),
        waiting_max: waiting_max.unwrap_or(QueueOptions::WAITING_MAX),
        select: select.unwrap_or(Select::Best),
        steps,
        escalations,
        pull: pull.unwrap_or(false),
        reserve,
        hours,
        when_closed,
        overflow,
        callback,
        no_show,
        prefer,
        park_max,
        served_max: Some(served_max),
    })
}

/// The longest time a contact stays parked, and is served.
fn read_longest(queue: &mut Reader<'_, '_>) -> (Millis, Millis) {
    let park_max = queue.key("park_max_s").seconds(60..=PARK_S_MAX);
    let served_max = queue.key("served_max_s").seconds(SERVED_S);
    (
        park_max.unwrap_or(PARK_MAX),
        served_max.unwrap_or(SERVED_MAX),
    )
}

/// What happens after the last step.
#[derive(Clone)]
enum Last {
    Hold,
    /// Any agent of the queues so far, whatever their skills.
    AnyInQueue,
    Overflow {
        to: Name,
        after: Millis,
    },
}

fn read_last(queue: &mut Reader<'_, '_>, queues: &Known<'_>) -> Last {
    if !queue.holds_table("last") {
        let allowed = format!(
            "hold, any_in_queue or {{ overflow = a queue id, after_s = 1..={STEP_S_MAX} }}"
        );
        let chosen = queue
            .key("last")
            .parse(&allowed, |value| match value.as_str()? {
                "hold" => Some(Last::Hold),
                "any_in_queue" => Some(Last::AnyInQueue),
                _ => None,
            });
        return chosen.unwrap_or(Last::Hold);
    }
    let overflow = queue.key("last").table(|last| {
        let to = last.key("overflow").required().name_of(queues);
        let after = last.key("after_s").required().seconds(1..=STEP_S_MAX);
        to.zip(after)
    });
    overflow.map_or(Last::Hold, |(to, after)| Last::Overflow { to, after })
}

/// Adds a step that takes effect together with the last one.
fn end_with_any(queue: &mut Reader<'_, '_>, steps: &mut Vec<Step>) {
    let Some(before) = steps.last() else {
        queue.fault_at("last", "any_in_queue without a step", "a step before it");
        return;
    };
    steps.push(Step {
        after: before.after,
        requires: Some(Requirements::default()),
        also_agents_of: Vec::new(),
        skip_unstaffed: before.skip_unstaffed,
    });
}

fn read_reserve(
    queue: &mut Reader<'_, '_>,
    pull: Option<bool>,
    tiers: &Known<'_>,
) -> Option<Reserve> {
    let is_there = queue.has("reserve");
    if is_there && pull == Some(true) {
        let found = "of no effect where agents call contacts themselves";
        queue.fault_at("reserve", found, "with pull = false");
    }
    queue.key("reserve").table(|reserve| {
        let agents = reserve.key("agents").or_required_if(is_there);
        let agents = agents.whole(1..=RESERVE_MAX);
        let favoured = reserve.key("tiers").or_required_if(is_there);
        let tiers = favoured.names_of(TIERS_MAX, tiers);
        Some(Reserve {
            agents: agents?,
            tiers,
        })
    })
}

fn read_callback(callback: &mut Reader<'_, '_>) -> CallbackOptions {
    let retry_delay = callback.key("retry_delay_s").seconds(10..=86_400);
    let attempts_max = callback.key("attempts_max").whole(1..=10);
    let dial_within = callback.key("dial_within_s").seconds(5..=600);
    CallbackOptions {
        dial_within: dial_within.unwrap_or(DIAL_WITHIN),
        retry_delay: retry_delay.unwrap_or(CallbackOptions::DEFAULT.retry_delay),
        attempts_max: attempts_max.unwrap_or(CallbackOptions::DEFAULT.attempts_max),
    }
}

fn read_no_show(queue: &mut Reader<'_, '_>) -> NoShow {
    let words = [("close", false), ("requeue", true)];
    let requeues = queue.key("no_show").choice(&words);
    let places = queue.key("no_show_back").whole(1..=1_000);
    if places.is_some() && requeues != Some(true) {
        queue.fault_at("no_show_back", "no requeue", "with no_show = \"requeue\"");
    }
    match requeues {
        Some(true) => NoShow::Requeue { places },
        Some(false) | None => NoShow::Close,
    }
}

fn read_prefer(queue: &mut Reader<'_, '_>) -> Option<Millis> {
    let is_there = queue.has("prefer");
    queue.key("prefer").table(|prefer| {
        let hold = prefer.key("hold_s").or_required_if(is_there);
        hold.seconds(0..=60)
    })
}

fn read_target(target: &mut Reader<'_, '_>) -> Target {
    let answer_within = target.key("answer_within_s").seconds(1..=TARGET_S_MAX);
    let goal_percent = target.key("goal_percent").whole(1..=100);
    let respond_within = target.key("respond_within_s").seconds(1..=TARGET_S_MAX);
    Target {
        answer_within: answer_within.unwrap_or(Target::DEFAULT.answer_within),
        goal_percent: goal_percent.unwrap_or(Target::DEFAULT.goal_percent),
        respond_within,
    }
}

fn read_offer(offer: &mut Reader<'_, '_>) -> OfferOptions {
    let answer_within = offer.key("answer_within_s").seconds(1..=900);
    let undelivered_after = offer.key("undelivered_after_s").seconds(1..=60);
    OfferOptions {
        answer_within: answer_within.unwrap_or(OfferOptions::DEFAULT.answer_within),
        undelivered_after: undelivered_after.unwrap_or(OfferOptions::DEFAULT.undelivered_after),
    }
}

fn read_steps(queue: &mut Reader<'_, '_>, id: Option<&Name>, queues: &Known<'_>) -> Vec<Step> {
    let mut earliest_s = 1;
    queue.key("step").tables(STEPS_MAX, |step| {
        let after_s = step.key("after_s").required();
        let after_s = after_s.whole(earliest_s..=STEP_S_MAX);
        earliest_s = after_s.map_or(earliest_s, |after_s| after_s + 1);
        let requires = step.key("requires").levels();
        let also_agents_of = step.key("also_agents_of").names_of(QUEUES_MAX, queues);
        let skip_unstaffed = step.key("skip_unstaffed").flag();
        if !step.has("requires") && !step.holds_items("also_agents_of") {
            step.fault("no change", "requires or also_agents_of");
        }
        if id.is_some_and(|id| also_agents_of.contains(id)) {
            step.fault_at("also_agents_of", "the queue itself", "other queues");
        }
        Some(Step {
            after: Millis::from_s(after_s?),
            requires,
            also_agents_of,
            skip_unstaffed: skip_unstaffed.unwrap_or(true),
        })
    })
}
