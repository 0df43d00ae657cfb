//! HTTP as bytes on a socket, so that a test can send what a library would not.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::described::check_reply;

/// A test that waits longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A response as received.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is no JSON: {error}: {}", self.status, self.text()))
    }

    /// The code of a problem, after checking its form.
    pub(crate) fn code(&self) -> String {
        let problem = self.json();
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(problem["status"], self.status);
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        problem["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn is_replay(&self) -> bool {
        self.header("idempotent-replay") == Some("true")
    }
}

/// A connection.
pub(crate) struct Wire {
    pub(crate) tcp: TcpStream,
    unread: Vec<u8>,
}

impl Wire {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self {
            tcp: TcpStream::connect(address).await.unwrap(),
            unread: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // The server may have disconnected already; the response shows it.
        let _ = self.tcp.write_all(bytes.as_ref()).await;
    }

    /// The next response; none if the server disconnected without one.
    pub(crate) async fn reply(&mut self) -> Option<Reply> {
        timeout(PATIENCE, self.read_reply()).await.unwrap()
    }

    async fn read_reply(&mut self) -> Option<Reply> {
        let head = loop {
            if let Some(end) = find(&self.unread, b"\r\n\r\n") {
                break self.unread.drain(..end + 4).collect::<Vec<u8>>();
            }
            if !self.read_more().await {
                return None;
            }
        };
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut reply = Reply {
            status,
            headers,
            body: Vec::new(),
        };
        let length = reply
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        while self.unread.len() < length {
            if !self.read_more().await {
                break;
            }
        }
        let length = length.min(self.unread.len());
        reply.body = self.unread.drain(..length).collect();
        Some(reply)
    }

    async fn read_more(&mut self) -> bool {
        let mut room = [0; 16 * 1_024];
        let read = self.tcp.read(&mut room).await.unwrap_or(0);
        self.unread.extend_from_slice(&room[..read]);
        read > 0
    }

    /// The server has disconnected without sending anything more.
    pub(crate) async fn is_over(&mut self) -> bool {
        self.unread.is_empty() && !timeout(PATIENCE, self.read_more()).await.unwrap()
    }

    pub(crate) async fn is_open_after(&mut self, pause: Duration) -> bool {
        timeout(pause, self.read_more()).await.is_err()
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Calls as one caller, each call on its own connection.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    token: String,
    headers: String,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        Self {
            address,
            token: token.to_owned(),
            headers: String::new(),
        }
    }

    /// With an additional header.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        with.headers = format!("{}{name}: {value}\r\n", self.headers);
        with
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Reply {
        self.call("POST", path, body).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Reply {
        let mut wire = Wire::open(self.address).await;
        wire.send(self.request(method, path, body)).await;
        let reply = wire.reply().await.unwrap();
        check_reply(method, path, &reply);
        reply
    }

    /// The request as bytes.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> String {
        let headers = &self.headers;
        let mut head = vec![format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\n{headers}"
        )];
        if !self.token.is_empty() {
            head.push(format!("Authorization: Bearer {}\r\n", self.token));
        }
        if !body.is_empty() && !headers.to_ascii_lowercase().contains("content-type") {
            head.push("Content-Type: application/json\r\n".to_owned());
        }
        if !body.is_empty() || method == "POST" {
            head.push(format!("Content-Length: {}\r\n", body.len()));
        }
        format!("{}\r\n{body}", head.concat())
    }
}
