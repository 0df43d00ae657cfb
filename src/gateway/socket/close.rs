//! Why the server closes a WebSocket, in the codes of the protocol.

use std::io;

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Why the server closes a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Close {
    /// The client has closed, or is gone: there is nobody to tell.
    Gone,
    /// A newer login of the same agent.
    Replaced,
    /// What is sent is not read.
    TooSlow,
    /// The token's time is over, or what it allowed is taken back.
    Unauthorised,
    /// Come back, with jitter.
    Restarting,
    TooBig,
    /// Not UTF-8.
    Garbled,
    /// Binary, where only text is understood.
    Binary,
    /// No WebSocket protocol.
    Protocol,
    /// Too much of what makes no sense.
    Policy,
    Internal,
}

impl Close {
    /// Those of which the client is told.
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
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Replaced => (CloseCode::Library(4001), "signed in elsewhere"),
            Self::TooSlow => (CloseCode::Library(4008), "too slow"),
            Self::Unauthorised => (CloseCode::Library(4401), "token expired"),
            Self::Restarting => (CloseCode::Restart, "restarting, come back with jitter"),
            Self::TooBig => (CloseCode::Size, "a message has at most 64 KiB"),
            Self::Garbled => (CloseCode::Invalid, "not UTF-8"),
            Self::Binary => (CloseCode::Unsupported, "text frames only"),
            Self::Protocol => (CloseCode::Protocol, "not the WebSocket protocol"),
            Self::Policy => (CloseCode::Policy, "too much that makes no sense"),
            Self::Internal => (CloseCode::Error, "an error of the server"),
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
