//! A keep-alive HTTP connection, reopened when lost.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::patience::eventually;

/// Longer than the server's own request timeout.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

pub(crate) const ADAPTER: &str = "dev-adapter";
pub(crate) const SUPERVISOR: &str = "dev-supervisor";
pub(crate) const METRICS: &str = "dev-metrics";

pub(crate) struct HttpClient {
    address: SocketAddr,
    sender: Option<http1::SendRequest<Full<Bytes>>>,
}

/// The connection broke before an answer: the outcome is unknown.
#[derive(Debug)]
pub(crate) struct Lost;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Reply {
    /// The body, which is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.bytes))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Fails the test unless the status is this one.
    pub(crate) fn expect(self, status: u16) -> Value {
        let body = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{body}");
        self.json()
    }
}

impl HttpClient {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            sender: None,
        }
    }

    pub(crate) async fn call(&mut self, request: Request<Full<Bytes>>) -> Result<Reply, Lost> {
        let reply = timeout(ANSWER_WITHIN, self.exchange(request)).await;
        let reply = reply
            .map_err(|_| Lost)
            .and_then(|reply| reply.map_err(|_| Lost));
        if reply.is_err() {
            self.sender = None;
        }
        reply
    }

    async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Reply, Box<dyn std::error::Error + Send + Sync>> {
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                sender
            }
        };
        sender.ready().await?;
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let is_last = parts.headers.get(CONNECTION);
        if is_last.is_none_or(|value| value != "close") {
            self.sender = Some(sender);
        }
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            bytes,
        })
    }

    pub(crate) async fn get(&mut self, token: &str, path: &str) -> Reply {
        self.call(request(Method::GET, token, path, None))
            .await
            .unwrap_or_else(|Lost| panic!("no answer to GET {path}"))
    }

    pub(crate) async fn post(&mut self, token: &str, path: &str, body: &Value) -> Reply {
        self.call(request(Method::POST, token, path, Some(body)))
            .await
            .unwrap_or_else(|Lost| panic!("no answer to POST {path}"))
    }

    pub(crate) async fn put(&mut self, token: &str, path: &str, body: &Value) -> Reply {
        self.call(request(Method::PUT, token, path, Some(body)))
            .await
            .unwrap_or_else(|Lost| panic!("no answer to PUT {path}"))
    }

    /// A new contact's id.
    pub(crate) async fn submit(&mut self, body: &Value) -> String {
        let contact = self.post(ADAPTER, "/v1/contacts", body).await.expect(201);
        contact["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn contact(&mut self, id: &str) -> Value {
        let path = format!("/v1/contacts/{id}");
        self.get(SUPERVISOR, &path).await.expect(200)
    }

    /// The sum of a metric over all labels; fails the test if there are none, since a misspelled
    /// name would otherwise sum to nothing.
    pub(crate) async fn metric(&mut self, name: &str) -> Vec<f64> {
        let reply = self.get(METRICS, "/metrics").await;
        assert_eq!(reply.status, 200);
        let text = String::from_utf8(reply.bytes.to_vec()).unwrap();
        let lines = text.lines().filter(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with([' ', '{']))
        });
        let values: Vec<f64> = lines
            .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert!(!values.is_empty(), "there is no metric {name}");
        values
    }

    /// Asserts, by the server's own metric, that every accepted contact is in exactly one state.
    pub(crate) async fn assert_conserved(&mut self) {
        let residual = self.metric("switchboard_conservation_residual").await;
        assert_eq!(residual, [0.0], "contacts are lost or counted twice");
    }
}

/// Waits until the metrics report the customer store as available, or not.
pub(crate) async fn await_customer_store(address: SocketAddr, is_up: bool) {
    let wanted = [f64::from(u8::from(is_up))];
    eventually("the metrics tell how the customer store is", async || {
        let mut http = HttpClient::new(address);
        (http.metric("switchboard_customer_store_up").await == wanted).then_some(())
    })
    .await;
}

pub(crate) fn request(
    method: Method,
    token: &str,
    path: &str,
    body: Option<&Value>,
) -> Request<Full<Bytes>> {
    let bytes = body.map(Value::to_string).unwrap_or_default();
    let mut request = raw_request(method, token, path, bytes);
    if body.is_some() {
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
    }
    request
}

/// With a body without a content type.
pub(crate) fn raw_request(
    method: Method,
    token: &str,
    path: &str,
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "switchboard")
        .header(AUTHORIZATION, format!("Bearer {token}"));
    request.body(Full::new(body.into())).unwrap()
}
