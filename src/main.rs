//! The program: reads the command line, runs the command, prints why it failed.

use std::io::Write;
use std::process::ExitCode;

use accuscope::cli::{self, Exit};

/// The system's allocator keeps what days of mixed loads have left in its arenas (BENCHMARKS.md, "Soak").
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::read(std::env::args_os()).and_then(cli::run) {
        Ok(Exit::Success) => ExitCode::SUCCESS,
        Ok(Exit::Trouble) => ExitCode::FAILURE,
        Err(failure) if failure.message.is_empty() => ExitCode::from(failure.status),
        Err(failure) => {
            // If even standard error is closed, the exit status still tells.
            drop(writeln!(std::io::stderr(), "accuscope: {}", failure.message));
            ExitCode::from(failure.status)
        }
    }
}
