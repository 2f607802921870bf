//! One incident, drawn.
//!
//! Owns the order of the page: the answer and who has taken it, what to do and to send beside what
//! happened, what differs, some calls, notes. Everything but single calls is a count.

use maud::{Markup, html};

use super::list::{sentence, zone};
use super::load::IncidentModel;
use super::{course, differs, facts, silences, todo};
use crate::domain::incident::note::Note;
use crate::domain::registry::Registry;
use crate::ops::access::policy::Permission;
use crate::ops::components::parts::{card, copy_link, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::verdict::verdict_with;
use crate::ops::words::incidents;
use crate::ops::words::times::Zone;

/// The page.
pub(crate) fn view(model: &IncidentModel, registry: &Registry, frame: &Frame) -> Page {
    let incident = &model.incident;
    let zone = zone(incident, registry, frame);
    let said = sentence(incident, registry, frame);
    let sees_calls = frame.may(Permission::Calls);
    let body = html! {
        (head(model, frame))
        div data-part="verdict" {
            (verdict_with(&facts::card(model, &said, &zone, frame), &facts::taken(model, &zone, frame)))
        }
        div.g2 {
            div.stack.gap5 {
                (todo::todo(model, registry, frame))
                (todo::messages(model, registry, &zone, frame))
            }
            div.stack.gap5 {
                div data-part="course" { (course::course(model, &zone, frame)) }
                div data-part="alerts" { (course::alerts(model, &zone, frame)) }
                (silences::silences(model, registry, &zone, frame))
                (notes(model, &zone, frame))
            }
        }
        div data-part="differs" { (differs::differs(model, registry, frame)) }
        @if sees_calls {
            div data-part="calls" { (differs::samples(model, registry, &zone, frame)) }
        }
    };
    let open =
        if incident.is_open() { frame.t("Open", "Ouvert") } else { frame.t("Closed", "Fermé") };
    let title = format!("{open}. {said} Incident {}", incident.number);
    Page { room: Some(Room::Incidents), title, live: true, body }
}

fn head(model: &IncidentModel, frame: &Frame) -> Markup {
    let number = model.incident.number;
    let may = frame.may(Permission::Incidents);
    let taken = crate::domain::incident::note::taken(&model.notes).is_some();
    html! {
        div.pagehead {
            div {
                ol.crumb {
                    li { a href="/incidents" { "Incidents" } }
                    li { (frame.t("No. ", "No ")) (number) }
                }
            }
            div.actions {
                (copy_link(frame))
                form action={ "/incidents/" (number) "/summary" } method="post" {
                    button.btn type="submit" title=(frame.t("A Markdown file for the review afterwards", "Un fichier Markdown pour la revue ensuite")) { (frame.t("Take the summary out", "Prendre le résumé")) }
                }
                @if may && model.incident.is_open() {
                    form action={ "/incidents/" (number) "/take" } method="post" {
                        @if taken {
                            button.btn type="submit" name="turn" value="back" { (frame.t("Give it back", "Le rendre")) }
                        } @else {
                            button.btn.primary type="submit" name="turn" value="take" { (frame.t("Take it", "Le prendre en charge")) }
                        }
                    }
                }
            }
        }
    }
}

/// What people noted, and the form for the next note.
fn notes(model: &IncidentModel, zone: &Zone, frame: &Frame) -> Markup {
    let number = model.incident.number;
    let body = html! {
        div.pad.stack {
            @if model.notes.is_empty() {
                p.small.soft { (frame.t("Nobody has noted anything yet.", "Personne n’a encore rien noté.")) }
            } @else {
                ul.plain {
                    @for noted in model.notes.iter().rev() {
                        li {
                            span.ink {
                                strong { (when(noted.at, zone, frame.now)) } " "
                                (incidents::noted(noted.note, frame.language()))
                                @if let Some(account) = &noted.account { ". " span.muted { (account) } }
                            }
                        }
                    }
                }
            }
            @if frame.may(Permission::Incidents) {
                form.row action={ "/incidents/" (number) "/note" } method="post" {
                    div.grow {
                        label.vh for="i-note" { (frame.t("What was done", "Ce qui a été fait")) }
                        select #i-note name="note" required {
                            option value="" { (frame.t("Note what was done…", "Noter ce qui a été fait…")) }
                            @for note in Note::CHOICES { option value=(note) { (incidents::choice(*note, frame.language())) } }
                        }
                    }
                    button.btn type="submit" { (frame.t("Note it", "Le noter")) }
                }
                p.hint { (frame.t("Kept in the audit with your name. A fixed list, so that no note can name a patient.", "Gardé dans l’audit avec votre nom. Une liste fixe, pour qu’aucune note ne puisse nommer un patient.")) }
            }
        }
    };
    card("h-notes", frame.t("Notes", "Notes"), None, &body)
}
