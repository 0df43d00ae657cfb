//! What a webhook is told, and that nobody waits for it.

use std::time::Duration;

use serde_json::Value;
use switchboard::engine::options::{Action, Audience};
use switchboard::gateway::webhook::{Options, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::centre::{Centre, Plan};
use crate::client::PATIENCE;

/// A receiver that answers by hand.
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

    /// A centre whose escalations go to the webhook at once.
    async fn centre(&self) -> Centre {
        let mut plan = Plan::ordinary();
        let rule = &mut plan.routing.queues[0].escalations[0];
        rule.actions = vec![Action::Notify(Audience::Webhook)];
        self.open_as(plan).await
    }

    /// A centre that tells this receiver.
    pub(crate) async fn open_as(&self, mut plan: Plan) -> Centre {
        let url = format!("http://{}/hook", self.0.local_addr().unwrap());
        plan.doors.webhook = Some(Options {
            url: url.parse().unwrap(),
            secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(),
            timeout: Duration::from_secs(2),
        });
        Centre::open_as(plan).await
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
    let line = format!("switchboard_webhooks_total{{outcome=\"{outcome}\"}} 1");
    let look = async {
        loop {
            let metrics = centre.client("dev-metrics").get("/metrics").await;
            if metrics.text().lines().any(|known| known == line) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
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
