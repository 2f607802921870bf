//! The letter as text.

use std::fmt::Write as _;

use super::{Said, promise};
use crate::ops::words::language::said;

/// The whole text.
pub(super) fn write(said: &Said) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = body(said, &mut text);
    text
}

fn body(said: &Said, text: &mut String) -> std::fmt::Result {
    let language = said.language;
    writeln!(text, "{}\n\n{}. {}", said.heading, said.stretch, said.complete)?;
    if said.sandbox {
        let sandbox = language.of(
            "These are figures of a sandbox, not of real clinics.",
            "Ce sont les chiffres d’un bac à sable, non de vraies cliniques.",
        );
        writeln!(text, "{sandbox}")?;
    }
    writeln!(text)?;
    for figure in &said.figures {
        write!(text, "{}{} {}", figure.name, language.of(":", "\u{a0}:"), figure.value)?;
        if !figure.of.is_empty() {
            write!(text, " {}", figure.of)?;
        }
        if !figure.note.is_empty() {
            write!(text, ". {}", figure.note)?;
        }
        writeln!(text)?;
    }
    let none =
        [said.language.of("No clinic is stuck.", "Aucune clinique n’est bloquée.").to_owned()];
    let stuck = if said.stuck.is_empty() { &none[..] } else { &said.stuck[..] };
    for (heading, sentences) in [
        (said.language.of("Needs you", "Ont besoin de vous"), stuck),
        (said.language.of("Going well", "Va bien"), &said.ready[..]),
    ] {
        if !sentences.is_empty() {
            writeln!(text, "\n{heading}")?;
            for sentence in sentences {
                writeln!(text, "- {sentence}")?;
            }
        }
    }
    if !said.lines.is_empty() {
        let heading = language.of(
            "Clinic by clinic, stuck first: phase; staff using it; worked first time",
            "Clinique par clinique, les bloquées d’abord : phase; personnel qui l’utilise; tâches réussies du premier coup",
        );
        writeln!(text, "\n{heading}")?;
        for line in &said.lines {
            let colon = language.of(":", "\u{a0}:");
            writeln!(
                text,
                "- {}{colon} {}; {}; {}",
                line.clinic, line.phase, line.staff, line.first_time
            )?;
        }
        if said.more > 0 {
            let more = language.number(said.more);
            writeln!(text, "{}", said!(language, "And {more} more.", "Et {more} autres."))?;
        }
    }
    if let Some(page) = &said.page {
        let line = said!(language, "The whole report: {page}", "Le rapport complet : {page}");
        writeln!(text, "\n{line}")?;
    }
    writeln!(text, "\n{}", promise(language))
}
