//! The cost of a contact's life: run with `--release -- --ignored --nocapture lives`.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use switchboard::domain::{Channel, OfferId};
use switchboard::engine::command::DeskAct;
use switchboard::node::handle::{Desk, Handle};
use switchboard::node::notice::Tells;
use switchboard::stopwatch::Stopwatch;
use switchboard::task;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::centre::{Centre, act, sign_in, submission};

const AGENTS: usize = 200;
const SUBMITTERS: usize = 800;
const LIVES: usize = 400_000;
const PAUSE: Duration = Duration::from_millis(5);

/// Submitted, offered, delivered, accepted, completed, by agents working concurrently.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, not a check"]
async fn so_many_lives_pass_in_a_second() {
    let centre = Centre::open_small(AGENTS, 64 << 20, |journal| journal);
    let handle = centre.handle();
    for number in 1..=AGENTS {
        let desk = sign_in(&handle, &format!("a{number}")).await;
        task::spawn("an agent", work(handle.clone(), desk));
    }
    let watch = Stopwatch::start();
    let used_before = cpu_s();
    let mut submitters = JoinSet::new();
    for _ in 0..SUBMITTERS {
        submitters.spawn(submit_many(handle.clone(), LIVES / SUBMITTERS));
    }
    submitters.join_all().await;
    while handle.read(|engine| engine.census().open).await != Ok(0) {
        sleep(PAUSE).await;
    }
    let lives = f64::from(u32::try_from(LIVES).unwrap());
    let per_s = lives / watch.elapsed().as_secs_f64();
    let cpu_us = (cpu_s() - used_before) * 1e6 / lives;
    eprintln!("{per_s:.0} lives/s, {cpu_us:.1} µs of CPU each");
    let text = handle.scrape().await;
    for line in text.lines() {
        if line.contains("commit_seconds") || line.contains("residual") {
            eprintln!("{line}");
        }
    }
    let stopped = centre.site.stop().await;
    eprintln!("{} events", stopped.engine.seq());
}

async fn submit_many(handle: Handle, count: usize) {
    for _ in 0..count {
        let command = submission(handle.new_contact_id(), Channel::App);
        while handle.decide(command.clone(), |_, _| ()).await.is_err() {
            sleep(PAUSE).await;
        }
    }
}

async fn work(handle: Handle, mut desk: Desk) {
    let session = desk.session;
    while let Some(notice) = desk.notices.recv().await {
        if let Tells::Offer { offer, .. } = &notice.tells {
            let agent = desk.agent.to_string();
            task::spawn("a life", live(handle.clone(), agent, session, *offer));
        }
    }
}

async fn live(handle: Handle, agent: String, session: u64, offer: OfferId) {
    let steps = [
        DeskAct::Deliver { offer }.of(session),
        DeskAct::Accept { offer }.of(session),
        DeskAct::Complete {
            contact: offer.contact,
            outcome: "resolved".into(),
            notes: None,
        }
        .of(session),
    ];
    for step in steps {
        while act(&handle, &agent, step.clone()).await.is_err() {
            sleep(PAUSE).await;
        }
    }
}

fn cpu_s() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(used.tv_sec).unwrap(),
        u32::try_from(used.tv_nsec).unwrap(),
    )
    .as_secs_f64()
}
