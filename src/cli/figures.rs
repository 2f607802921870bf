//! How new the adoption figures are that a command gives.
//!
//! Owns the flag and what is said. Counting is a serving process's: it writes, by its own settings, and other settings
//! must not change what it shows. Where none runs, as after an `import`, the command counts what is due.

use std::io::Write as _;
use std::time::Duration;

use clap::Args;
use jiff::civil::Date;

use super::exit::Failure;
use crate::clock::Clock;
use crate::domain::registry::Registry;
use crate::store::{Store, StoreError};

/// Whether to count first.
#[derive(Args)]
pub(super) struct Counting {
    /// Count what is not counted yet, by these settings, even if a serving process runs that would.
    #[arg(long)]
    count: bool,
}

impl Counting {
    /// Counts what is due where nobody else does, or where that was asked for; otherwise says what is due.
    pub(super) async fn prepare(&self, store: &Store, registry: &Registry) -> Result<(), Failure> {
        if self.count {
            store.count_tasks(registry).await?;
            return Ok(());
        }
        if !store.counts_mergers_of(registry).await? {
            let how = "the figures are counted with other mergers of clinics than these settings name; a serving \
                       process with these settings counts them again, and so does --count";
            return Err(Failure::run_time(how));
        }
        if !is_served(store).await? {
            store.count_tasks(registry).await?;
            return Ok(());
        }
        let due: u64 = store.task_days_due(Date::MIN, Date::MAX).await?.values().sum();
        if due > 0 {
            let days = if due == 1 {
                "1 day of a clinic is"
            } else {
                &format!("{due} days of clinics are")
            };
            writeln!(
                std::io::stderr(),
                "{days} not counted yet; a serving process counts within a minute, and --count does it now"
            )?;
        }
        Ok(())
    }
}

/// A serving process leaves a sign of life a minute.
const ALIVE_WITHIN: Duration = Duration::from_mins(3);

/// Whether a serving process writes into the store.
async fn is_served(store: &Store) -> Result<bool, StoreError> {
    let now = Clock::system().now();
    let spans = store.recorded_spans(now.minus(ALIVE_WITHIN), now).await?;
    Ok(spans.iter().any(|span| !span.stopped))
}
