//! `[work]`: how people work, return and answer offers.

use super::attendance;
use crate::config::reader::Reader;
use crate::domain::{Millis, PerChannel, Timestamp};
use crate::sim::workload::{Acquaintance, Answers, Redials, Repeats, Workload};

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

/// Without it, a table that is given would have no effect.
fn read_times_max(table: &mut Reader<'_, '_>, given: bool) -> u32 {
    let times_max = table.key("times_max").or_required_if(given);
    times_max.whole(0..=20).unwrap_or(0)
}

/// A workload with only the `[work]` part filled in.
pub(super) fn read_work(work: &mut Reader<'_, '_>) -> Workload {
    let log_sd = work.key("log_sd").number(0.0..=3.0);
    let effort_max = work.key("effort_max_s").seconds(1..=86_400);
    let agent_log_sd = work.key("agent_log_sd").number(0.0..=3.0);
    let acquaintance = work.key("acquaintance").table(|known| Acquaintance {
        effort: known.key("effort").number(0.01..=1.0).unwrap_or(1.0),
        resolves_more: known.key("resolves_more").number(0.0..=1.0).unwrap_or(0.0),
    });
    let given = work.has("repeats");
    let repeats = work.key("repeats").table(|repeats| Repeats {
        times_max: read_times_max(repeats, given),
        after_s: repeats.key("after_s").number(1.0..=1e6).unwrap_or(2_400.0),
        effort: repeats.key("effort").number(0.01..=10.0).unwrap_or(1.0),
    });
    let given = work.has("redials");
    let redials = work.key("redials").table(|redials| {
        let share = redials.key("share").or_required_if(given);
        Redials {
            share: share.number(0.0..=1.0).unwrap_or(0.0),
            times_max: read_times_max(redials, given),
            after_s: redials.key("after_s").number(1.0..=1e6).unwrap_or(600.0),
        }
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
