//! Opens WebSockets to the server, as any client does.

use std::net::SocketAddr;

use http::Uri;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Error};
use tokio_tungstenite::{WebSocketStream, client_async};

pub(super) type Socket = WebSocketStream<TcpStream>;

/// Opens `path` with a subprotocol and a bearer token.
pub(super) async fn open(
    address: SocketAddr,
    path: &'static str,
    protocol: &'static str,
    token: &str,
) -> Result<Socket, Error> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let uri = Uri::builder()
        .scheme("ws")
        .authority(address.to_string())
        .path_and_query(path)
        .build()?;
    let request = ClientRequestBuilder::new(uri)
        .with_header("Authorization", format!("Bearer {token}"))
        .with_sub_protocol(protocol);
    let (socket, _) = client_async(request, tcp).await?;
    Ok(socket)
}
