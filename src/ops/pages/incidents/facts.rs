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
use crate::ops::words::language::said;
use crate::ops::words::times::Zone;

/// The card.
pub(super) fn card(model: &IncidentModel, said: &str, zone: &Zone, frame: &Frame) -> VerdictCard {
    let incident = &model.incident;
    VerdictCard {
        label: frame.t("The incident", "L’incident"),
        kind: incident.category.map_or(Kind::GivenUp, Kind::of_category),
        badge: Some(state(incident, frame)),
        sentence: said.to_owned(),
        facts: facts(incident, zone, frame),
        actions: actions(incident, frame),
        also: None,
    }
}

fn state(incident: &Incident, frame: &Frame) -> Markup {
    if incident.is_open() {
        badge(incident.state, incident.category.map(Kind::of_category), None, frame.language())
    } else {
        html! { span.badge.hollow.k-none { (glyph("none")) (frame.t("Closed", "Fermé")) } }
    }
}

/// How far it has come, below the facts.
pub(super) fn taken(model: &IncidentModel, zone: &Zone, frame: &Frame) -> Markup {
    let stage = stage(&model.incident, &model.notes);
    let by = taken_by(&model.notes);
    let text = match stage {
        Stage::Open => {
            frame.t("Nobody has taken it yet.", "Personne ne l’a encore pris en charge.")
        }
        Stage::Taken => frame.t("Taken", "Pris en charge"),
        Stage::Watching => frame.t(
            "Taken, and watched whether it works",
            "Pris en charge, et surveillé pour voir si cela fonctionne",
        ),
        Stage::Closed => frame.t("It is over", "C’est fini"),
    };
    html! {
        p.small.soft {
            strong { (text) }
            @if let Some(by) = by {
                @if stage == Stage::Closed { (frame.t(". It was taken", ". Il a été pris en charge")) }
                @if let Some(account) = &by.account { (frame.t(" by ", " par ")) (account) }
                (frame.t(" at ", " à ")) (when(by.at, zone, frame.now)) "."
            } @else if stage == Stage::Closed { (frame.t(". Nobody took it.", ". Personne ne l’a pris en charge.")) }
        }
    }
}

fn facts(incident: &Incident, zone: &Zone, frame: &Frame) -> Vec<Fact> {
    let trouble = incident.key.trouble();
    let peak = incident.peak;
    let clinics = frame.count(peak.clinics, ["clinic", "clinics"], ["clinique", "cliniques"]);
    let who = match peak.actors {
        Some(people) => format!(
            "{clinics}, {}",
            frame.count(people, ["person", "people"], ["personne", "personnes"])
        ),
        None => clinics,
    };
    let bad = if incident.key.cause == Cause::AccuroSlow {
        frame.t("slow", "lents")
    } else {
        frame.t("failed", "en échec")
    };
    let calls = said!(
        frame.language(),
        "At its worst. At least {} {bad}",
        "Au pire. Au moins {} {bad}",
        frame.count(peak.calls, ["call", "calls"], ["appel", "appels"])
    );
    let (owner, not) = words::health::owner(incident.owner(), frame.language());
    let until = match incident.closed_at {
        Some(closed) => {
            said!(
                frame.language(),
                "Until {}, {}",
                "Jusqu’à {}, {}",
                zone.when(closed, frame.now),
                length(incident, frame)
            )
        }
        None => frame.ago(incident.since),
    };
    vec![
        Fact {
            label: frame.t("What is wrong", "Ce qui ne va pas"),
            value: html! { (words::health::trouble(trouble, frame.language())) },
            small: Some(html! {
                @if let Some(category) = incident.category {
                    (kind(Kind::of_category(category), None, frame.language())) ". "
                }
                (words::health::confidence(incident.confidence, frame.language()))
            }),
        },
        fact(
            frame.t("Since", "Depuis"),
            &zone.when(incident.since, frame.now),
            Some(&format!("{until}. {}", zone.label)),
        ),
        fact(frame.t("Who it affects", "Qui est touché"), &who, Some(&calls)),
        fact(frame.t("Whose to fix", "À qui de réparer"), owner, Some(not)),
    ]
}

fn actions(incident: &Incident, frame: &Frame) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(clinic) = &incident.key.clinic {
        let href = format!("/clinics/{clinic}");
        actions.push(Action {
            label: frame.t("Open the clinic", "Ouvrir la clinique").to_owned(),
            href,
            primary: false,
        });
    }
    if frame.may(Permission::Calls) {
        let href = calls(incident);
        actions.push(Action {
            label: frame.t("See its calls", "Voir ses appels").to_owned(),
            href,
            primary: false,
        });
    }
    if let Some(href) = runbooks::address(words::health::runbook(incident.key.trouble())) {
        actions.push(Action {
            label: frame.t("Full runbook", "Guide complet").to_owned(),
            href,
            primary: false,
        });
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
