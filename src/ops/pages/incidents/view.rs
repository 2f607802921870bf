//! The list of incidents and one incident, drawn.
//!
//! Owns their columns and facts. Counts only: nothing here is about one person.

use maud::{Markup, html};

use crate::domain::cause::Cause;
use crate::domain::health::{State, say};
use crate::domain::incident::{Incident, Update, UpdateKind};
use crate::domain::registry::Registry;
use crate::ops::access::policy::Permission;
use crate::ops::components::kind::{Kind, badge, glyph, kind};
use crate::ops::components::parts::{card, copy_link, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::components::verdict::{Action, Fact, VerdictCard, fact, verdict};
use crate::ops::pages::runbooks;
use crate::ops::words;
use crate::ops::words::numbers::{count, counted, span};
use crate::ops::words::times::{Zone, ago};

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
fn sentence(incident: &Incident, registry: &Registry) -> String {
    let name = match &incident.key.clinic {
        Some(id) => registry.clinic(id).map_or("a clinic", |clinic| clinic.name.as_str()),
        None => "several clinics",
    };
    say::of_incident(incident.key.trouble(), incident.state != State::Failing, name)
}

/// The clock to tell it by: the clinic's own, if it is one clinic's.
fn zone(incident: &Incident, registry: &Registry, frame: &Frame) -> Zone {
    let clinic = incident.key.clinic.as_ref().and_then(|id| registry.clinic(id));
    clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone))
}

fn length(incident: &Incident, frame: &Frame) -> String {
    span(incident.closed_at.unwrap_or(frame.now).since(incident.since))
}

/// One incident.
pub(super) fn one(
    incident: &Incident,
    updates: &[Update],
    registry: &Registry,
    frame: &Frame,
) -> Page {
    let zone = zone(incident, registry, frame);
    let said = sentence(incident, registry);
    let card_of = VerdictCard {
        label: "The incident",
        kind: incident.category.map_or(Kind::GivenUp, Kind::of_category),
        badge: Some(state(incident)),
        sentence: said.clone(),
        facts: facts(incident, &zone, frame),
        actions: actions(incident, frame),
        also: None,
    };
    let body = html! {
        div.pagehead {
            div {
                ol.crumb {
                    li { a href="/incidents" { "Incidents" } }
                    li { "No. " (incident.number) }
                }
            }
            div.actions { (copy_link()) }
        }
        div data-part="verdict" { (verdict(&card_of)) }
        div data-part="course" {
            (card("h-course", "What happened", None, &course(incident, updates, &zone, frame)))
        }
    };
    let open = if incident.is_open() { "Open" } else { "Closed" };
    Page { room: Some(Room::Incidents), title: format!("{open}. {said}"), live: true, body }
}

fn state(incident: &Incident) -> Markup {
    if incident.is_open() {
        badge(incident.state, incident.category.map(Kind::of_category), None)
    } else {
        html! { span.badge.hollow.k-none { (glyph("none")) "Closed" } }
    }
}

fn facts(incident: &Incident, zone: &Zone, frame: &Frame) -> Vec<Fact> {
    let trouble = incident.key.trouble();
    let peak = incident.peak;
    let who = match peak.actors {
        Some(people) => format!(
            "{}, {}",
            counted(peak.clinics, "clinic", "clinics"),
            counted(people, "person", "people")
        ),
        None => counted(peak.clinics, "clinic", "clinics"),
    };
    let bad = if incident.key.cause == Cause::AccuroSlow { "slow" } else { "failed" };
    let calls = format!("At its worst. At least {} {bad}", counted(peak.calls, "call", "calls"));
    let (owner, not) = words::health::owner(incident.owner());
    let until = match incident.closed_at {
        Some(closed) => {
            format!("Until {}, {}", zone.when(closed, frame.now), length(incident, frame))
        }
        None => ago(incident.since, frame.now),
    };
    vec![
        Fact {
            label: "What is wrong",
            value: html! { (words::health::trouble(trouble)) },
            small: Some(html! {
                @if let Some(category) = incident.category {
                    (kind(Kind::of_category(category), None)) ". "
                }
                (words::health::confidence(incident.confidence))
            }),
        },
        fact(
            "Since",
            &zone.when(incident.since, frame.now),
            Some(&format!("{until}. {}", zone.label)),
        ),
        fact("Who it affects", &who, Some(&calls)),
        fact("Whose to fix", owner, Some(not)),
    ]
}

fn actions(incident: &Incident, frame: &Frame) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(href) = runbooks::address(words::health::runbook(incident.key.trouble())) {
        actions.push(Action { label: "What to do".to_owned(), href, primary: true });
    }
    if frame.may(Permission::Calls) {
        actions.push(Action {
            label: "See its calls".to_owned(),
            href: calls(incident),
            primary: actions.is_empty(),
        });
    }
    if let Some(clinic) = &incident.key.clinic {
        let href = format!("/clinics/{clinic}");
        let primary = actions.is_empty();
        actions.push(Action { label: "Open the clinic".to_owned(), href, primary });
    }
    actions
}

/// The calls that the incident is made of.
fn calls(incident: &Incident) -> String {
    let mut query = vec![format!("from={}", minute(incident.since))];
    query.extend(incident.closed_at.map(|closed| format!("to={}", minute(closed))));
    query.extend(incident.key.clinic.as_ref().map(|clinic| format!("clinic={clinic}")));
    query.extend(incident.operation.as_ref().map(|name| format!("operation={name}")));
    // A slow call did not fail.
    if incident.key.cause != Cause::AccuroSlow {
        query.push("outcome=failed".to_owned());
        query.extend(incident.category.map(|category| format!("category={category}")));
    }
    format!("/calls?{}", query.join("&"))
}

fn minute(at: crate::domain::time::Timestamp) -> String {
    let text = at.floor_to(60).to_string();
    format!("{}Z", text.get(..16).unwrap_or(&text))
}

fn course(incident: &Incident, updates: &[Update], zone: &Zone, frame: &Frame) -> Markup {
    let began = (incident.since, "The first call of it".to_owned());
    let steps = updates.iter().map(|update| (update.at, words_of(update)));
    let mut steps: Vec<_> = std::iter::once(began).chain(steps).collect();
    steps.sort_by_key(|(at, _)| *at);
    table(&Table {
        caption: "The course of the incident".to_owned(),
        class: "",
        cols: vec![col("When", "", ""), col("What", "What", "")],
        rows: steps
            .into_iter()
            .map(|(at, text)| Row {
                selected: false,
                cells: vec![when(at, zone, frame.now), html! { (text) }],
            })
            .collect(),
    })
}

fn words_of(update: &Update) -> String {
    let clinics = counted(update.clinics, "clinic", "clinics");
    match update.kind {
        UpdateKind::Opened => format!("Opened, with {clinics}"),
        UpdateKind::Wider => format!("It touches {clinics} now"),
        UpdateKind::Recovered => "Closed: calls work again".to_owned(),
        UpdateKind::NoCalls => {
            "Closed: nobody has called for so long that nothing is known".to_owned()
        }
        UpdateKind::Explained => "Closed: it was part of a wider trouble".to_owned(),
        UpdateKind::Reopened => "It came back".to_owned(),
    }
}
