//! What the program says of a panic while it holds a canary.
//!
//! Owns a child of the same program that sets its log up as serving does and then panics, on a thread
//! and in a task, with text of a request in its hands. No request makes accuscope panic, so it is asked.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use super::ProveError;
use super::calls::Owner;
use super::canaries::{Aviary, CanaryKind};
use super::sinks::Sink;
use crate::telemetry::logging;

/// The argument by which `prove-redaction` is told to be that child.
pub const ARGUMENT: &str = "--panic";

/// Starts the child, gives it canaries, and takes what it says.
pub(super) async fn provoke(
    program: &Path,
    aviary: &mut Aviary,
    owners: &mut Vec<Owner>,
) -> Result<Vec<Sink>, ProveError> {
    let mut text = String::new();
    for kind in [CanaryKind::Name, CanaryKind::BcHealthNumber, CanaryKind::Bearer] {
        text += &super::typed(aviary, kind, "panic", owners).text;
        text.push('\n');
    }
    let mut child = tokio::process::Command::new(program)
        .args(["prove-redaction", ARGUMENT])
        .env("RUST_BACKTRACE", "full")
        .env("RUST_LOG", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).await?;
    }
    let output = child.wait_with_output().await?;
    Ok(vec![
        Sink::required("panic report, standard output", output.stdout),
        Sink::new("panic report, standard error", output.stderr),
    ])
}

/// Is that child.
///
/// # Errors
///
/// If standard input cannot be read.
///
/// # Panics
///
/// In threads and tasks of its own, which is what it is for.
pub fn be_the_child() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    logging::start("trace");
    let (of_thread, of_task) = (text.clone(), text.clone());
    // Both end in an error, which is what they are for.
    drop(std::thread::spawn(move || panic!("{of_thread}")).join());
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    drop(runtime.block_on(async { tokio::spawn(async move { panic!("{of_task}") }).await }));
    drop(std::panic::catch_unwind(|| {
        // What an unwrapped error that holds text does.
        text.parse::<u64>().map_err(|error| format!("{text}: {error}")).expect("a number")
    }));
    Ok(())
}
