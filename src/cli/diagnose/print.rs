//! The answer to a question, for people at a terminal.
//!
//! Owns the layout and its headings. Codes (cause, scope, check) stay as they are in the contract, in both
//! languages, so that they can be looked for; the sentences are the site's.

use std::fmt::Display;
use std::io::{Result, Write};

use crate::diagnosis::Diagnosis;
use crate::domain::cause::Cause;
use crate::domain::time::Timestamp;
use crate::ops::words::causes;
use crate::ops::words::evidence::in_language;
use crate::ops::words::language::Language;

/// The width of the names on the left.
const NAMES: usize = 18;

/// Writes the answer.
pub(super) fn answer(answer: &Diagnosis, language: Language, out: &mut impl Write) -> Result<()> {
    let t = |english: &'static str, french: &'static str| language.of(english, french);
    if let Some(cause) = Cause::parse(answer.cause) {
        writeln!(out, "{}\n", causes::words(cause, language).says)?;
    }
    facts(answer, language, out)?;
    writeln!(
        out,
        "\n{}",
        t("evidence (worked, empty, failed)", "constats (réussis, vides, échoués)")
    )?;
    for check in &answer.checks {
        let sign = if check.supports { '+' } else { ' ' };
        let (worked, empty, failed) = (check.worked, check.empty, check.failed);
        let (tells, _) = in_language(check.tells, language);
        writeln!(out, " {sign} {:<32}{worked:>5}{empty:>5}{failed:>5}  {tells}", check.check)?;
    }
    if !answer.alternatives.is_empty() {
        writeln!(out, "\n{}", t("also possible", "aussi possible"))?;
        for other in &answer.alternatives {
            writeln!(out, "   {:<32}{:>5.2}", other.cause, other.confidence)?;
        }
    }
    if !answer.ruled_out_reasons.is_empty() {
        writeln!(out, "\n{}", t("ruled out", "écarté"))?;
        for ruled in &answer.ruled_out_reasons {
            let (reason, _) = in_language(ruled.reason, language);
            writeln!(out, "   {:<32}{reason}", ruled.cause)?;
        }
    }
    advice(answer, language, out)
}

fn facts(answer: &Diagnosis, language: Language, out: &mut impl Write) -> Result<()> {
    let t = |english: &'static str, french: &'static str| language.of(english, french);
    let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |at| at.to_string());
    let mut line = |name: &str, value: &dyn Display| writeln!(out, "{name:<NAMES$}{value}");
    let confidence = t("confidence", "confiance");
    line(
        t("cause", "cause"),
        &format!("{} ({confidence} {:.2})", answer.cause, answer.confidence),
    )?;
    line(t("owner", "à qui d’agir"), &answer.owner)?;
    line(t("scope", "portée"), &format!("{}, {}", answer.scope, answer.persistence))?;
    line(t("since", "depuis"), &time(answer.since))?;
    if answer.worked_until.is_some() {
        line(t("worked until", "réussi jusqu’à"), &time(answer.worked_until))?;
    }
    if answer.works_again.is_some() {
        line(t("works again", "réussi à nouveau"), &time(answer.works_again))?;
    }
    if let Some(number) = answer.incident {
        line(t("incident", "incident"), &number)?;
    }
    let touched = answer.affected;
    let touched = [
        counted(touched.clinics, [t("clinic", "clinique"), t("clinics", "cliniques")], language),
        counted(touched.actors, [t("person", "personne"), t("people", "personnes")], language),
        counted(touched.patients, [t("patient", "patient"), t("patients", "patients")], language),
        counted(touched.calls, [t("call", "appel"), t("calls", "appels")], language),
    ];
    line(t("affected", "touchés"), &touched.join(", "))?;
    let until = t("until", "jusqu’à");
    let lagging = t(
        ", which is too early for the question: later calls could tell otherwise",
        ", ce qui est trop tôt pour la question : des appels plus tardifs pourraient dire autre chose",
    );
    let lagging = if answer.lagging { lagging } else { "" };
    line(t("recorded", "enregistré"), &format!("{until} {}{lagging}", time(answer.as_of)))
}

/// A number and what is counted: one is singular, and in French none is, too.
fn counted(number: usize, [one, many]: [&str; 2], language: Language) -> String {
    let is_one = number == 1 || number == 0 && language == Language::French;
    format!("{number} {}", if is_one { one } else { many })
}

fn advice(answer: &Diagnosis, language: Language, out: &mut impl Write) -> Result<()> {
    let t = |english: &'static str, french: &'static str| language.of(english, french);
    let said = &answer.advice;
    let steps = language.of(&said.steps, &said.fr.steps);
    let admin = language.of(said.message_for_admin, said.fr.message_for_admin);
    let user = language.of(said.message_for_user, said.fr.message_for_user);
    writeln!(out, "\n{}", t("what to do", "à faire"))?;
    for (number, step) in (1..).zip(steps) {
        writeln!(out, " {number}. {step}")?;
    }
    let (to_admin, to_user) =
        (t("to the administrator", "à l’administrateur"), t("to the person", "à la personne"));
    writeln!(out, "\n{to_admin}\n   {admin}\n\n{to_user}\n   {user}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_nouns() {
        let words = ["patient", "patients"];
        for (number, english, french) in [
            (0, "0 patients", "0 patient"),
            (1, "1 patient", "1 patient"),
            (2, "2 patients", "2 patients"),
        ] {
            assert_eq!(counted(number, words, Language::English), english);
            assert_eq!(counted(number, words, Language::French), french);
        }
    }
}
