//! Draws the arrivals: Poisson in each slot and channel, with surges.

use crate::domain::{Channel, Millis, Timestamp};
use crate::sim::dice::{Dice, Purpose, Throws};
use crate::sim::staff::DAY;
use crate::sim::workload::Workload;

/// An arrival, before its customer is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming {
    pub(super) at: Timestamp,
    pub(super) number: u64,
    pub(super) channel: Channel,
    pub(super) topic: Option<usize>,
}

/// All arrivals, last one first: Poisson in each slot and channel.
pub(super) fn coming(workload: &Workload, dice: Dice) -> Vec<Coming> {
    let mut coming = Vec::new();
    let mut stream = 0;
    for day in 0..=i64::from(workload.days_before) {
        let shift_by = Millis(DAY.0 * day);
        let factor = if day == 0 {
            1.0
        } else {
            workload.days_before_factor
        };
        for channel in Channel::ALL {
            let mut throws = dice.throws(Purpose::Arrival, stream);
            stream += 1;
            let rates = workload
                .arrivals
                .iter()
                .map(|slot| slot.get(channel) * factor);
            for at in poisson(rates, workload, &mut throws) {
                coming.push((at - shift_by, channel, None));
            }
        }
    }
    for surge in &workload.surges {
        for channel in &surge.channels {
            let mut throws = dice.throws(Purpose::Arrival, stream);
            stream += 1;
            let rates = workload
                .arrivals
                .iter()
                .map(|slot| slot.get(*channel) * surge.more);
            for at in poisson(rates, workload, &mut throws) {
                if at >= surge.from && at < surge.until {
                    coming.push((at, *channel, surge.topic));
                }
            }
        }
    }
    coming.sort_by_key(|(at, channel, _)| (*at, *channel));
    let numbered = (1..)
        .zip(coming)
        .map(|(number, (at, channel, topic))| Coming {
            at,
            number,
            channel,
            topic,
        });
    let mut coming: Vec<Coming> = numbered.collect();
    coming.reverse();
    coming
}

/// Instants of a Poisson process whose rate changes from slot to slot.
fn poisson(
    rates: impl Iterator<Item = f64>,
    workload: &Workload,
    throws: &mut Throws,
) -> Vec<Timestamp> {
    let slot_s = workload.slot.as_s_f64();
    let mut instants = Vec::new();
    let mut begins = workload.opens_at;
    let mut left = throws.exponential(1.0);
    for expected in rates {
        let mut passed = 0.0;
        while expected - passed > left {
            passed += left;
            instants.push(begins + Millis::rounded_s(slot_s * passed / expected));
            left = throws.exponential(1.0);
        }
        left -= expected - passed;
        begins = begins + workload.slot;
    }
    instants
}
