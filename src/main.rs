//! The `switchboard` command.

use std::process::ExitCode;

// With the system allocator a contact takes half as much CPU time again (80 instead of 52 µs;
// `loadtest compare`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    switchboard::cli::run()
}
