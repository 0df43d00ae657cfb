//! What escalation rules have made of a contact.

use crate::domain::{Millis, Name, Timestamp};
use crate::engine::state::contact::fired::Fired;
use crate::engine::state::contact::rare::Usual;
use crate::engine::state::registry::QueueKey;

/// What escalation rules have made of a contact. One that begins anew gives up all of it; some of it
/// ends sooner.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Escalated {
    #[n(0)]
    pub fired: Vec<Fired>,
    /// How far escalations have moved `due` forward, less `put_back`; negative if put back further.
    /// A move to another queue may end it.
    #[n(1)]
    pub boost: Millis,
    /// How far it was put back by no-shows: a part of `boost`, subtracted. Forgiven in another
    /// queue.
    #[n(2)]
    pub put_back: Millis,
    /// Further queues whose agents may serve it, until it leaves its own; sorted.
    #[n(3)]
    pub also: Vec<QueueKey>,
    /// How many live offers rules allow it beside the first, until it leaves its queue.
    #[n(4)]
    pub beside_max: u32,
    /// The next agent who may serve it gets it: until it is answered, closed or scheduled, or
    /// leaves its queue.
    #[n(5)]
    pub is_reserved: bool,
    /// The rule that claims the next agent for it, once none is reserved for another contact of its
    /// queue; ends as `is_reserved` does, or begins it.
    #[n(6)]
    pub claims_by: Option<Name>,
    /// When a predicted breach is checked again, unless it has left its queue by then or the
    /// configuration has changed.
    #[n(7)]
    pub breach_check_at: Option<Timestamp>,
}

impl Usual for Escalated {
    const USUAL: &'static Self = &Self {
        fired: Vec::new(),
        boost: Millis::ZERO,
        put_back: Millis::ZERO,
        also: Vec::new(),
        beside_max: 0,
        is_reserved: false,
        claims_by: None,
        breach_check_at: None,
    };
}

impl Escalated {
    /// The record of a rule, created if there is none.
    pub(in crate::engine) fn rule(&mut self, queue: QueueKey, rule: &Name) -> &mut Fired {
        let known = |fired: &Fired| fired.queue == queue && fired.rule == *rule;
        let at = self.fired.iter().position(known);
        let at = at.unwrap_or_else(|| {
            self.fired.push(Fired::pending(queue, rule.clone()));
            self.fired.len() - 1
        });
        &mut self.fired[at]
    }

    /// It gets the next agent, and need not claim one any more.
    pub(in crate::engine) fn reserve_next(&mut self) {
        self.is_reserved = true;
        self.claims_by = None;
    }

    /// It neither has nor claims the next agent.
    pub(in crate::engine) fn claim_nothing(&mut self) {
        self.is_reserved = false;
        self.claims_by = None;
    }

    /// Fired rules no longer take the contact out of its queue.
    pub(in crate::engine) fn owe_nothing(&mut self) {
        for fired in &mut self.fired {
            fired.owes_move = false;
        }
    }

    /// It is answered: rules that have fired do nothing more.
    pub(in crate::engine) fn answered(&mut self) {
        for fired in self.fired.iter_mut().filter(|fired| !fired.is_pending) {
            fired.owes_move = false;
            fired.again_at = None;
            fired.waits_for_change = false;
        }
    }

    /// It leaves its queue, and what the rules there had added to it.
    pub(in crate::engine) fn leave_queue(&mut self) {
        self.also.clear();
        self.breach_check_at = None;
        self.owe_nothing();
    }

    /// No-shows no longer put it back.
    pub(in crate::engine) fn forgive(&mut self) {
        self.boost = self.boost + std::mem::take(&mut self.put_back);
    }

    /// Its customer did not come when called.
    pub(in crate::engine) fn put_back_to(&mut self, boost: Millis) {
        self.put_back = self.put_back + (self.boost - boost);
        self.boost = boost;
    }
}
