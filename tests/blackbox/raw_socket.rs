//! A WebSocket as bytes: every frame that RFC 6455 defines, and those it forbids.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::chance::Chance;
use crate::patience::PATIENCE;

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
/// The approximate kernel buffer of a narrow socket.
const NARROW_BYTES: u32 = 4 * 1_024;

/// A frame as a client writes it, valid or not.
#[derive(Clone, Debug)]
pub(crate) struct RawFrame {
    pub(crate) is_final: bool,
    /// The three reserved bits, which must be zero.
    pub(crate) reserved: u8,
    pub(crate) opcode: u8,
    pub(crate) is_masked: bool,
    pub(crate) payload: Vec<u8>,
    /// The length in the header, if it is to be false.
    pub(crate) claimed_len: Option<u64>,
}

impl RawFrame {
    /// A valid frame.
    pub(crate) fn new(opcode: u8, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            is_final: true,
            reserved: 0,
            opcode,
            is_masked: true,
            payload: payload.into(),
            claimed_len: None,
        }
    }

    pub(crate) fn unfinished(self) -> Self {
        Self {
            is_final: false,
            ..self
        }
    }

    pub(crate) fn to_bytes(&self, chance: &mut Chance) -> Vec<u8> {
        let first = if self.is_final { FINAL } else { 0 };
        let mut bytes = vec![first | (self.reserved << 4) | self.opcode];
        let masked = if self.is_masked { MASKED } else { 0 };
        let len = self.claimed_len.unwrap_or(self.payload.len() as u64);
        match len {
            0..=125 => bytes.push(masked | len.to_le_bytes()[0]),
            126..=0xffff => {
                bytes.push(masked | 126);
                bytes.extend_from_slice(&len.to_be_bytes()[6..]);
            }
            _ => {
                bytes.push(masked | 127);
                bytes.extend_from_slice(&len.to_be_bytes());
            }
        }
        if !self.is_masked {
            bytes.extend_from_slice(&self.payload);
            return bytes;
        }
        let mask = chance.bytes(4);
        bytes.extend_from_slice(&mask);
        let masks = mask.iter().cycle();
        bytes.extend(
            self.payload
                .iter()
                .zip(masks)
                .map(|(byte, mask)| byte ^ mask),
        );
        bytes
    }
}

/// How the server ended a conversation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed(Option<u16>),
    /// Without a close frame.
    HungUp,
}

pub(crate) struct RawSocket {
    stream: TcpStream,
}

impl RawSocket {
    pub(crate) async fn open(address: SocketAddr, agent: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::shake_hands(stream, address, agent).await
    }

    /// With a small receive buffer.
    pub(crate) async fn open_narrow(address: SocketAddr, agent: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(NARROW_BYTES).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self::shake_hands(stream, address, agent).await
    }

    async fn shake_hands(mut stream: TcpStream, address: SocketAddr, agent: &str) -> Self {
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "GET /v1/agent HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: switchboard.agent.v1\r\n\
             Authorization: Bearer dev-agent:{agent}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self { stream }
    }

    /// Writes in pieces, as on a bad network; ignores a server that has hung up.
    pub(crate) async fn write(&mut self, bytes: &[u8], chance: &mut Chance) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let most = u64::try_from(rest.len()).unwrap();
            let whole = chance.percent(70);
            let count = if whole { most } else { chance.below(most) + 1 };
            let (piece, after) = rest.split_at(usize::try_from(count).unwrap());
            if self.stream.write_all(piece).await.is_err() {
                return;
            }
            rest = after;
        }
    }

    /// The next frame of the server, or how it ended.
    pub(crate) async fn read(&mut self) -> Result<(u8, Vec<u8>), End> {
        let read = timeout(PATIENCE, self.read_frame()).await;
        let read = read.unwrap_or_else(|_| panic!("the server neither answers nor closes"));
        match read {
            Ok((CLOSE, payload)) => Err(End::Closed(
                payload.first_chunk().map(|code| u16::from_be_bytes(*code)),
            )),
            Ok(frame) => Ok(frame),
            Err(_) => Err(End::HungUp),
        }
    }

    async fn read_frame(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let first = self.stream.read_u8().await?;
        let second = self.stream.read_u8().await?;
        assert_eq!(
            first & 0xf0,
            FINAL,
            "our server does not fragment or extend"
        );
        assert_eq!(second & MASKED, 0, "a server does not mask");
        let len = match second {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            len => u64::from(len),
        };
        let mut payload = vec![0; usize::try_from(len).unwrap()];
        self.stream.read_exact(&mut payload).await?;
        Ok((first & 0x0f, payload))
    }

    /// Skips everything until the server has ended the conversation.
    pub(crate) async fn await_end(&mut self) -> End {
        loop {
            if let Err(end) = self.read().await {
                return end;
            }
        }
    }
}
