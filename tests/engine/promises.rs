//! Explanations and estimates, as seen in the engine's views.

use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::Engine;
use switchboard::engine::choosing::choice::{Basis, Choice, Unknown};
use switchboard::engine::event::{Event, Recorded};
use switchboard::engine::options::{Action, Audience, EscalationRule, Select, Step, Trigger};
use switchboard::engine::view::{Explanation, Obstacle, UpcomingChange, WaitEstimate};
use switchboard::wire::words;

use crate::tell::{Story, agent, centre, contact, name, plain, queue};

fn failed(story: &Story, id: &str, agent: &str) -> Option<Obstacle> {
    let explanation = story.engine.explain(contact(id), story.now).unwrap();
    let candidate = explanation
        .candidates
        .into_iter()
        .find(|candidate| candidate.agent.as_str() == agent);
    candidate.unwrap().failed
}

#[test]
fn an_explanation_names_the_first_test_that_each_agent_fails() {
    let mut story = Story::new(centre(
        vec![queue("q")],
        vec![
            agent("a1", "q", ""),
            agent("a2", "q", "fibre 3"),
            agent("a3", "q", "fibre 3"),
            agent("a4", "q", "fibre 3"),
        ],
    ));
    story.tell(
        "
        0s a2 connects
        0s a3 connects
        0s a3 ready
        1s c1 arrives hotline
        1s a3 accepts c1
        2s c2 arrives hotline requires fibre=2
    ",
    );
    assert!(matches!(
        failed(&story, "c2", "a1"),
        Some(Obstacle::MissingSkill {
            required: 2,
            has: 0,
            ..
        })
    ));
    assert!(matches!(
        failed(&story, "c2", "a2"),
        Some(Obstacle::NotReady { .. })
    ));
    assert_eq!(
        failed(&story, "c2", "a3"),
        Some(Obstacle::NoCapacity {
            used: 100,
            on_hold: 0,
            capacity: 100,
            cost: 100
        })
    );
    assert_eq!(failed(&story, "c2", "a4"), Some(Obstacle::NotConnected));
}

#[test]
fn what_no_registered_agent_could_ever_take_is_unroutable_at_once() {
    let mut story = Story::new(centre(vec![queue("q")], vec![agent("a1", "q", "fibre 3")]));
    story.tell(
        "
        0s c1 arrives hotline requires fibre=4
        0s c2 arrives hotline requires fibre=3
    ",
    );
    assert!(
        story
            .engine
            .explain(contact("c1"), story.now)
            .unwrap()
            .unroutable
    );
    assert!(
        !story
            .engine
            .explain(contact("c2"), story.now)
            .unwrap()
            .unroutable
    );
}

#[test]
fn nobody_staffed_is_said_and_not_a_number() {
    let mut story = Story::new(plain("a1"));
    let wait = |story: &Story| story.engine.contact(contact("c2")).unwrap().wait;
    story.tell(
        "
        0s a1 connects
        0s c1 arrives hotline
        0s c2 arrives hotline
    ",
    );
    assert_eq!(wait(&story), WaitEstimate::NobodyStaffed);
    story.tell(
        "
        1s a1 ready
    ",
    );
    assert!(matches!(wait(&story), WaitEstimate::Within { p50, p90 } if p50 < p90));
}

#[test]
fn a_number_is_only_said_while_somebody_is_there_who_could_serve() {
    let agents = vec![agent("a1", "q", ""), agent("a2", "q", "fibre 3")];
    let mut story = Story::new(centre(vec![queue("q")], agents));
    let wait = |story: &Story| story.engine.contact(contact("c1")).unwrap().wait;
    story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline requires fibre=3
    ",
    );
    assert_eq!(wait(&story), WaitEstimate::NobodyStaffed);
    story.tell(
        "
        1s a2 connects
        1s a2 ready
        1s a2 declines c1
    ",
    );
    assert!(matches!(wait(&story), WaitEstimate::Within { .. }));
}

#[test]
fn due_is_made_up_of_terms_that_add_up() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        7s c1 arrives hotline tier gold
    ",
    );
    let explanation = story.engine.explain(contact("c1"), story.now).unwrap();
    let sum: i64 = explanation.due_terms.iter().map(|(_, term)| term.0).sum();
    assert_eq!(
        explanation.contact.due_at - explanation.contact.queued_at,
        Millis(sum)
    );
    assert_eq!(sum, 30_000 - 200_000);
}

fn explain(story: &Story, id: &str) -> Explanation {
    story.engine.explain(contact(id), story.now).unwrap()
}

fn choice(story: &Story, id: &str) -> Choice {
    explain(story, id).choice.unwrap().unwrap()
}

fn shortlist(choice: &Choice) -> Vec<&str> {
    let Basis::ForContact { shortlist, .. } = &choice.how else {
        panic!("a contact looked for an agent: {choice:?}");
    };
    shortlist
        .iter()
        .map(|listed| listed.agent.as_str())
        .collect()
}

#[test]
fn an_assigned_contact_tells_who_stood_for_choice_and_by_how_much_they_lost() {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a2 connects
        0s a2 ready
        5s a1 connects
        5s a1 ready
        9s a3 connects
        9s a3 ready
        10s c1 arrives hotline
    ",
    );
    let choice = choice(&story, "c1");
    assert_eq!((choice.agent.as_str(), choice.select), ("a2", Select::Best));
    assert_eq!(shortlist(&choice), ["a2", "a1", "a3"]);
    let Basis::ForContact {
        shortlist,
        could_take,
    } = &choice.how
    else {
        unreachable!("seen above");
    };
    assert_eq!(*could_take, 3);
    assert_eq!(choice.cost, shortlist[0].cost);
    // A tenth of a second for each second of idle time.
    let total = |at: usize| shortlist[at].cost.unwrap().total();
    assert_eq!(total(1) - total(0), Millis(500));
    story.tell(
        "
        11s a2 accepts c1
        20s a2 completes c1
    ",
    );
    assert_eq!(shortlist_of_closed(&story), ["a2", "a1", "a3"]);
}

fn shortlist_of_closed(story: &Story) -> Vec<String> {
    let choice = choice(story, "c1");
    shortlist(&choice).into_iter().map(str::to_owned).collect()
}

#[test]
fn an_agent_who_had_room_tells_the_heads_of_the_lines_that_were_compared() {
    let mut story = Story::new(centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q p", "")],
    ));
    story.tell(
        "
        0s c1 arrives hotline q
        1s c2 arrives hotline p tier silver
        2s c3 arrives hotline p
        5s a1 connects
        5s a1 ready
    ",
    );
    let choice = choice(&story, "c2");
    let Basis::ForAgent { heads, lines } = &choice.how else {
        panic!("an agent looked for a contact: {choice:?}");
    };
    let told: Vec<_> = heads.iter().map(|head| (head.contact, head.due)).collect();
    // c3 is behind c2 in the same line and was not compared.
    assert_eq!(
        told,
        [
            (contact("c2"), Timestamp(1_000 + 30_000 - 60_000)),
            (contact("c1"), Timestamp(30_000)),
        ]
    );
    assert_eq!(*lines, 2);
}

#[test]
fn each_method_tells_the_figure_that_it_goes_by() {
    for (select, first) in [
        (Select::LongestIdle, "had been idle for longest (10 s)"),
        (Select::LeastLoad, "had the least load (0 %)"),
        (Select::MostLoad, "had the most load (20 %)"),
        (
            Select::BestSkill,
            "has the best skills (levels add up to 4)",
        ),
        (Select::RoundRobin, "was next in turn (last offer number 0)"),
    ] {
        let mut options = centre(
            vec![queue("q")],
            vec![
                agent("a1", "q", "fibre 3"),
                agent("a2", "q", "fibre 4"),
                agent("a3", "q", "fibre 3"),
            ],
        );
        options.queues[0].select = select;
        options.queues[0].requires = crate::tell::skills("fibre 3");
        let mut story = Story::new(options);
        story.tell(
            "
            0s a1 connects
            0s a1 ready
            0s c1 arrives app
            0s a1 accepts c1
            0s a2 connects
            0s a2 ready
            3s a3 connects
            3s a3 ready
            10s c2 arrives app
        ",
        );
        let choice = choice(&story, "c2");
        assert_eq!(shortlist(&choice)[0], choice.agent.as_str(), "{select:?}");
        let words = words::of(&explain(&story, "c2"));
        assert!(
            words.en.iter().any(|sentence| sentence.contains(first)),
            "{select:?}: {words:?}"
        );
        assert_eq!(words.en.len(), words.zh.len());
    }
}

#[test]
fn what_was_compared_before_a_restart_is_said_to_be_unknown() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives app
        1s a1 accepts c1
    ",
    );
    let restarted = Engine::restore(&story.engine.snapshot()).unwrap();
    let explained = restarted.explain(contact("c1"), story.now).unwrap();
    assert_eq!(explained.choice, Some(Err(Unknown::RestartedSince)));
    let words = words::of(&explained);
    assert!(words.en[1].contains("restarted since"), "{words:?}");
}

#[test]
fn who_called_or_was_assigned_a_contact_was_compared_with_nobody() {
    let mut options = plain("a1 a2");
    options.queues.push(queue("counter"));
    options.queues[1].pull = true;
    options.agents[0].queues.push(name("counter"));
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives app counter
        0s a1 connects
        0s a1 ready
        1s a1 pulls counter
        2s c2 arrives app counter
        2s assign c2 a1
    ",
    );
    assert_eq!(explain(&story, "c1").choice, Some(Err(Unknown::Called)));
    let by = "s1".into();
    assert_eq!(choice(&story, "c2").how, Basis::Assigned { by });
}

#[test]
fn what_comes_next_is_told_with_its_time_the_soonest_first() {
    let mut options = centre(
        vec![queue("q"), queue("general")],
        vec![agent("a1", "q", ""), agent("a2", "q", "")],
    );
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(20),
        requires: None,
        also_agents_of: vec![name("general")],
        skip_unstaffed: false,
    }];
    options.queues[0].escalations = vec![EscalationRule::new(
        name("breached"),
        Trigger::TargetPercent(100),
        vec![
            Action::Boost(Millis::from_s(60)),
            Action::Notify(Audience::Supervisor),
        ],
    )];
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline q tier diamond
        0s a1 delivers c1
        8s a1 declines c1
    ",
    );
    let explained = explain(&story, "c1");
    let times: Vec<_> = explained.changes.iter().map(|next| next.at.0).collect();
    assert_eq!(times, [18_000, 20_000, 30_000, 38_000]);
    assert!(matches!(
        &explained.changes[3].what,
        UpcomingChange::CooldownEnds { agent } if agent.as_str() == "a1"
    ));
    let words = words::of(&explained);
    let says = |sentence: &str| words.en.iter().any(|said| said == sentence);
    assert!(
        says("Number 1 in queue q, for 8 s now, at step 0."),
        "{words:?}"
    );
    assert!(
        says("Served as if they had come 300 s earlier (diamond)."),
        "{words:?}"
    );
    assert!(
        says("Of the 2 agents of this step: 1 who have just declined it, 1 not signed in."),
        "{words:?}"
    );
    story.tell("18s time passes");
    let words = words::of(&explain(&story, "c1"));
    let next = words.en.last().unwrap();
    assert!(next.starts_with("Next change in "), "{words:?}");
    assert_eq!(words.zh.len(), words.en.len());
}

#[test]
fn an_unroutable_contact_is_told_at_once_and_again_only_when_it_has_changed() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", "fibre 3")],
    );
    options.queues[1].steps = vec![Step {
        after: Millis::from_s(20),
        requires: None,
        also_agents_of: vec![name("q")],
        skip_unstaffed: false,
    }];
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives hotline q requires fibre=4
        1s c2 arrives hotline p requires fibre=3
        2s c3 arrives hotline q requires fibre=4 at 60s
        21s time passes
    ",
    );
    assert_eq!(routable(&story, 0), [(0, "c1", false), (2, "c3", false)]);
}

#[test]
fn whatever_takes_more_than_any_agent_has_is_unroutable_until_somebody_has_it() {
    let with_capacity = |capacity: u32| {
        let mut options = plain("a1");
        options.agents[0].capacity = capacity;
        options
    };
    let mut story = Story::new(with_capacity(99));
    story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        1s c2 arrives wechat
    ",
    );
    assert_eq!(routable(&story, 0), [(0, "c1", false)]);
    let before = story.history.len() as u64;
    let foreseen = story.engine.foresee_reload(&with_capacity(100)).unwrap();
    crate::reloads::reload(&mut story, with_capacity(100));
    assert_eq!((foreseen.unroutable, foreseen.routable), (0, 1));
    assert_eq!(routable(&story, before), [(1, "c1", true)]);
}

/// When which contacts were reported unroutable, or routable again.
fn routable(story: &Story, after_seq: u64) -> Vec<(i64, &'static str, bool)> {
    let said = |recorded: &Recorded| {
        if let Event::ContactUnroutable { contact, .. } = &recorded.event {
            Some((*contact, false))
        } else if let Event::ContactRoutable { contact } = &recorded.event {
            Some((*contact, true))
        } else {
            None
        }
    };
    let new = story
        .history
        .iter()
        .filter(|recorded| recorded.seq > after_seq);
    new.filter_map(|recorded| {
        let (id, is_routable) = said(recorded)?;
        let short = ["c1", "c2", "c3"]
            .into_iter()
            .find(|short| contact(short) == id);
        Some((recorded.at.0 / 1_000, short.unwrap(), is_routable))
    })
    .collect()
}

#[test]
fn a_reload_tells_who_has_become_unroutable_and_who_no_longer_is() {
    let with_level = |level: &str| centre(vec![queue("q")], vec![agent("a1", "q", level)]);
    let mut story = Story::new(with_level("fibre 3"));
    story.tell(
        "
        0s c1 arrives hotline q requires fibre=3
        0s c2 arrives hotline q requires fibre=2
        0s c3 arrives hotline q requires fibre=4
    ",
    );
    let said = [with_level("fibre 2"), with_level("fibre 4")].map(|options| {
        let before = story.history.len() as u64;
        crate::reloads::reload(&mut story, options);
        routable(&story, before)
    });
    assert_eq!(said[0], [(0, "c1", false)]);
    assert_eq!(said[1], [(0, "c1", true), (0, "c3", true)]);
}
