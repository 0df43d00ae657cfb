//! What survives the end of a process, and how it is restored.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use switchboard::domain::{Channel, Intake, Millis, Recognition, Timestamp};
use switchboard::engine::command::{Command, ContactCommand, DeskAct, SiteCommand};
use switchboard::engine::event::{Event, LineEvent, Recorded, SiteEvent};
use switchboard::engine::options::{Action, Audience, Trigger};
use switchboard::node::notice::{EscalationNotice, Tells};
use switchboard::node::recovery::{SiteFiles, recover};
use switchboard::node::site::Site;
use switchboard::store::journal;
use switchboard::telemetry::Telemetry;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::centre::{
    Centre, act, connect, contact, name, next, next_offer, options, place, recovered, serve,
    sign_in, state_hash, submit,
};

const LONG: Duration = Duration::from_secs(60);

/// What a crash would leave: the files at one moment.
pub(crate) fn crash_copy(dir: &Path) -> TempDir {
    loop {
        let before = listing(dir);
        let copy = TempDir::new().unwrap();
        let copied = before
            .iter()
            .all(|name| fs::copy(dir.join(name), copy.path().join(name)).is_ok());
        if copied && listing(dir) == before {
            return copy;
        }
    }
}

fn listing(dir: &Path) -> BTreeSet<OsString> {
    let entries = fs::read_dir(dir).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| !name.to_string_lossy().ends_with(".tmp"))
        .collect()
}

fn events(dir: &Path) -> Vec<Recorded> {
    let options = journal::JournalOptions::new("main", 1 << 20).unwrap();
    let mut events = Vec::new();
    let mut each = |_, bytes: &[u8]| {
        events.push(minicbor::decode(bytes).unwrap());
        Ok(())
    };
    journal::Journal::open(dir, &options, 1, &mut each, &mut |_| {}).unwrap();
    events
}

pub(crate) fn start(place: &SiteFiles) -> Site<journal::Journal> {
    let (recovered, _) = recovered(place);
    Site::start(recovered, Arc::new(options(2)), &Telemetry::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_site_comes_back_as_it_was() {
    let centre = Centre::open(2);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    for _ in 0..20 {
        submit(&handle).await.unwrap();
        let offer = next_offer(&mut desk).await;
        serve(&handle, &desk, offer).await;
    }
    submit(&handle).await.unwrap();
    let stopped = centre.site.stop().await;
    drop(stopped.log);
    let (again, report) = recovered(&place(centre.dir.path()));
    assert_eq!(again.engine.seq(), stopped.engine.seq());
    assert_eq!(again.engine.state_hash(), stopped.engine.state_hash());
    assert_eq!(report.events_replayed, stopped.engine.seq());
    assert_eq!(report.torn_bytes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_was_answered_survives_a_crash() {
    let centre = Centre::open(2);
    let handle = centre.handle();
    let mut answered = Vec::new();
    for _ in 0..50 {
        answered.push(submit(&handle).await.unwrap());
    }
    let (seq, hash) = state_hash(&handle).await;
    let copy = crash_copy(centre.dir.path());
    let (again, _) = recovered(&place(copy.path()));
    assert!(again.engine.seq() >= seq);
    if again.engine.seq() == seq {
        assert_eq!(again.engine.state_hash(), hash);
    }
    for id in answered {
        assert!(again.engine.contact(id).is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passed_while_nobody_ran_has_its_effect_once() {
    let centre = Centre::open(2);
    let handle = centre.handle();
    let id = handle.new_contact_id();
    let not_before = handle.clock().now() + Millis(400);
    let command = Command::Contact(ContactCommand::Submit {
        id,
        intake: Box::new(Intake {
            not_before: Some(not_before),
            ..Intake::new(Channel::App)
        }),
        recognition: Recognition::default(),
        key: None,
    });
    handle.decide(command, |_, _| ()).await.unwrap();
    assert_eq!(
        contact(&handle, id).await.unwrap().state.name(),
        "scheduled"
    );
    drop(centre.site.stop().await);
    sleep(Duration::from_millis(600)).await;

    let place = place(centre.dir.path());
    let site = start(&place);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(
        contact(&site.handle(), id).await.unwrap().state.name(),
        "queued"
    );
    drop(site.stop().await);
    let site = start(&place);
    sleep(Duration::from_millis(100)).await;
    drop(site.stop().await);

    let queued: Vec<Timestamp> = events(centre.dir.path())
        .into_iter()
        .filter(|recorded| matches!(&recorded.event, Event::Line(contact, LineEvent::Queued { .. }) if *contact == id))
        .map(|recorded| recorded.at)
        .collect();
    assert_eq!(queued.len(), 1);
    assert!(queued[0] >= not_before, "never early");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_lasts_longer_than_the_grace_period_takes_no_contact_from_its_agent() {
    // Longer than a stop takes, even a slow one.
    const GRACE: Millis = Millis::from_s(3);
    let mut options = options(1);
    options.limits.grace = GRACE;
    let centre = Centre::open_as(options.clone(), 1 << 20, |journal| journal);
    let (dir, site) = (centre.dir, centre.site);
    let handle = site.handle();
    let mut desk = sign_in(&handle, "a1").await;
    let id = submit(&handle).await.unwrap();
    let offer = next_offer(&mut desk).await;
    for deed in [DeskAct::Deliver { offer }, DeskAct::Accept { offer }] {
        act(&handle, "a1", deed.of(desk.session)).await.unwrap();
    }
    // As the gateway does for each desktop when the server stops.
    let lost = DeskAct::Lose.of(desk.session);
    act(&handle, "a1", lost).await.unwrap();
    drop((desk, handle));
    drop(site.stop().await);
    sleep(Duration::from_millis(3_100)).await;

    let (recovered, _) = recovered(&place(dir.path()));
    let site = Site::start(recovered, Arc::new(options), &Telemetry::new()).unwrap();
    let handle = site.handle();
    let agent = handle.read(|engine| engine.agent("a1")).await.unwrap();
    assert_eq!(agent.unwrap().session.name(), "grace");
    assert_eq!(contact(&handle, id).await.unwrap().state.name(), "active");
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_the_numbers_of_the_notices_go_on() {
    let centre = Centre::open(2);
    let handle = centre.handle();
    let desk = sign_in(&handle, "a1").await;
    let token = desk.resume_token.clone();
    drop(centre.site.stop().await);
    let site = start(&place(centre.dir.path()));
    let handle = site.handle();
    let agent = handle.read(|engine| engine.agent("a1")).await.unwrap();
    let session = agent.unwrap().session;
    assert_eq!(session.name(), "grace", "no desk of before is there");
    let mut desk = connect(&site.handle(), "a1").await.unwrap();
    let welcome = next(&mut desk).await;
    assert_eq!(welcome.seq, 3);
    assert!(
        matches!(&welcome.tells, Tells::Welcome { agent, .. } if agent.intent.name() == "ready")
    );
    // What was sent before is not known, so a desktop that goes by its welcome has nothing.
    for (last_seq, upto) in [(2, 2), (3, 0)] {
        let missed = site.handle().resume("a1", desk.session, &token, last_seq);
        assert_eq!(missed.err().map(|unresumed| unresumed.upto), Some(upto));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_configuration_is_taken_up_at_the_start_and_an_equal_one_is_not() {
    let centre = Centre::open(2);
    drop(centre.site.stop().await);
    let place = place(centre.dir.path());
    drop(start(&place).stop().await);
    let (recovered, _) = recovered(&place);
    let site = Site::start(recovered, Arc::new(options(3)), &Telemetry::new()).unwrap();
    connect(&site.handle(), "a3").await.unwrap();
    drop(site.stop().await);
    let mut counts = BTreeMap::new();
    for recorded in events(centre.dir.path()) {
        if let Event::Site(SiteEvent::Configured { options }) = recorded.event {
            *counts.entry(options.agents.len()).or_insert(0) += 1;
        }
    }
    assert_eq!(counts, BTreeMap::from([(2, 1), (3, 1)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_fills_more_than_a_batch_is_durable_all_the_same() {
    let dir = TempDir::new().unwrap();
    let mut place = place(dir.path());
    place.segment_bytes = 64 << 10;
    let site = start(&place);
    let handle = site.handle();
    for _ in 0..2_000 {
        submit(&handle).await.unwrap();
    }
    let mut other = options(2);
    other.queues[0].id = name("other");
    other.default_queue = name("other");
    let command = Command::Site(SiteCommand::Configure(Arc::new(other)));
    handle.decide(command, |_, _| ()).await.unwrap();
    let stopped = site.stop().await;
    drop(stopped.log);
    let (again, _) = recovered(&place);
    assert_eq!(again.engine.seq(), stopped.engine.seq());
    assert_eq!(again.engine.state_hash(), stopped.engine.state_hash());
    assert_eq!(again.engine.census().open, 2_000);
}

#[test]
fn two_processes_do_not_share_a_directory() {
    let dir = TempDir::new().unwrap();
    let place = place(dir.path());
    let first = recovered(&place);
    let second = recover(&place, &mut |_| {});
    let error = second.err().unwrap().to_string();
    assert!(error.contains("in use by another process"), "{error}");
    drop(first);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_is_called_after_a_crash_until_it_is_known_to_have_been_called() {
    let centre = Centre::open(0);
    let mut told = options(0);
    let rule = &mut told.queues[0].escalations[0];
    rule.when = Some(Trigger::After(Millis::ZERO));
    rule.actions = vec![Action::Notify(Audience::Webhook)];
    let told = Arc::new(told);
    let reload = Command::Site(SiteCommand::Configure(Arc::clone(&told)));
    centre.handle().decide(reload, |_, _| ()).await.unwrap();
    let waiting = submit(&centre.handle()).await.unwrap();
    let mut calls = centre.handle().webhooks().unwrap();
    let first = timeout(LONG, calls.told.recv()).await.unwrap().unwrap();
    assert_eq!(first.contact, waiting);

    let copy = crash_copy(centre.dir.path());
    let (found, _) = recovered(&place(copy.path()));
    let site = Site::start(found, Arc::clone(&told), &Telemetry::new()).unwrap();
    let mut calls = site.handle().webhooks().unwrap();
    let again = timeout(LONG, calls.told.recv()).await.unwrap().unwrap();
    let call = |notice: &EscalationNotice| (notice.seq, notice.contact, notice.at);
    assert_eq!(call(&again), call(&first));
    let upto_seq = again.seq;
    let confirm = Command::Site(SiteCommand::EscalationsTold { upto_seq });
    site.handle().decide(confirm, |_, _| ()).await.unwrap();

    let copy = crash_copy(copy.path());
    let (found, _) = recovered(&place(copy.path()));
    assert_eq!(found.engine.untold().count(), 0);
    drop((centre, site));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_told_of_what_became_due_while_nothing_ran() {
    let centre = Centre::open(0);
    let dir = centre.dir;
    let site = centre.site;
    let mut told = options(0);
    let rule = &mut told.queues[0].escalations[0];
    // Later than a stop takes, even a slow one.
    rule.when = Some(Trigger::After(Millis::from_s(3)));
    rule.actions = vec![Action::Notify(Audience::Webhook)];
    let told = Arc::new(told);
    let reload = Command::Site(SiteCommand::Configure(Arc::clone(&told)));
    site.handle().decide(reload, |_, _| ()).await.unwrap();
    let waiting = submit(&site.handle()).await.unwrap();
    drop(site.stop().await);
    sleep(Duration::from_millis(3_100)).await;

    let (recovered, _) = recovered(&place(dir.path()));
    let site = Site::start(recovered, told, &Telemetry::new()).unwrap();
    // The gateway takes a while to open.
    sleep(Duration::from_millis(200)).await;
    let mut calls = site.handle().webhooks().unwrap();
    let notice = timeout(Duration::from_secs(60), calls.told.recv()).await;
    let notice = notice.unwrap().unwrap();
    assert_eq!(notice.contact, waiting);
    site.stop().await;
}
