//! `prune`: what is over its limit goes now, whether or not a process serves.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::exit::{Exit, Failure, block_on, settings, store};
use super::keep::keep;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::{Entry, Event, Kind};
use crate::domain::names::InstanceId;
use crate::domain::retention::Class;
use crate::journal::instance_of;
use crate::retention::{AuditShelf, Done, Progress, Retention, RetentionError};
use crate::store::Returned;

/// How often progress is shown, in rows.
const PROGRESS_ROWS: u64 = 50_000;

/// What to do.
#[derive(Args)]
pub(super) struct PruneArguments {
    /// Count what would go, class by class, and remove nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// Says on standard error how far a long run has come.
#[derive(Default)]
struct Told {
    at: Option<(Class, u64)>,
}

impl Progress for Told {
    fn gone(&mut self, class: Class, rows: u64) {
        let told = self.at.filter(|(told, _)| *told == class).map_or(0, |(_, rows)| rows);
        if rows >= told + PROGRESS_ROWS {
            self.at = Some((class, rows));
            // Nobody reads it: then nobody misses it.
            let _ = writeln!(std::io::stderr(), "{class}: {rows} rows …");
        }
    }
}

impl From<RetentionError> for Failure {
    fn from(error: RetentionError) -> Self {
        match error {
            RetentionError::Store(error) => error.into(),
            error => Self::run_time(error.to_string()),
        }
    }
}

/// `prune`.
pub(super) fn run(file: &Path, arguments: &PruneArguments) -> Result<Exit, Failure> {
    let config = Arc::new(settings(file)?);
    block_on(async {
        let store = store(&config).await?;
        let retention = retention(&config);
        let (done, returned) = if arguments.dry_run {
            (retention.look(&store).await?, Returned::default())
        } else {
            let entry =
                Entry { detail: Some(Event::RetentionApplied.plain()), ..Entry::new(Kind::Admin) };
            keep(&config, entry).await?;
            retention.run(&store, &mut Told::default(), Duration::ZERO).await?
        };
        store.close().await;
        let mut out = std::io::stdout().lock();
        if arguments.json {
            writeln!(out, "{}", json(&done, returned, arguments.dry_run))?;
        } else {
            write!(out, "{}", table(&done, returned, arguments.dry_run))?;
        }
        if let Some(bytes) = returned.needs_bytes {
            return Err(Failure::run_time(format!(
                "the database file has to be written anew once to give space back, and the disk has \
                 not the {bytes} bytes for that"
            )));
        }
        Ok(Exit::Success)
    })
}

fn retention(config: &Arc<Config>) -> Retention {
    // Without a journal there is nothing of it to remove, and the id is only for the ledger.
    let unknown =
        || InstanceId::parse("cli").unwrap_or_else(|_| unreachable!("it is of the alphabet"));
    let instance = instance_of(&config.journal.dir).unwrap_or_else(unknown);
    let of_keep = Arc::clone(config);
    Retention {
        limits: config.retention,
        journal: config.journal.dir.clone(),
        audit: AuditShelf {
            folder: config.journal.dir.clone(),
            instance: instance.clone(),
            signing_key: config.audit.signing_key.clone(),
            keep: Arc::new(move |entry| {
                let config = Arc::clone(&of_keep);
                Box::pin(async move { keep(&config, entry).await.is_ok() })
            }),
        },
        instance,
        clock: Clock::system(),
    }
}

fn table(done: &[Done], returned: Returned, dry_run: bool) -> String {
    use std::fmt::Write as _;
    let verb = if dry_run { "would go" } else { "gone" };
    let oldest = if dry_run { "oldest now" } else { "oldest left" };
    let mut text =
        format!("{:<20} {:<12} {verb:>10} {:>14}  {oldest}\n", "class", "older than", "bytes");
    let day = |text: String| text.get(..10).map(str::to_owned).unwrap_or_default();
    for done in done {
        let oldest = done.oldest.map_or_else(|| "none".to_owned(), |oldest| oldest.to_string());
        let bytes = if done.bytes == 0 { "-".to_owned() } else { done.bytes.to_string() };
        let (class, cutoff) = (done.class.as_str(), day(done.cutoff.to_string()));
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "{class:<20} {cutoff:<12} {:>10} {bytes:>14}  {oldest}", done.rows);
    }
    if returned.bytes > 0 {
        let _ = writeln!(text, "The database file is {} bytes shorter.", returned.bytes);
    }
    text
}

fn json(done: &[Done], returned: Returned, dry_run: bool) -> serde_json::Value {
    let class = |done: &Done| {
        serde_json::json!({
            "class": done.class.as_str(),
            "cutoff": done.cutoff.to_string(),
            "rows": done.rows,
            "bytes": done.bytes,
            "oldest": done.oldest.map(|oldest| oldest.to_string()),
        })
    };
    serde_json::json!({
        "dry_run": dry_run,
        "classes": done.iter().map(class).collect::<Vec<_>>(),
        "file_bytes_returned": returned.bytes,
    })
}
