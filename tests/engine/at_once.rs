//! Several events at one instant: all take effect before any contact is served, and then the
//! contact due first goes first.

use switchboard::domain::Channel;
use switchboard::engine::options::{Options, WhenClosed};

use crate::tell::{agent, assert_told, centre, hours, name, plain, queue, tell};

/// Two queues that open at the same minute, and one agent for both.
fn two_shops(when_closed: &WhenClosed) -> Options {
    let shop = |id: &str| {
        let mut shop = queue(id);
        shop.hours = Some(name("short"));
        shop.when_closed = when_closed.clone();
        shop
    };
    let mut options = centre(vec![shop("p"), shop("q")], vec![agent("a1", "p q", "")]);
    options.hours = vec![hours("short", "00:01-00:30")];
    options
}

#[test]
fn queues_that_open_together_are_served_as_one() {
    let told = tell(
        two_shops(&WhenClosed::Hold),
        "
        0s a1 on duty
        1s c1 arrives hotline p
        2s c2 arrives hotline q tier diamond
        61s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 queued in p
        2s c2 queued in q
        60s p opens
        60s q opens
        60s c2 offered to a1
    ",
    );
}

#[test]
fn contacts_scheduled_for_the_opening_enter_before_any_is_served() {
    let told = tell(
        two_shops(&WhenClosed::Schedule),
        "
        0s a1 on duty
        1s c1 arrives hotline p
        2s c2 arrives hotline q tier diamond
        61s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 scheduled
        2s c2 scheduled
        60s p opens
        60s q opens
        60s c1 queued in p
        60s c2 queued in q
        60s c2 offered to a1
    ",
    );
}

#[test]
fn contacts_scheduled_for_one_instant_enter_together() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        1s c1 arrives hotline at 60s
        2s c2 arrives hotline tier diamond at 60s
        61s time passes
    ",
    );
    assert!(told.ends_with("60s c2 offered to a1\n"), "{told}");
}

#[test]
fn after_a_rest_the_agent_takes_the_contact_due_first_on_any_channel() {
    let mut options = plain("a1");
    let app = options.channels.get_mut(Channel::App);
    (app.cost, app.max) = (25, 4);
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives app
        3s c1 leaves
        3s c2 arrives app
        4s c3 arrives hotline tier diamond
        8s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        2s c1 not delivered to a1
        2s c1 queued in q
        3s c1 abandoned
        3s c2 queued in q
        4s c3 queued in q
        7s c3 offered to a1
    ",
    );
}
