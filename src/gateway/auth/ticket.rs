//! Tickets: a browser cannot send a header with a WebSocket, so it exchanges its token for a ticket
//! that opens one socket, once, within half a minute.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustc_hash::FxBuildHasher;
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest, Sha256};

use crate::domain::{Millis, Timestamp};
use crate::gateway::auth::Caller;

/// How long a ticket is valid.
pub const TICKET_FOR: Millis = Millis::from_s(30);
/// The most unused tickets at a time; further ones are refused.
pub const TICKETS_MAX: usize = 16_384;

/// Unused tickets.
#[derive(Default)]
pub struct Tickets(Mutex<Out>);

#[derive(Default)]
struct Out {
    /// By the ticket's hash, so that the timing of a look-up reveals nothing about a ticket.
    callers: HashMap<[u8; 32], (Caller, Timestamp), FxBuildHasher>,
    in_order: VecDeque<([u8; 32], Timestamp)>,
}

/// A ticket as issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub text: String,
    pub expires_at: Timestamp,
}

impl Tickets {
    /// None if there are too many unused ones.
    pub fn issue(&self, caller: Caller, now: Timestamp) -> Option<Ticket> {
        let mut secret = [0; 32];
        getrandom(&mut secret, GetRandomFlags::empty()).ok()?;
        let text = URL_SAFE_NO_PAD.encode(secret);
        let expires_at = now + TICKET_FOR;
        let mut out = self.lock();
        out.forget(now);
        if out.callers.len() >= TICKETS_MAX {
            return None;
        }
        let hash = Sha256::digest(&text).into();
        out.callers.insert(hash, (caller, expires_at));
        out.in_order.push_back((hash, expires_at));
        drop(out);
        Some(Ticket { text, expires_at })
    }

    /// Takes the caller of a ticket, which is then used up.
    pub fn redeem(&self, text: &str, now: Timestamp) -> Option<Caller> {
        let hash: [u8; 32] = Sha256::digest(text).into();
        let (caller, expires_at) = self.lock().callers.remove(&hash)?;
        (expires_at > now).then_some(caller)
    }

    fn lock(&self) -> MutexGuard<'_, Out> {
        self.0.lock().expect("nothing panics under this lock")
    }
}

impl Out {
    /// Forgets expired tickets, and the order of used ones.
    fn forget(&mut self, now: Timestamp) {
        let callers = &mut self.callers;
        if self.in_order.len() >= 2 * TICKETS_MAX {
            self.in_order.retain(|(hash, _)| callers.contains_key(hash));
        }
        while let Some((hash, expires_at)) = self.in_order.front()
            && *expires_at <= now
        {
            callers.remove(hash);
            self.in_order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Uri};

    use super::*;
    use crate::gateway::auth::{Credentials, Guard};

    fn caller() -> Caller {
        let guard = Guard::new(Credentials::Dev);
        let mut headers = HeaderMap::new();
        headers.insert(
            "authorization",
            HeaderValue::from_static("Bearer dev-agent:a1"),
        );
        guard
            .identify(&headers, &Uri::from_static("/"), Timestamp(0))
            .unwrap()
    }

    #[test]
    fn a_ticket_opens_once_and_not_after_its_time() {
        let tickets = Tickets::default();
        let first = tickets.issue(caller(), Timestamp(0)).unwrap();
        let second = tickets.issue(caller(), Timestamp(0)).unwrap();
        assert_ne!(first.text, second.text);
        assert!(tickets.redeem("anything", Timestamp(1)).is_none());
        assert!(tickets.redeem(&first.text, Timestamp(29_999)).is_some());
        assert!(tickets.redeem(&first.text, Timestamp(29_999)).is_none());
        assert!(tickets.redeem(&second.text, Timestamp(30_000)).is_none());
    }

    #[test]
    fn there_is_a_bound_to_the_tickets_that_are_out() {
        let tickets = Tickets::default();
        let caller = caller();
        for _ in 0..TICKETS_MAX {
            assert!(tickets.issue(caller.clone(), Timestamp(0)).is_some());
        }
        assert!(tickets.issue(caller.clone(), Timestamp(1)).is_none());
        assert!(tickets.issue(caller, Timestamp(30_000)).is_some());
    }

    #[test]
    fn a_ticket_that_was_taken_in_is_not_out() {
        let tickets = Tickets::default();
        let caller = caller();
        for _ in 0..3 * TICKETS_MAX {
            let ticket = tickets.issue(caller.clone(), Timestamp(0)).unwrap();
            assert!(tickets.redeem(&ticket.text, Timestamp(0)).is_some());
        }
        assert!(tickets.0.lock().unwrap().in_order.len() <= 2 * TICKETS_MAX);
    }
}
