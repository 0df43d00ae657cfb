//! What a new configuration shows on open desktops.

use std::sync::Arc;
use std::time::Duration;

use switchboard::domain::{Millis, Text};
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::engine::options::Options;

use crate::centre::{Centre, Plan};

async fn reload(centre: &Centre, options: &Options) {
    let configure = SiteCommand::Configure(Arc::new(options.clone()));
    let done = centre.node.decide(Command::Site(configure), |_, _| ());
    done.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_shows_the_new_name_of_its_agent() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let mut other = centre.desktop("a2").await;
    let mut routing = Plan::ordinary().routing;
    routing.agents[0].label = Text::from("韩梅梅");
    reload(&centre, &routing).await;
    assert_eq!(desktop.next("presence").await["agent"]["name"], "韩梅梅");
    other.none("presence", Duration::from_millis(200)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_shows_when_its_contacts_are_due_now() {
    let mut plan = Plan::ordinary();
    plan.routing.queues[0].target.respond_within = Some(Millis::from_s(60));
    let mut routing = plan.routing.clone();
    let centre = Centre::open_as(plan).await;
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    assert_eq!(desktop.take().await, contact);
    let path = format!("/v1/contacts/{contact}");
    let adapter = centre.adapter();
    let wrote = adapter
        .post(&format!("{path}/messages"), r#"{"text":"?"}"#)
        .await;
    assert_eq!(wrote.status, 201, "{}", wrote.text());
    desktop.next("message").await;
    let due = |contact: &serde_json::Value| {
        let owed_by = contact["response_owed"]["by"].clone();
        assert!(owed_by.is_string(), "{contact}");
        (contact["due_at"].clone(), owed_by)
    };
    let mut before = due(&adapter.get(&path).await.json());
    for change in [
        |routing: &mut Options| routing.queues[0].target.answer_within = Millis::from_s(300),
        |routing: &mut Options| {
            routing.queues[0].target.respond_within = Some(Millis::from_s(90));
        },
    ] {
        change(&mut routing);
        reload(&centre, &routing).await;
        let frame = desktop.next("contact_updated").await;
        assert_eq!(frame["reason"], "updated");
        let shown = due(&frame["contact"]);
        assert_ne!(shown, before);
        assert_eq!(shown, due(&adapter.get(&path).await.json()));
        before = shown;
    }
    routing.queues[0].waiting_max += 1;
    reload(&centre, &routing).await;
    let pause = Duration::from_millis(200);
    desktop.none("contact_updated", pause).await;
}
