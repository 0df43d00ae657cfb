//! Starts everything that runs in the background: each task has a name, and its panic is reported.
//!
//! A panic in a *vital* task or thread ends the process, which would be useless without it. A
//! *lasting* task is one that others rely on and that can be restarted.
//!
//! Work that its caller waits for (`spawn_blocking`, scoped threads) is not started here: its panic
//! reaches the caller.
//!
//! **Invariant:** nothing else starts work that outlives its caller, and nothing else ends the
//! process.

mod backoff;

use std::future::Future;
use std::io;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::sleep;

pub use backoff::Backoff;

/// The delay before a lasting task is restarted after a panic.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The exit code after a bug (`EX_SOFTWARE`).
pub const EXIT_BUG: i32 = 70;
/// The exit code after a disk failure (`EX_IOERR`).
pub const EXIT_IO: i32 = 74;

/// Starts a task whose panic is reported.
pub fn spawn<T: Send + 'static>(
    name: &'static str,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    start(Watch { name, vital: false }, future)
}

/// Starts a task made by `begin`; a panic is reported, and the task is made anew.
pub fn spawn_lasting<F: Future<Output = ()> + Send + 'static>(
    name: &'static str,
    begin: impl Fn() -> F + Send + 'static,
) -> JoinHandle<()> {
    spawn(name, async move {
        while AssertUnwindSafe(begin()).catch_unwind().await.is_err() {
            report(name);
            sleep(AGAIN_AFTER).await;
        }
    })
}

/// Starts a task whose panic ends the process.
pub fn spawn_vital<T: Send + 'static>(
    name: &'static str,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    start(Watch { name, vital: true }, future)
}

/// Starts a thread whose panic ends the process.
pub fn thread_vital(
    name: &'static str,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _watch = Watch { name, vital: true };
        run();
    })
}

/// Starts a thread whose panic is reported.
pub fn thread<T: Send + 'static>(
    name: &'static str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<thread::JoinHandle<T>> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _watch = Watch { name, vital: false };
        run()
    })
}

/// The result of `work`; none if it panics, which is reported.
pub fn caught<T>(name: &'static str, work: impl FnOnce() -> T) -> Option<T> {
    let made = catch_unwind(AssertUnwindSafe(work));
    made.inspect_err(|_| report(name)).ok()
}

/// Ends the process at once, without sending anything more.
pub fn end_process(code: i32, sentence: &str) -> ! {
    // It ends even if standard error cannot be written.
    let _ = writeln!(io::stderr(), "switchboard: {sentence}");
    std::process::exit(code)
}

fn start<T: Send + 'static>(
    watch: Watch,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    // Not an `async` block: that would reserve space for the future twice.
    let watched = future.map(move |made| {
        drop(watch);
        made
    });
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that spawns"
    )]
    tokio::spawn(watched)
}

/// Detects, when dropped, that its task ended with a panic.
struct Watch {
    name: &'static str,
    vital: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        if self.vital {
            end_process(EXIT_BUG, &format!("{} panicked", self.name));
        }
        report(self.name);
    }
}

fn report(name: &str) {
    tracing::error!(task = name, "panicked");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_task_gives_back_what_it_made() {
        assert_eq!(spawn("seven", async { 7 }).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_lasting_task_begins_again_after_a_panic_and_ends_when_it_is_done() {
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&begun);
        let lasting = spawn_lasting("unlucky once", move || {
            let begun = counted.fetch_add(1, Ordering::Relaxed) + 1;
            async move { assert!(begun > 1, "by design") }
        });
        lasting.await.unwrap();
        assert_eq!(begun.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_panic_that_is_caught_leaves_nothing() {
        assert_eq!(caught("seven", || 7), Some(7));
        assert_eq!(caught("unlucky", || -> u8 { panic!("by design") }), None);
    }

    #[tokio::test]
    async fn the_panic_of_a_task_that_is_not_vital_stays_its_own() {
        let ended = spawn("unlucky", async { panic!("by design") }).await;
        assert!(ended.unwrap_err().is_panic());
    }
}
