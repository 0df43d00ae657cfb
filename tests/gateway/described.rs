//! Checks every answer in these tests against the published documents: required members are
//! present, there are no unknown ones, and every status is described.

use std::net::SocketAddr;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::client::{Reply, Wire};

static DOCUMENTS: OnceLock<Documents> = OnceLock::new();

struct Documents {
    open_api: Value,
    async_api: Value,
}

/// Fetches what a server publishes, once.
pub(crate) async fn learn(address: SocketAddr) {
    if DOCUMENTS.get().is_none() {
        let documents = Documents {
            open_api: published(address, "/v1/openapi.json").await,
            async_api: published(address, "/v1/asyncapi.json").await,
        };
        // Another test may have been faster; the documents are the same.
        let _ = DOCUMENTS.set(documents);
    }
}

async fn published(address: SocketAddr, path: &str) -> Value {
    let mut wire = Wire::open(address).await;
    wire.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"))
        .await;
    wire.reply().await.unwrap().json()
}

/// A frame of the server, sent to `who`.
pub(crate) fn check_frame(who: &str, frame: &Value) {
    let document = &DOCUMENTS.get().expect("a centre has been opened").async_api;
    let kind = frame["type"].as_str().unwrap();
    let schema = &document["components"]["messages"][format!("{who}_{kind}")]["payload"];
    assert!(schema.is_object(), "no {kind} is told to {who}: {frame}");
    if let Err(fault) = (Checker { document }).check(schema, frame, kind, true) {
        panic!("{fault}, in {frame}");
    }
}

/// An answer to `method` at `path`; answers at undescribed paths are not checked.
pub(crate) fn check_reply(method: &str, path: &str, reply: &Reply) {
    let document = &DOCUMENTS.get().expect("a centre has been opened").open_api;
    let path = path.split('?').next().unwrap();
    let paths = document["paths"].as_object().unwrap();
    let known = paths.iter().find(|(template, _)| fits(template, path));
    let operation = known.and_then(|(_, known)| known.get(method.to_ascii_lowercase()));
    let Some(operation) = operation else {
        return;
    };
    let response = &operation["responses"][reply.status.to_string()];
    assert!(
        response.is_object(),
        "{method} {path}: {} is not described: {}",
        reply.status,
        reply.text()
    );
    let media_type = reply.header("content-type").unwrap_or("");
    let schema = &response["content"][media_type]["schema"];
    if media_type.ends_with("json") {
        assert!(schema.is_object(), "{method} {path}: {media_type}");
        let checker = Checker { document };
        if let Err(fault) = checker.check(schema, &reply.json(), "body", true) {
            panic!("{method} {path}: {fault}, in {}", reply.text());
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut parts, mut known) = (path.split('/'), template.split('/'));
    loop {
        match (parts.next(), known.next()) {
            (None, None) => return true,
            (Some(part), Some(known)) if part == known || known == "{id}" => {}
            _ => return false,
        }
    }
}

/// The part of JSON Schema that the documents use.
struct Checker<'a> {
    document: &'a Value,
}

impl Checker<'_> {
    /// `strictly`: only the members that the schema lists.
    fn check(&self, schema: &Value, value: &Value, at: &str, strictly: bool) -> Result<(), String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.document.pointer(reference.trim_start_matches('#'));
            return self.check(target.expect(reference), value, at, strictly);
        }
        if let Some(kinds) = schema["oneOf"].as_array() {
            let tried = kinds
                .iter()
                .map(|kind| self.check(kind, value, at, strictly));
            let tried: Result<Vec<String>, ()> = tried.map(|one| one.err().ok_or(())).collect();
            return tried.map_or(Ok(()), |faults| Err(faults.join(" or ")));
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check(part, value, at, false)?;
        }
        check_type(schema, value, at)?;
        check_bounds(schema, value, at)?;
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], item, &format!("{at}[{index}]"), strictly)?;
        }
        let Some(members) = value.as_object() else {
            return Ok(());
        };
        self.check_members(schema, members, at, strictly)
    }

    fn check_members(
        &self,
        schema: &Value,
        members: &Map<String, Value>,
        at: &str,
        strictly: bool,
    ) -> Result<(), String> {
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            if !members.contains_key(name) {
                return Err(format!("{at}.{name} is missing"));
            }
        }
        let others = schema.get("additionalProperties");
        for (name, value) in members {
            let at = format!("{at}.{name}");
            if let Some(schema) = schema["properties"].get(name) {
                self.check(schema, value, &at, strictly)?;
            } else if let Some(others) = others.filter(|others| others.is_object()) {
                self.check(others, value, &at, strictly)?;
            } else if strictly && schema.get("properties").is_some() {
                return Err(format!("{at} is not described"));
            }
        }
        Ok(())
    }
}

fn check_type(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |wanted: &Value| *wanted == kind || (*wanted == "number" && kind == "integer");
    let fits = match schema.get("type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(is),
        Some(wanted) => is(wanted),
    };
    fits.then_some(())
        .ok_or_else(|| format!("{at} is {value}, allowed: {}", schema["type"]))
}

fn check_bounds(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{at} is {value}, allowed: {}", schema["enum"]));
    }
    let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
    let is_in = value.as_f64().is_none_or(|number| {
        least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
    });
    is_in
        .then_some(())
        .ok_or_else(|| format!("{at} is {value}, allowed: {least:?} to {most:?}"))
}

#[test]
fn what_is_not_described_is_found() {
    let document = serde_json::json!({"components": {"schemas": {
        "Word": {"type": "string", "enum": ["a", "b"]},
        "Thing": {
            "type": "object",
            "required": ["word", "none"],
            "properties": {
                "word": {"$ref": "#/components/schemas/Word"},
                "none": {"oneOf": [{"type": "null"}, {"type": "integer", "minimum": 1}]},
                "list": {"type": "array", "items": {"type": "number"}},
            },
        },
    }}});
    let checker = Checker {
        document: &document,
    };
    let schema = serde_json::json!({"$ref": "#/components/schemas/Thing"});
    let check = |text: &str| {
        let value = serde_json::from_str(text).unwrap();
        checker.check(&schema, &value, "body", true)
    };
    assert_eq!(check(r#"{"word":"a","none":null,"list":[1,1.5]}"#), Ok(()));
    assert_eq!(check(r#"{"word":"b","none":1}"#), Ok(()));
    for wrong in [
        r#"{"word":"a"}"#,
        r#"{"word":"c","none":null}"#,
        r#"{"word":"a","none":0}"#,
        r#"{"word":"a","none":"1"}"#,
        r#"{"word":"a","none":1,"list":["x"]}"#,
        r#"{"word":"a","none":1,"more":1}"#,
        "[]",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
}
