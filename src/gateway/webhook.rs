//! Tells another system of escalations and of customers to be called: signed calls over
//! HTTPS, after the fact is durable.
//!
//! Signatures and headers are those of the Standard Webhooks. A call has a bounded number of
//! attempts, redirects are not followed, and so many calls are under way at a time; what
//! comes while as many wait as may wait is dropped and counted. After a restart nothing is
//! called again; what became due while nothing ran is called then.
//!
//! **Invariant:** a receiver that is slow or dead holds up nothing but its own calls.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use sha2::Sha256;
use tokio::sync::Mutex;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};

use crate::domain::Name;
use crate::node::clock::Clock;
use crate::node::handle::Handle;
use crate::node::notice::EscalationNotice;
use crate::store::profiles::Backoff;
use crate::telemetry::Webhooks;
use crate::wire::webhook::{DialCall, EscalationCall};
use crate::wire::written::Written;

/// The most calls under way at a time.
const UNDER_WAY_MAX: usize = 8;
const ATTEMPTS_MAX: usize = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const IDLE_FOR: Duration = Duration::from_secs(30);

/// Where calls go, and how they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub url: Uri,
    pub secret: Secret,
    /// For each attempt.
    pub timeout: Duration,
}

/// A key that does not show itself.
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

/// Calls as they come.
pub(super) struct Webhook {
    notices: broadcast::Receiver<EscalationNotice>,
    caller: Arc<Caller>,
}

struct Caller {
    options: Options,
    transport: Transport,
    clock: Clock,
    site: Name,
    counts: Webhooks,
}

enum Transport {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Webhook {
    /// Fails where the system has no certificates to trust.
    pub(super) fn new(
        options: Options,
        node: &Handle,
        notices: broadcast::Receiver<EscalationNotice>,
    ) -> io::Result<Self> {
        let caller = Caller {
            transport: Transport::new(&options.url)?,
            options,
            clock: node.clock().clone(),
            site: node.site().clone(),
            counts: node.webhook_counts(),
        };
        Ok(Self {
            notices,
            caller: Arc::new(caller),
        })
    }

    /// What calls until the node has stopped; after a panic it goes on with what has come
    /// since.
    pub(super) fn into_calling(self) -> impl Fn() -> BoxFuture<'static, ()> {
        let webhook = Arc::new(Mutex::new(self));
        move || {
            let webhook = Arc::clone(&webhook);
            Box::pin(async move { webhook.lock().await.run().await })
        }
    }

    async fn run(&mut self) {
        let mut under_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                notice = self.notices.recv(), if under_way.len() < UNDER_WAY_MAX => match notice {
                    Ok(notice) => under_way.push(Arc::clone(&self.caller).call(notice)),
                    Err(RecvError::Lagged(count)) => self.caller.counts.dropped.increment(count),
                    Err(RecvError::Closed) => return,
                },
                Some(()) = under_way.next() => {}
            }
        }
    }
}

impl Transport {
    fn new(url: &Uri) -> io::Result<Self> {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(UNDER_WAY_MAX);
        if url.scheme_str() == Some("http") {
            return Ok(Self::Plain(builder.build(HttpConnector::new())));
        }
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_only()
            .enable_http1()
            .build();
        Ok(Self::Secure(builder.build(connector)))
    }

    async fn status(&self, request: Request<Full<Bytes>>) -> Option<StatusCode> {
        let response = match self {
            Self::Plain(client) => client.request(request).await,
            Self::Secure(client) => client.request(request).await,
        };
        match response {
            Ok(response) => Some(response.status()),
            Err(error) => {
                tracing::debug!(%error, "the webhook could not be called");
                None
            }
        }
    }
}

impl Caller {
    async fn call(self: Arc<Self>, notice: EscalationNotice) {
        let names = (&notice.rule, &notice.queue);
        let dial = notice.dial.as_ref().map(|dial| DialCall {
            phone: Written(&dial.phone),
            attempt: dial.attempt,
            until: Written(dial.until),
        });
        let body = EscalationCall::new(&self.site, names, notice.contact, notice.at, dial);
        let body = body.to_json();
        // The number of the event: the same however often it is sent.
        let id = format!("escalation-{}-{}", self.site, notice.seq);
        let mut pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        for attempt in 1..=ATTEMPTS_MAX {
            let sending = self.transport.status(self.request(&id, &body));
            let status = timeout(self.options.timeout, sending).await;
            let status = status.ok().flatten();
            if status.is_some_and(|status| status.is_success()) {
                self.counts.delivered.increment(1);
                return;
            }
            if attempt == ATTEMPTS_MAX || status.is_some_and(is_final) {
                let status = status.map(|status| status.as_u16());
                tracing::warn!(
                    id,
                    attempt,
                    status,
                    "the webhook did not take an escalation"
                );
                break;
            }
            sleep(pauses.pause()).await;
        }
        self.counts.failed.increment(1);
    }

    fn request(&self, id: &str, body: &str) -> Request<Full<Bytes>> {
        let at_s = self.clock.now().0.div_euclid(1_000);
        Request::post(&self.options.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "switchboard")
            .header("webhook-id", id)
            .header("webhook-timestamp", at_s)
            .header(
                "webhook-signature",
                self.options.secret.sign(id, at_s, body),
            )
            .body(Full::from(Bytes::copy_from_slice(body.as_bytes())))
            .expect("names and numbers are good in headers")
    }
}

/// An answer that another attempt would not change; a redirect is one.
fn is_final(status: StatusCode) -> bool {
    let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !later.contains(&status)
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
