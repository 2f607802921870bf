//! The verdict card of Now.
//!
//! Owns how a verdict becomes facts: what is wrong, since, whom, whose.

use maud::html;

use crate::domain::health::{Few, State, Trouble, Verdict};
use crate::domain::registry::Registry;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::shell::Frame;
use crate::ops::components::verdict::{Action, Fact, VerdictCard, fact};
use crate::ops::pages::runbooks;
use crate::ops::reading::Reading;
use crate::ops::words::language::{Language, said};
use crate::ops::words::{self, sentences, times::Zone};

/// The verdict of a reading as a card.
pub(crate) fn card(
    verdict: &Verdict,
    reading: &Reading,
    registry: &Registry,
    frame: &Frame,
) -> VerdictCard {
    let name = |id: &_| {
        registry
            .clinic(id)
            .map_or(frame.t("a clinic", "une clinique"), |clinic| clinic.name.as_str())
    };
    let sentence = sentences::sentence(verdict, name, frame.language());
    let facts = match (verdict.trouble, &verdict.few) {
        (None, Some(few)) => few_facts(few, registry, verdict, frame),
        (None, None) => calm_facts(reading, registry, verdict, frame),
        (Some(trouble), _) => trouble_facts(trouble, verdict, registry, frame),
    };
    VerdictCard {
        label: frame.t("What is happening now", "Ce qui se passe maintenant"),
        kind: hue(verdict),
        badge: None,
        sentence,
        facts,
        actions: actions(verdict, frame),
        also: also(verdict, registry, frame),
    }
}

/// The hue of a verdict: the kind of its failures, or none.
pub(crate) fn hue(verdict: &Verdict) -> Kind {
    match (verdict.trouble, verdict.category) {
        (None, _) if verdict.state == State::Working => Kind::Ok,
        (_, Some(category)) => Kind::of_category(category),
        (_, None) => Kind::GivenUp,
    }
}

fn calm_facts(
    reading: &Reading,
    registry: &Registry,
    verdict: &Verdict,
    frame: &Frame,
) -> Vec<Fact> {
    let hour = reading.last_hour();
    let working = verdict.clinics.iter().filter(|c| c.state == State::Working).count();
    let staff = frame.staff_of(reading.clinics.iter().map(|c| c.staff_today));
    vec![
        fact(
            frame.t("Last hour", "Dernière heure"),
            &frame.count(hour.ended(), ["call", "calls"], ["appel", "appels"]),
            Some(&said!(frame.language(), "{} failed", "{} en échec", frame.number(hour.failed()))),
        ),
        fact(
            frame.t("Clinics", "Cliniques"),
            &said!(
                frame.language(),
                "{working} of {} working",
                "{working} sur {} fonctionnent",
                registry.clinics().len()
            ),
            Some(frame.t(
                "The others are quiet or have not started",
                "Les autres sont calmes ou n’ont pas commencé",
            )),
        ),
        fact(
            frame.t("Staff today", "Personnel aujourd’hui"),
            &staff,
            Some(frame.t("Who made at least one call", "Qui a fait au moins un appel")),
        ),
        fact(
            frame.t("Whose to fix", "À qui de réparer"),
            frame.t("Nobody’s", "À personne"),
            Some(frame.t("There is nothing to fix.", "Il n’y a rien à réparer.")),
        ),
    ]
}

/// What is known where it is too little to name a trouble.
fn few_facts(few: &Few, registry: &Registry, verdict: &Verdict, frame: &Frame) -> Vec<Fact> {
    let clinics = registry.clinics().len();
    vec![
        Fact {
            label: frame.t("What is wrong", "Ce qui ne va pas"),
            value: html! { (frame.t("Not known yet", "Pas encore connu")) },
            small: few.category.map(
                |category| html! { (kind(Kind::of_category(category), None, frame.language())) },
            ),
        },
        fact(
            frame.t("Since", "Depuis"),
            frame.t("The last ten minutes", "Les dix dernières minutes"),
            Some(frame.t("The next calls will tell", "Les prochains appels le diront")),
        ),
        fact(
            frame.t("Who it affects", "Qui est touché"),
            &of_all(few.clinics.len(), clinics, frame),
            Some(&said!(
                frame.language(),
                "{} of {} failed",
                "{} sur {} en échec",
                frame.number(few.failed),
                frame.count(few.of, ["call", "calls"], ["appel", "appels"])
            )),
        ),
        fact(
            frame.t("Whose to fix", "À qui de réparer"),
            frame.t("Not known yet", "Pas encore connu"),
            Some(few_else(verdict, frame)),
        ),
    ]
}

/// `1 of 9 clinics`.
fn of_all(clinics: usize, all: usize, frame: &Frame) -> String {
    match frame.language() {
        Language::English => format!("{clinics} of {all} clinics"),
        Language::French if clinics < 2 => format!("{clinics} clinique sur {all}"),
        Language::French => format!("{clinics} cliniques sur {all}"),
    }
}

/// What the other clinics say about few failures at some.
fn few_else(verdict: &Verdict, frame: &Frame) -> &'static str {
    if verdict.clinics.iter().any(|clinic| clinic.state == State::Working) {
        frame.t("Other clinics work", "D’autres cliniques fonctionnent")
    } else {
        frame.t(
            "No other clinic is at work to compare with",
            "Aucune autre clinique n’est active pour comparer",
        )
    }
}

fn trouble_facts(
    trouble: Trouble,
    verdict: &Verdict,
    registry: &Registry,
    frame: &Frame,
) -> Vec<Fact> {
    let zone = clock(verdict, registry, frame);
    let affected = verdict.affected;
    let clinics = registry.clinics().len();
    let who = match affected.actors {
        _ if verdict.touched.is_empty() => frame.t("Not known", "Inconnu").to_owned(),
        Some(actors) => format!(
            "{}, {}",
            of_all(affected.clinics, clinics, frame),
            frame.count(actors, ["person", "people"], ["personne", "personnes"])
        ),
        None => of_all(affected.clinics, clinics, frame),
    };
    let calls = if matches!(trouble, Trouble::AccuroSlow | Trouble::ClinicSlow) {
        said!(
            frame.language(),
            "{} since then",
            "{} depuis",
            frame.count(affected.of_calls, ["call", "calls"], ["appel", "appels"])
        )
    } else {
        let of = frame.count(affected.of_calls, ["call", "calls"], ["appel", "appels"]);
        said!(
            frame.language(),
            "{} of {of} failed",
            "{} sur {of} en échec",
            frame.number(affected.calls)
        )
    };
    let (owner, not) = words::health::owner(verdict.owner, frame.language());
    let every = affected.calls == affected.of_calls && affected.calls > 0;
    vec![
        Fact {
            label: frame.t("What is wrong", "Ce qui ne va pas"),
            value: html! { (words::health::trouble(trouble, frame.language())) },
            small: verdict.category.map(|category| html! {
                (kind(Kind::of_category(category), None, frame.language())) (if every { frame.t(", every call", ", chaque appel") } else { "" })
                @if let Some(sure) = verdict.confidence { ". " (words::health::confidence(sure, frame.language())) }
            }),
        },
        since(verdict, &zone, frame),
        fact(frame.t("Who it affects", "Qui est touché"), &who, (affected.of_calls > 0).then_some(&calls)),
        fact(frame.t("Whose to fix", "À qui de réparer"), owner, Some(not)),
    ]
}

fn since(verdict: &Verdict, zone: &Zone, frame: &Frame) -> Fact {
    let Some(since) = verdict.since else {
        return fact(frame.t("Since", "Depuis"), frame.t("Not known", "Inconnu"), None);
    };
    let utc = Zone::utc();
    let precise = if zone.is_utc() {
        "UTC".to_owned()
    } else {
        format!("{}. {} UTC", zone.label, utc.clock(since))
    };
    fact(
        frame.t("Since", "Depuis"),
        &format!("{}, {}", zone.when(since, frame.now), frame.ago(since)),
        Some(&precise),
    )
}

/// The clock to tell the trouble's beginning by: the clinic's own, if it is one clinic's.
fn clock(verdict: &Verdict, registry: &Registry, frame: &Frame) -> Zone {
    let only = match verdict.touched.as_slice() {
        [only] => verdict.clinics.get(*only).and_then(|c| registry.clinic(&c.clinic)),
        _ => None,
    };
    only.map_or_else(|| frame.home.clone(), |clinic| frame.zone(&clinic.time_zone))
}

fn actions(verdict: &Verdict, frame: &Frame) -> Vec<Action> {
    // The row is there in calm times, too, so that nothing moves when trouble comes.
    let Some(trouble) = verdict.trouble else { return calm_actions(frame) };
    let mut actions = Vec::new();
    if let Some(number) = verdict.incident {
        let href = format!("/incidents/{number}");
        actions.push(Action {
            label: frame.t("Open the incident", "Ouvrir l’incident").to_owned(),
            href,
            primary: true,
        });
    }
    if let [only] = verdict.touched.as_slice() {
        let href = format!("/clinics/{}", verdict.clinics[*only].clinic);
        let primary = actions.is_empty();
        actions.push(Action {
            label: frame.t("Open the clinic", "Ouvrir la clinique").to_owned(),
            href,
            primary,
        });
    }
    if let Some(href) = runbooks::address(words::health::runbook(trouble)) {
        let primary = actions.is_empty();
        actions.push(Action {
            label: frame.t("What to do", "Que faire").to_owned(),
            href,
            primary,
        });
    }
    actions
}

fn calm_actions(frame: &Frame) -> Vec<Action> {
    let door = |english, french, href: &str| Action {
        label: frame.t(english, french).to_owned(),
        href: href.to_owned(),
        primary: false,
    };
    vec![
        door("All clinics", "Toutes les cliniques", "/clinics"),
        door("Past incidents", "Incidents passés", "/incidents"),
    ]
}

fn also(verdict: &Verdict, registry: &Registry, frame: &Frame) -> Option<maud::Markup> {
    let others: Vec<_> = verdict
        .clinics
        .iter()
        .enumerate()
        .filter(|(index, c)| !verdict.touched.contains(index) && c.state <= State::Silent)
        .filter_map(|(_, c)| Some((c, registry.clinic(&c.clinic)?, c.trouble?)))
        .collect();
    let (health, clinic, trouble) = others.first()?;
    Some(html! {
        (frame.t("Also: ", "Aussi : ")) a href={ "/clinics/" (clinic.id) } {
            (sentences::of_one(*trouble, health, &clinic.name, frame.language()).trim_end_matches('.'))
        }
        @if others.len() > 1 { (frame.t(", and ", ", et ")) (frame.count(others.len() as u64 - 1, ["more clinic", "more clinics"], ["autre clinique", "autres cliniques"])) }
    })
}
