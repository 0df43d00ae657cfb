//! One webhook call with its attempts, and their transport.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use crate::domain::Name;
use crate::episode::Episode;
use crate::gateway::webhook::{DIALS_MAX, Ending, TOLD_MAX, WebhookOptions};
use crate::node::clock::Clock;
use crate::node::handle::Handle;
use crate::node::notice::{EscalationNotice, SharedEscalation};
use crate::stopwatch::now;
use crate::task::Backoff;
use crate::telemetry::Webhooks;
use crate::wire::webhook::{DialCall, EscalationCall};
use crate::wire::written::Written;

const ATTEMPTS_MAX: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause before the next attempt that a receiver may ask for.
const LONGEST_ASKED_PAUSE: Duration = Duration::from_secs(60);
const IDLE_FOR: Duration = Duration::from_secs(30);

pub(super) struct Caller {
    options: WebhookOptions,
    transport: Transport,
    clock: Clock,
    site: Name,
    counts: Webhooks,
    ending: Ending,
    /// Deadlines that passed before a call was delivered.
    lateness: Episode,
    failures: Episode,
}

enum Transport {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// The receiver's response.
#[derive(Clone, Copy)]
struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
}

/// What happens to a call after an attempt.
enum Next {
    Delivered,
    Again { after: Duration },
    GivenUp,
}

impl Caller {
    /// Fails if the system has no trusted certificates.
    pub(super) fn new(options: WebhookOptions, node: &Handle, ending: Ending) -> io::Result<Self> {
        let quiet = longest_call(options.timeout);
        Ok(Self {
            ending,
            lateness: Episode::new(quiet),
            failures: Episode::new(quiet),
            transport: Transport::new(&options.url)?,
            options,
            clock: node.clock().clone(),
            site: node.site().clone(),
            counts: node.webhook_counts(),
        })
    }

    /// False if the server stops before the call is over.
    pub(super) async fn call(self: Arc<Self>, notice: SharedEscalation) -> bool {
        let (id, body) = (id_of(&notice), self.body_of(&notice));
        let mut pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        for attempt in 1..=ATTEMPTS_MAX {
            let left = self.left(&notice);
            if left.is_zero() {
                if self.lateness.came(1, now()) {
                    tracing::warn!(
                        id,
                        attempt,
                        "the deadline for calling the customer has passed; the webhook call is dropped, and others like it are counted"
                    );
                }
                let too_late = if attempt == 1 {
                    &self.counts.dropped
                } else {
                    &self.counts.failed
                };
                too_late.increment(1);
                return true;
            }
            let sending = self.transport.answer(self.request(&id, &body));
            let answer = timeout(left.min(self.options.timeout), sending).await;
            let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
            match next(answer.as_ref().ok(), attempt, pauses.pause()) {
                Next::Delivered => {
                    self.delivered();
                    return true;
                }
                Next::Again { after } if after < self.left(&notice) => {
                    if !self.ending.lasts(after).await {
                        return false;
                    }
                }
                Next::Again { .. } | Next::GivenUp => {
                    let status = answer.as_ref().ok().map(|answer| answer.status.as_u16());
                    let reason = answer.err();
                    if self.failures.came(1, now()) {
                        tracing::warn!(
                            id,
                            attempt,
                            status,
                            reason,
                            "a webhook call failed for good; others that fail are counted"
                        );
                    }
                    break;
                }
            }
        }
        self.counts.failed.increment(1);
        true
    }

    fn delivered(&self) {
        self.counts.delivered.increment(1);
        if let Some(failed) = self.failures.over(now()) {
            tracing::info!(failed, "webhook calls are delivered again");
        }
        if let Some(late) = self.lateness.over(now()) {
            tracing::info!(late, "webhook calls meet their deadlines again");
        }
    }

    /// How much longer the call is valid.
    fn left(&self, notice: &EscalationNotice) -> Duration {
        let Some(dial) = &notice.dial else {
            return Duration::MAX;
        };
        let left = dial.until - self.clock.now();
        Duration::from_millis(u64::try_from(left.0).unwrap_or(0))
    }

    fn body_of(&self, notice: &EscalationNotice) -> String {
        let dial = notice.dial.as_ref().map(|dial| DialCall {
            phone: dial.phone.as_str(),
            attempt: dial.attempt,
            until: Written(dial.until),
        });
        let call = EscalationCall {
            kind: EscalationCall::kind(dial.is_some()),
            site: Written(&self.site),
            rule: Written(&notice.rule),
            queue: Written(&notice.queue),
            contact: Written(notice.contact),
            at: Written(notice.at),
            dial,
        };
        call.to_json()
    }

    fn request(&self, id: &str, body: &str) -> Request<Full<Bytes>> {
        let at_s = self.clock.wall().0.div_euclid(1_000);
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

/// From the first attempt of a call to the end of its last: from one failure for good to the next
/// where every call fails.
fn longest_call(timeout: Duration) -> Duration {
    LONGEST_ASKED_PAUSE * (ATTEMPTS_MAX - 1) + timeout * ATTEMPTS_MAX
}

/// The same however often a call is made, and no other call's: contacts are known apart
/// wherever they are kept, and an event or a dialling is its contact's alone.
fn id_of(notice: &EscalationNotice) -> String {
    let contact = notice.contact;
    match &notice.dial {
        Some(dial) => format!("dial-{contact}-{}", dial.attempt),
        None => format!("escalation-{contact}-{}", notice.seq),
    }
}

fn next(answer: Option<&Answer>, attempt: u32, pause: Duration) -> Next {
    let status = answer.map(|answer| answer.status);
    if status.is_some_and(|status| status.is_success()) {
        return Next::Delivered;
    }
    if attempt == ATTEMPTS_MAX || status.is_some_and(is_final) {
        return Next::GivenUp;
    }
    let asked = answer.and_then(|answer| answer.retry_after);
    Next::Again {
        after: asked.map_or(pause, |asked| asked.min(LONGEST_ASKED_PAUSE).max(pause)),
    }
}

/// A response that a retry would not change, such as a redirect.
fn is_final(status: StatusCode) -> bool {
    let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !later.contains(&status)
}

impl Answer {
    fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        let asks = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        let seconds = headers.get(RETRY_AFTER).filter(|_| asks.contains(&status));
        let seconds = seconds.and_then(|seconds| seconds.to_str().ok()?.trim().parse().ok());
        Self {
            status,
            // The header may also be a date, which is ignored.
            retry_after: seconds.map(Duration::from_secs),
        }
    }
}

impl Transport {
    fn new(url: &Uri) -> io::Result<Self> {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(TOLD_MAX + DIALS_MAX);
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

    /// Fails with the reason if there is no response.
    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let response = match self {
            Self::Plain(client) => client.request(request).await,
            Self::Secure(client) => client.request(request).await,
        };
        match response {
            Ok(response) => Ok(Answer::new(response.status(), response.headers())),
            Err(error) => Err(with_causes(&error)),
        }
    }
}

/// The error with its causes: "client error (Connect): tcp connect error: …".
fn with_causes(error: &dyn Error) -> String {
    let causes = successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause_after(status: u16, retry_after: &str) -> Option<Duration> {
        let status = StatusCode::from_u16(status).expect("a status");
        let mut headers = HeaderMap::new();
        let value = retry_after.parse().expect("good in a header");
        headers.insert(RETRY_AFTER, value);
        match next(Some(&Answer::new(status, &headers)), 1, FIRST_PAUSE) {
            Next::Again { after } => Some(after),
            Next::Delivered | Next::GivenUp => None,
        }
    }

    #[tokio::test]
    async fn why_nobody_was_reached_is_told() {
        let nobody = Uri::from_static("http://127.0.0.1:1/");
        let transport = Transport::new(&nobody).expect("no certificates are needed");
        let request = Request::post(&nobody).body(Full::default());
        let answer = transport.answer(request.expect("sound")).await;
        let reason = answer.map(|answer| answer.status).unwrap_err();
        assert!(reason.contains("refused"), "{reason}");
    }

    #[test]
    fn failures_of_calls_that_pause_as_long_as_they_may_are_one_episode() {
        let timeout = Duration::from_secs(10);
        let (episode, begun) = (Episode::new(longest_call(timeout)), now());
        assert!(episode.came(1, begun));
        let next_fails = begun + 4 * LONGEST_ASKED_PAUSE + 4 * timeout;
        assert_eq!(episode.over(next_fails), None);
        assert!(!episode.came(1, next_fails));
    }

    #[test]
    fn a_receiver_may_ask_for_a_pause_of_a_minute_at_most() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(pause_after(429, "7"), seconds(7));
        assert_eq!(pause_after(503, "86400"), seconds(60));
        assert_eq!(pause_after(503, "0"), Some(FIRST_PAUSE));
        assert_eq!(pause_after(500, "7"), Some(FIRST_PAUSE));
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        assert_eq!(pause_after(429, date), Some(FIRST_PAUSE));
        assert_eq!(pause_after(404, "7"), None);
    }
}
