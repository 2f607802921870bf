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
use crate::ops::words::numbers::counted;
use crate::ops::words::times::{Zone, ago};

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
pub(super) fn steps(model: &IncidentModel) -> Vec<Step> {
    let step = |at, trouble, what: String| Step { at, trouble, what };
    let mut steps = vec![step(model.incident.since, true, first(&model.incident))];
    steps.extend(model.updates.iter().map(|update| step(update.at, true, words_of(update))));
    for alert in &model.alerts {
        let name = runbooks::title(alert.name.as_str());
        steps.push(step(alert.starts_at, false, format!("Alert fires: {name}.")));
        steps.extend(alert.ends_at.map(|at| step(at, false, format!("Alert ended: {name}."))));
    }
    for noted in &model.notes {
        let by = noted.account.as_ref().map(|account| format!("{account}: ")).unwrap_or_default();
        steps.push(step(noted.at, false, format!("{by}{}.", incidents::noted(noted.note))));
    }
    steps.sort_by_key(|step| step.at);
    steps
}

fn first(incident: &Incident) -> String {
    if incident.key.cause == crate::domain::cause::Cause::AccuroSlow {
        "The first slow call of it.".to_owned()
    } else {
        "The first call of it failed.".to_owned()
    }
}

fn words_of(update: &Update) -> String {
    let clinics = counted(update.clinics, "clinic", "clinics");
    match update.kind {
        UpdateKind::Opened => format!("The site noticed it, at {clinics}."),
        UpdateKind::Wider => format!("It touches {clinics} now."),
        UpdateKind::Recovered => "Closed: calls work again.".to_owned(),
        UpdateKind::NoCalls => {
            "Closed: nobody has called for so long that nothing is known.".to_owned()
        }
        UpdateKind::Explained => "Closed: it was part of a wider trouble.".to_owned(),
        UpdateKind::Reopened => "It came back.".to_owned(),
    }
}

/// The list.
pub(super) fn course(model: &IncidentModel, zone: &Zone, frame: &Frame) -> Markup {
    let hue = model.incident.category.map_or(Kind::GivenUp, Kind::of_category).slug();
    let body = html! {
        div.pad {
            ol.plain {
                @for step in steps(model) {
                    @let slug = if step.trouble { hue } else { "none" };
                    li class={ "k-" (slug) } {
                        (glyph(slug))
                        span.ink { strong { (when(step.at, zone, frame.now)) } " " (step.what) }
                    }
                }
            }
        }
    };
    card("h-course", "What happened", Some(&html! { (zone.label) }), &body)
}

/// The alerts that are about it.
pub(super) fn alerts(model: &IncidentModel, zone: &Zone, frame: &Frame) -> Markup {
    let body = if model.alerts.is_empty() {
        html! {
            p.pad.small.soft {
                "Alertmanager has told of none. The site found this by itself; an alert may still come, "
                "or Alertmanager does not post to " code { "/api/v1/alertmanager" } "."
            }
        }
    } else {
        alerts_table(&model.alerts, zone, frame)
    };
    card("h-alerts", "Alerts about it", None, &body)
}

/// Alerts, each with its runbook.
pub(crate) fn alerts_table(alerts: &[Alert], zone: &Zone, frame: &Frame) -> Markup {
    let row = |alert: &Alert| Row {
        selected: false,
        cells: vec![
            html! {
                @let title = runbooks::title(alert.name.as_str());
                @match runbooks::address(alert.name.as_str()) {
                    Some(href) => { a.rowlink href=(href) { (title) } }
                    None => { (title) }
                }
                small { (incidents::severity(alert.severity)) }
            },
            html! { (when(alert.starts_at, zone, frame.now)) },
            html! {
                @match alert.ends_at {
                    Some(end) => { (when(end, zone, frame.now)) }
                    None if alert.fires(frame.now) => strong { "Fires" }
                    None => { "Not heard of since " (ago(alert.told_at, frame.now)) }
                }
            },
        ],
    };
    table(&Table {
        caption: "Alerts, each with its beginning and end".to_owned(),
        class: "",
        cols: vec![col("Alert", "", ""), col("Since", "Since", ""), col("Until", "Until", "")],
        rows: alerts.iter().map(row).collect(),
    })
}
