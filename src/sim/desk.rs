//! An agent's desk in a rehearsal: the contacts in hand share the agent's attention, as defined by
//! [`attention`](crate::engine::state::attention).

use super::crowd::{Then, WrapUp};
use crate::domain::{ContactId, Millis, Name, Timestamp};

/// A contact in an agent's hands.
#[derive(Clone)]
pub(super) struct InHand {
    pub(super) contact: ContactId,
    /// On hold for another contact, and taking no attention meanwhile.
    pub(super) is_interrupted: bool,
    /// Undivided attention that it has received, and that it still needs.
    pub(super) spent_ms: f64,
    pub(super) left_ms: f64,
    pub(super) then: Then,
    pub(super) wrap_up: WrapUp,
}

/// The break of an agent.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Rest {
    #[default]
    None,
    /// Starts as soon as nothing is in hand.
    Due {
        length: Millis,
    },
    Taken {
        since: Timestamp,
        until: Timestamp,
    },
}

#[derive(Clone, Default)]
pub(super) struct Desk {
    pub(super) name: Option<Name>,
    pub(super) session: u64,
    pub(super) on_duty: bool,
    pub(super) rest: Rest,
    pub(super) in_hand: Vec<InHand>,
    /// Contacts in wrap-up.
    pub(super) wrapping: Vec<ContactId>,
    /// Whether the gauges count this agent as busy, and as on duty.
    pub(super) counted: (bool, bool),
    /// Since when on duty with nothing in hand.
    pub(super) idle_since: Timestamp,
    worked_upto: Timestamp,
    /// Numbers the planned finishes of this desk: only the newest is valid.
    pub(super) generation: u64,
}

impl Desk {
    pub(super) fn of(name: Name) -> Self {
        Self {
            name: Some(name),
            ..Self::default()
        }
    }

    /// How many contacts share the agent's attention.
    pub(super) fn count(&self) -> u32 {
        let those = self.in_hand.iter().filter(|held| !held.is_interrupted);
        u32::try_from(those.count()).unwrap_or(u32::MAX)
    }

    /// Whether the agent is at work, and whether on duty; an agent at work counts as on duty.
    pub(super) fn stands(&self) -> (bool, bool) {
        let works = !self.in_hand.is_empty() || !self.wrapping.is_empty();
        let rests = matches!(self.rest, Rest::Taken { .. });
        (works, works || self.on_duty && !rests)
    }

    /// Credits the contacts in hand with the attention received since the last call, at this total
    /// speed.
    pub(super) fn work(&mut self, now: Timestamp, speed: f64) {
        let each = speed / f64::from(self.count().max(1));
        let got = (now - self.worked_upto).as_s_f64() * 1_000.0 * each;
        let those = self.in_hand.iter_mut().filter(|held| !held.is_interrupted);
        for in_hand in those {
            in_hand.spent_ms += got;
            in_hand.left_ms -= got;
        }
        self.worked_upto = now;
    }

    /// When the first contact in hand will be finished, if nothing changes; call `work` before.
    pub(super) fn plan(&mut self, speed: f64) -> Option<Timestamp> {
        self.generation += 1;
        let each = speed / f64::from(self.count().max(1));
        let first = self.first_done()?;
        let least = self.in_hand[first].left_ms;
        Some(self.worked_upto + Millis::rounded_ms((least / each).max(0.0)))
    }

    /// Removes the contact in hand that is finished first.
    pub(super) fn take_first_done(&mut self) -> Option<InHand> {
        let first = self.first_done()?;
        Some(self.in_hand.remove(first))
    }

    fn first_done(&self) -> Option<usize> {
        let held = self.in_hand.iter().enumerate();
        let those = held.filter(|(_, held)| !held.is_interrupted);
        let first = those.min_by(|(_, one), (_, other)| one.left_ms.total_cmp(&other.left_ms));
        first.map(|(index, _)| index)
    }

    /// Where a contact is among those in hand.
    pub(super) fn place_of(&self, contact: ContactId) -> Option<usize> {
        self.in_hand.iter().position(|held| held.contact == contact)
    }
}
