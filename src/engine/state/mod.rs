//! The state, written by `apply` alone, and its indexes.
//!
//! `apply` folds events into `contact`s, `agent`s and `queue`s, and `place` maintains the indexes:
//! `contacts`, `customers`, `arrivals`, `spread`, `line`, `needs`, `pool`, `staffing`, `deadline`.
//! `due` says when a contact is due, `capacity` what fits, `learn` what was learned about agents,
//! and `attention` how contacts share theirs; `onward` says where rules take a contact; `untold`
//! holds the webhook calls that are still to be made. `registry` maps names to keys, `snapshot`
//! writes all of it as bytes.

pub mod agent;
pub(super) mod apply;
pub(super) mod arrivals;
pub mod attention;
pub(super) mod capacity;
pub mod carried_out;
pub mod contact;
pub(super) mod contacts;
pub(super) mod customers;
pub(super) mod deadline;
pub mod due;
pub(super) mod handle_time;
pub(super) mod learn;
pub mod line;
pub(super) mod needs;
pub(super) mod onward;
pub(super) mod place;
pub(super) mod pool;
pub(super) mod posters;
pub(super) mod queue;
pub mod registry;
pub(super) mod snapshot;
pub(super) mod spread;
pub(super) mod staffing;
pub mod untold;
