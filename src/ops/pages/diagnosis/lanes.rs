//! Who got through when: this person, colleagues, other clinics; and where something changed.
//!
//! Owns the card, its finding, and the same in words.

use maud::{Markup, html};

use super::DiagnosisModel;
use super::answer::time;
use crate::diagnosis::{About, Lane, Picture};
use crate::domain::labels::Category;
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::time::Timestamp;
use crate::ops::components::axis::Tick;
use crate::ops::components::kind::{Kind, glyph, kind};
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::components::swim::{Swim, SwimLane, SwimMark, swim};
use crate::ops::components::table::data_table;
use crate::ops::words::language::said;
use crate::ops::words::tasks::task;
use crate::ops::words::times::Zone;

/// Draws the card; nothing where there were no calls.
pub(super) fn lanes(
    model: &DiagnosisModel,
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
) -> Markup {
    let Some(picture) = &model.picture else { return html! {} };
    if picture.lanes.iter().all(|lane| lane.marks.is_empty()) {
        return html! {};
    }
    let drawn = Swim {
        lanes: named(picture, registry, frame)
            .into_iter()
            .zip(&picture.lanes)
            .map(|((title, sub), lane)| SwimLane { title, sub, marks: marks(lane, picture) })
            .collect(),
        band: band(model, picture),
        ticks: ticks(picture, zone, frame),
    };
    let heads = [
        "",
        frame.t("Calls", "Appels"),
        frame.t("Worked", "Réussis"),
        frame.t("Last worked", "Dernier succès"),
    ];
    let rows: Vec<Vec<String>> = named(picture, registry, frame)
        .into_iter()
        .zip(&picture.lanes)
        .map(|((title, sub), lane)| {
            let last = lane.last_worked.map(Timestamp::from_micros);
            vec![
                format!("{title}, {sub}"),
                frame.number(u64::from(lane.calls)),
                frame.number(u64::from(lane.worked)),
                last.map_or_else(|| "–".to_owned(), |at| zone.when(at, frame.now)),
            ]
        })
        .collect();
    let body = html! {
        div.pad.stack {
            p.small.soft { (summary(picture, zone, frame)) }
            (legend(picture, drawn.band.is_some(), frame))
            (swim(&drawn))
            @if picture.more > 0 {
                p.small.muted { (frame.count(picture.more as u64, ["more", "more"], ["autre", "autres"])) (frame.t(" without a lane.", " sans ligne.")) }
            }
            (data_table(frame.t("Who got through", "Qui a réussi"), &heads, &rows, frame))
        }
    };
    card("h-sw", &finding(model, picture, zone, frame), None, &body)
}

/// Whose each lane is.
fn named(picture: &Picture, registry: &Registry, frame: &Frame) -> Vec<(String, String)> {
    let clinic = |id: &str| {
        let known =
            ClinicId::parse(id).ok().and_then(|id| registry.clinic(&id).map(|c| c.name.clone()));
        known.unwrap_or_else(|| {
            frame.t("A clinic we don’t know", "Une clinique inconnue de nous").to_owned()
        })
    };
    let reference = |name: &str| said!(frame.language(), "Ref {name}", "Réf. {name}");
    let mut letters = 'A'..='Z';
    picture
        .lanes
        .iter()
        .map(|lane| match (picture.about, lane.is_subject) {
            (About::Clinics, true) => {
                (clinic(&lane.name), frame.t("This clinic", "Cette clinique").to_owned())
            }
            (About::Clinics, false) if frame.sees_all() => {
                (clinic(&lane.name), frame.t("Another clinic", "Une autre clinique").to_owned())
            }
            // Which one it is may be none of the reader's business; how it fares is the comparison.
            (About::Clinics, false) => {
                (frame.t("Another clinic", "Une autre clinique").to_owned(), String::new())
            }
            (_, true) => {
                (frame.t("This person", "Cette personne").to_owned(), reference(&lane.name))
            }
            (_, false) => {
                let letter = letters.next().unwrap_or('Z');
                let person = said!(frame.language(), "Person {letter}", "Personne {letter}");
                (person, reference(&lane.name))
            }
        })
        .collect()
}

/// Tenths of a percent from the left.
fn place(at: i64, picture: &Picture) -> u32 {
    let length = i128::from(picture.to - picture.from).max(1);
    let from = i128::from(at - picture.from).clamp(0, length);
    u32::try_from(from * 1_000 / length).unwrap_or(0)
}

fn marks(lane: &Lane, picture: &Picture) -> Vec<SwimMark> {
    let mark = |mark: &crate::diagnosis::Mark| SwimMark {
        kind: kind_of(&mark.kind),
        at: place(mark.at, picture),
        calls: mark.calls,
    };
    lane.marks.iter().map(mark).collect()
}

fn kind_of(text: &str) -> Kind {
    match Category::parse(text) {
        Some(category) => Kind::of_category(category),
        None if text == "ok" => Kind::Ok,
        None => Kind::GivenUp,
    }
}

/// Between the last success and the first failure.
fn band(model: &DiagnosisModel, picture: &Picture) -> Option<(u32, u32)> {
    let from = time(model.answer.worked_until.as_ref())?.micros();
    let to = time(model.answer.since.as_ref())?.micros();
    (to >= from && to >= picture.from).then(|| (place(from, picture), place(to, picture)))
}

/// Four times, evenly.
fn ticks(picture: &Picture, zone: &Zone, frame: &Frame) -> Vec<Tick> {
    let length = picture.to - picture.from;
    let long = length > 36 * 3_600 * 1_000_000;
    (0..4)
        .map(|quarter| {
            let at = Timestamp::from_micros(picture.from + length / 4 * i64::from(quarter));
            let text = if long { zone.day(at, frame.now) } else { zone.when(at, frame.now) };
            (quarter * 250, text)
        })
        .collect()
}

/// What the picture shows, in one line.
fn finding(model: &DiagnosisModel, picture: &Picture, zone: &Zone, frame: &Frame) -> String {
    let subject = picture.lanes.iter().find(|lane| lane.is_subject);
    let others = picture.lanes.iter().filter(|lane| !lane.is_subject);
    let (worked, calls) = others.fold((0, 0), |(w, c), lane| (w + lane.worked, c + lane.calls));
    let only = calls > 0 && worked * 10 >= calls * 9;
    let whom = match picture.about {
        About::Clinics => frame.t("this clinic", "cette clinique"),
        About::Patient | About::Task => frame.t("this person", "cette personne"),
    };
    let only = if only && subject.is_some() {
        said!(frame.language(), ", for {whom} only", ", pour {whom} seulement")
    } else {
        String::new()
    };
    match (time(model.answer.worked_until.as_ref()), time(model.answer.since.as_ref())) {
        (Some(until), _) => said!(
            frame.language(),
            "It worked until {}{only}",
            "Cela a fonctionné jusqu’à {}{only}",
            zone.when(until, frame.now)
        ),
        (None, Some(since)) => said!(
            frame.language(),
            "It has failed since {}{only}",
            "Cela échoue depuis {}{only}",
            zone.when(since, frame.now)
        ),
        (None, None) => frame.t("Who got through, and when", "Qui a réussi, et quand").to_owned(),
    }
}

fn summary(picture: &Picture, zone: &Zone, frame: &Frame) -> String {
    let what = match (picture.about, &picture.operation) {
        (About::Patient, _) => {
            frame.t("Calls about this patient", "Appels sur ce patient").to_owned()
        }
        (_, Some(operation)) => said!(
            frame.language(),
            "Calls of “{}”",
            "Appels « {} »",
            task(operation, frame.language())
        ),
        (_, None) => frame.t("Calls", "Appels").to_owned(),
    };
    let from = Timestamp::from_micros(picture.from);
    let mut text = said!(
        frame.language(),
        "{what} since {}, {}.",
        "{what} depuis {}, {}.",
        zone.when(from, frame.now),
        zone.label
    );
    let (mut people, mut worked, mut calls) = (0u64, 0u64, 0u64);
    for lane in &picture.lanes {
        if lane.is_subject {
            let whom = if picture.about == About::Clinics {
                frame.t("this clinic", "cette clinique")
            } else {
                frame.t("this person", "cette personne")
            };
            let tries = frame.count(u64::from(lane.calls), ["try", "tries"], ["essai", "essais"]);
            text = said!(
                frame.language(),
                "{text} {} of {tries} by {whom} worked.",
                "{text} Pour {whom}, {} sur {tries} réussis.",
                lane.worked
            );
        } else {
            people += 1;
            worked += u64::from(lane.worked);
            calls += u64::from(lane.calls);
        }
    }
    if people > 0 {
        let whom = match (picture.about, picture.lanes.iter().any(|lane| lane.is_subject)) {
            (About::Clinics, _) => frame.count(
                people,
                ["other clinic", "other clinics"],
                ["autre clinique", "autres cliniques"],
            ),
            (_, true) => frame.count(
                people,
                ["other person", "other people"],
                ["autre personne", "autres personnes"],
            ),
            (_, false) => frame.count(people, ["person", "people"], ["personne", "personnes"]),
        };
        let tries = frame.count(calls, ["try", "tries"], ["essai", "essais"]);
        text = said!(
            frame.language(),
            "{text} {} of {tries} by {whom} worked.",
            "{text} Pour {whom}, {} sur {tries} réussis.",
            frame.number(worked)
        );
    } else {
        text.push_str(frame.t(" Nobody else tried.", " Personne d’autre n’a essayé."));
    }
    text
}

fn legend(picture: &Picture, band: bool, frame: &Frame) -> Markup {
    let mut kinds: Vec<Kind> =
        picture.lanes.iter().flat_map(|lane| &lane.marks).map(|mark| kind_of(&mark.kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    html! {
        ul.legend {
            @for each in kinds {
                @if each == Kind::Ok { li.k-ok { (glyph("dot")) span.soft { (frame.t("Worked", "Réussis")) } } }
                @else { li { (kind(each, None, frame.language())) } }
            }
            @if band {
                li {
                    svg.bandkey aria-hidden="true" viewBox="0 0 12 12" { rect.band width="12" height="12" {} }
                    (frame.t("Something changed in here", "Quelque chose a changé ici"))
                }
            }
        }
    }
}
