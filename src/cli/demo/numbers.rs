//! Metrics, parsed from the Prometheus text format.

use std::collections::BTreeMap;

/// The samples of one scrape, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Numbers(BTreeMap<String, Vec<Sample>>);

#[derive(Clone, Debug, PartialEq)]
struct Sample {
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Numbers {
    /// Lines that are not samples are skipped.
    pub(super) fn read(text: &str) -> Self {
        let mut by_name: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
        for (name, sample) in text.lines().filter_map(sample) {
            by_name.entry(name.to_owned()).or_default().push(sample);
        }
        Self(by_name)
    }

    /// The sum of the samples that have all of these labels.
    pub(super) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let samples = self.0.get(name).map_or(&[][..], Vec::as_slice);
        let fitting = samples.iter().filter(|sample| sample.has(labels));
        // The empty sum of floats is -0.
        fitting.map(|sample| sample.value).sum::<f64>() + 0.0
    }

    /// [`sum`](Self::sum) of a metric that counts.
    pub(super) fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        whole(self.sum(name, labels))
    }

    /// Counts by the values of one label, those above zero.
    pub(super) fn counts_by(&self, name: &str, label: &str) -> BTreeMap<String, u64> {
        let sums = self.sums_by(name, label, &[]).into_iter();
        let counts = sums.map(|(value, sum)| (value, whole(sum)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Sums by the values of one label, over the samples that have all of these.
    pub(super) fn sums_by(
        &self,
        name: &str,
        label: &str,
        labels: &[(&str, &str)],
    ) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        let samples = self.0.get(name).into_iter().flatten();
        for sample in samples.filter(|sample| sample.has(labels)) {
            if let Some(value) = sample.labels.get(label) {
                *sums.entry(value.clone()).or_default() += sample.value;
            }
        }
        sums
    }
}

impl Sample {
    fn has(&self, labels: &[(&str, &str)]) -> bool {
        let fits = |(name, value): &(&str, &str)| {
            let found = self.labels.get(*name);
            found.is_some_and(|found| found == value)
        };
        labels.iter().all(fits)
    }
}

fn sample(line: &str) -> Option<(&str, Sample)> {
    if line.starts_with('#') {
        return None;
    }
    let (series, value) = line.rsplit_once(' ')?;
    let value = value.parse().ok()?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, read_labels(labels.strip_suffix('}')?)?),
        None => (series, BTreeMap::new()),
    };
    Some((name, Sample { labels, value }))
}

/// This server's label values are names, which need no escaping.
fn read_labels(text: &str) -> Option<BTreeMap<String, String>> {
    let pairs = text.split(',').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and counts are whole"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scrape_is_read_and_summed() {
        let numbers = Numbers::read(
            "# HELP a_total of a\na_total{queue=\"x\",tier=\"gold\"} 3\n\
             a_total{queue=\"y\",tier=\"gold\"} 4\na_total{queue=\"y\",tier=\"basic\"} 0\n\
             residual -1\nnonsense\nb{le=\"+Inf\"} NaN\n",
        );
        assert_eq!(numbers.count("a_total", &[]), 7);
        assert_eq!(numbers.count("a_total", &[("queue", "y")]), 4);
        assert_eq!(numbers.sum("residual", &[]), -1.0);
        assert_eq!(numbers.sum("absent", &[]).to_string(), "0");
        let by_tier = numbers.counts_by("a_total", "tier");
        assert_eq!(by_tier, BTreeMap::from([("gold".to_owned(), 7)]));
    }
}
