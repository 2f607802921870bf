//! `catalogue show|check`: which operation a path is.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::exit::{Exit, Failure, settings};
use crate::app;
use crate::domain::catalogue::{Catalogue, Provenance};
use crate::domain::labels::Context;

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
}

/// `catalogue`.
pub(super) fn run(config: &Path, command: &CatalogueCommand) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match command {
        CatalogueCommand::Show => {
            let overlay = if config.exists() { settings(config)?.catalogue_file } else { None };
            show(&app::catalogue(overlay.as_deref())?, &mut out)?;
        }
        CatalogueCommand::Check { file } => {
            let catalogue = app::catalogue(Some(file))?;
            let own = catalogue.endpoints().iter().filter(|e| e.provenance == Provenance::Operator);
            let (own, all) = (own.count(), catalogue.endpoints().len());
            writeln!(out, "{}: fine; {own} of {all} endpoints are from this file", file.display())?;
        }
    }
    Ok(Exit::Success)
}

fn show(catalogue: &Catalogue, out: &mut impl Write) -> std::io::Result<()> {
    let yes = |value| if value { "yes" } else { "no" };
    writeln!(out, "operation,method,path,context,domain,mutation,list,cacheable,source")?;
    for endpoint in catalogue.endpoints() {
        let source = match endpoint.provenance {
            Provenance::Published => "published",
            Provenance::Conventional => "conventional",
            Provenance::Operator => "operator",
        };
        writeln!(
            out,
            "{},{},{},{},{},{},{},{},{source}",
            endpoint.operation,
            endpoint.method,
            endpoint.route,
            endpoint.context.map_or("any", Context::as_str),
            endpoint.domain,
            yes(endpoint.mutation),
            yes(endpoint.list),
            yes(endpoint.cacheable),
        )?;
    }
    Ok(())
}
