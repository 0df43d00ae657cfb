//! AsyncAPI 3: the frames of both WebSockets, named after their types.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::gateway::description::schemas::{Schemas, variants};
use crate::wire::frame::{
    AGENT_PROTOCOL, AgentFrame, ClientFrame, SUPERVISOR_PROTOCOL, SupervisorFrame,
};

pub(super) fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut messages = Map::new();
    let to_agents = gather::<AgentFrame<'_>>("agent", &mut schemas, &mut messages);
    let from_agents = gather::<ClientFrame>("desktop", &mut schemas, &mut messages);
    let to_supervisors = gather::<SupervisorFrame<'_>>("supervisor", &mut schemas, &mut messages);
    let both: Vec<&String> = to_agents.iter().chain(&from_agents).collect();
    let alone: Vec<&String> = to_supervisors.iter().collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {"title": "Switchboard", "version": env!("CARGO_PKG_VERSION")},
        "defaultContentType": "application/json",
        "channels": {
            "agent": channel("/v1/agent", AGENT_PROTOCOL, &both),
            "supervisor": channel("/v1/supervisor", SUPERVISOR_PROTOCOL, &alone),
        },
        "operations": {
            "tellAgent": operation("send", "agent", &to_agents),
            "hearAgent": operation("receive", "agent", &from_agents),
            "tellSupervisor": operation("send", "supervisor", &to_supervisors),
        },
        "components": {"messages": messages, "schemas": schemas.into_json()},
    })
}

/// The messages of a kind of frame, by their keys.
fn gather<T: ToSchema>(
    who: &str,
    schemas: &mut Schemas,
    messages: &mut Map<String, Value>,
) -> Vec<String> {
    schemas.refer::<T>();
    let mut keys = Vec::new();
    for (name, payload) in variants::<T>() {
        let key = format!("{who}_{name}");
        messages.insert(key.clone(), json!({"name": name, "payload": payload}));
        keys.push(key);
    }
    keys
}

fn channel(address: &str, protocol: &str, keys: &[&String]) -> Value {
    let messages: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let reference = format!("#/components/messages/{key}");
            ((*key).clone(), json!({"$ref": reference}))
        })
        .collect();
    json!({
        "address": address,
        "messages": messages,
        "bindings": {"ws": {"method": "GET", "headers": {
            "type": "object",
            "properties": {"Sec-WebSocket-Protocol": {
                "type": "string",
                "description": format!(
                    "`{protocol}`; without an Authorization header also a ticket of POST /v1/tickets, \
                     as it is or after `ticket.`: `{protocol}, TICKET`"
                ),
            }},
        }}},
    })
}

fn operation(action: &str, channel: &str, keys: &[String]) -> Value {
    let messages = keys
        .iter()
        .map(|key| json!({"$ref": format!("#/channels/{channel}/messages/{key}")}));
    json!({
        "action": action,
        "channel": {"$ref": format!("#/channels/{channel}")},
        "messages": messages.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::ask::COMMANDS;

    #[test]
    fn every_type_of_frame_is_described() {
        let document = document();
        let messages = &document["components"]["messages"];
        let agent = [
            "welcome",
            "resync",
            "presence",
            "offer",
            "offer_gone",
            "assigned",
            "contact_updated",
            "contact_ended",
            "notice",
            "message",
            "ok",
            "refused",
        ];
        let supervisor = ["snapshot", "update", "escalation", "notice"];
        let kinds = [
            ("agent", &agent[..]),
            ("desktop", &COMMANDS),
            ("supervisor", &supervisor),
        ];
        let mut count = 0;
        for (who, names) in kinds {
            for name in names {
                assert_eq!(messages[format!("{who}_{name}")]["name"], *name);
                count += 1;
            }
        }
        assert_eq!(messages.as_object().unwrap().len(), count, "and no others");
        let contact = &document["components"]["schemas"]["Contact"];
        assert_eq!(contact["type"], "object");
    }
}
