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
use crate::ops::words::language::said;
use crate::ops::words::times::Zone;

/// People's answers below which no record is claimed.
const RECORD_FROM: u64 = 10;

/// The page.
pub(crate) fn view(model: &DiagnosisModel, registry: &Registry, frame: &Frame) -> Page {
    let clinic = model.kept.clinic.as_ref().and_then(|id| registry.clinic(id));
    let zone = clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone));
    let cause = model.kept.cause;
    let body = html! {
        (head(model, clinic, frame))
        (lagging(model, &zone, frame))
        (verdict_with(&card_of(model, &zone, frame), &sure(model, &zone, frame)))
        div.g2.stretch {
            (action::todo(model, frame))
            (action::messages(model, frame))
        }
        (evidence::evidence(&model.answer, &whose(model, clinic, frame), frame))
        (lanes::lanes(model, registry, &zone, frame))
        (calls(model, registry, &zone, frame))
        (said::said(model, frame))
    };
    let title = said!(
        frame.language(),
        "{} Diagnosis",
        "{} Diagnostic",
        causes::words(cause, frame.language()).says
    );
    Page { room: Some(Room::Diagnose), title, live: false, body }
}

fn head(model: &DiagnosisModel, clinic: Option<&Clinic>, frame: &Frame) -> Markup {
    let again = format!("/d/{}/again", model.kept.id);
    html! {
        div.pagehead {
            div {
                ol.crumb {
                    li { a href="/find" { (frame.t("Diagnose", "Diagnostiquer")) } }
                    @if let Some(clinic) = clinic { li { a href={ "/clinics/" (clinic.id) } { (clinic.name) } } }
                }
                p.h-sub { (frame.t("“Why can’t I see this patient?”", "« Pourquoi ne puis-je voir ce patient? »")) }
            }
            div.actions {
                (copy_link(frame))
                form action=(again) method="post" {
                    button.btn type="submit" title=(frame.t("With the calls since then", "Avec les appels depuis")) { (frame.t("Look again", "Regarder de nouveau")) }
                }
                a.btn href="#hand" { (frame.t("Hand to on call", "Passer à la garde")) }
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
            strong { (frame.t("As of ", "Au ")) (zone.when(until, frame.now)) ", " (zone.label) ". " }
            (frame.t("The record was ", "Le registre avait ")) (frame.span(lag)) (frame.t(" behind when this was asked, so later calls are missing and we are less sure. ", " de retard quand cela a été demandé; des appels plus récents manquent donc et nous sommes moins sûrs. "))
            (frame.t("Look again once it has caught up.", "Regardez de nouveau quand il aura rattrapé."))
        },
    )
}

fn card_of(model: &DiagnosisModel, zone: &Zone, frame: &Frame) -> VerdictCard {
    let answer = &model.answer;
    let cause = model.kept.cause;
    let words = causes::words(cause, frame.language());
    let (owner, not) = health::owner(cause.owner(), frame.language());
    let not = if cause == Cause::Unknown {
        frame.t("Nobody’s yet: first find out more.", "À personne encore : d’abord en savoir plus.")
    } else {
        not
    };
    let owner =
        if cause == Cause::Unknown { frame.t("Not known yet", "Pas encore connu") } else { owner };
    VerdictCard {
        label: frame.t("Verdict", "Verdict"),
        kind: answer.kind(),
        badge: None,
        sentence: words.says.to_owned(),
        facts: vec![
            Fact {
                label: frame.t("Most likely cause", "Cause la plus probable"),
                value: html! { (words.behind) },
                small: answer
                    .category
                    .as_ref()
                    .map(|_| html! { (kind(answer.kind(), None, frame.language())) }),
            },
            since(answer, zone, frame),
            whom(answer, frame),
            fact(frame.t("Whose to fix", "À qui de réparer"), owner, Some(not)),
        ],
        actions: answer.incident.map(|number| incident(number, frame)).into_iter().collect(),
        also: None,
    }
}

/// The way to the incident that it is part of.
fn incident(number: i64, frame: &Frame) -> Action {
    let label =
        said!(frame.language(), "Part of incident {number}", "Fait partie de l’incident {number}");
    Action { label, href: format!("/incidents/{number}"), primary: false }
}

fn since(answer: &Answer, zone: &Zone, frame: &Frame) -> Fact {
    let label = frame.t("Since", "Depuis");
    let Some(from) = time(answer.since.as_ref()) else {
        let text = if answer.kind() == Kind::Ok {
            frame.t("Nothing failed", "Rien n’a échoué")
        } else {
            frame.t("Not known", "Inconnu")
        };
        return fact(label, text, None);
    };
    let until = time(answer.works_again.as_ref());
    let value = html! {
        (when(from, zone, frame.now))
        @match until {
            Some(until) => { (frame.t(" to ", " à ")) (when(until, zone, frame.now)) (frame.t(", over", ", fini")) }
            None => { ", " (frame.ago(from)) }
        }
    };
    let worked = time(answer.worked_until.as_ref());
    let small = html! {
        @if answer.takes_turns() { (frame.t("It comes and goes. ", "Cela va et vient. ")) }
        @match worked {
            Some(at) => { (frame.t("Last worked ", "Dernier succès ")) (when(at, zone, frame.now)) ", " (zone.label) }
            None => { (zone.label) }
        }
    };
    Fact { label, value, small: Some(small) }
}

fn whom(answer: &Answer, frame: &Frame) -> Fact {
    let affected = &answer.affected;
    let label = frame.t("Who it affects", "Qui est touché");
    if affected.calls == 0 {
        return fact(
            label,
            frame.t("No calls", "Aucun appel"),
            Some(frame.t(
                "Nobody is known to be affected",
                "Personne n’est touché, à notre connaissance",
            )),
        );
    }
    let mut parts = Vec::new();
    if affected.clinics > 1 {
        parts.push(frame.count(affected.clinics, ["clinic", "clinics"], ["clinique", "cliniques"]));
    }
    if affected.actors > 0 {
        parts.push(frame.count(affected.actors, ["person", "people"], ["personne", "personnes"]));
    }
    if affected.patients > 0 {
        parts.push(frame.count(
            affected.patients,
            ["patient", "patients"],
            ["patient", "patients"],
        ));
    }
    if parts.is_empty() {
        parts.push(frame.count(
            affected.clinics.max(1),
            ["clinic", "clinics"],
            ["clinique", "cliniques"],
        ));
    }
    fact(
        label,
        &parts.join(", "),
        Some(&frame.count(affected.calls, ["call", "calls"], ["appel", "appels"])),
    )
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
                (agree) (frame.t(" of ", " sur ")) (frame.count(all, ["check agrees", "checks agree"], ["indice d’accord", "indices d’accord"])) ". "
                (frame.t("Of such answers, ", "De telles réponses, ")) (in_hundred(answer.confidence)) (frame.t(" in 100 are right. ", " sur 100 sont justes. "))
            }
            @if record >= RECORD_FROM {
                (frame.t("People confirmed this verdict ", "Ce verdict a été confirmé ")) (model.count.right) (frame.t(" of ", " sur ")) (record) (frame.t(" times. ", " fois. "))
            }
            @if let Some(as_of) = time(answer.as_of.as_ref()) {
                (frame.t("Calls up to ", "Appels jusqu’à ")) (when(as_of, zone, frame.now)) ". "
            }
            a href="#h-ev" { (frame.t("See the evidence", "Voir les indices")) }
        },
        frame,
    )
}

/// Whose references these are.
fn whose(model: &DiagnosisModel, clinic: Option<&Clinic>, frame: &Frame) -> Markup {
    let patient = model.picture.as_ref().and_then(|picture| picture.patients.first());
    let letters = patient.and_then(|text| text.rsplit('_').next()?.get(..4)).map(str::to_uppercase);
    html! {
        @if let Some(clinic) = clinic { (clinic.name) ". " }
        @if let Some(letters) = letters { (frame.t("Patient ref ", "Réf. patient ")) code { (letters) } (frame.t(", which is not a chart number", ", qui n’est pas un numéro de dossier")) }
    }
}

fn calls(model: &DiagnosisModel, registry: &Registry, zone: &Zone, frame: &Frame) -> Markup {
    let named =
        |call: &&Exchange| model.answer.exchanges.iter().any(|id| *id == call.id.to_string());
    let open = model.calls.iter().find(named);
    let title = if model.of_person {
        frame.t("This person’s calls around it", "Les appels de cette personne autour")
    } else {
        frame.t("The calls it is about", "Les appels dont il s’agit")
    };
    let Some(first) = model.calls.first() else { return no_calls(model, title, frame) };
    let asked = model.calls.iter().filter(named).count();
    let end = html! {
        (zone.day(first.ts, frame.now)) ", " (zone.label) ". "
        (asked) (frame.t(" of ", " sur ")) (model.calls.len()) (frame.t(" are what it is about", " sont ceux dont il s’agit"))
    };
    let body = calls_table(&model.calls, registry, zone, frame, open);
    card("h-calls", title, Some(&end), &body)
}

fn no_calls(model: &DiagnosisModel, title: &str, frame: &Frame) -> Markup {
    let body = html! {
        div.pad.stack {
            p.soft {
                @match model.kept.cause {
                    Cause::NotRecorded => (frame.t("Nothing was recorded then, so calls may have been made that we do not know of.", "Rien n’était enregistré alors; des appels dont nous ne savons rien ont donc pu être faits.")),
                    Cause::NoCalls => (frame.t("No call that fits was made in that time, while we were recording.", "Aucun appel correspondant n’a été fait dans ce temps, pendant que nous enregistrions.")),
                    _ => (frame.t("The calls are no longer kept; the verdict and its counts are.", "Les appels ne sont plus gardés; le verdict et ses comptes le sont.")),
                }
            }
            @if let Some(clinic) = &model.kept.clinic {
                p { a href={ "/calls?clinic=" (clinic) } { (frame.t("All calls of this clinic", "Tous les appels de cette clinique")) } }
            }
        }
    };
    card("h-calls", title, None, &body)
}
