//! The async runtime for commands that need one.

use std::io;
use std::process::ExitCode;

use rustix::process::Signal;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::say;

/// Runs `work` to its end; blocking tasks that it leaves behind, such as an abandoned recovery,
/// end with the process.
pub(super) fn run(work: impl Future<Output = ExitCode>) -> ExitCode {
    match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            if let Err(error) = outlive_size_limit(&runtime) {
                return say::failed(&format_args!("cannot listen for signals: {error}"));
            }
            let code = runtime.block_on(work);
            runtime.shutdown_background();
            code
        }
        Err(error) => say::failed(&format_args!("cannot start a runtime: {error}")),
    }
}

/// Makes a file size limit (`ulimit -f`) a write error, as a full disk is, instead of the end of
/// the process.
fn outlive_size_limit(runtime: &Runtime) -> io::Result<()> {
    let _entered = runtime.enter();
    // Registering the handler is enough; the signal itself is ignored.
    signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).map(drop)
}
