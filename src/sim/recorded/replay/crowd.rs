//! Answers the world's questions about the people of the recorded day.

use crate::domain::{Millis, Name, Recognition, Text, Timestamp};
use crate::engine::command::CUSTOMER_LEFT;
use crate::sim::crowd::{
    AWAY, Answer, Answered, Arrival, Closing, Crowd, Deed, Gauges, News, Shift, Then, Work, WrapUp,
};
use crate::sim::day::WaitEnd;
use crate::sim::recorded::replay::{Again, Case, UNKNOWN_EFFORT};
use crate::sim::recorded::{End, Fate, Leaving, Leg, Reaction};

impl Crowd for Again<'_> {
    type Case = Case;

    fn next_arrival(&mut self) -> Option<Arrival<Case>> {
        let matter = self.day.matters.get(self.next)?;
        let case = Case {
            matter: self.next,
            leg: 0,
            offers: 0,
            queued_at: matter.arrived_at,
            waits: true,
        };
        self.next += 1;
        self.waiting.insert(case.matter, case);
        let later = |(at, news): &(Timestamp, News)| (*at - matter.arrived_at, news.clone());
        let gone_at = matter.legs.first().and_then(gone_at);
        let gone = gone_at.map(|at| (at - matter.arrived_at, News::Gone));
        Some(Arrival {
            at: matter.arrived_at,
            intake: self.intake(matter),
            recognition: Recognition::clone(&matter.recognition),
            patience: self.patience(&case),
            later: matter.news.iter().map(later).chain(gone).collect(),
            case,
        })
    }

    fn next_shift(&mut self) -> Option<Shift> {
        self.shifts.pop()
    }

    fn next_deed(&mut self) -> Option<Deed> {
        self.deeds.pop()
    }

    fn away(&self, agent: usize, now: Timestamp) -> Option<Millis> {
        let like = self.crew.like.get(agent).copied().flatten();
        let was_away_too = like.is_some_and(|like| {
            let mut really = self.day.agents[like].suspensions.iter();
            really.any(|really| really.from <= now + AWAY && really.until > now)
        });
        (!was_away_too).then_some(AWAY)
    }

    fn answer(&mut self, case: &mut Case, agent: usize) -> Answer {
        let reaction = self
            .leg(case)
            .and_then(|leg| leg.reactions.get(case.offers));
        case.offers += 1;
        match reaction.copied() {
            Some(Reaction::Accepts { after }) => Answer::Accept { after },
            Some(Reaction::Declines { after, retry_after }) => {
                Answer::Decline { after, retry_after }
            }
            Some(Reaction::Ignores) => Answer::Ignore,
            Some(Reaction::Unseen) => Answer::Unseen,
            Some(Reaction::Unknown { later_than }) => Answer::Accept {
                after: self.usual_answer(agent).max(Millis(later_than.0 + 1)),
            },
            None => Answer::Accept {
                after: self.usual_answer(agent),
            },
        }
    }

    fn work(&mut self, case: &mut Case, agent: usize) -> Work {
        let Some((matter, leg, service)) = self.service(case) else {
            let outcome = Text::from("unknown");
            return Work {
                effort: UNKNOWN_EFFORT,
                then: Then::Complete { outcome },
                wrap_up: WrapUp::default(),
            };
        };
        let effort_ms = self.effort_ms(matter, leg, service, agent);
        let effort = Millis::rounded_ms(self.spent_ms(case) + effort_ms);
        let next = Case {
            leg: case.leg + 1,
            ..*case
        };
        match (&service.end, self.leg(&next)) {
            (End::HandedOn { keeps_age }, Some(leg)) => Work {
                effort,
                then: Then::Transfer {
                    queue: self.queue_for(&leg.queue, self.matter(case).intake.topic.as_ref()),
                    patience: self.patience(&next),
                    keeps_age: *keeps_age,
                },
                wrap_up: WrapUp::default(),
            },
            (End::Back(why), Some(leg)) if !leg.is_left_early() => Work {
                effort,
                then: Then::GoBack {
                    why: *why,
                    patience: self.patience(&next),
                },
                wrap_up: WrapUp::default(),
            },
            (End::Completed { outcome, wrap_up }, _) => Work {
                effort,
                then: Then::Complete {
                    outcome: outcome.clone(),
                },
                wrap_up: *wrap_up,
            },
            (End::Left { reason }, _) => Work {
                effort,
                then: Then::Leave {
                    reason: reason.clone(),
                },
                wrap_up: WrapUp::default(),
            },
            (End::HandedOn { .. } | End::Back(_) | End::Open, leg) => Work {
                effort,
                then: Then::Leave {
                    reason: parting(leg),
                },
                wrap_up: WrapUp::default(),
            },
        }
    }

    fn handed_on(&mut self, case: &mut Case, now: Timestamp) {
        let is_handed_on = self.leg(case).is_some_and(Leg::is_handed_on);
        case.leg += 1;
        case.offers = 0;
        case.queued_at = now;
        if now <= self.day.ends_at {
            case.waits = true;
            self.waiting.insert(case.matter, *case);
            self.out.handed_on += u64::from(is_handed_on);
        }
    }

    fn kept(&mut self, case: &mut Case, now: Timestamp) {
        case.leg -= 1;
        let is_handed_on = self.leg(case).is_some_and(Leg::is_handed_on);
        if now <= self.day.ends_at {
            self.out.handed_on -= u64::from(is_handed_on);
        }
    }

    fn put_off(&mut self, case: &mut Case, until: Timestamp) {
        case.waits = false;
        case.queued_at = until;
        self.waiting.remove(&case.matter);
    }

    fn comes_in(&mut self, case: &mut Case, since: Timestamp) {
        case.queued_at = since;
        if since <= self.day.ends_at {
            case.waits = true;
            self.waiting.insert(case.matter, *case);
        }
    }

    fn answered(&mut self, case: &mut Case, _answer: Answered, now: Timestamp) {
        self.wait_is_over(case, now, Some(WaitEnd::Answered));
    }

    fn closed(&mut self, mut case: Case, how: Closing, now: Timestamp) -> Option<Arrival<Case>> {
        match how {
            // An agent who could not give it back has ended it instead.
            Closing::Completed { .. } | Closing::Cancelled => {
                self.wait_is_over(&mut case, now, None)
            }
            Closing::Abandoned { .. } => {
                self.wait_is_over(&mut case, now, Some(WaitEnd::GaveUp));
            }
            Closing::Refused => {
                self.wait_is_over(&mut case, now, Some(WaitEnd::Refused));
            }
            Closing::Deflected => {
                self.wait_is_over(&mut case, now, Some(WaitEnd::Deflected));
            }
        }
        None
    }

    fn agents_call(&self, queue: &Name) -> bool {
        !self.day.was_pulled_from(queue)
    }

    fn parting(&self, case: &Case) -> Text {
        parting(self.leg(case))
    }

    /// At the instants at which the journal was sampled.
    fn stood(&mut self, _from: Timestamp, until: Timestamp, gauges: Gauges) {
        let every = self.day.sampled_every;
        while self.sampled_at < until {
            if let Some(slot) = self.frame.slot_at(self.sampled_at) {
                self.out.stood_in(slot, every, gauges);
            }
            self.sampled_at = self.sampled_at + every;
        }
    }
}

/// The reason with which a contact left the line, or else that its customer did.
fn parting(leg: Option<&Leg>) -> Text {
    match leg.map(|leg| &leg.fate) {
        Some(Fate::Left {
            how: Leaving::Cancelled | Leaving::Early,
            reason,
            ..
        }) => reason.clone(),
        Some(
            Fate::Left {
                how: Leaving::GaveUp | Leaving::Deflected,
                ..
            }
            | Fate::Open
            | Fate::Served(_),
        )
        | None => Text::from(CUSTOMER_LEFT),
    }
}

/// When the customer of a scheduled contact left before its time.
fn gone_at(leg: &Leg) -> Option<Timestamp> {
    match leg.fate {
        Fate::Left {
            after,
            how: Leaving::Early,
            ..
        } => Some(leg.queued_at + after),
        Fate::Left { .. } | Fate::Open | Fate::Served(_) => None,
    }
}
