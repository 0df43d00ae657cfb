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
mod arrivals;
mod at_once;
mod callbacks;
mod capacity;
mod choosing;
mod coming;
mod consulting;
mod cooldowns;
mod deserted;
mod dialling;
mod escalations;
mod estimates;
mod explaining;
mod explaining_choices;
mod fan_out;
mod foretold;
mod handed_on;
mod holding;
mod hours;
mod learning;
mod lengths;
mod messages;
mod moving;
mod offers;
mod older;
mod order;
mod overflow;
mod owed;
mod parking;
mod peers;
mod posters;
mod predictions;
mod preference;
mod promises;
mod pulling;
mod reloads;
mod reserves;
mod responses;
mod room;
mod routable;
mod sentences;
mod steering;
mod steps;
mod strikes;
mod tape;
mod tell;
mod transfers;
mod triggers;
mod unended;
mod untold;
mod vanished;
mod while_dialling;
mod wrap_up;
