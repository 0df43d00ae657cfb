//! An agent's desktop that follows the test step by step.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::patience::PATIENCE;

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// Numbers commands across all desktops: a resumed session must not reuse a name.
static ASKED: AtomicU64 = AtomicU64::new(1);

/// What a socket yields.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Value),
    /// With the server's close code, if any.
    Closed(Option<u16>),
}

pub(crate) struct Desktop {
    pub(crate) agent: String,
    socket: Socket,
    /// Received frames that have not been waited for yet.
    unread: VecDeque<Value>,
    pub(crate) welcome: Value,
}

/// Opens the WebSocket of an agent.
pub(crate) async fn open(address: SocketAddr, agent: &str) -> Result<Socket, Error> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let uri = format!("ws://{address}/v1/agent").parse().unwrap();
    let request = ClientRequestBuilder::new(uri)
        .with_header("Authorization", format!("Bearer dev-agent:{agent}"))
        .with_sub_protocol("switchboard.agent.v1");
    Ok(client_async(request, stream).await?.0)
}

/// The next frame of text.
pub(crate) async fn hear(socket: &mut Socket) -> Heard {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                return Heard::Frame(serde_json::from_str(&text).unwrap());
            }
            Some(Ok(Message::Close(frame))) => {
                // Answers the close, as the protocol requires.
                let _ = socket.flush().await;
                return Heard::Closed(frame.map(|frame| frame.code.into()));
            }
            None | Some(Err(_)) => return Heard::Closed(None),
            Some(Ok(_)) => {}
        }
    }
}

impl Desktop {
    /// Signs in and waits for the welcome.
    pub(crate) async fn sign_in(address: SocketAddr, agent: &str) -> Self {
        let mut desktop = Self {
            agent: agent.to_owned(),
            socket: open(address, agent).await.unwrap(),
            unread: VecDeque::new(),
            welcome: Value::Null,
        };
        desktop.welcome = desktop.next().await;
        assert_eq!(desktop.welcome["type"], "welcome");
        desktop
    }

    /// Signs in and reports ready.
    pub(crate) async fn ready(address: SocketAddr, agent: &str) -> Self {
        let mut desktop = Self::sign_in(address, agent).await;
        desktop.succeed(json!({"type": "ready"})).await;
        desktop
    }

    pub(crate) fn token(&self) -> &str {
        self.welcome["resume_token"].as_str().unwrap()
    }

    async fn next(&mut self) -> Value {
        match self.listen().await {
            Heard::Frame(frame) => frame,
            Heard::Closed(code) => panic!("{} was closed with {code:?}", self.agent),
        }
    }

    async fn listen(&mut self) -> Heard {
        let heard = timeout(PATIENCE, hear(&mut self.socket)).await;
        heard.unwrap_or_else(|_| panic!("{} hears nothing any more", self.agent))
    }

    /// Sends a command and does not wait for anything.
    pub(crate) async fn say(&mut self, cmd: &str, mut command: Value) {
        command["cmd"] = json!(cmd);
        let text = Message::text(command.to_string());
        self.socket.send(text).await.unwrap();
    }

    /// The answer to a command; frames before it are kept.
    pub(crate) async fn answer(&mut self, cmd: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["cmd"] == cmd {
                return frame;
            }
            self.unread.push_back(frame);
        }
    }

    /// Sends a command, and returns the answer.
    pub(crate) async fn ask(&mut self, command: Value) -> Value {
        let cmd = ASKED.fetch_add(1, Ordering::Relaxed).to_string();
        self.ask_as(&cmd, command).await
    }

    /// The same, under a name of the test's choosing.
    pub(crate) async fn ask_as(&mut self, cmd: &str, command: Value) -> Value {
        self.say(cmd, command).await;
        self.answer(cmd).await
    }

    pub(crate) async fn succeed(&mut self, command: Value) {
        let what = command.to_string();
        let answer = self.ask(command).await;
        assert_eq!(answer["type"], "ok", "{what}: {answer}");
    }

    /// The first frame of a type that has not been waited for yet; frames of other types before it
    /// are kept.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        let known = self.unread.iter().position(|frame| frame["type"] == kind);
        if let Some(index) = known {
            return self.unread.remove(index).unwrap();
        }
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
            self.unread.push_back(frame);
        }
    }

    /// The frames not waited for, in order. A round trip makes sure that everything already on its
    /// way is included.
    pub(crate) async fn everything_so_far(&mut self) -> Vec<Value> {
        self.succeed(json!({"type": "ack", "seq": 0})).await;
        self.unread.drain(..).collect()
    }

    /// The next offer, shown to the agent.
    pub(crate) async fn shown_offer(&mut self) -> (String, String) {
        let (offer, contact) = self.offer().await;
        self.succeed(json!({"type": "delivered", "offer": offer}))
            .await;
        (offer, contact)
    }

    /// The next offer and its contact, which the desktop has not shown.
    pub(crate) async fn offer(&mut self) -> (String, String) {
        let frame = self.expect("offer").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let offer = &frame["offer"];
        (text(&offer["id"]), text(&offer["contact"]["id"]))
    }

    /// Accepts the next offer, and returns its contact.
    pub(crate) async fn take_one(&mut self) -> String {
        let (offer, contact) = self.shown_offer().await;
        self.succeed(json!({"type": "accept", "offer": offer}))
            .await;
        contact
    }

    pub(crate) async fn complete(&mut self, contact: &str) {
        let complete = json!({"type": "complete", "contact": contact, "outcome": "resolved"});
        self.succeed(complete).await;
    }

    /// Reads until the server closes, and returns the code.
    pub(crate) async fn await_close(mut self) -> Option<u16> {
        loop {
            match self.listen().await {
                Heard::Frame(_) => {}
                Heard::Closed(code) => return code,
            }
        }
    }
}
