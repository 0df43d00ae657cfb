//! Where the server listens, and which origins it accepts.

use std::net::{Ipv4Addr, SocketAddr};

use http::uri::Authority;

use crate::config::reader::Reader;
use crate::config::value::LABEL_BYTES_MAX;
use crate::gateway::options::CONNECTIONS_MAX;

/// The most origins that may open WebSockets.
const ORIGINS_MAX: usize = 64;

const LISTEN_FORM: &str = "an address and a port, as in 127.0.0.1:8080 or [::1]:8080";
const ORIGIN_FORM: &str = "an origin as browsers send it, in lower case and without the default port, as in https://desk.example.com";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    pub listen: SocketAddr,
    /// Maximum concurrent connections; further ones get 503.
    pub connections_max: u32,
    /// Web pages from these origins may open WebSockets, in addition to the server's own.
    pub origins: Vec<String>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            connections_max: CONNECTIONS_MAX,
            origins: Vec::new(),
        }
    }
}

pub(super) fn read(server: &mut Reader<'_, '_>) -> ServerOptions {
    let default = ServerOptions::default();
    let listen = server.key("listen");
    let listen = listen.parse(LISTEN_FORM, |value| value.as_str()?.parse().ok());
    let connections_max = server.key("connections_max").whole(1..=1_000_000);
    let origins = server.key("origins").strings(ORIGINS_MAX, |text, _| {
        let sound = is_origin(text).then(|| text.to_owned());
        sound.ok_or_else(|| ORIGIN_FORM.to_owned())
    });
    ServerOptions {
        listen: listen.unwrap_or(default.listen),
        connections_max: connections_max.unwrap_or(default.connections_max),
        origins,
    }
}

/// Whether this is how browsers write an origin: any other form would never equal what they send.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let usual = if scheme == "http" { 80 } else { 443 };
    let bare = |authority: Authority| {
        // The default port is omitted.
        let port = authority.port();
        let is_said = |port: http::uri::Port<&str>| {
            port.as_str() == port.as_u16().to_string() && port.as_u16() != usual
        };
        !authority.host().is_empty()
            && !host.contains('@')
            && !host.ends_with(':')
            && port.is_none_or(is_said)
    };
    matches!(scheme, "http" | "https")
        && text.len() <= LABEL_BYTES_MAX
        && !text.bytes().any(|byte| byte.is_ascii_uppercase())
        && host.parse().is_ok_and(bare)
}
