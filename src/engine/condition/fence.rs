//! Limits of a source, checked before it is parsed and before anything recurses through the tree.

use cel::common::ast::{EntryExpr, Expr};
use cel::parser::Expression;

use super::{BadCondition, SOURCE_BYTES_MAX};

/// The deepest nesting: of brackets before parsing, of expressions after it.
pub(super) const DEPTH_MAX: u16 = 24;
/// The most names, values and operators.
pub(super) const NODES_MAX: usize = 256;

/// Checks length, nesting, and notations of text that would make nesting hard to see.
pub(super) fn check(source: &str) -> Result<(), BadCondition> {
    if source.trim().is_empty() || source.len() > SOURCE_BYTES_MAX {
        let found = format!("{} bytes", source.len());
        let allowed = format!("a condition of 1..={SOURCE_BYTES_MAX} bytes");
        return Err(BadCondition::new(found, allowed));
    }
    let mut quote = None;
    let (mut depth, mut last) = (0_u16, ' ');
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => {
                // After a letter it is a prefixed literal, after a quote a triple-quoted one.
                if last.is_alphanumeric() || last == character {
                    let found = format!("text that begins with {last}{character}");
                    return Err(BadCondition::new(found, "text between two single quotes"));
                }
                quote = Some(character);
            }
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '/') if last == '/' => {
                return Err(BadCondition::new("a comment", "no comments"));
            }
            (None, _) => {}
        }
        if depth > DEPTH_MAX {
            return Err(too_deep());
        }
        last = character;
    }
    Ok(())
}

/// Walks the tree without recursion.
pub(super) fn check_tree(root: &Expression) -> Result<(), BadCondition> {
    let mut open = vec![(root, 1)];
    let mut nodes = 0;
    while let Some((node, depth)) = open.pop() {
        nodes += 1;
        if depth > DEPTH_MAX {
            return Err(too_deep());
        }
        if nodes > NODES_MAX {
            let allowed = format!("at most {NODES_MAX} names, values and operators");
            return Err(BadCondition::new(
                "more names, values and operators",
                allowed,
            ));
        }
        let mut enter = |inner| open.push((inner, depth + 1));
        match &node.expr {
            Expr::Call(call) => {
                call.target.iter().for_each(|target| enter(&**target));
                call.args.iter().for_each(enter);
            }
            Expr::Select(select) => enter(&*select.operand),
            Expr::List(list) => list.elements.iter().for_each(enter),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        enter(&entry.value);
                    }
                }
            }
            Expr::Unspecified
            | Expr::Comprehension(_)
            | Expr::Ident(_)
            | Expr::Literal(_)
            | Expr::Struct(_) => {}
        }
    }
    Ok(())
}

fn too_deep() -> BadCondition {
    BadCondition::new("deeper nesting", format!("nesting of up to {DEPTH_MAX}"))
}
