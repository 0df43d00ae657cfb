//! Why an agent was chosen or not, as explained to a supervisor.

use switchboard::engine::choosing::choice::Unknown;

use crate::explaining::{assert_says, assert_silent, explain};
use crate::tell::{Story, agent, centre, name, plain, queue};

#[test]
fn the_previous_agent_has_not_refused_it() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        9s a1 transfers c1 queue q
    ",
    );
    assert_says(
        &story,
        "c1",
        "1 who have had it before",
        "1 名之前处理过此联系",
    );
    assert_silent(&story, "c1", "refused");
}

#[test]
fn a_desktop_that_did_not_confirm_is_not_its_agents_fault() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        2s time passes
    ",
    );
    let en = "1 resting because the desktop did not confirm an offer";
    assert_says(&story, "c1", en, "1 名因桌面未确认派单而暂停");
    story.tell("8s time passes");
    let en = "1 whose desktop did not confirm it";
    assert_says(&story, "c1", en, "1 名桌面刚未确认此派单");
    story.tell(
        "
        12s time passes
        12s a1 delivers c1.2
        33s time passes
    ",
    );
    let en = "1 resting after an unanswered offer";
    assert_says(&story, "c1", en, "1 名因未应答暂停");
}

#[test]
fn an_agent_who_took_over_was_not_chosen() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        5s a1 consults c1 agent a2
    ",
    );
    assert_says(
        &story,
        "c1",
        "Agent a2 was asked for help at 1970-01-01T00:00:05.000Z and has not answered yet; the \
         customer has been on hold since",
        "请坐席 a2 协助，尚未应答，客户自",
    );
    assert_says(
        &story,
        "c1",
        "offer ends unless agent a2 answers",
        "坐席 a2 若仍未应答",
    );
    story.tell("6s a2 accepts c1.2\n 7s a1 confers c1");
    assert_says(&story, "c1", "is in conference with them.", "三方会话中");
    assert_silent(&story, "c1", "on hold");
    story.tell("8s a1 transfers c1 agent a2");
    assert_eq!(explain(&story, "c1").choice, Some(Err(Unknown::HandedOver)));
    assert_says(
        &story,
        "c1",
        "It was handed over to this agent",
        "随后直接移交",
    );
    story.tell("20s a2 completes c1");
    assert_says(
        &story,
        "c1",
        "It was handed over to this agent",
        "随后直接移交",
    );
    assert_says(&story, "c1", "The outcome: resolved.", "结果：resolved。");
}

#[test]
fn an_agent_who_continues_for_a_lost_one_was_not_chosen_either() {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        5s a1 consults c1 agent a2
        6s a2 accepts c1.2
        7s a1 confers c1
        8s a1 lost
        200s time passes
    ",
    );
    assert!(told.contains("to a2"), "{told}");
    let explained = explain(&story, "c1");
    assert_eq!(explained.contact.agent, Some(name("a2")));
    assert_eq!(explained.choice, Some(Err(Unknown::HandedOver)));
}

#[test]
fn help_in_between_does_not_hide_why_an_agent_was_chosen() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        5s a1 consults c1 agent a2
        6s a2 declines c1.2
        9s a1 completes c1
    ",
    );
    assert_says(&story, "c1", "a1 costs least", "a1 成本最低");
}

#[test]
fn an_agent_of_another_queue_is_not_said_to_be_asked_again() {
    let options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), agent("a2", "p", "")],
    );
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline q
        1s a1 accepts c1
        9s a1 transfers c1 queue p
    ",
    );
    assert!(
        explain(&story, "c1").changes.is_empty(),
        "a1 does not serve p"
    );
}
