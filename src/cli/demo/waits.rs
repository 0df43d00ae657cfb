//! Waiting times, estimated from the buckets of a histogram.
//!
//! A bucket counts the waits up to its bound; within a bucket they are taken to be uniform.

/// Bounds in seconds, each with the number of waits up to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Waits(Vec<(f64, f64)>);

impl Waits {
    /// In any order; the bound of the last one is infinite.
    pub(super) fn new(mut buckets: Vec<(f64, f64)>) -> Self {
        buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        Self(buckets)
    }

    /// The wait that `percent` of all did not exceed; none without any.
    pub(super) fn percentile_s(&self, percent: f64) -> Option<f64> {
        let (_, count) = self.0.last().filter(|(_, count)| *count > 0.0)?;
        let rank = count * percent / 100.0;
        let (mut from_s, mut below) = (0.0, 0.0);
        for (upto_s, upto) in &self.0 {
            if *upto >= rank && *upto > below {
                if upto_s.is_infinite() {
                    return Some(from_s);
                }
                return Some(from_s + (upto_s - from_s) * (rank - below) / (upto - below));
            }
            (from_s, below) = (*upto_s, *upto);
        }
        None
    }

    /// The smallest bound that no wait exceeded; none without any.
    pub(super) fn max_s(&self) -> Option<f64> {
        let (_, count) = self.0.last().filter(|(_, count)| *count > 0.0)?;
        let all = self.0.iter().find(|(_, upto)| upto >= count);
        all.map(|(upto_s, _)| *upto_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_in_the_bucket_that_holds_them() {
        let waits = Waits::new(vec![
            (f64::INFINITY, 10.0),
            (1.0, 0.0),
            (2.0, 4.0),
            (5.0, 10.0),
        ]);
        assert_eq!(waits.percentile_s(20.0), Some(1.5));
        assert_eq!(waits.percentile_s(40.0), Some(2.0));
        assert_eq!(waits.percentile_s(70.0), Some(3.5));
        assert_eq!(waits.max_s(), Some(5.0));
    }

    #[test]
    fn without_waits_there_is_no_percentile_and_the_last_bound_is_infinite() {
        assert_eq!(Waits::default().percentile_s(50.0), None);
        assert_eq!(Waits::new(vec![(1.0, 0.0)]).max_s(), None);
        let waits = Waits::new(vec![(1.0, 0.0), (f64::INFINITY, 3.0)]);
        assert_eq!(waits.percentile_s(50.0), Some(1.0));
        assert_eq!(waits.max_s(), Some(f64::INFINITY));
    }
}
