//! Outcomes that metrics count by.

use crate::engine::event::OfferEnd;

/// Outcomes of an offer, or of a consultation request; the first is its beginning.
#[derive(Clone, Copy)]
pub(super) enum Offered {
    Made,
    Accepted,
    Declined,
    Expired,
    Undelivered,
    Withdrawn,
}

impl Offered {
    /// By [`Self::index`].
    pub(super) const ALL: [Self; 6] = [
        Self::Made,
        Self::Accepted,
        Self::Declined,
        Self::Expired,
        Self::Undelivered,
        Self::Withdrawn,
    ];

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Undelivered => "undelivered",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The name for a consultation request.
    pub(super) const fn name_of_consult(self) -> &'static str {
        match self {
            Self::Made => "asked",
            Self::Accepted
            | Self::Declined
            | Self::Expired
            | Self::Undelivered
            | Self::Withdrawn => self.name(),
        }
    }
}

impl From<&OfferEnd> for Offered {
    fn from(how: &OfferEnd) -> Self {
        match how {
            OfferEnd::Declined { .. } => Self::Declined,
            OfferEnd::Expired => Self::Expired,
            OfferEnd::Undelivered => Self::Undelivered,
            OfferEnd::Withdrawn(_) => Self::Withdrawn,
        }
    }
}

/// Outcomes of a customer-first call; the first is its beginning.
#[derive(Clone, Copy)]
pub(super) enum Dial {
    Dialled,
    Answered,
    Failed,
}

impl Dial {
    /// By [`Self::index`].
    pub(super) const ALL: [Self; 3] = [Self::Dialled, Self::Answered, Self::Failed];

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dialled => "dialled",
            Self::Answered => "answered",
            Self::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_index() {
        assert!(Offered::ALL.map(Offered::index).into_iter().eq(0..6));
        assert!(Dial::ALL.map(Dial::index).into_iter().eq(0..3));
    }
}
