//! The client's own name for a command.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::Text;
use crate::domain::text::has_hidden;

/// The longest id, in bytes.
const COMMAND_ID_BYTES_MAX: usize = 64;

const REPEATED: &str = "The client's own number. The same frame with the same `cmd` is not carried \
     out again: its answer is repeated, in this session and in those that send `resume`, also if \
     they get `resync`; after a restart of the server, `ok` is. So a desktop goes on counting when it \
     reconnects; only one that does not send `resume` may begin anew.";

/// Text or a whole number, returned as it was received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CommandId {
    Text(Text),
    Number(u64),
}

impl PartialSchema for CommandId {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let bytes =
            format!("1 to {COMMAND_ID_BYTES_MAX} bytes of UTF-8, without control characters.");
        let text = text.min_length(Some(1)).description(Some(bytes));
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let number = number.minimum(Some(0)).maximum(Some(u64::MAX));
        let choice = OneOfBuilder::new().item(text).item(number);
        choice.description(Some(REPEATED)).into()
    }
}

impl ToSchema for CommandId {}

impl Serialize for CommandId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Number(number) => to.serialize_u64(*number),
        }
    }
}

impl<'de> Deserialize<'de> for CommandId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextOrNumber)
    }
}

struct TextOrNumber;

impl Visitor<'_> for TextOrNumber {
    type Value = CommandId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "1 to {COMMAND_ID_BYTES_MAX} bytes of text without control characters, or a whole number"
        )
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<CommandId, E> {
        Ok(CommandId::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<CommandId, E> {
        if text.is_empty() || text.len() > COMMAND_ID_BYTES_MAX || has_hidden(text) {
            return Err(E::invalid_value(Unexpected::Str(text), &self));
        }
        Ok(CommandId::Text(text.into()))
    }
}
