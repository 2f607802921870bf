//! One call, drawn.
//!
//! Owns the order of the page: what happened, what it means, how it compares, the facts.

use maud::{Markup, html};

use super::{CallModel, Same, facts};
use crate::domain::event::Exchange;
use crate::domain::health::Tally;
use crate::domain::labels::Outcome;
use crate::domain::registry::Registry;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::{card, copy_link, copyable, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::sprite::icon;
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::components::verdict::{Fact, VerdictCard, fact, verdict};
use crate::ops::pages::calls::view::calls_table;
use crate::ops::words;
use crate::ops::words::endings::{Explanation, explain};
use crate::ops::words::language::said;
use crate::ops::words::tasks::task;
use crate::ops::words::times::Zone;

/// The page.
pub(crate) fn view(model: &CallModel, registry: &Registry, frame: &Frame) -> Page {
    let call = &model.call;
    let clinic = call.clinic.as_ref().and_then(|id| registry.clinic(id));
    let zone = clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone));
    let explained = explain(call, frame.language());
    let card_model = card_of(call, &explained, clinic.map(|c| c.name.as_str()), &zone, frame);
    let body = html! {
        (head(model, clinic, frame))
        (verdict(&card_model))
        div.g2 {
            div.stack.gap5 {
                (meaning(&explained, frame))
                (compared(model, frame))
            }
            div.stack.gap5 {
                (last_worked(model, &zone, frame))
                (facts::waterfall(call, frame))
            }
        }
        (around(model, registry, &zone, frame))
        div.g2.even {
            (facts::request(call, frame))
            (facts::answer(call, frame))
        }
        (facts::not_kept(frame))
    };
    let title = format!(
        "{}. {}",
        Kind::of(call.ending).word(frame.language()),
        task(call.operation.as_str(), frame.language())
    );
    Page { room: Some(Room::Calls), title, live: false, body }
}

fn head(
    model: &CallModel,
    clinic: Option<&crate::domain::registry::Clinic>,
    frame: &Frame,
) -> Markup {
    let back = clinic.map(|clinic| format!("/calls?clinic={}", clinic.id));
    html! {
        div.pagehead {
            div {
                ol.crumb {
                    li { a href="/calls" { (frame.t("Calls", "Appels")) } }
                    @if let (Some(clinic), Some(back)) = (clinic, back) { li { a href=(back) { (clinic.name) } } }
                    li { (model.call.support_code) }
                }
                p.h-sub { (copyable(&model.call.support_code.to_string(), frame.t("the support code", "le code de soutien"), frame)) }
            }
            div.actions {
                form action="/find" method="post" {
                    input type="hidden" name="q" value=(model.call.id);
                    button.btn.primary type="submit" { (frame.t("Why?", "Pourquoi?")) }
                }
                @if let Some(call) = model.before.last() {
                    a.btn href={ "/calls/" (call.id) } data-key="[" { (frame.t("Call before", "Appel d’avant")) }
                }
                @if let Some(call) = model.after.first() {
                    a.btn href={ "/calls/" (call.id) } data-key="]" { (frame.t("Call after", "Appel d’après")) }
                }
                (copy_link(frame))
            }
        }
    }
}

fn card_of(
    call: &Exchange,
    explained: &Explanation,
    clinic: Option<&str>,
    zone: &Zone,
    frame: &Frame,
) -> VerdictCard {
    let (owner, not) = words::health::owner(explained.owner, frame.language());
    let reason = words::endings::short_of(call, frame.language());
    VerdictCard {
        label: frame.t("What happened", "Ce qui s’est passé"),
        kind: Kind::of(call.ending),
        badge: None,
        sentence: explained.happened.clone(),
        facts: vec![
            Fact {
                label: frame.t("Result", "Résultat"),
                value: html! { (kind(Kind::of(call.ending), None, frame.language())) },
                small: Some(
                    html! { (reason.unwrap_or(frame.t("The answer was passed on", "La réponse a été transmise"))) (frame.t(". Status ", ". Code ")) (call.status) },
                ),
            },
            Fact {
                label: frame.t("When", "Quand"),
                value: html! { (zone.when(call.ts, frame.now)) ", " (frame.ago(call.ts)) },
                small: Some(
                    html! { (when(call.ts, &Zone::utc().in_language(frame.language()), frame.now)) " UTC. " (zone.label) },
                ),
            },
            fact(
                frame.t("Where", "Où"),
                clinic.unwrap_or(frame.t("The clinic is not known", "La clinique est inconnue")),
                Some(&said!(
                    frame.language(),
                    "{}, took {}",
                    "{}, durée {}",
                    words::tasks::sign_in(call.context, frame.language()),
                    frame.took(call.duration_us)
                )),
            ),
            fact(frame.t("Whose move it is", "À qui d’agir"), owner, Some(not)),
        ],
        actions: Vec::new(),
        also: None,
    }
}

fn meaning(explained: &Explanation, frame: &Frame) -> Markup {
    let body = html! {
        div.pad.stack {
            p { (explained.means) }
            h3 { (frame.t("What to tell the person who asked", "Que dire à la personne qui a demandé")) }
            div.msghead {
                p.msg { (explained.tell) }
                button.btn type="button" data-copy=(explained.tell) hidden { (icon("copy")) (frame.t("Copy", "Copier")) span.vh { (frame.t(" the message", " le message")) } }
            }
        }
    };
    card("h-means", frame.t("What it means", "Ce que cela veut dire"), None, &body)
}

/// The same task here and elsewhere.
fn compared(model: &CallModel, frame: &Frame) -> Markup {
    let row = |name: &str, sub: &str, tally: &Tally| {
        let tells = tells(tally, frame);
        Row {
            selected: false,
            cells: vec![
                html! { (name) small { (sub) } },
                html! {
                    @if tally.ended() == 0 { span.muted { (frame.t("No calls", "Aucun appel")) } }
                    @else { (frame.number(tally.worked())) (frame.t(" of ", " sur ")) (frame.number(tally.ended())) (frame.t(" worked", " réussis")) }
                },
                html! { (frame.share(tally.worked(), tally.ended())) },
                html! { (tells) },
            ],
        }
    };
    let clinic =
        frame.t("Same task, the hour around this call", "Même tâche, l’heure autour de cet appel");
    let body = table(&Table {
        caption: frame
            .t(
                "The same task at this clinic and at the others",
                "La même tâche à cette clinique et aux autres",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("Compared with", "Comparé à"), "", ""),
            col(frame.t("We saw", "Nous avons vu"), frame.t("We saw", "Nous avons vu"), ""),
            col(frame.t("Worked", "Réussis"), frame.t("Worked", "Réussis"), "num opt"),
            col(frame.t("Tells us", "Cela nous dit"), frame.t("Tells us", "Cela nous dit"), ""),
        ],
        rows: vec![
            row(frame.t("This clinic", "Cette clinique"), clinic, &model.here),
            row(frame.t("Other clinics", "Autres cliniques"), clinic, &model.elsewhere),
        ],
    });
    card(
        "h-compared",
        frame.t("This clinic against the rest", "Cette clinique et les autres"),
        None,
        &body,
    )
}

fn tells(tally: &Tally, frame: &Frame) -> &'static str {
    match (tally.ended(), tally.failed()) {
        (0, _) => frame.t(
            "Nobody else tried, so this tells nothing.",
            "Personne d’autre n’a essayé; cela ne dit donc rien.",
        ),
        (_, 0) => frame.t("It works there.", "Cela fonctionne là."),
        (ended, failed) if failed == ended => {
            frame.t("It fails for everybody there.", "Cela échoue pour tous là.")
        }
        (ended, failed) if failed * 4 > ended => {
            frame.t("It fails for many there.", "Cela échoue pour beaucoup là.")
        }
        _ => {
            frame.t("It works for nearly everybody there.", "Cela fonctionne pour presque tous là.")
        }
    }
}

const fn same(same: Same, frame: &Frame) -> &'static str {
    match same {
        Same::Task => frame.t("Same task, this clinic", "Même tâche, cette clinique"),
        Same::TaskAndPerson => frame.t("Same task, same person", "Même tâche, même personne"),
        Same::Person => frame.t("Anything, same person", "Toute tâche, même personne"),
        Same::Patient => frame.t("Anything, same patient", "Toute tâche, même patient"),
    }
}

fn last_worked(model: &CallModel, zone: &Zone, frame: &Frame) -> Markup {
    let body = html! {
        div.pad {
            dl.kv {
                @for each in &model.worked {
                    dt { (same(each.same, frame)) }
                    dd {
                        @match &each.call {
                            Some(call) => {
                                a href={ "/calls/" (call.id) } { (when(call.ts, zone, frame.now)) }
                                " " span.muted { (if call.ts > model.call.ts { frame.t("after this call", "après cet appel") } else { frame.t("before this call", "avant cet appel") }) }
                            }
                            None => { (dash(frame)) }
                        }
                    }
                }
            }
        }
    };
    card(
        "h-worked",
        frame.t("Last time it worked", "Dernière fois que cela a fonctionné"),
        None,
        &body,
    )
}

fn around(model: &CallModel, registry: &Registry, zone: &Zone, frame: &Frame) -> Markup {
    let mut calls: Vec<Exchange> = model.before.clone();
    calls.push(model.call.clone());
    calls.extend(model.after.iter().cloned());
    let title = if model.call.actor_ref.is_some() {
        frame.t("This person’s calls around it", "Les appels de cette personne autour")
    } else {
        frame.t("The clinic’s calls around it", "Les appels de la clinique autour")
    };
    let failed = calls.iter().filter(|call| call.ending.outcome() == Outcome::Failed).count();
    let end = html! { (zone.day(model.call.ts, frame.now)) ", " (zone.label) ". " (failed) (frame.t(" of ", " sur ")) (calls.len()) (frame.t(" failed", " en échec")) };
    let body = calls_table(&calls, registry, zone, frame, Some(&model.call));
    card("h-around", title, Some(&end), &body)
}
