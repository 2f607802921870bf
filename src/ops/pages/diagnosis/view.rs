//! A diagnosis, drawn.
//!
//! Owns the order of the page: the answer, what to do, what to send, why, who got through when, the
//! calls, and whether it was right.

use maud::{Markup, html};

use super::answer::{Answer, time};
use super::evidence::in_hundred;
use super::{DiagnosisModel, action, evidence, lanes, said};
use crate::domain::cause::Cause;
use crate::domain::event::Exchange;
use crate::domain::registry::{Clinic, Registry};
use crate::ops::components::confidence::confidence;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::{card, copy_link, notice, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::verdict::{Action, Fact, VerdictCard, fact, verdict_with};
use crate::ops::pages::calls::view::calls_table;
use crate::ops::words::causes;
use crate::ops::words::confidence::Confidence;
use crate::ops::words::health;
use crate::ops::words::numbers::{counted, span};
use crate::ops::words::times::{Zone, ago};

/// People's answers below which no record is claimed.
const RECORD_FROM: u64 = 10;

/// The page.
pub(crate) fn view(model: &DiagnosisModel, registry: &Registry, frame: &Frame) -> Page {
    let clinic = model.kept.clinic.as_ref().and_then(|id| registry.clinic(id));
    let zone = clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone));
    let cause = model.kept.cause;
    let body = html! {
        (head(model, clinic))
        (lagging(model, &zone, frame))
        (verdict_with(&card_of(model, &zone, frame), &sure(model, &zone, frame)))
        div.g2.stretch {
            (action::todo(model, frame))
            (action::messages(model))
        }
        (evidence::evidence(&model.answer, &whose(model, clinic)))
        (lanes::lanes(model, registry, &zone, frame))
        (calls(model, registry, &zone, frame))
        (said::said(model, frame))
    };
    let title = format!("{} Diagnosis", causes::words(cause).says);
    Page { room: Some(Room::Diagnose), title, live: false, body }
}

fn head(model: &DiagnosisModel, clinic: Option<&Clinic>) -> Markup {
    let again = format!("/d/{}/again", model.kept.id);
    html! {
        div.pagehead {
            div {
                ol.crumb {
                    li { a href="/find" { "Diagnose" } }
                    @if let Some(clinic) = clinic { li { a href={ "/clinics/" (clinic.id) } { (clinic.name) } } }
                }
                p.h-sub { "“Why can’t I see this patient?”" }
            }
            div.actions {
                (copy_link())
                form action=(again) method="post" {
                    button.btn type="submit" title="With the calls since then" { "Look again" }
                }
                a.btn href="#hand" { "Hand to on call" }
            }
        }
    }
}

/// A record that lagged behind what was asked about.
fn lagging(model: &DiagnosisModel, zone: &Zone, frame: &Frame) -> Markup {
    let Some((until, lag)) = model.lag() else { return html! {} };
    notice(
        "stale",
        "clock",
        Some("status"),
        &html! {
            strong { "As of " (zone.when(until, frame.now)) ", " (zone.label) ". " }
            "The record was " (span(lag)) " behind when this was asked, so later calls are missing and we are less sure. "
            "Look again once it has caught up."
        },
    )
}

fn card_of(model: &DiagnosisModel, zone: &Zone, frame: &Frame) -> VerdictCard {
    let answer = &model.answer;
    let cause = model.kept.cause;
    let words = causes::words(cause);
    let (owner, not) = health::owner(cause.owner());
    let not = if cause == Cause::Unknown { "Nobody’s yet: first find out more." } else { not };
    let owner = if cause == Cause::Unknown { "Not known yet" } else { owner };
    VerdictCard {
        label: "Verdict",
        kind: answer.kind(),
        badge: None,
        sentence: words.says.to_owned(),
        facts: vec![
            Fact {
                label: "Most likely cause",
                value: html! { (words.behind) },
                small: answer.category.as_ref().map(|_| html! { (kind(answer.kind(), None)) }),
            },
            since(answer, zone, frame),
            whom(answer),
            fact("Whose to fix", owner, Some(not)),
        ],
        actions: answer.incident.map(incident).into_iter().collect(),
        also: None,
    }
}

/// The way to the incident that it is part of.
fn incident(number: i64) -> Action {
    let label = format!("Part of incident {number}");
    Action { label, href: format!("/incidents/{number}"), primary: false }
}

fn since(answer: &Answer, zone: &Zone, frame: &Frame) -> Fact {
    let label = "Since";
    let Some(from) = time(answer.since.as_ref()) else {
        let text = if answer.kind() == Kind::Ok { "Nothing failed" } else { "Not known" };
        return fact(label, text, None);
    };
    let until = time(answer.works_again.as_ref());
    let value = html! {
        (when(from, zone, frame.now))
        @match until {
            Some(until) => { " to " (when(until, zone, frame.now)) ", over" }
            None => { ", " (ago(from, frame.now)) }
        }
    };
    let worked = time(answer.worked_until.as_ref());
    let small = html! {
        @if answer.takes_turns() { "It comes and goes. " }
        @match worked {
            Some(at) => { "Last worked " (when(at, zone, frame.now)) ", " (zone.label) }
            None => { (zone.label) }
        }
    };
    Fact { label, value, small: Some(small) }
}

fn whom(answer: &Answer) -> Fact {
    let affected = &answer.affected;
    let label = "Who it affects";
    if affected.calls == 0 {
        return fact(label, "No calls", Some("Nobody is known to be affected"));
    }
    let mut parts = Vec::new();
    if affected.clinics > 1 {
        parts.push(counted(affected.clinics, "clinic", "clinics"));
    }
    if affected.actors > 0 {
        parts.push(counted(affected.actors, "person", "people"));
    }
    if affected.patients > 0 {
        parts.push(counted(affected.patients, "patient", "patients"));
    }
    if parts.is_empty() {
        parts.push(counted(affected.clinics.max(1), "clinic", "clinics"));
    }
    fact(label, &parts.join(", "), Some(&counted(affected.calls, "call", "calls")))
}

/// The confidence in words, and what it rests on.
fn sure(model: &DiagnosisModel, zone: &Zone, frame: &Frame) -> Markup {
    let answer = &model.answer;
    let cause = model.kept.cause;
    let sure = Confidence::of(cause, answer.confidence, model.lag().is_some());
    let agree = answer.checks.iter().filter(|check| check.supports).count() as u64;
    let all = answer.checks.len() as u64;
    let record = model.count.right + model.count.wrong;
    confidence(
        sure,
        &html! {
            @if cause != Cause::Unknown {
                (agree) " of " (counted(all, "check agrees", "checks agree")) ". "
                "Of such answers, " (in_hundred(answer.confidence)) " in 100 are right. "
            }
            @if record >= RECORD_FROM {
                "People confirmed this verdict " (model.count.right) " of " (record) " times. "
            }
            @if let Some(as_of) = time(answer.as_of.as_ref()) {
                "Calls up to " (when(as_of, zone, frame.now)) ". "
            }
            a href="#h-ev" { "See the evidence" }
        },
    )
}

/// Whose references these are.
fn whose(model: &DiagnosisModel, clinic: Option<&Clinic>) -> Markup {
    let patient = model.picture.as_ref().and_then(|picture| picture.patients.first());
    let letters = patient.and_then(|text| text.rsplit('_').next()?.get(..4)).map(str::to_uppercase);
    html! {
        @if let Some(clinic) = clinic { (clinic.name) ". " }
        @if let Some(letters) = letters { "Patient ref " code { (letters) } ", which is not a chart number" }
    }
}

fn calls(model: &DiagnosisModel, registry: &Registry, zone: &Zone, frame: &Frame) -> Markup {
    let named =
        |call: &&Exchange| model.answer.exchanges.iter().any(|id| *id == call.id.to_string());
    let open = model.calls.iter().find(named);
    let title =
        if model.of_person { "This person’s calls around it" } else { "The calls it is about" };
    let Some(first) = model.calls.first() else { return no_calls(model, title) };
    let asked = model.calls.iter().filter(named).count();
    let end = html! {
        (zone.day(first.ts, frame.now)) ", " (zone.label) ". "
        (asked) " of " (model.calls.len()) " are what it is about"
    };
    let body = calls_table(&model.calls, registry, zone, frame, open);
    card("h-calls", title, Some(&end), &body)
}

fn no_calls(model: &DiagnosisModel, title: &str) -> Markup {
    let body = html! {
        div.pad.stack {
            p.soft {
                @match model.kept.cause {
                    Cause::NotRecorded => "Nothing was recorded then, so calls may have been made that we do not know of.",
                    Cause::NoCalls => "No call that fits was made in that time, while we were recording.",
                    _ => "The calls are no longer kept; the verdict and its counts are.",
                }
            }
            @if let Some(clinic) = &model.kept.clinic {
                p { a href={ "/calls?clinic=" (clinic) } { "All calls of this clinic" } }
            }
        }
    };
    card("h-calls", title, None, &body)
}
