//! Why we think so: what was compared, what was seen, what it tells, and what is ruled out.
//!
//! Owns the table. A comparison without calls stays in it, so that nobody takes it for agreement.

use maud::{Markup, html};

use super::answer::{Answer, Check};
use crate::domain::cause::Cause;
use crate::ops::components::kind::{Kind, glyph, kind};
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::components::table::{Row, Table, col, table};
use crate::ops::words::causes;
use crate::ops::words::checks::{check, would_decide};
use crate::ops::words::evidence::in_language;
use crate::ops::words::language::Language;

/// Draws the card. `whose` says whose references these are.
pub(super) fn evidence(answer: &Answer, whose: &Markup, frame: &Frame) -> Markup {
    let rows: Vec<Row> = answer.checks.iter().map(|check| run(check, answer, frame)).collect();
    let body = html! {
        @if rows.is_empty() {
            p.pad.soft { (frame.t("There were no calls to compare with.", "Il n’y avait aucun appel pour comparer.")) }
        } @else {
            (table(&Table {
                caption: frame.t("Evidence: what we compared, what we saw and what it tells us", "Indices : ce que nous avons comparé, ce que nous avons vu et ce que cela nous dit").to_owned(),
                class: "ev",
                cols: vec![
                    col(frame.t("What we compared", "Ce que nous avons comparé"), "", ""),
                    col(frame.t("What we saw", "Ce que nous avons vu"), frame.t("We saw", "Nous avons vu"), "saw"),
                    col(frame.t("What it tells us", "Ce que cela nous dit"), frame.t("Tells us", "Cela nous dit"), ""),
                    col(frame.t("With the verdict", "Et le verdict"), frame.t("Verdict", "Verdict"), ""),
                ],
                rows,
            }))
        }
        div.pad.stack {
            (not_run(answer, frame))
            @if answer.cause() == Cause::Unknown { (decides(answer, frame)) }
            (remaining(answer, frame))
            (ruled_out(answer, frame))
        }
    };
    card("h-ev", frame.t("Why we think so", "Pourquoi nous le pensons"), Some(whose), &body)
}

fn run(each: &Check, answer: &Answer, frame: &Frame) -> Row {
    let (title, sub) = check(&each.name, frame.language());
    let all = each.worked + each.empty + each.failed;
    let saw = html! {
        @if each.name == "ticket" && all == 0 { span { (frame.t("No calls", "Aucun appel")) } }
        @else if all == 0 { span { (frame.t("Never", "Jamais")) } }
        @else {
            span {
                (frame.number(each.worked)) (frame.t(" of ", " sur ")) (frame.number(all)) (frame.t(" worked", " réussis"))
                @if each.empty > 0 { ", " (frame.number(each.empty)) (frame.t(" found nothing", " sans rien trouver")) }
            }
            span.bars { (bar(each, all, answer.kind())) }
        }
    };
    Row {
        selected: false,
        cells: vec![
            html! { (title) small { (sub) } },
            saw,
            sentence(&each.tells, frame),
            html! {
                @if answer.cause() == Cause::Unknown { span.muted { (frame.t("No verdict yet", "Pas encore de verdict")) } }
                @else if each.supports { (kind(Kind::Ok, Some(frame.t("Agrees", "D’accord")), frame.language())) }
                @else { span.k.k-none { (glyph("none")) (frame.t("Doesn’t support it", "Ne l’appuie pas")) } }
            },
        ],
    }
}

/// A sentence of the kept answer.
fn sentence(text: &str, frame: &Frame) -> Markup {
    let (text, is_english) = in_language(text, frame.language());
    html! { @if is_english { span lang=(Language::English.tag()) { (text) } } @else { (text) } }
}

/// Worked, found nothing, failed, as a share.
fn bar(each: &Check, all: u64, failing: Kind) -> Markup {
    let permille = |part: u64| part * 1_000 / all.max(1);
    // Where no category was told, the failures have no hue.
    let failing = if failing == Kind::Ok { Kind::GivenUp } else { failing };
    let percent = |n: u64| format!("{}.{}%", n / 10, n % 10);
    let (worked, empty) = (permille(each.worked), permille(each.empty));
    html! {
        svg.ratio height="10" width="100%" aria-hidden="true" {
            rect.f-line width="100%" height="10" rx="2" {}
            @if each.worked > 0 { rect.f-ok width=(percent(worked)) height="10" rx="2" {} }
            @if each.empty > 0 { rect.f-empty x=(percent(worked)) width=(percent(empty)) height="10" rx="2" {} }
            @if each.failed > 0 {
                rect class={ "f-" (failing.slug()) } x=(percent(worked + empty))
                    width=(percent(1_000 - worked - empty)) height="10" rx="2" {}
            }
        }
    }
}

/// Comparisons that nobody's calls made possible stay in sight.
fn not_run(answer: &Answer, frame: &Frame) -> Markup {
    html! {
        @if !answer.checks_without_calls.is_empty() {
            h3 { (frame.t("Not run, since there were no calls to compare", "Non faites, faute d’appels à comparer")) }
            ul.chips { @for name in &answer.checks_without_calls { li { (check(name, frame.language()).0) } } }
        }
    }
}

/// What would make the answer possible.
fn decides(answer: &Answer, frame: &Frame) -> Markup {
    // Where no patient is in it, another chart would decide nothing.
    let fits = |name: &&String| answer.affected.patients > 0 || !name.contains("patient");
    let named = answer.checks_without_calls.iter().filter(fits);
    let named = named.filter_map(|name| would_decide(name, frame.language()));
    html! {
        h3 { (frame.t("What would decide it", "Ce qui trancherait")) }
        ul.bullets {
            li { (frame.t("The person tries once more, and sends the code that the app shows.", "La personne essaie encore une fois et envoie le code que l’application montre.")) }
            @for what in named.take(4) { li { (what) } }
        }
    }
}

fn name(cause: &str, frame: &Frame) -> &'static str {
    causes::words(Cause::parse(cause).unwrap_or(Cause::Unknown), frame.language()).name
}

fn remaining(answer: &Answer, frame: &Frame) -> Markup {
    html! {
        @if !answer.alternatives.is_empty() {
            h3 { (frame.t("What else it could be", "Ce que cela pourrait être d’autre")) }
            ul.chips {
                @for other in answer.alternatives.iter().take(4) {
                    li { (name(&other.cause, frame)) " " b { (in_hundred(other.confidence)) (frame.t(" in 100", " sur 100")) } }
                }
            }
        }
    }
}

/// A probability as so many in a hundred, never all of them.
pub(super) fn in_hundred(probability: f64) -> u64 {
    (0..=99u32).rev().find(|n| f64::from(*n) <= probability * 100.0 + 1e-9).map_or(0, u64::from)
}

fn ruled_out(answer: &Answer, frame: &Frame) -> Markup {
    html! {
        @if !answer.ruled_out_reasons.is_empty() {
            h3 { (frame.t("So we ruled out", "Nous avons donc écarté")) }
            ul.chips.ruled {
                @for ruled in &answer.ruled_out_reasons { li { s { (name(&ruled.cause, frame)) } } }
            }
            details.data {
                summary { (frame.t("Why each of these ", "Pourquoi chacune de ces ")) (frame.count(answer.ruled_out_reasons.len() as u64, ["cause", "causes"], ["cause", "causes"])) }
                dl.kv {
                    @for ruled in &answer.ruled_out_reasons {
                        dt { (name(&ruled.cause, frame)) } dd { (sentence(&ruled.reason, frame)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;

    #[test]
    fn a_probability_is_said_as_so_many_in_a_hundred() {
        for (probability, said) in [(0.0, 0), (0.02, 2), (0.29, 29), (0.94, 94), (1.0, 99)] {
            assert_eq!(in_hundred(probability), said, "{probability}");
        }
    }

    #[test]
    fn a_comparison_without_calls_is_not_taken_for_agreement() {
        let answer = Answer {
            cause: "unknown".into(),
            affected: super::super::answer::Affected { patients: 1, ..Default::default() },
            checks_without_calls: vec!["same_patient_other_actors".into()],
            ..Answer::default()
        };
        let drawn = evidence(&answer, &html! {}, &frame("/", Language::English)).into_string();
        assert!(drawn.contains("Not run, since") && !drawn.contains("Agrees"), "{drawn}");
        assert!(drawn.contains("A colleague opens the same chart."), "{drawn}");
    }
}
