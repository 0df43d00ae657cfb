//! Which agents or contacts were compared in a choice, and why the others lost.

use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::Engine;
use switchboard::engine::choosing::choice::{Basis, Choice, Unknown};
use switchboard::engine::options::Select;
use switchboard::wire::words;

use crate::promises::explain;
use crate::tell::{Story, agent, centre, contact, name, plain, queue};

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
fn an_assigned_contact_shows_the_candidates_and_by_how_much_they_lost() {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a2 on duty
        5s a1 on duty
        9s a3 on duty
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
fn a_choice_by_an_agent_with_room_shows_the_compared_heads_of_lines() {
    let mut story = Story::new(centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q p", "")],
    ));
    story.tell(
        "
        0s c1 arrives hotline q
        1s c2 arrives hotline p tier silver
        2s c3 arrives hotline p
        5s a1 on duty
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
fn each_method_shows_the_figure_it_uses() {
    for (select, first) in [
        (Select::LongestIdle, "had been idle the longest (10 s)"),
        (Select::LeastLoad, "had the least load (0 %)"),
        (Select::MostLoad, "had the most load (20 %)"),
        (Select::BestSkill, "has the best skills (levels total 4)"),
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
            0s a1 on duty
            0s c1 arrives app
            0s a1 accepts c1
            0s a2 on duty
            3s a3 on duty
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
fn comparisons_from_before_a_restart_are_shown_as_unknown() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
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
fn agents_who_call_or_are_assigned_a_contact_are_compared_with_nobody() {
    let mut options = plain("a1 a2");
    options.queues.push(queue("counter"));
    options.queues[1].pull = true;
    options.agents[0].queues.push(name("counter"));
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives app counter
        0s a1 on duty
        1s a1 pulls counter
        2s c2 arrives app counter
        2s assign c2 a1
    ",
    );
    assert_eq!(explain(&story, "c1").choice, Some(Err(Unknown::Called)));
    let by = "s1".into();
    assert_eq!(choice(&story, "c2").how, Basis::Assigned { by });
}
