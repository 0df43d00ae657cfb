//! One channel's customers: each posts a contact, and cancels it when out of patience.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::cli::demo::crowd::{Arrival, Who};
use crate::cli::demo::desk::elapsed_ms;
use crate::cli::demo::door::{Door, DoorFault};
use crate::cli::demo::people;
use crate::cli::demo::people::Customer;
use crate::cli::demo::story::Run;
use crate::domain::Channel;
use crate::stopwatch::Stopwatch;

/// The most customers whose patience is tracked; further ones wait without end.
const WAITING_MAX: usize = 20_000;
const ATTEMPTS_MAX: u32 = 3;
const RETRY_AFTER: Duration = Duration::from_millis(300);
const LOOK_AFTER_MS: u64 = 1_000;
/// Strangers' phone numbers begin here.
const STRANGERS_FROM: usize = 50_000;
const ANGER: f64 = -0.8;

/// The results of the crowd's requests.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The numbers of the arrivals whose contacts were acknowledged.
    pub(super) acknowledged: BTreeSet<u64>,
    /// Refused with 429.
    pub(super) turned_away: u64,
    /// Without a response, or with an unexpected one.
    pub(super) failed: u64,
}

/// Shared by all channels.
pub(super) struct Town {
    pub(super) run: Run,
    pub(super) customers: Vec<Customer>,
    pub(super) tally: Mutex<Tally>,
    pub(super) watch: Stopwatch,
}

/// The customers of one channel.
pub(super) struct Visitors {
    pub(super) town: Arc<Town>,
    pub(super) door: Door,
    pub(super) arrivals: mpsc::Receiver<Arrival>,
    /// Contacts by the time at which the customer gives up.
    pub(super) waiting: BTreeMap<(u64, u64), String>,
}

#[derive(Deserialize)]
struct Contact {
    id: String,
    state: String,
}

impl Town {
    fn tally(&self, count: impl FnOnce(&mut Tally)) {
        count(&mut self.tally.lock().expect("nothing panics under this lock"));
    }

    fn contact(&self, arrival: &Arrival) -> Value {
        let customer = match arrival.who {
            Who::Customer(index) => self.identities(index, arrival.channel),
            Who::Stranger(number) => {
                let number = usize::try_from(number).unwrap_or(0);
                json!({ "phone": people::phone(STRANGERS_FROM + number) })
            }
        };
        json!({
            "channel": arrival.channel.name(),
            "external_id": self.run.external_id(arrival.number),
            "customer": customer,
            "topic": arrival.reason.topic,
            "text": arrival.reason.text,
            "language": "zh",
        })
    }

    /// The identity that a customer shows on a channel.
    fn identities(&self, index: usize, channel: Channel) -> Value {
        let known = &self.customers[index].identities;
        match channel {
            Channel::Wechat => json!({ "wechat_openid": known.wechat_openid }),
            Channel::App => json!({ "account": known.account }),
            Channel::Hotline | Channel::Storefront => json!({ "phone": known.phone }),
        }
    }
}

impl Visitors {
    /// Plays the channel's customers until no more arrive.
    pub(super) async fn visit(mut self) {
        loop {
            let now_ms = elapsed_ms(self.town.watch);
            let first = self.waiting.first_key_value();
            let due_ms = first.map_or(now_ms + LOOK_AFTER_MS, |((at_ms, _), _)| *at_ms);
            let left = Duration::from_millis(due_ms.saturating_sub(now_ms));
            match timeout(left, self.arrivals.recv()).await {
                Ok(Some(arrival)) => self.arrive(&arrival).await,
                Ok(None) => return,
                Err(_) => self.lose_patience().await,
            }
        }
    }

    async fn arrive(&mut self, arrival: &Arrival) {
        let contact = self.town.contact(arrival).to_string();
        for _ in 0..ATTEMPTS_MAX {
            let asked = self.door.ask(Method::POST, "/v1/contacts", contact.clone());
            match asked.await {
                Ok(answer) if answer.status.is_success() => {
                    return self.enter(arrival, &answer.body).await;
                }
                Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                    return self.town.tally(|tally| tally.turned_away += 1);
                }
                // Its external id makes it safe to post again.
                Ok(_) | Err(_) => sleep(RETRY_AFTER).await,
            }
        }
        self.town.tally(|tally| tally.failed += 1);
    }

    async fn enter(&mut self, arrival: &Arrival, body: &[u8]) {
        let number = arrival.number;
        self.town.tally(|tally| {
            tally.acknowledged.insert(number);
        });
        let Ok(contact) = serde_json::from_slice::<Contact>(body) else {
            return self.town.tally(|tally| tally.failed += 1);
        };
        if arrival.is_angry {
            let path = format!("/v1/contacts/{}", contact.id);
            let mood = json!({ "sentiment": ANGER }).to_string();
            let told = self.door.ask(Method::PATCH, &path, mood).await;
            self.expect(told.map(drop));
        }
        if self.waiting.len() < WAITING_MAX {
            let leaves_ms = elapsed_ms(self.town.watch) + arrival.patience_ms;
            self.waiting.insert((leaves_ms, number), contact.id);
        }
    }

    /// Customers out of patience leave, unless they are being served.
    async fn lose_patience(&mut self) {
        let now_ms = elapsed_ms(self.town.watch);
        while let Some(waiting) = self.waiting.first_entry()
            && waiting.key().0 <= now_ms
        {
            let contact = waiting.remove();
            let left = self.leave_if_waiting(&contact).await;
            self.expect(left);
        }
    }

    async fn leave_if_waiting(&mut self, contact: &str) -> Result<(), DoorFault> {
        let path = format!("/v1/contacts/{contact}");
        let answer = self.door.get(&path).await?;
        let contact = serde_json::from_slice::<Contact>(&answer.body);
        let waits = |contact: Contact| ["queued", "offered"].contains(&&*contact.state);
        if contact.is_ok_and(waits) {
            let reason = json!({ "reason": "customer_left" }).to_string();
            let path = format!("{path}/cancel");
            self.door.ask(Method::POST, &path, reason).await?;
        }
        Ok(())
    }

    fn expect(&self, told: Result<(), DoorFault>) {
        if let Err(fault) = told {
            tracing::debug!(%fault, "a customer's request failed");
            self.town.tally(|tally| tally.failed += 1);
        }
    }
}
