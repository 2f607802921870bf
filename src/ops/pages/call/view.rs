//! One call, drawn.
//!
//! Owns the order of the page: what happened, what it means, how it compares, the facts.

use maud::{Markup, html};

use super::{CallModel, facts};
use crate::domain::event::Exchange;
use crate::domain::health::Tally;
use crate::domain::labels::Outcome;
use crate::domain::registry::Registry;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::{card, copy_link, copyable, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::components::verdict::{Fact, VerdictCard, fact, verdict};
use crate::ops::pages::calls::view::calls_table;
use crate::ops::words;
use crate::ops::words::endings::{Explanation, explain};
use crate::ops::words::numbers::{count, share, took};
use crate::ops::words::tasks::task;
use crate::ops::words::times::{Zone, ago};

/// The page.
pub(crate) fn view(model: &CallModel, registry: &Registry, frame: &Frame) -> Page {
    let call = &model.call;
    let clinic = call.clinic.as_ref().and_then(|id| registry.clinic(id));
    let zone = clinic.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone));
    let explained = explain(call);
    let card_model = card_of(call, &explained, clinic.map(|c| c.name.as_str()), &zone, frame);
    let body = html! {
        (head(model, clinic))
        (verdict(&card_model))
        div.g2 {
            div.stack.gap5 {
                (meaning(&explained))
                (compared(model))
            }
            div.stack.gap5 {
                (last_worked(model, &zone, frame))
                (facts::waterfall(call))
            }
        }
        (around(model, registry, &zone, frame))
        div.g2.even {
            (facts::request(call))
            (facts::answer(call))
        }
        (facts::not_kept())
    };
    let title = format!("{}. {}", Kind::of(call.ending).word(), task(call.operation.as_str()));
    Page { room: Some(Room::Calls), title, live: false, body }
}

fn head(model: &CallModel, clinic: Option<&crate::domain::registry::Clinic>) -> Markup {
    let back = clinic.map(|clinic| format!("/calls?clinic={}", clinic.id));
    html! {
        div.pagehead {
            div {
                ol.crumb {
                    li { a href="/calls" { "Calls" } }
                    @if let (Some(clinic), Some(back)) = (clinic, back) { li { a href=(back) { (clinic.name) } } }
                    li { (model.call.support_code) }
                }
                p.h-sub { (copyable(&model.call.support_code.to_string(), "the support code")) }
            }
            div.actions {
                form action="/find" method="post" {
                    input type="hidden" name="q" value=(model.call.id);
                    button.btn.primary type="submit" { "Why?" }
                }
                @if let Some(call) = model.before.last() {
                    a.btn href={ "/calls/" (call.id) } data-key="[" { "Call before" }
                }
                @if let Some(call) = model.after.first() {
                    a.btn href={ "/calls/" (call.id) } data-key="]" { "Call after" }
                }
                (copy_link())
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
    let (owner, not) = words::health::owner(explained.owner);
    let reason = call.ending.reason().map(words::endings::short);
    VerdictCard {
        label: "What happened",
        kind: Kind::of(call.ending),
        badge: None,
        sentence: explained.happened.clone(),
        facts: vec![
            Fact {
                label: "Result",
                value: html! { (kind(Kind::of(call.ending), None)) },
                small: Some(
                    html! { (reason.unwrap_or("The answer was passed on")) ". Status " (call.status) },
                ),
            },
            Fact {
                label: "When",
                value: html! { (zone.when(call.ts, frame.now)) ", " (ago(call.ts, frame.now)) },
                small: Some(
                    html! { (when(call.ts, &Zone::utc(), frame.now)) " UTC. " (zone.label) },
                ),
            },
            fact(
                "Where",
                clinic.unwrap_or("The clinic is not known"),
                Some(&format!(
                    "{}, took {}",
                    words::tasks::sign_in(call.context),
                    took(call.duration_us)
                )),
            ),
            fact("Whose move it is", owner, Some(not)),
        ],
        actions: Vec::new(),
        also: None,
    }
}

fn meaning(explained: &Explanation) -> Markup {
    let body = html! {
        div.pad.stack {
            p { (explained.means) }
            h3 { "What to tell the person who asked" }
            div.msghead {
                p.msg { (explained.tell) }
                button.btn type="button" data-copy=(explained.tell) hidden { "Copy" span.vh { " the message" } }
            }
        }
    };
    card("h-means", "What it means", None, &body)
}

/// The same task here and elsewhere.
fn compared(model: &CallModel) -> Markup {
    let row = |name: &str, sub: &str, tally: &Tally| {
        let tells = tells(tally);
        Row {
            selected: false,
            cells: vec![
                html! { (name) small { (sub) } },
                html! {
                    @if tally.ended() == 0 { span.muted { "No calls" } }
                    @else { (count(tally.worked())) " of " (count(tally.ended())) " worked" }
                },
                html! { (share(tally.worked(), tally.ended())) },
                html! { (tells) },
            ],
        }
    };
    let clinic = "Same task, the hour around this call";
    let body = table(&Table {
        caption: "The same task at this clinic and at the others".to_owned(),
        class: "",
        cols: vec![
            col("Compared with", "", ""),
            col("We saw", "We saw", ""),
            col("Worked", "Worked", "num opt"),
            col("Tells us", "Tells us", ""),
        ],
        rows: vec![
            row("This clinic", clinic, &model.here),
            row("Other clinics", clinic, &model.elsewhere),
        ],
    });
    card("h-compared", "This clinic against the rest", None, &body)
}

fn tells(tally: &Tally) -> &'static str {
    match (tally.ended(), tally.failed()) {
        (0, _) => "Nobody else tried, so this tells nothing.",
        (_, 0) => "It works there.",
        (ended, failed) if failed == ended => "It fails for everybody there.",
        (ended, failed) if failed * 4 > ended => "It fails for many there.",
        _ => "It works for nearly everybody there.",
    }
}

fn last_worked(model: &CallModel, zone: &Zone, frame: &Frame) -> Markup {
    let body = html! {
        div.pad {
            dl.kv {
                @for each in &model.worked {
                    dt { (each.same) }
                    dd {
                        @match &each.call {
                            Some(call) => {
                                a href={ "/calls/" (call.id) } { (when(call.ts, zone, frame.now)) }
                                " " span.muted { (if call.ts > model.call.ts { "after this call" } else { "before this call" }) }
                            }
                            None => { (dash()) }
                        }
                    }
                }
            }
        }
    };
    card("h-worked", "Last time it worked", None, &body)
}

fn around(model: &CallModel, registry: &Registry, zone: &Zone, frame: &Frame) -> Markup {
    let mut calls: Vec<Exchange> = model.before.clone();
    calls.push(model.call.clone());
    calls.extend(model.after.iter().cloned());
    let title = if model.call.actor_ref.is_some() {
        "This person’s calls around it"
    } else {
        "The clinic’s calls around it"
    };
    let failed = calls.iter().filter(|call| call.ending.outcome() == Outcome::Failed).count();
    let end = html! { (zone.day(model.call.ts, frame.now)) ", " (zone.label) ". " (failed) " of " (calls.len()) " failed" };
    let body = calls_table(&calls, registry, zone, frame, Some(&model.call));
    card("h-around", title, Some(&end), &body)
}
