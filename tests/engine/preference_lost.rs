//! Contacts that request an agent whose connection is lost.

use switchboard::domain::Millis;
use switchboard::engine::options::Step;

use crate::preference::told_after_sign_in;
use crate::tell::{assert_told, name, plain, queue};

#[test]
fn an_awaited_agent_who_loses_the_connection_is_no_longer_waited_for() {
    let busy = "
        1s c1 arrives hotline q asks a2
        1s a2 delivers c1
        1s a2 accepts c1
        2s c2 arrives hotline q asks a2
        3s c3 arrives hotline q asks a2 alone
    ";
    let begun = "
        1s c1 waits for a2
        1s c1 offered to a2
        1s c1 accepted by a2 after 0s
        2s c2 waits for a2
        3s c3 waits for a2
    ";
    let told = told_after_sign_in(plain("a1 a2"), &format!("{busy} 5s a2 lost"));
    let ends = "5s a2 lost\n 5s c2 queued in q\n 5s c2 offered to a1";
    assert_told(&told, &format!("{begun}{ends}"));
    // A restart loses all sessions; the first agent back takes it.
    let story = format!("{busy} 5s restart\n 6s a1 connects");
    let told = told_after_sign_in(plain("a1 a2"), &story);
    let ends = "5s a1 lost\n 5s a2 lost\n 5s c2 queued in q\n 6s c2 offered to a1";
    assert_told(&told, &format!("{begun}{ends}"));
}

#[test]
fn a_contact_offered_to_a_requested_agent_who_is_lost_goes_to_another() {
    let told = told_after_sign_in(
        plain("a1 a2"),
        "
        1s c1 arrives hotline q asks a2
        1s a2 delivers c1
        2s a2 lost
        ",
    );
    assert_told(
        &told,
        "
        1s c1 waits for a2
        1s c1 offered to a2
        2s c1 withdrawn from a2
        2s a2 lost
        2s c1 queued in q
        2s c1 offered to a1
        ",
    );
}

#[test]
fn a_contact_transferred_to_an_agent_waits_through_a_lost_connection() {
    let told = told_after_sign_in(
        plain("a1 a2 a3"),
        "
        0s a3 on duty
        1s c1 arrives hotline q asks a2
        1s a2 accepts c1
        2s c2 arrives hotline q asks a1
        2s a1 accepts c2
        3s a1 transfers c2 agent a2
        4s a2 lost
        5s a2 connects
        6s a2#2 completes c1
        ",
    );
    let told: Vec<&str> = told.lines().filter(|line| line.contains("c2")).collect();
    assert_told(
        &told.join("\n"),
        "
        2s c2 waits for a1
        2s c2 offered to a1
        2s c2 accepted by a1 after 0s
        3s c2 transferred by a1
        3s c2 waits for a2
        6s c2 offered to a2
        ",
    );
}

#[test]
fn a_contact_returned_too_late_from_its_requested_agent_goes_to_those_present() {
    let mut options = plain("a1 a2");
    options.queues.push(queue("p"));
    options.agents[0].queues = vec![name("p")];
    options.agents[1].queues.clear();
    options.direct_wait = Millis::from_s(5);
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(600),
        requires: None,
        also_agents_of: vec![name("p")],
        skip_unstaffed: true,
    }];
    let told = told_after_sign_in(
        options,
        "
        1s  c1 arrives hotline q asks a2
        1s  a2 delivers c1
        10s a2 connects
        ",
    );
    assert_told(
        &told,
        "
        1s c1 waits for a2
        1s c1 offered to a2
        10s c1 withdrawn from a2
        10s c1 queued in q
        10s c1 at step 1
        10s c1 offered to a1
        ",
    );
}
