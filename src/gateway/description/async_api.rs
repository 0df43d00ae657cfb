//! AsyncAPI 3: the frames of both WebSockets, named after their types.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::gateway::description::schemas::{Schemas, variants};
use crate::gateway::socket::close::Close;
use crate::wire::described::client::ClientFrame;
use crate::wire::frame::{AGENT_PROTOCOL, AgentFrame, SUPERVISOR_PROTOCOL, SupervisorFrame};

pub(super) fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut messages = Map::new();
    let to_agents = gather::<AgentFrame<'_>>("agent", &mut schemas, &mut messages);
    let from_agents = gather::<ClientFrame>("desktop", &mut schemas, &mut messages);
    for key in &from_agents {
        refuse_others(&mut messages[key]["payload"]);
    }
    let to_supervisors = gather::<SupervisorFrame<'_>>("supervisor", &mut schemas, &mut messages);
    let both: Vec<&String> = to_agents.iter().chain(&from_agents).collect();
    let alone: Vec<&String> = to_supervisors.iter().collect();
    // A board replaces no other, and its session cannot be lost.
    let of_desktops = [Close::Replaced, Close::Internal];
    let to_boards = Close::TOLD.into_iter();
    let to_boards = to_boards.filter(|close| !of_desktops.contains(close));
    let to_boards: Vec<Close> = to_boards.collect();
    let mut schemas = schemas.into_json();
    let recipients = schemas["Recipient"]["oneOf"].as_array_mut();
    recipients.into_iter().flatten().for_each(refuse_others);
    let frames = schemas["ClientFrame"]["oneOf"].as_array_mut();
    frames.into_iter().flatten().for_each(refuse_others);
    json!({
        "asyncapi": "3.0.0",
        "info": {"title": "Switchboard", "version": env!("CARGO_PKG_VERSION")},
        "defaultContentType": "application/json",
        "channels": {
            "agent": channel("/v1/agent", AGENT_PROTOCOL, &both, &Close::TOLD),
            "supervisor": channel("/v1/supervisor", SUPERVISOR_PROTOCOL, &alone, &to_boards),
        },
        "operations": {
            "tellAgent": operation("send", "agent", &to_agents),
            "hearAgent": operation("receive", "agent", &from_agents),
            "tellSupervisor": operation("send", "supervisor", &to_supervisors),
        },
        "components": {"messages": messages, "schemas": schemas},
    })
}

/// Marks objects as closed: the server refuses unknown members.
fn refuse_others(frame: &mut Value) {
    frame["additionalProperties"] = false.into();
}

/// Adds the messages of a kind of frame; returns their keys.
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

fn channel(address: &str, protocol: &str, keys: &[&String], closes: &[Close]) -> Value {
    let messages: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let reference = format!("#/components/messages/{key}");
            ((*key).clone(), json!({"$ref": reference}))
        })
        .collect();
    let told = closes.iter().filter_map(|close| close.frame());
    let told = told.map(|frame| format!("{} {}", frame.code, frame.reason));
    let told: Vec<String> = told.collect();
    json!({
        "address": address,
        "description": format!("The server closes with: {}.", told.join("; ")),
        "x-close-codes": close_codes(closes),
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

/// The reasons sent when closing, by code.
fn close_codes(closes: &[Close]) -> Map<String, Value> {
    let frames = closes.iter().filter_map(|close| close.frame());
    frames
        .map(|frame| (frame.code.to_string(), frame.reason.to_string().into()))
        .collect()
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
    use crate::wire::frame::command::COMMANDS;

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

    #[test]
    fn a_frame_of_a_desktop_is_described_as_it_is_read() {
        let document = document();
        let frame = &document["components"]["messages"]["desktop_pull"]["payload"];
        assert_eq!(frame["additionalProperties"], false);
        let frames = &document["components"]["schemas"]["ClientFrame"]["oneOf"];
        assert_eq!(frames[0]["additionalProperties"], false);
        let cmd = frame["properties"]["cmd"]["$ref"].as_str().unwrap();
        let cmd = document.pointer(cmd.trim_start_matches('#')).unwrap();
        let kinds = [&cmd["oneOf"][0]["type"], &cmd["oneOf"][1]["type"]];
        assert_eq!(kinds, ["string", "integer"]);
        assert_eq!(cmd["oneOf"][1]["maximum"], u64::MAX);
        let refused = &document["components"]["messages"]["agent_refused"]["payload"];
        assert!(
            refused["properties"]["cmd"]
                .to_string()
                .contains("CommandId")
        );
    }

    #[test]
    fn why_the_server_closes_is_described() {
        let document = document();
        let codes = |channel: &str| &document["channels"][channel]["x-close-codes"];
        assert_eq!(codes("agent")["4001"], "signed in elsewhere");
        assert_eq!(codes("agent").as_object().unwrap().len(), Close::TOLD.len());
        for code in ["4001", "1011"] {
            assert!(codes("supervisor").get(code).is_none(), "{code}");
        }
        assert_eq!(codes("supervisor")["4401"], "token expired or withdrawn");
    }
}
