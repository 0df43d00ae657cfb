//! Everything that runs beside the caller: named, and its abnormal end is reported.
//!
//! A *vital* task or thread is one without which the process only seems to work; if it
//! panics, the process ends.
//!
//! **Invariant:** nothing else spawns, and nothing else ends the process.

use std::future::Future;
use std::io;
use std::thread;

use futures_util::FutureExt;
use tokio::task::JoinHandle;

/// The exit code after a bug (`EX_SOFTWARE`).
pub const EXIT_BUG: i32 = 70;
/// The exit code after a failure of the disk (`EX_IOERR`).
pub const EXIT_IO: i32 = 74;

/// Starts a task whose panic is reported.
pub fn spawn<T: Send + 'static>(
    name: &'static str,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    start(Watch { name, vital: false }, future)
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

/// Ends the process at once: nothing that was not said before is said any more.
pub fn end_process(code: i32, sentence: &str) -> ! {
    eprintln!("switchboard: {sentence}");
    std::process::exit(code)
}

fn start<T: Send + 'static>(
    watch: Watch,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    // Not an `async` block: that would have room for the future twice.
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

/// Notices, when it is dropped, whether its task ends by a panic.
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
            end_process(EXIT_BUG, &format!("{} has panicked", self.name));
        }
        tracing::error!(task = self.name, "panicked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_gives_back_what_it_made() {
        assert_eq!(spawn("seven", async { 7 }).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn the_panic_of_a_task_that_is_not_vital_stays_its_own() {
        let ended = spawn("unlucky", async { panic!("by design") }).await;
        assert!(ended.unwrap_err().is_panic());
    }
}
