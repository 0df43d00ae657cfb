//! Agents in a rehearsal: grades, and the roster of `[staff]`.

use toml::de::DeValue;

use super::{SLOTS_MAX, numbers};
use crate::config::reader::Reader;
use crate::domain::skill::LEVEL_MAX;
use crate::domain::{Channel, Level, PerChannel};
use crate::sim::staff::Roster;
use crate::sim::workload::GradeWork;

const LEVELS_MAX: usize = 32;
const GRADES_MAX: usize = 10;
/// The most agents on duty in one slot for one channel.
const AGENTS_MAX: f64 = 20_000.0;

pub(super) fn read_grades(root: &mut Reader<'_, '_>) -> Vec<GradeWork> {
    root.key("grade").required().tables(GRADES_MAX, read_grade)
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

/// The roster of `[staff]`, if there is one.
pub(super) fn read_floor(root: &mut Reader<'_, '_>, slots: usize) -> Option<Roster> {
    if root.has("staff") {
        root.key("staff").table(|staff| read_staff(staff, slots))
    } else {
        root.key("staff").table(|_| None)
    }
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
            Level::try_from(crate::config::value::integer(item.get_ref())?).ok()
        };
        list.iter().map(level).collect()
    });
    Some(Roster {
        on_duty,
        levels: levels.unwrap_or_default(),
    })
}
