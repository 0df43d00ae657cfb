//! When an offer was live, and whether two were live at the same time.
//!
//! Frames to different agents travel on different sockets, so the end of one offer may be read
//! after the start of the next although the server did them in order. Therefore the server's own
//! `at` is compared, not the moment of reading.

use super::book::AgentNo;

/// One offer of a contact. `made_at` is the server's instant as in [`stamp`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OfferSpan {
    pub(crate) agent: AgentNo,
    pub(crate) made_at: u64,
    pub(crate) until: Until,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Until {
    Accepted,
    Open,
    /// Withdrawn, expired or accepted, at the server's instant.
    Gone(u64),
    /// The socket was lost or the answer came too late; only the server knows when. Such an offer
    /// proves nothing.
    Unknown,
}

/// Whether two of these offers were live at the same time.
pub(crate) fn overlap(offers: &[OfferSpan]) -> bool {
    let mut offers = offers.to_vec();
    offers.sort_by_key(|span| span.made_at);
    offers.iter().enumerate().any(|(index, earlier)| {
        offers[index + 1..]
            .iter()
            .any(|later| are_live_together(earlier, later))
    })
}

/// Offers of the same millisecond may have been made in either order.
fn are_live_together(earlier: &OfferSpan, later: &OfferSpan) -> bool {
    let either_order = earlier.made_at == later.made_at;
    outlives(earlier, later.made_at) && (!either_order || outlives(later, earlier.made_at))
}

fn outlives(offer: &OfferSpan, instant: u64) -> bool {
    match offer.until {
        Until::Accepted | Until::Open => true,
        Until::Gone(at) => instant < at,
        Until::Unknown => false,
    }
}

/// The digits of an RFC 3339 UTC instant as one number, which sorts like the instant.
pub(crate) fn stamp(at: &str) -> u64 {
    at.bytes()
        .filter(u8::is_ascii_digit)
        .take(17)
        .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(agent: u32, made_at: u64, until: Until) -> OfferSpan {
        OfferSpan {
            agent: AgentNo(agent),
            made_at,
            until,
        }
    }

    #[test]
    fn an_offer_made_when_the_last_was_gone_is_no_double() {
        let first = offer(1, 10, Until::Gone(20));
        assert!(!overlap(&[first, offer(2, 20, Until::Accepted)]));
        assert!(!overlap(&[offer(2, 20, Until::Accepted), first]));
    }

    #[test]
    fn an_offer_made_while_another_is_live_is_a_double() {
        let second = offer(2, 15, Until::Accepted);
        assert!(overlap(&[offer(1, 10, Until::Gone(20)), second]));
        assert!(overlap(&[offer(1, 10, Until::Open), second]));
        assert!(overlap(&[offer(1, 10, Until::Accepted), second]));
    }

    #[test]
    fn an_offer_gone_in_the_millisecond_it_was_made_is_no_double() {
        let gone = offer(1, 10, Until::Gone(10));
        let accepted = offer(2, 10, Until::Accepted);
        assert!(!overlap(&[gone, accepted]));
        assert!(!overlap(&[accepted, gone]));
        assert!(overlap(&[accepted, offer(1, 10, Until::Open)]));
    }

    #[test]
    fn an_offer_lost_with_its_socket_proves_nothing() {
        let lost = offer(1, 10, Until::Unknown);
        assert!(!overlap(&[lost, offer(2, 15, Until::Accepted)]));
    }

    #[test]
    fn stamps_order_like_their_instants() {
        assert_eq!(stamp("2026-11-21T10:00:00.007Z"), 20_261_121_100_000_007);
        assert!(stamp("2026-11-21T10:00:00.999Z") < stamp("2026-11-21T10:00:01.000Z"));
    }
}
