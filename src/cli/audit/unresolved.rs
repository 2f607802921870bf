//! `audit unresolved`: the writes whose result nobody knows.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::under_way::{UnderWay, longest};
use super::{folder, unreadable};
use crate::cli::exit::{Exit, Failure, settings};
use crate::clock::Clock;
use crate::domain::audit::json::read_line;
use crate::domain::audit::ledger::Ledger;
use crate::domain::audit::{Kind, Record};
use crate::domain::ids::RequestId;
use crate::journal::audit::lines;
use crate::journal::is_in_use;

/// How long a write is waited for where the settings of the folder are not at hand: the longest by default.
const LONGEST: Duration = Duration::from_secs(90);

/// Where to look.
#[derive(Args)]
pub(in crate::cli) struct UnresolvedArguments {
    /// The journal's folder; default: the one of the settings.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// `audit unresolved`.
pub(super) fn run(file: &Path, arguments: &UnresolvedArguments) -> Result<Exit, Failure> {
    let folder = folder(file, arguments.dir.as_ref())?;
    let longest = settings(file).map_or(LONGEST, |config| longest(&config));
    let (mut ledger, mut under_way) = (Ledger::default(), UnderWay::default());
    let (is_served, now) = (is_in_use(&folder), Clock::system().now());
    let each = |then: &mut dyn FnMut(Record) -> std::io::Result<()>| {
        lines::<std::io::Error>(&folder, |line| read_line(line.bytes).map_or(Ok(()), &mut *then))
            .map_err(|error| unreadable(&folder, &error))
    };
    each(&mut |record| {
        ledger.note(&record.entry, record.ts);
        under_way.note(&record);
        Ok(())
    })?;
    let mut out = std::io::stdout().lock();
    let mut waiting = 0;
    each(&mut |record| {
        let open = record.entry.event_id.is_some_and(|id| ledger.is_open(id));
        if open && record.entry.kind == Kind::Intent {
            let is_waited_for = |id| is_served && under_way.has(id, now, longest);
            if record.entry.event_id.is_some_and(is_waited_for) {
                waiting += 1;
            } else {
                write_one(&mut out, &record)?;
            }
        }
        Ok(())
    })?;
    let unresolved = ledger.len().saturating_sub(waiting);
    if waiting > 0 {
        writeln!(
            out,
            "{waiting} writes may still be under way (Accuro is given {} s to answer) and are not judged yet",
            longest.as_secs()
        )?;
    }
    if unresolved == 0 {
        writeln!(out, "every{} write has a known result", if waiting > 0 { " other" } else { "" })?;
    } else {
        writeln!(
            out,
            "\n{unresolved} writes may or may not have been made. For each, look in Accuro, in that clinic, whether \
             the change is there,\nfor the patient whose number gives the reference (the site finds it), \
             at about that time. Do not send it again before that."
        )?;
    }
    Ok(Exit::Success)
}

fn write_one(out: &mut impl Write, record: &Record) -> std::io::Result<()> {
    fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
        value.map_or_else(|| "-".to_owned(), |value| value.to_string())
    }
    let entry = &record.entry;
    writeln!(
        out,
        "{}  {}  {}  {}  patient {}  by {}  app {}  request {}  event {}",
        record.ts,
        shown(entry.clinic.as_ref()),
        shown(entry.operation.as_ref()),
        shown(entry.method),
        shown(entry.patient_ref.as_ref()),
        shown(entry.actor_ref.as_ref()),
        shown(entry.app.as_ref()),
        shown(entry.request_id.as_ref().map(RequestId::as_str)),
        shown(entry.event_id),
    )
}
