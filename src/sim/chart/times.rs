//! The horizontal axis, with steps that suit a clock.

use super::Hours;

const DAY: u32 = 1440;
const STEPS: [u32; 12] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720];
/// A longer rehearsal is drawn only up to this.
const DAYS_MAX: f64 = 366.0;

impl Hours {
    /// From earlier to later, in whole minutes; a whole day if the span is empty or not a number.
    pub(super) fn settled(self) -> Self {
        let limit = f64::from(DAY) * DAYS_MAX;
        let settled = Self {
            from_min: self.from_min.clamp(0.0, limit).floor(),
            to_min: self.to_min.clamp(0.0, limit).ceil(),
        };
        if settled.from_min < settled.to_min {
            settled
        } else {
            Self::default()
        }
    }

    pub(super) fn holds(self, minute: f64) -> bool {
        (self.from_min..=self.to_min).contains(&minute)
    }

    pub(super) fn place(self, minute: f64, start: f64, end: f64) -> f64 {
        let share = (minute - self.from_min) / (self.to_min - self.from_min);
        start + share * (end - start)
    }

    /// At most `steps_max` + 1 minutes, with their labels.
    pub(super) fn ticks(self, steps_max: u32) -> Vec<(f64, String)> {
        let span = self.to_min - self.from_min;
        let least = span / f64::from(steps_max);
        let step = STEPS
            .into_iter()
            .map(f64::from)
            .find(|step| *step >= least)
            .unwrap_or_else(|| f64::from(DAY) * (least / f64::from(DAY)).ceil());
        let first = (self.from_min / step).ceil();
        (0..)
            .map(|index| (first + f64::from(index)) * step)
            .take_while(|minute| *minute <= self.to_min)
            .map(|minute| (minute, self.name(minute)))
            .collect()
    }

    fn name(self, minute: f64) -> String {
        let days = (minute / f64::from(DAY)).floor();
        let into_day = minute - days * f64::from(DAY);
        let over_days = self.to_min - self.from_min > f64::from(DAY);
        if into_day == 0.0 && over_days {
            format!("day {}", days + 1.0)
        } else if into_day == 0.0 && days > 0.0 && minute == self.to_min {
            "24:00".to_owned()
        } else {
            let hour = (into_day / 60.0).floor();
            format!("{hour:02}:{:02}", into_day - hour * 60.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(from_min: f64, to_min: f64) -> Vec<String> {
        let hours = Hours { from_min, to_min }.settled();
        hours.ticks(8).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn a_working_day_has_whole_hours() {
        let ticks = named(480.0, 1320.0);
        assert_eq!(
            ticks,
            [
                "08:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00", "22:00"
            ]
        );
    }

    #[test]
    fn a_whole_day_ends_at_twenty_four() {
        let ticks = named(0.0, 1440.0);
        assert_eq!(ticks.first().map(String::as_str), Some("00:00"));
        assert_eq!(ticks.last().map(String::as_str), Some("24:00"));
    }

    #[test]
    fn several_days_are_numbered() {
        let ticks = named(0.0, 2880.0);
        assert_eq!(
            ticks,
            [
                "day 1", "06:00", "12:00", "18:00", "day 2", "06:00", "12:00", "18:00", "day 3"
            ]
        );
    }

    #[test]
    fn a_part_of_no_day_is_the_whole_day() {
        for (from_min, to_min) in [(9.0, 9.0), (20.0, 10.0), (f64::NAN, 5.0)] {
            let hours = Hours { from_min, to_min }.settled();
            assert_eq!(hours, Hours::default());
        }
    }
}
