//! `import` and `export`: events as newline-delimited JSON.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::{Exit, Failure, block_on, settings, store};
use super::keep::keep;
use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::{Entry, Event, Kind};
use crate::domain::catalogue::Catalogue;
use crate::domain::event::json;
use crate::domain::mark::{Mark, is_mark};
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::same_person::SamePerson;
use crate::domain::time::Timestamp;
use crate::store::{Batch, ExchangeFilter, Inserted, Store};

/// Most events of one transaction.
const BATCH_EVENTS: usize = 2_000;
/// Longest line that is read.
const MAX_LINE_BYTES: u64 = 64 * 1_024;
/// How often progress is shown, in lines.
const PROGRESS_LINES: u64 = 50_000;

/// What to import.
#[derive(Args)]
pub(super) struct ImportArguments {
    /// Files, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What to export.
#[derive(Args)]
pub(super) struct ExportArguments {
    /// Only events from this time on (RFC 3339).
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only events before this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Only events of this clinic.
    #[arg(long, value_name = "ID")]
    clinic: Option<String>,
    /// Where to write, or - for standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

/// How an import went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Imported {
    /// Events that were new.
    pub(super) inserted: u64,
    /// Events that were there already.
    pub(super) duplicates: u64,
    /// Events of a time that is purged already.
    pub(super) late: u64,
    /// Lines that are no events.
    pub(super) rejected: u64,
    /// Events of which words that the catalogue does not know were taken out.
    pub(super) fitted: u64,
}

/// `import`.
pub(super) fn import(file: &Path, arguments: &ImportArguments) -> Result<Exit, Failure> {
    let config = settings(file)?;
    let catalogue = app::catalogue(config.catalogue_file.as_deref())?;
    block_on(async {
        let store = store(&config).await?;
        let mut errors = std::io::stderr().lock();
        let mut total = Imported::default();
        for path in &arguments.files {
            let name = path.display().to_string();
            let reader = open(path)?;
            let one =
                read_into(&store, &config.registry, &catalogue, reader, &mut |line| match line {
                    Report::Rejected { number, problem } => {
                        drop(writeln!(errors, "{name}:{number}: {problem}"));
                    }
                    Report::Progress { lines } => drop(writeln!(errors, "{name}: {lines} lines …")),
                })
                .await?;
            total.inserted += one.inserted;
            total.duplicates += one.duplicates;
            total.late += one.late;
            total.rejected += one.rejected;
            total.fitted += one.fitted;
        }
        let Imported { inserted, duplicates, late, rejected, fitted } = total;
        writeln!(
            std::io::stdout(),
            "{inserted} events imported, {duplicates} were there already, {rejected} lines rejected"
        )?;
        if fitted > 0 {
            writeln!(
                std::io::stdout(),
                "{fitted} of the lines had words in operation, route or scopes that the catalogue does not \
                 know; they are kept without those"
            )?;
        }
        if late > 0 {
            writeln!(
                std::io::stdout(),
                "{late} events are over the limit of [retention] and stay out"
            )?;
        }
        store.close().await;
        Ok(if rejected == 0 { Exit::Success } else { Exit::Trouble })
    })
}

/// A file to be read, or - for standard input.
pub(super) fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).map_err(|error| {
        Failure::run_time(format!("{}: cannot be read ({error})", path.display()))
    })?;
    Ok(Box::new(BufReader::with_capacity(256 * 1_024, file)))
}

/// What an import tells while it runs.
pub(super) enum Report<'p> {
    /// A line is no event.
    Rejected {
        /// Line, counted from 1.
        number: u64,
        /// What is wrong, never the content.
        problem: &'p dyn std::fmt::Display,
    },
    /// So many lines are read.
    Progress {
        /// Lines.
        lines: u64,
    },
}

/// Brings the events of a reader into a store, and what a journal notes of its recording. Idempotent
/// by event id.
///
/// # Errors
///
/// [`Failure`] if the reader or the store does not go on; what was read before is in the store.
pub(super) async fn read_into(
    store: &Store,
    registry: &Registry,
    catalogue: &Catalogue,
    mut reader: impl BufRead,
    report: &mut dyn FnMut(Report<'_>),
) -> Result<Imported, Failure> {
    let clock = Clock::system();
    let mut imported = Imported::default();
    let mut events = Vec::with_capacity(BATCH_EVENTS);
    let mut marks = Vec::new();
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line)?;
        if read > 0 {
            number += 1;
            if read as u64 > MAX_LINE_BYTES {
                skip_line(&mut reader)?;
                imported.rejected += 1;
                report(Report::Rejected { number, problem: &"longer than any event" });
                continue;
            }
            if let Some(same) = SamePerson::parse(&line) {
                let pairs: Vec<_> = same.pairs().collect();
                store.note_same_actors(&pairs, clock.now()).await?;
            } else if is_mark(&line) {
                // Marks of a kind that this version does not know say nothing to it.
                marks.extend(Mark::parse(line.trim_ascii_end()));
            } else if !line.trim_ascii().is_empty() {
                match json::read_line(&line) {
                    Ok(mut event) => match catalogue.make_fit(&mut event, registry) {
                        Ok(fitted) => {
                            imported.fitted += u64::from(fitted);
                            events.push(event);
                        }
                        Err(problem) => {
                            imported.rejected += 1;
                            report(Report::Rejected { number, problem: &problem });
                        }
                    },
                    Err(problem) => {
                        imported.rejected += 1;
                        report(Report::Rejected { number, problem: &problem });
                    }
                }
            }
            if number % PROGRESS_LINES == 0 {
                report(Report::Progress { lines: number });
            }
        }
        if events.len() == BATCH_EVENTS || (read == 0 && !events.is_empty()) {
            let batch = Batch { events: &events, checkpoint: None, registry, at: clock.now() };
            let Inserted { inserted, duplicates, late } = store.insert(&batch).await?;
            imported.inserted += inserted as u64;
            imported.duplicates += duplicates as u64;
            imported.late += late as u64;
            events.clear();
        }
        if marks.len() == BATCH_EVENTS || read == 0 {
            store.note_marks(&marks).await?;
            marks.clear();
        }
        if read == 0 {
            return Ok(imported);
        }
    }
}

fn skip_line(reader: &mut impl BufRead) -> Result<(), Failure> {
    let mut rest = Vec::new();
    loop {
        rest.clear();
        let read = reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut rest)?;
        if read == 0 || rest.ends_with(b"\n") {
            return Ok(());
        }
    }
}

/// `export`.
pub(super) fn export(file: &Path, arguments: &ExportArguments) -> Result<Exit, Failure> {
    let config = settings(file)?;
    let time = |name: &str, text: Option<&String>| {
        text.map(|text| Timestamp::parse(text))
            .transpose()
            .map_err(|error| Failure::usage(format!("--{name}: {error}")))
    };
    let clinic = arguments.clinic.as_deref().map(ClinicId::parse).transpose();
    let filter = ExchangeFilter {
        from: time("from", arguments.from.as_ref())?,
        to: time("to", arguments.to.as_ref())?,
        clinic: clinic.map_err(|error| Failure::usage(format!("--clinic: {error}")))?,
        ..ExchangeFilter::default()
    };
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && to < from
    {
        return Err(Failure::usage("--from: after --to"));
    }
    block_on(async {
        let store = store(&config).await?;
        if let Some(clinic) = &filter.clinic {
            refuse_unknown(&store, &config.registry, clinic).await?;
        }
        let output = BufWriter::with_capacity(256 * 1_024, output(&arguments.output)?);
        write_events(&config, &store, filter, output).await?;
        store.close().await;
        Ok(Exit::Success)
    })
}

/// Where the events go: a file that is made, or standard output.
fn output(path: &Path) -> Result<Box<dyn Write>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdout().lock()));
    }
    let file = File::create(path).map_err(|error| {
        Failure::run_time(format!("{}: cannot be written ({error})", path.display()))
    })?;
    Ok(Box::new(file))
}

/// A clinic that neither the settings name nor any event is about is a slip; one that left the settings is not.
async fn refuse_unknown(
    store: &Store,
    registry: &Registry,
    clinic: &ClinicId,
) -> Result<(), Failure> {
    if registry.clinic(clinic).is_some() {
        return Ok(());
    }
    let seen = store.clinics_seen().await?;
    if seen.iter().any(|seen| seen.clinic.as_ref() == Some(clinic)) {
        return Ok(());
    }
    let wrong = "--clinic: not one of the settings’ clinics, and no event is about it";
    Err(Failure::usage(wrong))
}

/// Writes the events that fit, and who is one person among them.
async fn write_events(
    config: &Config,
    store: &Store,
    filter: ExchangeFilter,
    mut output: impl Write,
) -> Result<(), Failure> {
    let taken_out = Entry {
        // What was typed and names no clinic of ours could name anybody.
        clinic: filter.clinic.clone().filter(|id| config.registry.clinic(id).is_some()),
        detail: Some(Event::EventsExported.plain()),
        ..Entry::new(Kind::Export)
    };
    keep(config, taken_out).await?;
    let clinic = filter.clinic.clone();
    let mut walk = store.export(filter);
    let mut lines = Vec::new();
    loop {
        let piece = walk.next_piece().await?;
        if piece.is_empty() {
            break;
        }
        lines.clear();
        for event in &piece {
            json::write_line(event, &mut lines);
        }
        output.write_all(&lines)?;
    }
    lines.clear();
    for same in store.same_people(clinic.as_ref()).await? {
        same.write_line(&mut lines);
    }
    output.write_all(&lines)?;
    output.flush()?;
    Ok(())
}
