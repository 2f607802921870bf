//! The letter as HTML that any mail program shows: headings, lists, one table. No picture and nothing that
//! is fetched, so that nobody learns whether it was opened.

use maud::{DOCTYPE, Markup, html};

use super::{PROMISE, Said};
use crate::ops::words::numbers::count;

/// The whole page.
pub(super) fn write(said: &Said) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (said.heading) } }
            body {
                h1 { (said.heading) }
                p { (said.stretch) ". " (said.complete) }
                @if said.sandbox { p { strong { "These are figures of a sandbox, not of real clinics." } } }
                table cellpadding="6" {
                    @for figure in &said.figures {
                        tr {
                            th align="left" { (figure.name) }
                            td { (figure.value) @if !figure.of.is_empty() { " " (figure.of) } }
                            td { (figure.note) }
                        }
                    }
                }
                h2 { "Needs you" }
                @if said.stuck.is_empty() { p { "No clinic is stuck." } } @else { (list(&said.stuck)) }
                @if !said.ready.is_empty() { h2 { "Going well" } (list(&said.ready)) }
                @if !said.lines.is_empty() { (clinics(said)) }
                @if let Some(page) = &said.page { p { a href=(page) { "The whole report" } } }
                p { small { (PROMISE) } }
            }
        }
    }
}

fn list(sentences: &[String]) -> Markup {
    html! { ul { @for sentence in sentences { li { (sentence) } } } }
}

fn clinics(said: &Said) -> Markup {
    html! {
        h2 { "Clinic by clinic, stuck first" }
        table cellpadding="6" {
            tr {
                th align="left" { "Clinic" } th align="left" { "Phase" }
                th align="left" { "Staff using it" } th align="left" { "Worked first time" }
            }
            @for line in &said.lines {
                tr {
                    th align="left" { (line.clinic) } td { (line.phase) }
                    td { (line.staff) } td { (line.first_time) }
                }
            }
        }
        @if said.more > 0 { p { "And " (count(said.more)) " more." } }
    }
}
