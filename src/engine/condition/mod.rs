//! Conditions of escalation rules: one expression in the Common Expression Language over the
//! contact, its customer and its queue.
//!
//! A condition that could be built can be evaluated: its source is short, its nesting shallow,
//! every name in it exists and its kinds agree. What can still go wrong is an attribute of an
//! unexpected kind, or arithmetic out of range: such a condition does not hold, and reports why.
//!
//! **Invariant:** no loops, no clock, no dependence on map order: the same facts give the same
//! answer, in a time bounded by the length of the source.

mod check;
mod compared;
mod facts;
mod fence;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cel::parser::{Expression, PrattParser};
use cel::{Context, Env, ExecutionError, Value};

use crate::domain::{AttributeValue, Attributes, Text};

pub use facts::{Fact, Field};

/// The longest source, in bytes.
pub const SOURCE_BYTES_MAX: usize = 1_024;

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A compiled condition; cloning it only increments a reference count.
#[derive(Clone, Debug)]
pub struct Condition(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    expression: Expression,
    /// The fields that it reads, sorted and distinct.
    fields: Vec<Field>,
}

/// What is wrong with a source: what was found, and what is allowed there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found}, allowed: {allowed}")]
pub struct BadCondition {
    pub found: String,
    pub allowed: String,
}

impl BadCondition {
    fn new(found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            found: found.into(),
            allowed: allowed.into(),
        }
    }
}

/// The result of evaluating a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    /// Also if it reads an attribute that the contact does not have.
    Fails,
    /// It fails for a reason other than the facts.
    Trouble(Trouble),
}

/// Why a condition could not be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Trouble {
    /// This version does not accept the source.
    #[n(0)]
    Source,
    /// An attribute has an unexpected kind.
    #[n(1)]
    Kind,
    #[n(2)]
    Arithmetic,
    #[n(3)]
    Other,
}

impl Trouble {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Kind => "kind",
            Self::Arithmetic => "arithmetic",
            Self::Other => "other",
        }
    }
}

impl Condition {
    pub fn new(source: &str) -> Result<Self, BadCondition> {
        fence::check(source)?;
        let parser = PrattParser::new()
            .max_recursion_depth(fence::DEPTH_MAX)
            .max_expression_node_count(fence::NODES_MAX)
            .error_recovery_limit(1)
            .error_reporting_limit(1);
        let expression = parser.parse(source).map_err(|errors| {
            let error = errors.errors.first();
            let found = error.map_or_else(String::new, |error| {
                format!("at character {}: {}", error.pos.1, error.msg)
            });
            BadCondition::new(found, "an expression in CEL")
        })?;
        fence::check_tree(&expression)?;
        let fields = check::fields_of(&expression)?;
        Ok(Self(Arc::new(Compiled { expression, fields })))
    }

    /// The texts that it compares a field with, each with the field.
    pub fn compared(&self) -> Vec<(Field, &str)> {
        compared::compared(&self.0.expression)
    }

    /// Evaluates it over the facts that it reads.
    pub fn evaluate<'a>(&self, fact: impl Fn(Field) -> Fact<'a>) -> Verdict {
        let mut roots: [HashMap<String, Value>; 3] = Default::default();
        for field in &self.0.fields {
            let (root, name) = field.path();
            roots[root as usize].insert(name.to_owned(), value(fact(*field)));
        }
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for (root, fields) in facts::ROOTS.iter().zip(roots) {
            context.add_variable_from_value(*root, fields);
        }
        match Value::resolve(&self.0.expression, &context) {
            Ok(Value::Bool(true)) => Verdict::Holds,
            Ok(Value::Bool(false)) | Err(ExecutionError::NoSuchKey(_)) => Verdict::Fails,
            Ok(_) => Verdict::Trouble(Trouble::Kind),
            Err(error) => Verdict::Trouble(trouble(&error)),
        }
    }
}

fn value(fact: Fact<'_>) -> Value {
    match fact {
        Fact::Flag(flag) => Value::Bool(flag),
        Fact::Whole(number) => Value::Int(number),
        Fact::Decimal(number) => Value::Float(number),
        Fact::Text(text) => Value::from(text),
        Fact::Attributes(attributes) => Value::from(values(attributes)),
    }
}

fn values(attributes: &Attributes) -> HashMap<String, Value> {
    let values = attributes.iter().map(|(name, value)| {
        let value = match value {
            AttributeValue::Flag(flag) => Value::Bool(flag),
            AttributeValue::Number(number) => Value::Float(number),
            AttributeValue::Text(text) => Value::from(text),
        };
        (name.to_owned(), value)
    });
    values.collect()
}

/// The library's message could repeat what customers wrote: only the kind of trouble is reported.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library keeps its errors open to more"
)]
fn trouble(error: &ExecutionError) -> Trouble {
    match error {
        ExecutionError::NoSuchOverload(_)
        | ExecutionError::UnexpectedType { .. }
        | ExecutionError::ValuesNotComparable(..)
        | ExecutionError::UnsupportedBinaryOperator(..)
        | ExecutionError::UnsupportedTargetType { .. } => Trouble::Kind,
        ExecutionError::DivisionByZero(_)
        | ExecutionError::RemainderByZero(_)
        | ExecutionError::Overflow(..) => Trouble::Arithmetic,
        _ => Trouble::Other,
    }
}

/// The compiled condition of a rule; an error if this version does not accept the source.
pub(super) fn compile(source: Option<&Text>) -> Option<Result<Condition, Trouble>> {
    source.map(|source| Condition::new(source).map_err(|_| Trouble::Source))
}
