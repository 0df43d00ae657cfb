//! What a chart promises its reader: nothing is lost, nothing covers anything.

mod random;
mod shown;
