//! What a chart promises its reader: nothing is lost, nothing covers anything.

mod painted;
mod random;
mod sample;
mod shown;
