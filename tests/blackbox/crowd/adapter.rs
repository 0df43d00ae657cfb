//! An adapter that posts, repeats unanswered requests, and sometimes cancels.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderValue, Method};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::contact::{Contact, Key};
use super::{Door, Room};
use crate::chance::Chance;
use crate::http_client::{ADAPTER, HttpClient, Lost, Reply, request};

/// One in this many is cancelled, or repeated.
const LATEST: usize = 30;
const PAUSE_MS_MAX: u64 = 8;
const FULL_PAUSE: Duration = Duration::from_millis(20);
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// A request that has to be answered, if not by this server then by the next.
enum Errand {
    Post(usize),
    Cancel { id: String, key: String },
}

struct Adapter {
    room: Arc<Room>,
    chance: Chance,
    name: String,
    posted: Vec<usize>,
    /// Not answered yet; at most one.
    errand: Option<Errand>,
}

/// Until the crowd settles.
pub(super) async fn work(room: Arc<Room>, number: u32) {
    let mut adapter = Adapter {
        chance: Chance::new(1_000 + u64::from(number)),
        name: format!("adapter-{number}"),
        posted: Vec::new(),
        errand: None,
        room: Arc::clone(&room),
    };
    loop {
        let (door, inside) = room.go_in().await;
        let mut http = HttpClient::new(door.address);
        while room.is_open(door) {
            if !adapter.go_on(&mut http, door).await {
                room.retired.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
        drop(inside);
    }
}

impl Adapter {
    /// One request; false once there are no more.
    async fn go_on(&mut self, http: &mut HttpClient, door: Door) -> bool {
        let errand = match self.errand.take() {
            Some(errand) => errand,
            None if self.room.is_settling() => return false,
            None => {
                let pause = self.chance.below(PAUSE_MS_MAX);
                sleep(Duration::from_millis(pause)).await;
                if self.room.ledger.open() >= self.room.habits.open_max {
                    sleep(FULL_PAUSE).await;
                    return true;
                }
                self.next_errand()
            }
        };
        let is_done = match &errand {
            Errand::Post(number) => self.post(http, *number).await,
            Errand::Cancel { id, key } => self.cancel(http, id, key).await,
        };
        if !is_done {
            self.errand = Some(errand);
            if self.room.is_open(door) {
                sleep(REFUSED_PAUSE).await;
            }
        }
        true
    }

    fn next_errand(&mut self) -> Errand {
        if self.posted.is_empty() || self.chance.percent(88) {
            let number = self.invent();
            self.posted.push(number);
            return Errand::Post(number);
        }
        let latest = &self.posted[self.posted.len().saturating_sub(LATEST)..];
        let number = *self.chance.one_of(latest);
        let known = self.room.ledger.contact(number);
        match known.id {
            Some(id) if known.is_waiting() && self.chance.percent(40) => {
                self.room.ledger.doubt(&id);
                let key = format!("{}-cancels-{}", self.name, self.chance.throw());
                Errand::Cancel { id, key }
            }
            // The same request again.
            _ => Errand::Post(number),
        }
    }

    fn invent(&mut self) -> usize {
        let channel = *self.chance.one_of(&["app", "app", "wechat", "hotline"]);
        let queue = *self.chance.one_of(&["first", "second"]);
        let mut body = json!({"channel": channel, "queue": queue});
        if self.room.habits.customers > 0 {
            let customer = self.chance.below(self.room.habits.customers);
            body["customer"] = json!({"phone": phone(customer)});
        }
        let mut not_before_ms = None;
        if self.chance.percent(15) {
            let ahead = i64::try_from(200 + self.chance.below(2_000)).unwrap();
            let at = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(ahead);
            body["not_before"] = json!(format!("{at:.3}"));
            not_before_ms = Some(at.as_millisecond());
        }
        let by_body = self.chance.percent(50);
        self.room.ledger.begin(|number| {
            body["text"] = json!(number.to_string());
            let key = if by_body {
                body["external_id"] = json!(format!("external-{number}"));
                Key::External
            } else {
                Key::Request(format!("request-{number}"))
            };
            Contact::new(key, body, not_before_ms)
        })
    }

    /// True once it has its final answer.
    async fn post(&self, http: &mut HttpClient, number: usize) -> bool {
        let known = self.room.ledger.contact(number);
        let key = match &known.key {
            Key::External => None,
            Key::Request(key) => Some(&**key),
        };
        let Ok(reply) = send(http, "/v1/contacts", key, &known.body).await else {
            return false;
        };
        let ledger = &self.room.ledger;
        match reply.status {
            201 if known.id.is_some() => {
                ledger.breach(format!("made twice: {:?} and {}", known.id, reply.json()));
            }
            201 => ledger.count("contacts"),
            200 => ledger.count("repeats"),
            429 | 503 if !self.room.habits.always_taken => return self.turned_away(&reply),
            status => {
                ledger.breach(format!("{status}: {:?}", reply.bytes));
                return true;
            }
        }
        let is_repeat = reply.header("idempotent-replay") == Some("true");
        if is_repeat != (reply.status == 200) {
            ledger.breach(format!("a repeat, or not: {reply:?}"));
        }
        ledger.acknowledged(number, &reply.json());
        true
    }

    fn turned_away(&self, reply: &Reply) -> bool {
        if reply.header("retry-after").is_none() {
            self.room
                .ledger
                .breach(format!("come back when? {reply:?}"));
        }
        self.room.ledger.count("turned away");
        false
    }

    async fn cancel(&self, http: &mut HttpClient, id: &str, key: &str) -> bool {
        let path = format!("/v1/contacts/{id}/cancel");
        let body = json!({"reason": "customer_left"});
        let Ok(reply) = send(http, &path, Some(key), &body).await else {
            return false;
        };
        if reply.status == 503 {
            return self.turned_away(&reply);
        }
        let ledger = &self.room.ledger;
        ledger.settle(id, |_| None);
        if reply.status == 200 {
            let state = reply.json()["state"].as_str().unwrap().to_owned();
            ledger.count("cancellations");
            // A customer who leaves while being served has been served.
            if state != "wrap_up" {
                ledger.ended(id, &state);
            }
        } else if reply.status != 409 {
            ledger.breach(format!("cancel: {} {:?}", reply.status, reply.bytes));
        }
        true
    }
}

async fn send(
    http: &mut HttpClient,
    path: &str,
    key: Option<&str>,
    body: &Value,
) -> Result<Reply, Lost> {
    let mut request = request(Method::POST, ADAPTER, path, Some(body));
    if let Some(key) = key {
        let key = HeaderValue::from_str(key).unwrap();
        request.headers_mut().insert("idempotency-key", key);
    }
    http.call(request).await
}

pub(super) fn phone(customer: u64) -> String {
    format!("+8613800{customer:06}")
}
