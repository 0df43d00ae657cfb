//! The HTTP status and code for each refusal of the engine.

use crate::engine::refusal::Refusal;
use crate::wire::problem::Problem;

/// How long a client should wait before retrying when something is full.
const RETRY_AFTER_S: u32 = 5;

/// Exhaustive, so that a new refusal gets its status deliberately.
pub const fn status_of(refusal: &Refusal) -> (u16, &'static str) {
    let status = match refusal {
        Refusal::UnknownContact => 404,
        Refusal::UnknownAgent(_)
        | Refusal::UnknownQueue(_)
        | Refusal::UnknownSkill(_)
        | Refusal::TooFarAhead
        | Refusal::NoPhone
        | Refusal::IdempotencyMismatch
        | Refusal::Attributes(_)
        | Refusal::Configuration(_) => 422,
        Refusal::StaleOffer
        | Refusal::WrongState(_)
        | Refusal::StaleSession
        | Refusal::AgentNotReady(_)
        | Refusal::AlreadyYours
        | Refusal::AgentFull(_)
        | Refusal::QueueClosed(_)
        | Refusal::PullNotAllowed(_)
        | Refusal::QueuePaused(_)
        | Refusal::NobodyWaits(_)
        | Refusal::NotWaitingHere(_)
        | Refusal::NoCallback(_)
        | Refusal::CallbackExists
        | Refusal::NotACallback
        | Refusal::NotDialled
        | Refusal::AgentFirstOnly(_)
        | Refusal::ExtendedBefore
        | Refusal::Interrupted
        | Refusal::NotParkable(_)
        | Refusal::Consulting
        | Refusal::NotConsulting
        | Refusal::NobodyFree(_) => 409,
        Refusal::NotYours | Refusal::NotYourQueue(_) => 403,
        Refusal::QueueFull(_) | Refusal::MessagesFull => 429,
        Refusal::SiteFull | Refusal::Stopping => 503,
    };
    (status, refusal.code())
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let (status, code) = status_of(refusal);
        let problem = Self::new(status, code, refusal.to_string());
        let problem = if let Refusal::Attributes(_) = refusal {
            problem.at_field("attributes")
        } else {
            problem
        };
        match status {
            429 | 503 => problem.with_retry_after_s(RETRY_AFTER_S),
            _ => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Name;
    use crate::domain::attribute::BadAttributes;

    #[test]
    fn what_is_full_says_when_to_come_back() {
        let queue = Name::new("broadband").unwrap();
        let full = Problem::from(&Refusal::QueueFull(queue));
        assert_eq!((full.status, full.code), (429, "queue_full"));
        assert_eq!(full.retry_after_s, Some(5));
        let full = Problem::from(&Refusal::SiteFull);
        assert_eq!((full.status, full.retry_after_s), (503, Some(5)));
        assert_eq!(Problem::from(&Refusal::StaleOffer).retry_after_s, None);
    }

    #[test]
    fn attributes_that_are_too_many_are_named() {
        let bad = Refusal::Attributes(BadAttributes::Count(65));
        assert_eq!(
            Problem::from(&bad).more.field.as_deref(),
            Some("attributes")
        );
    }
}
