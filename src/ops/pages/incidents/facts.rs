//! The answer: what, since, whom, whose; and who has taken it.
//!
//! Owns the card's facts and actions.

use maud::{Markup, html};

use super::list::length;
use super::load::IncidentModel;
use crate::domain::cause::Cause;
use crate::domain::incident::Incident;
use crate::domain::incident::note::{Stage, stage, taken as taken_by};
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::components::kind::{Kind, badge, glyph, kind};
use crate::ops::components::parts::when;
use crate::ops::components::shell::Frame;
use crate::ops::components::verdict::{Action, Fact, VerdictCard, fact};
use crate::ops::pages::runbooks;
use crate::ops::words;
use crate::ops::words::numbers::counted;
use crate::ops::words::times::{Zone, ago};

/// The card.
pub(super) fn card(model: &IncidentModel, said: &str, zone: &Zone, frame: &Frame) -> VerdictCard {
    let incident = &model.incident;
    VerdictCard {
        label: "The incident",
        kind: incident.category.map_or(Kind::GivenUp, Kind::of_category),
        badge: Some(state(incident)),
        sentence: said.to_owned(),
        facts: facts(incident, zone, frame),
        actions: actions(incident, frame),
        also: None,
    }
}

fn state(incident: &Incident) -> Markup {
    if incident.is_open() {
        badge(incident.state, incident.category.map(Kind::of_category), None)
    } else {
        html! { span.badge.hollow.k-none { (glyph("none")) "Closed" } }
    }
}

/// How far it has come, below the facts.
pub(super) fn taken(model: &IncidentModel, zone: &Zone, frame: &Frame) -> Markup {
    let stage = stage(&model.incident, &model.notes);
    let by = taken_by(&model.notes);
    let text = match stage {
        Stage::Open => "Nobody has taken it yet.",
        Stage::Taken => "Taken",
        Stage::Watching => "Taken, and watched whether it works",
        Stage::Closed => "It is over",
    };
    html! {
        p.small.soft {
            strong { (text) }
            @if let Some(by) = by {
                @if stage == Stage::Closed { ". It was taken" }
                @if let Some(account) = &by.account { " by " (account) }
                " at " (when(by.at, zone, frame.now)) "."
            } @else if stage == Stage::Closed { ". Nobody took it." }
        }
    }
}

fn facts(incident: &Incident, zone: &Zone, frame: &Frame) -> Vec<Fact> {
    let trouble = incident.key.trouble();
    let peak = incident.peak;
    let clinics = counted(peak.clinics, "clinic", "clinics");
    let who = match peak.actors {
        Some(people) => format!("{clinics}, {}", counted(people, "person", "people")),
        None => clinics,
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
    if let Some(clinic) = &incident.key.clinic {
        let href = format!("/clinics/{clinic}");
        actions.push(Action { label: "Open the clinic".to_owned(), href, primary: false });
    }
    if frame.may(Permission::Calls) {
        let href = calls(incident);
        actions.push(Action { label: "See its calls".to_owned(), href, primary: false });
    }
    if let Some(href) = runbooks::address(words::health::runbook(incident.key.trouble())) {
        actions.push(Action { label: "Full runbook".to_owned(), href, primary: false });
    }
    actions
}

/// The calls that the incident is made of.
pub(super) fn calls(incident: &Incident) -> String {
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

fn minute(at: Timestamp) -> String {
    let text = at.floor_to(60).to_string();
    format!("{}Z", text.get(..16).unwrap_or(&text))
}
