//! Calls, drawn.
//!
//! Owns the list, the filter form, and what is said where nothing fits.

use maud::{Markup, html};

use super::query::{CallsQuery, outcome_word};
use crate::domain::event::Exchange;
use crate::domain::labels::{Category, Outcome, WorkflowDomain};
use crate::domain::registry::{Clinic, Registry};
use crate::domain::time::Timestamp;
use crate::ops::components::clinic_field::{Choice, Look, clinic_field};
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::{chips, time};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::sprite::icon;
use crate::ops::components::table::{Col, Row, Table, col, table};
use crate::ops::words;
use crate::ops::words::language::said;
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
    let headline = headline(model, frame);
    let body = html! {
        div.pagehead {
            div {
                h1 { (headline) }
                p.soft.small { (frame.t("Newest first. Times are ", "Les plus récents d’abord. Heures : ")) (zone.label) "." }
            }
            div.actions { (ranges(model, frame)) }
        }
        section.card.stack aria-label=(frame.t("Filters", "Filtres")) {
            div.pad.stack {
                (form(&model.query, &Choice::of(registry), clinic, None, &zone, frame))
                (chips(&model.query.chips(registry, &zone, frame), frame))
            }
        }
        @if model.calls.is_empty() { (nothing(model, &zone, frame)) }
        @else {
            section.card aria-label=(frame.t("Calls", "Appels")) {
                (calls_table(&model.calls, registry, &zone, frame, None))
            }
            (pages(model, frame))
        }
    };
    // Not live: every look at single calls is kept in the audit, and a page left open is no look.
    Page {
        room: Some(Room::Calls),
        title: said!(frame.language(), "{headline}. Calls", "{headline}. Appels"),
        live: false,
        body,
    }
}

fn headline(model: &CallsModel, frame: &Frame) -> String {
    let at_least =
        if model.total >= u64::from(MOST_COUNTED) { frame.t("At least ", "Au moins ") } else { "" };
    let total = frame.count(model.total, ["call", "calls"], ["appel", "appels"]);
    match (model.query.outcome, model.total) {
        (_, 0) => frame.t("No calls", "Aucun appel").to_owned(),
        (None, _) => said!(
            frame.language(),
            "{at_least}{total}, {} failed",
            "{at_least}{total}, {} en échec",
            frame.number(model.failed)
        ),
        (Some(outcome), _) => {
            let outcome = outcome_word(outcome, frame.language()).to_lowercase();
            said!(frame.language(), "{at_least}{total}: {outcome}", "{at_least}{total} : {outcome}")
        }
    }
}

fn ranges(model: &CallsModel, frame: &Frame) -> Markup {
    let choices = [
        (frame.t("Any time", "Tout"), None),
        (frame.t("1 hour", "1 heure"), Some(3_600)),
        (frame.t("24 hours", "24 heures"), Some(86_400)),
        (frame.t("7 days", "7 jours"), Some(604_800)),
    ];
    html! {
        nav.seg aria-label=(frame.t("Time", "Période")) {
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

/// The filters again, with what is wrong about the clinic; nothing was looked up.
pub(super) fn again(query: &CallsQuery, choice: &Choice, why: &str, frame: &Frame) -> Page {
    let body = html! {
        div.pagehead { div { h1 { (frame.t("There is a problem", "Il y a un problème")) } } }
        section.card.stack aria-label=(frame.t("Filters", "Filtres")) {
            div.pad { (form(query, choice, None, Some(why), &frame.home, frame)) }
        }
    };
    let title = frame.t("There is a problem. Calls", "Il y a un problème. Appels").to_owned();
    Page { room: Some(Room::Calls), title, live: false, body }
}

fn form(
    query: &CallsQuery,
    choice: &Choice,
    clinic: Option<&Clinic>,
    wrong: Option<&str>,
    zone: &Zone,
    frame: &Frame,
) -> Markup {
    let local = |at: Option<Timestamp>| at.map(|at| zone.local_minute(at));
    let look = Look {
        id: "c-clinic",
        chosen: clinic,
        every: Some(frame.t("Every clinic", "Toutes les cliniques")),
        wrong: wrong.map(|_| "c-clinic-wrong"),
    };
    html! {
        form.filters action="/calls" method="post" {
            div {
                label for="c-clinic" { (frame.t("Clinic", "Clinique")) }
                @if let Some(why) = wrong {
                    p.hint #c-clinic-wrong { (kind(Kind::NoAnswer, Some(why), frame.language())) }
                }
                (clinic_field(choice, look, frame))
            }
            div {
                label for="c-outcome" { (frame.t("Result", "Résultat")) }
                select #c-outcome name="outcome" {
                    option value="" { (frame.t("Every result", "Tous les résultats")) }
                    @for outcome in Outcome::ALL {
                        option value=(outcome) selected[query.outcome == Some(*outcome)] { (outcome_word(*outcome, frame.language())) }
                    }
                }
            }
            div {
                label for="c-category" { (frame.t("Kind of failure", "Type d’échec")) }
                select #c-category name="category" {
                    option value="" { (frame.t("Every kind", "Tous les types")) }
                    @for category in Category::ALL {
                        option value=(category) selected[query.category == Some(*category)] {
                            (Kind::of_category(*category).word(frame.language()))
                        }
                    }
                }
            }
            div {
                label for="c-domain" { (frame.t("Area", "Domaine")) }
                select #c-domain name="domain" {
                    option value="" { (frame.t("Every area", "Tous les domaines")) }
                    @for domain in WorkflowDomain::ALL {
                        option value=(domain) selected[query.domain == Some(*domain)] { (words::tasks::domain(*domain, frame.language())) }
                    }
                }
            }
            div {
                label for="c-from" { (frame.t("From", "Du")) }
                input #c-from name="from" type="datetime-local" value=[local(query.from)];
            }
            div {
                label for="c-to" { (frame.t("Until", "Au")) }
                input #c-to name="to" type="datetime-local" value=[local(query.to)];
            }
            @for (name, value) in query.pairs() {
                @if matches!(name, "support_code" | "request_id" | "trace_id" | "app" | "operation" | "reason") {
                    input type="hidden" name=(name) value=(value);
                }
            }
            div.go { button.btn.primary type="submit" { (frame.t("Show", "Afficher")) } }
        }
    }
}

/// The columns of a list of calls.
fn columns(with_clinic: bool, frame: &Frame) -> Vec<Col> {
    let mut cols = vec![
        col(frame.t("Time", "Heure"), "", "nowrap"),
        col(frame.t("What was done", "Ce qui a été fait"), frame.t("Task", "Tâche"), ""),
    ];
    if with_clinic {
        cols.push(col(frame.t("Clinic", "Clinique"), frame.t("Clinic", "Clinique"), ""));
    }
    cols.push(col(frame.t("Result", "Résultat"), frame.t("Result", "Résultat"), ""));
    cols.push(col(frame.t("Took", "Durée"), frame.t("Took", "Durée"), "num"));
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
            html! { (task(call.operation.as_str(), frame.language())) },
        ];
        if with_clinic {
            let name = call.clinic.as_ref().and_then(|id| registry.clinic(id));
            row.push(html! { (name.map_or(frame.t("Not known", "Inconnue"), |clinic| clinic.name.as_str())) });
        }
        row.push(result(call, frame));
        row.push(html! { (frame.took(call.duration_us)) });
        row.push(html! { code { (call.support_code) } });
        Row { selected: open.is_some_and(|open| open.id == call.id), cells: row }
    });
    table(&Table {
        caption: frame
            .t(
                "Calls, each with its time, task, result and duration",
                "Appels, chacun avec son heure, sa tâche, son résultat et sa durée",
            )
            .to_owned(),
        class: if with_clinic { "wide calls" } else { "calls" },
        cols: columns(with_clinic, frame),
        rows: rows.collect(),
    })
}

/// How a call ended, with its status.
pub(crate) fn result(call: &Exchange, frame: &Frame) -> Markup {
    html! {
        (kind(Kind::of(call.ending), None, frame.language()))
        " " span.muted { (call.status) }
        @if let Some(items) = call.result_count.filter(|items| *items > 0) {
            span.muted { ", " (frame.count(u64::from(items), ["item", "items"], ["élément", "éléments"])) }
        }
    }
}

fn pages(model: &CallsModel, frame: &Frame) -> Markup {
    html! {
        nav.actions aria-label=(frame.t("Pages", "Pages")) {
            @if model.query.after.is_some() {
                a.btn href=(CallsQuery { after: None, ..model.query.clone() }.address()) { (frame.t("Newest", "Les plus récents")) }
            }
            @if let Some(next) = &model.next {
                a.btn href=(CallsQuery { after: Some(next.clone()), ..model.query.clone() }.address()) { (frame.t("Older", "Plus anciens")) }
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
                @if by_id { (frame.t("We have no call with that id", "Nous n’avons aucun appel avec cet identifiant")) } @else { (frame.t("No call fits all of that", "Aucun appel ne répond à tout cela")) }
            }
            p.soft {
                @match (model.recorded, model.oldest) {
                    (0, None) => (frame.t("Nothing was ever recorded here.", "Rien n’a jamais été enregistré ici.")),
                    (0, Some(_)) => {
                        (frame.t("No calls came from there in that time, so either nobody called or the app did not reach us.", "Aucun appel n’est venu de là dans ce temps : ou personne n’a appelé, ou l’application ne nous a pas joints."))
                    },
                    (recorded, _) => {
                        @if recorded >= u64::from(MOST_COUNTED) { (frame.t("More than ", "Plus de ")) }
                        (frame.count(recorded, ["call", "calls"], ["appel", "appels"]))
                        @if query.clinic.is_some() { (frame.t(" came from there", " en sont venus")) } @else { (frame.t(" came in", " sont arrivés")) }
                        @if query.from.is_some() || query.to.is_some() { (frame.t(" in that time", " dans ce temps")) }
                        (frame.t(", so we were recording. The one you look for may not have reached us.", ", donc nous enregistrions. Celui que vous cherchez ne nous a peut-être pas atteints."))
                    },
                }
                @if let Some(oldest) = model.oldest {
                    (frame.t(" The oldest call that we keep is of ", " Le plus ancien appel que nous gardons date de ")) (zone.when(oldest, frame.now)) "."
                }
            }
            ul.plain {
                @if query.from.is_some() || query.to.is_some() {
                    li {
                        (icon("info"))
                        a href=(CallsQuery { from: None, to: None, after: None, ..query.clone() }.address()) { (frame.t("Look at any time", "Voir n’importe quand")) }
                    }
                }
                @if !query.is_everything() {
                    li { (icon("info")) a href="/calls" { (frame.t("Look at every call", "Voir tous les appels")) } }
                }
                li { (icon("info")) span { (frame.t("Ask for the code on the error message: eight letters and numbers, like 7KQ4-M2PX.", "Demandez le code du message d’erreur : huit lettres et chiffres, comme 7KQ4-M2PX.")) } }
            }
        }
    }
}
