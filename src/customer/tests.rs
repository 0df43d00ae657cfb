//! Writing a customer, and what is refused.

use serde_json::{Value, json};

use crate::customer::document::{patch, put, write};
use crate::customer::value::Tenure;
use crate::customer::{CustomerId, Profile, Tiers, event};
use crate::domain::{AttributeChanges, AttributeValue, IdentityKind, Name, Timestamp};

const NOW: Timestamp = Timestamp(1_795_255_200_000);
const LATER: Timestamp = Timestamp(1_795_255_260_000);

fn who() -> CustomerId {
    CustomerId::new("c-81").unwrap()
}

fn tiers() -> Tiers {
    let named = |name| Name::new(name).unwrap();
    Tiers::Of {
        known: ["diamond", "gold", "basic"].map(named).into(),
        default: named("basic"),
    }
}

fn written(body: Value) -> Result<Profile, String> {
    put(who(), body, &tiers(), NOW).map_err(|faults| faults.to_string())
}

fn patched(profile: &Profile, change: &Value) -> Result<Profile, String> {
    patch(profile, change, &tiers(), LATER).map_err(|faults| faults.to_string())
}

fn full() -> Value {
    json!({
        "name": "张三",
        "identities": { "phone": "138 0013 8000", "account": "GD-20931", "wechat_openid": "oX1" },
        "tier": "diamond",
        "value": { "arpu": 168.0, "tenure_months": 61, "potential": 0.4, "churn_risk": 0.1 },
        "tags": { "segment": "business", "port_out_query_7d": true, "lines": 3 },
        "account_manager": "a7",
        "consent": { "service": true, "marketing": false }
    })
}

#[test]
fn a_full_profile_is_read_and_normalised() {
    let profile = written(full()).unwrap();
    let phone = profile.identities.get(IdentityKind::Phone).unwrap();
    assert_eq!(phone.value(), "+8613800138000");
    assert_eq!(profile.identities.iter().count(), 3);
    assert_eq!(profile.tier, Name::new("diamond").ok());
    assert_eq!(profile.value.tenure.map(|tenure| tenure.months()), Some(61));
    assert_eq!(profile.updated_at, NOW);
    let written = Value::Object(write(&profile));
    assert_eq!(
        written["tags"],
        json!({ "segment": "business", "port_out_query_7d": true, "lines": 3.0 })
    );
}

#[test]
fn put_replaces_everything() {
    let profile = written(json!({ "name": "张三" })).unwrap();
    assert!(profile.identities.is_empty() && profile.tags.is_empty());
    assert!(profile.tier.is_none() && profile.consent.is_empty());
}

#[test]
fn what_is_wrong_is_named_with_what_is_allowed() {
    for (body, complaint) in [
        (json!([]), "body: a list, allowed: an object"),
        (json!(null), "body: null, allowed: an object"),
        (
            json!({ "id": "c-82" }),
            r#"id: "c-82", allowed: the id in the path, c-81"#,
        ),
        (
            json!({ "nmae": 1 }),
            "nmae: unknown field, allowed: name, identities, tier, value, tags, account_manager, consent",
        ),
        (
            json!({ "name": "a\u{202e}b" }),
            "name: \"a\u{202e}b\", allowed: 1 to 256 bytes of text without control characters",
        ),
        (
            json!({ "identities": { "phone": "12" } }),
            r#"identities.phone: "12", allowed: a number in E.164 (+8613800138000) or a mainland mobile number"#,
        ),
        (
            json!({ "identities": { "id": "c-81" } }),
            "identities.id: unknown field, allowed: account, phone, wechat_unionid, wechat_openid, device",
        ),
        (
            json!({ "identities": [] }),
            "identities: a list, allowed: an object",
        ),
        (
            json!({ "tier": "very good" }),
            r#"tier: "very good", allowed: 1 to 64 of A-Z a-z 0-9 _ - . :"#,
        ),
    ] {
        assert_eq!(written(body.clone()), Err(complaint.to_owned()), "{body}");
    }
}

#[test]
fn figures_and_tags_have_bounds() {
    let many: serde_json::Map<String, Value> =
        (0..65).map(|n| (format!("t{n}"), n.into())).collect();
    for (body, complaint) in [
        (
            json!({ "value": { "arpu": -1 } }),
            "value.arpu: -1, allowed: 0..=1000000",
        ),
        (
            json!({ "value": { "churn_risk": 1.5 } }),
            "value.churn_risk: 1.5, allowed: 0..=1",
        ),
        (
            json!({ "value": { "potential": "high" } }),
            r#"value.potential: "high", allowed: 0..=1"#,
        ),
        (
            json!({ "value": { "tenure_months": 1.5 } }),
            "value.tenure_months: 1.5, allowed: whole numbers in 0..=1200",
        ),
        (
            json!({ "tags": { "x": [] } }),
            "tags.x: a list, allowed: true, false, a number from -(2^53 - 1) to 2^53 - 1, or text of at most 1024 bytes without control characters",
        ),
        (
            json!({ "tags": { "card": 440_106_199_001_011_234_u64 } }),
            "tags.card: 440106199001011234, allowed: true, false, a number from -(2^53 - 1) to 2^53 - 1, or text of at most 1024 bytes without control characters",
        ),
        (json!({ "tags": many }), "tags: 65, allowed: at most 64"),
        (
            json!({ "consent": { "service": "yes" } }),
            r#"consent.service: "yes", allowed: true or false"#,
        ),
        (
            json!({ "account_manager": "", "tier": 7 }),
            "tier: 7, allowed: 1 to 64 of A-Z a-z 0-9 _ - . :\naccount_manager: \"\", allowed: 1 to 64 of A-Z a-z 0-9 _ - . :",
        ),
    ] {
        assert_eq!(written(body.clone()), Err(complaint.to_owned()), "{body}");
    }
}

#[test]
fn a_patch_changes_what_it_names() {
    let profile = written(full()).unwrap();
    let change = json!({
        "tier": null,
        "identities": { "wechat_openid": null, "phone": "13900139000" },
        "tags": { "segment": null, "vip": true },
    });
    let after = patched(&profile, &change).unwrap();
    assert_eq!(after.tier, None);
    assert_eq!(after.name, profile.name);
    assert_eq!(after.value, profile.value);
    assert_eq!(after.updated_at, LATER);
    let written = write(&after);
    assert_eq!(
        written["identities"],
        json!({ "account": "GD-20931", "phone": "+8613900139000" })
    );
    assert_eq!(
        written["tags"],
        json!({ "port_out_query_7d": true, "lines": 3.0, "vip": true })
    );
}

#[test]
fn a_number_that_would_be_refused_now_stands_in_the_way_of_no_other_change() {
    let mut profile = written(full()).unwrap();
    let large = AttributeValue::Number(1e18);
    let changes = [("card".to_owned(), Some(large))].into_iter().collect();
    profile.tags = profile.tags.with(AttributeChanges(changes)).unwrap();
    let after = patched(&profile, &json!({ "tags": { "vip": true } })).unwrap();
    assert_eq!(write(&after)["tags"]["card"], json!(1e18));
    assert_eq!(write(&after)["tags"]["vip"], json!(true));
    assert!(patched(&profile, &json!({ "tags": { "card": 2e18 } })).is_err());
    let after = patched(&profile, &json!({ "tags": null })).unwrap();
    assert!(after.tags.is_empty());
}

#[test]
fn a_patch_that_says_nothing_changes_nothing_but_the_time() {
    let mut profile = written(full()).unwrap();
    let after = patched(&profile, &json!({})).unwrap();
    profile.updated_at = LATER;
    assert_eq!(after, profile);
}

#[test]
fn a_patch_is_refused_as_a_whole() {
    let profile = written(full()).unwrap();
    for (change, complaint) in [
        (json!(7), "body: 7, allowed: an object"),
        (
            json!({ "history": [] }),
            "history: a list, allowed: nothing, only the router writes it",
        ),
        (
            json!({ "open_contacts": null }),
            "open_contacts: null, allowed: nothing, only the router writes it",
        ),
        (
            json!({ "id": "c-9" }),
            r#"id: "c-9", allowed: the id in the path, c-81"#,
        ),
        (
            json!({ "nmae": null }),
            "nmae: unknown field, allowed: name, identities, tier, value, tags, account_manager, consent",
        ),
        (
            json!({ "identities": { "fax": null, "phone": null } }),
            "identities.fax: unknown field, allowed: account, phone, wechat_unionid, wechat_openid, device",
        ),
        (
            json!({ "value": { "arpu": null, "tenure": null } }),
            "value.tenure: unknown field, allowed: arpu, tenure_months, potential, churn_risk",
        ),
        (
            json!({ "name": "x", "value": { "arpu": 1e9 } }),
            "value.arpu: 1000000000.0, allowed: 0..=1000000",
        ),
    ] {
        assert_eq!(
            patched(&profile, &change),
            Err(complaint.to_owned()),
            "{change}"
        );
    }
}

#[test]
fn a_long_wrong_value_is_shortened_in_the_message() {
    let refused = written(json!({ "tier": "x".repeat(9_000) })).unwrap_err();
    assert!(refused.len() < 200, "{refused}");
}

#[test]
fn an_event_happens_now_unless_it_says_when() {
    let body = json!({ "type": "bill_complaint", "attributes": { "amount": 30 } });
    assert_eq!(event::read(body, NOW).unwrap().at, NOW);
    let body = json!({ "type": "bill_complaint", "at": "2026-11-21T09:00:00Z" });
    assert_eq!(
        event::read(body, NOW).unwrap().at,
        Timestamp(NOW.0 - 3_600_000)
    );
}

#[test]
fn an_event_that_makes_no_sense_is_refused() {
    let many: serde_json::Map<String, Value> =
        (0..17).map(|n| (format!("t{n}"), n.into())).collect();
    for (body, complaint) in [
        (
            json!({}),
            "type: missing, allowed: 1 to 64 of A-Z a-z 0-9 _ - . :",
        ),
        (
            json!({ "type": null }),
            "type: null, allowed: 1 to 64 of A-Z a-z 0-9 _ - . :",
        ),
        (
            json!({ "type": "a", "when": 1 }),
            "when: unknown field, allowed: type, at, attributes",
        ),
        (
            json!({ "type": "a", "at": "2027-11-21T09:00:00Z" }),
            r#"at: "2027-11-21T09:00:00Z", allowed: an instant before 2026-11-21T11:00:00.000Z"#,
        ),
        (
            json!({ "type": "a", "attributes": many }),
            "attributes: 17, allowed: at most 16",
        ),
    ] {
        let refused = event::read(body.clone(), NOW).unwrap_err().to_string();
        assert_eq!(refused, complaint, "{body}");
    }
}

#[test]
fn only_a_tier_of_the_configuration_is_written() {
    let refused = r#"tier: "platinum", allowed: diamond, gold, basic"#.to_owned();
    let body = json!({ "tier": "platinum" });
    assert_eq!(written(body.clone()), Err(refused.clone()));
    let mut known = written(json!({ "tier": "gold" })).unwrap();
    assert_eq!(patched(&known, &body), Err(refused.clone()));
    // From an earlier configuration: it is kept until it is overwritten.
    known.tier = Name::new("platinum").ok();
    let renamed = patched(&known, &json!({ "name": "张三" })).unwrap();
    assert_eq!(renamed.tier, known.tier);
    assert_eq!(patched(&known, &body), Err(refused));
    let taken_back = patched(&known, &json!({ "tier": null })).unwrap();
    assert_eq!(taken_back.tier, None);
}

#[test]
fn a_whole_number_may_have_a_fraction_of_zero() {
    let months = |months: Value| {
        let profile = written(json!({ "value": { "tenure_months": months } }))?;
        Ok::<_, String>(profile.value.tenure.map(Tenure::months))
    };
    assert_eq!(months(json!(12)), Ok(Some(12)));
    assert_eq!(months(json!(12.0)), Ok(Some(12)));
    for wrong in [json!(12.5), json!(-1.0), json!(1e300)] {
        assert!(months(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn the_tier_that_a_view_shows_and_nobody_wrote_stays_unset_and_one_written_into_it_counts() {
    let tier = |tier, source| {
        let view = json!({ "tier": tier, "tier_source": source });
        let tier = written(view)?.tier;
        Ok::<_, String>(tier.map(|tier| tier.to_string()))
    };
    let gold = Ok(Some("gold".to_owned()));
    assert_eq!(tier("basic", "default"), Ok(None));
    assert_eq!(tier("gold", "default"), gold);
    assert_eq!(tier("gold", "set"), gold);
    assert_eq!(tier("gold", "seT"), gold);
    assert!(tier("platinum", "default").is_err());
}
