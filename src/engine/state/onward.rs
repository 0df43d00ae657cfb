//! Where rules that are certain to fire take a waiting contact: to another queue, or to the agents
//! of another queue that is added to its own.
//!
//! A rule is certain to fire if time, a predicted breach or the lack of staff triggers it, it is
//! for the contact's tier, has no condition and has not fired yet.

use crate::domain::Name;
use crate::engine::options::{Action, EscalationRule, Trigger};
use crate::engine::state::contact::Contact;
use crate::engine::state::queue::QueueRules;
use crate::engine::state::registry::QueueKey;

/// A contact with the name of its tier, and the look-up of queues.
pub(in crate::engine) struct Onward<'a, R, K> {
    pub contact: &'a Contact,
    pub tier: &'a Name,
    pub rules: R,
    pub key: K,
}

impl<'a, R, K> Onward<'a, R, K>
where
    R: Fn(QueueKey) -> Option<&'a QueueRules>,
    K: Fn(&Name) -> Option<QueueKey>,
{
    /// Whether any queue that the contact reaches from `queue`, to which `also` are added, can
    /// serve it; `serves` is asked for each with the queues that are added there.
    pub(in crate::engine) fn comes_to(
        &self,
        queue: QueueKey,
        also: &[QueueKey],
        mut serves: impl FnMut(QueueKey, &[QueueKey]) -> bool,
    ) -> bool {
        let mut known = vec![queue];
        let mut open = vec![(queue, also.to_vec())];
        while let Some((queue, mut also)) = open.pop() {
            let rules = (self.rules)(queue).into_iter();
            let rules = rules.flat_map(|rules| &rules.options.escalations);
            let sure = rules.filter(|rule| self.is_sure(queue, rule));
            for action in sure.flat_map(|rule| &rule.actions) {
                match action {
                    Action::AddQueue(name) => also.extend((self.key)(name)),
                    Action::MoveTo(name) => {
                        let next = (self.key)(name).filter(|next| !known.contains(next));
                        known.extend(next);
                        open.extend(next.map(|next| (next, Vec::new())));
                    }
                    Action::Boost(_)
                    | Action::NextStep
                    | Action::Notify(_)
                    | Action::ReserveNext
                    | Action::Message(_)
                    | Action::OfferCallback
                    | Action::Deflect(_)
                    | Action::FanOut(_) => {}
                }
            }
            also.sort_unstable();
            also.dedup();
            if serves(queue, &also) {
                return true;
            }
        }
        false
    }

    fn is_sure(&self, queue: QueueKey, rule: &EscalationRule) -> bool {
        let comes = match rule.when {
            None
            | Some(
                Trigger::TargetPercent(_)
                | Trigger::After(_)
                | Trigger::PredictedBreach
                | Trigger::NobodyStaffed,
            ) => true,
            Some(
                Trigger::OffersEnded(_) | Trigger::WaitingOver(_) | Trigger::SentimentBelow(_),
            ) => false,
        };
        let fired = self.contact.fired_in(queue, &rule.name);
        let is_to_come = fired.is_none_or(|fired| fired.is_pending || fired.owes_move);
        comes && is_to_come && is_meant(rule, self.tier)
    }
}

/// Whether a rule of the contact's queue is certain to fire for it at a known time.
pub(in crate::engine) fn is_sure_by_clock(
    contact: &Contact,
    rule: &EscalationRule,
    tier: &Name,
) -> bool {
    let fired = contact.fired(&rule.name);
    let comes = matches!(
        rule.when,
        Some(Trigger::TargetPercent(_) | Trigger::After(_))
    );
    comes && fired.is_none_or(|fired| fired.is_pending) && is_meant(rule, tier)
}

/// Whether a rule applies to all contacts of this tier.
fn is_meant(rule: &EscalationRule, tier: &Name) -> bool {
    rule.only_if.is_none() && (rule.tiers.is_empty() || rule.tiers.contains(tier))
}
