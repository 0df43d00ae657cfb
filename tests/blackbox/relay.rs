//! A relay between client and server that can go silent without closing: a half-open connection,
//! like that of a desktop that has lost its network.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) struct Relay {
    address: SocketAddr,
    silent: Arc<AtomicBool>,
    _wires: JoinSet<()>,
}

impl Relay {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silent = Arc::new(AtomicBool::new(false));
        let hush = Arc::clone(&silent);
        let mut wires = JoinSet::new();
        wires.spawn(async move {
            let mut halves = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(server).await.unwrap();
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.into_split();
                halves.spawn(forward(near_in, far_out, Arc::clone(&hush)));
                halves.spawn(forward(far_in, near_out, Arc::clone(&hush)));
            }
        });
        Self {
            address,
            silent,
            _wires: wires,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From here on nothing passes, and neither side notices.
    pub(crate) fn go_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, silent: Arc<AtomicBool>) {
    let mut bytes = vec![0; 16 * 1_024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if silent.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
