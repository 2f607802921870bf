//! One clinic, drawn.
//!
//! Owns the order of the page and its verdict card.

use maud::{Markup, html};

use super::{Detail, cards};
use crate::domain::health::{ClinicHealth, State, Trouble, Verdict};
use crate::domain::registry::{Clinic, Registry};
use crate::ops::access::policy::Permission;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::copy_link;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::verdict::{Action, Fact, VerdictCard, fact, verdict};
use crate::ops::pages::{clinic_rows::state_badge, runbooks};
use crate::ops::reading::{ClinicReading, Reading};
use crate::ops::words::language::said;
use crate::ops::words::times::{Zone, named_in};
use crate::ops::words::{self, sentences};

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
    let state = model.health().map_or(model.frame.t("Not known", "État inconnu"), |health| {
        words::health::state(health.state, model.frame.language())
    });
    let title = format!("{state}. {}", model.clinic.name);
    Page { room: Some(Room::Clinics), title, live: true, body }
}

fn head(model: &ClinicView<'_>) -> Markup {
    let (clinic, frame, now) = (model.clinic, model.frame, model.frame.now);
    let own = Zone::of(&clinic.time_zone).in_language(frame.language());
    let phase = words::health::phase(clinic.phase, frame.language());
    html! {
        div.pagehead {
            div {
                ol.crumb { li { a href="/clinics" { (frame.t("Clinics", "Cliniques")) } } li { (clinic.name) } }
                p.h-sub { (clinic.name) }
                p.soft.small {
                    (frame.t("It is ", "Il est ")) (own.clock(now)) (frame.t(" there, ", " là-bas, ")) (own.label) ". " (phase)
                    @if let Some(day) = clinic.went_live { (frame.t(" since ", " depuis ")) (named_in(&day.strftime("%a %-d %b %Y").to_string(), frame.language())) }
                    "."
                }
                @if let Some(into) = model.registry.part_of(&clinic.id, now).and_then(|id| model.registry.clinic(id)) {
                    p { (frame.t("It is part of ", "Elle fait partie de ")) a href={ "/clinics/" (into.id) } { (into.name) } (frame.t(" now; what still calls under its old id is shown here.", " désormais; ce qui appelle encore sous son ancien nom figure ici.")) }
                }
            }
            div.actions {
                @if frame.may(Permission::Diagnoses) {
                    a.btn href="/find" { (frame.t("Diagnose a ticket", "Diagnostiquer un billet")) }
                }
                (copy_link(frame))
            }
        }
    }
}

fn card(model: &ClinicView<'_>, health: &ClinicHealth) -> VerdictCard {
    let (zone, frame) = (model.zone(), model.frame);
    let kind_of = health.category.map(Kind::of_category);
    VerdictCard {
        label: frame.t("State of this clinic", "État de cette clinique"),
        kind: match (health.state, kind_of) {
            (State::Working, _) => Kind::Ok,
            (_, Some(kind)) => kind,
            (_, None) => Kind::GivenUp,
        },
        badge: Some(state_badge(health, frame)),
        sentence: sentence(model, health),
        facts: match health.trouble {
            Some(trouble) => trouble_facts(model, health, trouble, &zone),
            None => calm_facts(model, health, &zone),
        },
        // The row is there in calm times, too, so that nothing moves when trouble comes.
        actions: actions(model, health),
        also: None,
    }
}

fn sentence(model: &ClinicView<'_>, health: &ClinicHealth) -> String {
    let frame = model.frame;
    match (health.trouble, health.state) {
        (Some(trouble), _) => {
            sentences::of_one(trouble, health, &model.clinic.name, frame.language())
        }
        (None, State::Working) => {
            frame.t("Everything works here.", "Tout fonctionne ici.").to_owned()
        }
        (None, State::NotKnown) => frame
            .t(
                "We don’t know: no calls are being recorded.",
                "Nous ne savons pas : aucun appel n’est enregistré.",
            )
            .to_owned(),
        (None, State::NotStarted) => frame
            .t(
                "No call has ever come from this clinic.",
                "Aucun appel n’est jamais venu de cette clinique.",
            )
            .to_owned(),
        (None, _) => frame
            .t(
                "No calls right now, and none are expected.",
                "Aucun appel en ce moment, et aucun n’est attendu.",
            )
            .to_owned(),
    }
}

fn trouble_facts(
    model: &ClinicView<'_>,
    health: &ClinicHealth,
    trouble: Trouble,
    zone: &Zone,
) -> Vec<Fact> {
    let (frame, now) = (model.frame, model.frame.now);
    let last_worked = model.detail.tasks.iter().filter_map(|task| task.last_worked).max();
    let since = match health.since {
        Some(since) => Fact {
            label: frame.t("Since", "Depuis"),
            value: html! { (zone.when(since, now)) ", " (frame.ago(since)) },
            small: Some(if let Some(last) = last_worked {
                html! { (frame.t("Last call that worked ", "Dernier appel réussi ")) (zone.when(last, now)) }
            } else {
                html! { (zone.label) }
            }),
        },
        None => fact(frame.t("Since", "Depuis"), frame.t("Not known", "Inconnu"), None),
    };
    let (owner, not) = words::health::owner(trouble.owner(), frame.language());
    let staff = model.figures().map_or(0, |figures| figures.staff_today);
    let calls = frame.count(health.calls, ["call", "calls"], ["appel", "appels"]);
    let failed = if matches!(trouble, Trouble::AccuroSlow | Trouble::ClinicSlow) {
        said!(frame.language(), "{calls} since then", "{calls} depuis")
    } else {
        said!(
            frame.language(),
            "{} of {calls} failed",
            "{} sur {calls} en échec",
            frame.number(health.failed)
        )
    };
    vec![
        Fact {
            label: frame.t("What is wrong", "Ce qui ne va pas"),
            value: html! { (words::health::trouble(trouble, frame.language())) },
            small: health.category.map(|category| {
                html! {
                    (kind(Kind::of_category(category), None, frame.language()))
                    @if let Some(operation) = &health.operation {
                        ", " (words::tasks::task(operation.as_str(), frame.language()).to_lowercase()) (frame.t(" only", " seulement"))
                    }
                }
            }),
        },
        since,
        fact(
            frame.t("Who it affects", "Qui est touché"),
            &failed,
            Some(&said!(frame.language(), "Staff today: {}", "Personnel aujourd’hui : {}", frame.staff(staff))),
        ),
        fact(frame.t("Whose to fix", "À qui de réparer"), owner, Some(not)),
    ]
}

fn calm_facts(model: &ClinicView<'_>, health: &ClinicHealth, zone: &Zone) -> Vec<Fact> {
    let frame = model.frame;
    let hour = model.figures().map(|f| f.last_hour(model.reading.now)).unwrap_or_default();
    let staff = model.figures().map_or(0, |figures| figures.staff_today);
    let last = match health.last_call {
        Some(last) => {
            format!("{}, {}", zone.when(last, model.frame.now), frame.ago(last))
        }
        None => frame.t("Never", "Jamais").to_owned(),
    };
    vec![
        fact(
            frame.t("Worked, last hour", "Réussis, dernière heure"),
            &frame.share(hour.worked(), hour.ended()),
            Some(&said!(
                frame.language(),
                "{} of {} failed",
                "{} sur {} en échec",
                frame.number(hour.failed()),
                frame.count(hour.ended(), ["call", "calls"], ["appel", "appels"])
            )),
        ),
        fact(
            frame.t("Staff today", "Personnel aujourd’hui"),
            &frame.staff(staff),
            Some(frame.t("Who made at least one call", "Qui a fait au moins un appel")),
        ),
        fact(frame.t("Last call", "Dernier appel"), &last, Some(&zone.label)),
        fact(
            frame.t("Whose to fix", "À qui de réparer"),
            frame.t("Nobody’s", "À personne"),
            Some(frame.t("There is nothing to fix.", "Il n’y a rien à réparer.")),
        ),
    ]
}

fn actions(model: &ClinicView<'_>, health: &ClinicHealth) -> Vec<Action> {
    let frame = model.frame;
    let mut actions = Vec::new();
    let runbook = health.trouble.and_then(|of| runbooks::address(words::health::runbook(of)));
    if let Some(href) = runbook {
        actions.push(Action {
            label: frame.t("What to do", "Que faire").to_owned(),
            href,
            primary: true,
        });
    }
    if health.trouble.is_some() && frame.may(Permission::Calls) {
        let category = health.category.map_or_else(String::new, |c| format!("&category={c}"));
        let href = format!("/calls?clinic={}&outcome=failed{category}", model.clinic.id);
        let primary = actions.is_empty();
        actions.push(Action {
            label: frame.t("See the failed calls", "Voir les appels en échec").to_owned(),
            href,
            primary,
        });
    }
    let all = if frame.may(Permission::Calls) {
        (frame.t("See its calls", "Voir ses appels"), format!("/calls?clinic={}", model.clinic.id))
    } else {
        (frame.t("How it is used", "Son utilisation"), format!("/adoption/{}", model.clinic.id))
    };
    actions.push(Action { label: all.0.to_owned(), href: all.1, primary: false });
    actions
}
