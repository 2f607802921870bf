//! How new the adoption figures are that a command gives, for commands that count nothing unless asked to.
//!
//! Owns the flag and the two things that are said. Counting is the serving process's: it writes, by its own settings, and
//! other settings must not change what it shows.

use std::io::Write as _;

use clap::Args;
use jiff::civil::Date;

use super::exit::Failure;
use crate::domain::registry::Registry;
use crate::store::Store;

/// Whether to count first.
#[derive(Args)]
pub(super) struct Counting {
    /// First count what is not counted yet, as a serving process with these settings does; this writes into the store.
    #[arg(long)]
    count: bool,
}

impl Counting {
    /// Counts, if that was asked for; otherwise says what is not counted yet.
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
