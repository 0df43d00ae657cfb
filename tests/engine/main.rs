//! The engine from outside: text stories in, transcripts out, and random tapes checked by an
//! oracle.
#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a test that cannot go on has failed"
)]

mod actions;
mod agents;
mod alone;
mod answering;
mod arrivals;
mod at_once;
mod callbacks;
mod capacity;
mod choosing;
mod coming;
mod compared;
mod consulting;
mod consulting_ends;
mod cooldowns;
mod deserted;
mod dialling;
mod escalations;
mod estimates;
mod explaining;
mod explaining_choices;
mod explaining_one_agent;
mod fan_out;
mod fan_out_whom;
mod foretold;
mod handed_on;
mod holding;
mod hours;
mod interrupts;
mod learning;
mod lengths;
mod lost;
mod messages;
mod moves_by_rule;
mod moving;
mod offers;
mod order;
mod overflow;
mod owed;
mod parking;
mod peers;
mod posters;
mod predictions;
mod preference;
mod preference_lost;
mod promises;
mod pulling;
mod reloads;
mod repeats;
mod reserves;
mod reserving;
mod responses;
mod resting;
mod room;
mod routable;
mod sentences;
mod steering;
mod steps;
mod stopping;
mod strikes;
mod tape;
mod tell;
mod topics;
mod transfers;
mod triggers;
mod unended;
mod untold;
mod vanished;
mod waits;
mod while_dialling;
mod wrap_up;
