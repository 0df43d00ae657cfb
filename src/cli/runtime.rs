//! The runtime that commands with something to wait for run on.

use std::io;
use std::process::ExitCode;

use rustix::process::Signal;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::say;

/// Does `work`; what it leaves behind, such as a recovery that was given up, ends
/// with the process.
pub(super) fn run(work: impl Future<Output = ExitCode>) -> ExitCode {
    match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            if let Err(error) = outlive_size_limit(&runtime) {
                return say::failed(&format_args!("cannot listen to signals: {error}"));
            }
            let code = runtime.block_on(work);
            runtime.shutdown_background();
            code
        }
        Err(error) => say::failed(&format_args!("cannot start a runtime: {error}")),
    }
}

/// A file that may not grow (`ulimit -f`) then is an error of whoever writes it, as a full disk
/// is, and not the end of the process.
fn outlive_size_limit(runtime: &Runtime) -> io::Result<()> {
    let _entered = runtime.enter();
    // Nobody waits for it; that it was asked for is enough.
    signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).map(drop)
}
