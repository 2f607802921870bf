//! The letter as text.

use std::fmt::Write as _;

use super::{PROMISE, Said};
use crate::ops::words::numbers::count;

/// The whole text.
pub(super) fn write(said: &Said) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = body(said, &mut text);
    text
}

fn body(said: &Said, text: &mut String) -> std::fmt::Result {
    writeln!(text, "{}\n\n{}. {}", said.heading, said.stretch, said.complete)?;
    if said.sandbox {
        writeln!(text, "These are figures of a sandbox, not of real clinics.")?;
    }
    writeln!(text)?;
    for figure in &said.figures {
        write!(text, "{}: {}", figure.name, figure.value)?;
        if !figure.of.is_empty() {
            write!(text, " {}", figure.of)?;
        }
        if !figure.note.is_empty() {
            write!(text, ". {}", figure.note)?;
        }
        writeln!(text)?;
    }
    let none = ["No clinic is stuck.".to_owned()];
    let stuck = if said.stuck.is_empty() { &none[..] } else { &said.stuck[..] };
    for (heading, sentences) in [("Needs you", stuck), ("Going well", &said.ready[..])] {
        if !sentences.is_empty() {
            writeln!(text, "\n{heading}")?;
            for sentence in sentences {
                writeln!(text, "- {sentence}")?;
            }
        }
    }
    if !said.lines.is_empty() {
        writeln!(
            text,
            "\nClinic by clinic, stuck first: phase; staff using it; worked first time"
        )?;
        for line in &said.lines {
            writeln!(
                text,
                "- {}: {}; {}; {}",
                line.clinic, line.phase, line.staff, line.first_time
            )?;
        }
        if said.more > 0 {
            writeln!(text, "And {} more.", count(said.more))?;
        }
    }
    if let Some(page) = &said.page {
        writeln!(text, "\nThe whole report: {page}")?;
    }
    writeln!(text, "\n{PROMISE}")
}
