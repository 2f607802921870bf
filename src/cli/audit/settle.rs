//! `audit settle`: a person has looked in Accuro what became of a write.

use std::io::Write;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::under_way::{UnderWay, longest};
use super::unreadable;
use crate::cli::exit::{Exit, Failure, block_on, settings};
use crate::cli::keep::keep;
use crate::clock::Clock;
use crate::domain::audit::json::read_line;
use crate::domain::audit::ledger::Ledger;
use crate::domain::audit::{CallResult, Entry, Event, Kind};
use crate::domain::ids::EventId;
use crate::journal::audit::lines;
use crate::journal::is_in_use;

/// Which write, and what became of it.
#[derive(Args)]
pub(in crate::cli) struct SettleArguments {
    /// The call's event id, as `audit unresolved` shows it.
    event: String,
    /// What was found in Accuro.
    #[arg(value_enum)]
    found: Found,
}

/// What was found in Accuro.
#[derive(Clone, Copy, ValueEnum)]
enum Found {
    /// The change is there.
    Applied,
    /// It is not.
    Rejected,
}

/// `audit settle`.
pub(super) fn run(file: &Path, arguments: &SettleArguments) -> Result<Exit, Failure> {
    let config = settings(file)?;
    let folder = &config.journal.dir;
    let id = EventId::parse(&arguments.event)
        .ok_or_else(|| Failure::usage("the event id is no UUID; audit unresolved shows ids"))?;
    let (mut ledger, mut under_way, mut intent) = (Ledger::default(), UnderWay::default(), None);
    lines::<std::io::Error>(folder, |line| {
        if let Ok(record) = read_line(line.bytes) {
            ledger.note(&record.entry, record.ts);
            under_way.note(&record);
            if record.entry.kind == Kind::Intent && record.entry.event_id == Some(id) {
                intent = Some(record.entry);
            }
        }
        Ok(())
    })
    .map_err(|error| unreadable(folder, &error))?;
    let Some(intent) = intent.filter(|_| ledger.is_open(id)) else {
        return Err(Failure::run_time(
            "no write without a known result has this id; audit unresolved lists them",
        ));
    };
    let longest = longest(&config);
    if is_in_use(folder) && under_way.has(id, Clock::system().now(), longest) {
        return Err(Failure::run_time(format!(
            "this write may still be under way: Accuro is given {} s to answer. Look in Accuro after that, \
             then settle it",
            longest.as_secs()
        )));
    }
    let result = match arguments.found {
        Found::Applied => CallResult::Applied,
        Found::Rejected => CallResult::Rejected,
    };
    let entry = Entry {
        kind: Kind::Outcome,
        result: Some(result),
        detail: Some(Event::Settled.plain()),
        ..intent
    };
    block_on(keep(&config, entry))?;
    writeln!(std::io::stdout(), "settled: {result}")?;
    Ok(Exit::Success)
}
