//! `audit verify`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{folder, unreadable};
use crate::cli::exit::{Exit, Failure};
use crate::domain::audit::Kind;
use crate::domain::audit::chain::Head;
use crate::domain::audit::ledger::Ledger;
use crate::domain::audit::verify::{Verifier, Wrong};
use crate::journal::audit::{files, lines};
use crate::journal::is_in_use;

/// What to check.
#[derive(Args)]
pub(in crate::cli) struct VerifyArguments {
    /// The journal's folder; default: the one of the settings.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// A head that was kept elsewhere, as the log and this command print it: a chain alone cannot show
    /// that its tail was cut off.
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<String>,
}

/// `audit verify`.
pub(super) fn run(file: &Path, arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let folder = folder(file, arguments.dir.as_ref())?;
    let usage = || Failure::usage("--head: SEQ:HASH, a number and 64 hexadecimal digits");
    let known = arguments.head.as_deref().map(|text| Head::parse(text).ok_or_else(usage));
    let mut verifier = Verifier::new(known.transpose()?);
    let mut kinds = [0u64; Kind::ALL.len()];
    let mut ledger = Ledger::default();
    let mut place = None;
    let segments = files(&folder).map_err(|error| unreadable(&folder, &error))?;
    let mut last = None;
    lines::<std::io::Error>(&folder, |line| {
        let is_last = segments.last().is_none_or(|last| line.file.segment >= last.segment);
        if is_last && !line.bytes.ends_with(b"\n") && is_in_use(&folder) {
            // accuscope is writing this very line.
            return Ok(());
        }
        let was_broken = verifier.is_broken();
        let record = verifier.line(line.bytes);
        if verifier.is_broken() && !was_broken {
            place = Some((line.file.path.clone(), line.number));
        }
        if let Some(record) = record {
            kinds[record.entry.kind as usize] += 1;
            ledger.note(&record.entry, record.ts);
        }
        last = Some((line.file.path.clone(), line.number));
        Ok(())
    })
    .map_err(|error| unreadable(&folder, &error))?;
    let report = verifier.finish();
    let mut out = std::io::stdout().lock();
    if let Some(broken) = report.broken {
        // A missing tail would stand after the last line.
        let (path, number) = place
            .or_else(|| last.map(|(path, number)| (path, number + 1)))
            .unwrap_or_else(|| (folder.clone(), 1));
        writeln!(out, "{}:{number}: record {}: {}", path.display(), broken.seq, broken.wrong)?;
        writeln!(out, "{} records before it are as they were written", report.head.seq)?;
        if broken.wrong == Wrong::Torn {
            writeln!(out, "a torn last line was never acknowledged; the next start cuts it off")?;
        }
        return Ok(Exit::Trouble);
    }
    if report.lines == 0 {
        writeln!(out, "{}: no audit records", folder.display())?;
        return Ok(Exit::Trouble);
    }
    let files = segments.len();
    writeln!(out, "{} records in {files} files are as they were written", report.lines)?;
    for (kind, count) in Kind::ALL.iter().zip(kinds).filter(|(_, count)| *count > 0) {
        writeln!(out, "{count:>9}  {kind}")?;
    }
    writeln!(out, "head {}", report.head)?;
    if !ledger.is_empty() {
        let open = ledger.len();
        writeln!(out, "{open} writes have no known result; audit unresolved lists them")?;
    }
    Ok(Exit::Success)
}
