//! An authorised request: its body, its parameters and its idempotency key.

use std::time::Duration;

use axum::RequestExt;
use axum::body::Body;
use axum::extract::{Path, Request};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::engine::command::RequestKey;
use crate::gateway::auth::Caller;
use crate::wire::problem::Problem;

/// The longest body of most calls.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1_024;
/// The longest body of calls about customers.
pub(super) const CUSTOMER_BYTES_MAX: usize = 256 * 1_024;
/// The longest pause between two pieces of a body.
const FRAME_WITHIN: Duration = Duration::from_secs(5);
/// How long a whole body may take; some of the request's time remains to act on it.
const BODY_WITHIN: Duration = Duration::from_secs(8);

pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest idempotency key, in bytes.
pub(super) const KEY_BYTES_MAX: usize = 255;

/// A request whose caller is known and authorised.
pub(super) struct Visit {
    pub(super) caller: Caller,
    pub(super) request: Request,
}

impl Visit {
    /// A JSON body.
    pub(super) async fn json(&mut self, bytes_max: usize) -> Result<Bytes, Problem> {
        let is_json = |media_type: &str| media_type.eq_ignore_ascii_case("application/json");
        check_media_type(self.request.headers(), is_json)?;
        self.body(bytes_max).await
    }

    /// The body of a call that needs none: JSON or empty.
    pub(super) async fn json_or_nothing(&mut self) -> Result<Bytes, Problem> {
        let body = self.body(BODY_BYTES_MAX).await?;
        if body.is_empty() {
            return Ok(Bytes::from_static(b"{}"));
        }
        let is_json = |media_type: &str| media_type.eq_ignore_ascii_case("application/json");
        check_media_type(self.request.headers(), is_json)?;
        Ok(body)
    }

    /// The body of a PATCH: JSON or a merge patch, by media type.
    pub(super) async fn merge_patch(&mut self, bytes_max: usize) -> Result<Bytes, Problem> {
        let is_patch = |media_type: &str| {
            media_type.eq_ignore_ascii_case("application/json")
                || media_type.eq_ignore_ascii_case("application/merge-patch+json")
        };
        check_media_type(self.request.headers(), is_patch)?;
        self.body(bytes_max).await
    }

    async fn body(&mut self, bytes_max: usize) -> Result<Bytes, Problem> {
        if self.request.headers().contains_key(CONTENT_ENCODING) {
            let detail = "allowed: no Content-Encoding";
            return Err(Problem::new(415, "unsupported_encoding", detail));
        }
        if announced(self.request.headers()).is_some_and(|bytes| bytes > bytes_max) {
            return Err(too_large(bytes_max));
        }
        let body = std::mem::take(self.request.body_mut());
        timeout(BODY_WITHIN, collect(body, bytes_max))
            .await
            .unwrap_or_else(|_| Err(too_slow()))
    }

    /// The id in the path.
    pub(super) async fn id(&mut self) -> Result<String, Problem> {
        let id = self.request.extract_parts::<Path<String>>().await;
        id.map(|Path(id)| id)
            .map_err(|_| Problem::new(404, "not_found", "no such path"))
    }

    /// The idempotency key of the request, if it has one, scoped to the caller and call.
    pub(super) fn request_key(&self, body: &[u8]) -> Result<Option<RequestKey>, Problem> {
        let bad = |allowed: &str| {
            let detail = format!("allowed: {allowed}");
            Problem::new(400, "bad_idempotency_key", detail).at_field("Idempotency-Key")
        };
        let mut keys = self.request.headers().get_all(IDEMPOTENCY_KEY).iter();
        let Some(header) = keys.next() else {
            return Ok(None);
        };
        let key = idempotency_key(header).ok_or_else(|| {
            bad(&format!(
                "1 to {KEY_BYTES_MAX} visible ASCII characters, quoted or bare"
            ))
        })?;
        if keys.any(|other| idempotency_key(other) != Some(key)) {
            return Err(bad("one key, not several"));
        }
        let scope = Sha256::new()
            .chain_update(self.caller.name.as_bytes())
            .chain_update(b"\n")
            .chain_update(self.request.method().as_str())
            .chain_update(b"\n")
            .chain_update(self.request.uri().path())
            .chain_update(b"\n")
            .chain_update(key);
        Ok(Some(RequestKey {
            key: half(&scope.finalize()),
            fingerprint: half(&Sha256::digest(body)),
        }))
    }
}

fn half(hash: &[u8]) -> u128 {
    let (half, _) = hash.split_first_chunk::<16>().expect("a hash has 32 bytes");
    u128::from_be_bytes(*half)
}

/// The key itself: a quoted string of structured fields, or bare text.
fn idempotency_key(header: &HeaderValue) -> Option<&str> {
    let text = header.to_str().ok()?.trim();
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let key = inner.unwrap_or(text);
    let fits = (1..=KEY_BYTES_MAX).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"');
    fits.then_some(key)
}

fn check_media_type(
    headers: &HeaderMap,
    is_allowed: impl FnOnce(&str) -> bool,
) -> Result<(), Problem> {
    // Without a media type the body can only be JSON.
    let Some(header) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let text = header.to_str().unwrap_or("");
    let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
    if is_allowed(media_type.trim()) && parameters_fit(parameters) {
        return Ok(());
    }
    let detail = "Content-Type must be application/json (UTF-8)";
    Err(Problem::new(415, "unsupported_media_type", detail))
}

fn parameters_fit(parameters: &str) -> bool {
    let mut parameters = parameters.split(';').map(str::trim);
    parameters.all(|parameter| {
        let utf8 = ["", "charset=utf-8", "charset=\"utf-8\"", "charset=utf8"];
        utf8.iter()
            .any(|known| parameter.eq_ignore_ascii_case(known))
    })
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    Some(length.parse().unwrap_or(usize::MAX))
}

/// A body in one piece is passed on without a copy.
async fn collect(mut body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(piece) = next_piece(&mut body).await? {
        if first.len() + all.len() + piece.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        if first.is_empty() && all.is_empty() {
            first = piece;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        all.extend_from_slice(&piece);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// Skips trailers.
async fn next_piece(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    loop {
        let frame = timeout(FRAME_WITHIN, body.frame());
        match frame.await {
            Err(_) => return Err(too_slow()),
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) => {
                let detail = "the body ended early or is not framed as declared";
                return Err(Problem::new(400, "bad_body", detail));
            }
            Ok(Some(Ok(frame))) => {
                if let Ok(piece) = frame.into_data() {
                    return Ok(Some(piece));
                }
            }
        }
    }
}

fn too_large(bytes_max: usize) -> Problem {
    let detail = format!("the body is too large, allowed: {bytes_max} bytes");
    Problem::new(413, "body_too_large", detail)
}

fn too_slow() -> Problem {
    Problem::new(408, "body_too_slow", "the body did not arrive in time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idempotency_key_is_the_same_quoted_or_bare() {
        let key = |text: &'static str| {
            idempotency_key(&HeaderValue::from_static(text)).map(str::to_owned)
        };
        assert_eq!(key("abc-1"), key("\"abc-1\""));
        for bad in ["", "\"\"", "a b", "\"a\"b\"", "a\tb"] {
            assert_eq!(key(bad), None, "{bad:?}");
        }
        let long = HeaderValue::from_str(&"x".repeat(256)).unwrap();
        assert_eq!(idempotency_key(&long), None);
    }

    #[test]
    fn json_comes_with_or_without_its_charset() {
        for (text, is_good) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json; charset=gbk", false),
            ("text/json", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(text));
            let checked = check_media_type(&headers, |text| {
                text.eq_ignore_ascii_case("application/json")
            });
            assert_eq!(checked.is_ok(), is_good, "{text}");
        }
    }
}
