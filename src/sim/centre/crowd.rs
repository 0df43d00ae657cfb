//! Answers the world's questions about the people of the centre.

use crate::domain::{Millis, Name, Text, Timestamp};
use crate::engine::view::WaitEstimate;
use crate::sim::centre::{Case, Centre, EPISODES_MAX, RESOLVED, UNRESOLVED};
use crate::sim::crowd::{
    Answer, Answered, Arrival, Closing, Crowd, Deed, Gauges, Shift, Then, Work, WrapUp,
};
use crate::sim::day::WaitEnd;
use crate::sim::dice::Purpose;
use crate::sim::staff::STAY;

impl Crowd for Centre<'_> {
    type Case = Case;

    fn next_arrival(&mut self) -> Option<Arrival<Case>> {
        let coming = self.coming.pop()?;
        let case = self.customer(coming);
        if case.counts {
            self.day.customers[case.tier] += 1;
        }
        let patience = self.patience(&case);
        Some(self.arrival(case, patience))
    }

    fn next_shift(&mut self) -> Option<Shift> {
        self.shifts.pop()
    }

    fn next_deed(&mut self) -> Option<Deed> {
        self.breaks.pop()
    }

    fn goes_home_at(&mut self) -> Option<Timestamp> {
        self.home_times.pop()
    }

    fn answer(&mut self, case: &mut Case, agent: usize) -> Answer {
        let answers = self.workload.answers;
        if answers == crate::sim::workload::Answers::default() {
            return Answer::Accept {
                after: Millis::ZERO,
            };
        }
        let number = case.number * EPISODES_MAX + case.episode.min(EPISODES_MAX - 1);
        // Agents count from 1: 0 is the customer, who may redial.
        let of_agent = number ^ (self.staff.members[agent].number + 1) << 29;
        let mut throws = (self.dice).throws_again(Purpose::Answer, of_agent, case.offers);
        case.offers += 1;
        let what = throws.unit();
        let after = Millis::rounded_s(throws.exponential(answers.after_s));
        if what < answers.ignored {
            Answer::Ignore
        } else if what < answers.ignored + answers.declined {
            Answer::Decline {
                after,
                retry_after: None,
            }
        } else {
            Answer::Accept { after }
        }
    }

    fn work(&mut self, case: &mut Case, agent: usize) -> Work {
        let grade = self.grades[agent][case.topic];
        self.day.taken_on[grade] += u64::from(case.counts);
        let grade = self.workload.grades[grade];
        let knows = case.manager == Some(agent) || case.last_agent == Some(agent);
        let acquaintance = self.workload.acquaintance;
        let mut throws = self.throws(Purpose::Outcome, case);
        let mut effort_s = case.effort_s * grade.effort * self.staff.members[agent].pace;
        let mut resolves = grade.resolves;
        if knows {
            effort_s *= acquaintance.effort;
            resolves += acquaintance.resolves_more;
        }
        case.resolved = throws.once_in(resolves);
        case.served = true;
        let is_mistaken = throws.once_in(grade.hands_on) && case.handed_on < grade.hands_on_max;
        case.last_agent = Some(agent);
        if !is_mistaken {
            let outcome = if case.resolved { RESOLVED } else { UNRESOLVED };
            return Work {
                effort: Millis::rounded_s(effort_s),
                then: Then::Complete {
                    outcome: Text::from(outcome),
                },
                wrap_up: WrapUp::default(),
            };
        }
        case.handed_on += 1;
        case.episode += 1;
        case.offers = 0;
        case.resolved = false;
        // An agent who has misjudged a matter soon notices.
        let effort_s = effort_s.min(60.0 + effort_s / 4.0);
        Work {
            effort: Millis::rounded_s(effort_s),
            then: Then::Transfer {
                queue: self.queues[case.topic].get(case.channel).clone(),
                patience: self.patience(case),
                keeps_age: true,
            },
            wrap_up: WrapUp::default(),
        }
    }

    fn handed_on(&mut self, case: &mut Case, now: Timestamp) {
        case.queued_at = now;
        case.is_aged = true;
        self.day.handed_on += u64::from(case.counts);
    }

    fn kept(&mut self, case: &mut Case, _now: Timestamp) {
        self.day.handed_on -= u64::from(case.counts);
    }

    fn put_off(&mut self, case: &mut Case, until: Timestamp) {
        case.queued_at = until;
        case.is_put_off = true;
    }

    fn comes_in(&mut self, case: &mut Case, since: Timestamp) {
        case.queued_at = since;
        case.is_put_off = false;
    }

    fn agents_call(&self, _queue: &Name) -> bool {
        true
    }

    fn asks_estimates(&self, case: &Case) -> bool {
        case.counts
    }

    fn estimated(&mut self, case: &mut Case, _now: Timestamp, estimate: WaitEstimate) {
        case.guess = match estimate {
            WaitEstimate::Within { p50, p90 } => Some((p50.0, p90.0)),
            WaitEstimate::NotWaiting
            | WaitEstimate::NotOffered
            | WaitEstimate::Closed
            | WaitEstimate::NobodyStaffed => None,
        };
    }

    fn answered(&mut self, case: &mut Case, answer: Answered, now: Timestamp) {
        let promised = self.workload.channels.get(case.channel).answer_within;
        let in_time = if promised.is_some() || case.is_aged {
            let promise = self.promises[case.topic].get(case.channel);
            now <= promise.until(case.queued_at)
        } else {
            // The engine knows the contact's queue and its target.
            answer.in_time
        };
        self.wait_is_over(case, now, WaitEnd::Answered, in_time);
        case.guess = None;
    }

    fn closed(&mut self, mut case: Case, how: Closing, now: Timestamp) -> Option<Arrival<Case>> {
        match how {
            Closing::Completed { is_cut_short, .. } if case.resolved && !is_cut_short => {
                if case.counts {
                    self.day.resolved += 1;
                    self.day.resolution_s_sum += (now - case.came_at).as_s_f64();
                }
                None
            }
            Closing::Completed { .. } => {
                let repeats = self.workload.repeats;
                if case.repeats == repeats.times_max {
                    return None;
                }
                case.repeats += 1;
                case.effort_s *= repeats.effort;
                case.handed_on = 0;
                self.again(case, repeats.after_s, None, now)
            }
            Closing::Abandoned { waited } => {
                self.wait_is_over(&case, now, WaitEnd::GaveUp, false);
                case.guess = None;
                let redials = self.workload.redials;
                let mut throws = self.throws(Purpose::Answer, &case);
                let tries = case.redials < redials.times_max && throws.once_in(redials.share);
                case.redials += 1;
                let gone = case.clone();
                // A customer who redials has the same patience as before.
                let again = tries
                    .then(|| self.again(case, redials.after_s, Some(waited), now))
                    .flatten();
                if again.is_none() {
                    self.is_gone(&gone);
                }
                again
            }
            Closing::Refused | Closing::Cancelled => self.turned_away(&case, now, WaitEnd::Refused),
            Closing::Deflected => self.turned_away(&case, now, WaitEnd::Deflected),
        }
    }

    /// A contact still waiting once all agents have gone home is never served.
    fn left_waiting(&mut self, case: Case) {
        let home_at = (self.workload.closes_at() + STAY).max(case.queued_at);
        let outcome = if case.is_put_off {
            WaitEnd::Scheduled
        } else {
            WaitEnd::Waiting
        };
        self.wait_is_over(&case, home_at, outcome, false);
        self.is_gone(&case);
    }

    fn rested(&mut self, _agent: usize, since: Timestamp, now: Timestamp) {
        if since >= self.workload.opens_at {
            self.day.productive_hours -= (now - since).as_s_f64() / 3_600.0;
        }
    }

    fn stood(&mut self, from: Timestamp, until: Timestamp, gauges: Gauges) {
        self.day.stood(self.workload, from, until, gauges);
    }
}
