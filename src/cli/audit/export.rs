//! `audit export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::exit::{Exit, Failure, block_on, settings};
use crate::cli::keep::keep;
use crate::domain::audit::export::{csv, fhir};
use crate::domain::audit::json::read_line;
use crate::domain::audit::{Entry, Event, Kind, Record};
use crate::domain::time::Timestamp;
use crate::journal::audit::{AuditLine, lines};

/// What to export.
#[derive(Args)]
pub(in crate::cli) struct ExportArguments {
    /// The form.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// Only records from this time on (RFC 3339).
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only records before this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Where to write, or - for standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The journal's folder; default: the one of the settings.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// In which form.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The lines as they were written.
    Ndjson,
    /// For a spreadsheet.
    Csv,
    /// A FHIR R4 bundle of `AuditEvent` resources.
    Fhir,
}

/// `audit export`.
pub(super) fn run(file: &Path, arguments: &ExportArguments) -> Result<Exit, Failure> {
    let time = |name: &str, text: Option<&String>| {
        text.map(|text| Timestamp::parse(text))
            .transpose()
            .map_err(|error| Failure::usage(format!("--{name}: {error}")))
    };
    let from = time("from", arguments.from.as_ref())?;
    let to = time("to", arguments.to.as_ref())?;
    let wanted = |record: &Record| {
        from.is_none_or(|from| record.ts >= from) && to.is_none_or(|to| record.ts < to)
    };
    let folder = if let Some(folder) = &arguments.dir {
        // Somebody's copy; its audit is not ours to write.
        folder.clone()
    } else {
        let config = settings(file)?;
        let detail = Some(Event::AuditExported.plain());
        block_on(keep(&config, Entry { detail, ..Entry::new(Kind::Export) }))?;
        config.journal.dir
    };
    let output: Box<dyn Write> = if arguments.output == Path::new("-") {
        Box::new(std::io::stdout().lock())
    } else {
        let failed = |error| {
            let path = arguments.output.display();
            Failure::run_time(format!("{path}: cannot be written ({error})"))
        };
        Box::new(File::create(&arguments.output).map_err(failed)?)
    };
    let mut form = Form::begin(arguments.format, BufWriter::with_capacity(256 * 1_024, output))?;
    let mut skipped = 0u64;
    lines::<std::io::Error>(&folder, |line| match read_line(line.bytes) {
        Ok(record) if wanted(&record) => form.record(&record, &line),
        Ok(_) => Ok(()),
        Err(_) => {
            skipped += 1;
            Ok(())
        }
    })
    .map_err(|error| Failure::run_time(format!("{}: {error}", folder.display())))?;
    form.end()?;
    if skipped == 0 {
        return Ok(Exit::Success);
    }
    writeln!(
        std::io::stderr(),
        "accuscope: {skipped} lines are no audit records and were left out; audit verify names them"
    )?;
    Ok(Exit::Trouble)
}

/// The output, in its form.
enum Form<W: Write> {
    Lines(W),
    Rows(Box<::csv::Writer<W>>),
    Bundle { out: W, first: bool },
}

impl<W: Write> Form<W> {
    fn begin(format: Format, mut out: W) -> std::io::Result<Self> {
        Ok(match format {
            Format::Ndjson => Self::Lines(out),
            Format::Csv => {
                let mut rows = ::csv::Writer::from_writer(out);
                rows.write_record(csv::COLUMNS)?;
                Self::Rows(Box::new(rows))
            }
            Format::Fhir => {
                out.write_all(b"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[")?;
                Self::Bundle { out, first: true }
            }
        })
    }

    fn record(&mut self, record: &Record, line: &AuditLine<'_>) -> std::io::Result<()> {
        match self {
            Self::Lines(out) => out.write_all(line.bytes),
            Self::Rows(rows) => Ok(rows.write_record(csv::cells(record))?),
            Self::Bundle { out, first } => {
                if !std::mem::take(first) {
                    out.write_all(b",")?;
                }
                let entry = serde_json::json!({
                    "fullUrl": format!("urn:accuscope:audit:{}:{}", record.instance, record.seq),
                    "resource": fhir::audit_event(record),
                });
                write!(out, "\n{entry}")
            }
        }
    }

    fn end(self) -> std::io::Result<()> {
        match self {
            Self::Lines(mut out) => out.flush(),
            Self::Rows(mut rows) => rows.flush(),
            Self::Bundle { mut out, .. } => {
                out.write_all(b"\n]}\n")?;
                out.flush()
            }
        }
    }
}
