//! No text makes the reader panic.

use proptest::prelude::*;
use toml::{Table, Value};

use super::*;

/// Documents with a value at every key.
const WHOLE: [&str; 3] = [
    include_str!("../../../config/default.toml"),
    include_str!("../../../config/demo.toml"),
    "
    [auth]
    mode = 'keys'
    key = [{ id = 'k', role = 'agent', agent = 'a', sha256 = '00' }]
    jwt = [{ kid = 'k', algorithm = 'HS256', secret_file = 'f', issuer = 'i', audience = 'a' }]
    [journal]
    kind = 'redis'
    path = 'p'
    url = 'redis://h'
    [customers]
    kind = 'redis'
    url = 'redis://h'
    [[queue]]
    id = 'a'
    step = [{ after_s = 9, requires = { s = 1 }, also_agents_of = ['b'] }]
    escalation = [
        { name = 'e', when = { after_s = 9 }, do = [{ move_to = 'b' }, { boost_s = 9 }] },
        { name = 'f', when = { sentiment_below = 0.5 }, do = [{ next_step = true }] },
    ]
    [[queue]]
    id = 'b'
    escalation = [{ name = 'e', when = { after_s = 9 }, do = [{ move_to = 'a' }] }]
    [[agent]]
    id = 'a'
    skills = { s = 1 }
    ",
];

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-3_i64..200).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[a-z]{1,8}".prop_map(Value::from),
        Just("redis://u:p@h:1/2".into()),
        Just("1979-05-27T07:32:00Z".parse().map(Value::Datetime).unwrap()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_ \u{5bbd}]{0,6}", inner, 0..4)
                .prop_map(|map| Value::Table(map.into_iter().collect())),
        ]
    })
}

/// Replaces the node that `at` counts down to by `value`.
fn replace(node: &mut Value, at: &mut usize, value: &Value) {
    if *at == 0 {
        *node = value.clone();
    }
    *at = at.wrapping_sub(1);
    if let Some(table) = node.as_table_mut() {
        table
            .iter_mut()
            .for_each(|(_, inner)| replace(inner, at, value));
    } else if let Some(list) = node.as_array_mut() {
        list.iter_mut().for_each(|inner| replace(inner, at, value));
    }
}

fn read_whatever(text: &str) {
    match Config::parse(text) {
        Ok(config) => assert!(!report(&config, &warnings(&config)).is_empty()),
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults.iter() {
                assert!(!fault.to_string().contains('\n'), "{fault:?}");
                assert!(
                    fault
                        .line
                        .is_none_or(|line| line <= text.lines().count() + 1)
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_value_at_any_key_is_read_or_refused(
        document in 0..WHOLE.len(),
        places in prop::collection::vec((1_usize..400, any_value()), 1..4),
    ) {
        let table: Table = WHOLE[document].parse().unwrap();
        let mut root = Value::Table(table);
        for (at, value) in places {
            replace(&mut root, &mut at.clone(), &value);
        }
        read_whatever(&toml::to_string(&root).unwrap());
    }

    #[test]
    fn any_table_is_read_or_refused(value in any_value()) {
        if let Value::Table(table) = value {
            read_whatever(&toml::to_string(&table).unwrap());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}=.,'\"a-z0-9 \n#宽-]{0,60}") {
        read_whatever(&text);
    }

    #[test]
    fn a_document_that_is_cut_off_is_read_or_refused(document in 0..WHOLE.len(), at in 0..9_000_usize) {
        let text: String = WHOLE[document].chars().take(at).collect();
        read_whatever(&text);
    }
}
