//! The explanation of a contact for supervisors: every sentence is true, and none is missing.

use switchboard::domain::{Channel, Millis};
use switchboard::engine::options::{
    Action, Audience, EscalationRule, Interrupt, Interrupts, NoShow, Options, Step, Trigger,
};
use switchboard::engine::view::Explanation;
use switchboard::wire::words::{self, Words};

use crate::escalations::{only_if, with};
use crate::tell::{Story, agent, centre, contact, hours, name, plain, queue, skills};

pub(crate) fn explain(story: &Story, id: &str) -> Explanation {
    story.engine.explain(contact(id), story.now).unwrap()
}

pub(crate) fn words_of(story: &Story, id: &str) -> Words {
    let words = words::of(&explain(story, id));
    assert_eq!(words.en.len(), words.zh.len(), "{words:?}");
    words
}

#[track_caller]
pub(crate) fn assert_says(story: &Story, id: &str, en: &str, zh: &str) {
    let words = words_of(story, id);
    let says = |all: &[String], part: &str| all.iter().any(|said| said.contains(part));
    assert!(says(&words.en, en), "{en}\n{words:#?}");
    assert!(says(&words.zh, zh), "{zh}\n{words:#?}");
}

#[track_caller]
pub(crate) fn assert_silent(story: &Story, id: &str, en: &str) {
    let words = words_of(story, id);
    assert!(!words.en.iter().any(|said| said.contains(en)), "{words:#?}");
}

#[test]
fn a_no_show_was_put_back_and_not_moved_forward() {
    let mut counter = queue("counter");
    counter.pull = true;
    counter.no_show = NoShow::Requeue { places: None };
    let boost = vec![Action::Boost(Millis::from_s(20))];
    let after = Trigger::After(Millis::from_s(10));
    counter.escalations = vec![EscalationRule::new(name("r"), after, boost)];
    let options = centre(vec![counter], vec![agent("a1", "counter", "")]);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        1s c1 arrives storefront counter
        5s c2 arrives storefront counter
        6s a1 pulls counter
        7s a1 misses c1
    ",
    );
    let en = "Its customer did not come when called, and it was put back by 4 s.";
    assert_says(&story, "c1", en, "叫号未到，后移了 4 秒。");
    assert_silent(&story, "c1", "Escalations");
    story.tell("12s time passes");
    assert_says(
        &story,
        "c1",
        "Escalations have moved it forward by 20 s.",
        "升级规则将其提前了 20 秒。",
    );
    assert_says(&story, "c1", en, "后移了 4 秒");
    let explained = explain(&story, "c1");
    let sum: i64 = explained.due_terms.iter().map(|(_, term)| term.0).sum();
    let due = explained.contact.due_at - explained.contact.queued_at;
    assert_eq!(due, Millis(sum), "the terms add up");
}

#[test]
fn an_upcoming_escalation_lists_every_action() {
    let mut rule = only_if("contact.waited_s >= 0");
    rule.when = Some(Trigger::After(Millis::from_s(10)));
    rule.actions = vec![
        Action::Boost(Millis::from_s(60)),
        Action::NextStep,
        Action::AddQueue(name("p")),
        Action::ReserveNext,
        Action::Notify(Audience::Webhook),
        Action::Message("patience".into()),
        Action::OfferCallback,
        Action::Deflect("elsewhere".into()),
    ];
    let mut options = with(rule);
    options.queues.push(queue("p"));
    let mut story = Story::new(options);
    story.tell("0s c1 arrives hotline q");
    assert_says(
        &story,
        "c1",
        "rule r fires if its condition holds, moving it forward by 60 s, taking the next step, \
         letting agents of queue p serve it as well, reserving the next agent for it, calling the \
         webhook, telling the customer “patience”, offering the customer a callback, deflecting \
         it with “elsewhere”.",
        "若条件成立，触发升级规则 r，提前 60 秒，进入下一步，队列 p 的坐席也可受理，\
         预留下一名空闲坐席，调用 webhook，告知客户“patience”，向客户提供回拨，\
         分流并告知客户“elsewhere”。",
    );
}

#[test]
fn a_customer_to_be_called_again_is_not_offered_before() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        1s  c1 arrives hotline q phone 13800138000
        1s  c1 wants a call
        2s  a1 accepts c1
        30s a1 reaches nobody c1
    ",
    );
    assert_says(
        &story,
        "c1",
        "called once without answering; it is not offered before 1970-01-01T00:10:30.000Z.",
        "1970-01-01T00:10:30.000Z 之前不再拨打，也不派单。",
    );
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s  c1 arrives hotline phone 13800138000
        1s  c1 wants a call first
        20s a1 on duty
    ",
    );
    assert_says(
        &story,
        "c1",
        "Its customer is being called until 1970-01-01T00:01:20.000Z",
        "等待接听至 1970-01-01T00:01:20.000Z",
    );
}

#[test]
fn the_agent_it_is_offered_to_fails_no_test() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
    ",
    );
    let explained = explain(&story, "c1");
    let of: Vec<_> = explained.candidates.iter().collect();
    assert!(of[0].is_offered && of[0].failed.is_none(), "{of:?}");
    assert!(!of[1].is_offered && of[1].failed.is_some(), "{of:?}");
    assert_says(
        &story,
        "c1",
        "It is offered to agent a1.",
        "正在派给坐席 a1",
    );
}

#[test]
fn a_closed_queue_says_when_it_opens() {
    let mut options = plain("a1");
    options.hours = vec![hours("short", "00:01-00:03")];
    options.queues[0].hours = Some(name("short"));
    let mut story = Story::new(options);
    story.tell("10s c1 arrives app q");
    assert_says(
        &story,
        "c1",
        "The queue is closed, and opens at 1970-01-01T00:01:00.000Z.",
        "1970-01-01T00:01:00.000Z 开始营业。",
    );
    assert_says(
        &story,
        "c1",
        "Next change in 50 s: queue q opens.",
        "队列 q 开始营业",
    );
}

#[test]
fn an_awake_parked_contact_shows_what_woke_it_and_what_it_waits_for() {
    let mut options = plain("a1");
    options.agents[0].capacity = 20;
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        1s a1 accepts c1
        2s c2 arrives wechat
        9s a1 parks c1
        10s a1 accepts c2
    ",
    );
    assert_says(&story, "c1", "It is parked, with agent a1.", "状态为挂起");
    assert_says(&story, "c1", "it wakes and waits for its agent", "挂起结束");
    story.tell("12s c1 writes");
    assert_says(
        &story,
        "c1",
        "It was parked by agent a1; its customer has written, and it waits for the agent to take \
         it back.",
        "由坐席 a1 挂起，客户已发来消息，等待轮到该坐席接回。",
    );
    assert_says(&story, "c1", "it returns to its queue unless", "返回队列");
    story.tell("13s a1 completes c2\n 14s a1 parks c1\n 15s c3 arrives wechat");
    story.tell("16s a1 accepts c3\n 86414s time passes");
    assert_says(
        &story,
        "c1",
        "by agent a1; its parking time is over, and",
        "挂起已到时",
    );
    let words = words_of(&story, "c1");
    assert!(!words.zh.concat().contains("搁置"), "{words:?}");
}

#[test]
fn a_reserved_contact_shows_that_while_it_waits_and_afterwards() {
    let mut options = plain("a1");
    let mut reserve = only_if("contact.attributes.burning == 'yes'");
    reserve.actions = vec![Action::ReserveNext];
    options.queues[0].escalations = vec![reserve];
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives hotline tier diamond
        1s c2 arrives hotline
        3s c2 attribute burning yes
    ",
    );
    assert_says(
        &story,
        "c2",
        "The next agent who may serve it is reserved for it",
        "为其预留",
    );
    assert_silent(&story, "c1", "reserved");
    story.tell("5s a1 connects\n 5s a1 ready");
    assert_says(
        &story,
        "c2",
        "The next agent was reserved for it",
        "已预留下一名空闲坐席",
    );
    assert_silent(&story, "c2", "due first");
}

#[test]
fn a_change_without_effect_on_the_contact_is_not_upcoming() {
    let broadband = |level: &str| skills(&format!("broadband {level}"));
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", "broadband 9"), agent("a2", "p", "")],
    );
    options.queues[0].requires = broadband("3");
    let step = |after, level| Step {
        after: Millis::from_s(after),
        requires: Some(broadband(level)),
        also_agents_of: Vec::new(),
        skip_unstaffed: false,
    };
    options.queues[0].steps = vec![step(6, "1"), step(60, "2")];
    let mut rule = EscalationRule::new(
        name("r"),
        Trigger::After(Millis::from_s(9)),
        vec![Action::NextStep],
    );
    rule.tiers = vec![name("gold")];
    options.queues[0].escalations = vec![rule];
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 connects
        0s c1 arrives hotline q requires broadband=9
        0s c2 arrives hotline q
    ",
    );
    assert!(explain(&story, "c1").changes.is_empty());
    assert_says(
        &story,
        "c2",
        "Next change in 6 s: only broadband 1 is required.",
        "只要求",
    );
    assert_eq!(explain(&story, "c2").changes.len(), 1);
}

#[test]
fn a_deflected_or_abandoned_contact_shows_how_it_ended() {
    let deflect = vec![Action::Deflect("see the website".into())];
    let after = Trigger::After(Millis::from_s(10));
    let mut story = Story::new(with(EscalationRule::new(name("r"), after, deflect)));
    story.tell("0s c1 arrives hotline\n 5s c2 arrives hotline\n 6s c2 leaves\n 10s time passes");
    assert_says(
        &story,
        "c1",
        "The customer was told: “see the website”.",
        "see the website",
    );
    assert_says(&story, "c2", "The customer has left.", "客户已自行离开。");
}

#[test]
fn interrupted_contacts_take_no_capacity() {
    let mut options: Options = plain("a1 a2");
    let mut interrupts = Interrupts::default();
    *interrupts.0.get_mut(Channel::Hotline).get_mut(Channel::App) = Interrupt::Hold;
    options.capacity.interrupts = Some(interrupts);
    let mut story = Story::new(options);
    let used = |story: &Story| story.engine.agent("a1").unwrap().capacity_used;
    story.tell("0s a1 connects\n 0s a1 ready\n 0s c1 arrives app\n 1s a1 accepts c1");
    assert_eq!(used(&story), 20);
    story.tell("2s c2 arrives hotline\n 3s a1 accepts c2");
    assert_eq!(used(&story), 100, "of 100");
    let en = "Another contact has interrupted it; the customer has been on hold since";
    assert_says(&story, "c1", en, "另一联系插入，客户自");
    story.tell("9s a1 completes c2");
    assert_eq!(used(&story), 20);
    // Nor does it while a consultation is requested that will interrupt.
    story.tell("10s a2 connects\n 10s a2 ready\n 10s c3 arrives hotline\n 11s a2 accepts c3");
    story.tell("12s a2 consults c3 agent a1");
    assert_eq!(used(&story), 100, "of 100");
}
