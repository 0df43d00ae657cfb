//! Agents' desks: their notices, what they missed, and how they end.

use std::sync::Arc;
use std::time::Duration;

use switchboard::engine::command::{Command, DeskAct, SiteCommand};
use switchboard::engine::options::Select;
use switchboard::engine::refusal::Refusal;
use switchboard::engine::state::agent::Intent;
use switchboard::engine::view::AgentView;
use switchboard::node::handle::{CallError, Desk, Handle};
use switchboard::node::notice::{Ended, SharedNotice, Tells};
use switchboard::node::site::Site;
use switchboard::telemetry::Telemetry;
use tokio::time::{sleep, timeout};

use crate::centre::{
    Centre, act, connect, contact, message, name, next, next_offer, options, place, recovered,
    serve, sign_in, submit,
};

const LONG: Duration = Duration::from_secs(60);

async fn drain(desk: &mut Desk) -> Vec<SharedNotice> {
    let mut notices = Vec::new();
    while let Ok(Some(notice)) = timeout(Duration::from_millis(200), desk.notices.recv()).await {
        notices.push(notice);
    }
    notices
}

fn seqs(notices: &[SharedNotice]) -> Vec<u64> {
    notices.iter().map(|notice| notice.seq).collect()
}

async fn agent(handle: &Handle, agent: &'static str) -> AgentView {
    let look = handle.read(move |engine| engine.agent(agent));
    look.await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_hears_the_life_of_a_contact_without_a_gap() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    let id = submit(&handle).await.unwrap();
    let welcome = next(&mut desk).await;
    assert_eq!(welcome.seq, 1);
    assert!(matches!(&welcome.tells, Tells::Welcome { session, .. } if *session == desk.session));
    let offer = next_offer(&mut desk).await;
    assert_eq!(offer.contact, id);
    serve(&handle, &desk, offer).await;
    let told = drain(&mut desk).await;
    assert_eq!(seqs(&told), [4, 5]);
    assert!(matches!(&told[0].tells, Tells::Assigned(contact) if contact.id == id));
    assert!(matches!(&told[1].tells, Tells::ContactEnded { contact, .. } if contact.id == id));
    let agent = agent(&handle, "a1").await;
    assert_eq!(agent.told, 5, "the engine counts the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_says_why() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    submit(&handle).await.unwrap();
    loop {
        if let Tells::Offer { why, contact, .. } = &next(&mut desk).await.tells {
            assert_eq!((why.select, why.queue.as_str()), (Some(Select::Best), "q"));
            let sum: i64 = why.due_terms.iter().map(|(_, term)| term.0).sum();
            assert_eq!(contact.queued_at.0 + sum, contact.due_at.0);
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_desk_takes_the_place_of_an_older_one() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut old = sign_in(&handle, "a1").await;
    let mut new = connect(&handle, "a1").await.unwrap();
    assert_eq!(new.session, old.session + 1);
    drain(&mut old).await;
    assert_eq!(old.ended.await, Ok(Ended::Replaced));
    assert!(matches!(next(&mut new).await.tells, Tells::Welcome { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_gets_exactly_what_was_missed() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut first = sign_in(&handle, "a1").await;
    let id = submit(&handle).await.unwrap();
    let offer = next_offer(&mut first).await;
    let session = first.session;
    act(&handle, "a1", DeskAct::Deliver { offer }.of(session))
        .await
        .unwrap();
    act(&handle, "a1", DeskAct::Accept { offer }.of(session))
        .await
        .unwrap();
    let seen = drain(&mut first).await.last().unwrap().seq;
    handle.lose(&name("a1"), session).await;
    for text in ["are you there?", "hello?"] {
        message(&handle, id, text).await;
    }
    let mut second = connect(&handle, "a1").await.unwrap();
    let welcome = next(&mut second).await.seq;
    let token = &first.resume_token;
    let missed = handle.resume("a1", second.session, token, seen).unwrap();
    let missed = missed.notices;
    assert_eq!(seqs(&missed), Vec::from_iter(seen + 1..welcome));
    let mut texts = Vec::new();
    for notice in &missed {
        if let Tells::Message { text, .. } = &notice.tells {
            texts.push(text.to_string());
        }
    }
    assert_eq!(texts, ["are you there?", "hello?"]);
    let nothing = handle.resume("a1", second.session, token, welcome - 1);
    assert_eq!(nothing.unwrap().notices.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_resumed_is_told_anew() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let first = sign_in(&handle, "a1").await;
    let mut second = connect(&handle, "a1").await.unwrap();
    let welcome = next(&mut second).await.seq;
    let (session, token) = (second.session, &first.resume_token);
    let resume = |session, token: &str, seq| handle.resume("a1", session, token, seq);
    assert!(resume(session, token, 0).is_ok());
    assert!(resume(session, "a guess", 0).is_err());
    assert!(
        resume(session, &second.resume_token, 0).is_err(),
        "its own token"
    );
    assert!(
        resume(session - 1, token, 0).is_err(),
        "a session that was replaced"
    );
    assert!(
        resume(session, token, welcome).is_err(),
        "nothing was missed"
    );
    assert!(resume(session, token, u64::MAX).is_err(), "from the future");
    assert!(handle.resume("a2", session, token, 0).is_err(), "nobody");
    assert_eq!(handle.ack("a1", session, 1), Ok(None));
    assert_eq!(handle.ack("a1", session, u64::MAX), Err(welcome));
    assert!(resume(session, token, 0).is_err(), "forgotten on request");
    act(&handle, "a1", DeskAct::Resync { upto: 0 }.of(session))
        .await
        .unwrap();
    let told = next(&mut second).await;
    assert_eq!(told.seq, welcome + 1);
    assert!(matches!(told.tells, Tells::Resync { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_a_desktop_has_worked_in_is_resumed_whatever_connections_were_lost_since() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let first = sign_in(&handle, "a1").await;
    handle.has_worked("a1", first.session);
    let mut lost = Vec::new();
    for _ in 0..12 {
        lost.push(connect(&handle, "a1").await.unwrap());
    }
    let newest = lost.pop().unwrap();
    let resume = |token: &str| handle.resume("a1", newest.session, token, 1);
    assert!(resume(&first.resume_token).is_ok());
    assert!(resume(&lost[10].resume_token).is_ok());
    assert!(resume(&lost[0].resume_token).is_err(), "not all are kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_were_read_are_reported_until_the_engine_knows() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    let session = desk.session;
    handle.has_worked("a1", session);
    let id = submit(&handle).await.unwrap();
    let offer = next_offer(&mut desk).await;
    for step in [DeskAct::Deliver { offer }, DeskAct::Accept { offer }] {
        act(&handle, "a1", step.of(session)).await.unwrap();
    }
    message(&handle, id, "hello").await;
    let seen = drain(&mut desk).await.last().unwrap().seq;
    for _ in 0..2 {
        assert_eq!(handle.ack("a1", session, seen), Ok(Some(seen)));
    }
    handle.reported("a1", seen);
    assert_eq!(handle.ack("a1", session, seen), Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_for_too_much_is_told_anew() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut first = sign_in(&handle, "a1").await;
    let id = submit(&handle).await.unwrap();
    let offer = next_offer(&mut first).await;
    let session = first.session;
    for step in [
        DeskAct::Deliver { offer }.of(session),
        DeskAct::Accept { offer }.of(session),
    ] {
        act(&handle, "a1", step).await.unwrap();
    }
    let seen = drain(&mut first).await.last().unwrap().seq;
    handle.lose(&name("a1"), session).await;
    for _ in 0..49 {
        message(&handle, id, &"x".repeat(1_300)).await;
    }
    let second = connect(&handle, "a1").await.unwrap();
    let token = &first.resume_token;
    let resume = |last_seq| handle.resume("a1", second.session, token, last_seq);
    assert!(resume(seen).is_err(), "the oldest are not held any more");
    assert!(resume(seen + 39).is_err(), "no desktop was sent these");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_does_not_read_is_ended_and_can_come_back() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut slow = sign_in(&handle, "a1").await;
    let id = submit(&handle).await.unwrap();
    let offer = next_offer(&mut slow).await;
    let session = slow.session;
    act(&handle, "a1", DeskAct::Deliver { offer }.of(session))
        .await
        .unwrap();
    act(&handle, "a1", DeskAct::Accept { offer }.of(session))
        .await
        .unwrap();
    for number in 0..300 {
        message(&handle, id, &number.to_string()).await;
    }
    timeout(LONG, async {
        while agent(&handle, "a1").await.session.name() != "grace" {
            sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .expect("the engine hears of it though nobody said so");
    let seen = drain(&mut slow).await.last().unwrap().seq;
    assert_eq!(slow.ended.await, Ok(Ended::TooSlow));
    let mut second = connect(&handle, "a1").await.unwrap();
    let welcome = next(&mut second).await.seq;
    let token = &slow.resume_token;
    let missed = handle.resume("a1", second.session, token, seen).unwrap();
    let missed = missed.notices;
    assert_eq!(seqs(&missed), Vec::from_iter(seen + 1..welcome));
    assert!(
        handle
            .scrape()
            .await
            .contains("switchboard_desks_ended_too_slow_total 1")
    );
    assert_eq!(contact(&handle, id).await.unwrap().state.name(), "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_was_dropped_loses_its_agent() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    drop(sign_in(&handle, "a1").await);
    let id = submit(&handle).await.unwrap();
    timeout(LONG, async {
        while agent(&handle, "a1").await.session.name() != "grace" {
            sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(contact(&handle, id).await.unwrap().state.name(), "queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_agent_does_not_connect() {
    let centre = Centre::open(1);
    let login = centre.handle().announce(&name("nobody")).await;
    assert!(login.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_a_newer_one_has_overtaken_is_turned_away() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let slow = handle.announce(&name("a1")).await.unwrap().unwrap();
    let mut quick = sign_in(&handle, "a1").await;
    let refused = handle.connect(slow).await.err().unwrap();
    assert_eq!(refused, CallError::Refused(Refusal::StaleSession));
    drain(&mut quick).await;
    let id = submit(&handle).await.unwrap();
    assert_eq!(next_offer(&mut quick).await.contact, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_stop_every_desk_is_ended() {
    let centre = Centre::open(2);
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    centre.site.stop().await;
    assert_eq!(
        drain(&mut desk).await.len(),
        2,
        "all that was told is still read"
    );
    assert_eq!(desk.ended.await, Ok(Ended::Stopping));
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_a_desk_is_owed_it_gets_all_of_it_at_once() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let mut first = sign_in(&handle, "a1").await;
    let session = first.session;
    let mut contacts = Vec::new();
    for _ in 0..5 {
        contacts.push(submit(&handle).await.unwrap());
        let offer = next_offer(&mut first).await;
        let steps = [
            DeskAct::Deliver { offer }.of(session),
            DeskAct::Accept { offer }.of(session),
        ];
        for step in steps {
            act(&handle, "a1", step).await.unwrap();
        }
    }
    handle.lose(&name("a1"), session).await;
    for contact in &contacts {
        for _ in 0..50 {
            message(&handle, *contact, &"x".repeat(1_000)).await;
        }
    }
    let mut second = connect(&handle, "a1").await.unwrap();
    let session = second.session;
    let anew = DeskAct::Resync { upto: 0 }.of(session);
    act(&handle, "a1", anew).await.unwrap();
    let told = drain(&mut second).await;
    let messages = told.iter();
    let messages = messages.filter(|notice| matches!(notice.tells, Tells::Message { .. }));
    assert_eq!(messages.count(), 250);
    assert!(seqs(&told).is_sorted_by(|one, next| one + 1 == *next));
    message(&handle, contacts[0], "still there?").await;
    let last = next(&mut second).await;
    assert!(matches!(&last.tells, Tells::Message { text, .. } if **text == *"still there?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_is_told_so_whatever_the_desk_was_at() {
    for at in ["silent", "idle", "offered", "delivered", "serving", "lost"] {
        let centre = Centre::open(2);
        let handle = centre.handle();
        let mut desk = match at {
            "silent" => connect(&handle, "a2").await.unwrap(),
            _ => sign_in(&handle, "a2").await,
        };
        let session = desk.session;
        if ["offered", "delivered", "serving"].contains(&at) {
            submit(&handle).await.unwrap();
            let offer = next_offer(&mut desk).await;
            if at != "offered" {
                let deliver = DeskAct::Deliver { offer }.of(session);
                act(&handle, "a2", deliver).await.unwrap();
            }
            if at == "serving" {
                let accept = DeskAct::Accept { offer }.of(session);
                act(&handle, "a2", accept).await.unwrap();
            }
        }
        if at == "lost" {
            handle.lose(&desk.agent, session).await;
        }
        drain(&mut desk).await;
        configure(&handle, 1).await;
        let told = drain(&mut desk).await;
        assert_eq!(shown(&told), (at != "lost").then_some((false, 0)), "{at}");
        configure(&handle, 2).await;
        let told = drain(&mut desk).await;
        assert_eq!(shown(&told), (at != "lost").then_some((false, 1)), "{at}");
        configure(&handle, 1).await;
        handle.lose(&desk.agent, session).await;
        let others = sign_in(&handle, "a1").await;
        drop(others);
        let stopped = centre.site.stop().await;
        drop(stopped.log);
    }
}

/// Whether the desk's latest notice says that its agent is ready, and how many queues it serves.
fn shown(told: &[SharedNotice]) -> Option<(bool, usize)> {
    let mut newest_first = told.iter().rev();
    newest_first.find_map(|notice| {
        let Tells::Presence(agent) = &notice.tells else {
            return None;
        };
        let is_ready = agent.intent == Intent::Ready;
        Some((is_ready, agent.queues.len()))
    })
}

/// Changes the configuration to this many agents.
async fn configure(handle: &Handle, agents: usize) {
    let configure = SiteCommand::Configure(Arc::new(options(agents)));
    let configure = Command::Site(configure);
    handle.decide(configure, |_, _| ()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_starts_without_an_agent_who_was_ready_when_it_stopped() {
    let centre = Centre::open(2);
    let handle = centre.handle();
    let desk = sign_in(&handle, "a2").await;
    drop(desk);
    let stopped = centre.site.stop().await;
    drop(stopped.log);
    let (recovered, _) = recovered(&place(centre.dir.path()));
    let site = Site::start(recovered, Arc::new(options(1)), &Telemetry::new()).unwrap();
    let handle = site.handle();
    let known = handle.read(|engine| engine.agent("a2").is_some()).await;
    assert_eq!(known.ok(), Some(false));
    sign_in(&handle, "a1").await;
}
