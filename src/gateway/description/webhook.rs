//! The calls that the server makes.

use serde_json::{Value, json};

use crate::gateway::description::open_api::parameter;
use crate::gateway::description::schemas::Schemas;
use crate::wire::webhook::EscalationCall;

/// The request posted to `webhook.url`.
pub(super) fn described(schemas: &mut Schemas) -> Value {
    let call = schemas.refer::<EscalationCall<'_>>();
    let parameters: Vec<Value> = [
        (
            "webhook-id",
            "The same for every attempt of a call",
            json!({"type": "string"}),
        ),
        (
            "webhook-timestamp",
            "The time of this attempt, in seconds since 1970",
            json!({"type": "integer"}),
        ),
        (
            "webhook-signature",
            "`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64, by the secret of the \
             configuration without `whsec_` (Standard Webhooks)",
            json!({"type": "string", "pattern": "^v1,[A-Za-z0-9+/]{43}=$"}),
        ),
    ]
    .into_iter()
    .map(|(name, description, schema)| {
        let mut parameter = parameter(name, "header", true, schema);
        parameter["description"] = description.into();
        parameter
    })
    .collect();
    json!({"call": {"post": {
        "operationId": "CallWebhook",
        "summary": "An escalation has fired, or a customer is to be called",
        "description": "Only with a [webhook] in the configuration. At most 5 attempts.",
        "parameters": parameters,
        "requestBody": {"required": true, "content": {"application/json": {"schema": call}}},
        "responses": {
            "2XX": {"description": "Taken"},
            "408": {"description": "Retried"},
            "429": {"description": "Retried, after Retry-After seconds if given, at most 60"},
            "5XX": {"description": "Retried; a 503 may include Retry-After"},
            "default": {"description": "Given up; redirects are not followed"},
        },
    }}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_webhook_is_described_with_what_it_says() {
        let mut schemas = Schemas::default();
        let webhooks = described(&mut schemas);
        let post = &webhooks["call"]["post"];
        let names = post["parameters"].as_array().unwrap().iter();
        let names: Vec<&str> = names.map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            ["webhook-id", "webhook-timestamp", "webhook-signature"]
        );
        let schemas = schemas.into_json();
        let call = &schemas["WebhookCall"]["properties"];
        assert_eq!(call["dial"]["$ref"], "#/components/schemas/Dial");
        assert!(schemas["Dial"]["properties"].get("until").is_some());
    }
}
