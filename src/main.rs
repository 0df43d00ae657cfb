//! The `switchboard` command.

use std::process::ExitCode;

// With the system's allocator a contact's life takes half as much again of the
// processor (80 against 52 µs; `loadtest compare`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    switchboard::cli::run()
}
