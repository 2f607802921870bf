//! The silences of an incident's alerts, drawn.
//!
//! Owns what is asked of Alertmanager for the page, and the section. What somebody wrote elsewhere is not
//! shown: it could name a patient. Where no Alertmanager is set only admins are told, who could set one.

use std::time::Duration;

use maud::{Markup, html};

use super::load::{IncidentModel, Silences};
use crate::domain::alert::silence::{
    By, Condition, Matcher, Silence, Span, Why, matchers, names_of,
};
use crate::domain::labels::Environment;
use crate::domain::registry::Registry;
use crate::domain::role::Role;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::alertmanager::{About, Trouble};
use crate::ops::components::parts::{card, notice, when};
use crate::ops::components::shell::{Frame, Reader};
use crate::ops::pages::runbooks;
use crate::ops::words::incidents;
use crate::ops::words::language::{Language, said};
use crate::ops::words::times::Zone;

/// A silence may outlast its incident by so much.
const ASKED_AFTER: Duration = Duration::from_hours(24);

/// What a silence of the incident asks of alerts; `None` where no alert speaks of its cause.
pub(super) fn own(model: &IncidentModel, environment: Environment) -> Option<Vec<Matcher>> {
    let key = &model.incident.key;
    matchers(key.cause, key.clinic.as_ref(), environment)
}

/// Whether somebody may mute it: what is about all clinics only who sees all.
pub(super) fn may_mute(model: &IncidentModel, reader: Option<&Reader>) -> bool {
    reader.is_some_and(|reader| {
        let sees_it_all = model.incident.key.clinic.is_some() || reader.clinics.is_all();
        reader.may(Permission::Incidents) && sees_it_all
    })
}

/// Asks Alertmanager, where there is one.
pub(super) async fn look(visit: &Visit, model: &IncidentModel) -> Silences {
    let Some(alertmanager) = &visit.state.alertmanager else { return Silences::Off };
    let incident = &model.incident;
    if incident.closed_at.is_some_and(|closed| visit.now.since(closed) > ASKED_AFTER) {
        return Silences::NotAsked;
    }
    let environment = visit.state.environment;
    let own = own(model, environment);
    let mut names: Vec<&str> = names_of(incident.key.cause).collect();
    names.extend(model.alerts.iter().map(|alert| alert.name.as_str()));
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Silences::Known(Vec::new());
    }
    let about = About {
        names,
        clinic: incident.key.clinic.as_ref().map_or("", |clinic| clinic.as_str()),
        told: model.alerts.iter().map(|alert| alert.fingerprint).collect(),
        environment,
        own: own.as_deref(),
    };
    match alertmanager.silences(&about).await {
        Ok(found) => Silences::Known(found),
        Err(trouble) => Silences::Unknown(unknown(trouble, visit.language())),
    }
}

/// Why it is not known what is silenced.
const fn unknown(trouble: Trouble, language: Language) -> &'static str {
    match trouble {
        Trouble::Unreachable => {
            language.of("Alertmanager cannot be reached. Its alerts may be silenced or not.", "Alertmanager est injoignable. Ses alertes sont peut-être en sourdine, ou non.")
        }
        Trouble::Late => language.of("Alertmanager did not answer in time. Its alerts may be silenced or not.", "Alertmanager n’a pas répondu à temps. Ses alertes sont peut-être en sourdine, ou non."),
        Trouble::Busy => language.of("Too many pages ask Alertmanager at this moment. Load this one again.", "Trop de pages interrogent Alertmanager en ce moment. Rechargez celle-ci."),
        Trouble::KeptOut => {
            language.of("Alertmanager does not let accuscope in: the secret in the settings is not taken.", "Alertmanager ne laisse pas entrer accuscope : le secret de la configuration n’est pas accepté.")
        }
        Trouble::Refused | Trouble::Answer => {
            language.of("Alertmanager answered with what accuscope does not understand.", "Alertmanager a répondu ce qu’accuscope ne comprend pas.")
        }
    }
}

/// The section; nothing where there is nothing to say.
pub(super) fn silences(
    model: &IncidentModel,
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
) -> Markup {
    let found = match &model.silences {
        Silences::Off => {
            let admin = frame.reader.as_ref().is_some_and(|reader| reader.role == Role::Admin);
            return if admin {
                off(frame)
            } else {
                html! {}
            };
        }
        Silences::NotAsked => return html! {},
        Silences::Unknown(why) => html! {
            p.small data-part="silences" { strong { (why) } }
        },
        Silences::Known(found) => html! {
            div data-part="silences" { (list(found, model, registry, zone, frame)) }
        },
    };
    let body = html! {
        div.pad.stack {
            @if let Some(said) = model.said {
                (notice("stale", "warn", Some("alert"), &html! { (said) }))
            }
            (found)
            @if model.incident.is_open() { (form(model, frame)) }
        }
    };
    card("h-silences", frame.t("Silences", "Sourdines"), None, &body)
}

fn off(frame: &Frame) -> Markup {
    let body = html! {
        p.pad.small.soft {
            (frame.t("Off. With ", "Désactivé. Avec ")) code { "alerts.alertmanager_url" } (frame.t(" in the settings, silences of these alerts are shown here, ", " dans la configuration, les sourdines de ces alertes paraissent ici, "))
            (frame.t("and on call can set some.", "et la garde peut en mettre."))
        }
    };
    card("h-silences", frame.t("Silences", "Sourdines"), None, &body)
}

fn list(
    found: &[Silence],
    model: &IncidentModel,
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
) -> Markup {
    if found.is_empty() {
        return html! { p.small.soft { (frame.t("Nothing is silenced of what Alertmanager has of these alerts. One that comes later may be, by what is set there.", "Rien de ce qu’Alertmanager a de ces alertes n’est en sourdine. Une alerte plus tardive peut l’être, selon ce qui y est réglé.")) } };
    }
    let number = model.incident.number;
    let may = may_mute(model, frame.reader.as_ref());
    html! {
        ul.plain {
            @for silence in found {
                li {
                    div {
                        strong {
                            @if silence.from > frame.now { (frame.t("From ", "De ")) (when(silence.from, zone, frame.now)) (frame.t(" until ", " à ")) }
                            @else { (frame.t("Until ", "Jusqu’à ")) }
                            (when(silence.until, zone, frame.now))
                        }
                        ". " (why(silence, frame)) ". "
                        span.muted { (by(silence.by, frame)) "." }
                        p.small.soft { (mutes(silence, registry, frame)) }
                        @if may && silence.is_own {
                            form action={ "/incidents/" (number) "/silence/end" } method="post" {
                                button.linkbtn.small type="submit" name="silence" value=(silence.id) { (frame.t("End it", "Y mettre fin")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn why(silence: &Silence, frame: &Frame) -> &'static str {
    match silence.why {
        Some(why) => incidents::silenced_why(why, frame.language()),
        None => frame.t("Why stands in Alertmanager", "La raison est dans Alertmanager"),
    }
}

fn by(by: By, frame: &Frame) -> String {
    match by {
        By::Site(Some(account)) => said!(
            frame.language(),
            "Set here, by account {account}",
            "Mise ici, par le compte {account}"
        ),
        By::Site(None) => frame.t("Set here", "Mise ici").to_owned(),
        By::Elsewhere => frame
            .t("Set in Alertmanager, and ended there", "Mise dans Alertmanager, et finie là")
            .to_owned(),
    }
}

/// What it mutes, in words. Names that are not ours are texts from outside.
fn mutes(silence: &Silence, registry: &Registry, frame: &Frame) -> String {
    let mut words = Vec::new();
    let mut others = false;
    for condition in &silence.conditions {
        match condition {
            Condition::Alerts(names) => {
                let known = |name: &str| {
                    runbooks::address(name).map(|_| runbooks::title(name, frame.language()))
                };
                let titles: Vec<_> = names.iter().filter_map(|name| known(name.as_str())).collect();
                others |= titles.len() < names.len();
                words.extend((!titles.is_empty()).then(|| titles.join(", ")));
            }
            Condition::Clinics(ids) => {
                let name = |id| registry.clinic(id).map(|clinic| clinic.name.clone());
                let names: Vec<String> = ids.iter().filter_map(name).collect();
                others |= names.len() < ids.len();
                words.extend(
                    (!names.is_empty())
                        .then(|| said!(frame.language(), "at {}", "à {}", names.join(", "))),
                );
            }
            Condition::NoClinic => words.push(
                frame
                    .t("not what is about single clinics", "pas ce qui concerne une seule clinique")
                    .to_owned(),
            ),
            Condition::Here => {}
            Condition::Other => others = true,
        }
    }
    if !silence.conditions.iter().any(|one| matches!(one, Condition::Alerts(_))) {
        words.insert(0, frame.t("whatever alert", "toute alerte").to_owned());
    }
    if others {
        words.push(
            frame
                .t("conditions that Alertmanager shows", "des conditions qu’Alertmanager montre")
                .to_owned(),
        );
    }
    said!(frame.language(), "Mutes: {}.", "Met en sourdine : {}.", words.join("; "))
}

fn form(model: &IncidentModel, frame: &Frame) -> Markup {
    let number = model.incident.number;
    if own(model, frame.environment).is_none() {
        return html! { p.hint { (frame.t("No alert speaks of this cause, so there is nothing to silence.", "Aucune alerte ne parle de cette cause; il n’y a donc rien à mettre en sourdine.")) } };
    }
    if !frame.may(Permission::Incidents) {
        return html! {};
    }
    if !may_mute(model, frame.reader.as_ref()) {
        return html! { p.hint { (frame.t("It is about all clinics; who sees all of them can silence it.", "Cela concerne toutes les cliniques; qui les voit toutes peut le mettre en sourdine.")) } };
    }
    html! {
        form.stack action={ "/incidents/" (number) "/silence" } method="post" {
            div {
                label.vh for="i-silence-why" { (frame.t("Why nobody is to be told", "Pourquoi personne ne doit être prévenu")) }
                select #i-silence-why name="why" required {
                    option value="" { (frame.t("Silence its alerts, because…", "Mettre ses alertes en sourdine, parce que…")) }
                    @for why in Why::ALL { option value=(why) { (incidents::silenced_why(*why, frame.language())) } }
                }
            }
            div.row {
                div.grow {
                    label.vh for="i-silence-for" { (frame.t("For how long", "Pour combien de temps")) }
                    select #i-silence-for name="for" {
                        @for span in Span::ALL { option value=(span) { (incidents::silenced_for(*span, frame.language())) } }
                    }
                }
                button.btn type="submit" { (frame.t("Silence", "Mettre en sourdine")) }
            }
            p.hint {
                (frame.t("Mutes the alerts of this cause ", "Met en sourdine les alertes de cette cause "))
                @if model.incident.key.clinic.is_some() { (frame.t("at this clinic", "à cette clinique")) } @else { (frame.t("that are about no single clinic", "qui ne concernent aucune clinique en particulier")) }
                (frame.t(", and no others. A second one takes the place of the first. Kept in the audit; Alertmanager sees your account’s number, not your name.", ", et aucune autre. Une seconde prend la place de la première. Gardé dans l’audit; Alertmanager voit le numéro de votre compte, pas votre nom."))
            }
        }
    }
}
