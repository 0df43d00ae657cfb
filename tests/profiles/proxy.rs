//! A proxy for Redis that can silently drop everything, hold one request back, and spoil some.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Forwards connections until the test ends.
pub(crate) struct Proxy {
    port: u16,
    target: Arc<AtomicU16>,
    opened: Arc<AtomicU64>,
    mischief: Arc<Mischief>,
    _task: JoinSet<()>,
}

#[derive(Default)]
struct Mischief {
    /// Connections with a smaller number are black holes.
    swallowed: AtomicU64,
    /// What has this in it is held back, with all that follows it on its connection.
    held: Mutex<Option<Vec<u8>>>,
    spoils: AtomicBool,
    /// Requests to add to histories so far.
    histories: AtomicU64,
}

impl Proxy {
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(AtomicU16::new(target));
        let opened = Arc::new(AtomicU64::new(0));
        let mischief = Arc::<Mischief>::default();
        let mut task = JoinSet::new();
        let leads_to = Arc::clone(&target);
        let (numbers, does) = (Arc::clone(&opened), Arc::clone(&mischief));
        task.spawn(async move {
            let mut halves = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let number = numbers.fetch_add(1, Ordering::SeqCst);
                let far = TcpStream::connect(("127.0.0.1", leads_to.load(Ordering::SeqCst)))
                    .await
                    .unwrap();
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.into_split();
                halves.spawn(forward(near_in, far_out, number, Arc::clone(&does)));
                halves.spawn(forward(far_in, near_out, number, Arc::clone(&does)));
            }
        });
        Self {
            port,
            target,
            opened,
            mischief,
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
        let opened = self.opened.load(Ordering::SeqCst);
        self.mischief.swallowed.store(opened, Ordering::SeqCst);
    }

    /// Holds back the next request with this in it, and those after it on its connection.
    pub(crate) fn hold(&self, text: &str) {
        *self.mischief.held.lock().unwrap() = Some(text.into());
    }

    /// Lets what was held back go on its way.
    pub(crate) fn let_go(&self) {
        *self.mischief.held.lock().unwrap() = None;
    }

    /// Whether every other request to add to histories is one that Redis does not know.
    pub(crate) fn spoil(&self, spoils: bool) {
        self.mischief.spoils.store(spoils, Ordering::SeqCst);
    }
}

impl Mischief {
    fn holds(&self, bytes: &[u8]) -> bool {
        let held = self.held.lock().unwrap();
        held.as_ref()
            .is_some_and(|text| find(bytes, text).is_some())
    }

    fn spoil(&self, bytes: &mut [u8]) {
        const CALL: &[u8] = b"\r\nEVALSHA\r\n";
        let is_one = find(bytes, CALL).is_some() && find(bytes, b":history:c-").is_some();
        if !is_one || !self.spoils.load(Ordering::SeqCst) {
            return;
        }
        if self
            .histories
            .fetch_add(1, Ordering::SeqCst)
            .is_multiple_of(2)
        {
            while let Some(at) = find(bytes, CALL) {
                bytes[at + 8] = b'B';
            }
        }
    }
}

fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    number: u64,
    mischief: Arc<Mischief>,
) {
    let mut bytes = vec![0; 16 * 1_024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if number < mischief.swallowed.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        while mischief.holds(&bytes[..count]) {
            sleep(Duration::from_millis(10)).await;
        }
        mischief.spoil(&mut bytes[..count]);
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
