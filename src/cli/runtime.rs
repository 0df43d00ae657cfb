//! The runtime that commands with something to wait for run on.

use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::cli::say;

/// Does `work`; what it leaves behind, such as a recovery that was given up, ends
/// with the process.
pub(super) fn run(work: impl Future<Output = ExitCode>) -> ExitCode {
    match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            runtime.shutdown_background();
            code
        }
        Err(error) => say::failed(&format_args!("cannot start a runtime: {error}")),
    }
}
