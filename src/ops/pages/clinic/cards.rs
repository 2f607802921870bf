//! The cards of a clinic's page.
//!
//! Owns its day, tasks, problems, comparisons and connection.

use maud::{Markup, html};

use super::view::ClinicView;
use super::{SLOTS, TaskFigures};
use crate::domain::health::{State, Tally, Trouble};
use crate::ops::access::policy::Permission;
use crate::ops::components::axis::{axis, ticks};
use crate::ops::components::kind::{Kind, glyph, kind};
use crate::ops::components::parts::{card, kv, when};
use crate::ops::components::spark::spark;
use crate::ops::components::strip::{Cell, Size, strip};
use crate::ops::components::table::{Col, Row, Table, col, dash, table};
use crate::ops::words;
use crate::ops::words::numbers::{count, counted, share};
use crate::ops::words::tasks::{sign_in, task};

/// The last 24 hours in half hours.
pub(super) fn day(model: &ClinicView<'_>) -> Markup {
    let Some(first) = model.detail.first_slot else { return html! {} };
    let until =
        model.reading.recorded_until.map_or(i64::MIN, crate::domain::time::Timestamp::seconds);
    let cells: Vec<Cell> = (0..)
        .zip(&model.detail.slots)
        .map(|(index, tally)| {
            let recorded = until >= first.seconds() + index * 1_800 || tally.calls() > 0;
            Cell::of(recorded.then_some(tally))
        })
        .collect();
    let mut all = Tally::default();
    for tally in &model.detail.slots {
        all.add(tally);
    }
    let label = format!(
        "Last 24 hours in half hours: {} of {} failed.",
        count(all.failed()),
        counted(all.ended(), "call", "calls")
    );
    let zone = model.zone();
    let slots = u32::try_from(SLOTS).unwrap_or(48);
    let ticks = ticks(first, slots, 1_800, &zone, model.frame.now);
    let kinds: Vec<Kind> = all.main_failure().map(Kind::of_category).into_iter().collect();
    let legend = html! {
        ul.legend {
            li { "Short bar: worked" }
            @for each in &kinds { li { span { (kind(*each, None)) ": taller is worse" } } }
            li { "Thin line: no calls" }
        }
    };
    let body = html! {
        div.pad {
            (strip(&cells, Size::Big, Some(&label)))
            (axis(&ticks, Some("Now")))
        }
    };
    card("h-day", "Last 24 hours", Some(&legend), &body)
}

/// What each task came to.
pub(super) fn tasks(model: &ClinicView<'_>) -> Markup {
    let since = model.health().and_then(|health| health.since);
    let (title, head, caption) = match since {
        Some(since) => {
            let clock = model.zone().when(since, model.frame.now);
            ("What staff can’t do", "Since then", format!("Since {clock}"))
        }
        None => ("What staff do", "Last hour", "Last hour".to_owned()),
    };
    let cols = vec![
        col("Task", "", ""),
        col(head, head, ""),
        col("Worked, 24 h", "24 hours", "num"),
        col("Last worked", "Last worked", "num"),
        Col {
            head: "14 days",
            label: "",
            class: "opt spcell",
            title: Some("Calls a day, the last 14 days"),
        },
    ];
    let rows = model.detail.tasks.iter().map(|figures| Row {
        selected: false,
        cells: vec![
            task_cell(model, figures),
            recent(&figures.recent),
            html! {
                (share(figures.day.worked(), figures.day.ended()))
                @if figures.day.ended() >= 20 {
                    small { (count(figures.day.worked())) " of " (count(figures.day.ended())) }
                }
            },
            figures.last_worked.map_or_else(dash, |at| when(at, &model.zone(), model.frame.now)),
            spark(&figures.by_day),
        ],
    });
    let body = if model.detail.tasks.is_empty() {
        html! { p.pad.soft { "No calls in the last 24 hours." } }
    } else {
        table(&Table {
            caption:
                "Each task: recent failures, share that worked in 24 hours, when it last worked"
                    .to_owned(),
            class: "tasks",
            cols,
            rows: rows.collect(),
        })
    };
    card("h-tasks", title, Some(&html! { (caption) }), &body)
}

fn task_cell(model: &ClinicView<'_>, figures: &TaskFigures) -> Markup {
    let name = task(figures.operation.as_str());
    let failed = if figures.recent.failed() > 0 { "&outcome=failed" } else { "" };
    html! {
        @if model.frame.may(Permission::Calls) {
            a.rowlink href={
                "/calls?clinic=" (model.clinic.id) "&operation=" (figures.operation) (failed)
            } { (name) }
        } @else { (name) }
    }
}

fn recent(tally: &Tally) -> Markup {
    let Some(category) = tally.main_failure() else {
        return html! {
            @if tally.ended() == 0 { span.muted { "No calls" } }
            @else { (kind(Kind::Ok, Some(&format!("{} worked", count(tally.worked()))))) }
        };
    };
    let text = format!("{} of {} failed", count(tally.failed()), count(tally.ended()));
    html! {
        (kind(Kind::of_category(category), Some(&text)))
        small { (Kind::of_category(category).word()) }
    }
}

/// What failed in seven days, by reason.
pub(super) fn problems(model: &ClinicView<'_>) -> Markup {
    let zone = model.zone();
    let rows = model.detail.problems.iter().map(|problem| {
        let each = Kind::of_category(problem.reason.category());
        let tasks = match problem.operations.as_slice() {
            [] => String::new(),
            [only] => task(only.as_str()),
            [first, rest @ ..] => {
                format!(
                    "{} and {}",
                    task(first.as_str()),
                    counted(rest.len() as u64, "other task", "other tasks")
                )
            }
        };
        Row {
            selected: false,
            cells: vec![
                html! {
                    (kind(each, Some(words::endings::short(problem.reason))))
                    small { (each.word()) ". " (tasks) }
                },
                html! { (count(problem.calls)) },
                html! {
                    (zone.when(problem.last, model.frame.now))
                    small { "from " (zone.when(problem.first, model.frame.now)) }
                },
            ],
        }
    });
    let body = if model.detail.problems.is_empty() {
        html! { p.pad.soft { "No call failed in the last seven days." } }
    } else {
        table(&Table {
            caption: "Failed calls of seven days by reason".to_owned(),
            class: "",
            cols: vec![
                col("Problem", "", ""),
                col("Calls", "Calls", "num"),
                col("Last seen, to the hour", "Last seen", "num"),
            ],
            rows: rows.collect(),
        })
    };
    card("h-problems", "Problems, last 7 days", None, &body)
}

/// What the state is concluded from.
pub(super) fn why(model: &ClinicView<'_>) -> Markup {
    let lines = comparisons(model);
    if lines.is_empty() {
        return html! {};
    }
    let body = html! {
        div.pad {
            ul.plain {
                @for (slug, line) in &lines {
                    li class={ "k-" (slug) } { (glyph(slug)) span.ink { (line) } }
                }
            }
        }
    };
    card("h-why", "Why we think so", None, &body)
}

fn comparisons(model: &ClinicView<'_>) -> Vec<(&'static str, String)> {
    let Some(health) = model.health() else { return Vec::new() };
    let Some(trouble) = health.trouble else { return Vec::new() };
    let others: Vec<_> =
        model.reading.clinics.iter().filter(|c| c.facts.clinic != health.clinic).collect();
    let mut lines = Vec::new();
    let mut hour = Tally::default();
    let calling = others.iter().filter(|c| {
        let tally = c.last_hour(model.reading.now);
        hour.add(&tally);
        tally.calls() > 0
    });
    let calling = calling.count() as u64;
    if calling > 0 {
        lines.push((
            "ok",
            format!(
                "{} made {} in the last hour: {} worked.",
                counted(calling, "other clinic", "other clinics"),
                counted(hour.ended(), "call", "calls"),
                share(hour.worked(), hour.ended())
            ),
        ));
    }
    let failing = model.detail.tasks.iter().filter(|t| t.recent.failed() > 0).count();
    let used = model.detail.tasks.iter().filter(|t| t.recent.ended() > 0).count();
    if used > 0 && trouble != Trouble::GoneSilent {
        let said = match (failing, used) {
            (1, 1) => "The one task in use here fails.".to_owned(),
            (all, of) if all == of => "Every task fails here.".to_owned(),
            (some, of) => format!("{some} of {of} tasks in use fail here."),
        };
        lines.push(("ok", said));
    }
    if health.calls > 0 && health.failed == health.calls {
        lines.push(("ok", "It began at one moment; nothing has worked since.".to_owned()));
    }
    let ours = model.verdict.lanes[0].1;
    if ours == State::Working {
        lines.push(("ok", "Our service works and passes the calls on.".to_owned()));
    }
    lines
}

/// How the clinic is connected.
pub(super) fn connection(model: &ClinicView<'_>) -> Markup {
    let (zone, now) = (model.zone(), model.frame.now);
    let apps: Vec<&str> = model
        .registry
        .apps()
        .iter()
        .filter(|app| app.may_work_for(&model.clinic.id))
        .map(|app| app.name.as_str())
        .collect();
    let contexts: Vec<String> = model
        .detail
        .contexts
        .iter()
        .map(|(context, calls)| format!("{} ({})", sign_in(*context), count(*calls)))
        .collect();
    let list = |items: String| {
        if items.is_empty() {
            dash()
        } else {
            html! { (items) }
        }
    };
    let own = crate::ops::words::times::Zone::of(&model.clinic.time_zone);
    let rows = [
        ("Id", html! { code { (model.clinic.id) } }),
        ("Environment", html! { (environment(model)) }),
        ("Apps", list(apps.join(", "))),
        ("Sign-in types, 24 h", list(contexts.join(", "))),
        ("First call", model.detail.first_call.map_or_else(dash, |at| when(at, &zone, now))),
        ("Clock", html! { (own.city()) ", " (own.offset(now)) }),
    ];
    card("h-connection", "Connection", None, &html! { div.pad { (kv(&rows)) } })
}

fn environment(model: &ClinicView<'_>) -> &'static str {
    use crate::domain::labels::Environment;
    match model.frame.environment {
        Environment::Sandbox => "Sandbox",
        Environment::Production => "Production",
    }
}
