//! Now, drawn.
//!
//! Owns the order of the page: the answer, whose problem, the way in, the clinics, the charts.

use maud::{Markup, html};

use super::{charts, facts, lanes as bars};
use crate::domain::alert::Alert;
use crate::domain::health::{State, Verdict};
use crate::domain::registry::Registry;
use crate::ops::access::policy::Permission;
use crate::ops::components::clinic_field::Choice;
use crate::ops::components::finder::{Finder, finder};
use crate::ops::components::lanes::lanes;
use crate::ops::components::parts::when;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::verdict::verdict;
use crate::ops::pages::clinic_rows::{by_state, clinics_table, rows};
use crate::ops::pages::runbooks;
use crate::ops::reading::Reading;
use crate::ops::words::incidents::severity;
use crate::ops::words::language::said;

/// Clinics that are listed, worst first; the others are counted by state, a click away.
const MOST_CLINICS: usize = 10;

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
            (lanes(&bars::lanes(&judged, reading, registry, frame), strangers(reading, frame).as_ref(), frame))
            @if sees_calls { (finder(&finder_of(registry, frame), frame)) }
        }
        section.card aria-labelledby="h-clinics" data-part="clinics" {
            header {
                h2 #h-clinics { (frame.t("Clinics, worst first", "Cliniques, les pires d’abord")) }
                p.small.muted.end { (frame.t("Last hour unless it says otherwise. ", "Dernière heure, sauf indication contraire. ")) a href="/clinics" { @if rows.len() > MOST_CLINICS { (said!(frame.language(), "All {} clinics", "Les {} cliniques", rows.len())) } @else { (frame.t("All clinics", "Toutes les cliniques")) } } }
            }
            (clinics_table(&rows[..rows.len().min(MOST_CLINICS)], frame))
            @if let Some(others) = rows.get(MOST_CLINICS..).filter(|others| !others.is_empty()) { (by_state(others, frame)) }
        }
        div.g2.even data-part="charts" {
            (charts::failed(reading, frame))
            (charts::latency(reading, frame))
        }
    };
    Page { room: Some(Room::Now), title: title(&judged, frame), live: true, body }
}

/// The alerts that fire, each with its runbook; nothing where none does.
fn alerts(reading: &Reading, calm: bool, registry: &Registry, frame: &Frame) -> Markup {
    html! {
        div data-part="alerts" {
            @if !reading.alerts.is_empty() {
                section.card aria-labelledby="h-alerts" {
                    header {
                        h2 #h-alerts { (frame.count(reading.alerts.len() as u64, ["alert fires", "alerts fire"], ["alerte active", "alertes actives"])) }
                        @if reading.alerts.len() > MOST_ALERTS {
                            p.small.muted.end { (frame.t("The others stand in Alertmanager.", "Les autres sont dans Alertmanager.")) }
                        }
                    }
                    @if calm {
                        p.pad.small.soft { (frame.t("The site itself sees no trouble at this moment. Alerts look further back, and end later.", "Le site lui-même ne voit aucun problème en ce moment. Les alertes regardent plus loin en arrière et finissent plus tard.")) }
                    }
                    ul.plain.pad {
                        @for alert in reading.alerts.iter().take(MOST_ALERTS) {
                            @let clinic = alert.clinic.as_ref().and_then(|id| registry.clinic(id));
                            li {
                                span {
                                    a.rowlink href=(by_alert(alert)) { (runbooks::title(alert.name.as_str(), frame.language())) }
                                    @if let Some(clinic) = clinic { ", " (clinic.name) }
                                }
                                span.end.small.muted {
                                    (severity(alert.severity, frame.language())) (frame.t(", since ", ", depuis ")) (when(alert.starts_at, &frame.home, frame.now))
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
fn strangers(reading: &Reading, frame: &Frame) -> Option<Markup> {
    let calls = reading.unattributed.calls();
    (calls > 0).then(|| html! {
        strong { (frame.count(calls, ["call", "calls"], ["appel", "appels"])) (frame.t(" of the last hour came from no clinic that we know. ", " de la dernière heure ne viennent d’aucune clinique connue de nous. ")) }
        (frame.t("An app may use a wrong clinic, or one that is not registered.", "Une application utilise peut-être une mauvaise clinique, ou une qui n’est pas enregistrée."))
    })
}

/// The state first, so that a pinned tab tells it.
fn title(judged: &Verdict, frame: &Frame) -> String {
    let of = |state: State| judged.clinics.iter().filter(|c| c.state == state).count() as u64;
    if let Some(few) = &judged.few {
        return said!(
            frame.language(),
            "{} of {} failed. Now",
            "{} sur {} en échec. En ce moment",
            few.failed,
            frame.count(few.of, ["call", "calls"], ["appel", "appels"])
        );
    }
    let state = match (of(State::Failing), of(State::SomeFailures), of(State::Silent)) {
        _ if judged.state == State::NotKnown => frame.t("Not known", "État inconnu").to_owned(),
        (0, 0, 0) => frame.t("All is well", "Tout va bien").to_owned(),
        (0, 0, silent) => said!(
            frame.language(),
            "{} silent",
            "{} sans appels",
            frame.count(silent, ["clinic", "clinics"], ["clinique", "cliniques"])
        ),
        (0, some, _) => said!(
            frame.language(),
            "{} with failures",
            "{} avec des échecs",
            frame.count(some, ["clinic", "clinics"], ["clinique", "cliniques"])
        ),
        (failing, ..) => said!(
            frame.language(),
            "{} failing",
            "{} en panne",
            frame.count(failing, ["clinic", "clinics"], ["clinique", "cliniques"])
        ),
    };
    said!(frame.language(), "{state}. Now", "{state}. En ce moment")
}

/// The finder with the registry's clinics.
pub(crate) fn finder_of(registry: &Registry, frame: &Frame) -> Finder {
    let clinics = Choice::of(registry);
    Finder { clinics, at: frame.home.clock(frame.now), ..Finder::default() }
}
