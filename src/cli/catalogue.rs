//! `catalogue show|check|import`: which operation a path is.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exchange::open;
use super::exit::{Exit, Failure, settings};
use crate::app;
use crate::domain::catalogue::{CATALOGUE_CSV_HEADER, Catalogue, Endpoint, Imported, Provenance};
use crate::domain::labels::WorkflowDomain;

/// Longest document that is read.
const MAX_DOCUMENT_BYTES: u64 = 32 * 1_024 * 1_024;

/// What to do with the catalogue.
#[derive(Subcommand)]
pub(super) enum CatalogueCommand {
    /// Print the catalogue in force as CSV; of the embedded one without a settings file.
    Show,
    /// Read an overlay and say what is wrong with it, or how many rows it changes.
    Check {
        /// A CSV with the columns that `catalogue show` prints.
        file: PathBuf,
    },
    /// Read the vendor's WADL, OpenAPI (JSON or YAML) or our CSV, and print the overlay with what the catalogue
    /// does not know yet: a file for `catalogue.file` of the settings, to be read and corrected first.
    Import(ImportArguments),
}

/// What to import.
#[derive(Args)]
pub(super) struct ImportArguments {
    /// The document, or - for standard input.
    file: PathBuf,
    /// Where to write the overlay, or - for standard output. A file that is there is not overwritten.
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

/// `catalogue`.
pub(super) fn run(config: &Path, command: &CatalogueCommand) -> Result<Exit, Failure> {
    match command {
        CatalogueCommand::Show => {
            let catalogue = in_force(config)?;
            let mut out = std::io::stdout().lock();
            writeln!(out, "{CATALOGUE_CSV_HEADER}")?;
            for endpoint in catalogue.endpoints() {
                writeln!(out, "{endpoint}")?;
            }
        }
        CatalogueCommand::Check { file } => {
            let catalogue = app::catalogue(Some(file))?;
            let own = catalogue.endpoints().iter().filter(|e| e.provenance == Provenance::Operator);
            let (own, all) = (own.count(), catalogue.endpoints().len());
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}: fine; {own} of {all} endpoints are from this file", file.display())?;
        }
        CatalogueCommand::Import(arguments) => import(&in_force(config)?, arguments)?,
    }
    Ok(Exit::Success)
}

fn in_force(config: &Path) -> Result<Catalogue, Failure> {
    let overlay = if config.exists() { settings(config)?.catalogue_file } else { None };
    Ok(app::catalogue(overlay.as_deref())?)
}

fn import(catalogue: &Catalogue, arguments: &ImportArguments) -> Result<(), Failure> {
    let name = arguments.file.display().to_string();
    let text = document(&arguments.file)?;
    let imported =
        catalogue.import(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let overlay = overlay(catalogue, &imported);
    if arguments.output == Path::new("-") {
        std::io::stdout().lock().write_all(overlay.as_bytes())?;
    } else {
        let path = arguments.output.display().to_string();
        let mut file = OpenOptions::new().write(true).create_new(true).open(&arguments.output);
        let written = file
            .as_mut()
            .map_err(|error| error.kind())
            .map(|file| file.write_all(overlay.as_bytes()).and_then(|()| file.sync_all()));
        match written {
            Ok(Ok(())) => {}
            Err(std::io::ErrorKind::AlreadyExists) => {
                return Err(Failure::usage(format!(
                    "{path}: is there already, and is not overwritten"
                )));
            }
            Ok(Err(error)) => {
                return Err(Failure::run_time(format!("{path}: cannot be written ({error})")));
            }
            Err(kind) => {
                return Err(Failure::run_time(format!("{path}: cannot be written ({kind})")));
            }
        }
    }
    // Nobody reads it: then nobody misses it.
    let _ = std::io::stderr().lock().write_all(summary(&name, &imported).as_bytes());
    Ok(())
}

fn document(file: &Path) -> Result<String, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        Failure::usage(format!("{}: cannot be read ({why})", file.display()))
    };
    // A document that is not there is a mistake in what was typed.
    let reader = open(file).map_err(|failure| Failure::usage(failure.message))?;
    let mut bytes = Vec::new();
    reader.take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        return Err(cannot(&"it is larger than 32 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| cannot(&"it is not UTF-8"))
}

/// The overlay in force and what is new, as one file.
fn overlay(catalogue: &Catalogue, imported: &Imported) -> String {
    let own = catalogue.endpoints().iter().filter(|e| e.provenance == Provenance::Operator);
    let mut text = format!("{CATALOGUE_CSV_HEADER}\n");
    for endpoint in own.chain(&imported.new) {
        text.push_str(&endpoint.to_string());
        text.push('\n');
    }
    text
}

fn summary(name: &str, imported: &Imported) -> String {
    let Imported { document, new, known, unusable } = imported;
    let (count, kind) = (new.len(), document.as_str());
    let mut lines = vec![format!("{name}: {kind}; {count} endpoints are new, {known} were known")];
    let makes = |row: &&Endpoint| row.mutation && row.operation.as_str().ends_with(".create");
    let posts = new.iter().filter(makes).count();
    if posts > 0 {
        lines.push(format!(
            "{posts} of the new ones are POST and count as changes of a chart, so they are audited and never \
             sent twice; if one only reads, such as a search, write no under mutation and yes under list"
        ));
    }
    let unknown = new.iter().filter(|row| row.domain == WorkflowDomain::Unknown).count();
    if unknown > 0 {
        lines.push(format!(
            "{unknown} of the new ones have no workflow domain yet: write one under domain"
        ));
    }
    if !unusable.is_empty() {
        let places: Vec<String> = unusable.iter().take(20).map(ToString::to_string).collect();
        lines.push(format!(
            "{} are left out, since their path is no template of whole segments: the document's endpoint {}",
            unusable.len(),
            places.join(", ")
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}
