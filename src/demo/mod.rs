//! Stand-in until the demo lands.
use crate::cli::{Exit, Failure};
/// Arguments.
#[derive(clap::Args)]
pub struct DemoArguments {}
/// Runs.
pub fn run(_: &DemoArguments) -> Result<Exit, Failure> {
    Err(Failure::run_time("not yet"))
}
