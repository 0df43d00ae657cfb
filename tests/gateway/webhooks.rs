//! What a webhook is sent, and that nothing waits for it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Audience, Trigger};
use switchboard::gateway::webhook::{Secret, WebhookOptions};
use switchboard::stopwatch::Stopwatch;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::centre::{Centre, Plan};
use crate::client::PATIENCE;
use crate::desktop::Desktop;
use crate::supervisors::{board, next};

/// A receiver that is answered by hand.
pub(crate) struct Receiver(TcpListener);

pub(crate) struct Call {
    stream: TcpStream,
    head: String,
    pub(crate) body: String,
}

impl Receiver {
    pub(crate) async fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// A centre whose escalations go to the webhook immediately.
    async fn centre(&self) -> Centre {
        let mut plan = Plan::ordinary();
        let rule = &mut plan.routing.queues[0].escalations[0];
        rule.actions = vec![Action::Notify(Audience::Webhook)];
        self.open_as(plan).await
    }

    /// A centre that calls this receiver.
    pub(crate) async fn open_as(&self, plan: Plan) -> Centre {
        self.open_in(TempDir::new().unwrap(), plan).await
    }

    async fn open_in(&self, dir: TempDir, mut plan: Plan) -> Centre {
        let url = format!("http://{}/hook", self.0.local_addr().unwrap());
        plan.doors.webhook = Some(WebhookOptions {
            url: url.parse().unwrap(),
            secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(),
            timeout: Duration::from_secs(5),
        });
        Centre::open_in(dir, plan).await
    }

    pub(crate) async fn call(&self) -> Call {
        timeout(PATIENCE, self.read()).await.unwrap()
    }

    async fn read(&self) -> Call {
        let (mut stream, _) = self.0.accept().await.unwrap();
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_lowercase();
                let length = header(&head, "content-length").parse::<usize>().unwrap();
                if body.len() == length {
                    let body = body.to_owned();
                    return Call { stream, head, body };
                }
            }
            let mut more = [0; 1_024];
            let read = stream.read(&mut more).await.unwrap();
            assert!(read > 0, "a call ends after its body");
            bytes.extend(&more[..read]);
        }
    }
}

impl Call {
    pub(crate) async fn answer(mut self, status: &str) {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        self.stream.write_all(head.as_bytes()).await.unwrap();
        let _ = self.stream.shutdown().await;
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("{name} in {head}"))
}

async fn counted(centre: &Centre, outcome: &str) -> bool {
    are_counted(centre, outcome, 1).await
}

async fn are_counted(centre: &Centre, outcome: &str, calls: usize) -> bool {
    let line = format!("switchboard_webhooks_total{{outcome=\"{outcome}\"}} {calls}");
    let look = async {
        // After the gateway is closed as well.
        while !centre
            .node
            .scrape()
            .await
            .lines()
            .any(|known| known == line)
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, look).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_escalation_is_told_again_until_the_receiver_takes_it() {
    let receiver = Receiver::open().await;
    let centre = receiver.centre().await;
    let contact = centre.submit().await;
    let first = receiver.call().await;
    assert!(
        first.head.starts_with("post /hook http/1.1"),
        "{}",
        first.head
    );
    let body: Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!(body["type"], "escalation");
    assert_eq!(
        (&body["rule"], &body["queue"]),
        (&"early".into(), &"q".into())
    );
    assert_eq!(body["contact"], contact);
    assert!(body["at"].is_string() && body["site"] == "main");
    assert!(header(&first.head, "webhook-signature").starts_with("v1,"));
    let seconds = header(&first.head, "webhook-timestamp").parse::<u64>();
    assert!(seconds.is_ok_and(|seconds| seconds > 1_700_000_000));
    let id = header(&first.head, "webhook-id").to_owned();
    first.answer("503 Service Unavailable").await;
    let second = receiver.call().await;
    assert_eq!(header(&second.head, "webhook-id"), id);
    second.answer("204 No Content").await;
    assert!(counted(&centre, "delivered").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed() {
    let (receiver, elsewhere) = (Receiver::open().await, Receiver::open().await);
    let centre = receiver.centre().await;
    centre.submit().await;
    let location = format!("Location: http://{}/", elsewhere.0.local_addr().unwrap());
    let call = receiver.call().await;
    call.answer(&format!("307 Temporary Redirect\r\n{location}"))
        .await;
    assert!(counted(&centre, "failed").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_hangs_holds_up_nobody() {
    let receiver = Receiver::open().await;
    let centre = receiver.centre().await;
    for _ in 0..30 {
        centre.submit().await;
    }
    let hanging = receiver.call().await;
    let mut desktop = centre.ready("a1").await;
    let offer = timeout(PATIENCE, desktop.offer()).await;
    assert!(offer.is_ok(), "routing goes on");
    drop(hanging);
}

async fn are_fired(centre: &Centre, escalations: usize) {
    let labels = r#"queue="q",rule="early""#;
    let line = format!("switchboard_escalations_total{{{labels}}} {escalations}\n");
    let look = async {
        while !centre.node.scrape().await.contains(&line) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, look).await.unwrap();
}

/// A customer waiting to be called, and an agent for it: the contact's path.
async fn dial(centre: &Centre) -> (String, Desktop) {
    let path = asked_for_a_call(centre).await;
    (path, centre.ready("a1").await)
}

async fn asked_for_a_call(centre: &Centre) -> String {
    let adapter = centre.adapter();
    let body = r#"{"channel":"hotline","customer":{"phone":"13800138000"}}"#;
    let contact = adapter.post("/v1/contacts", body).await.json();
    let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
    let body = r#"{"mode":"customer_first"}"#;
    let asked = adapter.post(&format!("{path}/callback"), body).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    path
}

/// A configuration without escalations in which customers are rung for this long.
fn dialling(dial_within: Millis) -> Plan {
    let mut plan = Plan::ordinary();
    let queue = &mut plan.routing.queues[0];
    queue.escalations.clear();
    queue.callback.dial_within = dial_within;
    plan
}

fn is_dial(call: &Call) -> bool {
    let body: Value = serde_json::from_str(&call.body).unwrap();
    body["type"] == "callback_dialled"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_called_although_escalations_are_not_taken() {
    let receiver = Receiver::open().await;
    let centre = receiver.centre().await;
    asked_for_a_call(&centre).await;
    for _ in 0..29 {
        centre.submit().await;
    }
    are_fired(&centre, 30).await;
    let mut hanging = vec![receiver.call().await];
    let _desktop = centre.ready("a1").await;
    let find = async {
        while !is_dial(hanging.last().unwrap()) {
            hanging.push(receiver.call().await);
        }
    };
    timeout(PATIENCE, find).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_to_call_a_customer_when_that_is_too_late() {
    let receiver = Receiver::open().await;
    let centre = receiver.open_as(dialling(Millis::from_s(2))).await;
    let (path, _desktop) = dial(&centre).await;
    let refuse = async {
        loop {
            let call = receiver.read().await;
            let body: Value = serde_json::from_str(&call.body).unwrap();
            let until: jiff::Timestamp = body["dial"]["until"].as_str().unwrap().parse().unwrap();
            let at: i64 = header(&call.head, "webhook-timestamp").parse().unwrap();
            assert!(at <= until.as_second(), "called for nothing: {body}");
            call.answer("500 Internal Server Error").await;
        }
    };
    tokio::select! {
        () = refuse => {}
        was_counted = counted(&centre, "failed") => assert!(was_counted),
    }
    // The attempts of a call that is still valid take longer.
    let contact = centre.adapter().get(&path).await.json();
    assert_ne!(contact["callback"]["stage"], "answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_could_not_begin_in_time_is_dropped() {
    let receiver = Receiver::open().await;
    let centre = receiver.open_as(dialling(Millis::ZERO)).await;
    let (_path, _desktop) = dial(&centre).await;
    assert!(counted(&centre, "dropped").await);
    let call = timeout(Duration::from_millis(200), receiver.read()).await;
    assert!(call.is_err(), "nobody is told to call");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_asks_for_a_pause_gets_it() {
    let receiver = Receiver::open().await;
    let centre = receiver.centre().await;
    centre.submit().await;
    let first = receiver.call().await;
    let watch = Stopwatch::start();
    first
        .answer("429 Too Many Requests\r\nRetry-After: 3")
        .await;
    let second = receiver.call().await;
    assert!(watch.elapsed() >= Duration::from_millis(2_900));
    second.answer("204 No Content").await;
    assert!(counted(&centre, "delivered").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_that_a_customer_cannot_be_called_after_is_not_waited_for() {
    let receiver = Receiver::open().await;
    let centre = receiver.open_as(dialling(Millis::from_s(30))).await;
    let (_path, _desktop) = dial(&centre).await;
    let call = receiver.call().await;
    call.answer("503 Service Unavailable\r\nRetry-After: 3600")
        .await;
    assert!(counted(&centre, "failed").await);
    let more = timeout(Duration::from_millis(200), receiver.read()).await;
    assert!(more.is_err(), "it is given up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_waits_for_no_pause_that_is_longer() {
    let receiver = Receiver::open().await;
    let mut plan = Plan::ordinary();
    plan.doors.finish_within = Duration::from_secs(25);
    let rule = &mut plan.routing.queues[0].escalations[0];
    rule.actions = vec![Action::Notify(Audience::Webhook)];
    let centre = receiver.open_as(plan).await;
    centre.submit().await;
    let call = receiver.call().await;
    call.answer("503 Service Unavailable\r\nRetry-After: 60")
        .await;
    sleep(Duration::from_millis(200)).await;
    let stopped = timeout(Duration::from_secs(15), centre.stop()).await;
    assert!(stopped.is_ok(), "long before its time to finish is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_two_centres_are_known_apart() {
    let receiver = Receiver::open().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let centre = receiver.centre().await;
        let contact = centre.submit().await;
        let call = receiver.call().await;
        let id = header(&call.head, "webhook-id").to_owned();
        assert!(id.contains(&contact), "{id}");
        call.answer("204 No Content").await;
        assert!(counted(&centre, "delivered").await);
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_a_call_come_to_its_end() {
    let receiver = Receiver::open().await;
    let mut plan = Plan::ordinary();
    plan.doors.finish_within = Duration::from_secs(15);
    let rule = &mut plan.routing.queues[0].escalations[0];
    rule.actions = vec![Action::Notify(Audience::Webhook)];
    let mut centre = receiver.open_as(plan).await;
    centre.submit().await;
    let first = receiver.call().await;
    centre.stop.take().unwrap().send(()).unwrap();
    while TcpStream::connect(centre.address).await.is_ok() {
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_millis(200)).await;
    first.answer("503 Service Unavailable").await;
    receiver.call().await.answer("204 No Content").await;
    timeout(PATIENCE, &mut centre.served)
        .await
        .unwrap()
        .unwrap();
    assert!(counted(&centre, "delivered").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stop_leaves_undone_is_called_after_the_next_start() {
    let plan = || {
        let mut plan = Plan::ordinary();
        plan.doors.finish_within = Duration::from_millis(500);
        let rule = &mut plan.routing.queues[0].escalations[0];
        rule.actions = vec![Action::Notify(Audience::Webhook)];
        plan
    };
    let id = |call: &Call| header(&call.head, "webhook-id").to_owned();
    let receiver = Receiver::open().await;
    let centre = receiver.open_as(plan()).await;
    for _ in 0..12 {
        centre.submit().await;
    }
    are_fired(&centre, 12).await;
    let first = receiver.call().await;
    let taken = id(&first);
    first.answer("204 No Content").await;
    assert!(counted(&centre, "delivered").await);
    let mut hanging = Vec::new();
    for _ in 0..8 {
        hanging.push(receiver.call().await);
    }
    let dir = centre.stop().await;

    let centre = receiver.open_in(dir, plan()).await;
    let mut again = BTreeSet::new();
    for _ in 0..11 {
        let call = receiver.call().await;
        again.insert(id(&call));
        call.answer("204 No Content").await;
    }
    assert!(are_counted(&centre, "delivered", 11).await);
    let is_again = |call: &Call| again.contains(&id(call));
    assert!(hanging.iter().all(is_again), "with the same id");
    assert!(!again.contains(&taken), "it was called already");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_is_being_called_when_the_server_ends_is_called_after_its_start() {
    let receiver = Receiver::open().await;
    let plan = || {
        let mut plan = dialling(Millis::from_s(600));
        plan.doors.finish_within = Duration::from_millis(500);
        plan
    };
    let centre = receiver.open_as(plan()).await;
    let (path, desktop) = dial(&centre).await;
    let first = receiver.call().await;
    drop(desktop);
    let dir = centre.stop().await;
    let centre = receiver.open_in(dir, plan()).await;
    let again = receiver.call().await;
    assert!(is_dial(&first));
    assert_eq!(again.body, first.body);
    let id = |call: &Call| header(&call.head, "webhook-id").to_owned();
    assert_eq!(id(&again), id(&first));
    again.answer("204 No Content").await;
    assert!(counted(&centre, "delivered").await);
    let answered = format!("{path}/callback/answered");
    let said = centre.adapter().post(&answered, r#"{"attempt":1}"#).await;
    assert_eq!(said.status, 200, "{}", said.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_who_are_left_alone_at_once_are_all_told_of() {
    const CONTACTS: usize = 2_000;
    let receiver = Receiver::open().await;
    let mut plan = Plan::ordinary();
    let queue = &mut plan.routing.queues[0];
    queue.waiting_max = 2 * CONTACTS as u32;
    queue.escalations[0].when = Some(Trigger::NobodyStaffed);
    let audiences = [Audience::Webhook, Audience::Supervisor];
    queue.escalations[0].actions = audiences.map(Action::Notify).to_vec();
    let centre = receiver.open_as(plan).await;
    let mut desktop = centre.ready("a1").await;
    for _ in 0..CONTACTS / 50 {
        futures_util::future::join_all((0..50).map(|_| centre.submit())).await;
    }
    let mut board = board(&centre).await;
    let (mut told, mut shown) = (BTreeSet::new(), BTreeSet::new());
    let listen = async {
        let hear = async {
            while told.len() < CONTACTS {
                let call = receiver.read().await;
                told.insert(contact_of(&serde_json::from_str(&call.body).unwrap()));
                call.answer("204 No Content").await;
            }
        };
        let watch = async {
            while shown.len() < CONTACTS {
                let frame = next(&mut board).await;
                if frame["type"] == "escalation" {
                    shown.insert(contact_of(&frame));
                }
            }
        };
        let leave = desktop.ok(r#""type":"not_ready""#);
        tokio::join!(hear, watch, leave)
    };
    let heard = timeout(3 * PATIENCE, listen).await;
    assert!(
        heard.is_ok(),
        "{} called, {} shown",
        told.len(),
        shown.len()
    );
}

fn contact_of(told: &Value) -> String {
    told["contact"].as_str().unwrap().to_owned()
}
