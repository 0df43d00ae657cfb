//! A fictitious but realistic day: 28 half hours, four tiers, three policies, a morning and an
//! afternoon peak.

use crate::sim::chart::{Axis, Bar, Bars, Chart, Group, Hours, Mark, Page, Series, Shape};

const TIERS: [&str; 4] = ["diamond 钻石", "gold 金卡", "silver 银卡", "basic 普通"];
const POLICIES: [&str; 3] = [
    "earliest due first",
    "first come first served",
    "strict tiers",
];
const OPEN: Hours = Hours {
    from_min: 480.0,
    to_min: 1320.0,
};
/// Load of each half hour, in percent of the staff.
const LOAD: [u32; 28] = [
    42, 58, 77, 92, 104, 112, 109, 101, 93, 84, 76, 79, 88, 97, 105, 108, 103, 96, 90, 86, 82, 85,
    89, 84, 71, 58, 44, 31,
];

fn noise(seed: u32) -> f64 {
    let mixed = seed.wrapping_mul(2_654_435_761);
    f64::from((mixed ^ (mixed >> 15)) % 1000) / 1000.0
}

fn half_hour(index: usize) -> f64 {
    OPEN.from_min + 30.0 * f64::from(u32::try_from(index).unwrap())
}

/// Minutes waited in each half hour: a backlog that the load builds up.
fn waits(policy: u32, tier: u32) -> Series {
    let share =
        [[0.25, 0.5, 0.8, 1.2], [1.0; 4], [0.05, 0.2, 0.7, 2.6]][policy as usize][tier as usize];
    let mut backlog: f64 = 0.0;
    let mut points = Vec::new();
    let mut band = Vec::new();
    for (index, load) in LOAD.into_iter().enumerate() {
        backlog = (backlog + (f64::from(load) - 94.0) / 9.0).max(0.2);
        let wobble = 0.85 + 0.3 * noise(policy * 1000 + tier * 100 + u32::from(index as u8));
        let wait = backlog * share * wobble;
        points.push((half_hour(index), wait));
        band.push((wait * 0.7, wait * 1.45 + 0.2));
    }
    Series {
        name: TIERS[tier as usize].to_owned(),
        points,
        band: Some(band),
    }
}

fn waits_of(policy: u32) -> Chart {
    Chart {
        title: format!("Wait by tier: {}", POLICIES[policy as usize]),
        note: "mean of 20 days; the shade holds 90 of 100 days".to_owned(),
        hours: OPEN,
        y: Axis {
            label: "mean wait".to_owned(),
            unit: "minutes".to_owned(),
            max: Some(15.0),
        },
        shape: Shape::Step,
        series: (0..4).map(|tier| waits(policy, tier)).collect(),
        marks: vec![Mark {
            label: "target 2 min".to_owned(),
            at: 2.0,
        }],
    }
}

/// Every ten seconds, with an outage between 14:00 and 14:40.
fn occupancy() -> Chart {
    let series = |policy: u32| {
        let point = |tick: u32| {
            let minute = OPEN.from_min + f64::from(tick) / 6.0;
            let index = (tick / 180).min(27) as usize;
            let next = LOAD[(index + 1).min(27)];
            let part = f64::from(tick % 180) / 180.0;
            let load = f64::from(LOAD[index]) * (1.0 - part) + f64::from(next) * part;
            let busy =
                (load * 0.92 - f64::from(policy) * 3.0 + 8.0 * noise(tick * 3 + policy)).min(100.0);
            let outage = (840.0..880.0).contains(&minute);
            (minute, if outage { f64::NAN } else { busy })
        };
        Series {
            name: POLICIES[policy as usize].to_owned(),
            points: (0..5040).map(point).collect(),
            band: None,
        }
    };
    Chart {
        title: "Occupancy".to_owned(),
        note: "share of signed-in time spent with customers; nothing was recorded in the outage"
            .to_owned(),
        hours: OPEN,
        y: Axis {
            label: "occupancy".to_owned(),
            unit: "%".to_owned(),
            max: Some(100.0),
        },
        shape: Shape::Line,
        series: (0..3).map(series).collect(),
        marks: vec![
            Mark {
                label: "healthy at most 85 %".to_owned(),
                at: 85.0,
            },
            Mark {
                label: "planned 82 %".to_owned(),
                at: 82.0,
            },
        ],
    }
}

fn within_target() -> Bars {
    let bar = |policy: u32, tier: u32| {
        let value = [
            [97.1, 94.8, 91.0, 86.3],
            [71.2, 70.4, 72.0, 71.1],
            [99.4, 97.0, 83.5, 41.9],
        ][policy as usize][tier as usize];
        Bar {
            series: POLICIES[policy as usize].to_owned(),
            value,
            lo: value - 1.0 - 2.0 * noise(policy * 7 + tier),
            hi: (value + 1.0 + 2.0 * noise(policy * 7 + tier + 50)).min(100.0),
        }
    };
    Bars {
        title: "Answered within target".to_owned(),
        note: "mean of 20 days, with its 95 % confidence interval".to_owned(),
        unit: "%".to_owned(),
        groups: (0..4)
            .map(|tier| Group {
                name: TIERS[tier as usize].to_owned(),
                bars: (0..3).map(|policy| bar(policy, tier)).collect(),
            })
            .collect(),
    }
}

pub(super) fn page() -> Page {
    let waits = (0..3).map(waits_of).map(Into::into);
    Page {
        heading: "Rehearsal: three policies on a peak day".to_owned(),
        notes: vec![
            "20 days, seeds 1 to 20 · 14,230 contacts a day · 96 agents · 08:00 to 22:00"
                .to_owned(),
        ],
        figures: [within_target().into()]
            .into_iter()
            .chain(waits)
            .chain([occupancy().into()])
            .collect(),
    }
}
