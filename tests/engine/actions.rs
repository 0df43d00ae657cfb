//! Actions of escalations: which agents they add, whom they notify, and how they end a wait.

use switchboard::domain::{ContactId, Millis};
use switchboard::engine::options::{Action, Audience, EscalationRule, Options, Step, Trigger};

use crate::escalations::with;
use crate::tell::{Story, agent, assert_told, centre, name, plain, queue, skills, tell};

pub(crate) fn doing(actions: Vec<Action>) -> EscalationRule {
    EscalationRule::new(name("r"), Trigger::After(Millis::from_s(10)), actions)
}

/// Queues `q` and `p`, and an agent for each.
pub(crate) fn two_queues(rule: EscalationRule) -> Options {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    options.queues[0].escalations = vec![rule];
    options
}

#[test]
fn agents_of_an_added_queue_may_serve_and_the_contact_keeps_its_line() {
    let mut story = Story::new(two_queues(doing(vec![Action::AddQueue(name("p"))])));
    let told = story.tell(
        "
        0s a2 on duty
        0s c1 arrives hotline q
        1s c2 arrives hotline q
        5s time passes
        11s a2 accepts c1
    ",
    );
    assert_told(
        &told,
        "
        0s a2 ready
        0s c1 queued in q
        1s c2 queued in q
        10s c1 escalated r
        10s c1 offered to a2
        11s c2 escalated r
        11s c1 accepted by a2 after 11s
    ",
    );
    let told = story.tell(
        "
        20s a1 on duty
        20s a2 completes c1
    ",
    );
    assert_told(
        &told,
        "
        20s a1 ready
        20s c2 offered to a1
        20s c1 completed
    ",
    );
}

#[test]
fn an_agent_of_an_added_queue_comes_after_those_of_the_queue_itself() {
    let told = tell(
        two_queues(doing(vec![Action::AddQueue(name("p"))])),
        "
        0s c1 arrives hotline q
        10s time passes
        11s pause q
        12s a2 on duty
        13s a1 on duty
        14s resume q
    ",
    );
    assert!(told.ends_with("14s c1 offered to a1\n"), "{told}");
}

#[test]
fn an_added_queue_is_dropped_when_the_contact_moves_elsewhere() {
    let agents = vec![agent("a1", "s", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p"), queue("s")], agents);
    options.queues[0].topics = vec![name("here")];
    options.queues[2].topics = vec![name("there")];
    options.queues[0].escalations = vec![doing(vec![Action::AddQueue(name("p"))])];
    let told = tell(
        options,
        "
        0s c1 arrives hotline topic here
        20s c1 topic there
        21s a2 on duty
        22s a1 on duty
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        10s c1 escalated r
        20s c1 moved to s
        20s c1 queued in s
        21s a2 ready
        22s a1 ready
        22s c1 offered to a1
    ",
    );
}

#[test]
fn the_account_manager_is_notified_if_a_desktop_is_connected() {
    let rule = doing(vec![Action::Notify(Audience::AccountManager)]);
    let told = tell(
        two_queues(rule),
        "
        0s a2 connects
        0s c1 arrives hotline q
        0s c1 recognised gold a2
        1s c2 arrives hotline q
        1s c2 recognised gold a1
        2s c3 arrives hotline q
        20s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in q
        2s c3 queued in q
        10s c1 escalated r
        10s a2 hears that c1 escalated r
        11s c2 escalated r
        12s c3 escalated r
    ",
    );
}

#[test]
fn a_customer_is_told_and_offered_a_callback() {
    let busy = || Action::Message("we are busy".into());
    let mut story = Story::new(with(doing(vec![busy(), Action::OfferCallback])));
    let told = story.tell(
        "
        0s c1 arrives hotline
        9s time passes
    ",
    );
    assert_told(&told, "0s c1 queued in q");
    let id = ContactId(1);
    let before = story.engine.contact(id).unwrap();
    assert_eq!((before.callback_offered, before.message), (false, None));
    assert_told(
        &story.tell("10s time passes"),
        "
        10s c1 escalated r
        10s c1 is told: we are busy
    ",
    );
    let after = story.engine.contact(id).unwrap();
    assert!(after.callback_offered);
    assert_eq!(after.message.as_deref(), Some("we are busy"));
}

#[test]
fn a_contact_is_deflected_while_it_waits_and_not_while_it_is_offered() {
    let mut options = plain("a1");
    options.queues[0].escalations = vec![doing(vec![
        Action::Message("look at our page".into()),
        Action::Deflect("self_service".into()),
    ])];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s c1 arrives hotline
        8s c2 arrives hotline
        15s a1 on duty
        16s a1 delivers c2
        19s a1 declines c2
        60s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        8s c2 queued in q
        10s c1 escalated r
        10s c1 is told: look at our page
        10s c1 deflected
        15s a1 ready
        15s c2 offered to a1
        18s c2 escalated r
        19s c2 declined by a1
        19s c2 is told: look at our page
        19s c2 deflected
    ",
    );
    let first = story.engine.contact(ContactId(1));
    let first = first.unwrap();
    assert_eq!(first.outcome.as_deref(), Some("self_service"));
    assert_eq!(first.ended_by.map(|by| by.name()), Some("system"));
}

#[test]
fn a_deflected_contact_may_be_forgotten_as_soon_as_another_is_closed() {
    let mut options = with(doing(vec![Action::Deflect("self_service".into())]));
    options.limits.closed_contacts_max = 0;
    let at_once = Trigger::NobodyStaffed;
    options.queues[0].escalations[0].when = Some(at_once);
    let told = tell(
        options,
        "
        0s c1 arrives hotline
        1s c1 leaves
        2s a1 on duty
        3s c2 arrives hotline
        3s c3 arrives hotline
        4s a1 not_ready lunch
        5s c1 leaves
        5s c2 leaves
        5s c3 leaves
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        0s c1 escalated r
        0s c1 deflected
        1s c1 leaves: refused wrong_state
        2s a1 ready
        3s c2 offered to a1
        3s c3 queued in q
        4s c2 withdrawn from a1
        4s a1 not_ready (lunch)
        4s c2 queued in q
        4s c2 escalated r
        4s c2 deflected
        4s c3 escalated r
        4s c3 deflected
        5s c1 leaves: refused unknown_contact
        5s c2 leaves: refused unknown_contact
        5s c3 leaves: refused wrong_state
    ",
    );
}

#[test]
fn actions_during_an_offer_take_effect_if_the_offer_fails() {
    let agents = vec![agent("a1", "q", "fibre 5"), agent("a2", "q", "fibre 1")];
    let mut options = centre(vec![queue("q")], agents);
    options.queues[0].requires = skills("fibre 5");
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(600),
        requires: Some(skills("fibre 1")),
        also_agents_of: Vec::new(),
        skip_unstaffed: false,
    }];
    options.queues[0].escalations = vec![doing(vec![Action::NextStep])];
    let told = tell(
        options,
        "
        0s a1 a2 on duty
        1s c1 arrives hotline
        1s a1 delivers c1
        12s a1 declines c1
    ",
    );
    assert!(
        told.ends_with("12s c1 declined by a1\n12s c1 offered to a2\n"),
        "{told}"
    );
}

#[test]
fn a_contact_that_nobody_accepts_is_moved_although_others_could_be_asked() {
    let agents = vec![
        agent("a1", "q", ""),
        agent("a2", "q", ""),
        agent("a3", "q", ""),
    ];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let tell_supervisor = Action::Notify(Audience::Supervisor);
    options.queues[0].escalations = vec![doing(vec![Action::MoveTo(name("p")), tell_supervisor])];
    let told = tell(
        options,
        "
        0s a1 a2 on duty
        1s c1 arrives hotline q
        1s a1 delivers c1
        8s a1 declines c1
        8s a2 delivers c1.2
        9s a3 on duty
        11s time passes
        12s a2 declines c1.2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 offered to a1
        8s c1 declined by a1
        8s c1 offered to a2
        9s a3 ready
        11s c1 escalated r
        12s c1 declined by a2
        12s c1 moved to p
        12s c1 queued in p
    ",
    );
}

/// A contact that has waited in `q` for 10 s moves to `p`, where one contact may wait, and its
/// customer is told.
fn on_to_p() -> Options {
    let on = vec![
        Action::Message("on you go".into()),
        Action::MoveTo(name("p")),
    ];
    let mut options = two_queues(doing(on));
    options.queues[1].waiting_max = 1;
    options
}

#[test]
fn a_customer_is_told_of_a_move_when_it_takes_place() {
    let mut story = Story::new(on_to_p());
    let told = story.tell("0s c1 arrives hotline p\n 0s c2 arrives hotline q\n 12s time passes");
    assert_told(
        &told,
        "0s c1 queued in p\n0s c2 queued in q\n10s c2 escalated r",
    );
    let explained = story.engine.explain(ContactId(2), story.now).unwrap();
    assert_eq!(explained.changes, [], "no clock brings it");
    assert_told(
        &story.tell("22s c1 leaves\n 60s time passes"),
        "
        22s c1 abandoned
        22s c2 is told: on you go
        22s c2 moved to p
        22s c2 queued in p
    ",
    );
}

#[test]
fn a_customer_whose_offer_failed_is_told_of_a_move_when_it_takes_place() {
    let told = tell(
        on_to_p(),
        "
        0s c1 arrives hotline p
        0s c2 arrives hotline q
        8s a1 on duty
        9s a1 delivers c2
        12s a1 declines c2
        13s c1 leaves
        20s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in p
        0s c2 queued in q
        8s a1 ready
        8s c2 offered to a1
        10s c2 escalated r
        12s c2 declined by a1
        12s c2 queued in q
        13s c1 abandoned
        13s c2 is told: on you go
        13s c2 moved to p
        13s c2 queued in p
    ",
    );
}
