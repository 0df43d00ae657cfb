//! How a contact's number is written into its `external_id` and read back from any frame.

use super::book::ContactNo;
use crate::clock::put_digits;

/// Digits of a contact's number.
pub(crate) const DIGITS: usize = 8;

/// The part of `external_id` that is common to all contacts of a run and unique to it.
#[derive(Clone, Debug)]
pub(crate) struct RunName(String);

impl RunName {
    pub(crate) fn new(nonce: u64) -> Self {
        Self(format!("lt{nonce:012x}-"))
    }

    pub(crate) fn external_id(&self, no: ContactNo) -> String {
        let mut digits = [0; DIGITS];
        put_digits(&mut digits, u64::from(no.0));
        format!("{}{}", self.0, String::from_utf8_lossy(&digits))
    }

    pub(crate) fn number(&self, external_id: &str) -> Option<ContactNo> {
        let digits = external_id.strip_prefix(&self.0)?;
        digits.parse().ok().map(ContactNo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_run_that_wrote_a_number_reads_it() {
        let run = RunName::new(77);
        let written = run.external_id(ContactNo(1_234));
        assert_eq!(run.number(&written), Some(ContactNo(1_234)));
        assert_eq!(RunName::new(78).number(&written), None);
        assert_eq!(run.number("wx-24567"), None);
    }
}
