//! A linear scale with round steps: 1, 2 or 5 times a power of ten.

/// Larger values are drawn as this one; nothing in a contact centre is larger.
const LARGEST: f64 = 1e9;
/// If all values are below this, the axis ends at 1.
const SMALLEST: f64 = 1e-3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) step: f64,
    decimals: usize,
}

impl Scale {
    /// Covers all finite `values` and zero, in at most `steps_max` + 1 steps.
    pub(super) fn covering(values: impl Iterator<Item = f64>, steps_max: u32) -> Self {
        let (low, high) = reach(values);
        let high = if high - low < SMALLEST { 1.0 } else { high };
        let (step, decimals) = round_step((high - low) / f64::from(steps_max));
        Self {
            min: whole_steps((low / step).floor(), step),
            max: whole_steps((high / step).ceil(), step),
            step,
            decimals,
        }
    }

    /// The same, but ending at `max`.
    pub(super) fn ending_at(max: f64, values: impl Iterator<Item = f64>, steps_max: u32) -> Self {
        let below = values.map(|value| value.min(max));
        let scale = Self::covering(below.chain([max]), steps_max);
        Self {
            max: reach([max].into_iter()).1.max(scale.min + scale.step),
            ..scale
        }
    }

    /// The value and label of each step.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let first = (self.min / self.step).round();
        (0..)
            .map(|step| whole_steps(first + f64::from(step), self.step))
            .take_while(|tick| *tick <= self.max + self.step * 1e-6)
            .map(|tick| (tick, number(tick, self.decimals)))
            .collect()
    }

    /// Where `value` is if the axis goes from `start` to `end`; beyond `end` if it is higher.
    pub(super) fn place(&self, value: f64, start: f64, end: f64) -> f64 {
        let share = (value.clamp(-LARGEST, LARGEST) - self.min) / (self.max - self.min);
        start + share * (end - start)
    }

    /// A value for readers, with one decimal more than the ticks.
    pub(super) fn precise(&self, value: f64) -> String {
        if value.abs() <= LARGEST {
            number(value, self.decimals + 1)
        } else {
            format!("{value:.1e}")
        }
    }
}

/// The lowest and highest of the finite `values` and zero.
fn reach(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .filter(|value| value.is_finite())
        .map(|value| value.clamp(-LARGEST, LARGEST))
        .fold((0.0, 0.0), |(low, high): (f64, f64), value| {
            (low.min(value), high.max(value))
        })
}

/// Adding zero turns the negative zero of a rounded axis into zero.
fn whole_steps(count: f64, step: f64) -> f64 {
    count * step + 0.0
}

/// The smallest round step that is at least `least`, and the decimals it needs.
fn round_step(least: f64) -> (f64, usize) {
    const MANTISSAS: [f64; 3] = [1.0, 2.0, 5.0];
    let fractions = (1..=5_u32).rev().flat_map(|decimals| {
        let part = f64::from(10_u32.pow(decimals));
        MANTISSAS.map(|mantissa| (mantissa / part, decimals as usize))
    });
    let wholes = (0..=9_u32).flat_map(|zeros| {
        let times = (0..zeros).fold(1.0, |power, _| power * 10.0);
        MANTISSAS.map(|mantissa| (mantissa * times, 0))
    });
    fractions
        .chain(wholes)
        .find(|(step, _)| *step >= least * (1.0 - 1e-9))
        .unwrap_or((LARGEST * 5.0, 0))
}

/// Digits in groups of three, with a true minus.
fn number(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(scale: &Scale) -> Vec<String> {
        scale.ticks().into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn steps_are_one_two_or_five_times_a_power_of_ten() {
        let ticks = |high: f64| named(&Scale::covering([high].into_iter(), 5));
        assert_eq!(ticks(4.3), ["0", "1", "2", "3", "4", "5"]);
        assert_eq!(ticks(83.0), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(ticks(0.62), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(
            ticks(2100.0),
            ["0", "500", "1,000", "1,500", "2,000", "2,500"]
        );
    }

    #[test]
    fn zero_is_always_on_the_axis() {
        let scale = Scale::covering([-3.0, -1.0].into_iter(), 4);
        assert_eq!(named(&scale), ["−3", "−2", "−1", "0"]);
    }

    #[test]
    fn a_fixed_end_holds_whatever_the_data_say() {
        let scale = Scale::ending_at(90.0, [250.0].into_iter(), 5);
        assert_eq!((scale.min, scale.max), (0.0, 90.0));
        assert_eq!(named(&scale), ["0", "20", "40", "60", "80"]);
        assert_eq!(scale.place(45.0, 0.0, 100.0), 50.0);
    }

    #[test]
    fn nothing_to_measure_still_makes_an_axis() {
        for values in [vec![], vec![0.0], vec![f64::NAN, f64::INFINITY]] {
            let scale = Scale::covering(values.into_iter(), 2);
            assert_eq!(named(&scale), ["0.0", "0.5", "1.0"]);
        }
    }

    #[test]
    fn numbers_beyond_sense_keep_the_axis_finite() {
        let scale = Scale::covering([f64::MAX, f64::MIN].into_iter(), 5);
        assert_eq!((scale.min, scale.max), (-1e9, 1e9));
        assert_eq!(scale.place(f64::MAX, 0.0, 1.0), 1.0);
        assert_eq!(scale.precise(f64::MAX), "1.8e308");
    }
}
