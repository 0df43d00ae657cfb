//! JSON Merge Patch (RFC 7396).

use serde_json::Value;

/// Applies `patch` to `target`: an object changes the members it names, null removes one, any other
/// value replaces the target.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = target else {
        unreachable!("the target was just made an object");
    };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test cases of RFC 7396, appendix A: original, patch, result.
    const CASES: [[&str; 3]; 15] = [
        [r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#],
        [r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#],
        [r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#],
        [r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#],
        [r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#],
        [r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#],
        [
            r#"{"a":{"b":"c"}}"#,
            r#"{"a":{"b":"d","c":null}}"#,
            r#"{"a":{"b":"d"}}"#,
        ],
        [r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#],
        [r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#],
        [r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#],
        [r#"{"a":"foo"}"#, "null", "null"],
        [r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#],
        [r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#],
        ["[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#],
        ["{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#],
    ];

    #[test]
    fn the_examples_of_the_rfc_hold() {
        for [original, patch, result] in CASES {
            let read = |text| serde_json::from_str::<Value>(text).unwrap();
            let mut target = read(original);
            merge(&mut target, &read(patch));
            assert_eq!(target, read(result), "{original} patched with {patch}");
        }
    }
}
