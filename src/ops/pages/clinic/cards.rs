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
use crate::ops::components::shell::Frame;
use crate::ops::components::spark::spark;
use crate::ops::components::strip::{Cell, Size, strip};
use crate::ops::components::table::{Col, Row, Table, col, dash, table};
use crate::ops::words;
use crate::ops::words::language::said;
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
    let frame = model.frame;
    let label = said!(
        frame.language(),
        "Last 24 hours in half hours: {} of {} failed.",
        "Dernières 24 heures par demi-heures : {} sur {} en échec.",
        frame.number(all.failed()),
        frame.count(all.ended(), ["call", "calls"], ["appel", "appels"])
    );
    let zone = model.zone();
    let slots = u32::try_from(SLOTS).unwrap_or(48);
    let ticks = ticks(first, slots, 1_800, &zone, model.frame.now);
    let kinds: Vec<Kind> = all.main_failure().map(Kind::of_category).into_iter().collect();
    let legend = html! {
        ul.legend {
            li { (frame.t("Short bar: worked", "Barre courte : réussi")) }
            @for each in &kinds { li { span { (kind(*each, None, frame.language())) (frame.t(": taller is worse", "\u{a0}: plus haut, c’est pire")) } } }
            li { (frame.t("Thin line: no calls", "Ligne mince : aucun appel")) }
        }
    };
    let body = html! {
        div.pad {
            (strip(&cells, Size::Big, Some(&label)))
            (axis(&ticks, Some(frame.t("Now", "Maintenant"))))
        }
    };
    card("h-day", frame.t("Last 24 hours", "Dernières 24 heures"), Some(&legend), &body)
}

/// What each task came to.
pub(super) fn tasks(model: &ClinicView<'_>) -> Markup {
    let frame = model.frame;
    let since = model.health().and_then(|health| health.since);
    let (title, head, caption) = match since {
        Some(since) => {
            let clock = model.zone().when(since, model.frame.now);
            (
                frame.t("What staff can’t do", "Ce que le personnel ne peut faire"),
                frame.t("Since then", "Depuis"),
                said!(frame.language(), "Since {clock}", "Depuis {clock}"),
            )
        }
        None => (
            frame.t("What staff do", "Ce que fait le personnel"),
            frame.t("Last hour", "Dernière heure"),
            frame.t("Last hour", "Dernière heure").to_owned(),
        ),
    };
    let cols = vec![
        col(frame.t("Task", "Tâche"), "", ""),
        col(head, head, ""),
        col(frame.t("Worked, 24 h", "Réussis, 24 h"), frame.t("24 hours", "24 heures"), "num"),
        col(frame.t("Last worked", "Succès"), frame.t("Last worked", "Dernier succès"), "num"),
        Col {
            head: frame.t("14 days", "14 jours"),
            label: "",
            class: "opt spcell",
            title: Some(
                frame.t("Calls a day, the last 14 days", "Appels par jour, 14 derniers jours"),
            ),
        },
    ];
    let rows = model.detail.tasks.iter().map(|figures| Row {
        selected: false,
        cells: vec![
            task_cell(model, figures),
            recent(&figures.recent, frame),
            html! {
                (frame.share(figures.day.worked(), figures.day.ended()))
                @if figures.day.ended() >= 20 {
                    small { (frame.number(figures.day.worked())) (frame.t(" of ", " sur ")) (frame.number(figures.day.ended())) }
                }
            },
            figures.last_worked.map_or_else(|| dash(frame), |at| when(at, &model.zone(), model.frame.now)),
            spark(&figures.by_day),
        ],
    });
    let body = if model.detail.tasks.is_empty() {
        html! { p.pad.soft { (frame.t("No calls in the last 24 hours.", "Aucun appel dans les dernières 24 heures.")) } }
    } else {
        table(&Table {
            caption:
                frame.t("Each task: recent failures, share that worked in 24 hours, when it last worked", "Chaque tâche : échecs récents, part réussie en 24 heures, dernier succès")
                    .to_owned(),
            class: "tasks",
            cols,
            rows: rows.collect(),
        })
    };
    card("h-tasks", title, Some(&html! { (caption) }), &body)
}

fn task_cell(model: &ClinicView<'_>, figures: &TaskFigures) -> Markup {
    let name = task(figures.operation.as_str(), model.frame.language());
    let failed = if figures.recent.failed() > 0 { "&outcome=failed" } else { "" };
    html! {
        @if model.frame.may(Permission::Calls) {
            a.rowlink href={
                "/calls?clinic=" (model.clinic.id) "&operation=" (figures.operation) (failed)
            } { (name) }
        } @else { (name) }
    }
}

fn recent(tally: &Tally, frame: &Frame) -> Markup {
    let Some(category) = tally.main_failure() else {
        return html! {
            @if tally.ended() == 0 { span.muted { (frame.t("No calls", "Aucun appel")) } }
            @else { (kind(Kind::Ok, Some(&frame.count(tally.worked(), ["worked"; 2], ["réussi", "réussis"])), frame.language())) }
        };
    };
    let text = said!(
        frame.language(),
        "{} of {} failed",
        "{} sur {} en échec",
        frame.number(tally.failed()),
        frame.number(tally.ended())
    );
    html! {
        (kind(Kind::of_category(category), Some(&text), frame.language()))
        small { (Kind::of_category(category).word(frame.language())) }
    }
}

/// What failed in seven days, by reason.
pub(super) fn problems(model: &ClinicView<'_>) -> Markup {
    let (zone, frame) = (model.zone(), model.frame);
    let rows = model.detail.problems.iter().map(|problem| {
        let each = Kind::of_category(problem.reason.category());
        let tasks = match problem.operations.as_slice() {
            [] => String::new(),
            [only] => task(only.as_str(), frame.language()),
            [first, rest @ ..] => {
                said!(frame.language(), "{} and {}", "{} et {}",
                    task(first.as_str(), frame.language()),
                    frame.count(rest.len() as u64, ["other task", "other tasks"], ["autre tâche", "autres tâches"])
                )
            }
        };
        Row {
            selected: false,
            cells: vec![
                html! {
                    (kind(each, Some(words::endings::short(problem.reason, frame.language())), frame.language()))
                    small { (each.word(frame.language())) ". " (tasks) }
                },
                html! { (frame.number(problem.calls)) },
                html! {
                    (zone.when(problem.last, model.frame.now))
                    small { (frame.t("from ", "dès ")) (zone.when(problem.first, model.frame.now)) }
                },
            ],
        }
    });
    let body = if model.detail.problems.is_empty() {
        html! { p.pad.soft { (frame.t("No call failed in the last seven days.", "Aucun appel en échec dans les sept derniers jours.")) } }
    } else {
        table(&Table {
            caption: frame
                .t(
                    "Failed calls of seven days by reason",
                    "Appels en échec de sept jours, par raison",
                )
                .to_owned(),
            class: "",
            cols: vec![
                col(frame.t("Problem", "Problème"), "", ""),
                col(frame.t("Calls", "Appels"), frame.t("Calls", "Appels"), "num"),
                col(
                    frame.t("Last seen, to the hour", "Vu en dernier, à l’heure près"),
                    frame.t("Last seen", "Vu en dernier"),
                    "num",
                ),
            ],
            rows: rows.collect(),
        })
    };
    card("h-problems", frame.t("Problems, last 7 days", "Problèmes, 7 derniers jours"), None, &body)
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
    card("h-why", model.frame.t("Why we think so", "Pourquoi nous le pensons"), None, &body)
}

fn comparisons(model: &ClinicView<'_>) -> Vec<(&'static str, String)> {
    let Some(health) = model.health() else { return Vec::new() };
    let Some(trouble) = health.trouble else { return Vec::new() };
    let others: Vec<_> =
        model.reading.clinics.iter().filter(|c| c.facts.clinic != health.clinic).collect();
    let frame = model.frame;
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
            said!(
                frame.language(),
                "{} made {} in the last hour: {} worked.",
                "{} ont fait {} dans la dernière heure : {} réussis.",
                frame.count(
                    calling,
                    ["other clinic", "other clinics"],
                    ["autre clinique", "autres cliniques"]
                ),
                frame.count(hour.ended(), ["call", "calls"], ["appel", "appels"]),
                frame.share(hour.worked(), hour.ended())
            ),
        ));
    }
    let failing = model.detail.tasks.iter().filter(|t| t.recent.failed() > 0).count();
    let used = model.detail.tasks.iter().filter(|t| t.recent.ended() > 0).count();
    if used > 0 && trouble != Trouble::GoneSilent {
        let said = match (failing, used) {
            (1, 1) => frame
                .t("The one task in use here fails.", "La seule tâche utilisée ici échoue.")
                .to_owned(),
            (all, of) if all == of => {
                frame.t("Every task fails here.", "Toutes les tâches échouent ici.").to_owned()
            }
            (some, of) => said!(
                frame.language(),
                "{some} of {of} tasks in use fail here.",
                "{some} tâches utilisées ici sur {of} échouent."
            ),
        };
        lines.push(("ok", said));
    }
    if health.calls > 0 && health.failed == health.calls {
        lines.push((
            "ok",
            frame
                .t(
                    "It began at one moment; nothing has worked since.",
                    "Cela a commencé d’un coup; rien n’a fonctionné depuis.",
                )
                .to_owned(),
        ));
    }
    let ours = model.verdict.lanes[0].1;
    if ours == State::Working {
        lines.push((
            "ok",
            frame
                .t(
                    "Our service works and passes the calls on.",
                    "Notre service fonctionne et transmet les appels.",
                )
                .to_owned(),
        ));
    }
    lines
}

/// How the clinic is connected.
pub(super) fn connection(model: &ClinicView<'_>) -> Markup {
    let frame = model.frame;
    let (zone, now) = (model.zone(), frame.now);
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
        .map(|(context, calls)| {
            format!("{} ({})", sign_in(*context, frame.language()), frame.number(*calls))
        })
        .collect();
    let list = |items: String| {
        if items.is_empty() {
            dash(frame)
        } else {
            html! { (items) }
        }
    };
    let own = crate::ops::words::times::Zone::of(&model.clinic.time_zone);
    let rows = [
        (frame.t("Id", "Identifiant"), html! { code { (model.clinic.id) } }),
        (frame.t("Environment", "Environnement"), html! { (environment(model)) }),
        (frame.t("Apps", "Applications"), list(apps.join(", "))),
        (frame.t("Sign-in types, 24 h", "Types de connexion, 24 h"), list(contexts.join(", "))),
        (
            frame.t("First call", "Premier appel"),
            model.detail.first_call.map_or_else(|| dash(frame), |at| when(at, &zone, now)),
        ),
        (frame.t("Clock", "Horloge"), html! { (own.city()) ", " (own.offset(now)) }),
    ];
    card("h-connection", frame.t("Connection", "Liaison"), None, &html! { div.pad { (kv(&rows)) } })
}

fn environment(model: &ClinicView<'_>) -> &'static str {
    use crate::domain::labels::Environment;
    match model.frame.environment {
        Environment::Sandbox => model.frame.t("Sandbox", "Bac à sable"),
        Environment::Production => "Production",
    }
}
