//! Agents of the demonstration, driven frame by frame.

use super::*;

fn agent(habits: Habits) -> Agent {
    Agent::new(habits, Dice::new(7, 1))
}

const PLAIN: Habits = Habits {
    pulls_from: None,
    loses_socket_early: false,
};

fn welcome(contacts: &str) -> Frame {
    let text = format!(
        r#"{{"type":"welcome","seq":1,"resume_token":"t1","contacts":{contacts},
        "agent":{{"intent":"ready","health":{{}}}}}}"#
    );
    Frame::read(&text).unwrap()
}

fn hear(agent: &mut Agent, now_ms: u64, text: &str) {
    agent.hear(Frame::read(text).unwrap(), now_ms);
}

/// The types of the agent's actions until `upto_ms`.
fn told(agent: &mut Agent, upto_ms: u64) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        while let Some(act) = agent.poll() {
            told.push(match act {
                Act::Say(frame) => {
                    let frame = serde_json::to_value(frame).unwrap();
                    frame["type"].as_str().unwrap().to_owned()
                }
                Act::HangUp { .. } => "hangs up".to_owned(),
            });
        }
        match agent.next_deadline_ms() {
            Some(at_ms) if at_ms <= upto_ms => agent.expire(at_ms),
            Some(_) | None => return told,
        }
    }
}

#[test]
fn a_contact_is_accepted_served_and_wrapped_up() {
    let mut agent = agent(PLAIN);
    agent.hear(welcome("[]"), 0);
    hear(
        &mut agent,
        10,
        r#"{"type":"offer","seq":2,"offer":{"id":"o"}}"#,
    );
    assert_eq!(told(&mut agent, 4_010), ["ready", "delivered", "accept"]);
    let active = r#"{"type":"assigned","seq":3,"contact":{"id":"c","state":"active"}}"#;
    hear(&mut agent, 4_010, active);
    hear(&mut agent, 4_020, active);
    assert_eq!(told(&mut agent, 29_020), ["complete"]);
    let wrap_up = r#"{"type":"contact_updated","seq":4,"contact":{"id":"c","state":"wrap_up"}}"#;
    hear(&mut agent, 29_020, wrap_up);
    assert_eq!(told(&mut agent, 33_020), ["wrap_up_done"]);
}

#[test]
fn a_withdrawn_offer_is_not_answered() {
    let mut agent = agent(PLAIN);
    agent.hear(welcome("[]"), 0);
    hear(
        &mut agent,
        10,
        r#"{"type":"offer","seq":2,"offer":{"id":"o"}}"#,
    );
    hear(
        &mut agent,
        20,
        r#"{"type":"offer_gone","seq":3,"offer":"o"}"#,
    );
    assert_eq!(told(&mut agent, 10_000), ["ready", "delivered"]);
}

#[test]
fn a_break_ends_with_the_agent_ready_again() {
    let mut agent = agent(PLAIN);
    agent.hear(welcome("[]"), 0);
    let told = told(&mut agent, 195_000);
    let pause = told.iter().position(|act| act == "not_ready").unwrap();
    let rest = &told[pause + 1..];
    assert!(rest.iter().any(|act| act == "ready"), "{told:?}");
}

#[test]
fn a_lost_socket_is_resumed_with_the_contacts_in_service() {
    let mut agent = agent(Habits {
        loses_socket_early: true,
        ..PLAIN
    });
    agent.hear(welcome("[]"), 0);
    assert_eq!(told(&mut agent, 15_000), ["ready", "hangs up"]);
    assert_eq!(agent.next_deadline_ms(), None, "nothing is due while away");
    agent.hear(welcome(r#"[{"id":"c","state":"active"}]"#), 20_000);
    assert_eq!(told(&mut agent, 45_000), ["resume", "complete"]);
}

#[test]
fn what_was_missed_counts_as_heard_only_when_it_has_come() {
    let mut agent = agent(PLAIN);
    agent.hear(welcome("[]"), 0);
    let welcome = |seq: u64| {
        let agent = r#""agent":{"intent":"ready","health":{}}"#;
        let text =
            format!(r#"{{"type":"welcome","seq":{seq},"resume_token":"t","contacts":[],{agent}}}"#);
        Frame::read(&text).unwrap()
    };
    let resumed_from = |agent: &mut Agent, seq: u64| {
        agent.lose_socket();
        agent.hear(welcome(seq), 0);
        let said = std::iter::from_fn(|| agent.poll());
        let resumed = said.filter_map(|act| match act {
            Act::Say(ClientFrame::Resume { last_seq, .. }) => Some(last_seq),
            Act::Say(_) | Act::HangUp { .. } => None,
        });
        resumed.last()
    };
    assert_eq!(resumed_from(&mut agent, 4), Some(1));
    hear(&mut agent, 0, r#"{"type":"message","seq":5}"#);
    hear(&mut agent, 0, r#"{"type":"message","seq":2}"#);
    assert_eq!(resumed_from(&mut agent, 7), Some(2), "3 is missing");
    for seq in 3..=6 {
        let text = format!(r#"{{"type":"message","seq":{seq}}}"#);
        hear(&mut agent, 0, &text);
    }
    assert_eq!(resumed_from(&mut agent, 8), Some(7));
}

#[test]
fn a_free_counter_calls_the_next_customer() {
    let mut agent = agent(Habits {
        pulls_from: Some("storefront".to_owned()),
        ..PLAIN
    });
    agent.hear(welcome("[]"), 0);
    assert_eq!(told(&mut agent, 3_000)[..2], ["ready", "pull"]);
    let active = r#"{"type":"assigned","seq":3,"contact":{"id":"c","state":"active"}}"#;
    hear(&mut agent, 3_000, active);
    assert_eq!(told(&mut agent, 7_999), Vec::<String>::new());
}

#[test]
fn a_suspended_agent_reports_ready() {
    let mut agent = agent(PLAIN);
    agent.hear(welcome("[]"), 0);
    let suspended = r#"{"type":"presence","seq":2,"agent":{"intent":"ready",
        "health":{"app":"ok","wechat":"suspended"}}}"#;
    hear(&mut agent, 10, suspended);
    hear(&mut agent, 20, suspended);
    assert_eq!(told(&mut agent, 9_000), ["ready", "ready"]);
}

#[test]
fn one_outcome_is_configured_as_unresolved() {
    let text = include_str!("../../../../config/demo.toml");
    let unresolved = crate::config::Config::parse(text)
        .unwrap()
        .routing
        .unresolved;
    let mut outcomes = OUTCOMES.iter();
    assert!(outcomes.any(|(outcome, _)| unresolved.iter().any(|text| **text == **outcome)));
}
