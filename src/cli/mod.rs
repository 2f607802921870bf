//! The commands: what is typed, what is printed, which exit status.
//!
//! Owns arguments, help and output. Exit status: 0 success, 2 bad usage or settings, 1 failure at
//! run time. Holds no rule of the product.

mod adoption;
mod audit;
mod catalogue;
mod check;
mod conformance;
mod demo;
mod diagnose;
mod digest;
mod exchange;
mod exit;
mod figures;
mod first;
mod keep;
mod prove;
mod prune;
mod serve;
mod sim;
mod token;
mod usage;
mod user;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};

/// An instrumented reverse proxy in front of the Accuro EMR REST API: it forwards every call, records
/// a redacted event of it, and serves an ops site, metrics and alerts.
#[derive(Parser)]
#[command(name = "accuscope", version, about, max_term_width = 100)]
pub struct Arguments {
    /// The settings; every key can be overridden by a variable such as `ACCUSCOPE__PROXY__LISTEN`.
    #[arg(long, global = true, value_name = "FILE", default_value = "accuscope.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve: the proxy, the ops site and the telemetry listener.
    Serve,
    /// Serve in front of a simulated Accuro, with simulated clinics at work and a story of incidents.
    Demo(demo::DemoArguments),
    /// The simulated Accuro alone, for people who build integrations.
    Sim(sim::SimArguments),
    /// Look at settings, keys, store and upstream, and say what is wrong; changes nothing.
    Check,
    /// Bring events (newline-delimited JSON, or segments of a journal) into the store.
    Import(exchange::ImportArguments),
    /// Write events out as newline-delimited JSON, oldest first.
    Export(exchange::ExportArguments),
    /// Say why somebody could not see what they asked for, from the recorded events.
    Diagnose(diagnose::DiagnoseArguments),
    /// The figures of the adoption report, as CSV: who uses it, and for what.
    Adoption(adoption::AdoptionArguments),
    /// Send the weekly letter about adoption now, or print it.
    Digest(digest::DigestArguments),
    /// The endpoint catalogue: which operation a path is.
    #[command(subcommand)]
    Catalogue(catalogue::CatalogueCommand),
    /// Ask a sandbox for every endpoint that only reads, and say where it answers otherwise than the catalogue says.
    Conformance(conformance::ConformanceArguments),
    /// The audit: what was about to change a chart, what became of it, who looked at what.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Prove that nothing leaks: canary identities and secrets through this very installation.
    ProveRedaction(prove::ProveArguments),
    /// Remove what is over the limits of the settings' retention section now; a serving process does it every hour.
    Prune(prune::PruneArguments),
    /// People who sign in to the ops site by name and passphrase.
    #[command(subcommand)]
    User(user::UserCommand),
    /// API tokens of the ops site.
    #[command(subcommand)]
    Token(token::TokenCommand),
}

/// Reads the command line.
///
/// # Errors
///
/// [`Failure`] that repeats nothing of what was typed. Help and versions are printed, and end the
/// process.
pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, Failure> {
    Arguments::try_parse_from(words)
        .map_err(|error| usage::failure(&error).unwrap_or_else(|| error.exit()))
}

/// Runs a command.
///
/// # Errors
///
/// [`Failure`], with the line to print and the exit status.
pub fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let file = arguments.config;
    match arguments.command {
        Command::Serve => serve::serve(&file),
        Command::Demo(demo) => demo::run(&demo),
        Command::Sim(sim) => sim::run(&sim),
        Command::Check => check::run(&file),
        Command::Import(import) => exchange::import(&file, &import),
        Command::Export(export) => exchange::export(&file, &export),
        Command::Diagnose(question) => diagnose::run(&file, question),
        Command::Adoption(asked) => adoption::run(&file, &asked),
        Command::Digest(asked) => digest::run(&file, &asked),
        Command::Catalogue(command) => catalogue::run(&file, &command),
        Command::Conformance(asked) => conformance::run(&file, &asked),
        Command::Audit(command) => audit::run(&file, &command),
        Command::ProveRedaction(arguments) => prove::run(&file, &arguments),
        Command::Prune(prune) => prune::run(&file, &prune),
        Command::User(command) => user::run(&file, &command),
        Command::Token(command) => token::run(&file, &command),
    }
}
