//! Answers to requests with an idempotency key that neither the engine nor the customer store
//! remembers: tickets and reloads.
//!
//! A bounded number of them is kept in memory and lost on restart: repeating such a request does no
//! harm.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::{Body, HttpBody, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use rustc_hash::FxBuildHasher;

use crate::engine::command::RequestKey;
use crate::engine::refusal::Refusal;
use crate::gateway::answer;
use crate::wire::problem::Problem;

/// The most answers remembered; the oldest is dropped first.
const REMEMBERED_MAX: usize = 4_096;
/// Longer answers are not remembered.
const ANSWER_BYTES_MAX: usize = 64 * 1_024;

#[derive(Clone, Default)]
pub(super) struct Remembered(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    by_key: HashMap<u128, Entry, FxBuildHasher>,
    in_order: VecDeque<u128>,
}

struct Entry {
    fingerprint: u128,
    /// None while the first request is in progress.
    answer: Option<(StatusCode, Bytes)>,
}

/// Removes the entry unless it gets an answer.
struct UnderWay<'a> {
    table: &'a Mutex<Table>,
    key: u128,
}

impl Remembered {
    /// The earlier answer, or the one that `act` returns. Refusals are not remembered: they changed
    /// nothing.
    pub(super) async fn once(
        &self,
        key: Option<RequestKey>,
        act: impl Future<Output = Result<Response, Problem>>,
    ) -> Result<Response, Problem> {
        let Some(key) = key else {
            return act.await;
        };
        if let Some(answer) = self.lock().begin(key)? {
            return Ok(answer);
        }
        let under_way = UnderWay {
            table: &self.0,
            key: key.key,
        };
        let answer = act.await?;
        let bytes = answer.body().size_hint().exact();
        if bytes.is_none_or(|bytes| bytes > ANSWER_BYTES_MAX as u64) {
            return Ok(answer);
        }
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, ANSWER_BYTES_MAX)
            .await
            .map_err(|_| Problem::new(500, "internal", "the answer could not be buffered"))?;
        under_way.end(parts.status, body.clone());
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        lock(&self.0)
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().expect("nothing panics under this lock")
}

impl Table {
    fn begin(&mut self, key: RequestKey) -> Result<Option<Response>, Problem> {
        if let Some(entry) = self.by_key.get(&key.key) {
            if entry.fingerprint != key.fingerprint {
                return Err(Problem::from(&Refusal::IdempotencyMismatch));
            }
            let Some((status, body)) = &entry.answer else {
                let detail = "the first request with this key is still in progress";
                return Err(Problem::new(409, "under_way", detail).with_retry_after_s(1));
            };
            let status = if status.is_success() {
                StatusCode::OK
            } else {
                *status
            };
            let json = http::HeaderValue::from_static("application/json");
            let answer = answer::typed(status, json, body.clone());
            return Ok(Some(answer::repeated(answer)));
        }
        if self.in_order.len() >= REMEMBERED_MAX
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.by_key.remove(&oldest);
        }
        self.in_order.push_back(key.key);
        let entry = Entry {
            fingerprint: key.fingerprint,
            answer: None,
        };
        self.by_key.insert(key.key, entry);
        Ok(None)
    }
}

impl UnderWay<'_> {
    fn end(self, status: StatusCode, body: Bytes) {
        if let Some(entry) = lock(self.table).by_key.get_mut(&self.key) {
            entry.answer = Some((status, body));
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut table = lock(self.table);
        let is_open = |entry: &Entry| entry.answer.is_none();
        if table.by_key.get(&self.key).is_some_and(is_open) {
            table.by_key.remove(&self.key);
            table.in_order.retain(|key| *key != self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(key: u128, fingerprint: u128) -> Option<RequestKey> {
        Some(RequestKey { key, fingerprint })
    }

    fn good() -> Result<Response, Problem> {
        Ok(answer::json(StatusCode::CREATED, &json!({"a": 1})))
    }

    #[tokio::test]
    async fn a_repeat_gets_the_answer_of_before_with_a_mark() {
        let remembered = Remembered::default();
        let first = remembered.once(key(1, 1), async { good() }).await.unwrap();
        assert_eq!(first.status(), StatusCode::CREATED);
        let again = remembered
            .once(key(1, 1), async {
                unreachable!("it was carried out before")
            })
            .await
            .unwrap();
        assert_eq!(again.status(), StatusCode::OK);
        assert_eq!(again.headers()[answer::IDEMPOTENT_REPLAY], "true");
        let body = to_bytes(again.into_body(), 100).await.unwrap();
        assert_eq!(&body[..], br#"{"a":1}"#);
        let mismatch = remembered.once(key(1, 2), async { good() }).await;
        assert_eq!(mismatch.unwrap_err().code, "idempotency_mismatch");
    }

    #[tokio::test]
    async fn a_refusal_and_a_request_given_up_are_forgotten() {
        let remembered = Remembered::default();
        let refuse = async { Err(Problem::new(409, "wrong_state", "no")) };
        assert!(remembered.once(key(1, 1), refuse).await.is_err());
        let never = remembered.once(key(1, 1), std::future::pending());
        assert!(futures_util::FutureExt::now_or_never(never).is_none());
        assert!(remembered.once(key(1, 1), async { good() }).await.is_ok());
    }

    #[tokio::test]
    async fn a_repeat_while_the_first_is_under_way_is_told_to_wait() {
        let remembered = Remembered::default();
        let nested = remembered.once(key(1, 1), async {
            let second = remembered.once(key(1, 1), async { good() }).await;
            assert_eq!(second.unwrap_err().code, "under_way");
            good()
        });
        assert!(nested.await.is_ok());
    }

    #[tokio::test]
    async fn the_oldest_answers_make_room() {
        let remembered = Remembered::default();
        for number in 0..5_000 {
            let fresh = remembered.once(key(number, 1), async { good() }).await;
            assert_eq!(fresh.unwrap().status(), StatusCode::CREATED);
        }
        assert_eq!(remembered.lock().by_key.len(), REMEMBERED_MAX);
    }
}
