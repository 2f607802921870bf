//! The letter as HTML that any mail program shows: headings, lists, one table. No picture and nothing that
//! is fetched, so that nobody learns whether it was opened.

use maud::{DOCTYPE, Markup, html};

use super::{Said, promise};

/// The whole page.
pub(super) fn write(said: &Said) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(said.language.as_str()) {
            head { meta charset="utf-8"; title { (said.heading) } }
            body {
                h1 { (said.heading) }
                p { (said.stretch) ". " (said.complete) }
                @if said.sandbox { p { strong { (said.language.of("These are figures of a sandbox, not of real clinics.", "Ce sont les chiffres d’un bac à sable, non de vraies cliniques.")) } } }
                table cellpadding="6" {
                    @for figure in &said.figures {
                        tr {
                            th align="left" { (figure.name) }
                            td { (figure.value) @if !figure.of.is_empty() { " " (figure.of) } }
                            td { (figure.note) }
                        }
                    }
                }
                h2 { (said.language.of("Needs you", "Ont besoin de vous")) }
                @if said.stuck.is_empty() { p { (said.language.of("No clinic is stuck.", "Aucune clinique n’est bloquée.")) } } @else { (list(&said.stuck)) }
                @if !said.ready.is_empty() { h2 { (said.language.of("Going well", "Va bien")) } (list(&said.ready)) }
                @if !said.lines.is_empty() { (clinics(said)) }
                @if let Some(page) = &said.page { p { a href=(page) { (said.language.of("The whole report", "Le rapport complet")) } } }
                p { small { (promise(said.language)) } }
            }
        }
    }
}

fn list(sentences: &[String]) -> Markup {
    html! { ul { @for sentence in sentences { li { (sentence) } } } }
}

fn clinics(said: &Said) -> Markup {
    html! {
        h2 { (said.language.of("Clinic by clinic, stuck first", "Clinique par clinique, les bloquées d’abord")) }
        table cellpadding="6" {
            tr {
                th align="left" { (said.language.of("Clinic", "Clinique")) } th align="left" { (said.language.of("Phase", "Phase")) }
                th align="left" { (said.language.of("Staff using it", "Personnel qui l’utilise")) } th align="left" { (said.language.of("Worked first time", "Réussies du premier coup")) }
            }
            @for line in &said.lines {
                tr {
                    th align="left" { (line.clinic) } td { (line.phase) }
                    td { (line.staff) } td { (line.first_time) }
                }
            }
        }
        @if said.more > 0 { p { (said.language.of("And ", "Et ")) (said.language.number(said.more)) (said.language.of(" more.", " autres.")) } }
    }
}
