//! A telephone number, in one normal form.

use std::fmt;

use crate::domain::Text;
use crate::domain::identity::{BadIdentity, IDENTITY_BYTES_MAX, is_bidi_control};

/// In E.164. `Debug` hides it: logs must not carry it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Phone(#[n(0)] pub(super) Text);

impl Phone {
    pub fn new(raw: &str) -> Result<Self, BadIdentity> {
        normalise(raw).map(|digits| Self(digits.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn text(&self) -> Text {
        self.0.clone()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// E.164: a plus sign and 7 to 15 digits, the first not 0 (ITU-T E.164 §6). A bare mainland mobile
/// number (11 digits, `1[3-9]…`) gets its +86, and a mainland number loses the zero that is dialled
/// only within the country; full-width digits and the usual separators are accepted.
fn normalise(raw: &str) -> Result<String, BadIdentity> {
    if raw.len() > IDENTITY_BYTES_MAX {
        return Err(BadIdentity::Phone);
    }
    let mut digits = String::with_capacity(raw.len());
    let mut international = false;
    for c in raw.trim().chars() {
        match c {
            '+' | '＋' if digits.is_empty() && !international => international = true,
            '0'..='9' => digits.push(c),
            '０'..='９' => {
                digits.push(char::from(
                    b'0' + u8::try_from(c as u32 - '０' as u32).unwrap_or(0),
                ));
            }
            ' ' | '-' | '(' | ')' | '.' => {}
            '\u{a0}' | '\u{3000}' | '（' | '）' | '－' | '．' | '\u{2010}'..='\u{2015}' => {}
            // Telephones put these around a number that is copied.
            c if is_bidi_control(c) => {}
            _ => return Err(BadIdentity::Phone),
        }
    }
    if !international {
        if let Some(rest) = digits.strip_prefix("00") {
            digits = rest.to_owned();
        } else if is_mainland_mobile(&digits) {
            digits.insert_str(0, "86");
        } else if !(digits.strip_prefix("86").is_some_and(is_mainland_mobile)) {
            return Err(BadIdentity::Phone);
        }
    }
    // The zero before an area code is for calls within the country, and no number begins with it.
    if let Some(rest) = digits.strip_prefix("860") {
        digits = format!("86{rest}");
    }
    if !(7..=15).contains(&digits.len()) || digits.starts_with('0') {
        return Err(BadIdentity::Phone);
    }
    Ok(format!("+{digits}"))
}

fn is_mainland_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_hidden_in_logs_and_encoded_as_plain_text() {
        let phone = Phone::new("138 0013 8000").expect("a number");
        assert_eq!(phone.as_str(), "+8613800138000");
        assert_eq!(format!("{phone:?}"), "•••");
        let bytes = minicbor::to_vec(&phone).expect("memory");
        let read: Text = minicbor::decode(&bytes).expect("text");
        assert_eq!(read, phone.text());
    }
}
