//! Views, computed on demand: `look`, `explain` and `upcoming`; waits by `estimate`, `later` and
//! `forecast`; `foresee` and `fairness` check configurations; `unfiled` and `unrecognised` serve the
//! customer store; `audit` is for tests.

pub(super) mod audit;
pub mod estimate;
pub(super) mod explain;
pub mod fairness;
pub(super) mod forecast;
pub mod foresee;
pub(super) mod later;
pub(super) mod look;
pub mod unfiled;
pub mod unrecognised;
pub(super) mod upcoming;
