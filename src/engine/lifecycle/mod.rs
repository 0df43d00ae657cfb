//! The life of a contact, in line and with agents.
//!
//! `entering`, `opening`, `scheduled` and `pulling` lead to `offering`, with `cooldown` and
//! `health` behind offers that fail; then come `work`, `holding`, `messages`, `response`,
//! `consulting`, `parking`, `callback`, `dialling`, and `ending` or `unended`. While a contact
//! waits, `sla`, `steps` and `escalation` keep the promise. `showing` tells agents what changes.

pub(super) mod callback;
pub(super) mod consulting;
pub(super) mod cooldown;
pub(super) mod dialling;
pub(super) mod ending;
pub(super) mod entering;
pub(super) mod escalation;
pub(super) mod health;
pub(super) mod holding;
pub(super) mod messages;
pub(super) mod offering;
pub(super) mod opening;
pub(super) mod parking;
pub(super) mod pulling;
pub(super) mod response;
pub(super) mod scheduled;
pub(super) mod showing;
pub(super) mod sla;
pub(super) mod steps;
pub(super) mod unanswered;
pub(super) mod unended;
pub(super) mod work;
