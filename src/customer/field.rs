//! Reads the members of a JSON object and reports a fault for each wrong one.

use std::fmt::Display;

use serde_json::{Map, Value};

use crate::customer::Malformed;

/// An object whose members are taken one by one; the rest are unknown.
pub(super) struct Fields {
    path: String,
    members: Map<String, Value>,
}

impl Fields {
    /// An absent or null object has no members. `path` is empty for the whole document.
    pub(super) fn open(path: &str, value: Value, faults: &mut Vec<Malformed>) -> Self {
        let members = match value {
            Value::Object(members) => members,
            Value::Null if !path.is_empty() => Map::new(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => {
                let path = if path.is_empty() { "body" } else { path };
                faults.push(Malformed::new(path, shown(&value), "an object"));
                Map::new()
            }
        };
        Self {
            path: path.to_owned(),
            members,
        }
    }

    /// The object's path in the document.
    pub(super) fn path(&self) -> String {
        self.path.clone()
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The member as it is; null when absent.
    pub(super) fn raw(&mut self, name: &str) -> Value {
        self.members.remove(name).unwrap_or(Value::Null)
    }

    pub(super) fn object(&mut self, name: &str, faults: &mut Vec<Malformed>) -> Self {
        let value = self.raw(name);
        Self::open(&self.path_of(name), value, faults)
    }

    /// None if the member is absent or null.
    pub(super) fn take<T, E: Display>(
        &mut self,
        name: &str,
        faults: &mut Vec<Malformed>,
        read: impl FnOnce(&Value) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.raw(name);
        if value.is_null() {
            return None;
        }
        read(&value)
            .map_err(|allowed| {
                faults.push(Malformed::new(&self.path_of(name), shown(&value), allowed));
            })
            .ok()
    }

    /// A text member that is required. `read` must refuse empty text.
    pub(super) fn required<T, E: Display>(
        &mut self,
        name: &str,
        faults: &mut Vec<Malformed>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.members.remove(name);
        let text = value.as_ref().and_then(Value::as_str);
        read(text.unwrap_or(""))
            .map_err(|allowed| {
                let path = self.path_of(name);
                faults.push(match &value {
                    Some(value) => Malformed::new(&path, shown(value), allowed),
                    None => Malformed::missing(&path, allowed),
                });
            })
            .ok()
    }

    /// A text member. `read` must refuse empty text.
    pub(super) fn text<T, E: Display>(
        &mut self,
        name: &str,
        faults: &mut Vec<Malformed>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.take(name, faults, |value| read(value.as_str().unwrap_or("")))
    }

    /// A number member. `read` must refuse NaN.
    pub(super) fn number<T, E: Display>(
        &mut self,
        name: &str,
        faults: &mut Vec<Malformed>,
        read: impl FnOnce(f64) -> Result<T, E>,
    ) -> Option<T> {
        self.take(name, faults, |value| {
            read(value.as_f64().unwrap_or(f64::NAN))
        })
    }

    /// The members not taken, without nulls.
    pub(super) fn rest(self) -> impl Iterator<Item = (String, Value)> {
        self.members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
    }

    /// Reports a fault for every member not taken.
    pub(super) fn close(self, known: &str, faults: &mut Vec<Malformed>) {
        for name in self.members.keys() {
            let path = self.path_of(name);
            faults.push(Malformed::unknown_field(&path, known));
        }
    }
}

/// A value as shown in a message.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
