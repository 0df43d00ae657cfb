//! Conditions apart from the engine: what they evaluate to, and what is refused.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Condition, Fact, Field, SOURCE_BYTES_MAX, Trouble, Verdict};
use crate::domain::{AttributeValue, Attributes};

fn attributes() -> Attributes {
    let map = BTreeMap::from([
        ("city".to_owned(), AttributeValue::Text("广州".to_owned())),
        ("vip".to_owned(), AttributeValue::Flag(true)),
        ("debt".to_owned(), AttributeValue::Number(120.5)),
    ]);
    Attributes::new(map).unwrap()
}

fn evaluate(condition: &Condition) -> Verdict {
    let attributes = attributes();
    condition.evaluate(|field| match field {
        Field::Channel => Fact::Text("wechat"),
        Field::Sentiment => Fact::Decimal(-0.8),
        Field::Attributes => Fact::Attributes(&attributes),
        Field::WaitedS => Fact::Whole(90),
        Field::Tier => Fact::Text("diamond"),
        Field::CustomerKnown => Fact::Flag(true),
        Field::Waiting => Fact::Whole(7),
        Field::Paused => Fact::Flag(false),
        Field::Text
        | Field::Topic
        | Field::Language
        | Field::CustomerId
        | Field::AccountManager
        | Field::LastAgent
        | Field::QueueId => Fact::Text(""),
        Field::Step
        | Field::Offers
        | Field::OffersEnded
        | Field::BeingOffered
        | Field::Staffed
        | Field::LongestWaitS => Fact::Whole(0),
    })
}

fn comes_to(source: &str) -> Verdict {
    let condition = Condition::new(source).unwrap_or_else(|bad| panic!("{source}: {bad}"));
    evaluate(&condition)
}

#[track_caller]
fn refused(source: &str, found: &str) {
    let bad = Condition::new(source).unwrap_err();
    assert!(bad.found.contains(found), "{source}: {bad}");
    assert!(!bad.allowed.is_empty());
}

#[test]
fn conditions_read_contact_customer_and_queue() {
    let holding = [
        "contact.sentiment < -0.5 && customer.tier == 'diamond'",
        "contact.sentiment < 0",
        "customer.tier in ['gold', 'diamond']",
        "!(contact.channel == 'hotline') || queue.paused",
        "contact.waited_s > 60 && queue.waiting >= 7 && queue.staffed == 0",
        "contact.waited_s * 2 + 1 == 181 && contact.waited_s % 7 == 6",
        "contact.attributes.city == '广州'",
        "contact.attributes['city'].startsWith('广')",
        "contact.attributes.vip",
        "contact.attributes.debt > 100",
        "double(queue.waiting) * 2.0 > contact.attributes.debt / 10.0",
        "has(contact.attributes.vip) && !has(contact.attributes.other)",
        "'debt' in contact.attributes",
        "size(contact.text) == 0 && contact.channel.contains('chat')",
        "queue.waiting > 10 ? customer.known : contact.waited_s == 90",
        "contact.attributes.missing == 1.0 || customer.known",
        "contact.channel != \"it's (((\"",
    ];
    for source in holding {
        assert_eq!(comes_to(source), Verdict::Holds, "{source}");
        let not = format!("!({source})");
        assert_eq!(comes_to(&not), Verdict::Fails, "{not}");
    }
}

#[test]
fn a_missing_attribute_makes_a_condition_fail_without_trouble() {
    assert_eq!(comes_to("contact.attributes.missing > 3"), Verdict::Fails);
    assert_eq!(
        comes_to("!(contact.attributes.missing > 3)"),
        Verdict::Fails
    );
}

#[test]
fn what_goes_wrong_with_the_facts_is_trouble_and_not_a_crash() {
    let troubled = [
        ("contact.attributes.city > 3", Trouble::Kind),
        ("contact.attributes.city", Trouble::Kind),
        ("contact.attributes.vip + 1.0 > 0.0", Trouble::Kind),
        ("contact.waited_s / queue.staffed == 1", Trouble::Arithmetic),
        ("contact.waited_s % queue.staffed == 1", Trouble::Arithmetic),
        (
            "9223372036854775807 + contact.waited_s > 0",
            Trouble::Arithmetic,
        ),
        (
            "9223372036854775807 * contact.waited_s > 0",
            Trouble::Arithmetic,
        ),
    ];
    for (source, trouble) in troubled {
        assert_eq!(comes_to(source), Verdict::Trouble(trouble), "{source}");
    }
    for source in [
        "-9223372036854775808 / (queue.staffed - 1) == 1",
        "-9223372036854775808 % (queue.staffed - 1) == 1",
        "-(queue.staffed - 9223372036854775807 - 1) == 1",
        "int('x') == 1",
        "int(1e300) == 1",
        "double('') == 1.0",
    ] {
        assert!(matches!(comes_to(source), Verdict::Trouble(_)), "{source}");
    }
}

#[test]
fn names_that_do_not_exist_are_refused_with_those_that_do() {
    for (source, found) in [
        ("contact.mood == 'bad'", "contact.mood"),
        ("agent.id == 'a1'", "agent.id"),
        ("tier == 'gold'", "tier"),
        ("contact == 1", "contact"),
        (".contact.topic == 'a'", ".contact.topic"),
        ("contact.topic.length == 3", ".length of text"),
        ("has(contact.topic)", "has(contact.topic)"),
    ] {
        refused(source, found);
    }
    let bad = Condition::new("contact.mood == 'bad'").unwrap_err();
    assert!(
        bad.allowed
            .contains("contact.sentiment, contact.attributes")
    );
    assert!(bad.allowed.contains("customer.tier"));
    assert!(bad.allowed.contains("queue.waiting"));
}

#[test]
fn kinds_that_do_not_agree_are_refused() {
    for (source, found) in [
        ("contact.waited_s", "a whole number for the condition"),
        ("customer.tier == 3", "text and a whole number"),
        ("contact.sentiment < 'x'", "a decimal number and text"),
        (
            "contact.waited_s + 1.5 > 3.0",
            "a whole number and a decimal",
        ),
        ("contact.attributes.n + 1 > 3", "an attribute and a whole"),
        ("customer.known && 1", "a whole number for &&"),
        ("!customer.tier", "text for !"),
        ("customer.tier in contact.topic", "text for in"),
        ("customer.tier in [1, 2]", "text and a whole number"),
        ("customer.known < true", "a flag and a flag"),
        ("contact.topic == null", "null"),
        ("queue.waiting > 3u", "1u"),
        ("contact.attributes == contact.attributes", "the attributes"),
    ] {
        refused(source, found);
    }
}

#[test]
fn loops_calls_and_other_forms_of_text_are_refused() {
    for (source, found) in [
        ("[1, 2].exists(n, n > 1)", "a loop"),
        ("contact.attributes.all(a, a == 'x')", "a loop"),
        ("[1, 2] == [1, 2]", "a list"),
        ("{'a': 1} == {'a': 1}", "a map"),
        ("contact.topic.matches('(a+)+$')", "matches()"),
        ("timestamp('2026-01-01T00:00:00Z') > now()", "timestamp()"),
        ("contact.topic == r'a'", "text that begins with r'"),
        ("contact.topic == '''a'''", "text that begins with ''"),
        ("contact.topic == 'a' // as agreed", "a comment"),
        ("contact.topic ==", "at character"),
        ("'", "at character"),
        ("", "0 bytes"),
    ] {
        refused(source, found);
    }
}

#[test]
fn nesting_and_length_are_fenced_before_anything_is_parsed() {
    let within = |text: &str| text.chars().take(SOURCE_BYTES_MAX).collect::<String>();
    let repeat = |piece: &str| within(&piece.repeat(SOURCE_BYTES_MAX));
    for piece in [
        "(",
        "[",
        "{",
        "!",
        "-",
        "a.",
        "a?",
        "a?b:",
        "1+",
        "a[",
        "f(",
        "!(",
        "[[],",
        "1<",
        "a&&",
        "1,",
        "a in ",
        "'",
        "\"",
        "\\",
        "\0",
        "广",
        "\u{202e}",
        "👩‍👩‍👧",
        "''",
        "a==b||",
        "has(",
    ] {
        assert!(Condition::new(&repeat(piece)).is_err(), "{piece}");
    }
    let deep = format!("{}queue.paused{}", "(".repeat(25), ")".repeat(25));
    refused(&deep, "deeper nesting");
    let chain = format!("{}0 > 0", "1+".repeat(60));
    refused(&chain, "deeper nesting");
    let many = format!("contact.waited_s in [{}1]", "1,".repeat(300));
    refused(&many, "");
    let long = format!("customer.tier == '{}'", "x".repeat(SOURCE_BYTES_MAX));
    refused(&long, "bytes");
    let wide = vec!["queue.paused"; 30].join(" || ");
    assert_eq!(comes_to(&wide), Verdict::Fails);
}

proptest! {
    #[test]
    fn no_source_causes_a_panic(source in ".{0,200}") {
        if let Ok(condition) = Condition::new(&source) {
            evaluate(&condition);
        }
    }

    #[test]
    fn no_sentence_of_its_own_words_causes_a_panic(words in proptest::collection::vec(
        prop::sample::select(vec![
            "contact.waited_s", "contact.attributes", "contact.attributes.debt", "customer.tier",
            "customer.known", "contact.sentiment", "(", ")", "[", "]", "==", "<", "+", "-", "*",
            "/", "%", "&&", "||", "!", "?", ":", "in", "1", "0", "-1", "1.5", "'x'", "true",
            "9223372036854775807", "size(", "int(", "double(", ".contains(", ",", "has(",
        ]), 0..24)
    ) {
        if let Ok(condition) = Condition::new(&words.join(" ")) {
            prop_assert_eq!(evaluate(&condition), evaluate(&condition));
        }
    }
}
