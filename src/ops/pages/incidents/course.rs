//! What happened, in the order of time; and the alerts.
//!
//! Owns how the watch's steps, alerts and people's notes become one list.

use maud::{Markup, html};

use super::load::IncidentModel;
use crate::domain::alert::Alert;
use crate::domain::incident::{Incident, Update, UpdateKind};
use crate::domain::time::Timestamp;
use crate::ops::components::kind::{Kind, glyph};
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::Frame;
use crate::ops::components::table::{Row, Table, col, table};
use crate::ops::pages::runbooks;
use crate::ops::words::incidents;
use crate::ops::words::language::said;
use crate::ops::words::times::Zone;

/// One thing that happened.
pub(super) struct Step {
    /// When.
    pub(super) at: Timestamp,
    /// It is about the trouble itself, not about what was done.
    pub(super) trouble: bool,
    /// What.
    pub(super) what: String,
}

/// Everything that happened, in the order of time.
pub(super) fn steps(model: &IncidentModel, frame: &Frame) -> Vec<Step> {
    let step = |at, trouble, what: String| Step { at, trouble, what };
    let mut steps = vec![step(model.incident.since, true, first(&model.incident, frame))];
    steps.extend(model.updates.iter().map(|update| step(update.at, true, words_of(update, frame))));
    for alert in &model.alerts {
        let name = runbooks::title(alert.name.as_str(), frame.language());
        steps.push(step(
            alert.starts_at,
            false,
            said!(frame.language(), "Alert fires: {name}.", "Alerte active : {name}."),
        ));
        steps.extend(alert.ends_at.map(|at| {
            step(
                at,
                false,
                said!(frame.language(), "Alert ended: {name}.", "Alerte finie : {name}."),
            )
        }));
    }
    for noted in &model.notes {
        let by = noted
            .account
            .as_ref()
            .map(|account| said!(frame.language(), "{account}: ", "{account} : "))
            .unwrap_or_default();
        steps.push(step(
            noted.at,
            false,
            format!("{by}{}.", incidents::noted(noted.note, frame.language())),
        ));
    }
    steps.sort_by_key(|step| step.at);
    steps
}

fn first(incident: &Incident, frame: &Frame) -> String {
    if incident.key.cause == crate::domain::cause::Cause::AccuroSlow {
        frame.t("The first slow call of it.", "Le premier appel lent.").to_owned()
    } else {
        frame.t("The first call of it failed.", "Le premier appel en échec.").to_owned()
    }
}

fn words_of(update: &Update, frame: &Frame) -> String {
    let clinics = frame.count(update.clinics, ["clinic", "clinics"], ["clinique", "cliniques"]);
    match update.kind {
        UpdateKind::Opened => said!(
            frame.language(),
            "The site noticed it, at {clinics}.",
            "Le site l’a remarqué, à {clinics}."
        ),
        UpdateKind::Wider => said!(
            frame.language(),
            "It touches {clinics} now.",
            "Cela touche maintenant {clinics}."
        ),
        UpdateKind::Recovered => frame
            .t("Closed: calls work again.", "Fermé : les appels fonctionnent de nouveau.")
            .to_owned(),
        UpdateKind::NoCalls => frame
            .t(
                "Closed: nobody has called for so long that nothing is known.",
                "Fermé : personne n’a appelé depuis si longtemps que l’on ne sait rien.",
            )
            .to_owned(),
        UpdateKind::Explained => frame
            .t(
                "Closed: it was part of a wider trouble.",
                "Fermé : cela faisait partie d’un problème plus large.",
            )
            .to_owned(),
        UpdateKind::Reopened => frame.t("It came back.", "C’est revenu.").to_owned(),
    }
}

/// The list.
pub(super) fn course(model: &IncidentModel, zone: &Zone, frame: &Frame) -> Markup {
    let hue = model.incident.category.map_or(Kind::GivenUp, Kind::of_category).slug();
    let body = html! {
        div.pad {
            ol.plain {
                @for step in steps(model, frame) {
                    @let slug = if step.trouble { hue } else { "none" };
                    li class={ "k-" (slug) } {
                        (glyph(slug))
                        span.ink { strong { (when(step.at, zone, frame.now)) } " " (step.what) }
                    }
                }
            }
        }
    };
    card(
        "h-course",
        frame.t("What happened", "Ce qui s’est passé"),
        Some(&html! { (zone.label) }),
        &body,
    )
}

/// The alerts that are about it.
pub(super) fn alerts(model: &IncidentModel, zone: &Zone, frame: &Frame) -> Markup {
    let body = if model.alerts.is_empty() {
        html! {
            p.pad.small.soft {
                (frame.t("Alertmanager has told of none. The site found this by itself; an alert may still come, ", "Alertmanager n’en a signalé aucune. Le site a trouvé cela lui-même; une alerte peut encore venir, "))
                (frame.t("or Alertmanager does not post to ", "ou Alertmanager n’envoie rien à ")) code { "/api/v1/alertmanager" } "."
            }
        }
    } else {
        alerts_table(&model.alerts, zone, frame)
    };
    card("h-alerts", frame.t("Alerts about it", "Alertes à ce sujet"), None, &body)
}

/// Alerts, each with its runbook.
pub(crate) fn alerts_table(alerts: &[Alert], zone: &Zone, frame: &Frame) -> Markup {
    let row = |alert: &Alert| Row {
        selected: false,
        cells: vec![
            html! {
                @let title = runbooks::title(alert.name.as_str(), frame.language());
                @match runbooks::address(alert.name.as_str()) {
                    Some(href) => { a.rowlink href=(href) { (title) } }
                    None => { (title) }
                }
                small { (incidents::severity(alert.severity, frame.language())) }
            },
            html! { (when(alert.starts_at, zone, frame.now)) },
            html! {
                @match alert.ends_at {
                    Some(end) => { (when(end, zone, frame.now)) }
                    None if alert.fires(frame.now) => strong { (frame.t("Fires", "Active")) }
                    None => { (frame.t("Not heard of since ", "Sans nouvelles ")) (frame.ago(alert.told_at)) }
                }
            },
        ],
    };
    table(&Table {
        caption: frame
            .t(
                "Alerts, each with its beginning and end",
                "Alertes, chacune avec son début et sa fin",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("Alert", "Alerte"), "", ""),
            col(frame.t("Since", "Depuis"), frame.t("Since", "Depuis"), ""),
            col(frame.t("Until", "Jusqu’à"), frame.t("Until", "Jusqu’à"), ""),
        ],
        rows: alerts.iter().map(row).collect(),
    })
}
