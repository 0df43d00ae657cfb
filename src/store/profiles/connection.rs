//! One connection to Redis, and the task that maintains it.
//!
//! Without a connection all requests fail immediately. The task closes a connection when several
//! requests in a row time out, when a ping is not answered, or when the socket is closed; then it
//! opens a new one, with growing pauses between attempts.
//!
//! A primary that has become a replica still answers reads, so its connection is kept while another
//! is tried in parallel: the address may lead to the new primary.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, RedisResult,
    ServerError, ServerErrorKind, Value,
};
use tokio::sync::{Notify, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::episode::Episode;
use crate::stopwatch::now;
use crate::store::profiles::fault::StoreFault;
use crate::store::profiles::options::RedisUrl;
use crate::task;
use crate::task::Backoff;

/// How long a request may take. Routing waits far less; a late answer is still useful.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
const PING_EVERY: Duration = Duration::from_secs(1);
const PING_WITHIN: Duration = Duration::from_secs(1);
/// The connection is closed after this many requests in a row have timed out.
const TIMEOUTS_MAX: u32 = 8;
/// The most requests in progress; further ones are rejected.
const IN_FLIGHT_MAX: usize = 4_096;
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_MAX: Duration = Duration::from_secs(1);
/// A primary is sought with every third ping.
const SEEK_EVERY: u32 = 3;
/// Requests that lack a permission are repeated sooner than this.
const REFUSES_NOTHING_AFTER: Duration = Duration::from_secs(40);

/// Lends out the connection. Dropping it ends the task.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    client: Client,
    link: ArcSwapOption<Link>,
    /// The user lacks a permission for a request.
    lacks_right: Episode,
    in_flight: Semaphore,
}

struct Link {
    connection: MultiplexedConnection,
    timeouts: AtomicU32,
    broken: Notify,
    /// It has rejected a write as a replica does.
    is_of_replica: AtomicBool,
}

/// Why a connection is no longer usable.
enum End {
    Broken(&'static str),
    Replaced { by: Link, is_primary: bool },
}

impl Keeper {
    /// A Redis that is down does not prevent the start; one that rejects the password does.
    pub(super) async fn start(url: &RedisUrl) -> Result<Self, StoreFault> {
        let shared = Arc::new(Shared {
            client: client(url).map_err(|error| fault(&error))?,
            link: ArcSwapOption::empty(),
            lacks_right: Episode::new(REFUSES_NOTHING_AFTER),
            in_flight: Semaphore::new(IN_FLIGHT_MAX),
        });
        match shared.connect().await {
            Ok(link) => shared.link.store(Some(Arc::new(link))),
            Err(error) if is_unauthorised(&error) => return Err(fault(&error)),
            Err(error) => tracing::warn!(%error, "the customer store cannot be reached yet"),
        }
        let kept = Arc::clone(&shared);
        let keeping = move || Arc::clone(&kept).keep();
        let task = task::spawn_lasting("customer store, connection", keeping).abort_handle();
        Ok(Self { shared, task })
    }

    /// Lends the connection to `work`, which must give it back: it must not
    /// hold the connection for longer than its future lives.
    pub(super) async fn lend<T, F>(
        &self,
        work: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, StoreFault>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let _place = self
            .shared
            .in_flight
            .try_acquire()
            .map_err(|_| StoreFault::Busy)?;
        let link = self.shared.link.load_full();
        let link = link.ok_or(StoreFault::Unreachable)?;
        let answer = work(link.connection.clone()).await;
        link.judge(answer.as_ref().err());
        answer.map_err(|error| {
            let fault = fault(&error);
            if matches!(fault, StoreFault::NotAllowed(_)) && self.shared.lacks_right.came(1, now())
            {
                tracing::error!(
                    %fault,
                    "requests that need the permission fail until it is granted"
                );
            }
            fault
        })
    }

    /// Whether there is a connection.
    pub(super) fn is_reachable(&self) -> bool {
        self.shared.link.load().is_some()
    }

    /// Whether it is connected and lacks no permission.
    pub(super) fn is_well(&self) -> bool {
        self.is_reachable() && !self.shared.lacks_right.goes_on()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    async fn connect(&self) -> RedisResult<Link> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_pipeline_buffer_size(1_024);
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        // An open socket is not enough: a stopped process still accepts.
        redis::cmd("PING").exec_async(&mut connection).await?;
        Ok(Link {
            connection,
            timeouts: AtomicU32::new(0),
            broken: Notify::new(),
            is_of_replica: AtomicBool::new(false),
        })
    }

    async fn keep(self: Arc<Self>) {
        let mut backoff = Backoff::new(RETRY_FIRST, RETRY_MAX);
        let mut is_refused = false;
        loop {
            let link = self.link.load_full();
            if let Some(link) = link {
                match self.end_of(&link, &mut backoff).await {
                    End::Broken(reason) => {
                        self.link.store(None);
                        tracing::warn!(reason, "the connection to the customer store is given up");
                    }
                    End::Replaced { by, is_primary } => {
                        self.link.store(Some(Arc::new(by)));
                        if is_primary {
                            tracing::info!("the customer store is a primary again");
                        }
                        continue;
                    }
                }
            }
            sleep(backoff.pause()).await;
            match self.connect().await {
                Ok(link) => {
                    self.link.store(Some(Arc::new(link)));
                    tracing::info!("the customer store is connected");
                    is_refused = false;
                }
                Err(error) if is_unauthorised(&error) => {
                    // Logged once until it recovers; it is tried every second.
                    if !is_refused {
                        let reason = refusal_of_caller(&code(&error));
                        tracing::error!(
                            reason,
                            "the customer store answers but does not let us in: nobody is known and \
                             no change is taken until it does, or until a start with another \
                             customers.url"
                        );
                    }
                    is_refused = true;
                }
                Err(error) => tracing::debug!(%error, "the customer store cannot be reached"),
            }
        }
    }

    /// Waits until the connection is unusable. Once a ping has been answered, the next attempt to
    /// connect need not wait long.
    async fn end_of(&self, link: &Link, backoff: &mut Backoff) -> End {
        let mut pings = 0_u32;
        loop {
            tokio::select! {
                () = link.broken.notified() => return End::Broken("its requests fail"),
                () = sleep(PING_EVERY) => {}
            }
            let mut connection = link.connection.clone();
            let ping = async move { redis::cmd("PING").exec_async(&mut connection).await };
            match timeout(PING_WITHIN, ping).await {
                Ok(Ok(())) => backoff.reset(),
                Ok(Err(_)) => return End::Broken("a ping failed"),
                Err(_) => return End::Broken("a ping went unanswered"),
            }
            if let Some(refused) = self.lacks_right.over(now()) {
                tracing::info!(refused, "the customer store no longer denies permissions");
            }
            pings = pings.wrapping_add(1);
            let is_of_replica = link.is_of_replica.load(Ordering::Relaxed);
            if is_of_replica
                && pings.is_multiple_of(SEEK_EVERY)
                && let Some(better) = self.seek_primary().await
            {
                return better;
            }
        }
    }

    /// Another connection, unless it leads to a replica as well.
    async fn seek_primary(&self) -> Option<End> {
        let by = self.connect().await.ok()?;
        let mut connection = by.connection.clone();
        let role = redis::cmd("ROLE").query_async(&mut connection).await;
        let role: RedisResult<Vec<Value>> = role;
        let is_primary = match role.as_deref() {
            Ok([Value::BulkString(role), ..]) if role == b"master" => true,
            // The command is not permitted; the new one is no worse in any case.
            Err(error) if is_unauthorised(error) => false,
            Ok(_) | Err(_) => return None,
        };
        Some(End::Replaced { by, is_primary })
    }
}

impl Link {
    /// What the end of a request says about the connection.
    fn judge(&self, error: Option<&RedisError>) {
        match error {
            Some(error) if error.is_timeout() => {
                if self.timeouts.fetch_add(1, Ordering::Relaxed) + 1 >= TIMEOUTS_MAX {
                    self.broken.notify_one();
                }
            }
            Some(error) if error.is_unrecoverable_error() => self.broken.notify_one(),
            Some(error) if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) => {
                self.is_of_replica.store(true, Ordering::Relaxed);
            }
            Some(_) | None => self.timeouts.store(0, Ordering::Relaxed),
        }
    }
}

fn client(url: &RedisUrl) -> RedisResult<Client> {
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(5))
        .with_interval(Duration::from_secs(1))
        .with_retries(3);
    let tcp = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive)
        .set_user_timeout(Duration::from_secs(3));
    Client::open(url.as_str().into_connection_info()?.set_tcp_settings(tcp))
}

fn is_unauthorised(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed
        || matches!(code(error).as_str(), "NOAUTH" | "WRONGPASS" | "NOPERM")
}

fn fault(error: &RedisError) -> StoreFault {
    if error.is_timeout() {
        return StoreFault::TimedOut;
    }
    let code = code(error);
    if error.is_unrecoverable_error() && !is_unauthorised(error) || is_not_ready(&code) {
        return StoreFault::Unreachable;
    }
    if let Some(words) = refusal_of_changes(error) {
        return StoreFault::TakesNoChanges(words);
    }
    if let Some(words) = refusal_of_right(error) {
        let what = format!("the user in customers.url lacks a permission ({words})");
        return StoreFault::NotAllowed(what);
    }
    if is_of_one_key(error) {
        return StoreFault::Corrupt("a key that holds something else".to_owned());
    }
    if is_unauthorised(error) {
        return StoreFault::Failed(refusal_of_caller(&code));
    }
    if matches!(code.as_str(), "MOVED" | "ASK" | "CROSSSLOT") {
        let words = "this node of a Redis cluster does not have the keys of this site; customers.url \
                     must name the node that has";
        return StoreFault::Failed(format!("{words} ({code})"));
    }
    StoreFault::Failed(code)
}

/// An error's text may repeat what was sent; its code never does. For a pipeline, the first one.
fn code(error: &RedisError) -> String {
    let errors = error.clone().into_server_errors().unwrap_or_default();
    let first = errors.first().map(|(_, error)| error.code().to_owned());
    let code = first.or_else(|| error.code().map(str::to_owned));
    code.unwrap_or_else(|| format!("{:?}", error.kind()))
}

fn refusal_of_caller(code: &str) -> String {
    match code {
        "NOPERM" => format!("the user in customers.url lacks a permission ({code})"),
        _ => format!("the user or password in customers.url is refused ({code})"),
    }
}

/// In the server's own words, which repeat nothing that was sent: it is full, cannot save, lacks
/// replicas, or is a replica.
fn refusal_of_changes(error: &RedisError) -> Option<String> {
    refusal(error, |error| {
        matches!(error.code(), "OOM" | "MISCONF" | "NOREPLICAS" | "READONLY")
    })
}

/// In the server's own words, which at most name a command. For a script there is no code.
fn refusal_of_right(error: &RedisError) -> Option<String> {
    const OF_SCRIPT: &str = "The user executing the script can't";
    refusal(error, |error| {
        let words = error.details().unwrap_or("");
        error.code() == "NOPERM" || words.contains(OF_SCRIPT)
    })
}

/// The first matching error, in the server's own words.
fn refusal(error: &RedisError, is_one: impl Fn(&ServerError) -> bool) -> Option<String> {
    let errors = error.clone().into_server_errors()?;
    let (_, error) = errors.iter().find(|(_, error)| is_one(error))?;
    Some(format!(
        "{} {}",
        error.code(),
        error.details().unwrap_or("")
    ))
}

/// Something else was written under one of our keys; for a script the code is in the text.
fn is_of_one_key(error: &RedisError) -> bool {
    const CODE: &str = "WRONGTYPE";
    let errors = error.clone().into_server_errors().unwrap_or_default();
    let is_wrong_type = |error: &ServerError| {
        error.code() == CODE || error.details().is_some_and(|words| words.contains(CODE))
    };
    !errors.is_empty() && errors.iter().all(|(_, error)| is_wrong_type(error))
}

/// Errors of a server that is loading, failing over or busy with a script.
fn is_not_ready(code: &str) -> bool {
    matches!(
        code,
        "LOADING" | "BUSY" | "TRYAGAIN" | "CLUSTERDOWN" | "MASTERDOWN"
    )
}
