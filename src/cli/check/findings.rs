//! What was found, how it is told, and which exit status follows.

use std::fmt::Display;
use std::io::Write;

use crate::cli::exit::{Exit, Failure};

/// What one question brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing is wrong.
    Fine(String),
    /// Nothing is wrong, but somebody may want to know.
    Note(String),
    /// `serve` would start, and not work well.
    Problem(String),
    /// `serve` would not start.
    Fatal(String),
}

impl Finding {
    /// What would stop the start.
    pub(super) fn fatal(error: &impl Display) -> Self {
        Self::Fatal(error.to_string())
    }

    /// Something without which there is no start.
    pub(super) fn needed(found: Result<String, impl Display>) -> Self {
        found.map_or_else(|error| Self::fatal(&error), Self::Fine)
    }
}

/// The worst so far.
#[derive(Default)]
pub(super) struct Findings {
    problems: u32,
    fatal: u32,
}

impl Findings {
    /// Tells one finding.
    pub(super) fn tell(&mut self, what: &str, found: Finding) -> Result<(), Failure> {
        let (mark, text) = match found {
            Finding::Fine(text) => ("ok     ", text),
            Finding::Note(text) => ("note   ", text),
            Finding::Problem(text) => {
                self.problems += 1;
                ("problem", text)
            }
            Finding::Fatal(text) => {
                self.fatal += 1;
                ("problem", text)
            }
        };
        writeln!(std::io::stdout(), "{mark}  {what}: {text}")?;
        Ok(())
    }

    /// How the command ends.
    pub(super) fn exit(&self) -> Result<Exit, Failure> {
        match (self.fatal, self.problems) {
            (0, 0) => Ok(Exit::Success),
            (0, _) => Ok(Exit::Trouble),
            (1, _) => Err(Failure::usage("serve would not start: one problem")),
            (count, _) => Err(Failure::usage(format!("serve would not start: {count} problems"))),
        }
    }
}
