//! Why the server closes a WebSocket, as close codes and reasons.

use std::io;

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::wire::frame::FRAME_BYTES_MAX;

/// Why the server closes a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Close {
    /// The client has closed or is gone: no frame is sent.
    Gone,
    /// A newer login of the same agent.
    Replaced,
    /// The client does not read what is sent.
    TooSlow,
    /// The token has expired, the key or role has been removed, or the engine refuses the agent.
    Unauthorised,
    /// The server restarts: reconnect with jitter.
    Restarting,
    TooBig,
    /// Not UTF-8.
    Garbled,
    /// A binary frame.
    Binary,
    /// A violation of the WebSocket protocol.
    Protocol,
    /// Too many invalid or too many frames.
    Policy,
    Internal,
}

impl Close {
    /// Those with a close frame.
    pub(in crate::gateway) const TOLD: [Self; 10] = [
        Self::Protocol,
        Self::Binary,
        Self::Garbled,
        Self::Policy,
        Self::TooBig,
        Self::Internal,
        Self::Restarting,
        Self::Replaced,
        Self::TooSlow,
        Self::Unauthorised,
    ];

    pub(in crate::gateway) fn frame(self) -> Option<CloseFrame> {
        let too_big = format!("a message has at most {} KiB", FRAME_BYTES_MAX / 1_024);
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Replaced => (CloseCode::Library(4001), "signed in elsewhere"),
            Self::TooSlow => (CloseCode::Library(4008), "too slow"),
            Self::Unauthorised => (CloseCode::Library(4401), "token expired or withdrawn"),
            Self::Restarting => (CloseCode::Restart, "restarting; reconnect with jitter"),
            Self::TooBig => (CloseCode::Size, too_big.as_str()),
            Self::Garbled => (CloseCode::Invalid, "not UTF-8"),
            Self::Binary => (CloseCode::Unsupported, "text frames only"),
            Self::Protocol => (CloseCode::Protocol, "not the WebSocket protocol"),
            Self::Policy => (CloseCode::Policy, "too many frames, or invalid ones"),
            Self::Internal => (CloseCode::Error, "internal server error"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }
}

impl From<Error> for Close {
    fn from(error: Error) -> Self {
        match error {
            Error::Capacity(_) => Self::TooBig,
            Error::Utf8(_) => Self::Garbled,
            Error::WriteBufferFull(_) => Self::TooSlow,
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Gone,
            Error::Protocol(_) => Self::Protocol,
            Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::Policy,
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Io(_)
            | Error::Tls(_)
            | Error::AttackAttempt
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => Self::Gone,
        }
    }
}
