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
use crate::ops::components::shell::{Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::freshness::Freshness;
use crate::ops::words::numbers::counted;
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
        Ok(()) => visit.show(&visit.frame(Freshness::Unasked), &view(words)),
        Err(answer) => answer,
    }
}

/// Where a metric stands on the page.
pub(super) fn anchor(metric: &str) -> String {
    format!("{ADDRESS}#{metric}")
}

fn is_asked_for(metric: &Listed, words: &str) -> bool {
    let mut text = format!("{} {} {} ", metric.name, metric.kind, metric.what);
    for part in metric
        .labels
        .iter()
        .copied()
        .map(str::to_owned)
        .chain(looked_at_by(metric.name).into_iter().map(title))
    {
        text.push_str(&part);
        text.push(' ');
    }
    let text = text.to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The page; without words all of them.
pub(crate) fn view(words: &str) -> Page {
    let all = listed().count() as u64;
    let found: Vec<Listed> = listed().filter(|metric| is_asked_for(metric, words)).collect();
    let looked = !words.trim().is_empty();
    let heading = if looked {
        format!("{} of {all}", counted(found.len() as u64, "metric", "metrics"))
    } else {
        counted(all, "metric", "metrics")
    };
    let body = html! {
        div.pagehead {
            div {
                ol.crumb { li { a href="/runbooks" { "Runbooks" } } li { "Metrics" } }
                h1 { "Metrics" }
                p.soft.small {
                    "What " code { "/metrics" } " on the telemetry listener tells Prometheus. A histogram has "
                    code { "_bucket" } ", " code { "_sum" } " and " code { "_count" }
                    ". No label holds an identifier, a path or a token."
                }
            }
        }
        form.row action=(ADDRESS) method="post" role="search" {
            div.grow {
                label.vh for="m-search" { "Words of the metric, of a label, or of an alert" }
                input #m-search type="search" name="q" maxlength="80" autocomplete="off"
                    placeholder="Words of the metric, of a label, or of an alert";
            }
            button.btn type="submit" { "Search" }
            @if looked { a.btn href=(ADDRESS) { "All" } }
        }
        (card("h-metrics", &heading, None, &rows(&found)))
    };
    Page { room: Some(Room::Runbooks), title: "Metrics".to_owned(), live: false, body }
}

fn rows(found: &[Listed]) -> Markup {
    if found.is_empty() {
        return html! { p.pad.soft { "No metric has all of these words." } };
    }
    let row = |metric: &Listed| {
        let alerts = looked_at_by(metric.name);
        Row {
            selected: false,
            cells: vec![
                html! { code #(metric.name) { (breakable(metric.name)) } small { (metric.what) } },
                html! { (metric.kind) },
                if metric.labels.is_empty() {
                    dash()
                } else {
                    html! { @for label in metric.labels { code { (label) } " " } }
                },
                if alerts.is_empty() {
                    dash()
                } else {
                    html! {
                        @for (index, alert) in alerts.iter().enumerate() {
                            @if index > 0 { ", " }
                            a href={ "/runbooks/" (alert) } { (title(alert)) }
                        }
                    }
                },
            ],
        }
    };
    table(&Table {
        caption: "Metrics, each with its type, labels and alerts".to_owned(),
        class: "wide",
        cols: vec![
            col("Metric", "", ""),
            col("Type", "Type", ""),
            col("Labels", "Labels", ""),
            col("Alerts", "Alerts", ""),
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
            listed().filter(|one| is_asked_for(one, words)).map(|one| one.name).collect()
        };
        assert_eq!(found("").len(), listed().count());
        assert_eq!(found("clinic Missed"), ["accuscope_clinic_missed_calls"]);
        assert!(found("clinic silent").contains(&"accuscope_clinic_missed_calls"), "by its alert");
        assert!(found("histogram").iter().all(|name| name.ends_with("_seconds")));
        assert!(found("Tremblay").is_empty());
    }
}
