//! The texts that a condition compares its fields with.

use cel::common::ast::{CallExpr, Expr, LiteralValue, operators as op};
use cel::parser::Expression;

use super::facts::Field;

/// Each text with the field that it is compared with for equality, without recursion.
pub(super) fn compared(root: &Expression) -> Vec<(Field, &str)> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let Expr::Call(call) = &node.expr else {
            continue;
        };
        find(call, &mut found);
        open.extend(call.target.iter().map(|target| &**target));
        open.extend(&call.args);
    }
    found
}

fn find<'e>(call: &'e CallExpr, found: &mut Vec<(Field, &'e str)>) {
    match (call.func_name.as_str(), call.args.as_slice()) {
        (op::EQUALS | op::NOT_EQUALS, [a, b]) => {
            found.extend(field(a).zip(text(b)));
            found.extend(field(b).zip(text(a)));
        }
        (op::IN, [item, among]) => {
            if let (Some(field), Expr::List(list)) = (field(item), &among.expr) {
                let texts = list.elements.iter().filter_map(text);
                found.extend(texts.map(|text| (field, text)));
            }
        }
        _ => {}
    }
}

fn field(node: &Expression) -> Option<Field> {
    let Expr::Select(select) = &node.expr else {
        return None;
    };
    let Expr::Ident(root) = &select.operand.expr else {
        return None;
    };
    Field::named(root, &select.field)
}

fn text(node: &Expression) -> Option<&str> {
    let Expr::Literal(LiteralValue::String(text)) = &node.expr else {
        return None;
    };
    Some(text)
}
