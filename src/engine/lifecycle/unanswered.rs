//! Offers and requests for help that are not answered in time.
//!
//! All that end at one instant end, with their strikes, before any contact or agent goes on.
//! Otherwise the end of one would offer its agent a contact that the strike for another takes back.

use crate::domain::{Channel, Timestamp};
use crate::engine::Engine;
use crate::engine::lifecycle::health::no_answer;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// An offer or request that has ended.
struct Ended {
    agent: AgentKey,
    channel: Channel,
    delivered: bool,
}

impl Engine {
    /// Ends the offers and requests whose deadlines have passed.
    pub(in crate::engine) fn offers_are_over(&mut self, now: Timestamp) {
        let slots = self.deadlines.unanswered(now);
        match slots[..] {
            [only] if self.is_offered_to_someone(only) => self.offer_is_over(only, now),
            [only] => self.consult_offer_is_over(only, now),
            _ => self.offers_are_over_together(&slots, now),
        }
    }

    fn offers_are_over_together(&mut self, slots: &[Slot], now: Timestamp) {
        let (mut back, mut ended) = (Vec::new(), Vec::new());
        for slot in slots {
            let channel = self.contact_at(*slot).labels.channel;
            if self.is_offered_to_someone(*slot) {
                let over = self.end_all_unanswered(*slot, now).into_iter();
                ended.extend(over.map(|offer| Ended {
                    agent: offer.agent,
                    channel,
                    delivered: offer.delivered,
                }));
                back.push(*slot);
            } else {
                let (agent, delivered) = self.end_consult_offer(*slot, now);
                ended.push(Ended {
                    agent,
                    channel,
                    delivered,
                });
            }
        }
        let mut gone = Vec::new();
        for over in ended.iter().filter(|over| over.delivered) {
            let is_third = self.count_strike(now, over.agent, over.channel);
            if is_third && !gone.contains(&over.agent) {
                back.extend(self.take_leave(now, over.agent, no_answer()));
                gone.push(over.agent);
            }
        }
        let mut agents: Vec<AgentKey> = Vec::new();
        for over in ended {
            if !agents.contains(&over.agent) {
                agents.push(over.agent);
            }
        }
        for agent in &agents {
            back.extend(if gone.contains(agent) {
                self.waits_in_vain_for(*agent)
            } else {
                self.waits_for_suspended(*agent)
            });
        }
        self.sort_by_turn(&mut back);
        // A contact that was offered to several agents may have come back from two of them.
        back.dedup();
        self.stand_again(&back, now);
        for agent in agents {
            self.go_on(agent, now);
        }
        self.seek_for_each(&back, now);
        for agent in gone {
            self.hurry_on(agent, now);
            self.note_staffing(agent, now);
        }
    }
}
