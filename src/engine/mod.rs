//! The decision: which contact goes to which agent, and when to give up
//! waiting.

pub mod agent;
pub mod codec;
pub mod command;
pub mod contact;
pub mod event;
pub mod fairness;
pub mod line;
pub mod options;
pub mod refusal;
pub mod registry;
pub mod view;
