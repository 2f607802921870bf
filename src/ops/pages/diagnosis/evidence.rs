//! Why we think so: what was compared, what was seen, what it tells, and what is ruled out.
//!
//! Owns the table. A comparison without calls stays in it, so that nobody takes it for agreement.

use maud::{Markup, html};

use super::answer::{Answer, Check};
use crate::domain::cause::Cause;
use crate::ops::components::kind::{Kind, glyph, kind};
use crate::ops::components::parts::card;
use crate::ops::components::table::{Row, Table, col, table};
use crate::ops::words::causes;
use crate::ops::words::checks::{check, would_decide};
use crate::ops::words::numbers::{count, counted};

/// Draws the card. `whose` says whose references these are.
pub(super) fn evidence(answer: &Answer, whose: &Markup) -> Markup {
    let mut rows: Vec<Row> = answer.checks.iter().map(|check| run(check, answer.kind())).collect();
    rows.extend(answer.checks_without_calls.iter().map(|name| not_run(name)));
    let body = html! {
        @if rows.is_empty() {
            p.pad.soft { "There were no calls to compare with." }
        } @else {
            (table(&Table {
                caption: "Evidence: what we compared, what we saw and what it tells us".to_owned(),
                class: "ev",
                cols: vec![
                    col("What we compared", "", ""),
                    col("What we saw", "We saw", "saw"),
                    col("What it tells us", "Tells us", ""),
                    col("With the verdict", "Verdict", ""),
                ],
                rows,
            }))
        }
        div.pad.stack {
            @if answer.cause() == Cause::Unknown { (decides(answer)) }
            (remaining(answer))
            (ruled_out(answer))
        }
    };
    card("h-ev", "Why we think so", Some(whose), &body)
}

fn run(each: &Check, failing: Kind) -> Row {
    let (title, sub) = check(&each.check);
    let all = each.worked + each.empty + each.failed;
    let saw = html! {
        @if each.check == "ticket" && all == 0 { span { "No calls" } }
        @else if all == 0 { span { "Never" } }
        @else {
            span {
                (count(each.worked)) " of " (count(all)) " worked"
                @if each.empty > 0 { ", " (count(each.empty)) " found nothing" }
            }
            span.bars { (bar(each, all, failing)) }
        }
    };
    Row {
        selected: false,
        cells: vec![
            html! { (title) small { (sub) } },
            saw,
            html! { (each.tells) },
            html! {
                @if each.supports { (kind(Kind::Ok, Some("Agrees"))) }
                @else { span.k.k-none { (glyph("none")) "Doesn’t support it" } }
            },
        ],
    }
}

/// Worked, found nothing, failed, as a share.
fn bar(each: &Check, all: u64, failing: Kind) -> Markup {
    let permille = |part: u64| part * 1_000 / all.max(1);
    let failing =
        if matches!(failing, Kind::Ok | Kind::GivenUp) { Kind::NoAnswer } else { failing };
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

fn not_run(name: &str) -> Row {
    let (title, sub) = check(name);
    Row {
        selected: false,
        cells: vec![
            html! { span.muted { (title) } small { (sub) } },
            html! { span.muted { "No calls" } },
            html! { span.muted { "Nobody tried, so it tells nothing." } },
            html! { span.muted { "Not run" } },
        ],
    }
}

/// What would make the answer possible.
fn decides(answer: &Answer) -> Markup {
    let named = answer.checks_without_calls.iter().filter_map(|name| would_decide(name));
    html! {
        h3 { "What would decide it" }
        ul.bullets {
            li { "The person tries once more, and sends the code that the app shows." }
            @for what in named.take(4) { li { (what) } }
        }
    }
}

fn name(cause: &str) -> &'static str {
    causes::words(Cause::parse(cause).unwrap_or(Cause::Unknown)).name
}

fn remaining(answer: &Answer) -> Markup {
    html! {
        @if !answer.alternatives.is_empty() {
            h3 { "What else it could be" }
            ul.chips {
                @for other in answer.alternatives.iter().take(4) {
                    li { (name(&other.cause)) " " b { (in_hundred(other.confidence)) " in 100" } }
                }
            }
        }
    }
}

/// A probability as so many in a hundred, never all of them.
pub(super) fn in_hundred(probability: f64) -> u64 {
    (0..=99u32).rev().find(|n| f64::from(*n) <= probability * 100.0 + 1e-9).map_or(0, u64::from)
}

fn ruled_out(answer: &Answer) -> Markup {
    html! {
        @if !answer.ruled_out_reasons.is_empty() {
            h3 { "So we ruled out" }
            ul.chips.ruled {
                @for ruled in &answer.ruled_out_reasons { li { s { (name(&ruled.cause)) } } }
            }
            details.data {
                summary { "Why each of these " (counted(answer.ruled_out_reasons.len() as u64, "cause", "causes")) }
                dl.kv {
                    @for ruled in &answer.ruled_out_reasons {
                        dt { (name(&ruled.cause)) } dd { (ruled.reason) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            checks_without_calls: vec!["same_patient_other_actors".into()],
            ..Answer::default()
        };
        let drawn = evidence(&answer, &html! {}).into_string();
        assert!(drawn.contains("Not run") && !drawn.contains("Agrees"), "{drawn}");
        assert!(drawn.contains("A colleague opens the same chart."), "{drawn}");
    }
}
