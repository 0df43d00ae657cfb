//! The document matches the server.

use super::*;
use crate::customer::document::put;
use crate::customer::{CustomerId, Tiers};
use crate::domain::{IdentityKind, Timestamp};

/// Every `$ref` of `value`.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference);
            }
            for member in members.values() {
                references(member, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                references(item, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_call_is_described_and_every_reference_leads_somewhere() {
    let document = document();
    for route in &ROUTES {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][route.path][&method];
        assert_eq!(
            operation["summary"], route.summary,
            "{} {}",
            route.method, route.path
        );
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference}");
    }
}

#[test]
fn a_contact_has_the_fields_that_clients_rely_on() {
    let document = document();
    let fields = &document["components"]["schemas"]["Contact"]["properties"];
    for name in [
        "id",
        "site",
        "channel",
        "external_id",
        "state",
        "queue",
        "topic",
        "customer",
        "created_at",
        "queued_at",
        "due_at",
        "position",
        "estimated_wait_s",
        "estimate_reason",
        "step",
        "agent",
        "offers",
        "outcome",
    ] {
        assert!(fields.get(name).is_some(), "{name}");
    }
}

fn properties(schema: &Value) -> Vec<&str> {
    let members = schema["properties"].as_object().unwrap();
    members.keys().map(String::as_str).collect()
}

#[test]
fn a_profile_is_described_with_the_members_that_are_read() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let described = |path: &str, schema: &str, others: &[&str]| {
        let id = CustomerId::new("c-1").unwrap();
        let mut body = json!({});
        match path {
            "" => body["zzz"] = 1.into(),
            path => body[path] = json!({"zzz": 1}),
        }
        let faults = put(id, body, &Tiers::Any, Timestamp(0)).unwrap_err();
        let allowed = faults.iter().next().unwrap().allowed.clone();
        let mut read: Vec<&str> = allowed.split(", ").chain(others.iter().copied()).collect();
        let mut described = properties(&schemas[schema]);
        read.sort_unstable();
        described.sort_unstable();
        assert_eq!(described, read);
    };
    let others: Vec<&str> = READ_ONLY.into_iter().chain(["id"]).collect();
    described("", "CustomerProfile", &others);
    for name in READ_ONLY {
        let member = &schemas["CustomerProfile"]["properties"][name];
        assert_eq!(member["readOnly"], true, "{name}");
    }
    described("identities", "CustomerIdentities", &[]);
    described("value", "CustomerFigures", &[]);
    let patch = &document["paths"]["/v1/customers/{id}"]["patch"]["requestBody"]["content"];
    assert!(patch.get("application/merge-patch+json").is_some());
}

#[test]
fn what_may_be_null_or_left_out_is_described_so() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    for (schema, field) in [
        ("ContactPatch", "topic"),
        ("ContactPatch", "sentiment"),
        ("ContactPatch", "attributes"),
        ("NewCallback", "mode"),
    ] {
        let of = &schemas[schema];
        assert!(
            !of["properties"][field].to_string().contains("\"null\""),
            "{of}"
        );
        assert!(of.get("required").is_none(), "{of}");
    }
    let attempt = schemas["CallbackFailed"]["properties"]["attempt"].to_string();
    assert!(attempt.contains("null"), "{attempt}");
    assert_eq!(schemas["Attempt"]["maximum"], u32::MAX);
    assert_eq!(schemas["Requirements"]["maxProperties"], 32);
    let consent = &schemas["Consent"];
    assert_eq!(consent["propertyNames"]["pattern"], NAME_PATTERN);
    let kinds = &consent["additionalProperties"]["type"];
    assert_eq!(kinds, &json!(["boolean", "null"]));
    let path = "/v1/contacts/{id}/callback/answered";
    let body = &document["paths"][path]["post"]["requestBody"];
    assert_eq!(body["required"], false);
}

#[test]
fn what_a_value_may_be_is_described_as_it_is_read() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let of = |schema: &str, field: &str| {
        let described = schemas[schema]["properties"][field].to_string();
        let (_, form) = described.split_once("#/components/schemas/").unwrap();
        form.split_once('"').unwrap().0.to_owned()
    };
    for (schema, field, form) in [
        ("NewContact", "channel", "Channel"),
        ("NewContact", "external_id", "Line"),
        ("NewContact", "requires", "Requirements"),
        ("NewContact", "attributes", "Attributes"),
        ("CallbackFailed", "attempt", "Attempt"),
        ("Contact", "ended_by", "EndedBy"),
        ("NewContact", "text", "Prose"),
        ("NewContact", "topic", "Name"),
        ("ContactIdentities", "id", "Identity"),
        ("CustomerIdentities", "phone", "Phone"),
        ("NewAssignment", "agent", "Name"),
        ("Contact", "channel", "Channel"),
        ("Contact", "state", "ContactState"),
    ] {
        assert_eq!(of(schema, field), form, "{schema} {field}");
    }
    // Lengths are counted in bytes, not in characters, of which there can be fewer.
    assert!(!document["components"].to_string().contains("maxLength"));
    for form in ["Identity", "Line", "Prose"] {
        assert_eq!(schemas[form]["minLength"], 1, "{form}");
        let words = schemas[form]["description"].as_str().unwrap();
        assert!(words.contains("bytes of UTF-8"), "{form}: {words}");
    }
    let last = &schemas["Requirements"]["additionalProperties"];
    assert_eq!(
        (&last["minimum"], &last["maximum"]),
        (&json!(1), &json!(10))
    );
    let kinds = schemas["ContactIdentities"]["properties"].as_object();
    assert_eq!(kinds.unwrap().len(), IdentityKind::ALL.len());
    for schema in STRICT {
        assert_eq!(schemas[schema]["additionalProperties"], false, "{schema}");
    }
}

#[test]
fn the_headers_of_answers_are_described() {
    let document = document();
    let responses = &document["paths"]["/v1/contacts"]["post"]["responses"];
    assert!(responses["201"]["headers"].get("Location").is_some());
    assert!(
        responses["200"]["headers"]
            .get("Idempotent-Replay")
            .is_some()
    );
    for status in ["429", "503"] {
        let headers = &responses[status]["headers"];
        assert!(headers.get("Retry-After").is_some(), "{status}");
    }
    let headers = &responses["401"]["headers"];
    assert!(headers.get("WWW-Authenticate").is_some());
}

#[test]
fn the_parameters_of_a_query_are_those_that_are_known() {
    for route in &ROUTES {
        let described = parameters(route);
        let described = described
            .iter()
            .filter(|parameter| parameter["in"] == "query");
        let mut described: Vec<&str> = described
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let mut known = route.call.parameters().to_vec();
        described.sort_unstable();
        known.sort_unstable();
        assert_eq!(described, known, "{}", route.path);
    }
}
