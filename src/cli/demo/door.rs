//! Calls over HTTP, one after the other on a connection that is kept alive.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::Request;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::CONTENT_TYPE;
use http::header::HOST;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::client::conn::http1;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::node::task;

const ANSWER_BYTES_MAX: usize = 16 * 1_024 * 1_024;
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A caller with a token, and a connection while there is one.
pub(super) struct Door {
    address: SocketAddr,
    token: &'static str,
    open: Option<SendRequest<Full<Bytes>>>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum DoorFault {
    #[error("cannot connect: {0}")]
    Connect(#[from] std::io::Error),
    #[error("the connection failed: {0}")]
    Connection(#[from] hyper::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] http::Error),
    #[error("the answer cannot be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("no answer in time")]
    Late,
}

impl Door {
    pub(super) fn new(address: SocketAddr, token: &'static str) -> Self {
        Self {
            address,
            token,
            open: None,
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> Result<Answer, DoorFault> {
        self.ask(Method::GET, path, String::new()).await
    }

    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        json: String,
    ) -> Result<Answer, DoorFault> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.address.to_string())
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::from(json))?;
        let answered = timeout(ANSWER_WITHIN, self.send(request)).await;
        let answer = answered.unwrap_or(Err(DoorFault::Late));
        if answer.is_err() {
            self.open = None;
        }
        answer
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, DoorFault> {
        let open = match self.open.take().filter(|open| !open.is_closed()) {
            Some(open) => open,
            None => connect(self.address).await?,
        };
        let open = self.open.insert(open);
        open.ready().await?;
        let (head, body) = open.send_request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        Ok(Answer {
            status: head.status,
            body: body.map_err(DoorFault::Body)?.to_bytes(),
        })
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, DoorFault> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let (open, connection) = http1::handshake(TokioIo::new(tcp)).await?;
    task::spawn("connection of the demonstration", async {
        // Its end is noticed by whoever sends the next request.
        let _ = connection.await;
    });
    Ok(open)
}
