//! The null router: the interface of Switchboard, with nothing behind it.
//!
//! It accepts contacts over HTTP and hands each to the next ready agent over its WebSocket. There
//! is no engine, journal or customer lookup, so its throughput is the upper bound of this machine
//! and these libraries. Start at [`serve`].
//!
//! **Invariant:** it remembers a contact only until the contact ends.

mod contact;
mod desk;
mod door;
mod frame;
mod hub;
mod session;

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::fault::{Doing, Fault};
use crate::task;

/// Where to listen.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// Serves until the process ends.
pub(crate) async fn run(options: Options) -> Result<(), Fault> {
    let listener = TcpListener::bind(options.listen)
        .await
        .doing(&format!("listen on {}", options.listen))?;
    let address = listener.local_addr().doing("read the address")?;
    writeln!(std::io::stdout(), "listening on http://{address}").doing("print the address")?;
    serve(listener).await;
    Ok(())
}

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener) {
    let router = door::router(Arc::new(hub::Hub::default()));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                task::spawn(serve_connection(stream, router.clone()));
            }
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "a connection was not accepted: {error}");
                // Most likely out of files: wait for a connection to close.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, router: Router) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            router
                .oneshot(request.map(Body::new))
                .await
                .map_err(|never: Infallible| never)
        }
    });
    // A client that disconnects in the middle is not the server's concern.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}
