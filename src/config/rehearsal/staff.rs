//! Agents in a rehearsal: grades, and the roster of `[staff]`.

use super::{SLOTS_MAX, wholes};
use crate::config::reader::Reader;
use crate::config::value::integer;
use crate::domain::skill::LEVEL_MAX;
use crate::domain::{Channel, Level, PerChannel};
use crate::sim::staff::{AGENTS_MAX, Roster};
use crate::sim::workload::GradeWork;

const LEVELS_MAX: usize = 32;
const GRADES_MAX: usize = 10;

pub(super) fn read_grades(root: &mut Reader<'_, '_>) -> Vec<GradeWork> {
    let mut above = Above::First;
    let grades = root.key("grade").required();
    grades.tables(GRADES_MAX, |grade| {
        let read = read_grade(grade)?;
        refuse_unreached(grade, read.level_min, &above);
        above = match read.level_min {
            Some(level) => Above::From(level),
            None if grade.has("level_min") => Above::First,
            None => Above::All,
        };
        Some(read)
    })
}

/// The grade before.
enum Above {
    /// There is none, or it has a fault of its own.
    First,
    From(Level),
    /// It is for every agent.
    All,
}

/// Reports a grade that no agent would have: each has the first one whose level they reach.
fn refuse_unreached(grade: &mut Reader<'_, '_>, level: Option<Level>, above: &Above) {
    match (above, level) {
        (Above::All, _) => grade.fault(
            "after a grade without level_min",
            "the grade without level_min last, because every agent reaches it",
        ),
        (Above::From(before), Some(level)) if level >= *before => {
            let allowed = format!(
                "less than {}, because the best grade comes first",
                before.get()
            );
            grade.fault_at("level_min", &level.get().to_string(), &allowed);
        }
        (Above::First | Above::From(_), _) => {}
    }
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
        let counts = wholes(staff.key(channel.name()), 1..=SLOTS_MAX, 0..=AGENTS_MAX);
        let Some(counts) = counts else {
            continue;
        };
        // Without slots the day has a fault already.
        if slots > 0 && counts.len() != slots {
            let found = format!("{} slots", counts.len());
            staff.fault_at(channel.name(), &found, &format!("{slots}, as day.shares"));
        }
        for (slot, agents) in on_duty.iter_mut().zip(counts) {
            *slot.get_mut(channel) = agents;
        }
    }
    let allowed = format!("1..={LEVEL_MAX}");
    let levels = staff.key("levels");
    let levels = levels.list(0..=LEVELS_MAX, "levels", &allowed, |value| {
        Level::try_from(integer(value)?).ok()
    });
    Some(Roster {
        on_duty,
        levels: levels.unwrap_or_default(),
    })
}
