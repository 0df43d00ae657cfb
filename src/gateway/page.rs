//! The query of a page of contacts.

use std::borrow::Cow;

use crate::domain::{Name, Text};
use crate::engine::ContactFilter;
use crate::engine::state::contact::ContactState;
use crate::gateway::route::Call;
use crate::wire::problem::Problem;

/// Contacts per page unless the query sets `limit`.
pub(super) const LIMIT: usize = 50;
pub(super) const LIMIT_MAX: usize = 200;

#[derive(Debug)]
pub(super) struct Page {
    pub(super) filter: ContactFilter,
}

impl Page {
    pub(super) fn read(query: &str) -> Result<Self, Problem> {
        let mut filter = ContactFilter {
            limit: LIMIT,
            ..ContactFilter::default()
        };
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in pairs(query) {
            let (name, value) = (name?, value?);
            if seen.iter().any(|known| *known == name) {
                return Err(duplicate_parameter(&name));
            }
            take(&mut filter, &name, &value)?;
            seen.push(name.into_owned());
        }
        Ok(Self { filter })
    }
}

fn take(filter: &mut ContactFilter, name: &str, value: &str) -> Result<(), Problem> {
    let bad = |allowed: &str| Problem::bad_value(name, &format!("{value:?}"), allowed);
    match name {
        // An empty parameter is ignored.
        "state" | "queue" | "customer" | "limit" | "after" if value.is_empty() => {}
        "state" => {
            let mut states = ContactState::ALL.into_iter();
            let state = states.find(|state| state.name() == value);
            let allowed = || ContactState::ALL.map(ContactState::name).join(", ");
            filter.state = Some(state.ok_or_else(|| bad(&allowed()))?);
        }
        "queue" => {
            let queue = Name::new(value).map_err(|_| bad("a queue id"))?;
            filter.queue = Some(queue);
        }
        "customer" => filter.customer = Some(Text::from(value)),
        "limit" => {
            let limit = value.parse().ok();
            let limit = limit.filter(|limit| (1..=LIMIT_MAX).contains(limit));
            filter.limit = limit.ok_or_else(|| bad(&format!("1..={LIMIT_MAX}")))?;
        }
        "after" => {
            let after = value.parse().map_err(|_| bad("a contact id"))?;
            filter.after = Some(after);
        }
        _ => return Err(unknown_parameter(name, Call::ListContacts)),
    }
    Ok(())
}

/// Refuses a query with unknown parameters.
pub(super) fn check_names(query: &str, call: Call) -> Result<(), Problem> {
    for (name, _) in pairs(query) {
        let name = name?;
        if !call.parameters().contains(&&*name) {
            return Err(unknown_parameter(&name, call));
        }
    }
    Ok(())
}

fn unknown_parameter(name: &str, call: Call) -> Problem {
    let allowed = match call.parameters() {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    let detail = format!("{name}: unknown parameter, allowed: {allowed}");
    Problem::new(422, "unknown_field", detail).at_field(name)
}

/// As in a body, a name given twice is refused.
pub(super) fn duplicate_parameter(name: &str) -> Problem {
    let detail = format!("{name}: duplicate parameter");
    Problem::new(400, "duplicate_field", detail).at_field(name)
}

pub(super) type Part<'a> = Result<Cow<'a, str>, Problem>;

pub(super) fn pairs(query: &str) -> impl Iterator<Item = (Part<'_>, Part<'_>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// Decodes percent-encoding, and `+` as a space, as in forms.
fn decoded(text: &str) -> Part<'_> {
    if !text.contains(['%', '+']) {
        return Ok(Cow::Borrowed(text));
    }
    let bad = || Problem::new(400, "bad_query", "the query is not percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex).ok_or_else(bad)?;
                let low = rest.next().and_then(hex).ok_or_else(bad)?;
                high * 16 + low
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| bad())
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_what_is_shown() {
        let query = "state=queued&queue=broadband&customer=c%2D81+%E5%BC%A0&limit=200&after=";
        let filter = Page::read(query).unwrap().filter;
        assert_eq!(filter.state, Some(ContactState::Queued));
        assert_eq!(filter.customer.as_deref(), Some("c-81 张"));
        assert_eq!((filter.limit, filter.after), (200, None));
        assert_eq!(Page::read("").unwrap().filter.limit, 50);
    }

    #[test]
    fn a_query_is_as_strict_as_a_body() {
        for (query, code) in [
            ("state=sleeping", "bad_value"),
            ("limit=0", "bad_value"),
            ("limit=201", "bad_value"),
            ("limit=-1", "bad_value"),
            ("after=5", "bad_value"),
            ("queue=a%20b", "bad_value"),
            ("colour=red", "unknown_field"),
            ("limit=1&limit=2", "duplicate_field"),
            ("customer=%zz", "bad_query"),
            ("customer=%ff", "bad_query"),
        ] {
            assert_eq!(Page::read(query).unwrap_err().code, code, "{query}");
        }
        let twice = Page::read("limit=1&limit=2").unwrap_err();
        assert_eq!(
            (twice.status, twice.more.field.as_deref()),
            (400, Some("limit"))
        );
    }
}
