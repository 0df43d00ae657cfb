//! An agent's desktop: a WebSocket client that checks the numbering of all frames.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::client::PATIENCE;
use crate::described::check_frame;

/// A request for an agent's socket.
pub(crate) fn knock(address: SocketAddr, token: &str, protocols: &str) -> Request {
    knock_at(address, "/v1/agent", token, protocols)
}

pub(crate) fn knock_at(address: SocketAddr, path: &str, token: &str, protocols: &str) -> Request {
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    if !token.is_empty() {
        let bearer = format!("Bearer {token}").parse().unwrap();
        headers.insert("authorization", bearer);
    }
    headers.insert("sec-websocket-protocol", protocols.parse().unwrap());
    request
}

pub(crate) async fn open(
    address: SocketAddr,
    request: Request,
) -> Result<WebSocketStream<TcpStream>, Error> {
    let tcp = TcpStream::connect(address).await.unwrap();
    client_async(request, tcp).await.map(|(socket, _)| socket)
}

/// A desktop that has received its welcome.
pub(crate) struct Desktop {
    pub(crate) socket: WebSocketStream<TcpStream>,
    pub(crate) welcome: Value,
    /// The number of the last numbered frame.
    pub(crate) seq: u64,
    commands: u64,
    /// Frames read while waiting for another one.
    kept: Vec<Value>,
}

impl Desktop {
    pub(crate) async fn open(address: SocketAddr, token: &str) -> Self {
        let request = knock(address, token, "switchboard.agent.v1");
        Self::welcomed(open(address, request).await.unwrap()).await
    }

    pub(crate) async fn welcomed(socket: WebSocketStream<TcpStream>) -> Self {
        Self::admitted(socket).await.expect("nobody came after it")
    }

    /// Welcomed, or closed with this code before.
    pub(crate) async fn admitted(socket: WebSocketStream<TcpStream>) -> Result<Self, u16> {
        let mut desktop = Self {
            socket,
            welcome: Value::Null,
            seq: 0,
            commands: 0,
            kept: Vec::new(),
        };
        let welcome = desktop.frame_or_close().await?;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        desktop.seq = welcome["seq"].as_u64().unwrap();
        desktop.welcome = welcome;
        Ok(desktop)
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next text frame, numbered or not.
    pub(crate) async fn frame(&mut self) -> Value {
        let frame = self.frame_or_close().await;
        frame.expect("the socket is open")
    }

    /// The next text frame, or the code with which the server closes.
    pub(crate) async fn frame_or_close(&mut self) -> Result<Value, u16> {
        let frame = async {
            loop {
                let message = self.socket.next().await;
                match message.expect("the socket is open").unwrap() {
                    Message::Text(text) => {
                        let frame = serde_json::from_str(&text).unwrap();
                        check_frame("agent", &frame);
                        return Ok(frame);
                    }
                    Message::Close(Some(close)) => return Err(close.code.into()),
                    Message::Ping(_) | Message::Pong(_) => {}
                    other @ (Message::Binary(_) | Message::Close(None) | Message::Frame(_)) => {
                        panic!("{other:?}")
                    }
                }
            }
        };
        timeout(PATIENCE, frame).await.expect("a frame comes")
    }

    /// The next frame; checks that numbers have no gaps.
    async fn checked(&mut self) -> Value {
        let frame = self.frame().await;
        if let Some(seq) = frame["seq"].as_u64() {
            assert_eq!(seq, self.seq + 1, "{frame}");
            assert!(frame["at"].as_str().unwrap().ends_with('Z'), "{frame}");
            self.seq = seq;
        }
        frame
    }

    /// The next frame of this type; others are kept for later.
    pub(crate) async fn next(&mut self, kind: &str) -> Value {
        if let Some(at) = self.kept.iter().position(|frame| frame["type"] == kind) {
            return self.kept.remove(at);
        }
        loop {
            let frame = self.checked().await;
            if frame["type"] == kind {
                return frame;
            }
            self.kept.push(frame);
        }
    }

    /// Sends a command; returns its answer.
    pub(crate) async fn ask(&mut self, members: &str) -> Value {
        self.commands += 1;
        let cmd = format!("c{}", self.commands);
        self.ask_as(&cmd, members).await
    }

    pub(crate) async fn ask_as(&mut self, cmd: &str, members: &str) -> Value {
        self.send(&format!(r#"{{"cmd":"{cmd}",{members}}}"#)).await;
        loop {
            let frame = self.checked().await;
            if frame["cmd"] == cmd {
                assert_eq!(frame.get("seq"), None, "answers are not numbered");
                return frame;
            }
            self.kept.push(frame);
        }
    }

    pub(crate) async fn ok(&mut self, members: &str) {
        let answer = self.ask(members).await;
        assert_eq!(answer["type"], "ok", "{members}: {answer}");
    }

    /// The code with which a command is refused.
    pub(crate) async fn refused(&mut self, members: &str) -> String {
        let answer = self.ask(members).await;
        assert_eq!(answer["type"], "refused", "{members}: {answer}");
        answer["code"].as_str().unwrap().to_owned()
    }

    /// The id of the next offer.
    pub(crate) async fn offer(&mut self) -> String {
        let frame = self.next("offer").await;
        frame["offer"]["id"].as_str().unwrap().to_owned()
    }

    /// Accepts the next offer; returns its contact.
    pub(crate) async fn take(&mut self) -> String {
        let frame = self.next("offer").await;
        let offer = frame["offer"]["id"].as_str().unwrap();
        self.ok(&format!(r#""type":"delivered","offer":"{offer}""#))
            .await;
        self.ok(&format!(r#""type":"accept","offer":"{offer}""#))
            .await;
        frame["offer"]["contact"]["id"].as_str().unwrap().to_owned()
    }

    /// The code with which the server closes, after any other frames.
    pub(crate) async fn close_code(&mut self) -> u16 {
        close_code(&mut self.socket).await
    }

    /// No frame of this type arrives for a while.
    pub(crate) async fn none(&mut self, kind: &str, pause: Duration) {
        assert!(!self.kept.iter().any(|frame| frame["type"] == kind));
        let next = timeout(pause, self.next(kind)).await;
        assert!(next.is_err(), "{next:?}");
    }
}

pub(crate) async fn close_code(socket: &mut WebSocketStream<TcpStream>) -> u16 {
    let close = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(Message::Close(None))) => panic!("closed without a code"),
                Some(Ok(_)) => {}
                other => panic!("the server hung up without a close frame: {other:?}"),
            }
        }
    };
    timeout(PATIENCE, close).await.unwrap()
}
