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
        Err(trouble) => Silences::Unknown(unknown(trouble)),
    }
}

/// Why it is not known what is silenced.
const fn unknown(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Unreachable => {
            "Alertmanager cannot be reached. Its alerts may be silenced or not."
        }
        Trouble::Late => "Alertmanager did not answer in time. Its alerts may be silenced or not.",
        Trouble::Busy => "Too many pages ask Alertmanager at this moment. Load this one again.",
        Trouble::KeptOut => {
            "Alertmanager does not let accuscope in: the secret in the settings is not taken."
        }
        Trouble::Refused | Trouble::Answer => {
            "Alertmanager answered with what accuscope does not understand."
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
                off()
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
    card("h-silences", "Silences", None, &body)
}

fn off() -> Markup {
    let body = html! {
        p.pad.small.soft {
            "Off. With " code { "alerts.alertmanager_url" } " in the settings, silences of these alerts are shown here, "
            "and on call can set some."
        }
    };
    card("h-silences", "Silences", None, &body)
}

fn list(
    found: &[Silence],
    model: &IncidentModel,
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
) -> Markup {
    if found.is_empty() {
        return html! { p.small.soft { "Nothing is silenced of what Alertmanager has of these alerts. One that comes later may be, by what is set there." } };
    }
    let number = model.incident.number;
    let may = may_mute(model, frame.reader.as_ref());
    html! {
        ul.plain {
            @for silence in found {
                li {
                    div {
                        strong {
                            @if silence.from > frame.now { "From " (when(silence.from, zone, frame.now)) " until " }
                            @else { "Until " }
                            (when(silence.until, zone, frame.now))
                        }
                        ". " (why(silence)) ". "
                        span.muted { (by(silence.by)) "." }
                        p.small.soft { (mutes(silence, registry)) }
                        @if may && silence.is_own {
                            form action={ "/incidents/" (number) "/silence/end" } method="post" {
                                button.linkbtn.small type="submit" name="silence" value=(silence.id) { "End it" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn why(silence: &Silence) -> &'static str {
    match silence.why {
        Some(why) => incidents::silenced_why(why),
        None => "Why stands in Alertmanager",
    }
}

fn by(by: By) -> String {
    match by {
        By::Site(Some(account)) => format!("Set here, by account {account}"),
        By::Site(None) => "Set here".to_owned(),
        By::Elsewhere => "Set in Alertmanager, and ended there".to_owned(),
    }
}

/// What it mutes, in words. Names that are not ours are texts from outside.
fn mutes(silence: &Silence, registry: &Registry) -> String {
    let mut words = Vec::new();
    let mut others = false;
    for condition in &silence.conditions {
        match condition {
            Condition::Alerts(names) => {
                let known = |name: &str| runbooks::address(name).map(|_| runbooks::title(name));
                let titles: Vec<_> = names.iter().filter_map(|name| known(name.as_str())).collect();
                others |= titles.len() < names.len();
                words.extend((!titles.is_empty()).then(|| titles.join(", ")));
            }
            Condition::Clinics(ids) => {
                let name = |id| registry.clinic(id).map(|clinic| clinic.name.clone());
                let names: Vec<String> = ids.iter().filter_map(name).collect();
                others |= names.len() < ids.len();
                words.extend((!names.is_empty()).then(|| format!("at {}", names.join(", "))));
            }
            Condition::NoClinic => words.push("not what is about single clinics".to_owned()),
            Condition::Here => {}
            Condition::Other => others = true,
        }
    }
    if !silence.conditions.iter().any(|one| matches!(one, Condition::Alerts(_))) {
        words.insert(0, "whatever alert".to_owned());
    }
    if others {
        words.push("conditions that Alertmanager shows".to_owned());
    }
    format!("Mutes: {}.", words.join("; "))
}

fn form(model: &IncidentModel, frame: &Frame) -> Markup {
    let number = model.incident.number;
    if own(model, frame.environment).is_none() {
        return html! { p.hint { "No alert speaks of this cause, so there is nothing to silence." } };
    }
    if !frame.may(Permission::Incidents) {
        return html! {};
    }
    if !may_mute(model, frame.reader.as_ref()) {
        return html! { p.hint { "It is about all clinics; who sees all of them can silence it." } };
    }
    html! {
        form.stack action={ "/incidents/" (number) "/silence" } method="post" {
            div {
                label.vh for="i-silence-why" { "Why nobody is to be told" }
                select #i-silence-why name="why" required {
                    option value="" { "Silence its alerts, because…" }
                    @for why in Why::ALL { option value=(why) { (incidents::silenced_why(*why)) } }
                }
            }
            div.row {
                div.grow {
                    label.vh for="i-silence-for" { "For how long" }
                    select #i-silence-for name="for" {
                        @for span in Span::ALL { option value=(span) { (incidents::silenced_for(*span)) } }
                    }
                }
                button.btn type="submit" { "Silence" }
            }
            p.hint {
                "Mutes the alerts of this cause "
                @if model.incident.key.clinic.is_some() { "at this clinic" } @else { "that are about no single clinic" }
                ", and no others. A second one takes the place of the first. Kept in the audit; Alertmanager sees your account’s number, not your name."
            }
        }
    }
}
