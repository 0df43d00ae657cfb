//! The wire types as JSON Schema, each under its name.

use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// Schemas by name, collected as they are referred to.
#[derive(Default)]
pub(super) struct Schemas(Map<String, Value>);

impl Schemas {
    /// A reference to `T`; collects its schema and those it refers to.
    pub(super) fn refer<T: ToSchema>(&mut self) -> Value {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        for (name, schema) in parts {
            self.keep(name, &schema);
        }
        let name = T::name().into_owned();
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        self.keep(name, &T::schema());
        reference
    }

    pub(super) fn into_json(self) -> Value {
        Value::Object(self.0)
    }

    fn keep(&mut self, name: String, schema: &RefOr<Schema>) {
        self.0.entry(name).or_insert_with(|| written(schema));
    }
}

/// The variants of a tagged enum: their names and their schemas.
pub(super) fn variants<T: PartialSchema>() -> Vec<(String, Value)> {
    let schema = written(&T::schema());
    let Some(Value::Array(variants)) = schema.get("oneOf") else {
        unreachable!("a tagged enum is a `oneOf` schema");
    };
    let name = |variant: &Value| {
        let name = variant["properties"]["type"]["enum"][0].as_str();
        name.expect("each variant has its type").to_owned()
    };
    variants
        .iter()
        .map(|variant| (name(variant), variant.clone()))
        .collect()
}

fn written(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).expect("a schema is JSON")
}
