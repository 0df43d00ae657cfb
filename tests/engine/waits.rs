//! Waits as customers meet them: whom the estimate counts as free, as busy and as ahead.

use switchboard::domain::{Channel, Millis, Text};
use switchboard::engine::options::{
    Action, CategoryOptions, Interrupt, Interrupts, Options, Reserve, Step, Trigger,
};

use crate::estimates::seconds;
use crate::tell::{Story, agent, centre, name, plain, queue};
use crate::triggers::rule;

/// Queue `q` has `a1`, and after 8 s also the three agents of `h`.
fn widening() -> Options {
    let agents = [
        agent("a1", "q", ""),
        agent("b1", "h", ""),
        agent("b2", "h", ""),
        agent("b3", "h", ""),
    ];
    let mut options = centre(vec![queue("q"), queue("h")], agents.into());
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(8),
        requires: None,
        also_agents_of: vec![name("h")],
        skip_unstaffed: true,
    }];
    options
}

fn widening_story(options: Options) -> Story {
    let mut story = Story::new(options);
    for id in ["a1", "b1", "b2", "b3"] {
        story.tell(&format!("0s {id} connects\n 0s {id} ready"));
    }
    story.tell("0s c1 arrives hotline q\n 1s a1 accepts c1");
    story
}

#[test]
fn agents_who_are_free_at_the_next_step_end_a_wait_for_busy_ones() {
    let mut story = widening_story(widening());
    story.tell("2s c2 arrives hotline q\n 2s c3 arrives hotline q\n 2s c4 arrives hotline q");
    for id in ["c2", "c3", "c4"] {
        assert_eq!(seconds(&story, id), (8, 8), "{id}");
    }
    story.tell("2s c5 arrives hotline q");
    let (p50, _) = seconds(&story, "c5");
    assert!(p50 > 60, "three come before it: {p50}");
    let told = story.tell("10s time passes");
    for id in ["c2", "c3", "c4"] {
        assert!(told.contains(&format!("10s {id} offered to b")), "{told}");
    }
}

#[test]
fn no_breach_is_predicted_where_the_next_step_comes_in_time() {
    let mut options = widening();
    options.queues[0].target.answer_within = Millis::from_s(30);
    let deflect = vec![Action::Deflect(Text::from("too long"))];
    options.queues[0].escalations = vec![rule("long", Trigger::PredictedBreach, deflect)];
    let mut story = widening_story(options);
    let told = story.tell("2s c2 arrives hotline q\n 10s time passes");
    assert!(!told.contains("escalated"), "{told}");
    assert!(told.contains("10s c2 offered to b"), "{told}");
}

#[test]
fn agents_who_are_busy_at_the_next_step_make_a_wait_shorter_but_not_shorter_than_the_step() {
    let mut story = widening_story(widening());
    for (id, by) in [("c6", "b1"), ("c7", "b2"), ("c8", "b3")] {
        story.tell(&format!("1s {id} arrives hotline h\n 1s {by} accepts {id}"));
    }
    story.tell("2s c2 arrives hotline q");
    let (soon, _) = seconds(&story, "c2");
    let mut alone = widening();
    alone.queues[0].steps.clear();
    let mut alone = widening_story(alone);
    alone.tell("2s c2 arrives hotline q");
    let (late, _) = seconds(&alone, "c2");
    assert!(soon > 8 && 2 * soon < late, "{soon} {late}");
}

/// `a1` is in a call and serves `q` and `h`, in which ten wait.
fn ten_wait_in_h(change: impl Fn(&mut Options)) -> Story {
    let agents = vec![agent("a1", "q h", "")];
    let mut options = centre(vec![queue("q"), queue("h")], agents);
    change(&mut options);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline q
        1s a1 accepts c1
    ",
    );
    for id in 2..12 {
        story.tell(&format!("2s c{id} arrives hotline h"));
    }
    story
}

#[test]
fn contacts_that_nobody_is_offered_are_not_ahead() {
    let alone = {
        let mut story = ten_wait_in_h(|_| {});
        for id in 2..12 {
            story.tell(&format!("3s c{id} leaves"));
        }
        story.tell("3s pause h\n 3s c12 arrives hotline q");
        seconds(&story, "c12").0
    };
    let mut open = ten_wait_in_h(|_| {});
    open.tell("3s c12 arrives hotline q");
    let (behind, _) = seconds(&open, "c12");
    assert!(behind > 4 * alone, "{behind} {alone}");

    let mut paused = ten_wait_in_h(|_| {});
    paused.tell("3s pause h\n 3s c12 arrives hotline q");
    let mut called = ten_wait_in_h(|options| options.queues[1].pull = true);
    called.tell("3s c12 arrives hotline q");
    for mut story in [paused, called] {
        let (p50, _) = seconds(&story, "c12");
        assert!((alone / 2..=alone * 2).contains(&p50), "{p50} {alone}");
        let told = story.tell("9s a1 completes c1");
        assert!(told.contains("9s c12 offered to a1"), "{told}");
    }
}

#[test]
fn work_of_agents_who_leave_after_it_frees_nobody() {
    let wait_with = |agents: &str, then: Option<&str>| {
        let mut story = Story::new(plain(agents));
        for (number, id) in (1..).zip(agents.split(' ')) {
            story.tell(&format!("0s {id} connects\n 0s {id} ready"));
            story.tell(&format!("0s c{number} arrives hotline"));
            story.tell(&format!("0s {id} accepts c{number}"));
        }
        story.tell("2s c9 arrives hotline");
        let leaving = agents.split(' ').skip(1);
        for (id, then) in leaving.filter_map(|id| Some((id, then?))) {
            story.tell(&format!("3s {id} {then}"));
        }
        seconds(&story, "c9").0
    };
    let alone = wait_with("a1", None);
    let among_four = wait_with("a1 a2 a3 a4", None);
    assert!(among_four < alone / 2, "{among_four} {alone}");
    for then in ["not_ready home", "drains", "lost"] {
        let left = wait_with("a1 a2 a3 a4", Some(then));
        assert!((left - alone).abs() <= alone / 20, "{then}: {left} {alone}");
    }
}

/// So many agents of `q` are in calls of gold customers, for whom so many are kept; `c9` is next.
fn kept_from_others(agents: &str, kept: u32) -> Story {
    let mut options = plain(agents);
    options.queues[0].reserve = (kept > 0).then(|| Reserve {
        agents: kept,
        tiers: vec![name("gold")],
    });
    let mut story = Story::new(options);
    for (number, id) in (1..).zip(agents.split(' ')) {
        story.tell(&format!("0s {id} connects\n 0s {id} ready"));
        story.tell(&format!("0s c{number} arrives hotline tier gold"));
        story.tell(&format!("0s {id} accepts c{number}"));
    }
    story.tell("2s c9 arrives hotline");
    story
}

#[test]
fn where_agents_are_kept_for_others_as_many_more_must_become_free() {
    let next = |kept| seconds(&kept_from_others("a1 a2 a3", kept), "c9").0;
    let (none, one, two) = (next(0), next(1), next(2));
    // A third of a call, a half of one more, and a whole one.
    let about = |found: i64, of: i64| (found - of).abs() * 20 <= of;
    assert!(about(one * 2, none * 5), "{none} {one}");
    assert!(about(two * 2, none * 11), "{none} {two}");
    let mut story = kept_from_others("a1 a2 a3", 2);
    let (before, _) = seconds(&story, "c9");
    story.tell("3s a1 completes c1");
    let (after, _) = seconds(&story, "c9");
    assert!(after < before && after > none, "{before} {after}");
    let told = story.tell("4s a2 completes c2\n 5s a3 completes c3");
    assert!(told.contains("5s c9 offered to"), "{told}");
}

/// `a1` has so many chats in hand, and `then` is the next contact.
fn with_chats(change: impl Fn(&mut Options), chats: &[&str], then: &str) -> i64 {
    let mut options = plain("a1");
    change(&mut options);
    let mut story = Story::new(options);
    story.tell("0s a1 connects\n 0s a1 ready");
    for (number, chat) in (1..).zip(chats) {
        let told = story.tell(&format!(
            "0s c{number} arrives {chat}\n 0s a1 accepts c{number}"
        ));
        assert!(
            told.contains(&format!("c{number} accepted by a1")),
            "{told}"
        );
    }
    story.tell(&format!("1s c9 arrives {then}"));
    seconds(&story, "c9").0
}

#[test]
fn a_contact_that_only_some_work_stands_against_waits_for_that_alone() {
    let other = ["wechat", "wechat", "wechat"];
    let one_complaint = |options: &mut Options| {
        options.capacity.categories = vec![CategoryOptions {
            name: name("complaints"),
            max: 1,
            topics: vec![name("complaint")],
        }];
    };
    let one_app = |options: &mut Options| options.channels.get_mut(Channel::App).max = 1;
    let complaint = "wechat topic complaint";
    for (first, change) in [
        (complaint, &one_complaint as &dyn Fn(&mut Options)),
        ("app", &one_app),
    ] {
        let alone = with_chats(change, &[first], first);
        let beside = with_chats(change, &[&[first][..], &other].concat(), first);
        assert_eq!(alone, beside, "{first}");
    }
}

#[test]
fn a_contact_that_may_come_beside_none_of_some_waits_until_all_of_them_end() {
    let none_beside = |options: &mut Options| {
        let mut interrupts = Interrupts::default();
        let of_app = interrupts.0.get_mut(Channel::App);
        *of_app.get_mut(Channel::Wechat) = Interrupt::No;
        options.capacity.interrupts = Some(interrupts);
    };
    let one = with_chats(none_beside, &["wechat"], "app");
    let four = with_chats(none_beside, &["wechat"; 4], "app");
    assert!(
        (one * 17 / 10..one * 25 / 10).contains(&four),
        "{one} {four}"
    );
}

/// Ten contacts have been handed on to `q` in ten minutes, each after so many seconds with another
/// agent; the agents of `q` are busy, and `c99` is next.
fn handed_on(served_s: i64, how: &str) -> i64 {
    let mut agents = vec![agent("a1", "q", ""), agent("a2", "q", "")];
    agents.extend((2..12).map(|id| agent(&format!("b{id}"), "p", "")));
    let mut story = Story::new(centre(vec![queue("q"), queue("p")], agents));
    story.tell("0s a1 a2 on duty\n 0s c1 arrives hotline q\n 0s a1 accepts c1");
    let mut steps = Vec::new();
    for id in 2..12 {
        let at = 600 + id * 60;
        let begins = at - served_s;
        steps.push((begins, format!("{begins}s b{id} on duty")));
        steps.push((begins, format!("{begins}s c{id} arrives hotline p")));
        steps.push((begins, format!("{begins}s b{id} accepts c{id}")));
        steps.push((at, format!("{at}s b{id} transfers c{id} queue q{how}")));
        steps.push((at, format!("{at}s a2 accepts c{id}.2")));
        steps.push((at + 30, format!("{}s a2 completes c{id}", at + 30)));
        // Not there for the next one.
        steps.push((at, format!("{at}s b{id} not_ready break")));
    }
    steps.sort_by_key(|(at, _)| *at);
    for (_, step) in steps {
        story.tell(&step);
    }
    story.tell("1310s c98 arrives hotline q\n 1310s a2 accepts c98\n 1311s c99 arrives hotline q");
    seconds(&story, "c99").0
}

#[test]
fn contacts_that_are_handed_on_with_their_age_come_before_those_who_came_later() {
    let (anew, with_age) = (handed_on(500, " anew"), handed_on(500, ""));
    assert!(with_age > anew * 5 / 4, "{with_age} {anew}");
}

#[test]
fn contacts_that_are_handed_on_young_come_behind_those_who_wait_already() {
    let (young, old) = (handed_on(10, ""), handed_on(500, ""));
    assert!(young < old * 4 / 5, "{young} {old}");
}

#[test]
fn agents_to_whom_a_rule_brings_a_contact_at_its_time_are_waited_for_until_then() {
    let after = Trigger::After(Millis::from_s(8));
    let h = || name("h");
    for action in [Action::MoveTo(h()), Action::AddQueue(h())] {
        let mut options = widening();
        options.queues[0].steps.clear();
        options.queues[0].target.answer_within = Millis::from_s(30);
        let deflect = vec![Action::Deflect(Text::from("too long"))];
        options.queues[0].escalations = vec![
            rule("on", after, vec![action]),
            rule("long", Trigger::PredictedBreach, deflect),
        ];
        let mut story = widening_story(options.clone());
        story.tell("2s c2 arrives hotline q");
        assert_eq!(seconds(&story, "c2"), (8, 8));
        let told = story.tell("10s time passes");
        assert!(told.contains("10s c2 offered to b"), "{told}");
        assert!(!told.contains("deflected"), "{told}");

        let mut story = Story::new(options);
        story.tell("0s b1 connects\n 0s b1 ready\n 0s c1 arrives hotline q");
        assert_eq!(seconds(&story, "c1"), (8, 8), "nobody of its own is there");
        let told = story.tell("8s time passes");
        assert!(told.contains("8s c1 offered to b1"), "{told}");
    }
}
