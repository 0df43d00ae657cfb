//! The attendance part of a rehearsal: shrinkage and breaks.
//!
//! Absent on purpose: the roster, which is `[staff]`.

use crate::config::reader::Reader;
use crate::domain::Millis;
use crate::sim::attendance::{Attendance, BREAKS_MAX, Break};

/// Above this, hardly any agent would come.
const SHRINKAGE_MAX: f64 = 0.9;

pub(super) fn read(work: &mut Reader<'_, '_>) -> Attendance {
    let shrinkage = work.key("shrinkage").number(0.0..=SHRINKAGE_MAX);
    let mut over_at = Millis::ZERO;
    let breaks = work.key("breaks");
    let breaks = breaks.tables(BREAKS_MAX, |pause| read_break(pause, &mut over_at));
    Attendance {
        shrinkage: shrinkage.unwrap_or(0.0),
        breaks,
    }
}

/// `over_at` is the latest end of the previous break.
fn read_break(pause: &mut Reader<'_, '_>, over_at: &mut Millis) -> Option<Break> {
    let after = pause.key("after_s").required().seconds(0..=86_400);
    let length = pause.key("length_s").required().seconds(1..=14_400);
    let spread = pause.key("spread_s").seconds(0..=14_400);
    let pause_of = Break {
        after: after?,
        length: length?,
        spread: spread.unwrap_or(Millis::ZERO),
    };
    if pause_of.after < *over_at {
        let found = pause_of.after.whole_s().to_string();
        let allowed = format!(
            "{} or more, when the previous one is over",
            over_at.whole_s()
        );
        pause.fault_at("after_s", &found, &allowed);
    }
    *over_at = pause_of.after + pause_of.spread + pause_of.length;
    Some(pause_of)
}
