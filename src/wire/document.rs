//! Documents that another module reads member by member: any object without duplicate keys at any
//! depth.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::wire::json;
use crate::wire::problem::Problem;

/// The body as any object without duplicate keys.
pub fn read(body: &[u8]) -> Result<Value, Problem> {
    json::read::<Document>(body).map(|document| document.0)
}

/// Any JSON in which no object has duplicate keys.
struct Document(Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DocumentVisitor).map(Self)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Document(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if map.contains_key(&key) {
                let message = format_args!("duplicate field `{key}`");
                return Err(A::Error::custom(message));
            }
            let Document(value) = members.next_value()?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_no_key_twice_at_any_depth() {
        let document = read(br#"{"tags":[{"a":1,"b":null},2.5,true,"x"]}"#).unwrap();
        assert_eq!(document["tags"][0]["a"], 1);
        let twice = read(br#"{"value":{"arpu":1,"arpu":2}}"#).map(drop);
        assert_eq!(
            seen(twice),
            (400, "duplicate_field", "value.arpu".to_owned())
        );
        assert_eq!(seen(read(b"[1]").map(drop)).1, "bad_value");
        assert_eq!(seen(read(b"{").map(drop)).0, 400);
    }

    fn seen(outcome: Result<(), Problem>) -> (u16, &'static str, String) {
        let problem = outcome.expect_err("the body is bad");
        (
            problem.status,
            problem.code,
            problem.more.field.unwrap_or_default(),
        )
    }
}
