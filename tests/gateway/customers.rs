//! The calls about customers, and their view in an offer.

use serde_json::{Value, json};
use switchboard::customer::{CustomerId, Profile};

use crate::centre::{Centre, name};

const ZHANG: &str = r#"{"name":"张三","identities":{"phone":"13800138000","account":"GD-20931"},
    "tier":"gold","value":{"arpu":168.0,"tenure_months":61},"tags":{"segment":"business"},
    "account_manager":"a7","consent":{"service":true}}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_written_changed_and_read() {
    let centre = Centre::open().await;
    let (adapter, supervisor) = (centre.adapter(), centre.supervisor());
    let path = "/v1/customers/c-81";
    assert_eq!(supervisor.get(path).await.code(), "unknown_customer");
    let made = adapter.call("PUT", path, ZHANG).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(adapter.call("PUT", path, ZHANG).await.status, 200);
    let seen = centre.client("dev-agent:a1").get(path).await.json();
    assert_eq!(seen["identities"]["phone"], "+8613800138000");
    assert_eq!(
        (&seen["tier"], &seen["tier_source"]),
        (&json!("gold"), &json!("set"))
    );
    assert_eq!(
        (&seen["history"], &seen["open_contacts"]),
        (&json!([]), &json!([]))
    );
    let patch = adapter.with("Content-Type", "application/merge-patch+json");
    let patched = patch
        .call("PATCH", path, r#"{"tier":null,"tags":{"vip":true}}"#)
        .await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let patched = patched.json();
    assert_eq!(patched["tags"], json!({"segment": "business", "vip": true}));
    assert_eq!(patched["tier_source"], "default");
    let mut view = patched.clone();
    view["tier"] = json!("gold");
    let promoted = adapter.call("PUT", path, &view.to_string()).await.json();
    assert_eq!(
        (&promoted["tier"], &promoted["tier_source"]),
        (&json!("gold"), &json!("set"))
    );
    let told = adapter
        .post(
            "/v1/customers/c-81/events",
            r#"{"type":"complaint","attributes":{"about":"bill"}}"#,
        )
        .await;
    assert_eq!(told.status, 201, "{}", told.text());
    assert_eq!(told.json()["events"][0]["type"], "complaint");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_belongs_to_one_customer() {
    let centre = Centre::open().await;
    let adapter = centre.adapter();
    adapter.call("PUT", "/v1/customers/c-81", ZHANG).await;
    let other = r#"{"identities":{"phone":"+86 138 0013 8000"}}"#;
    let reply = adapter.call("PUT", "/v1/customers/c-82", other).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (409, "identity_taken")
    );
    assert_eq!(reply.json()["customer"], "c-81");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_profile_is_refused_with_every_fault() {
    let centre = Centre::open().await;
    let body = r#"{"tier":5,"value":{"arpu":-1},"colour":"red"}"#;
    let reply = centre
        .adapter()
        .call("PUT", "/v1/customers/c-1", body)
        .await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "bad_value"));
    assert_eq!(
        reply.json()["faults"].as_array().unwrap().len(),
        3,
        "{}",
        reply.text()
    );
    let body = r#"{"value":{"arpu":1,"arpu":2}}"#;
    let reply = centre
        .adapter()
        .call("PUT", "/v1/customers/c-1", body)
        .await;
    assert_eq!(
        (reply.code().as_str(), reply.json()["field"].as_str()),
        ("duplicate_field", Some("value.arpu"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_sees_who_it_is() {
    let centre = Centre::open().await;
    centre
        .adapter()
        .call("PUT", "/v1/customers/c-81", ZHANG)
        .await;
    let events = "/v1/customers/c-81/events";
    let complaint = r#"{"type":"complaint"}"#;
    assert_eq!(centre.adapter().post(events, complaint).await.status, 201);
    let mut desktop = centre.ready("a1").await;
    let body = r#"{"channel":"app","customer":{"phone":"13800138000"}}"#;
    let contact = centre.adapter().post("/v1/contacts", body).await.json();
    assert_eq!(
        contact["customer"],
        json!({"id": "c-81", "tier": "gold", "known": true})
    );
    let offer = desktop.next("offer").await;
    let customer = &offer["offer"]["customer"];
    assert_eq!(
        (&customer["id"], &customer["name"]),
        (&json!("c-81"), &json!("张三"))
    );
    assert_eq!(customer["value"]["arpu"], 168.0);
    assert_eq!(customer["events"][0]["type"], "complaint");
    assert_eq!(customer["open_contacts"], json!([contact["id"]]));
    let seen = centre.supervisor().get("/v1/customers/c-81").await.json();
    assert_eq!(seen["open_contacts"], json!([contact["id"]]));
    let page = centre
        .supervisor()
        .get("/v1/contacts?customer=c-81")
        .await
        .json();
    assert_eq!(page["contacts"][0]["id"], contact["id"]);
    assert!(centre.profiles.is_reachable());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_agent_sees_the_contacts_that_ended_a_moment_ago() {
    let centre = Centre::open().await;
    centre
        .adapter()
        .call("PUT", "/v1/customers/c-81", ZHANG)
        .await;
    let mut desktop = centre.ready("a1").await;
    let body = r#"{"channel":"app","customer":{"phone":"13800138000"}}"#;
    let mut ended = Vec::new();
    for number in 1..=7 {
        centre.adapter().post("/v1/contacts", body).await;
        let offer = desktop.next("offer").await;
        let history = offer["offer"]["customer"]["history"].as_array().unwrap();
        let told: Vec<&Value> = history.iter().map(|entry| &entry["contact"]).collect();
        let newest: Vec<&Value> = ended.iter().rev().take(5).collect();
        assert_eq!(told, newest, "at the {number}th contact");
        let (id, contact) = (&offer["offer"]["id"], &offer["offer"]["contact"]["id"]);
        desktop
            .ok(&format!(r#""type":"accept","offer":{id}"#))
            .await;
        let complete = format!(r#""type":"complete","contact":{contact},"outcome":"resolved""#);
        desktop.ok(&complete).await;
        ended.push(contact.clone());
    }
    let seen = centre.supervisor().get("/v1/customers/c-81").await.json();
    let history = seen["history"].as_array().unwrap();
    assert_eq!(history.len(), 7);
    assert_eq!(history[0]["contact"], ended[6]);
    assert_eq!(history[0]["outcome"], "resolved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tier_that_the_configuration_does_not_have_is_refused() {
    let centre = Centre::open().await;
    let adapter = centre.adapter();
    let path = "/v1/customers/c-81";
    let platinum = r#"{"tier":"platinum"}"#;
    let put = adapter.call("PUT", path, platinum).await;
    assert_eq!((put.status, put.code().as_str()), (422, "unknown_tier"));
    assert_eq!(put.json()["field"], "tier");
    assert_eq!(put.json()["allowed"], "gold, basic");
    assert_eq!(centre.supervisor().get(path).await.status, 404);
    assert_eq!(adapter.call("PUT", path, ZHANG).await.status, 201);
    let patched = adapter.call("PATCH", path, platinum).await;
    assert_eq!(
        (patched.status, patched.code().as_str()),
        (422, "unknown_tier")
    );
    assert_eq!(centre.supervisor().get(path).await.json()["tier"], "gold");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_whose_tier_has_vanished_is_changed_all_the_same() {
    let centre = Centre::open().await;
    let id = CustomerId::new("c-82").unwrap();
    let mut profile = Profile::new(id, centre.node.clock().now());
    profile.tier = Some(name("platinum"));
    centre.profiles.put(profile).await.unwrap();
    let path = "/v1/customers/c-82";
    let adapter = centre.adapter();
    let named = adapter.call("PATCH", path, r#"{"name":"李四"}"#).await;
    assert_eq!(named.status, 200, "{}", named.text());
    assert_eq!(named.json()["tier"], "platinum");
    let raised = adapter.call("PATCH", path, r#"{"tier":"gold"}"#).await;
    assert_eq!(raised.json()["tier"], "gold");
}

/// Two contacts with one phone each; the first has waited longer.
async fn two_waiting(centre: &Centre) -> (Value, Value) {
    let mut posted = Vec::new();
    for (customer, phone) in [("c-1", "13800138001"), ("c-2", "13800138002")] {
        let body = format!(r#"{{"identities":{{"phone":"{phone}"}},"tier":"basic"}}"#);
        let path = format!("/v1/customers/{customer}");
        let made = centre.adapter().call("PUT", &path, &body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let body = format!(r#"{{"channel":"app","customer":{{"phone":"{phone}"}}}}"#);
        let contact = centre.adapter().post("/v1/contacts", &body).await.json();
        assert_eq!(contact["customer"]["id"], customer);
        posted.push(contact);
    }
    assert_eq!(posted[1]["position"], 2);
    let second = posted.pop().unwrap();
    (posted.pop().unwrap(), second)
}

/// The contact, whose customer has this tier as soon as the profile is written.
async fn shown_with(centre: &Centre, contact: &Value, tier: &str) -> Value {
    let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
    let contact = centre.adapter().get(&path).await.json();
    assert_eq!(contact["customer"]["tier"], tier);
    contact
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_raised_while_waiting_moves_up() {
    let centre = Centre::open().await;
    let (first, second) = two_waiting(&centre).await;
    let raised = r#"{"tier":"gold"}"#;
    let path = "/v1/customers/c-2";
    assert_eq!(
        centre.adapter().call("PATCH", path, raised).await.status,
        200
    );
    let seen = shown_with(&centre, &second, "gold").await;
    assert_eq!(
        (&seen["position"], &seen["state"]),
        (&1.into(), &"queued".into())
    );
    assert_ne!(seen["due_at"], second["due_at"]);
    let mut desktop = centre.ready("a1").await;
    let offer = desktop.next("offer").await;
    assert_eq!(offer["offer"]["contact"]["id"], second["id"]);
    let other = desktop.next("offer").await;
    assert_eq!(other["offer"]["contact"]["id"], first["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_that_is_written_in_full_counts_for_those_who_wait() {
    let centre = Centre::open().await;
    let (_, second) = two_waiting(&centre).await;
    let adapter = centre.adapter();
    let gold = r#"{"identities":{"phone":"13800138002"},"tier":"gold"}"#;
    let path = "/v1/customers/c-2";
    assert_eq!(adapter.call("PUT", path, gold).await.status, 200);
    shown_with(&centre, &second, "gold").await;
    // Back to the default, by a profile without a tier.
    let plain = r#"{"identities":{"phone":"13800138002"}}"#;
    assert_eq!(adapter.call("PUT", path, plain).await.status, 200);
    let seen = shown_with(&centre, &second, "basic").await;
    assert_eq!(seen["position"], 2);
    assert_eq!(seen["due_at"], second["due_at"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_whose_profile_is_written_is_recognised_by_everyone() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let body = r#"{"channel":"app","customer":{"phone":"13800138001"}}"#;
    let served = centre.adapter().post("/v1/contacts", body).await.json();
    desktop.take().await;
    let waiting = centre.adapter().post("/v1/contacts", body).await.json();
    assert_eq!(waiting["customer"]["known"], false);

    let gold = r#"{"identities":{"phone":"13800138001"},"tier":"gold"}"#;
    let adapter = centre.adapter();
    let written = adapter.call("PUT", "/v1/customers/c-1", gold).await;
    assert_eq!(written.status, 201, "{}", written.text());
    let open = written.json()["open_contacts"].clone();
    assert_eq!(open, json!([served["id"], waiting["id"]]));
    for contact in [served, waiting] {
        let seen = shown_with(&centre, &contact, "gold").await;
        assert_eq!(seen["customer"]["id"], "c-1");
        assert_eq!(seen["customer"]["known"], true);
    }
    let changed = desktop.next("contact_updated").await;
    assert_eq!(changed["contact"]["customer"]["id"], "c-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_told_again_is_there_once_however_large_its_customer() {
    let centre = Centre::open().await;
    let adapter = centre.adapter();
    let tags: Value = (0..64)
        .map(|n| (format!("tag{n}"), Value::from("x".repeat(1_024))))
        .collect();
    let body = serde_json::json!({ "tags": tags }).to_string();
    let made = adapter.call("PUT", "/v1/customers/c-1", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let path = "/v1/customers/c-1/events";
    let keyed = adapter.with("Idempotency-Key", "k");
    let bill = r#"{"type":"bill"}"#;
    assert_eq!(keyed.post(path, bill).await.status, 201);
    let again = keyed.post(path, bill).await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert!(again.is_replay());
    assert_eq!(again.json()["events"].as_array().unwrap().len(), 1);
    let other = keyed.post(path, r#"{"type":"query"}"#).await;
    assert_eq!(
        (other.status, other.code()),
        (422, "idempotency_mismatch".to_owned())
    );
    assert_eq!(adapter.post(path, bill).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_leaves_out_of_a_rich_customer_what_does_not_fit_into_a_frame() {
    const FRAME_BYTES_MAX: usize = 64 << 10;
    let centre = Centre::open().await;
    let adapter = centre.adapter();
    let path = "/v1/customers/c-81";
    let mut desktop = centre.ready("a1").await;
    for (tags, shown) in [(3, "all"), (43, "no events"), (60, "nobody")] {
        let tag = |number: u32| (format!("t{number}"), json!("x".repeat(900)));
        let tags: serde_json::Map<_, _> = (0..tags).map(tag).collect();
        let profile = json!({"identities": {"phone": "13800138000"}, "tags": tags});
        let put = adapter.call("PUT", path, &profile.to_string()).await;
        assert!([200, 201].contains(&put.status), "{}", put.text());
        let attributes: serde_json::Map<_, _> = (0..14)
            .map(|number| (format!("a{number}"), json!("y".repeat(900))))
            .collect();
        let event = json!({"type": "bill", "attributes": attributes});
        let told = adapter
            .post(&format!("{path}/events"), &event.to_string())
            .await;
        assert_eq!(told.status, 201, "{}", told.text());
        let contact = json!({
            "channel": "app",
            "customer": {"phone": "13800138000"},
            "attributes": attributes,
        });
        let posted = adapter.post("/v1/contacts", &contact.to_string()).await;
        assert_eq!(posted.status, 201, "{}", posted.text());
        let frame = desktop.next("offer").await;
        assert!(frame.to_string().len() <= FRAME_BYTES_MAX, "{shown}");
        let customer = &frame["offer"]["customer"];
        assert_eq!(customer.is_null(), shown == "nobody", "{shown}");
        if !customer.is_null() {
            let events = customer["events"].as_array().unwrap();
            assert_eq!(events.is_empty(), shown == "no events", "{shown}");
        }
        assert_eq!(frame["offer"]["contact"]["customer"]["id"], "c-81");
        let offer = frame["offer"]["id"].as_str().unwrap();
        desktop
            .ok(&format!(
                r#""type":"decline","offer":"{offer}","retry_after_s":3600"#
            ))
            .await;
    }
}
