//! Calls, drawn.
//!
//! Owns the list, the filter form, and what is said where nothing fits.

use maud::{Markup, html};

use super::query::{CallsQuery, outcome_word};
use crate::domain::event::Exchange;
use crate::domain::labels::{Category, Outcome, WorkflowDomain};
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::{chips, time};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::sprite::icon;
use crate::ops::components::table::{Col, Row, Table, col, table};
use crate::ops::words;
use crate::ops::words::numbers::{count, counted, took};
use crate::ops::words::tasks::task;
use crate::ops::words::times::Zone;

/// Calls are counted up to here; more are "at least".
pub(crate) const MOST_COUNTED: u32 = 10_000;

/// What the page shows.
pub(crate) struct CallsModel {
    /// What is looked for.
    pub(crate) query: CallsQuery,
    /// The calls of this page, newest first.
    pub(crate) calls: Vec<Exchange>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
    /// How many fit, up to [`MOST_COUNTED`].
    pub(crate) total: u64,
    /// How many of them failed.
    pub(crate) failed: u64,
    /// Where none fits: calls of that clinic and time, whatever else they were.
    pub(crate) recorded: u64,
    /// The oldest call that is kept.
    pub(crate) oldest: Option<Timestamp>,
}

/// The page.
pub(crate) fn view(model: &CallsModel, registry: &Registry, frame: &Frame) -> Page {
    let clinic = model.query.clinic.as_ref().and_then(|id| registry.clinic(id));
    let zone = clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone));
    let headline = headline(model);
    let body = html! {
        div.pagehead {
            div {
                h1 { (headline) }
                p.soft.small { "Newest first. Times are " (zone.label) "." }
            }
            div.actions { (ranges(model, frame)) }
        }
        section.card.stack aria-label="Filters" {
            div.pad.stack {
                (form(model, registry, &zone))
                (chips(&model.query.chips(registry, &zone, frame.now)))
            }
        }
        @if model.calls.is_empty() { (nothing(model, &zone, frame)) }
        @else {
            section.card aria-label="Calls" {
                (calls_table(&model.calls, registry, &zone, frame, None))
            }
            (pages(model))
        }
    };
    // Not live: every look at single calls is kept in the audit, and a page left open is no look.
    Page { room: Some(Room::Calls), title: format!("{headline}. Calls"), live: false, body }
}

fn headline(model: &CallsModel) -> String {
    let at_least = if model.total >= u64::from(MOST_COUNTED) { "At least " } else { "" };
    let total = counted(model.total, "call", "calls");
    match (model.query.outcome, model.total) {
        (_, 0) => "No calls".to_owned(),
        (None, _) => format!("{at_least}{total}, {} failed", count(model.failed)),
        (Some(outcome), _) => {
            format!("{at_least}{total}: {}", outcome_word(outcome).to_lowercase())
        }
    }
}

fn ranges(model: &CallsModel, frame: &Frame) -> Markup {
    let choices = [
        ("Any time", None),
        ("1 hour", Some(3_600)),
        ("24 hours", Some(86_400)),
        ("7 days", Some(604_800)),
    ];
    html! {
        nav.seg aria-label="Time" {
            @for (name, seconds) in choices {
                @let from = seconds.map(|seconds: i64| {
                    Timestamp::from_seconds(frame.now.seconds() - seconds).floor_to(60)
                });
                @let query = CallsQuery { from, to: None, after: None, ..model.query.clone() };
                @let current = model.query.to.is_none() && model.query.from == from;
                a href=(query.address()) aria-current=[current.then_some("true")] { (name) }
            }
        }
    }
}

fn form(model: &CallsModel, registry: &Registry, zone: &Zone) -> Markup {
    let query = &model.query;
    let local = |at: Option<Timestamp>| at.map(|at| zone.local_minute(at));
    html! {
        form.filters action="/calls" method="get" {
            div {
                label for="c-clinic" { "Clinic" }
                select #c-clinic name="clinic" {
                    option value="" { "Every clinic" }
                    @for clinic in registry.clinics() {
                        option value=(clinic.id) selected[query.clinic.as_ref() == Some(&clinic.id)] { (clinic.name) }
                    }
                }
            }
            div {
                label for="c-outcome" { "Result" }
                select #c-outcome name="outcome" {
                    option value="" { "Every result" }
                    @for outcome in Outcome::ALL {
                        option value=(outcome) selected[query.outcome == Some(*outcome)] { (outcome_word(*outcome)) }
                    }
                }
            }
            div {
                label for="c-category" { "Kind of failure" }
                select #c-category name="category" {
                    option value="" { "Every kind" }
                    @for category in Category::ALL {
                        option value=(category) selected[query.category == Some(*category)] {
                            (Kind::of_category(*category).word())
                        }
                    }
                }
            }
            div {
                label for="c-domain" { "Area" }
                select #c-domain name="domain" {
                    option value="" { "Every area" }
                    @for domain in WorkflowDomain::ALL {
                        option value=(domain) selected[query.domain == Some(*domain)] { (words::tasks::domain(*domain)) }
                    }
                }
            }
            div {
                label for="c-from" { "From" }
                input #c-from name="from" type="datetime-local" value=[local(query.from)];
            }
            div {
                label for="c-to" { "Until" }
                input #c-to name="to" type="datetime-local" value=[local(query.to)];
            }
            @for (name, value) in query.pairs() {
                @if matches!(name, "support_code" | "request_id" | "trace_id" | "app" | "operation" | "reason") {
                    input type="hidden" name=(name) value=(value);
                }
            }
            div.go { button.btn.primary type="submit" { "Show" } }
        }
    }
}

/// The columns of a list of calls.
fn columns(with_clinic: bool) -> Vec<Col> {
    let mut cols = vec![col("Time", "", "nowrap"), col("What was done", "Task", "")];
    if with_clinic {
        cols.push(col("Clinic", "Clinic", ""));
    }
    cols.push(col("Result", "Result", ""));
    cols.push(col("Took", "Took", "num"));
    cols.push(col("Code", "Code", "opt nowrap"));
    cols
}

/// A list of calls; `open` stands out.
pub(crate) fn calls_table(
    calls: &[Exchange],
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
    open: Option<&Exchange>,
) -> Markup {
    let clinics: std::collections::BTreeSet<_> = calls.iter().map(|call| &call.clinic).collect();
    let with_clinic = clinics.len() > 1;
    let rows = calls.iter().map(|call| {
        let mut row = vec![
            html! {
                a.rowlink href={ "/calls/" (call.id) } {
                    (time(call.ts, &zone.clock_seconds(call.ts)))
                }
                @if zone.day(call.ts, frame.now) != zone.day(frame.now, frame.now) {
                    small { (zone.day(call.ts, frame.now)) }
                }
            },
            html! { (task(call.operation.as_str())) },
        ];
        if with_clinic {
            let name = call.clinic.as_ref().and_then(|id| registry.clinic(id));
            row.push(html! { (name.map_or("Not known", |clinic| clinic.name.as_str())) });
        }
        row.push(result(call));
        row.push(html! { (took(call.duration_us)) });
        row.push(html! { code { (call.support_code) } });
        Row { selected: open.is_some_and(|open| open.id == call.id), cells: row }
    });
    table(&Table {
        caption: "Calls, each with its time, task, result and duration".to_owned(),
        class: if with_clinic { "wide calls" } else { "calls" },
        cols: columns(with_clinic),
        rows: rows.collect(),
    })
}

/// How a call ended, with its status.
pub(crate) fn result(call: &Exchange) -> Markup {
    html! {
        (kind(Kind::of(call.ending), None))
        " " span.muted { (call.status) }
        @if let Some(items) = call.result_count.filter(|items| *items > 0) {
            span.muted { ", " (counted(u64::from(items), "item", "items")) }
        }
    }
}

fn pages(model: &CallsModel) -> Markup {
    html! {
        nav.actions aria-label="Pages" {
            @if model.query.after.is_some() {
                a.btn href=(CallsQuery { after: None, ..model.query.clone() }.address()) { "Newest" }
            }
            @if let Some(next) = &model.next {
                a.btn href=(CallsQuery { after: Some(next.clone()), ..model.query.clone() }.address()) { "Older" }
            }
        }
    }
}

/// Nothing fits: whether we were recording, and three ways on.
fn nothing(model: &CallsModel, zone: &Zone, frame: &Frame) -> Markup {
    let query = &model.query;
    let by_id =
        query.support_code.is_some() || query.request_id.is_some() || query.trace_id.is_some();
    html! {
        section.card.pad.stack aria-labelledby="h-nothing" {
            h2 #h-nothing {
                @if by_id { "We have no call with that id" } @else { "No call fits all of that" }
            }
            p.soft {
                @match (model.recorded, model.oldest) {
                    (0, None) => "Nothing was ever recorded here.",
                    (0, Some(_)) => {
                        "No calls came from there in that time, so either nobody called or the app did not reach us."
                    },
                    (recorded, _) => {
                        @if recorded >= u64::from(MOST_COUNTED) { "More than " }
                        (counted(recorded, "call", "calls"))
                        @if query.clinic.is_some() { " came from there" } @else { " came in" }
                        @if query.from.is_some() || query.to.is_some() { " in that time" }
                        ", so we were recording. The one you look for may not have reached us."
                    },
                }
                @if let Some(oldest) = model.oldest {
                    " The oldest call that we keep is of " (zone.when(oldest, frame.now)) "."
                }
            }
            ul.plain {
                @if query.from.is_some() || query.to.is_some() {
                    li {
                        (icon("info"))
                        a href=(CallsQuery { from: None, to: None, after: None, ..query.clone() }.address()) { "Look at any time" }
                    }
                }
                @if !query.is_everything() {
                    li { (icon("info")) a href="/calls" { "Look at every call" } }
                }
                li { (icon("info")) span { "Ask for the code on the error message: eight letters and numbers, like 7KQ4-M2PX." } }
            }
        }
    }
}
