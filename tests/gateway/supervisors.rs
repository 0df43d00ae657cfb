//! What a supervisor's board is sent.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use switchboard::domain::skill::Level;
use switchboard::domain::{Millis, Requirements};
use switchboard::engine::options::Action;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::centre::{Centre, Plan, name};
use crate::client::PATIENCE;
use crate::described::check_frame;
use crate::desktop::{close_code, knock_at, open};

fn level(level: i64) -> Level {
    Level::try_from(level).unwrap()
}

pub(crate) async fn board(centre: &Centre) -> WebSocketStream<TcpStream> {
    let path = "/v1/supervisor";
    let request = knock_at(
        centre.address,
        path,
        "dev-supervisor",
        "switchboard.supervisor.v1",
    );
    open(centre.address, request).await.unwrap()
}

pub(crate) async fn next(board: &mut WebSocketStream<TcpStream>) -> Value {
    let find = async {
        loop {
            if let Message::Text(text) = board.next().await.unwrap().unwrap() {
                let frame = serde_json::from_str(&text).unwrap();
                check_frame("supervisor", &frame);
                return frame;
            }
        }
    };
    timeout(PATIENCE, find).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_first_and_then_what_changes() {
    let centre = Centre::open().await;
    let mut board = board(&centre).await;
    let snapshot = next(&mut board).await;
    assert_eq!(snapshot["type"], "snapshot");
    assert_eq!(snapshot["queues"].as_array().unwrap().len(), 2);
    assert_eq!(snapshot["agents"].as_array().unwrap().len(), 4);
    let contact = centre.submit().await;
    let mut frames = [next(&mut board).await, next(&mut board).await];
    frames.sort_by_key(|frame| frame["type"].as_str().unwrap().to_owned());
    let [escalation, update] = frames;
    assert_eq!(update["type"], "update");
    let queues = update["queues"].as_array().unwrap();
    assert_eq!(queues.len(), 1, "only those that differ: {update}");
    assert_eq!(
        (&queues[0]["id"], &queues[0]["waiting"]),
        (&"q".into(), &1.into())
    );
    assert_eq!(escalation["type"], "escalation");
    assert_eq!(escalation["rule"], "early");
    assert_eq!(escalation["queue"], "q");
    assert_eq!(escalation["contact"], contact);
    assert!(escalation["at"].is_string());
    assert_eq!(escalation["notify"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_calls_nobody_is_told_for_the_record() {
    let mut plan = Plan::ordinary();
    let rule = &mut plan.routing.queues[0].escalations[0];
    rule.actions = vec![Action::Boost(Millis::from_s(60))];
    let centre = Centre::open_as(plan).await;
    let mut board = board(&centre).await;
    next(&mut board).await;
    let contact = centre.submit().await;
    let mut told = next(&mut board).await;
    while told["type"] != "escalation" {
        told = next(&mut board).await;
    }
    assert_eq!(
        (&told["rule"], &told["contact"], &told["notify"]),
        (&"early".into(), &contact.as_str().into(), &false.into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_listens() {
    let centre = Centre::open().await;
    let mut board = board(&centre).await;
    next(&mut board).await;
    board.send(Message::text("hello")).await.unwrap();
    for _ in 0..200 {
        if board.send(Message::text("hello")).await.is_err() {
            break;
        }
    }
    assert_eq!(close_code(&mut board).await, 1008);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_that_nobody_could_ever_take_is_told_at_once() {
    let mut plan = Plan::ordinary();
    plan.routing.agents[0].skills = Requirements::new(vec![(name("fibre"), level(3))]);
    let centre = Centre::open_as(plan).await;
    let mut board = board(&centre).await;
    next(&mut board).await;
    let body = r#"{"channel":"app","requires":{"fibre":4}}"#;
    let reply = centre.adapter().post("/v1/contacts", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let told = loop {
        let frame = next(&mut board).await;
        if frame["type"] == "notice" {
            break frame;
        }
    };
    assert_eq!(
        (&told["kind"], &told["queue"]),
        (&"unroutable".into(), &"q".into())
    );
    assert_eq!(told["contact"], reply.json()["id"]);
    let metrics = centre.client("dev-metrics").get("/metrics").await;
    let counted =
        "switchboard_contacts_unroutable_total{channel=\"app\",queue=\"q\",tier=\"basic\"} 1";
    assert!(metrics.text().contains(counted), "{}", metrics.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_shows_a_floor_of_any_size() {
    let mut plan = Plan::ordinary();
    let agent = plan.routing.agents[0].clone();
    plan.routing.agents.extend((0..3_000).map(|number| {
        let mut agent = agent.clone();
        agent.id = name(&format!("b{number}"));
        agent
    }));
    let agents = plan.routing.agents.len();
    let centre = Centre::open_as(plan).await;
    let mut board = board(&centre).await;
    let snapshot = next(&mut board).await;
    assert_eq!(snapshot["agents"].as_array().unwrap().len(), agents);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_nobody_reports_is_told_and_counted() {
    let mut plan = Plan::ordinary();
    plan.routing.queues[0].served_max = Some(Millis(100));
    plan.routing.queues[0].escalations.clear();
    let centre = Centre::open_as(plan).await;
    let mut board = board(&centre).await;
    next(&mut board).await;
    let contact = centre.submit().await;
    let mut desktop = centre.ready("a1").await;
    desktop.take().await;
    let told = loop {
        let frame = next(&mut board).await;
        if frame["type"] == "notice" {
            break frame;
        }
    };
    assert_eq!(
        (&told["kind"], &told["contact"], &told["queue"]),
        (&"end_missing".into(), &contact.as_str().into(), &"q".into())
    );
    let metrics = centre.client("dev-metrics").get("/metrics").await;
    let counted = "switchboard_ends_missed_total{channel=\"app\",queue=\"q\",tier=\"basic\"} 1";
    assert!(metrics.text().contains(counted), "{}", metrics.text());
}
