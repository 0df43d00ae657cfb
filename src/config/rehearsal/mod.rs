//! A rehearsal as text: arrivals, staff, and the policies to compare. Read with the same reader,
//! and the same faults, as the configuration of the server.
//!
//! Without `[staff]`, agents and queues are those of the rehearsed configurations.

mod attendance;
mod day;

use std::ops::RangeInclusive;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::config::fault::Faults;
use crate::config::names::Unique;
use crate::config::reader::{self, Field, Reader};
use crate::config::value::LABEL_BYTES_MAX;
use crate::domain::period::Zone;
use crate::domain::skill::LEVEL_MAX;
use crate::domain::{Channel, Level, Millis, PerChannel, Timestamp};
use crate::engine::options::Select;
use crate::sim::policy::{Floor, Policy, Sequence};
use crate::sim::staff::Roster;
use crate::sim::workload::{
    Acquaintance, Answers, ChannelWork, GradeWork, Patience, Redials, Repeats, Surge, TierShare,
    TopicWork, Workload,
};

pub use day::Calendar;

/// The most replications of one run.
pub const REPLICATIONS_MAX: u32 = 1_000;
const SLOTS_MAX: usize = 288;
const TOPICS_MAX: usize = 256;
const GRADES_MAX: usize = 10;
const LEVELS_MAX: usize = 32;
/// The most agents on duty in one slot for one channel.
const AGENTS_MAX: f64 = 20_000.0;
const POLICIES_MAX: usize = 16;
const CONTACTS_MAX: f64 = 10_000_000.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum OrderKind {
    Due,
    FirstCome,
    Strict,
    Urgency,
}

impl OrderKind {
    const ALL: [Self; 4] = [Self::Due, Self::FirstCome, Self::Strict, Self::Urgency];

    fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::FirstCome => "first_come",
            Self::Strict => "strict",
            Self::Urgency => "urgency",
        }
    }
}

/// What `switchboard simulate` plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    pub workload: Workload,
    pub calendar: Calendar,
    pub replications: u32,
    pub seed: u64,
    pub floor: Option<Roster>,
    pub policies: Vec<Policy>,
}

impl Rehearsal {
    pub fn load(path: &Path) -> Result<Self, Faults> {
        Self::parse(&super::text_of(path)?)
    }

    /// Reads a rehearsal, or reports its faults.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let (document, mut findings) = super::document_of(text)?;
        let document: &DeTable<'_> = document.get_ref();
        let rehearsal = reader::walk(document, &mut findings, read);
        match rehearsal {
            Some(rehearsal) if findings.is_empty() => Ok(rehearsal),
            _ => Err(findings.into_faults()),
        }
    }

    /// Moves the day to the same local times in another zone.
    pub fn move_to(&mut self, zone: &Zone) -> Result<(), String> {
        let placed = self.calendar.place(&mut self.workload, zone);
        placed.map_err(|unsteady| {
            let (found, allowed) = (unsteady.found(), unsteady.allowed());
            format!("day.date: {found}, allowed: {allowed}")
        })
    }
}

fn read(root: &mut Reader<'_, '_>) -> Option<Rehearsal> {
    let title = root.key("title").required().string(LABEL_BYTES_MAX);
    let replications = root.key("replications").whole(1..=REPLICATIONS_MAX);
    let seed = root.key("seed").whole(0..=i64::MAX);
    let day = root.key("day").table(day::read);
    let channels = root.key("channels").table(read_channels);
    let mut topic_ids = Unique::default();
    let topics = root.key("topic").required();
    let topics = topics.tables(TOPICS_MAX, |topic| read_topic(topic, &mut topic_ids));
    let mut tier_ids = Unique::default();
    let tiers = root.key("tier").required();
    let tiers = tiers.tables(TOPICS_MAX, |tier| read_tier(tier, &mut tier_ids));
    let grades = root.key("grade").required().tables(GRADES_MAX, read_grade);
    let surges = root.key("surge").tables(SLOTS_MAX, |surge| {
        day::read_surge(surge, &topics, day.as_ref())
    });
    let slots = day.as_ref().map_or(0, day::Day::slots);
    let floor = if root.has("staff") {
        root.key("staff").table(|staff| read_staff(staff, slots))
    } else {
        root.key("staff").table(|_| None)
    };
    let mut names = Unique::default();
    let policies = root.key("policy").or_required_if(floor.is_some());
    let policies = policies.tables(POLICIES_MAX, |policy| {
        read_policy(policy, &mut names, tiers.len())
    });
    let work = root.key("work").table(read_work);
    if tiers.is_empty() || topics.is_empty() || grades.is_empty() {
        return None;
    }
    let mut day = day?;
    let surges: (Vec<Surge>, _) = surges.into_iter().unzip();
    day.calendar.surges = surges.1;
    let mut workload = Workload {
        title: title?.to_owned(),
        slot: day.slot,
        arrivals: day.arrivals(&channels),
        surges: surges.0,
        days_before: day.days_before,
        days_before_factor: day.days_before_factor,
        channels: PerChannel(channels.map(|(_, work)| work)),
        topics,
        tiers,
        grades,
        ..work
    };
    if let Err(unsteady) = day.calendar.place_at_home(&mut workload) {
        let (found, allowed) = (unsteady.found(), unsteady.allowed());
        root.findings().add(day.date_at, &found, &allowed);
    }
    Some(Rehearsal {
        workload,
        calendar: day.calendar,
        replications: replications.unwrap_or(1),
        seed: seed.and_then(|seed| u64::try_from(seed).ok()).unwrap_or(1),
        floor,
        policies,
    })
}

fn read_channels(channels: &mut Reader<'_, '_>) -> [(f64, ChannelWork); 4] {
    let mut is_empty = true;
    let read = Channel::ALL.map(|channel| {
        let given = channels.has(channel.name());
        channels.key(channel.name()).table(|table| {
            let share = table.key("share").or_required_if(given).number(0.0..=1e6);
            let effort_s = table
                .key("effort_s")
                .or_required_if(given)
                .number(1.0..=1e6);
            let patient = table.has("patience");
            let patience = table.key("patience").table(|patience| {
                let shape = patience.key("shape").number(0.1..=10.0);
                let scale_s = patience
                    .key("scale_s")
                    .or_required_if(patient)
                    .number(1.0..=1e6);
                scale_s.map(|scale_s| Patience {
                    shape: shape.unwrap_or(1.0),
                    scale_s,
                })
            });
            let answer_within = table.key("answer_within_s").seconds(1..=86_400);
            let work = ChannelWork {
                effort_s: effort_s.unwrap_or(0.0),
                patience,
                answer_within,
            };
            // An unreadable share has its own fault.
            is_empty &= !given || share == Some(0.0);
            (share.unwrap_or(0.0), work)
        })
    });
    if is_empty {
        channels.fault("no share above 0", "one or more, or there are no contacts");
    }
    read
}

fn read_topic(topic: &mut Reader<'_, '_>, ids: &mut Unique) -> Option<TopicWork> {
    let name = topic.key("id").required().new_name(ids);
    let share = topic.key("share").required().number(0.0..=1e6);
    let effort = topic.key("effort").number(0.01..=100.0);
    let skill = topic.key("skill").name();
    Some(TopicWork {
        name: name?,
        share: share?,
        effort: effort.unwrap_or(1.0),
        skill,
    })
}

fn read_tier(tier: &mut Reader<'_, '_>, ids: &mut Unique) -> Option<TierShare> {
    let name = tier.key("id").required().new_name(ids);
    let share = tier.key("share").required().number(0.0..=1e6);
    let value = tier.key("value").number(0.0..=1e6);
    let is_vip = tier.key("vip").flag();
    let has_manager = tier.key("manager").flag();
    Some(TierShare {
        name: name?,
        share: share?,
        value: value.unwrap_or(1.0),
        is_vip: is_vip.unwrap_or(false),
        has_manager: has_manager.unwrap_or(false),
    })
}

fn read_grade(grade: &mut Reader<'_, '_>) -> Option<GradeWork> {
    let level_min = grade.key("level_min").whole(1..=i64::from(LEVEL_MAX));
    let effort = grade.key("effort").number(0.01..=100.0);
    let resolves = grade.key("resolves").number(0.0..=1.0);
    let hands_on = grade.key("hands_on").number(0.0..=1.0);
    let hands_on_max = grade.key("hands_on_max").whole(0..=20);
    Some(GradeWork {
        level_min: level_min.and_then(|level| Level::try_from(level).ok()),
        effort: effort.unwrap_or(1.0),
        resolves: resolves.unwrap_or(1.0),
        hands_on: hands_on.unwrap_or(0.0),
        hands_on_max: hands_on_max.unwrap_or(2),
    })
}

fn read_staff(staff: &mut Reader<'_, '_>, slots: usize) -> Option<Roster> {
    let mut on_duty = vec![PerChannel([0; 4]); slots];
    for channel in Channel::ALL {
        if !staff.has(channel.name()) {
            staff.key(channel.name()).table(|_| ());
            continue;
        }
        let counts = numbers(staff.key(channel.name()), 1..=SLOTS_MAX, 0.0..=AGENTS_MAX);
        let Some(counts) = counts else {
            continue;
        };
        // Without slots the day has a fault already.
        if slots > 0 && counts.len() != slots {
            let found = format!("{} slots", counts.len());
            staff.fault_at(channel.name(), &found, &format!("{slots}, as day.shares"));
        }
        for (slot, agents) in on_duty.iter_mut().zip(counts) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count"
            )]
            let agents = agents.round() as u32;
            *slot.get_mut(channel) = agents;
        }
    }
    let range = 1..=i64::from(LEVEL_MAX);
    let allowed = format!("a list of at most {LEVELS_MAX} levels of {range:?}");
    let levels = staff.key("levels").parse(&allowed, |value| {
        let list = value.as_array().filter(|list| list.len() <= LEVELS_MAX)?;
        let level = |item: &toml::Spanned<DeValue<'_>>| {
            Level::try_from(super::value::integer(item.get_ref())?).ok()
        };
        list.iter().map(level).collect()
    });
    Some(Roster {
        on_duty,
        levels: levels.unwrap_or_default(),
    })
}

fn read_policy(policy: &mut Reader<'_, '_>, names: &mut Unique, tiers: usize) -> Option<Policy> {
    let name = policy.key("name").required().string(LABEL_BYTES_MAX);
    if let Some(name) = name
        && let Err(taken) = names.claim(name, "policy")
    {
        policy.fault_at("name", name, &taken);
    }
    let floors = [("whole", Floor::Whole), ("by_channel", Floor::ByChannel)];
    let floor = policy.key("floor").choice(&floors);
    let by_skill = policy.key("by_skill").flag();
    let selects = Select::ALL.map(|select| (select.name(), select));
    let select = policy.key("select").choice(&selects);
    let specialist = policy.key("specialist_s").seconds(0..=3_600);
    let orders = OrderKind::ALL.map(|order| (order.name(), order));
    let order = policy.key("order").choice(&orders);
    refuse_idle_keys(policy, order);
    let head_starts = numbers(policy.key("head_start_s"), tiers..=tiers, 0.0..=3_600.0);
    let head_starts = head_starts.unwrap_or_default();
    let weights = policy
        .key("weights")
        .or_required_if(order == Some(OrderKind::Urgency));
    let weights = numbers(weights, tiers..=tiers, 0.0..=1e6).unwrap_or_default();
    let convex = policy.key("convex_s").seconds(1..=86_400);
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    let head_starts = head_starts
        .iter()
        .map(|s| Millis::from_s(*s as i64))
        .collect();
    let order = match order.unwrap_or(OrderKind::Due) {
        OrderKind::Due => Sequence::Due { head_starts },
        OrderKind::FirstCome => Sequence::FirstCome,
        OrderKind::Strict => Sequence::Strict,
        OrderKind::Urgency => Sequence::Urgency {
            weights,
            convex: convex.unwrap_or(Millis::from_s(180)),
        },
    };
    Some(Policy {
        name: name?.to_owned(),
        floor: floor.unwrap_or(Floor::Whole),
        by_skill: by_skill.unwrap_or(true),
        select: select.unwrap_or(Select::Best),
        order,
        specialist: specialist.unwrap_or(Millis::ZERO),
    })
}

/// Reports keys that have no effect with the chosen order.
fn refuse_idle_keys(policy: &mut Reader<'_, '_>, order: Option<OrderKind>) {
    if order.is_none() && policy.has("order") {
        return;
    }
    let order = order.unwrap_or(OrderKind::Due);
    for (key, whose) in [
        ("head_start_s", OrderKind::Due),
        ("weights", OrderKind::Urgency),
        ("convex_s", OrderKind::Urgency),
    ] {
        if order != whose && policy.has(key) {
            policy.fault_at(
                key,
                &format!("of no effect with order {}", order.name()),
                &format!("with order {}", whose.name()),
            );
        }
    }
}

fn read_answers(answers: &mut Reader<'_, '_>) -> Answers {
    let after_s = answers.key("after_s").number(0.0..=600.0).unwrap_or(0.0);
    let declined = answers.key("declined").number(0.0..=1.0).unwrap_or(0.0);
    let ignored = answers.key("ignored").number(0.0..=1.0).unwrap_or(0.0);
    if declined + ignored > 1.0 {
        let allowed = "together with declined, at most 1";
        answers.fault_at("ignored", &ignored.to_string(), allowed);
    }
    Answers {
        after_s,
        declined,
        ignored,
    }
}

/// A workload with only the `[work]` part filled in.
fn read_work(work: &mut Reader<'_, '_>) -> Workload {
    let log_sd = work.key("log_sd").number(0.0..=3.0);
    let effort_max = work.key("effort_max_s").seconds(1..=86_400);
    let agent_log_sd = work.key("agent_log_sd").number(0.0..=3.0);
    let acquaintance = work.key("acquaintance").table(|known| Acquaintance {
        effort: known.key("effort").number(0.01..=1.0).unwrap_or(1.0),
        resolves_more: known.key("resolves_more").number(0.0..=1.0).unwrap_or(0.0),
    });
    let repeats = work.key("repeats").table(|repeats| Repeats {
        times_max: repeats.key("times_max").whole(0..=20).unwrap_or(0),
        after_s: repeats.key("after_s").number(1.0..=1e6).unwrap_or(2_400.0),
        effort: repeats.key("effort").number(0.01..=10.0).unwrap_or(1.0),
    });
    let redials = work.key("redials").table(|redials| Redials {
        share: redials.key("share").number(0.0..=1.0).unwrap_or(0.0),
        times_max: redials.key("times_max").whole(0..=20).unwrap_or(0),
        after_s: redials.key("after_s").number(1.0..=1e6).unwrap_or(600.0),
    });
    let answers = work.key("answers").table(read_answers);
    let attendance = attendance::read(work);
    Workload {
        title: String::new(),
        opens_at: Timestamp(0),
        opens_min: 0,
        slot: Millis::ZERO,
        arrivals: Vec::new(),
        surges: Vec::new(),
        days_before: 0,
        days_before_factor: 1.0,
        channels: PerChannel::default(),
        topics: Vec::new(),
        tiers: Vec::new(),
        effort_log_sd: log_sd.unwrap_or(0.0),
        effort_max: effort_max.unwrap_or(Millis::from_s(86_400)),
        grades: Vec::new(),
        agent_log_sd: agent_log_sd.unwrap_or(0.0),
        acquaintance,
        repeats,
        redials,
        answers,
        attendance,
    }
}

/// A list of numbers, with bounds on its length and on each.
fn numbers(
    field: Field<'_, '_>,
    lengths: RangeInclusive<usize>,
    range: RangeInclusive<f64>,
) -> Option<Vec<f64>> {
    let allowed = format!("a list of {lengths:?} numbers of {range:?}");
    field.parse(&allowed, |value| {
        let list = value
            .as_array()
            .filter(|list| lengths.contains(&list.len()))?;
        let number = |item: &toml::Spanned<DeValue<'_>>| {
            super::value::number(item.get_ref()).filter(|number| range.contains(number))
        };
        list.iter().map(number).collect()
    })
}
