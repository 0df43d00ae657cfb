//! Nothing leaves before it is durable, and everything is bounded.

use std::process::Command as Process;
use std::time::Duration;

use switchboard::engine::command::{Act, DeskAct, Intention};
use switchboard::node::handle::CallError;
use switchboard::task;
use tokio::time::{sleep, timeout};

use crate::centre::{
    Centre, act, connect, contact, message, next, next_offer, serve, sign_in, submit,
};
use crate::gate::{Gate, no_space};

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_before_the_sync() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    while timeout(SHORT, desk.notices.recv()).await.is_ok() {}

    gate.close();
    let id = handle.new_contact_id();
    let submitting = task::spawn("a caller", {
        let handle = handle.clone();
        let command = crate::centre::submission(id, switchboard::domain::Channel::App);
        async move { handle.decide(command, |_, _| ()).await }
    });
    sleep(SHORT).await;
    let looking = task::spawn("a caller", {
        let handle = handle.clone();
        async move { contact(&handle, id).await }
    });
    assert!(
        timeout(SHORT, desk.notices.recv()).await.is_err(),
        "no offer"
    );
    assert!(!submitting.is_finished(), "no answer");
    assert!(!looking.is_finished(), "not even to a look");

    gate.open();
    timeout(LONG, submitting).await.unwrap().unwrap().unwrap();
    let seen = timeout(LONG, looking).await.unwrap().unwrap().unwrap();
    assert_eq!(seen.state.name(), "offered");
    next(&mut desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_is_answered_at_once_when_nothing_is_pending() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    let id = submit(&handle).await.unwrap();
    sleep(SHORT).await;
    gate.close();
    let seen = timeout(LONG, contact(&handle, id)).await.unwrap();
    assert_eq!(seen.unwrap().state.name(), "queued");
    let refused = act(&handle, "a1", DeskAct::Lose.of(7)).await;
    assert!(matches!(refused, Err(CallError::Refused(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gathers_during_a_flush_is_one_batch() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    submit(&handle).await.unwrap();
    gate.close();
    let before = gate.appended();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..500 {
        let handle = handle.clone();
        calls.spawn(async move { submit(&handle).await });
    }
    sleep(SHORT).await;
    gate.open();
    while let Some(outcome) = calls.join_next().await {
        outcome.unwrap().unwrap();
    }
    assert!(gate.appended() - before <= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_not_late_for_what_the_disk_has_kept_back() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    let mut desk = sign_in(&handle, "a1").await;
    gate.close();
    let submitting = task::spawn("a caller", {
        let handle = handle.clone();
        async move { submit(&handle).await }
    });
    // Longer than a desktop has to confirm an offer.
    sleep(Duration::from_secs(3)).await;
    gate.open();
    submitting.await.unwrap().unwrap();
    let offer = next_offer(&mut desk).await;
    serve(&handle, &desk, offer).await;
    assert_eq!(offer.number, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_inbox_refuses_and_recovers() {
    let gate = Gate::default();
    let centre = Centre::open_small(1, 64 << 10, |journal| gate.before(journal));
    let handle = centre.handle();
    submit(&handle).await.unwrap();
    gate.close();
    let mut calls = tokio::task::JoinSet::new();
    let mut kept_waiting = 0;
    // A caller at the moment when the loop empties the inbox still finds room.
    let refused = timeout(LONG, async {
        loop {
            for _ in 0..8_000 {
                let handle = handle.clone();
                calls.spawn(async move { submit(&handle).await });
            }
            match timeout(SHORT, submit(&handle)).await {
                Ok(answer) => break answer,
                Err(_) => kept_waiting += 1,
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(refused, Err(CallError::Overloaded));
    gate.open();
    let (mut taken, mut refused) = (kept_waiting, 0);
    while let Some(outcome) = timeout(LONG, calls.join_next()).await.unwrap() {
        match outcome.unwrap() {
            Ok(_) => taken += 1,
            Err(error) => {
                assert_eq!(error, CallError::Overloaded);
                refused += 1;
            }
        }
    }
    assert!(taken > 4_096, "{taken}");
    assert!(refused > 1_000, "{refused}");
    submit(&handle).await.unwrap();
    let stopped = centre.site.stop().await;
    assert_eq!(stopped.engine.census().open, taken + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_space_no_new_contact_is_taken_and_all_else_goes_on() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    let id = submit(&handle).await.unwrap();
    gate.set_hindered(true);
    timeout(LONG, async {
        while handle.takes_contacts() {
            sleep(SHORT).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(
        submit(&handle).await,
        Err(CallError::NotDurable(no_space()))
    );
    message(&handle, id, "still here").await;
    let ready = Act::Intend {
        intent: Intention::Ready,
        by: "s1".into(),
        key: None,
    };
    act(&handle, "a1", ready).await.unwrap();
    gate.set_hindered(false);
    timeout(LONG, async {
        while submit(&handle).await.is_err() {
            sleep(SHORT).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_space_everyone_is_refused_at_once_until_there_is_some() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    let id = submit(&handle).await.unwrap();
    gate.set_full(true);
    // Decided before it was known: it waits for space.
    let decided = handle.clone();
    let waiting = task::spawn("message", async move {
        message(&decided, id, "still here").await
    });
    timeout(LONG, async {
        while handle.takes_contacts() {
            sleep(SHORT).await;
        }
    })
    .await
    .unwrap();
    let refused = timeout(SHORT, handle.read(|engine| engine.seq())).await;
    assert_eq!(refused.unwrap(), Err(CallError::NotDurable(no_space())));
    assert_eq!(
        submit(&handle).await,
        Err(CallError::NotDurable(no_space()))
    );
    timeout(LONG, handle.scrape()).await.unwrap();
    assert!(!waiting.is_finished());

    gate.set_full(false);
    timeout(LONG, waiting).await.unwrap().unwrap();
    assert!(handle.read(|engine| engine.seq()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_is_seen_from_outside() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    submit(&handle).await.unwrap();
    let oldest = |text: &str| -> f64 {
        let mut lines = text.lines();
        let series = "switchboard_journal_oldest_commit_seconds ";
        let value = lines.find_map(|line| line.strip_prefix(series));
        value.unwrap().parse().unwrap()
    };
    assert!(handle.takes_contacts());
    assert!(oldest(&handle.scrape().await) < 3.0);

    gate.close();
    let asked = handle.clone();
    let waiting = task::spawn("submit", async move { submit(&asked).await });
    timeout(LONG, async {
        while handle.takes_contacts() {
            sleep(SHORT).await;
        }
    })
    .await
    .unwrap();
    assert!(oldest(&handle.scrape().await) > 3.0);
    assert!(!waiting.is_finished());

    gate.open();
    timeout(LONG, waiting).await.unwrap().unwrap().unwrap();
    timeout(LONG, async {
        while !handle.takes_contacts() || oldest(&handle.scrape().await) > 3.0 {
            sleep(SHORT).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_stop_calls_come_to_nothing() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let id = submit(&handle).await.unwrap();
    let stopped = centre.site.stop().await;
    assert_eq!(submit(&handle).await, Err(CallError::Stopping));
    let refused = connect(&handle, "a1").await;
    assert_eq!(refused.err(), Some(CallError::Stopping));
    assert!(stopped.engine.contact(id).is_some());
}

/// Runs in its own process, which it is meant to end.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the test below starts it"]
async fn child_with_a_broken_journal() {
    let gate = Gate::default();
    let centre = Centre::open_with(1, |journal| gate.before(journal));
    let handle = centre.handle();
    submit(&handle).await.unwrap();
    eprintln!("the first was answered");
    gate.break_down();
    let answered = submit(&handle).await;
    eprintln!("the second was answered: {answered:?}");
}

#[test]
fn a_broken_journal_ends_the_process_and_nothing_of_the_batch_leaves() {
    let ended = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::child_with_a_broken_journal"])
        .args(["--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(74), "{said}");
    assert!(said.contains("the first was answered"), "{said}");
    assert!(!said.contains("the second was answered"), "{said}");
    assert!(
        said.contains("switchboard: the journal cannot be written"),
        "{said}"
    );
}

/// Runs in its own process, which it is meant to end.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the test below starts it"]
async fn child_with_a_bug() {
    let centre = Centre::open(1);
    let handle = centre.handle();
    let answered: Result<(), _> = handle.read(|_| panic!("by design")).await;
    assert_eq!(answered, Err(CallError::Stopping));
    sleep(LONG).await;
}

#[test]
fn a_panic_of_the_loop_ends_the_process() {
    let ended = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::child_with_a_bug"])
        .args(["--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(70), "{said}");
    assert!(said.contains("switchboard: turns panicked"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_stopped_while_the_disk_hangs_ends_in_order() {
    let gate = Gate::default();
    let centre = Centre::open_small(1, 64 << 10, |journal| gate.before(journal));
    let handle = centre.handle();
    gate.close();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..4_000 {
        let handle = handle.clone();
        calls.spawn(async move { submit(&handle).await });
    }
    sleep(SHORT).await;
    let stopping = task::spawn("stopping", centre.site.stop());
    sleep(SHORT).await;
    assert!(!stopping.is_finished(), "what was decided is to be kept");
    gate.open();
    let stopped = timeout(LONG, stopping).await.unwrap().unwrap();
    let outcomes = timeout(LONG, calls.join_all()).await.unwrap();
    let kept: Vec<_> = outcomes.into_iter().flatten().collect();
    assert!(!kept.is_empty());
    for id in kept {
        assert!(stopped.engine.contact(id).is_some());
    }
}
