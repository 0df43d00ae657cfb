//! Checks that an expression uses only known names and compares values of the same kind.
//!
//! Recursion goes no deeper than the fence allows.

use cel::common::ast::{CallExpr, Expr, LiteralValue, SelectExpr, operators as op};
use cel::parser::Expression;

use super::BadCondition;
use super::facts::{Field, Kind};

/// Operators and functions that an expression may use.
const FUNCTIONS: &str = "&& || ! == != < <= > >= + - * / % ? : in has() size() contains() \
                         startsWith() endsWith() int() double()";

/// The fields that a condition reads; its value must be a flag.
pub(super) fn fields_of(expression: &Expression) -> Result<Vec<Field>, BadCondition> {
    let mut check = Check { fields: Vec::new() };
    let kind = check.kind_of(expression)?;
    wants(kind, Kind::Flag, "the condition")?;
    check.fields.sort_unstable();
    check.fields.dedup();
    Ok(check.fields)
}

struct Check {
    fields: Vec<Field>,
}

type Checked = Result<Kind, BadCondition>;

impl Check {
    fn kind_of(&mut self, node: &Expression) -> Checked {
        match &node.expr {
            Expr::Literal(value) => of_literal(value),
            Expr::Ident(name) => Err(unknown(name)),
            Expr::Select(select) => self.of_select(select),
            Expr::Call(call) => self.of_call(call),
            Expr::Comprehension(_) => Err(BadCondition::new("a loop over a list", FUNCTIONS)),
            Expr::List(_) => Err(BadCondition::new("a list", "lists to the right of `in`")),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(BadCondition::new("a map", FUNCTIONS))
            }
        }
    }

    fn of_select(&mut self, select: &SelectExpr) -> Checked {
        if let Expr::Ident(root) = &select.operand.expr {
            let path = format!("{root}.{}", select.field);
            let field = Field::named(root, &select.field).ok_or_else(|| unknown(&path))?;
            if select.test {
                let found = format!("has({path})");
                return Err(BadCondition::new(found, "has(contact.attributes.NAME)"));
            }
            self.fields.push(field);
            return Ok(field.kind());
        }
        let kind = self.kind_of(&select.operand)?;
        if kind != Kind::Attributes {
            let found = format!(".{} of {}", select.field, kind.name());
            return Err(BadCondition::new(found, "contact.attributes.NAME"));
        }
        Ok(if select.test {
            Kind::Flag
        } else {
            Kind::Anything
        })
    }

    fn of_call(&mut self, call: &CallExpr) -> Checked {
        let name = call.func_name.as_str();
        match (name, &call.target, call.args.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR, None, args) => {
                for arg in args {
                    wants(self.kind_of(arg)?, Kind::Flag, "&& and ||")?;
                }
                Ok(Kind::Flag)
            }
            (op::LOGICAL_NOT, None, [arg]) => {
                wants(self.kind_of(arg)?, Kind::Flag, "!")?;
                Ok(Kind::Flag)
            }
            (op::CONDITIONAL, None, [test, yes, no]) => {
                wants(self.kind_of(test)?, Kind::Flag, "?")?;
                let (yes, no) = (self.kind_of(yes)?, self.kind_of(no)?);
                if yes == no {
                    Ok(yes)
                } else {
                    Err(unlike(yes, no, "both sides of : of one kind"))
                }
            }
            (op::IN, None, [item, among]) => self.of_in(item, among),
            (op::INDEX, None, [of, key]) => {
                wants(self.kind_of(key)?, Kind::Text, "[ ]")?;
                wants(self.kind_of(of)?, Kind::Attributes, "[ ]")?;
                Ok(Kind::Anything)
            }
            (op::NEGATE, None, [arg]) => {
                let kind = self.kind_of(arg)?;
                number(kind, "-")
            }
            (op::EQUALS | op::NOT_EQUALS, None, [a, b]) => {
                let (a, b) = (self.kind_of(a)?, self.kind_of(b)?);
                if comparable(a, b) && a != Kind::Attributes {
                    Ok(Kind::Flag)
                } else {
                    Err(unlike(a, b, "values of one kind"))
                }
            }
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, None, [a, b]) => {
                let (a, b) = (self.kind_of(a)?, self.kind_of(b)?);
                let ordered = |kind| !matches!(kind, Kind::Flag | Kind::Attributes);
                if comparable(a, b) && ordered(a) && ordered(b) {
                    Ok(Kind::Flag)
                } else {
                    Err(unlike(a, b, "two numbers or two texts"))
                }
            }
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, None, [a, b]) => {
                let (a, b) = (self.kind_of(a)?, self.kind_of(b)?);
                arithmetic(name, a, b)
            }
            (_, target, args) => self.of_function(name, target.as_deref(), args),
        }
    }

    fn of_function(
        &mut self,
        name: &str,
        target: Option<&Expression>,
        args: &[Expression],
    ) -> Checked {
        let allowed = || BadCondition::new(format!("{name}()"), FUNCTIONS);
        match (name, target, args) {
            ("contains" | "startsWith" | "endsWith", Some(text), [other]) => {
                wants(self.kind_of(text)?, Kind::Text, name)?;
                wants(self.kind_of(other)?, Kind::Text, name)?;
                Ok(Kind::Flag)
            }
            ("size", Some(text), []) | ("size", None, [text]) => {
                wants(self.kind_of(text)?, Kind::Text, name)?;
                Ok(Kind::Whole)
            }
            ("int" | "double", None, [arg]) => match self.kind_of(arg)? {
                Kind::Flag | Kind::Attributes => Err(allowed()),
                Kind::Whole | Kind::Decimal | Kind::Text | Kind::Anything => Ok(match name {
                    "int" => Kind::Whole,
                    _ => Kind::Decimal,
                }),
            },
            _ => Err(allowed()),
        }
    }

    fn of_in(&mut self, item: &Expression, among: &Expression) -> Checked {
        let item = self.kind_of(item)?;
        if let Expr::List(list) = &among.expr {
            for element in &list.elements {
                let element = self.kind_of(element)?;
                if !comparable(item, element) {
                    return Err(unlike(item, element, "values of one kind"));
                }
            }
        } else {
            wants(self.kind_of(among)?, Kind::Attributes, "in")?;
            wants(item, Kind::Text, "in")?;
        }
        Ok(Kind::Flag)
    }
}

fn of_literal(value: &LiteralValue) -> Checked {
    match value {
        LiteralValue::Boolean(_) => Ok(Kind::Flag),
        LiteralValue::Double(_) => Ok(Kind::Decimal),
        LiteralValue::Int(_) => Ok(Kind::Whole),
        LiteralValue::String(_) => Ok(Kind::Text),
        LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
            Err(BadCondition::new("bytes or 1u", "'text', 1, 1.0, true"))
        }
        LiteralValue::Null => Err(BadCondition::new(
            "null",
            "has(contact.attributes.NAME); nothing else can be missing",
        )),
    }
}

fn comparable(a: Kind, b: Kind) -> bool {
    let is_number = |kind| matches!(kind, Kind::Whole | Kind::Decimal);
    a == b || a == Kind::Anything || b == Kind::Anything || (is_number(a) && is_number(b))
}

/// CEL does not mix whole and decimal numbers; an attribute is never a whole number.
fn arithmetic(name: &str, a: Kind, b: Kind) -> Checked {
    let joined = match (a, b) {
        (Kind::Anything, other) | (other, Kind::Anything) if other != Kind::Whole => other,
        (a, b) if a == b => a,
        _ => {
            return Err(unlike(
                a,
                b,
                "numbers of one kind: double(…) and 1.0 are decimal",
            ));
        }
    };
    match joined {
        Kind::Text if name == op::ADD => Ok(joined),
        Kind::Decimal if name == op::MODULO => {
            Err(BadCondition::new("% of decimal numbers", "whole numbers"))
        }
        Kind::Anything => Ok(joined),
        Kind::Flag | Kind::Whole | Kind::Decimal | Kind::Text | Kind::Attributes => {
            number(joined, "arithmetic")
        }
    }
}

fn number(kind: Kind, of: &str) -> Checked {
    match kind {
        Kind::Whole | Kind::Decimal | Kind::Anything => Ok(kind),
        Kind::Flag | Kind::Text | Kind::Attributes => {
            let found = format!("{of} of {}", kind.name());
            Err(BadCondition::new(found, "numbers"))
        }
    }
}

fn wants(found: Kind, wanted: Kind, of: &str) -> Result<(), BadCondition> {
    if found == wanted || (found == Kind::Anything && wanted != Kind::Attributes) {
        return Ok(());
    }
    let found = format!("{} for {of}", found.name());
    Err(BadCondition::new(found, wanted.name()))
}

fn unlike(a: Kind, b: Kind, allowed: &str) -> BadCondition {
    BadCondition::new(format!("{} and {}", a.name(), b.name()), allowed)
}

fn unknown(name: &str) -> BadCondition {
    let short: String = name.chars().take(64).collect();
    BadCondition::new(format!("{short:?}"), Field::names())
}
