//! One clinic, drawn.
//!
//! Owns the order of the page and its verdict card.

use maud::{Markup, html};

use super::{Detail, cards};
use crate::domain::health::{ClinicHealth, State, Trouble, Verdict, say};
use crate::domain::registry::{Clinic, Registry};
use crate::ops::access::policy::Permission;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::copy_link;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::verdict::{Action, Fact, VerdictCard, fact, verdict};
use crate::ops::pages::{clinic_rows::state_badge, runbooks};
use crate::ops::reading::{ClinicReading, Reading};
use crate::ops::words;
use crate::ops::words::numbers::{count, counted, share};
use crate::ops::words::times::{Zone, ago};

/// All that the page is drawn from.
pub(crate) struct ClinicView<'v> {
    /// The clinic.
    pub(crate) clinic: &'v Clinic,
    /// Every clinic's figures, to compare with.
    pub(crate) reading: &'v Reading,
    /// The judged reading.
    pub(crate) verdict: &'v Verdict,
    /// This clinic's own figures.
    pub(crate) detail: &'v Detail,
    /// The registry.
    pub(crate) registry: &'v Registry,
    /// The frame.
    pub(crate) frame: &'v Frame,
}

impl ClinicView<'_> {
    pub(super) fn zone(&self) -> Zone {
        self.frame.zone(&self.clinic.time_zone)
    }

    pub(super) fn health(&self) -> Option<&ClinicHealth> {
        self.verdict.clinics.iter().find(|c| c.clinic == self.clinic.id)
    }

    pub(super) fn figures(&self) -> Option<&ClinicReading> {
        self.reading.clinic(&self.clinic.id)
    }
}

/// The page.
pub(crate) fn view(model: &ClinicView<'_>) -> Page {
    let card = model.health().map(|health| card(model, health));
    let body = html! {
        (head(model))
        @if let Some(card) = &card { div data-part="verdict" { (verdict(card)) } }
        @else { h1 { (model.clinic.name) } }
        div data-part="day" { (cards::day(model)) }
        div.g2.wide {
            div.stack.gap5 {
                div data-part="tasks" { (cards::tasks(model)) }
                div data-part="problems" { (cards::problems(model)) }
            }
            div.stack.gap5 {
                (cards::why(model))
                (cards::connection(model))
            }
        }
    };
    let state = model.health().map_or("Not known", |health| words::health::state(health.state));
    let title = format!("{state}. {}", model.clinic.name);
    Page { room: Some(Room::Clinics), title, live: true, body }
}

fn head(model: &ClinicView<'_>) -> Markup {
    let (clinic, now) = (model.clinic, model.frame.now);
    let own = Zone::of(&clinic.time_zone);
    let phase = words::health::phase(clinic.phase, model.frame.preferences.language);
    html! {
        div.pagehead {
            div {
                ol.crumb { li { a href="/clinics" { "Clinics" } } li { (clinic.name) } }
                p.h-sub { (clinic.name) }
                p.soft.small {
                    "It is " (own.clock(now)) " there, " (own.label) ". " (phase)
                    @if let Some(day) = clinic.went_live { " since " (day.strftime("%a %-d %b %Y")) }
                    "."
                }
            }
            div.actions {
                @if model.frame.may(Permission::Calls) {
                    a.btn href={ "/calls?clinic=" (clinic.id) } { "See its calls" }
                }
                (copy_link())
            }
        }
    }
}

fn card(model: &ClinicView<'_>, health: &ClinicHealth) -> VerdictCard {
    let zone = model.zone();
    let kind_of = health.category.map(Kind::of_category);
    VerdictCard {
        label: "State of this clinic",
        kind: match (health.state, kind_of) {
            (State::Working, _) => Kind::Ok,
            (_, Some(kind)) => kind,
            (_, None) => Kind::GivenUp,
        },
        badge: Some(state_badge(health, model.frame.now)),
        sentence: sentence(model, health),
        facts: match health.trouble {
            Some(trouble) => trouble_facts(model, health, trouble, &zone),
            None => calm_facts(model, health, &zone),
        },
        actions: health.trouble.map_or_else(Vec::new, |trouble| actions(model, health, trouble)),
        also: None,
    }
}

fn sentence(model: &ClinicView<'_>, health: &ClinicHealth) -> String {
    match (health.trouble, health.state) {
        (Some(trouble), _) => say::of_one(trouble, health, &model.clinic.name),
        (None, State::Working) => "Everything works here.".to_owned(),
        (None, State::NotKnown) => "We don’t know: no calls are being recorded.".to_owned(),
        (None, State::NotStarted) => "No call has ever come from this clinic.".to_owned(),
        (None, _) => "No calls right now, and none are expected.".to_owned(),
    }
}

fn trouble_facts(
    model: &ClinicView<'_>,
    health: &ClinicHealth,
    trouble: Trouble,
    zone: &Zone,
) -> Vec<Fact> {
    let now = model.frame.now;
    let last_worked = model.detail.tasks.iter().filter_map(|task| task.last_worked).max();
    let since = match health.since {
        Some(since) => Fact {
            label: "Since",
            value: html! { (zone.when(since, now)) ", " (ago(since, now)) },
            small: Some(if let Some(last) = last_worked {
                html! { "Last call that worked " (zone.when(last, now)) }
            } else {
                html! { (zone.label) }
            }),
        },
        None => fact("Since", "Not known", None),
    };
    let (owner, not) = words::health::owner(trouble.owner());
    let staff = model.figures().map_or(0, |figures| figures.staff_today);
    let calls = counted(health.calls, "call", "calls");
    let failed = if matches!(trouble, Trouble::AccuroSlow | Trouble::ClinicSlow) {
        format!("{calls} since then")
    } else {
        format!("{} of {calls} failed", count(health.failed))
    };
    vec![
        Fact {
            label: "What is wrong",
            value: html! { (words::health::trouble(trouble)) },
            small: health.category.map(|category| {
                html! {
                    (kind(Kind::of_category(category), None))
                    @if let Some(operation) = &health.operation {
                        ", " (words::tasks::task(operation.as_str()).to_lowercase()) " only"
                    }
                }
            }),
        },
        since,
        fact(
            "Who it affects",
            &failed,
            Some(&format!("{} today", counted(staff, "person", "people"))),
        ),
        fact("Whose to fix", owner, Some(not)),
    ]
}

fn calm_facts(model: &ClinicView<'_>, health: &ClinicHealth, zone: &Zone) -> Vec<Fact> {
    let hour = model.figures().map(|f| f.last_hour(model.reading.now)).unwrap_or_default();
    let staff = model.figures().map_or(0, |figures| figures.staff_today);
    let last = match health.last_call {
        Some(last) => {
            format!("{}, {}", zone.when(last, model.frame.now), ago(last, model.frame.now))
        }
        None => "Never".to_owned(),
    };
    vec![
        fact(
            "Worked, last hour",
            &share(hour.worked(), hour.ended()),
            Some(&format!(
                "{} of {} failed",
                count(hour.failed()),
                counted(hour.ended(), "call", "calls")
            )),
        ),
        fact("Staff today", &count(staff), Some("Who made at least one call")),
        fact("Last call", &last, Some(&zone.label)),
        fact("Whose to fix", "Nobody’s", Some("There is nothing to fix.")),
    ]
}

fn actions(model: &ClinicView<'_>, health: &ClinicHealth, trouble: Trouble) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(href) = runbooks::address(words::health::runbook(trouble)) {
        actions.push(Action { label: "What to do".to_owned(), href, primary: true });
    }
    if model.frame.may(Permission::Calls) {
        let category = health.category.map_or_else(String::new, |c| format!("&category={c}"));
        let href = format!("/calls?clinic={}&outcome=failed{category}", model.clinic.id);
        let primary = actions.is_empty();
        actions.push(Action { label: "See the failed calls".to_owned(), href, primary });
    }
    actions
}
