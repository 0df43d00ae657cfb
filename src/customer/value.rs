//! A customer's value, in the figures of a billing system.

/// The highest [`Arpu`], in the operator's currency per month.
pub const ARPU_MAX: f64 = 1_000_000.0;
/// The longest [`Tenure`], in months.
pub const TENURE_MONTHS_MAX: u16 = 1_200;

/// Average revenue per user and month.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Arpu(f64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: 0..={ARPU_MAX}")]
pub struct BadArpu;

impl TryFrom<f64> for Arpu {
    type Error = BadArpu;
    fn try_from(raw: f64) -> Result<Self, BadArpu> {
        (0.0..=ARPU_MAX)
            .contains(&raw)
            .then_some(Self(raw))
            .ok_or(BadArpu)
    }
}

impl Arpu {
    pub fn get(self) -> f64 {
        self.0
    }
}

/// How long someone has been a customer, in whole months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenure(u16);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: whole numbers in 0..={TENURE_MONTHS_MAX}")]
pub struct BadTenure;

impl TryFrom<u64> for Tenure {
    type Error = BadTenure;
    fn try_from(raw: u64) -> Result<Self, BadTenure> {
        u16::try_from(raw)
            .ok()
            .filter(|months| *months <= TENURE_MONTHS_MAX)
            .map(Self)
            .ok_or(BadTenure)
    }
}

impl Tenure {
    pub fn months(self) -> u16 {
        self.0
    }
}

/// A probability or a fraction.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(f64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: 0..=1")]
pub struct BadShare;

impl TryFrom<f64> for Share {
    type Error = BadShare;
    fn try_from(raw: f64) -> Result<Self, BadShare> {
        (0.0..=1.0)
            .contains(&raw)
            .then_some(Self(raw))
            .ok_or(BadShare)
    }
}

impl Share {
    pub fn get(self) -> f64 {
        self.0
    }
}

/// The figures that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CustomerValue {
    pub arpu: Option<Arpu>,
    pub tenure: Option<Tenure>,
    /// How much the customer's value could grow, from 0 to 1.
    pub potential: Option<Share>,
    /// The probability of leaving, from 0 to 1.
    pub churn_risk: Option<Share>,
}
