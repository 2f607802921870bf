//! The list of incidents, drawn.
//!
//! Owns its columns, and how an incident is said in one sentence. Counts only: nothing here is about one
//! person.

use maud::{Markup, html};

use crate::domain::health::State;
use crate::domain::incident::Incident;
use crate::domain::registry::Registry;
use crate::ops::components::kind::{Kind, badge};
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::words;
use crate::ops::words::sentences::of_incident;
use crate::ops::words::times::Zone;

/// The list, the open ones first.
pub(super) fn list(incidents: &[Incident], registry: &Registry, frame: &Frame) -> Page {
    let open = incidents.iter().filter(|incident| incident.is_open()).count() as u64;
    let heading = match open {
        0 => frame.t("No incident is open", "Aucun incident n’est ouvert").to_owned(),
        some => frame.count(
            some,
            ["incident is open", "incidents are open"],
            ["incident ouvert", "incidents ouverts"],
        ),
    };
    let body = html! {
        div.pagehead {
            div data-part="head" {
                h1 { (heading) }
                p.soft.small {
                    (frame.t("A trouble of a whole clinic, or of everybody. It opens and closes by itself; ", "Un problème de toute une clinique, ou de tous. Il s’ouvre et se ferme de lui-même; "))
                    (frame.t("what comes back within 15 minutes is the same incident. One person’s refusals are no incident.", "ce qui revient dans les 15 minutes est le même incident. Les refus d’une seule personne ne sont pas un incident."))
                }
            }
        }
        div data-part="incidents" { (card("h-incidents", frame.t("The last 90 days", "Les 90 derniers jours"), None, &rows(incidents, registry, frame))) }
    };
    Page { room: Some(Room::Incidents), title: format!("{heading}. Incidents"), live: true, body }
}

fn rows(incidents: &[Incident], registry: &Registry, frame: &Frame) -> Markup {
    if incidents.is_empty() {
        return html! { p.pad.soft { (frame.t("There was none.", "Il n’y en a eu aucun.")) } };
    }
    let row = |incident: &Incident| Row {
        selected: false,
        cells: vec![
            html! {
                a.rowlink href={ "/incidents/" (incident.number) } { (sentence(incident, registry, frame)) }
                small { (frame.t("No. ", "No ")) (incident.number) }
            },
            if incident.is_open() {
                let kind = incident.category.map(Kind::of_category);
                html! {
                    (badge(incident.state, kind, None, frame.language()))
                    small { (frame.t("Open", "Ouvert")) }
                }
            } else {
                html! { span.muted { (frame.t("Closed", "Fermé")) } }
            },
            html! { (words::health::owner(incident.owner(), frame.language()).0) },
            when(incident.since, &zone(incident, registry, frame), frame.now),
            html! { (length(incident, frame)) },
            html! { (frame.number(incident.peak.clinics)) },
            incident
                .peak
                .actors
                .map_or_else(|| dash(frame), |people| html! { (frame.number(people)) }),
        ],
    };
    table(&Table {
        caption: frame
            .t(
                "Incidents, the open ones first, then the newest",
                "Incidents, les ouverts d’abord, puis les plus récents",
            )
            .to_owned(),
        class: "wide",
        cols: vec![
            col(frame.t("What", "Quoi"), "", ""),
            col(frame.t("State", "État"), frame.t("State", "État"), ""),
            col(
                frame.t("Whose to fix", "À qui de réparer"),
                frame.t("Whose to fix", "À qui de réparer"),
                "opt",
            ),
            col(frame.t("Since", "Depuis"), frame.t("Since", "Depuis"), ""),
            col(frame.t("Length", "Durée"), frame.t("Length", "Durée"), "num"),
            col(frame.t("Clinics", "Cliniques"), frame.t("Clinics", "Cliniques"), "num"),
            col(frame.t("People", "Personnes"), frame.t("People", "Personnes"), "num opt"),
        ],
        rows: incidents.iter().map(row).collect(),
    })
}

/// What the incident is, in one sentence.
pub(super) fn sentence(incident: &Incident, registry: &Registry, frame: &Frame) -> String {
    let name = match &incident.key.clinic {
        Some(id) => registry
            .clinic(id)
            .map_or(frame.t("a clinic", "une clinique"), |clinic| clinic.name.as_str()),
        None => frame.t("several clinics", "plusieurs cliniques"),
    };
    of_incident(incident.key.trouble(), incident.state != State::Failing, name, frame.language())
}

/// The clock to tell it by: the clinic's own, if it is one clinic's.
pub(super) fn zone(incident: &Incident, registry: &Registry, frame: &Frame) -> Zone {
    let clinic = incident.key.clinic.as_ref().and_then(|id| registry.clinic(id));
    clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone))
}

pub(super) fn length(incident: &Incident, frame: &Frame) -> String {
    frame.span(incident.closed_at.unwrap_or(frame.now).since(incident.since))
}
