//! A proxy for Redis that can silently drop everything.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Forwards connections until the test ends.
pub(crate) struct Proxy {
    port: u16,
    target: Arc<AtomicU16>,
    opened: Arc<AtomicU64>,
    /// Connections with a smaller number are black holes.
    swallowed: Arc<AtomicU64>,
    _task: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(AtomicU16::new(target));
        let opened = Arc::new(AtomicU64::new(0));
        let swallowed = Arc::new(AtomicU64::new(0));
        let mut task = JoinSet::new();
        let leads_to = Arc::clone(&target);
        let (numbers, holes) = (Arc::clone(&opened), Arc::clone(&swallowed));
        task.spawn(async move {
            let mut halves = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let number = numbers.fetch_add(1, Ordering::SeqCst);
                let far = TcpStream::connect(("127.0.0.1", leads_to.load(Ordering::SeqCst)))
                    .await
                    .unwrap();
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.into_split();
                halves.spawn(forward(near_in, far_out, number, Arc::clone(&holes)));
                halves.spawn(forward(far_in, near_out, number, Arc::clone(&holes)));
            }
        });
        Self {
            port,
            target,
            opened,
            swallowed,
            _task: task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Connections opened from now on lead to another server.
    pub(crate) fn lead_to(&self, target: u16) {
        self.target.store(target, Ordering::SeqCst);
    }

    /// Blocks the open connections.
    pub(crate) fn swallow(&self) {
        self.swallowed
            .store(self.opened.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    number: u64,
    holes: Arc<AtomicU64>,
) {
    let mut bytes = vec![0; 16 * 1_024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if number < holes.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
