//! The upcoming changes in an explanation: those that change something for the contact in its
//! current state, when they do, and no others.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, Options, Reserve, Step, Trigger};
use switchboard::engine::view::UpcomingChange;

use crate::explaining::{assert_says, explain};
use crate::tell::{Story, agent, centre, hours, name, plain, queue};

/// The upcoming changes, by their second.
pub(crate) fn coming(story: &Story, id: &str) -> Vec<String> {
    let changes = explain(story, id).changes.into_iter();
    let said = changes.map(|next| {
        let what = match next.what {
            UpcomingChange::CooldownEnds { agent } => format!("{agent} again"),
            UpcomingChange::CooldownMayEnd { agent } => format!("{agent} perhaps"),
            UpcomingChange::ChannelRests { agent } => format!("{agent} rested"),
            UpcomingChange::WrapUpEnds { agent } => format!("{agent} wrapped up"),
            UpcomingChange::TakenUpAgain { agent } => format!("{agent} takes it up"),
            UpcomingChange::GraceEnds { agent } => format!("without {agent}"),
            UpcomingChange::QueueOpens { .. } => "open".to_owned(),
            UpcomingChange::QueueCloses { .. } => "closed".to_owned(),
            UpcomingChange::ParkingEnds { goes_back, .. } if goes_back => "back to q".to_owned(),
            UpcomingChange::ParkingEnds { .. } => "parked no longer".to_owned(),
            UpcomingChange::EndMissed => "no end".to_owned(),
            UpcomingChange::OfferEnds { .. } => "no answer".to_owned(),
            UpcomingChange::Step { step, .. } => format!("step {step}"),
            UpcomingChange::Escalation { rule, .. } => rule.to_string(),
            UpcomingChange::HoldingEnds { .. } => "for anyone".to_owned(),
            UpcomingChange::AgentsLetGo => "none reserved".to_owned(),
            UpcomingChange::OtherDialEnds { agent } => format!("{agent} dials no more"),
            UpcomingChange::Scheduled
            | UpcomingChange::DialEnds { .. }
            | UpcomingChange::ResponseLate => {
                panic!("of no contact here")
            }
        };
        format!("{}s {what}", next.at.0 / 1_000)
    });
    said.collect()
}

/// Agent a1 has refused c1 at 1 s.
fn refused(options: Options) -> Story {
    let mut story = Story::new(options);
    story.tell("0s a1 connects\n 0s a1 ready\n 0s c1 arrives app q\n 1s a1 declines c1");
    story
}

#[test]
fn the_release_of_reserved_agents_is_upcoming_for_contacts_of_other_tiers() {
    let mut options = plain("a1");
    options.overtake_max = Millis::from_s(60);
    options.queues[0].reserve = Some(Reserve {
        agents: 1,
        tiers: vec![name("gold")],
    });
    let mut story = Story::new(options);
    story.tell("0s a1 on duty\n 1s c1 arrives hotline");
    assert_eq!(coming(&story, "c1"), ["61s none reserved"]);
    assert_says(&story, "c1", "Next change in 60 s: idle agents", "不再为");
    story.tell("2s pause q\n 61s time passes");
    assert!(coming(&story, "c1").is_empty(), "it is in the past");
}

#[test]
fn the_end_of_a_call_to_another_customer_is_upcoming() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s c1 arrives hotline phone 13800138001
        0s c1 wants a call first
        0s c2 arrives hotline phone 13800138002
        0s c2 wants a call first
        1s a1 on duty
    ",
    );
    assert_eq!(coming(&story, "c2"), ["61s a1 dials no more"]);
    let told = story.tell("61s time passes");
    assert!(told.contains("61s c2 called the 1. time"), "{told}");
}

#[test]
fn the_end_of_a_rest_is_upcoming_for_an_agent_who_could_then_take_the_contact() {
    let mut story = refused(plain("a1"));
    assert_eq!(coming(&story, "c1"), ["15s a1 perhaps", "31s a1 again"]);
    story.tell("2s pause q");
    assert!(coming(&story, "c1").is_empty(), "nothing is offered");
    story.tell("3s resume q\n 4s a1 not_ready lunch");
    assert!(coming(&story, "c1").is_empty(), "not ready");
    story.tell("5s a1 ready\n 6s a1 lost");
    assert!(coming(&story, "c1").is_empty(), "not there");
}

#[test]
fn in_a_closed_queue_no_rest_ends_before_it_opens() {
    let mut options = plain("a1");
    options.hours = vec![hours("short", "00:00-00:01 00:02-00:03")];
    options.queues[0].hours = Some(name("short"));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        50s c1 arrives app q
        50s c2 arrives app q
        50s a1 declines c1
        51s a1 declines c2 for 90s
        60s time passes
    ",
    );
    assert_eq!(coming(&story, "c1"), ["120s open"]);
    assert_eq!(coming(&story, "c2"), ["120s open", "141s a1 again"]);
}

#[test]
fn after_an_unanswered_offer_the_longer_of_both_rests_counts() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s  c1 arrives app
        1s  a1 delivers c1
        10s c2 arrives app
        21s time passes
    ",
    );
    assert_eq!(coming(&story, "c1"), ["51s a1 again"], "not at 31 s");
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s  c1 arrives hotline
        1s  a1 delivers c1
        22s c2 arrives hotline
    ",
    );
    assert_eq!(coming(&story, "c2"), ["51s a1 rested"], "it never was a1's");
}

#[test]
fn a_suspended_agent_rests_without_end() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s  c1 arrives hotline
        1s  a1 delivers c1
        52s a1 delivers c1.2
        73s time passes
    ",
    );
    assert!(
        coming(&story, "c1").is_empty(),
        "{:?}",
        coming(&story, "c1")
    );
}

#[test]
fn the_end_of_a_wrap_up_admits_a_waiting_contact() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        2s c2 arrives hotline
    ",
    );
    assert!(
        coming(&story, "c2").is_empty(),
        "nobody knows how long c1 talks"
    );
    story.tell("9s a1 completes c1");
    assert_eq!(coming(&story, "c1"), ["39s a1 wrapped up"]);
    assert_eq!(coming(&story, "c2"), ["39s a1 wrapped up"]);
    let told = story.tell("39s time passes");
    assert!(told.contains("39s c2 offered to a1"), "{told}");
}

#[test]
fn an_agent_resumes_a_parked_contact_after_a_rest() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s a1 parks c1
        1s c2 arrives wechat
        1s a1 accepts c2
        2s a1 parks c2
        3s c1 writes
        4s c2 writes
    ",
    );
    assert_eq!(
        coming(&story, "c2"),
        ["8s a1 takes it up", "124s back to q"]
    );
    let told = story.tell("8s time passes");
    assert!(told.contains("8s c2 taken up by a1"), "{told}");
}

#[test]
fn a_transferred_contact_proceeds_without_an_agent_who_does_not_return() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        1s c2 arrives hotline
        1s a2 accepts c2
        2s a1 transfers c1 agent a2
        2s c3 arrives hotline
        3s a1 accepts c3
        4s a2 lost
    ",
    );
    assert_eq!(coming(&story, "c1"), ["64s without a2"]);
    let told = story.tell("64s time passes");
    assert!(told.contains("64s c1 queued in q"), "{told}");
}

#[test]
fn a_step_is_taken_when_the_last_awaited_agent_does_not_return_and_no_rule_fires_in_vain() {
    let agents = vec![
        agent("a1", "q", ""),
        agent("a2", "q", ""),
        agent("a3", "p", ""),
    ];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(600),
        requires: None,
        also_agents_of: vec![name("p")],
        skip_unstaffed: true,
    }];
    let tell = vec![Action::Message("patience".into())];
    options.queues[0].escalations = vec![EscalationRule::new(
        name("empty"),
        Trigger::NobodyStaffed,
        tell,
    )];
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 a2 on duty
        1s a2 lost
        2s a1 lost
        3s a3 on duty
        3s c3 arrives hotline p
        3s a3 accepts c3
        4s c1 arrives hotline q
    ",
    );
    // An agent of the step is there, though busy.
    assert_eq!(coming(&story, "c1"), ["62s without a1", "604s step 1"]);
    let told = story.tell("10s a3 not_ready break");
    assert!(!told.contains("escalated"), "{told}");
    assert_eq!(coming(&story, "c1"), ["62s empty", "604s step 1"]);
    story.tell("11s a3 ready");
    let told = story.tell("62s time passes");
    assert!(told.contains("62s c1 at step 1"), "{told}");
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("63s a3 not_ready break");
    assert!(told.contains("63s c1 escalated empty"), "{told}");
}

/// After 4 s `over` moves a contact from `q` to `z`; a1 has confirmed the offer of c1 at 1 s.
fn rings_while_a_rule_fires(actions: Vec<Action>) -> Story {
    let agents = vec![agent("a1", "q", ""), agent("a2", "z", "")];
    let mut options = centre(vec![queue("q"), queue("z")], agents);
    let when = Trigger::After(Millis::from_s(4));
    options.queues[0].escalations = vec![EscalationRule::new(name("over"), when, actions)];
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app q
        1s a1 delivers c1
    ",
    );
    story
}

#[test]
fn a_rule_takes_no_contact_from_an_asked_agent_before_the_offer_fails() {
    let leave = [
        Action::MoveTo(name("z")),
        Action::Message("moving on".into()),
    ];
    let mut story = rings_while_a_rule_fires(leave.to_vec());
    assert_eq!(coming(&story, "c1"), ["21s no answer", "21s over"]);
    story.tell("5s time passes");
    assert_eq!(coming(&story, "c1"), ["21s no answer", "21s over"], "owed");
    let told = story.tell("21s time passes");
    assert!(told.contains("21s c1 moved to z"), "{told}");

    let mut story = rings_while_a_rule_fires([&leave[..], &[Action::NextStep]].concat());
    let changes = explain(&story, "c1").changes;
    let rules: Vec<_> = changes
        .iter()
        .filter_map(|next| {
            let UpcomingChange::Escalation {
                is_conditional,
                actions,
                ..
            } = &next.what
            else {
                return None;
            };
            Some((next.at.0, *is_conditional, &actions[..]))
        })
        .collect();
    assert_eq!(
        rules,
        [
            (4_000, false, &[Action::NextStep][..]),
            (21_000, true, &leave[..])
        ]
    );
    story.tell("2s a1 declines c1");
    assert!(coming(&story, "c1").contains(&"4s over".to_owned()));
}

#[test]
fn a_closing_queue_is_announced_and_nothing_after_it_counts() {
    let mut options = plain("a1");
    options.hours = vec![hours("short", "00:00-00:01 00:02-00:03")];
    options.queues[0].hours = Some(name("short"));
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s  c1 arrives hotline q
        1s  a1 accepts c1
        2s  c2 arrives app q
        40s a1 completes c1
    ",
    );
    assert_eq!(coming(&story, "c2"), ["60s closed"], "not at 70 s");
    story.tell("60s time passes");
    assert_eq!(coming(&story, "c2"), ["120s open"]);
}

#[test]
fn a_wrap_up_ends_with_the_grace_of_its_agent_and_help_ends_with_that_of_the_helper() {
    let mut options = plain("a1 a2");
    options.queues[0].wrap_up = Some(Millis::from_s(600));
    options.queues[0].served_max = Some(Millis::from_s(900));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        2s a2 on duty
        3s a1 consults c1 agent a2
        4s a2 accepts c1.2
    ",
    );
    assert_eq!(coming(&story, "c1"), ["901s no end"]);
    story.tell("5s a2 lost");
    assert_eq!(coming(&story, "c1"), ["65s without a2", "901s no end"]);
    story.tell("70s a1 completes c1");
    assert_eq!(coming(&story, "c1"), ["670s a1 wrapped up"]);
    story.tell("71s a1 lost");
    assert_eq!(coming(&story, "c1"), ["131s a1 wrapped up"]);
    assert!(explain(&story, "c1").agent_away_until.is_some());
    let told = story.tell("131s time passes");
    assert!(told.contains("131s c1 completed"), "{told}");
}

#[test]
fn a_contact_parked_by_an_agent_who_has_gone_returns_and_requests_nobody() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s a1 parks c1
    ",
    );
    let parked = coming(&story, "c1");
    assert!(parked[0].ends_with("parked no longer"), "{parked:?}");
    story.tell("2s a1 lost");
    let parked = coming(&story, "c1");
    assert!(parked[0].ends_with("back to q"), "{parked:?}");
    story.tell("90s time passes");
    assert_eq!(coming(&story, "c1"), parked);
}
