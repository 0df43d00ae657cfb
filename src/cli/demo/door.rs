//! Sequential HTTP requests on a connection that is kept alive.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::task;

const ANSWER_BYTES_MAX: usize = 16 * 1_024 * 1_024;
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// An HTTP client with a token, and a connection while there is one.
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
            .body(Full::from(Bytes::from(json)))?;
        let answered = timeout(ANSWER_WITHIN, async {
            match self.send(request.clone()).await {
                // The server has closed an idle connection.
                Err(DoorFault::Connection(error)) if was_not_sent(&error) => {
                    self.send(request).await
                }
                answered => answered,
            }
        });
        answered.await.unwrap_or(Err(DoorFault::Late))
    }

    /// Keeps the connection only if the response was read to its end.
    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, DoorFault> {
        let mut open = match self.open.take().filter(|open| !open.is_closed()) {
            Some(open) => open,
            None => connect(self.address).await?,
        };
        open.ready().await?;
        let (head, body) = open.send_request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(DoorFault::Body)?.to_bytes();
        self.open = Some(open);
        Ok(Answer {
            status: head.status,
            body,
        })
    }
}

fn was_not_sent(error: &hyper::Error) -> bool {
    error.is_canceled() || error.is_closed()
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, DoorFault> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let (open, connection) = http1::handshake(TokioIo::new(tcp)).await?;
    task::spawn("connection of the demonstration", async {
        // The next request notices its end.
        let _ = connection.await;
    });
    Ok(open)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one request on each connection, the second after a delay.
    async fn serve(listener: TcpListener) {
        for pause_ms in [0, 200, 0] {
            let (mut tcp, _) = listener.accept().await.unwrap();
            assert!(tcp.read(&mut [0; 1_024]).await.unwrap() > 0);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            // The client may have given up.
            let _ = tcp
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .await;
        }
    }

    #[tokio::test]
    async fn an_abandoned_response_and_a_closed_connection_do_no_harm() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut door = Door::new(listener.local_addr().unwrap(), "token");
        task::spawn("server", serve(listener));
        assert_eq!(door.get("/").await.unwrap().body, "ok");
        let given_up = timeout(Duration::from_millis(100), door.get("/"));
        assert!(given_up.await.is_err());
        assert_eq!(door.get("/").await.unwrap().body, "ok");
    }
}
