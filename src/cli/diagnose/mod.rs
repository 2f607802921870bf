//! `diagnose`: why somebody could not see what they asked for, on a terminal.
//!
//! Owns the arguments; the answer for people is [`mod@print`]'s. Patient numbers and staff identifiers never
//! stand on the command line, where the system's list of processes and the shell's history would show them: they
//! are asked for, or read from a file. The diagnosis itself is `crate::diagnosis`'s.

mod print;

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};
use zeroize::{Zeroize, Zeroizing};

use super::exit::{Exit, Failure, block_on, settings, store};
use super::keep::keep;
use crate::app::{self, look_at_keys};
use crate::clock::Clock;
use crate::diagnosis::{self, Asked, DiagnosisError, Question};
use crate::domain::audit::{Entry, Event, Kind};
use crate::keys::Keyring;
use crate::ops::words::language::Language;

/// A question.
#[derive(Args)]
#[command(group = ArgGroup::new("about").required(true).args(["code", "request_id", "clinic"]))]
pub(super) struct DiagnoseArguments {
    /// The code that a person read aloud, such as 7KQ4-M2PX.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// The X-Request-Id of the call.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// The clinic's id.
    #[arg(long, value_name = "ID")]
    clinic: Option<String>,
    /// Ask for the patient's number; from a pipe, it is the next line of standard input.
    #[arg(long, requires = "clinic", conflicts_with = "patient_file")]
    patient_stdin: bool,
    /// Read the patient's number from a file.
    #[arg(long, value_name = "FILE", requires = "clinic")]
    patient_file: Option<PathBuf>,
    /// Ask for the person's identifier; from a pipe, it is the next line of standard input, after the patient's.
    #[arg(long, requires = "clinic", conflicts_with = "actor_file")]
    actor_stdin: bool,
    /// Read the person's identifier from a file.
    #[arg(long, value_name = "FILE", requires = "clinic")]
    actor_file: Option<PathBuf>,
    /// Refused: use --patient-stdin or --patient-file.
    #[arg(long, hide = true, value_name = "NUMBER")]
    patient: Option<String>,
    /// Refused: use --actor-stdin or --actor-file.
    #[arg(long, hide = true, value_name = "IDENTIFIER")]
    actor: Option<String>,
    /// The operation, such as patient.read.
    #[arg(long, value_name = "NAME", requires = "clinic")]
    operation: Option<String>,
    /// About when it was (RFC 3339); now, unless given.
    #[arg(long, value_name = "TIME", requires = "clinic")]
    at: Option<String>,
    /// How far before and after that to look, such as 2h.
    #[arg(long, value_name = "LENGTH")]
    window: Option<String>,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
    /// The language of the answer for people; what --json prints is the same in both.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// A language of the answer.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        Self::french(lang == Lang::Fr)
    }
}

/// The longest identifier that is read, in bytes.
const MAX_IDENTIFIER: u64 = 1_024;

/// `diagnose`.
pub(super) fn run(file: &Path, mut arguments: DiagnoseArguments) -> Result<Exit, Failure> {
    for (given, name) in [(&mut arguments.patient, "patient"), (&mut arguments.actor, "actor")] {
        if given.is_some() {
            given.zeroize();
            return Err(Failure::usage(format!(
                "--{name}: an identifier on the command line can be read by everybody on this \
                 machine; use --{name}-stdin or --{name}-file"
            )));
        }
    }
    let config = settings(file)?;
    let keys = Keyring::load(&config.privacy.active_key, &config.privacy.key_files)
        .map_err(|error| Failure::usage(error.to_string()))?;
    // With another key under a known name every reference would differ, and nothing would be found.
    look_at_keys(&config.journal.dir, &keys).map_err(|error| Failure::usage(error.to_string()))?;
    let asked = asked(&mut arguments)?;
    let question = Question::read(&asked, Some(&keys));
    drop(asked);
    let question = question.map_err(|error| Failure::usage(error.to_string()))?;
    let catalogue = app::catalogue(config.catalogue_file.as_deref())?;
    question.is_of(&catalogue).map_err(|error| Failure::usage(error.to_string()))?;
    block_on(async {
        let store = store(&config).await?;
        let registry = &config.registry;
        // What was typed is kept nowhere: a clinic that is not registered could be anything.
        let clinic = question.clinic().filter(|id| registry.clinic(id).is_some());
        let entry = Entry {
            clinic: clinic.cloned(),
            actor_ref: question.actor().cloned(),
            patient_ref: question.patient().cloned(),
            detail: Some(Event::Diagnosed.plain()),
            ..Entry::new(Kind::Lookup)
        };
        keep(&config, entry).await?;
        let now = Clock::system().now();
        let answer =
            diagnosis::diagnose(&store.whole(), registry, config.environment, &question, now).await;
        store.close().await;
        let answer = answer.map_err(failed)?;
        let mut out = std::io::stdout().lock();
        if arguments.json {
            let text = serde_json::to_string(&answer)
                .map_err(|error| Failure::run_time(error.to_string()))?;
            writeln!(out, "{text}")?;
        } else {
            print::answer(&answer, arguments.lang.into(), &mut out)?;
        }
        Ok(Exit::Success)
    })
}

fn failed(error: DiagnosisError) -> Failure {
    match error {
        DiagnosisError::Store(error) => error.into(),
        DiagnosisError::NoSuchCall => Failure::run_time(error.to_string()),
        DiagnosisError::NoSuchClinic | DiagnosisError::Future => Failure::usage(error.to_string()),
    }
}

fn asked(arguments: &mut DiagnoseArguments) -> Result<Asked, Failure> {
    let patient = identifier(
        "The patient's number in Accuro",
        arguments.patient_stdin,
        arguments.patient_file.as_deref(),
    )?;
    let actor = identifier(
        "The person's identifier in the app",
        arguments.actor_stdin,
        arguments.actor_file.as_deref(),
    )?;
    let mut asked = Asked::default();
    asked.support_code = arguments.code.take();
    asked.request_id = arguments.request_id.take();
    asked.clinic = arguments.clinic.take();
    asked.patient = patient;
    asked.actor = actor;
    asked.operation = arguments.operation.take();
    asked.at = arguments.at.take();
    asked.window = arguments.window.take();
    Ok(asked)
}

/// An identifier, from a prompt, a pipe or a file.
fn identifier(what: &str, ask: bool, file: Option<&Path>) -> Result<Option<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    if let Some(path) = file {
        let opened = std::fs::File::open(path);
        let opened = opened.map_err(|error| {
            Failure::usage(format!("{}: cannot be read ({error})", path.display()))
        })?;
        first_line(opened, &mut line)?;
    } else if ask {
        let input = std::io::stdin();
        if input.is_terminal() {
            write!(std::io::stderr(), "{what}: ")?;
        }
        // Lines that follow belong to the next question.
        input.lock().read_line(&mut line)?;
    } else {
        return Ok(None);
    }
    let text = line.trim();
    if text.is_empty() {
        return Err(Failure::usage(format!("{what}: nothing was given")));
    }
    Ok(Some(text.to_owned()))
}

fn first_line(file: std::fs::File, line: &mut String) -> Result<(), Failure> {
    let limited = std::io::Read::take(file, MAX_IDENTIFIER);
    std::io::BufReader::new(limited)
        .read_line(line)
        .map_err(|_| Failure::usage("the file holds no plain text"))?;
    Ok(())
}
