//! A rehearsal as text: arrivals, staff, and the policies to compare. Read with the same reader,
//! and the same faults, as the configuration of the server.
//!
//! Without `[staff]`, agents and queues are those of the rehearsed configurations.

mod attendance;
mod customers;
mod day;
mod policy;
mod staff;
mod work;

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::path::Path;

use toml::de::DeTable;

use crate::config::fault::Faults;
use crate::config::reader::{self, Field, Reader};
use crate::config::value::LABEL_BYTES_MAX;
use crate::domain::PerChannel;
use crate::domain::period::Zone;
use crate::sim::policy::Policy;
use crate::sim::staff::Roster;
use crate::sim::workload::{Surge, Workload};

pub use day::Calendar;

/// The most replications of one run.
pub const REPLICATIONS_MAX: u32 = 1_000;
const SLOTS_MAX: usize = 288;
const CONTACTS_MAX: f64 = 10_000_000.0;

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
    let channels = root.key("channels").table(customers::read_channels);
    let topics = customers::read_topics(root);
    let tiers = customers::read_tiers(root);
    let grades = staff::read_grades(root);
    let busy = customers::busy(root, &channels);
    let surges = root.key("surge").tables(SLOTS_MAX, |surge| {
        day::read_surge(surge, &topics, &busy, day.as_ref())
    });
    if let Some(day) = &day {
        day.check_surges(root, surges.iter().map(|(surge, _)| surge.more));
    }
    let slots = day.as_ref().map_or(0, day::Day::slots);
    let floor = staff::read_floor(root, slots);
    let policies = policy::read_policies(root, floor.is_some(), tiers.len());
    let work = root.key("work").table(work::read_work);
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

/// A list of numbers, with bounds on its length and on each.
fn numbers(
    field: Field<'_, '_>,
    lengths: RangeInclusive<usize>,
    range: RangeInclusive<f64>,
) -> Option<Vec<f64>> {
    field.list(lengths, "numbers", &format!("{range:?}"), |value| {
        super::value::number(value).filter(|number| range.contains(number))
    })
}

/// A list of whole numbers, with bounds on its length and on each.
fn wholes<T>(
    field: Field<'_, '_>,
    lengths: RangeInclusive<usize>,
    range: RangeInclusive<T>,
) -> Option<Vec<T>>
where
    T: TryFrom<i64> + PartialOrd + Debug,
{
    field.list(lengths, "whole numbers", &format!("{range:?}"), |value| {
        let number = T::try_from(super::value::integer(value)?).ok();
        number.filter(|number| range.contains(number))
    })
}

/// Of a list of shares: whether all of them are 0. Unreadable ones have a fault of their own.
fn refuse_no_share(root: &mut Reader<'_, '_>, key: &'static str, shares: &[f64]) {
    let is_empty = !shares.is_empty() && shares.iter().all(|share| *share == 0.0);
    if is_empty && root.findings().spare(&[key]) {
        root.fault_at(key, "no share above 0", "one or more");
    }
}
