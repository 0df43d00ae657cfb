//! Tells another system of escalations and of customers to be called: signed calls over
//! HTTPS, after the fact is durable.
//!
//! Signatures and headers are those of the Standard Webhooks. A call has a bounded number of
//! attempts, redirects are not followed, and so many calls are under way at a time. Customers
//! to be called have places of their own: their calls are void soon, and wait for no others.
//!
//! A stop lets calls come to their end, for as long as it waits for requests. The next start,
//! whether the stop was orderly or not, makes the calls that were not known to have ended: of
//! escalations all, of customers those who are still to be called.
//!
//! **Invariant:** a receiver that is slow or dead holds up nothing but its own calls.

mod caller;
mod told;

use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use hmac::{Hmac, KeyInit, Mac};
use http::Uri;
use sha2::Sha256;
use tokio::sync::{Mutex, watch};
use tokio::time::{sleep, timeout};

use crate::engine::command::{Command, SiteCommand};
use crate::gateway::webhook::caller::Caller;
use crate::gateway::webhook::told::Told;
use crate::node::handle::Handle;
use crate::node::webhook_queue::WebhookQueue;
use crate::stopwatch::Stopwatch;

/// The most escalation calls in progress.
const TOLD_MAX: usize = 8;
/// The most calls in progress that ask an adapter to call a customer.
const DIALS_MAX: usize = 32;
/// How often it is written down which escalations have been told: a crash repeats those of
/// so long.
const CONFIRMED_EVERY: Duration = Duration::from_secs(1);

/// Where calls are sent, and how they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookOptions {
    pub url: Uri,
    pub secret: Secret,
    /// Per attempt.
    pub timeout: Duration,
}

/// A key whose value is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// `whsec_` and 24 to 64 bytes in base64.
    pub fn new(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The signature of one attempt.
    fn sign(&self, id: &str, at_s: i64, body: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length is taken");
        mac.update(format!("{id}.{at_s}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// Makes the calls in the queue.
pub(super) struct Webhook {
    queue: WebhookQueue,
    caller: Arc<Caller>,
    node: Handle,
    told: Told,
    ending: Ending,
}

/// The stop of the gateway.
#[derive(Clone)]
pub(super) struct Ending {
    stopping: watch::Receiver<bool>,
    closed: watch::Receiver<bool>,
    /// Counted from `stopping`.
    within: Duration,
}

impl Ending {
    /// Also returns the sender that reports the gateway as closed.
    pub(super) fn new(
        stopping: watch::Receiver<bool>,
        within: Duration,
    ) -> (watch::Sender<bool>, Self) {
        let (close, closed) = watch::channel(false);
        let ending = Self {
            stopping,
            closed,
            within,
        };
        (close, ending)
    }

    /// Completes when the time for stopping is over.
    async fn over(self) {
        let within = self.within;
        self.begins().await;
        sleep(within).await;
    }

    async fn begins(mut self) {
        let _ = self.stopping.wait_for(|stopping| *stopping).await;
    }

    /// Waits for `pause`; false at once if a stop ends sooner.
    async fn lasts(&self, pause: Duration) -> bool {
        let watch = Stopwatch::start();
        tokio::select! {
            () = sleep(pause) => return true,
            () = self.clone().begins() => {}
        }
        let left = pause.saturating_sub(watch.elapsed());
        let is_in_time = left < self.within;
        if is_in_time {
            sleep(left).await;
        }
        is_in_time
    }

    async fn closed(mut self) {
        let _ = self.closed.wait_for(|closed| *closed).await;
    }
}

impl Webhook {
    /// Fails if the system has no trusted certificates.
    pub(super) fn new(
        options: WebhookOptions,
        node: &Handle,
        queue: WebhookQueue,
        ending: Ending,
    ) -> io::Result<Self> {
        Ok(Self {
            queue,
            caller: Arc::new(Caller::new(options, node, ending.clone())?),
            node: node.clone(),
            told: Told::default(),
            ending,
        })
    }

    /// What calls until the doors are closed and nothing is left to call, or the time for
    /// that is over; after a panic it goes on with what has come since.
    pub(super) fn into_calling(self) -> impl Fn() -> BoxFuture<'static, ()> {
        let webhook = Arc::new(Mutex::new(self));
        move || {
            let webhook = Arc::clone(&webhook);
            Box::pin(async move { webhook.lock().await.run().await })
        }
    }

    async fn run(&mut self) {
        let (mut told, mut dials) = (FuturesUnordered::new(), FuturesUnordered::new());
        let mut confirming = FuturesUnordered::new();
        let mut confirm_at = pin!(sleep(CONFIRMED_EVERY));
        let mut over = pin!(self.ending.clone().over());
        let mut closed = pin!(self.ending.clone().closed());
        let mut is_closed = false;
        self.told.forget();
        let WebhookQueue {
            told: telling,
            dials: dialling,
        } = &mut self.queue;
        loop {
            let is_busy = !told.is_empty() || !dials.is_empty();
            if is_closed && !is_busy && telling.is_empty() && dialling.is_empty() {
                break;
            }
            tokio::select! {
                () = &mut over => break,
                () = &mut closed, if !is_closed => is_closed = true,
                Some(notice) = dialling.recv(), if dials.len() < DIALS_MAX => {
                    dials.push(Arc::clone(&self.caller).call(notice));
                }
                Some(notice) = telling.recv(), if told.len() < TOLD_MAX => {
                    let (seq, caller) = (notice.seq, Arc::clone(&self.caller));
                    self.told.begin(seq);
                    told.push(async move { caller.call(notice).await.then_some(seq) });
                }
                Some(_) = dials.next() => {}
                Some(ended) = told.next() => self.told.end(ended),
                () = &mut confirm_at, if confirming.is_empty() => {
                    confirming.extend(self.told.news().map(|upto| confirm(self.node.clone(), upto)));
                    confirm_at.set(sleep(CONFIRMED_EVERY));
                }
                Some(confirmed) = confirming.next() => self.told.confirm(confirmed),
            }
        }
        let dials = dials.len();
        self.end(dials).await;
    }

    /// With this many calls to customers under way.
    async fn end(&mut self, dials: usize) {
        let undone = self.told.under_way() + dials + self.queue.len();
        if undone > 0 {
            tracing::warn!(calls = undone, "webhook calls are left for the next start");
        }
        if let Some(upto) = self.told.news() {
            let confirming = confirm(self.node.clone(), upto);
            // A disk that hangs holds up no end.
            let _ = timeout(CONFIRMED_EVERY, confirming).await;
        }
    }
}

/// Returns up to which event it was confirmed, 0 if it was not: the site is stopping or overloaded,
/// or its disk is full. What is never confirmed is called again after the next start.
async fn confirm(node: Handle, upto_seq: u64) -> u64 {
    let command = Command::Site(SiteCommand::EscalationsTold { upto_seq });
    let confirmed = node.decide(command, |_, _| ()).await;
    confirmed.map_or(0, |()| upto_seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = secret.sign(id, 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_long_enough_and_does_not_show() {
        assert_eq!(Secret::new("whsec_c2hvcnQ="), None);
        assert_eq!(Secret::new("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), None);
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(format!("{secret:?}"), "Some(•••)");
    }
}
