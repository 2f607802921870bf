//! What `/metrics` of the telemetry listener tells: every metric, and the alerts that look at it.
//!
//! Owns the page and its search. The list is the code's own, which `docs/metrics.md` is made from as well.
//! What is looked for is posted and not given back: people type all sorts of things into a box.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::rules::looked_at_by;
use super::title;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::card;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::freshness::Freshness;
use crate::ops::words::language::{Language, said};
use crate::telemetry::metrics::{Listed, listed};

/// The page's address.
const ADDRESS: &str = "/runbooks/metrics";

/// What is looked for.
#[derive(Deserialize)]
pub(crate) struct Search {
    q: String,
}

/// All of them.
pub(crate) async fn page(visit: Visit) -> Response {
    show(&visit, "").await
}

/// Those in which all words stand.
pub(crate) async fn search(visit: Visit, form: Result<Form<Search>, FormRejection>) -> Response {
    let words = form.map(|Form(form)| form.q).unwrap_or_default();
    show(&visit, &words).await
}

async fn show(visit: &Visit, words: &str) -> Response {
    match visit.admit(Permission::Runbooks).await {
        Ok(()) => {
            let frame = visit.frame(Freshness::Unasked);
            visit.show(&frame, &view(words, &frame))
        }
        Err(answer) => answer,
    }
}

/// Where a metric stands on the page.
pub(super) fn anchor(metric: &str) -> String {
    format!("{ADDRESS}#{metric}")
}

fn is_asked_for(metric: &Listed, words: &str, language: Language) -> bool {
    let mut text = format!("{} {} {} ", metric.name, metric.kind, metric.what);
    for part in metric
        .labels
        .iter()
        .copied()
        .map(str::to_owned)
        .chain(looked_at_by(metric.name).into_iter().map(|alert| title(alert, language)))
    {
        text.push_str(&part);
        text.push(' ');
    }
    let text = text.to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The page; without words all of them.
pub(crate) fn view(words: &str, frame: &Frame) -> Page {
    let all = listed().count() as u64;
    let found: Vec<Listed> =
        listed().filter(|metric| is_asked_for(metric, words, frame.language())).collect();
    let looked = !words.trim().is_empty();
    let heading = if looked {
        said!(
            frame.language(),
            "{} of {all}",
            "{} sur {all}",
            frame.count(found.len() as u64, ["metric", "metrics"], ["métrique", "métriques"])
        )
    } else {
        frame.count(all, ["metric", "metrics"], ["métrique", "métriques"])
    };
    let body = html! {
        div.pagehead {
            div {
                ol.crumb { li { a href="/runbooks" { (frame.t("Runbooks", "Guides")) } } li { (frame.t("Metrics", "Métriques")) } }
                h1 { (frame.t("Metrics", "Métriques")) }
                p.soft.small {
                    (frame.t("What ", "Ce que ")) code { "/metrics" } (frame.t(" on the telemetry listener tells Prometheus. A histogram has ", " de l’écoute de télémétrie dit à Prometheus. Un histogramme a "))
                    code { "_bucket" } ", " code { "_sum" } (frame.t(" and ", " et ")) code { "_count" }
                    (frame.t(". No label holds an identifier, a path or a token.", ". Aucune étiquette ne contient d’identifiant, de chemin ou de jeton."))
                }
            }
        }
        form.row action=(ADDRESS) method="post" role="search" aria-label=(frame.t("Metrics", "Métriques")) {
            div.grow {
                label.vh for="m-search" { (frame.t("Words of the metric, of a label, or of an alert", "Mots de la métrique, d’une étiquette ou d’une alerte")) }
                input #m-search type="search" name="q" maxlength="80" autocomplete="off"
                    placeholder=(frame.t("Words of the metric, of a label, or of an alert", "Mots de la métrique, d’une étiquette ou d’une alerte"));
            }
            button.btn type="submit" { (frame.t("Search", "Chercher")) }
            @if looked { a.btn href=(ADDRESS) { (frame.t("All", "Toutes")) } }
        }
        (card("h-metrics", &heading, None, &rows(&found, frame)))
    };
    Page {
        room: Some(Room::Runbooks),
        title: frame.t("Metrics", "Métriques").to_owned(),
        live: false,
        body,
    }
}

fn rows(found: &[Listed], frame: &Frame) -> Markup {
    if found.is_empty() {
        return html! { p.pad.soft { (frame.t("No metric has all of these words.", "Aucune métrique n’a tous ces mots.")) } };
    }
    let row = |metric: &Listed| {
        let alerts = looked_at_by(metric.name);
        Row {
            selected: false,
            cells: vec![
                html! { code #(metric.name) { (breakable(metric.name)) } small lang=[frame.lang_of(Language::English)] { (metric.what) } },
                html! { (metric.kind) },
                if metric.labels.is_empty() {
                    dash(frame)
                } else {
                    html! { @for label in metric.labels { code { (label) } " " } }
                },
                if alerts.is_empty() {
                    dash(frame)
                } else {
                    html! {
                        @for (index, alert) in alerts.iter().enumerate() {
                            @if index > 0 { ", " }
                            a href={ "/runbooks/" (alert) } { (title(alert, frame.language())) }
                        }
                    }
                },
            ],
        }
    };
    table(&Table {
        caption: frame
            .t(
                "Metrics, each with its type, labels and alerts",
                "Métriques, chacune avec son type, ses étiquettes et ses alertes",
            )
            .to_owned(),
        class: "wide",
        cols: vec![
            col(frame.t("Metric", "Métrique"), "", ""),
            col(frame.t("Type", "Type"), frame.t("Type", "Type"), ""),
            col(frame.t("Labels", "Étiquettes"), frame.t("Labels", "Étiquettes"), ""),
            col(frame.t("Alerts", "Alertes"), frame.t("Alerts", "Alertes"), ""),
        ],
        rows: found.iter().map(row).collect(),
    })
}

/// A long name that may break at its words on a narrow screen.
fn breakable(name: &str) -> Markup {
    html! {
        @for (index, part) in name.split('_').enumerate() {
            @if index > 0 { "_" wbr; }
            (part)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_found_by_all_words_of_its_line() {
        let found = |words| -> Vec<&str> {
            listed()
                .filter(|one| is_asked_for(one, words, Language::English))
                .map(|one| one.name)
                .collect()
        };
        assert_eq!(found("").len(), listed().count());
        assert_eq!(found("clinic Missed"), ["accuscope_clinic_missed_calls"]);
        assert!(found("clinic silent").contains(&"accuscope_clinic_missed_calls"), "by its alert");
        assert!(found("histogram").iter().all(|name| name.ends_with("_seconds")));
        assert!(found("Tremblay").is_empty());
    }
}
