//! Reloads and supervisors' commands concerning an agent who is requested, serving, or gone.

use std::sync::Arc;

use switchboard::domain::Millis;
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::engine::options::{Action, Audience, EscalationRule, Options, Trigger};

use crate::tell::{Story, agent, assert_told, centre, name, plain, queue};

pub(crate) fn reload(story: &mut Story, options: Options) {
    let configure = Command::Site(SiteCommand::Configure(Arc::new(options)));
    story.command(configure).unwrap();
}

#[test]
fn a_reload_moves_the_target_and_the_place_of_waiting_contacts() {
    let with_target = |target| {
        let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q p", "")]);
        options.queues[0].target.answer_within = Millis::from_s(target);
        options.queues[0].escalations = vec![EscalationRule::new(
            name("breached"),
            Trigger::TargetPercent(100),
            vec![Action::Notify(Audience::Supervisor)],
        )];
        options
    };
    let mut story = Story::new(with_target(30));
    story.tell(
        "
        0s c1 arrives hotline q
        10s c2 arrives hotline p
    ",
    );
    reload(&mut story, with_target(60));
    let told = story.tell(
        "
        61s a1 on duty
    ",
    );
    assert_told(
        &told,
        "
        10s c1 queued in q
        60s c1 escalated breached
        61s a1 ready
        61s c2 offered to a1
    ",
    );
}

#[test]
fn a_removed_agent_finishes_contacts_in_hand_or_is_lost_with_them() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        0s c2 arrives app
        0s a1 accepts c2
        1s a2 on duty
    ",
    );
    reload(&mut story, plain("a2"));
    let told = story.tell(
        "
        2s a1 ready
        2s a1 completes c1
        3s a1 lost
        63s time passes
    ",
    );
    assert_told(
        &told,
        "
        1s a1 not_ready (removed)
        2s a1 ready: refused unknown_agent
        2s c1 completed
        3s a1 lost
        63s a1 gone
        63s a1 not_ready (lost)
        63s c2 lost by a1
        63s c2 offered to a2
    ",
    );
}

#[test]
fn contacts_waiting_for_a_removed_agent_go_to_anyone() {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        1s c2 arrives hotline
        1s a2 accepts c2
        2s a1 transfers c1 agent a2
        2s a1 not_ready break
        3s a3 on duty
    ",
    );
    reload(&mut story, plain("a1 a3"));
    assert_told(
        &story.tell("4s time passes"),
        "
        3s a2 not_ready (removed)
        3s c1 queued in q
        3s c1 offered to a3
    ",
    );
}

#[test]
fn capacity_and_skills_added_by_a_reload_are_used_and_removed_ones_cost_no_contact() {
    let with = |capacity, skill| {
        let mut options = centre(vec![queue("q")], vec![agent("a1", "q", skill)]);
        options.agents[0].capacity = capacity;
        options
    };
    let mut story = Story::new(with(20, "fibre 1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        1s c2 arrives app requires fibre=2
        1s c3 arrives app
    ",
    );
    reload(&mut story, with(40, "fibre 1"));
    let mut told = story.tell("2s a1 accepts c3");
    reload(&mut story, with(60, "fibre 2"));
    told += &story.tell("3s a1 accepts c2");
    reload(&mut story, with(20, "fibre 2"));
    told += &story.tell(
        "
        4s c4 arrives app
        5s a1 completes c1
        5s a1 completes c3
        6s a1 completes c2
    ",
    );
    assert_told(
        &told,
        "
        1s c3 offered to a1
        2s c3 accepted by a1 after 1s
        2s c2 offered to a1
        3s c2 accepted by a1 after 2s
        4s c4 queued in q
        5s c1 completed
        5s c3 completed
        6s c2 completed
        6s c4 offered to a1
    ",
    );
}

#[test]
fn a_dry_run_predicts_a_reload_and_changes_nothing() {
    let before = centre(
        vec![queue("q"), queue("gone")],
        vec![agent("a1", "q gone", ""), agent("a2", "q", "fibre 3")],
    );
    let mut story = Story::new(before.clone());
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app q
        0s a1 accepts c1
        0s c2 arrives app q
        0s a1 delivers c2
        1s pause q
        1s pause gone
        1s c3 arrives hotline gone
        2s c4 arrives hotline q requires fibre=3
        3s c5 arrives hotline q tier gold
        4s c6 arrives hotline gone at 60s
    ",
    );
    let mut options = before;
    options.queues.pop();
    options.agents = vec![agent("a3", "q", ""), agent("a4", "q", "")];
    options.tiers[1].head_start = Millis::ZERO;
    let hash = story.engine.state_hash();
    let foreseen = story.engine.foresee_reload(&options).unwrap();
    assert_eq!(story.engine.state_hash(), hash, "looking changes nothing");
    assert_eq!(
        (foreseen.open, foreseen.looked_at, foreseen.waiting),
        (6, 6, 3)
    );
    assert_eq!(foreseen.moved, 2, "c3 and the scheduled c6");
    assert_eq!(foreseen.reordered, 2, "c4 and c5 change places");
    assert_eq!((foreseen.unroutable, foreseen.routable), (1, 0), "c4");
    assert_eq!((foreseen.queues_added, foreseen.agents_added), (0, 2));
    let held = foreseen.queues_gone.contacts;
    assert_eq!((held.waiting, held.scheduled), (1, 1));
    assert_eq!(foreseen.queues_gone.named[0].0, name("gone"));
    let held = foreseen.agents_gone.contacts;
    assert_eq!(foreseen.agents_gone.count, 2);
    assert_eq!((held.offered, held.in_hand), (1, 1), "c2 and c1, of a1");
    reload(&mut story, options);
    assert_eq!(story.engine.reloaded(), Some(&foreseen));
    let told = story.tell("60s time passes");
    assert_told(
        &told,
        "
        4s c2 withdrawn from a1
        4s c2 queued in q
        4s a1 not_ready (removed)
        4s c6 moved to q
        4s c6 scheduled
        4s c5 queued in q
        4s c3 moved to q
        4s c3 queued in q
        60s c6 queued in q
    ",
    );
}

#[test]
fn a_removed_queue_drains_offered_and_served_contacts_and_takes_no_new_ones() {
    let with = |queues: &[&str]| {
        let queues = queues.iter().map(|id| queue(id)).collect();
        centre(queues, vec![agent("a1", "q", "")])
    };
    let mut before = with(&["q", "old"]);
    before.agents[0].queues.push(name("old"));
    let mut story = Story::new(before);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app old
        0s a1 accepts c1
        1s c2 arrives app old
        1s a1 delivers c2
    ",
    );
    reload(&mut story, with(&["q"]));
    let told = story.tell(
        "
        2s a1 accepts c2
        3s a1 completes c1
        4s c3 arrives app old
        5s a1 completes c2
    ",
    );
    assert_told(
        &told,
        "
        2s c2 accepted by a1 after 1s
        3s c1 completed
        4s c3 arrives app old: refused unknown_queue
        5s c2 completed
    ",
    );
}

#[test]
fn a_queue_removed_while_paused_comes_back_unpaused() {
    let with = |queues: &[&str]| {
        let queues = queues.iter().map(|id| queue(id)).collect();
        centre(queues, vec![agent("a1", "q", "")])
    };
    let mut both = with(&["q", "old"]);
    both.agents[0].queues.push(name("old"));
    let mut story = Story::new(both.clone());
    story.tell("0s a1 connects\n 0s a1 ready\n 1s pause old\n 1s pause q");
    reload(&mut story, with(&["q"]));
    reload(&mut story, both);
    let told = story.tell("2s c1 arrives app old\n 2s c2 arrives app q");
    assert_told(&told, "2s c1 offered to a1\n 2s c2 queued in q");
}

#[test]
fn a_dry_run_refuses_what_a_reload_would_refuse() {
    let mut options = plain("a1");
    options.default_queue = name("nowhere");
    let story = Story::new(plain("a1"));
    assert_eq!(
        story.engine.foresee_reload(&options).unwrap_err().code(),
        "bad_configuration"
    );
}

#[test]
fn a_rule_corrected_by_a_reload_is_evaluated_for_contacts_it_was_held_back_for() {
    let with_condition = |condition: &str| {
        let mut options = plain("a1");
        let notify = vec![Action::Notify(Audience::Supervisor)];
        let after = Trigger::After(Millis::from_s(10));
        let mut rule = EscalationRule::new(name("r"), after, notify);
        rule.only_if = Some(condition.into());
        options.queues[0].escalations = vec![rule];
        options
    };
    let mut story = Story::new(with_condition("contact.channel == 'hotlin'"));
    let told = story.tell("0s c1 arrives hotline\n 20s time passes");
    assert_told(&told, "0s c1 queued in q");
    let corrected = with_condition("contact.channel == 'hotline'");
    reload(&mut story, corrected);
    assert_told(&story.tell("21s time passes"), "20s c1 escalated r");
}

#[test]
fn contacts_waiting_for_an_agent_whose_capacity_no_longer_suffices_go_to_anyone() {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        1s c2 arrives hotline
        1s a2 accepts c2
        2s a1 transfers c1 agent a2
        2s a1 not_ready break
        3s a3 on duty
    ",
    );
    let mut smaller = plain("a1 a2 a3");
    smaller.agents[1].capacity = 20;
    reload(&mut story, smaller);
    assert_told(
        &story.tell("4s time passes"),
        "
        3s c1 queued in q
        3s c1 offered to a3
    ",
    );
}
