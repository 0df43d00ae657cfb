//! More contacts than may wait, over the wire.

use switchboard::domain::Channel;
use switchboard::engine::options::WhenFull;

use crate::centre::{Centre, Plan, name};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_full_is_refused_or_handed_on() {
    let mut plan = Plan::ordinary();
    let [q, counter] = &mut plan.routing.queues[..] else {
        panic!("two queues");
    };
    *q.overflow.waiting_max.get_mut(Channel::Wechat) = Some(1);
    *counter.overflow.waiting_max.get_mut(Channel::Storefront) = Some(0);
    counter.overflow.when_full = WhenFull::Queue(name("q"));
    let centre = Centre::open_as(plan).await;
    let adapter = centre.adapter();
    let wechat = r#"{"channel":"wechat"}"#;
    assert_eq!(adapter.post("/v1/contacts", wechat).await.status, 201);
    let full = adapter.post("/v1/contacts", wechat).await;
    assert_eq!((full.status, full.code().as_str()), (429, "queue_full"));
    assert!(full.header("retry-after").is_some());
    let body = r#"{"channel":"storefront","queue":"counter"}"#;
    let moved = adapter.post("/v1/contacts", body).await;
    assert_eq!(moved.status, 201, "{}", moved.text());
    assert_eq!(moved.json()["queue"], "q");
    assert_eq!(moved.json()["state"], "queued");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_turned_away_is_told_so_where_no_closed_contact_is_remembered() {
    let mut plan = Plan::ordinary();
    plan.routing.limits.closed_contacts_max = 0;
    plan.routing.queues[0].waiting_max = 1;
    plan.routing.queues[0].overflow.when_full = WhenFull::Deflect("请稍后再来".into());
    let centre = Centre::open_as(plan).await;
    let waiting = centre.submit().await;
    let reply = centre
        .adapter()
        .post("/v1/contacts", r#"{"channel":"app"}"#)
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let reply = reply.json();
    assert_eq!(
        (&reply["state"], &reply["outcome"]),
        (&"deflected".into(), &"请稍后再来".into())
    );
    let path = format!("/v1/contacts/{waiting}/cancel");
    let cancelled = centre
        .adapter()
        .post(&path, r#"{"reason":"customer_left"}"#)
        .await;
    assert_eq!(
        (cancelled.status, &cancelled.json()["state"]),
        (200, &"abandoned".into())
    );
}
