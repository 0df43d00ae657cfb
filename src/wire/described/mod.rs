//! What clients write, as the published description has it: the server reads it by hand, since
//! it names every fault.

pub mod client;
pub mod customer;
pub mod form;
