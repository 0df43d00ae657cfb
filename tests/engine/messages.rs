//! A customer's messages reach the agent who serves them, including earlier ones.

use switchboard::engine::options::Options;

use crate::tell::{Story, agent, assert_told, centre, queue, tell};

fn two_agents() -> Options {
    let agents = vec![agent("a1", "q", ""), agent("a2", "q", "")];
    centre(vec![queue("q")], agents)
}

#[test]
fn messages_written_while_unserved_reach_the_agent_who_accepts() {
    let told = tell(
        two_agents(),
        "
        0s c1 arrives wechat q
        1s c1 says one
        2s c1 says two
        3s a1 on duty
        4s c1 says three
        4s a1 accepts c1
        6s c1 says four
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        3s a1 ready
        3s c1 offered to a1
        4s c1 accepted by a1 after 4s
        4s a1 hears c1: one
        4s a1 hears c1: two
        4s a1 hears c1: three
    ",
    );
}

#[test]
fn messages_written_between_two_agents_reach_only_the_second() {
    let told = tell(
        two_agents(),
        "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s c1 says one
        2s a2 on duty
        3s a1 transfers c1 agent a2
        4s c1 says two
        4s a2 accepts c1.2
    ",
    );
    assert!(told.contains("4s a2 hears c1: two"), "{told}");
    assert!(!told.contains("one"), "{told}");
}

#[test]
fn what_a_desktop_that_acknowledges_has_not_acknowledged_reaches_the_next_agent() {
    let next_hears = |then: &str| {
        let story = format!(
            "
            0s a1 on duty
            0s c1 arrives wechat q
            0s a1 accepts c1
            1s c1 says one
            {then}
            3s c1 says two
            4s a2 on duty
            4s requeue c1
            5s a2 accepts c1.2
        "
        );
        let told = tell(two_agents(), &story);
        assert!(told.contains("5s c1 accepted by a2"), "{told}");
        let heard = told
            .lines()
            .filter_map(|line| line.split("hears c1: ").nth(1));
        heard.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(next_hears("2s a1 has frames 5"), "two");
    // As far as is known, this one never acknowledges anything.
    assert_eq!(next_hears(""), "");
}

#[test]
fn messages_to_an_absent_agent_reach_the_next_unless_the_agent_returns() {
    let before = "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s a1 lost
        2s c1 says one
    ";
    let gone = tell(
        two_agents(),
        &format!(
            "{before}
            70s a2 on duty
            71s a2 accepts c1.2
        "
        ),
    );
    assert!(gone.contains("71s a2 hears c1: one"), "{gone}");
    let back = tell(
        two_agents(),
        &format!(
            "{before}
            10s a1 connects
            10s a1#2 resumes with frames 4
            70s a2 on duty
            70s a1#2 transfers c1 agent a2
            71s a2 accepts c1.2
        "
        ),
    );
    assert!(back.contains("71s c1 accepted by a2"), "{back}");
    assert!(!back.contains("hears"), "{back}");
}

#[test]
fn a_desktop_that_does_not_resume_is_sent_the_messages_written_meanwhile() {
    let before = "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s a1 lost
        2s c1 says one
        3s c1 says two
        4s a1 connects
        4400ms c1 says three
    ";
    for comes_back in ["a1#2 resyncs", "a1#2 catches up", "a1#2 is silent"] {
        let told = tell(
            two_agents(),
            &format!(
                "{before}
                6s {comes_back}
                7s {comes_back}
                8s a1#2 has frames 6
            "
            ),
        );
        let heard = "6s a1 hears c1: one\n6s a1 hears c1: two\n6s a1 hears c1: three\n";
        assert!(told.ends_with(heard), "{comes_back}: {told}");
    }
    let told = tell(
        two_agents(),
        &format!("{before}\n 4450ms a1#2 resumes with frames 4"),
    );
    assert!(told.ends_with("a1 hears c1: three\n"), "{told}");
    assert_eq!(told.matches("hears").count(), 1, "{told}");
}

#[test]
fn what_is_written_to_a_silent_desktop_comes_behind_what_it_lacks() {
    let told = tell(
        two_agents(),
        "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s a1 lost
        2s c1 says one
        4s a1 connects
        5s a1#2 is silent
        6s c1 says two
        7s c1 says three
        8s a1#2 catches up
    ",
    );
    assert!(told.ends_with("6s a1 hears c1: one\n"), "{told}");
}

#[test]
fn what_is_written_during_grace_comes_behind_what_was_withheld_before() {
    let told = tell(
        two_agents(),
        "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        0s c1 says zero
        1s a1 lost
        2s a1 connects
        2100ms c1 says one
        2200ms a1#2 lost
        3s c1 says two
        4s a1 connects
        4s a1#3 resumes with frames 5
    ",
    );
    assert!(
        told.ends_with("4s a1 hears c1: one\n4s a1 hears c1: two\n"),
        "{told}"
    );
}

#[test]
fn more_than_fifty_undelivered_messages_are_refused() {
    let mut story = Story::new(two_agents());
    story.tell("0s c1 arrives wechat q");
    for _ in 0..50 {
        assert_eq!(story.tell("1s c1 writes"), "");
    }
    assert!(story.tell("2s c1 writes").contains("messages_full"));
    let told = story.tell(
        "
        3s a1 on duty
        3s a1 accepts c1
    ",
    );
    assert_eq!(told.matches("a1 hears c1: hello").count(), 50);
    assert_eq!(story.tell("4s c1 writes"), "");
}

#[test]
fn messages_a_desktop_may_not_have_read_are_sent_again() {
    // The welcome, ready, the offer, the assignment, and the two messages: frames 1 to 6.
    let before = "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s c1 says one
        2s c1 says two
    ";
    for (then, heard) in [
        ("3s a1 connects\n3s a1#2 resyncs with frames 4", "one two"),
        ("3s a1 connects\n3s a1#2 resyncs with frames 5", "two"),
        ("3s a1 connects\n3s a1#2 resyncs with frames 6", ""),
        ("3s a1 connects\n3s a1#2 resyncs with frames 99", "one two"),
        (
            "3s a1 has frames 5\n4s a1 connects\n4s a1#2 catches up",
            "two",
        ),
        ("3s a1 connects\n4s a1#2 catches up", "one two"),
    ] {
        let told = tell(two_agents(), &format!("{before}\n{then}"));
        let lines = told.lines().filter(|line| line.contains("hears"));
        let texts: Vec<&str> = lines
            .filter_map(|line| line.split_whitespace().last())
            .collect();
        assert_eq!(texts.join(" "), heard, "{then}: {told}");
    }
}

#[test]
fn messages_a_lost_agent_may_not_have_read_reach_the_next() {
    let with = |then: &str| {
        let story = format!(
            "
            0s a1 on duty
            0s c1 arrives wechat q
            0s a1 accepts c1
            1s c1 says one
            {then}
            3s a1 lost
            70s a2 on duty
            71s a2 accepts c1.2
        "
        );
        tell(two_agents(), &story)
    };
    let lost = with("");
    assert!(lost.contains("71s a2 hears c1: one"), "{lost}");
    let acknowledged = with("2s a1 has frames 5");
    assert!(!acknowledged.contains("hears"), "{acknowledged}");
}

#[test]
fn an_absent_agent_is_kept_fifty_messages_and_a_present_one_receives_any_number() {
    let mut story = Story::new(two_agents());
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
    ",
    );
    for _ in 0..120 {
        assert_eq!(story.tell("1s c1 writes"), "");
    }
    story.tell("2s a1 lost");
    for _ in 0..50 {
        assert_eq!(story.tell("3s c1 writes"), "");
    }
    assert!(story.tell("4s c1 writes").contains("messages_full"));
    story.tell("5s a1 connects");
    let told = story.tell("6s a1#2 catches up");
    // Those that may have been lost with the connection as well.
    assert_eq!(told.matches("a1 hears c1: hello").count(), 170);
    assert_eq!(story.tell("7s c1 writes"), "");
}

/// The agent is sent `one`; then this, and the next agent accepts.
fn next_hears(then: &str) -> String {
    let mut options = two_agents();
    options.agents[0].capacity = 100;
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
    ",
    );
    story.tell(then)
}

#[test]
fn messages_a_lost_agent_may_not_have_read_reach_the_next_however_the_contact_leaves() {
    for (then, is_heard) in [
        ("1s c1 says one\n 2s a1 lost\n 3s requeue c1", true),
        // The new desktop has not asked for it yet.
        ("1s c1 says one\n 2s a1 connects\n 3s requeue c1", true),
        (
            "1s c1 says one\n 2s a1 connects\n 2s a1#2 catches up\n 3s requeue c1",
            false,
        ),
        ("1s c1 says one\n 3s requeue c1", false),
    ] {
        let told = next_hears(&format!("{then}\n 4s a2 on duty\n 4s a2 accepts c1.2"));
        assert!(told.contains("4s c1 accepted by a2"), "{then}: {told}");
        assert_eq!(
            told.contains("4s a2 hears c1: one"),
            is_heard,
            "{then}: {told}"
        );
    }
}

#[test]
fn a_message_that_woke_a_contact_reaches_the_next_agent_if_its_own_is_lost() {
    // A call takes the room of the parked chat.
    let told = next_hears(
        "
        1s a1 parks c1
        2s c2 arrives hotline q
        3s a1 accepts c2
        4s c1 says one
        5s a1 lost
        70s a2 on duty
        71s a2 accepts c2.2
        72s a2 completes c2
        73s a2 accepts c1.2
    ",
    );
    assert!(told.contains("4s c1 wakes for a1"), "{told}");
    assert!(told.contains("73s a2 hears c1: one"), "{told}");
}

#[test]
fn messages_known_to_be_unread_make_room_for_no_others() {
    let mut story = Story::new(two_agents());
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s c1 says one
        1s c1 says two
        2s a1 lost
        70s time passes
    ",
    );
    for _ in 0..48 {
        assert_eq!(story.tell("71s c1 writes"), "");
    }
    assert!(story.tell("72s c1 writes").contains("messages_full"));
    let told = story.tell("73s a2 on duty\n 73s a2 accepts c1.2");
    assert!(
        told.contains("a2 hears c1: one\n73s a2 hears c1: two"),
        "{told}"
    );
}

#[test]
fn what_a_desktop_was_sent_as_it_resumed_counts_as_sent() {
    // The welcome, ready, the offer, the assignment; then the message and the second welcome.
    let before = "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s a1 lost
        2s c1 says one
        3s a1 connects
    ";
    for (then, is_told) in [
        // A desktop that names what it was never sent is not believed.
        ("4s a1#2 has frames 6\n 5s a1#2 catches up", true),
        ("4s a1#2 resyncs with frames 6", true),
        ("4s a1#2 resumes with frames 4\n 5s a1#2 catches up", false),
        // It read what it was sent as it resumed.
        (
            "4s a1#2 resumes with frames 4\n 5s a1 connects\n 6s a1#3 resyncs with frames 6",
            false,
        ),
        (
            "4s a1#2 resumes with frames 4\n 5s a1 connects\n 6s a1#3 resyncs with frames 4",
            true,
        ),
    ] {
        let told = tell(two_agents(), &format!("{before}\n{then}"));
        assert_eq!(told.contains("a1 hears c1: one"), is_told, "{then}: {told}");
    }
}

#[test]
fn a_desktop_that_has_resumed_receives_any_number_of_messages() {
    let mut story = Story::new(two_agents());
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat q
        0s a1 accepts c1
        1s a1 lost
    ",
    );
    for _ in 0..50 {
        assert_eq!(story.tell("2s c1 writes"), "");
    }
    story.tell("3s a1 connects");
    assert!(story.tell("4s c1 writes").contains("messages_full"));
    story.tell("5s a1#2 resumes with frames 4");
    assert_eq!(story.tell("6s c1 writes"), "");
}
