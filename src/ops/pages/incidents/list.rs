//! The list of incidents, drawn.
//!
//! Owns its columns, and how an incident is said in one sentence. Counts only: nothing here is about one
//! person.

use maud::{Markup, html};

use crate::domain::health::{State, say};
use crate::domain::incident::Incident;
use crate::domain::registry::Registry;
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::words;
use crate::ops::words::numbers::{count, counted, span};
use crate::ops::words::times::Zone;

/// The list, the open ones first.
pub(super) fn list(incidents: &[Incident], registry: &Registry, frame: &Frame) -> Page {
    let open = incidents.iter().filter(|incident| incident.is_open()).count() as u64;
    let heading = match open {
        0 => "No incident is open".to_owned(),
        some => format!("{} open", counted(some, "incident is", "incidents are")),
    };
    let body = html! {
        div.pagehead {
            div {
                h1 { (heading) }
                p.soft.small {
                    "A trouble of a whole clinic, or of everybody. It opens and closes by itself; "
                    "what comes back within 15 minutes is the same incident. One person’s refusals are no incident."
                }
            }
        }
        (card("h-incidents", "The last 90 days", None, &rows(incidents, registry, frame)))
    };
    Page { room: Some(Room::Incidents), title: format!("{heading}. Incidents"), live: true, body }
}

fn rows(incidents: &[Incident], registry: &Registry, frame: &Frame) -> Markup {
    if incidents.is_empty() {
        return html! { p.pad.soft { "There was none." } };
    }
    let row = |incident: &Incident| Row {
        selected: false,
        cells: vec![
            html! {
                a.rowlink href={ "/incidents/" (incident.number) } { (sentence(incident, registry)) }
                small { "No. " (incident.number) }
            },
            if incident.is_open() {
                html! { strong { "Open" } }
            } else {
                html! { "Closed" }
            },
            html! { (words::health::owner(incident.owner()).0) },
            when(incident.since, &zone(incident, registry, frame), frame.now),
            html! { (length(incident, frame)) },
            html! { (count(incident.peak.clinics)) },
            incident.peak.actors.map_or_else(dash, |people| html! { (count(people)) }),
        ],
    };
    table(&Table {
        caption: "Incidents, the open ones first, then the newest".to_owned(),
        class: "wide",
        cols: vec![
            col("What", "", ""),
            col("State", "State", ""),
            col("Whose to fix", "Whose to fix", "opt"),
            col("Since", "Since", ""),
            col("Length", "Length", "num"),
            col("Clinics", "Clinics", "num"),
            col("People", "People", "num opt"),
        ],
        rows: incidents.iter().map(row).collect(),
    })
}

/// What the incident is, in one sentence.
pub(super) fn sentence(incident: &Incident, registry: &Registry) -> String {
    let name = match &incident.key.clinic {
        Some(id) => registry.clinic(id).map_or("a clinic", |clinic| clinic.name.as_str()),
        None => "several clinics",
    };
    say::of_incident(incident.key.trouble(), incident.state != State::Failing, name)
}

/// The clock to tell it by: the clinic's own, if it is one clinic's.
pub(super) fn zone(incident: &Incident, registry: &Registry, frame: &Frame) -> Zone {
    let clinic = incident.key.clinic.as_ref().and_then(|id| registry.clinic(id));
    clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone))
}

pub(super) fn length(incident: &Incident, frame: &Frame) -> String {
    span(incident.closed_at.unwrap_or(frame.now).since(incident.since))
}
