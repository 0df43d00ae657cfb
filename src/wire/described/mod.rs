//! Input of clients as the published description shows it; the server reads it by hand in order to
//! report every fault.

pub mod client;
pub mod customer;
pub mod form;
