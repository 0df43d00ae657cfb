//! Tests of charts: nothing is lost, and nothing covers anything else.

mod painted;
mod random;
mod sample;
mod shown;
