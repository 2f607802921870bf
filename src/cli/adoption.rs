//! `adoption`: the figures of the adoption report on a terminal, as CSV.
//!
//! Owns the command. It reads what a serving process counted and says what is not counted yet; the columns and the rule
//! for small groups are those of `/api/v1/adoption`.

use std::io::Write as _;
use std::path::Path;

use clap::Args;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::exit::{Exit, Failure, block_on, settings, store};
use super::figures::Counting;
use crate::clock::Clock;
use crate::domain::adoption::Bucket;
use crate::domain::names::ClinicId;
use crate::ops::{AdoptionSeen, adoption_sheet};
use crate::store::{CountedTasks, CountsQuery};

/// Days that are given where the command does not say from when: twelve weeks.
const USUAL_DAYS: i64 = 83;

/// Which figures.
#[derive(Args)]
pub(super) struct AdoptionArguments {
    /// From the day, week or month that this day lies in (2026-11-16); twelve weeks back unless given.
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Up to this day; today, UTC, unless given.
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// day, week or month.
    #[arg(long, default_value = "week")]
    by: String,
    /// Only this clinic.
    #[arg(long, value_name = "ID")]
    clinic: Option<String>,
    #[command(flatten)]
    counting: Counting,
}

fn day(flag: &str, text: Option<&String>, otherwise: Date) -> Result<Date, Failure> {
    let Some(text) = text else { return Ok(otherwise) };
    let wrong = |_| Failure::usage(format!("--{flag}: not a day such as 2026-11-16"));
    Date::strptime("%Y-%m-%d", text).map_err(wrong)
}

/// `adoption`.
pub(super) fn run(file: &Path, asked: &AdoptionArguments) -> Result<Exit, Failure> {
    let config = settings(file)?;
    let registry = &config.registry;
    let today = registry.local_day(None, Clock::system().now());
    let to = day("to", asked.to.as_ref(), today)?;
    let from = day("from", asked.from.as_ref(), to.saturating_sub(USUAL_DAYS.days()))?;
    if to < from {
        return Err(Failure::usage("--from: after --to"));
    }
    let bucket = Bucket::parse(&asked.by);
    let bucket = bucket.ok_or_else(|| Failure::usage("--by: not day, week or month"))?;
    let clinic = asked.clinic.as_deref().map(ClinicId::parse).transpose().ok();
    let clinic = clinic.filter(|id| id.as_ref().is_none_or(|id| registry.clinic(id).is_some()));
    let clinic =
        clinic.ok_or_else(|| Failure::usage("--clinic: not one of the settings’ clinics"))?;
    block_on(async {
        let store = store(&config).await?;
        asked.counting.prepare(&store, registry).await?;
        let query = CountsQuery {
            bucket,
            from: bucket.around(from).0,
            to,
            clinic,
            tasks: CountedTasks::Both,
        };
        let rows = store.task_counts(&query).await?;
        let stretch = (query.from, bucket.around(to).1);
        let clinic = query.clinic.as_ref();
        let whole = store.whole();
        let seen =
            AdoptionSeen::read(&whole, registry, stretch, clinic, CountedTasks::Both).await?;
        store.close().await;
        let failed = |_| Failure::run_time("the figures cannot be written");
        let sheet = adoption_sheet(rows, &seen, registry, bucket).map_err(failed)?;
        std::io::stdout().write_all(&sheet)?;
        Ok(Exit::Success)
    })
}
