//! The three lanes of Now: our service, Accuro, the clinics' connections.
//!
//! Owns their bars and why each is in its state. How they are drawn is `components::lanes`'s.

use crate::domain::health::{Lane, Owner, State, Tally, Trouble, Verdict};
use crate::domain::labels::Category;
use crate::domain::registry::Registry;
use crate::ops::components::kind::Kind;
use crate::ops::components::lanes::LaneRow;
use crate::ops::components::shell::Frame;
use crate::ops::components::strip::Cell;
use crate::ops::reading::Reading;
use crate::ops::words;
use crate::ops::words::language::said;

/// The three lanes of a reading.
pub(super) fn lanes(
    verdict: &Verdict,
    reading: &Reading,
    registry: &Registry,
    frame: &Frame,
) -> [LaneRow; 3] {
    let hours = reading.hours();
    let bars = |part: &dyn Fn(usize, &Tally) -> (u64, Kind)| -> Vec<Cell> {
        let bar = |(index, tally): (usize, &Tally)| {
            let (failed, kind) = part(index, tally);
            Cell::of_part(failed, kind, reading.recorded(index, tally))
        };
        hours.iter().enumerate().map(bar).collect()
    };
    let ours = bars(&|_, tally| (tally.ours(), Kind::Policy));
    let accuro = bars(&|_, tally| (tally.of(Category::Transient), Kind::NoAnswer));
    let connections =
        hours.iter().enumerate().map(|(index, all)| worst_clinic(reading, index, all)).collect();
    let mut cells = [ours, accuro, connections];
    for lane in &mut cells {
        lane.extend(reading.gap_until_now());
    }
    let names = [
        frame.t("Our service", "Notre service"),
        "Accuro",
        frame.t("Clinic connections", "Liaisons des cliniques"),
    ];
    let mut rows = verdict.lanes.into_iter().zip(names).zip(cells).map(
        |(((lane, state, trouble), name), cells)| LaneRow {
            name,
            state,
            kind: kind_of(lane, trouble, verdict),
            label: said!(
                frame.language(),
                "{name}, last 24 hours: {}",
                "{name}, dernières 24 heures : {}",
                words_of(&cells, frame)
            ),
            cells,
            why: why(lane, state, verdict, reading, registry, frame),
        },
    );
    std::array::from_fn(|_| rows.next().unwrap_or_else(|| unreachable!("three lanes")))
}

/// The bar of the clinic that did worst in an hour, so that one refused clinic of a hundred shows.
fn worst_clinic(reading: &Reading, index: usize, all: &Tally) -> Cell {
    let mut worst = Cell::of_part(0, Kind::Ok, reading.recorded(index, all));
    for tally in reading.clinics.iter().filter_map(|c| c.hours.get(index)) {
        let refused = Cell::of_part(tally.of(Category::Auth), Kind::Access, Some(tally));
        if let (Cell::Calls { level, .. }, Cell::Calls { level: before, .. }) = (refused, worst)
            && level > before
        {
            worst = refused;
        }
    }
    worst
}

fn kind_of(lane: Lane, trouble: Option<Trouble>, verdict: &Verdict) -> Option<Kind> {
    match lane {
        Lane::OurService => trouble.map(|_| Kind::Policy),
        Lane::Accuro => trouble.map(|_| Kind::NoAnswer),
        Lane::Clinics => trouble.and_then(|trouble| {
            let worst = verdict.clinics.iter().find(|c| c.trouble == Some(trouble))?;
            worst.category.map(Kind::of_category)
        }),
    }
}

fn words_of(cells: &[Cell], frame: &Frame) -> String {
    let failing = |cell: &&Cell| matches!(cell, Cell::Calls { level, .. } if *level > 0);
    match (cells.iter().filter(failing).count(), cells.contains(&Cell::Gap)) {
        (0, false) => frame.t("no failures", "aucun échec").to_owned(),
        (0, true) => frame
            .t(
                "no failures in the hours that were recorded",
                "aucun échec dans les heures enregistrées",
            )
            .to_owned(),
        (hours, _) => said!(
            frame.language(),
            "failures in {}",
            "échecs dans {}",
            frame.count(hours as u64, ["hour", "hours"], ["heure", "heures"])
        ),
    }
}

fn why(
    lane: Lane,
    state: State,
    verdict: &Verdict,
    reading: &Reading,
    registry: &Registry,
    frame: &Frame,
) -> String {
    if state == State::NotKnown {
        return match reading.recorded_until {
            Some(until) => said!(
                frame.language(),
                "Last known at {}. Dashed means that we did not record.",
                "Dernier état connu à {}. Les tirets : nous n’enregistrions pas.",
                frame.home.when(until, frame.now)
            ),
            None => {
                frame.t("Nothing was ever recorded.", "Rien n’a jamais été enregistré.").to_owned()
            }
        };
    }
    let hour = reading.last_hour();
    match lane {
        Lane::OurService => our_service(&hour, frame),
        Lane::Accuro => match verdict
            .trouble
            .filter(|_| verdict.owner == Owner::Accuro && state != State::Working)
        {
            Some(trouble) => format!("{}.", words::health::trouble(trouble, frame.language())),
            None => said!(
                frame.language(),
                "{} of {} got no answer in the last hour.",
                "Dans la dernière heure, {} sur {} sans réponse.",
                frame.number(hour.of(Category::Transient)),
                frame.count(hour.ended(), ["call", "calls"], ["appel", "appels"])
            ),
        },
        Lane::Clinics => connections(verdict, registry, frame),
    }
}

/// Failures of our own, and apart from them what our rules stopped, which they are there for.
fn our_service(hour: &Tally, frame: &Frame) -> String {
    let mut words = said!(
        frame.language(),
        "{} of {} failed because of us in the last hour.",
        "Dans la dernière heure, {} sur {} en échec à cause de nous.",
        frame.number(hour.ours()),
        frame.count(hour.ended(), ["call", "calls"], ["appel", "appels"])
    );
    if hour.stopped() > 0 {
        words.push(' ');
        words.push_str(&said!(
            frame.language(),
            "Our rules stopped {}.",
            "Nos règles en ont arrêté {}.",
            frame.number(hour.stopped())
        ));
    }
    words
}

fn connections(verdict: &Verdict, registry: &Registry, frame: &Frame) -> String {
    let words = [
        (State::Failing, ["failing"; 2], ["en panne"; 2]),
        (State::SomeFailures, ["with some failures"; 2], ["avec quelques échecs"; 2]),
        (State::Silent, ["silent"; 2], ["muette", "muettes"]),
        (State::Quiet, ["quiet"; 2], ["calme", "calmes"]),
        (State::NotStarted, ["not started"; 2], ["pas commencé"; 2]),
    ];
    let mut parts = Vec::new();
    for (state, english, french) in words {
        let mut of = verdict.clinics.iter().filter(|c| c.state == state);
        match (of.next(), of.count()) {
            (None, _) => {}
            (Some(only), 0) => {
                let name = registry
                    .clinic(&only.clinic)
                    .map_or(frame.t("a clinic", "une clinique"), |c| c.name.as_str());
                parts.push(format!("{} ({name})", frame.count(1, english, french)));
            }
            (Some(_), more) => parts.push(frame.count(more as u64 + 1, english, french)),
        }
    }
    let working = verdict.clinics.iter().filter(|c| c.state == State::Working).count();
    if parts.is_empty() {
        return said!(
            frame.language(),
            "All {working} are working.",
            "Toutes fonctionnent, soit {working}."
        );
    }
    said!(
        frame.language(),
        "{}. The other {working} work.",
        "{}. Autres qui fonctionnent : {working}.",
        parts.join(", ")
    )
}
