//! What customers, their account managers and adapters see of an escalation.

use serde_json::json;
use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Audience, EscalationRule, Trigger};

use crate::centre::{Centre, Plan};
use crate::desktop::Desktop;

const LI: &str = r#"{"identities":{"phone":"13800138000"},"tier":"gold","account_manager":"a2"}"#;

/// The rule of queue `q` is for known customers.
async fn centre() -> Centre {
    let mut plan = Plan::ordinary();
    let rule: &mut EscalationRule = &mut plan.routing.queues[0].escalations[0];
    rule.when = None;
    rule.only_if = Some("customer.tier == 'gold' && contact.sentiment < -0.5".into());
    rule.actions = vec![
        Action::Notify(Audience::AccountManager),
        Action::Message("我们很忙".into()),
        Action::OfferCallback,
    ];
    let centre = Centre::open_as(plan).await;
    let made = centre.adapter().call("PUT", "/v1/customers/c-1", LI).await;
    assert_eq!(made.status, 201, "{}", made.text());
    centre
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_manager_is_noticed_and_the_adapter_sees_what_is_offered() {
    let centre = centre().await;
    let mut manager: Desktop = centre.desktop("a2").await;
    let adapter = centre.adapter();
    let body = r#"{"channel":"hotline","customer":{"phone":"13800138000"}}"#;
    let contact = adapter.post("/v1/contacts", body).await.json();
    let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
    assert!(contact.get("callback_offered").is_none());
    assert!(contact.get("message").is_none());
    let upset = adapter.call("PATCH", &path, r#"{"sentiment":-0.9}"#).await;
    assert_eq!(upset.status, 200, "{}", upset.text());
    let notice = manager.next("notice").await;
    assert_eq!(notice["kind"], "escalation");
    assert_eq!(
        (&notice["rule"], &notice["queue"]),
        (&"early".into(), &"q".into())
    );
    assert_eq!(notice["contact"]["id"], contact["id"]);
    assert_eq!(notice["contact"]["customer"]["id"], "c-1");
    let seen = adapter.get(&path).await.json();
    assert_eq!(seen["callback_offered"], true);
    assert_eq!(seen["message"], "我们很忙");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_are_asked_at_once_and_whoever_is_late_hears_that_it_is_taken() {
    let mut plan = Plan::ordinary();
    let rule: &mut EscalationRule = &mut plan.routing.queues[0].escalations[0];
    rule.when = None;
    rule.only_if = Some("contact.sentiment < -0.5".into());
    rule.actions = vec![Action::FanOut(2)];
    let centre = Centre::open_as(plan).await;
    let mut one = centre.ready("a1").await;
    let mut two = centre.ready("a2").await;
    let contact = centre.submit().await;
    let first = one.offer().await;
    let path = format!("/v1/contacts/{contact}");
    let adapter = centre.adapter();
    let upset = adapter.call("PATCH", &path, r#"{"sentiment":-0.9}"#).await;
    assert_eq!(upset.status, 200, "{}", upset.text());
    let asked = two.next("offer").await;
    let second = asked["offer"]["id"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let shown = &asked["offer"]["contact"];
    assert_eq!(
        (
            &shown["agent"],
            &shown["offer"]["id"],
            &shown["offered_beside"]
        ),
        (&json!("a2"), &json!(second), &json!(["a1"]))
    );
    let seen = adapter.get(&path).await.json();
    assert_eq!(
        (&seen["agent"], &seen["offered_beside"]),
        (&json!("a1"), &json!(["a2"]))
    );
    two.ok(&format!(r#""type":"accept","offer":"{second}""#))
        .await;
    let gone = one.next("offer_gone").await;
    assert_eq!(
        (&gone["offer"], &gone["reason"]),
        (&json!(first), &json!("taken"))
    );
    let late = format!(r#""type":"accept","offer":"{first}""#);
    assert_eq!(one.refused(&late).await, "stale_offer");
    let seen = adapter.get(&path).await.json();
    assert_eq!(
        (&seen["state"], &seen["agent"]),
        (&json!("active"), &json!("a2"))
    );
    assert!(seen.get("offered_beside").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_reads_every_action_of_the_next_rule_and_who_is_asked() {
    let mut plan = Plan::ordinary();
    let rule: &mut EscalationRule = &mut plan.routing.queues[0].escalations[0];
    rule.when = Some(Trigger::After(Millis::from_s(600)));
    rule.actions = vec![
        Action::Boost(Millis::from_s(60)),
        Action::Notify(Audience::Webhook),
        Action::ReserveNext,
        Action::FanOut(3),
        Action::Deflect("网站".into()),
    ];
    let centre = Centre::open_as(plan).await;
    let path = format!("/v1/contacts/{}/explain", centre.submit().await);
    let told = centre.supervisor().get(&path).await.json();
    let changes = told["changes"].as_array().unwrap();
    let rule = changes.iter().find(|next| next["kind"] == "escalation");
    let rule = rule.unwrap_or_else(|| panic!("{told}"));
    assert_eq!(
        rule["actions"],
        json!([
            {"boost_s": 60.0},
            {"notify": "webhook"},
            {"reserve_next": true},
            {"fan_out": 3},
            {"deflect": "网站"},
        ])
    );
    assert_eq!(
        (&rule["boost_s"], &rule["conditional"]),
        (&json!(60.0), &json!(false))
    );
    let mut desktop = centre.ready("a1").await;
    desktop.next("offer").await;
    let told = centre.supervisor().get(&path).await.json();
    let candidates = told["candidates"].as_array().unwrap();
    let asked = candidates
        .iter()
        .find(|candidate| candidate["agent"] == "a1");
    let asked = asked.unwrap_or_else(|| panic!("{told}"));
    assert_eq!(
        (&asked["offered"], &asked["failed"]),
        (&json!(true), &json!(null))
    );
}
