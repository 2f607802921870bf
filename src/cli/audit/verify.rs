//! `audit verify`: the chain, its checkpoints, and what is named when something is not as it was.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::copy::{Differences, StoreCopy};
use super::{evidence, folder, unreadable};
use crate::cli::exit::{Exit, Failure, settings};
use crate::config::Config;
use crate::domain::audit::chain::Head;
use crate::domain::audit::json::read_line;
use crate::domain::audit::ledger::Ledger;
use crate::domain::audit::verify::{Verifier, Wrong};
use crate::domain::audit::{Kind, Record};
use crate::domain::names::InstanceId;
use crate::journal::audit::{files, lines};
use crate::journal::is_in_use;

/// What to check.
#[derive(Args)]
pub(in crate::cli) struct VerifyArguments {
    /// The journal's folder; default: the one of the settings.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Checkpoints that were kept elsewhere: a copy of checkpoints.ndjson, or a log of accuscope. Those
    /// beside the audit are looked at in any case. Can be given more than once.
    #[arg(long, value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// The public key that checkpoints must be signed with, as accuscope audit key show prints it;
    /// default: that of `audit.signing_key`, where the folder is the one of the settings.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// Do not compare the store's copy. With --dir it is not compared in any case.
    #[arg(long)]
    no_store: bool,
    /// A head that was kept elsewhere, as this command prints it.
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<String>,
}

/// `audit verify`.
pub(super) fn run(file: &Path, arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let folder = folder(file, arguments.dir.as_ref())?;
    let usage = || Failure::usage("--head: SEQ:HASH, a number and 64 hexadecimal digits");
    let known = arguments.head.as_deref().map(|text| Head::parse(text).ok_or_else(usage));
    let known = known.transpose()?;
    let of_settings = arguments.dir.is_none().then_some(file);
    let key = evidence::public_key(arguments.public_key.as_ref(), of_settings)?;
    let mut out = std::io::stdout().lock();
    let first = first_record(&folder).map_err(|error| unreadable(&folder, &error))?;
    let instance = first.as_ref().map(|record| record.instance.clone());
    let own = instance.clone();
    let evidence = match evidence::gather(&folder, &arguments.checkpoints, instance, key)? {
        Ok(evidence) => evidence,
        Err(bad) => {
            writeln!(out, "{}:{}: {}", bad.file.display(), bad.line, bad.wrong)?;
            return Ok(Exit::Trouble);
        }
    };
    if key.is_some() && evidence.signed() == 0 {
        writeln!(
            out,
            "{}: no checkpoint is signed with this key. The first is signed a minute after the first \
             record, after 1,000 of them, or at a stop; without it nothing proves whose chain this is",
            folder.display()
        )?;
        return Ok(Exit::Trouble);
    }
    let mut heads = evidence.heads().clone();
    if let Some(Head { seq, hash }) = known
        && heads.insert(seq, hash).is_some_and(|other| other != hash)
    {
        writeln!(out, "record {seq}: the head that was given is not the one of a checkpoint")?;
        return Ok(Exit::Trouble);
    }
    let start = evidence.start(first.map_or(1, |record| record.seq));
    let mut verifier = Verifier::from(start, heads);
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
    if let Some(broken) = report.broken {
        // A missing tail would stand after the last line, a missing beginning before the first.
        let last = last.map(|(path, number)| (path, number + 1));
        let first = segments.first().map(|first| (first.path.clone(), 1));
        let (path, number) = place
            .or(if broken.line == 1 { first } else { last })
            .unwrap_or_else(|| (folder.clone(), 1));
        writeln!(out, "{}:{number}: record {}: {}", path.display(), broken.seq, broken.wrong)?;
        // Records after the last checkpoint that fits could have been put together anew, hashes and all.
        let before = evidence.heads().keys().copied().filter(|head| *head < broken.seq);
        let (whole, vouched) = (report.head.seq - start.seq, before.max().unwrap_or(start.seq));
        said_before(&mut out, whole, vouched, broken.wrong == Wrong::Torn)?;
        if let (true, Some(instance), false, None) =
            (broken.wrong != Wrong::Torn, own, arguments.no_store, &arguments.dir)
        {
            // The copy may name an earlier one than the chain can.
            compare(&mut out, &settings(file)?, instance, start.seq)?;
        }
        return Ok(Exit::Trouble);
    }
    if report.lines == 0 {
        writeln!(out, "{}: no audit records", folder.display())?;
        return Ok(Exit::Trouble);
    }
    all_fit(&mut out, report.lines, segments.len(), kinds)?;
    if start.seq > 0 {
        writeln!(out, "the records 1 to {} were removed as their time had come", start.seq)?;
    }
    let fit = match (evidence.heads().len(), evidence.signed()) {
        (0, _) => "no checkpoints: a tail that was cut off would not be seen".to_owned(),
        (all, 0) => format!("{all} checkpoints fit, none is signed or no key was given"),
        (all, signed) => format!("{all} checkpoints fit, {signed} are signed with the key"),
    };
    writeln!(out, "{fit}")?;
    writeln!(out, "head {}", report.head)?;
    let mut exit = Exit::Success;
    if let (Some(instance), false, None) = (own, arguments.no_store, &arguments.dir) {
        exit = compare(&mut out, &settings(file)?, instance, start.seq)?;
    }
    if !ledger.is_empty() {
        let open = ledger.len();
        writeln!(out, "{open} writes have no known result; audit unresolved lists them")?;
    }
    Ok(exit)
}

/// What is said where every record fits.
fn all_fit(
    out: &mut impl Write,
    records: u64,
    files: usize,
    kinds: [u64; Kind::ALL.len()],
) -> Result<(), std::io::Error> {
    writeln!(out, "{records} records in {files} files are as they were written")?;
    for (kind, count) in Kind::ALL.iter().zip(kinds).filter(|(_, count)| *count > 0) {
        writeln!(out, "{count:>9}  {kind}")?;
    }
    Ok(())
}

/// What is said of the records before the broken one.
fn said_before(
    out: &mut impl Write,
    whole: u64,
    vouched: u64,
    torn: bool,
) -> Result<(), std::io::Error> {
    writeln!(
        out,
        "{whole} records before it fit together; a checkpoint vouches for them up to record {vouched}"
    )?;
    if torn {
        writeln!(out, "a torn last line was never acknowledged; the next start cuts it off")?;
    }
    Ok(())
}

/// Compares the store's copy, and says what was found.
fn compare(
    out: &mut impl Write,
    config: &Config,
    instance: InstanceId,
    start: u64,
) -> Result<Exit, Failure> {
    let folder = &config.journal.dir;
    let compared = || -> Result<Differences, String> {
        let mut copy = StoreCopy::open(config, instance, start)?;
        lines::<CompareError>(folder, |line| {
            let Ok(record) = read_line(line.bytes) else { return Ok(()) };
            copy.compare(record.seq, line.bytes).map_err(CompareError)
        })
        .map_err(|error| error.0)?;
        copy.finish(is_in_use(folder))
    };
    match compared() {
        Err(why) => {
            writeln!(out, "the store's copy was not compared: {why}")?;
            Ok(Exit::Success)
        }
        Ok(Differences { first: Some(first), count, .. }) => {
            writeln!(out, "the store's copy differs in {count} records: {first}")?;
            Ok(Exit::Trouble)
        }
        Ok(Differences { same, behind, .. }) => {
            writeln!(out, "the store's copy is the same: {same} records, {behind} not copied yet")?;
            Ok(Exit::Success)
        }
    }
}

/// Why the comparison ended early, in words.
struct CompareError(String);

impl From<std::io::Error> for CompareError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The first record that can be read.
fn first_record(folder: &Path) -> std::io::Result<Option<Record>> {
    let mut first = None;
    let found = lines::<std::io::Error>(folder, |line| {
        first = read_line(line.bytes).ok();
        // Looking further would read everything.
        if first.is_some() { Err(std::io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    });
    match found {
        Err(_) if first.is_some() => Ok(first),
        found => found.map(|()| first),
    }
}
