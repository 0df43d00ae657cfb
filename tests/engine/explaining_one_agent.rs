//! The explanation of contacts that wait for one agent.

use switchboard::domain::{Channel, Millis, Timestamp};
use switchboard::engine::options::DirectToManager;
use switchboard::engine::view::{Obstacle, UpcomingChange};

use crate::explaining::{assert_says, explain};
use crate::tell::{Story, name, plain};

#[test]
fn a_contact_for_one_agent_only_shows_why_and_until_when_it_waits() {
    let mut options = plain("a1 a2");
    options.direct_to_manager = Some(DirectToManager {
        tiers: vec![name("gold")],
        channels: vec![Channel::Hotline],
        hold: Millis::from_s(20),
    });
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        5s c2 arrives hotline asks a1
        6s c3 arrives hotline asks a1 alone
        7s a1 completes c1
        8s c4 arrives hotline tier gold manager a1
    ",
    );
    assert_says(
        &story,
        "c2",
        "Until 1970-01-01T00:01:05.000Z it waits for agent a1 alone, the one that it asks for.",
        "1970-01-01T00:01:05.000Z 之前只等客户指定的坐席 a1。",
    );
    let en = "Next change in 29 s: the wrap-up of agent a1 ends.";
    assert_says(&story, "c2", en, "坐席 a1 的话后处理结束");
    let next = explain(&story, "c2").changes.remove(1);
    assert_eq!(next.at, Timestamp(65_000));
    assert!(
        matches!(next.what, UpcomingChange::HoldingEnds { .. }),
        "{next:?}"
    );
    assert_says(
        &story,
        "c3",
        "It waits for agent a1 alone, the one that it asks for.",
        "只等客户指定的坐席 a1。",
    );
    assert_says(
        &story,
        "c4",
        "alone, the account manager.",
        "之前只等客户经理坐席 a1。",
    );
}

#[test]
fn a_scheduled_contact_for_one_agent_only_enters_for_no_other() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell("0s a2 connects\n 0s a2 ready\n 0s c1 arrives hotline asks a1 alone at 60s");
    for at in ["1s", "61s"] {
        story.tell(&format!("{at} time passes"));
        assert_says(
            &story,
            "c1",
            "It waits for agent a1 alone, the one that it asks for.",
            "只等客户指定的坐席 a1。",
        );
        let candidates = explain(&story, "c1").candidates;
        let other = candidates.iter().find(|of| of.agent == name("a2")).unwrap();
        assert!(
            matches!(other.failed, Some(Obstacle::WaitsForOther { .. })),
            "{other:?}"
        );
    }
}

#[test]
fn an_agent_who_is_away_may_come_back_until_then() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        5s a1 lost
    ",
    );
    let until = story.engine.agent("a1").unwrap().session;
    assert_eq!(until.name(), "grace");
    assert_says(
        &story,
        "c1",
        "Agent a1 has lost the connection and can return until",
        "坐席 a1 连接中断，保留至",
    );
    assert_says(
        &story,
        "c1",
        "it goes on without agent a1 unless",
        "若仍未恢复连接",
    );
}
