//! Now, drawn.
//!
//! Owns the order of the page: the answer, whose problem, the way in, the clinics, the charts.

use maud::{Markup, html};

use super::{charts, facts};
use crate::domain::alert::Alert;
use crate::domain::health::{State, Verdict};
use crate::domain::registry::Registry;
use crate::ops::access::policy::Permission;
use crate::ops::components::finder::{Finder, finder};
use crate::ops::components::lanes::lanes;
use crate::ops::components::parts::when;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::verdict::verdict;
use crate::ops::pages::clinic_rows::{clinics_table, rows};
use crate::ops::pages::runbooks;
use crate::ops::reading::Reading;
use crate::ops::words::incidents::severity;
use crate::ops::words::numbers::counted;

/// Clinics that are listed, worst first; the others are a click away.
const MOST_CLINICS: usize = 30;

/// Alerts that are named.
const MOST_ALERTS: usize = 6;

/// The page.
pub(crate) fn view(reading: &Reading, registry: &Registry, frame: &Frame) -> Page {
    let judged = reading.verdict();
    let card = facts::card(&judged, reading, registry, frame);
    let rows = rows(reading, &judged.clinics, registry);
    let sees_calls = frame.may(Permission::Calls);
    let body = html! {
        div data-part="verdict" { (verdict(&card)) }
        (alerts(reading, judged.trouble.is_none(), registry, frame))
        div.g2.stretch.alone[!sees_calls] {
            (lanes(&facts::lanes(&judged, reading, registry, frame), strangers(reading).as_ref()))
            @if sees_calls { (finder(&finder_of(registry, frame))) }
        }
        section.card aria-labelledby="h-clinics" data-part="clinics" {
            header {
                h2 #h-clinics { "Clinics, worst first" }
                p.small.muted.end { "Last hour unless it says otherwise. " a href="/clinics" { @if rows.len() > MOST_CLINICS { "All " (rows.len()) " clinics" } @else { "All clinics" } } }
            }
            (clinics_table(&rows[..rows.len().min(MOST_CLINICS)], frame))
        }
        div.g2.even data-part="charts" {
            (charts::failed(reading, frame))
            (charts::latency(reading, frame))
        }
    };
    Page { room: Some(Room::Now), title: title(&judged), live: true, body }
}

/// The alerts that fire, each with its runbook; nothing where none does.
fn alerts(reading: &Reading, calm: bool, registry: &Registry, frame: &Frame) -> Markup {
    html! {
        div data-part="alerts" {
            @if !reading.alerts.is_empty() {
                section.card aria-labelledby="h-alerts" {
                    header {
                        h2 #h-alerts { (counted(reading.alerts.len() as u64, "alert fires", "alerts fire")) }
                        @if reading.alerts.len() > MOST_ALERTS {
                            p.small.muted.end { "The others stand in Alertmanager." }
                        }
                    }
                    @if calm {
                        p.pad.small.soft { "The site itself sees no trouble at this moment. Alerts look further back, and end later." }
                    }
                    ul.plain.pad {
                        @for alert in reading.alerts.iter().take(MOST_ALERTS) {
                            @let clinic = alert.clinic.as_ref().and_then(|id| registry.clinic(id));
                            li {
                                span {
                                    a.rowlink href=(by_alert(alert)) { (runbooks::title(alert.name.as_str())) }
                                    @if let Some(clinic) = clinic { ", " (clinic.name) }
                                }
                                span.end.small.muted {
                                    (severity(alert.severity)) ", since " (when(alert.starts_at, &frame.home, frame.now))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where an alert leads: to its incident.
fn by_alert(alert: &Alert) -> String {
    let name = &alert.name;
    match &alert.clinic {
        Some(clinic) => format!("/incidents/by-alert?alertname={name}&clinic={clinic}"),
        None => format!("/incidents/by-alert?alertname={name}"),
    }
}

/// Calls that no clinic could be told for are a finding of their own.
fn strangers(reading: &Reading) -> Option<Markup> {
    let calls = reading.unattributed.calls();
    (calls > 0).then(|| html! {
        strong { (counted(calls, "call", "calls")) " of the last hour came from no clinic that we know. " }
        "An app may use a wrong clinic, or one that is not registered."
    })
}

/// The state first, so that a pinned tab tells it.
fn title(judged: &Verdict) -> String {
    let of = |state: State| judged.clinics.iter().filter(|c| c.state == state).count() as u64;
    if let Some(few) = &judged.few {
        return format!("{} of {} failed. Now", few.failed, counted(few.of, "call", "calls"));
    }
    let state = match (of(State::Failing), of(State::SomeFailures), of(State::Silent)) {
        _ if judged.state == State::NotKnown => "Not known".to_owned(),
        (0, 0, 0) => "All is well".to_owned(),
        (0, 0, silent) => format!("{} silent", counted(silent, "clinic", "clinics")),
        (0, some, _) => format!("{} with failures", counted(some, "clinic", "clinics")),
        (failing, ..) => format!("{} failing", counted(failing, "clinic", "clinics")),
    };
    format!("{state}. Now")
}

/// The finder with the registry's clinics.
pub(crate) fn finder_of(registry: &Registry, frame: &Frame) -> Finder {
    let clinics = registry.clinics().iter().map(|c| (c.id.clone(), c.name.clone())).collect();
    Finder { clinics, at: frame.home.clock(frame.now), ..Finder::default() }
}
