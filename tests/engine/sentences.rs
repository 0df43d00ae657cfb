//! The sentences in a reply beside its data: each is true, in both languages.

use serde_json::Value;
use switchboard::domain::{Channel, Millis};
use switchboard::engine::options::{Interrupt, Interrupts, Select, Step};
use switchboard::wire::reply::ExplanationReply;

use crate::explaining::{assert_says, assert_silent, explain};
use crate::tell::{Story, agent, centre, name, plain, queue};

fn reply(story: &Story, id: &str) -> Value {
    let explained = explain(story, id);
    serde_json::to_value(ExplanationReply::new(&name("test"), &explained)).unwrap()
}

/// Both sentences of a reply, or of one of its candidates.
fn sentence(of: &Value) -> (&str, &str) {
    let said = |language: &str| of["sentence"][language].as_str().unwrap();
    (said("en"), said("zh"))
}

#[test]
fn an_agent_of_an_inner_step_was_not_chosen_for_idle_time() {
    let mut options = centre(
        vec![queue("vip"), queue("gen")],
        vec![agent("i2", "vip", ""), agent("g1", "gen", "")],
    );
    options.queues[0].select = Select::LongestIdle;
    options.queues[0].steps = vec![Step {
        after: Millis::ZERO,
        requires: None,
        also_agents_of: vec![name("gen")],
        skip_unstaffed: true,
    }];
    let mut story = Story::new(options);
    story.tell(
        "
        0s g1 on duty
        12s i2 on duty
        15s c1 arrives hotline vip
    ",
    );
    let en = "of 2 who could take it, i2 was the only one eligible before step 1, and earlier \
              steps go first (3 s).";
    let zh = "2 名可受理的坐席中，i2 是唯一在第 1 步之前即可受理者，先加入者优先（3 秒）。";
    assert_says(&story, "c1", en, zh);
    let en = "Next best was g1 (15 s, eligible from step 1).";
    assert_says(&story, "c1", en, "其次是 g1（15 秒，第 1 步加入）。");
    assert_silent(&story, "c1", "idle the longest");
}

#[test]
fn contacts_on_hold_are_distinguished_from_those_that_take_capacity() {
    let mut options = plain("a1");
    let mut interrupts = Interrupts::default();
    *interrupts.0.get_mut(Channel::Hotline).get_mut(Channel::App) = Interrupt::Hold;
    options.capacity.interrupts = Some(interrupts);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s c2 arrives app
        3s a1 accepts c2
        4s c3 arrives hotline
        5s a1 accepts c3
        6s c4 arrives app
    ",
    );
    assert_eq!(story.engine.agent("a1").unwrap().capacity_used, 100);
    let told = reply(&story, "c4");
    let failed = &told["candidates"][0]["failed"];
    assert_eq!(
        (&failed["used"], &failed["on_hold"]),
        (&100.into(), &40.into())
    );
    let en = "Agent a1 has no free capacity (100 of 100 used, 40 more on hold, 20 needed).";
    let zh = "坐席 a1 容量不足（已用 100/100，另有 40 处于保持，需要 20）。";
    assert_eq!(sentence(&told["candidates"][0]), (en, zh));
}

#[test]
fn agents_present_are_listed_first_and_the_rest_are_counted() {
    let ids: Vec<String> = (0..250).map(|number| format!("a{number:03}")).collect();
    let mut story = Story::new(plain(&ids.join(" ")));
    story.tell(
        "
        0s a249 on duty
        0s c1 arrives hotline
        1s a249 accepts c1
        2s c2 arrives hotline
    ",
    );
    let explained = explain(&story, "c2");
    let (listed, left_out) = (&explained.candidates, explained.candidates_left_out);
    assert_eq!((listed.len(), left_out), (200, 50));
    assert_eq!(
        (&listed[0].agent, &listed[1].agent),
        (&name("a249"), &name("a000"))
    );
    assert_says(
        &story,
        "c2",
        "Of the 250 agents of this step 200 are listed, those signed in first: 1 fully occupied, \
         199 not signed in.",
        "当前步骤共 250 名坐席，此处列出 200 名，已登录者在先：1 名已满，199 名未登录。",
    );
}

#[test]
fn a_paused_queue_is_shown_as_paused() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        1s pause q
        2s c1 arrives hotline
    ",
    );
    let en = "The queue is paused: nothing is offered until it is resumed.";
    let zh = "队列已暂停，恢复之前不派单。";
    assert_says(&story, "c1", en, zh);
    let told = reply(&story, "c1");
    assert_eq!(told["paused"], true);
    let said = sentence(&told);
    assert!(said.0.contains(en) && said.1.contains(zh), "{said:?}");
    story.tell("3s resume q");
    assert_eq!(reply(&story, "c1")["paused"], false);
    assert_silent(&story, "c1", "paused");
}

#[test]
fn a_place_in_line_is_no_promise() {
    let mut story = Story::new(plain("a1"));
    story.tell("600s c1 arrives hotline q tier diamond");
    // 30 s of target, and 300 s of head start: before it came.
    let due = "1970-01-01T00:05:30.000Z";
    let told = reply(&story, "c1");
    assert_eq!(told["contact"]["due_at"], due);
    let (en, zh) = sentence(&told);
    let place = format!("It is number 1 in queue q, at step 0; its place is determined by {due}.");
    assert!(en.starts_with(&place), "{en}");
    let place = format!("在队列 q 中排第 1 位，排位时刻为 {due}，处于第 0 步。");
    assert!(zh.starts_with(&place), "{zh}");
    let en = format!("Its place in line is determined by {due}; the earliest is served first.");
    let zh = format!("因此排位时刻为 {due}，时刻在前者先服务。");
    assert_says(&story, "c1", &en, &zh);
}

#[test]
fn nobody_staffed_is_shown_only_without_eligible_agents() {
    let mut options = centre(
        vec![queue("vip"), queue("gen")],
        vec![agent("v1", "vip", ""), agent("g1", "gen", "")],
    );
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(2),
        requires: None,
        also_agents_of: vec![name("gen")],
        skip_unstaffed: true,
    }];
    let mut story = Story::new(options);
    story.tell(
        "
        0s g1 on duty
        0s c1 arrives hotline gen
        1s g1 accepts c1
        2s c2 arrives hotline vip
    ",
    );
    let (en, zh) = ("No agent who could take it", "没有能够受理的坐席在岗");
    let told = reply(&story, "c2");
    let said = sentence(&told);
    assert!(!said.0.contains(en) && !said.1.contains(zh), "{said:?}");
    story.tell("3s g1 not_ready break");
    let told = reply(&story, "c2");
    let said = sentence(&told);
    assert!(said.0.contains(en) && said.1.contains(zh), "{said:?}");
}

#[test]
fn it_is_shown_when_an_agent_may_be_asked_again_if_no_other_could() {
    let mut story = Story::new(plain("a1"));
    story.tell("0s a1 connects\n 0s a1 ready\n 0s c1 arrives app q\n 1s a1 declines c1");
    let reply = reply(&story, "c1");
    let (en, zh) = sentence(&reply["candidates"][0]);
    let (soon, at_last) = ("1970-01-01T00:00:15.000Z", "1970-01-01T00:00:31.000Z");
    assert!(
        en.contains(&format!("before {soon}, and until {at_last} only")),
        "{en}"
    );
    assert!(
        zh.contains(&format!("{soon} 前不再派给；至 {at_last} 仅")),
        "{zh}"
    );
}

#[test]
fn the_time_of_a_later_step_is_shown_in_words() {
    let mut options = plain("a1");
    options.queues.push(queue("p"));
    options.agents.push(agent("a2", "p", ""));
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(20),
        requires: None,
        also_agents_of: vec![name("p")],
        skip_unstaffed: false,
    }];
    let mut story = Story::new(options);
    story.tell("0s c1 arrives hotline q");
    let told = reply(&story, "c1");
    let (en, zh) = sentence(&told);
    let at = "1970-01-01T00:00:20.000Z";
    assert!(
        en.ends_with(&format!("More agents can take it from {at} on.")),
        "{en}"
    );
    assert!(
        zh.ends_with(&format!("将在 {at} 放宽条件，由更多坐席受理。")),
        "{zh}"
    );
}
