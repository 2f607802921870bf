//! The verdict card and the lanes of Now.
//!
//! Owns how a verdict becomes facts: what is wrong, since, whom, whose.

use maud::html;

use crate::domain::health::{Few, Lane, Owner, State, Tally, Trouble, Verdict, say};
use crate::domain::labels::Category;
use crate::domain::registry::Registry;
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::lanes::LaneRow;
use crate::ops::components::shell::Frame;
use crate::ops::components::strip::Cell;
use crate::ops::components::verdict::{Action, Fact, VerdictCard, fact};
use crate::ops::pages::runbooks;
use crate::ops::reading::Reading;
use crate::ops::words::numbers::{count, counted};
use crate::ops::words::times::ago;
use crate::ops::words::{self, times::Zone};

/// The verdict of a reading as a card.
pub(crate) fn card(
    verdict: &Verdict,
    reading: &Reading,
    registry: &Registry,
    frame: &Frame,
) -> VerdictCard {
    let name = |id: &_| registry.clinic(id).map_or("a clinic", |clinic| clinic.name.as_str());
    let sentence = say::sentence(verdict, name);
    let facts = match (verdict.trouble, &verdict.few) {
        (None, Some(few)) => few_facts(few, registry, verdict),
        (None, None) => calm_facts(reading, registry, verdict),
        (Some(trouble), _) => trouble_facts(trouble, verdict, registry, frame),
    };
    VerdictCard {
        label: "What is happening now",
        kind: hue(verdict),
        badge: None,
        sentence,
        facts,
        actions: actions(verdict),
        also: also(verdict, registry),
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

fn calm_facts(reading: &Reading, registry: &Registry, verdict: &Verdict) -> Vec<Fact> {
    let mut hour = Tally::default();
    for clinic in &reading.clinics {
        hour.add(&clinic.last_hour(reading.now));
    }
    let working = verdict.clinics.iter().filter(|c| c.state == State::Working).count();
    let staff: u64 = reading.clinics.iter().map(|c| c.staff_today).sum();
    vec![
        fact(
            "Last hour",
            &counted(hour.ended(), "call", "calls"),
            Some(&format!("{} failed", count(hour.failed()))),
        ),
        fact(
            "Clinics",
            &format!("{working} of {} working", registry.clinics().len()),
            Some("The others are quiet or have not started"),
        ),
        fact("Staff today", &count(staff), Some("Who made at least one call")),
        fact("Whose to fix", "Nobody’s", Some("There is nothing to fix.")),
    ]
}

/// What is known where it is too little to name a trouble.
fn few_facts(few: &Few, registry: &Registry, verdict: &Verdict) -> Vec<Fact> {
    let clinics = registry.clinics().len();
    vec![
        Fact {
            label: "What is wrong",
            value: html! { "Not known yet" },
            small: few.category.map(|category| html! { (kind(Kind::of_category(category), None)) }),
        },
        fact("Since", "The last ten minutes", Some("The next calls will tell")),
        fact(
            "Who it affects",
            &format!("{} of {clinics} clinics", few.clinics.len()),
            Some(&format!("{} of {} failed", count(few.failed), counted(few.of, "call", "calls"))),
        ),
        fact("Whose to fix", "Not known yet", Some(few_else(verdict))),
    ]
}

/// What the other clinics say about few failures at some.
fn few_else(verdict: &Verdict) -> &'static str {
    if verdict.clinics.iter().any(|clinic| clinic.state == State::Working) {
        "Other clinics work"
    } else {
        "No other clinic is at work to compare with"
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
        _ if verdict.touched.is_empty() => "Not known".to_owned(),
        Some(actors) => format!(
            "{} of {clinics} clinics, {}",
            affected.clinics,
            counted(actors, "person", "people")
        ),
        None => format!("{} of {clinics} clinics", affected.clinics),
    };
    let calls = if matches!(trouble, Trouble::AccuroSlow | Trouble::ClinicSlow) {
        format!("{} since then", counted(affected.of_calls, "call", "calls"))
    } else {
        let of = counted(affected.of_calls, "call", "calls");
        format!("{} of {of} failed", count(affected.calls))
    };
    let (owner, not) = words::health::owner(verdict.owner);
    let every = affected.calls == affected.of_calls && affected.calls > 0;
    vec![
        Fact {
            label: "What is wrong",
            value: html! { (words::health::trouble(trouble)) },
            small: verdict.category.map(|category| html! {
                (kind(Kind::of_category(category), None)) (if every { ", every call" } else { "" })
                @if let Some(sure) = verdict.confidence { ". " (words::health::confidence(sure)) }
            }),
        },
        since(verdict, &zone, frame),
        fact("Who it affects", &who, (affected.of_calls > 0).then_some(&calls)),
        fact("Whose to fix", owner, Some(not)),
    ]
}

fn since(verdict: &Verdict, zone: &Zone, frame: &Frame) -> Fact {
    let Some(since) = verdict.since else { return fact("Since", "Not known", None) };
    let utc = Zone::utc();
    let precise = if zone.is_utc() {
        "UTC".to_owned()
    } else {
        format!("{}. {} UTC", zone.label, utc.clock(since))
    };
    fact(
        "Since",
        &format!("{}, {}", zone.when(since, frame.now), ago(since, frame.now)),
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

fn actions(verdict: &Verdict) -> Vec<Action> {
    let Some(trouble) = verdict.trouble else { return Vec::new() };
    let mut actions = Vec::new();
    if let Some(number) = verdict.incident {
        let href = format!("/incidents/{number}");
        actions.push(Action { label: "Open the incident".to_owned(), href, primary: true });
    }
    if let [only] = verdict.touched.as_slice() {
        let href = format!("/clinics/{}", verdict.clinics[*only].clinic);
        let primary = actions.is_empty();
        actions.push(Action { label: "Open the clinic".to_owned(), href, primary });
    }
    if let Some(href) = runbooks::address(words::health::runbook(trouble)) {
        let primary = actions.is_empty();
        actions.push(Action { label: "What to do".to_owned(), href, primary });
    }
    actions
}

fn also(verdict: &Verdict, registry: &Registry) -> Option<maud::Markup> {
    let others: Vec<_> = verdict
        .clinics
        .iter()
        .enumerate()
        .filter(|(index, c)| !verdict.touched.contains(index) && c.state <= State::Silent)
        .filter_map(|(_, c)| Some((c, registry.clinic(&c.clinic)?, c.trouble?)))
        .collect();
    let (health, clinic, trouble) = others.first()?;
    Some(html! {
        "Also: " a href={ "/clinics/" (clinic.id) } {
            (say::of_one(*trouble, health, &clinic.name).trim_end_matches('.'))
        }
        @if others.len() > 1 { ", and " (counted(others.len() as u64 - 1, "more clinic", "more clinics")) }
    })
}

/// The three lanes of a reading.
pub(crate) fn lanes(
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
    let names = ["Our service", "Accuro", "Clinic connections"];
    let mut rows = verdict.lanes.into_iter().zip(names).zip(cells).map(
        |(((lane, state, trouble), name), cells)| LaneRow {
            name,
            state,
            kind: kind_of(lane, trouble, verdict),
            label: format!("{name}, last 24 hours: {}", words_of(&cells)),
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

fn words_of(cells: &[Cell]) -> String {
    let failing = |cell: &&Cell| matches!(cell, Cell::Calls { level, .. } if *level > 0);
    match (cells.iter().filter(failing).count(), cells.contains(&Cell::Gap)) {
        (0, false) => "no failures".to_owned(),
        (0, true) => "no failures in the hours that were recorded".to_owned(),
        (hours, _) => format!("failures in {}", counted(hours as u64, "hour", "hours")),
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
            Some(until) => format!(
                "Last known at {}. Dashed means that we did not record.",
                frame.home.when(until, frame.now)
            ),
            None => "Nothing was ever recorded.".to_owned(),
        };
    }
    let mut hour = Tally::default();
    for clinic in &reading.clinics {
        hour.add(&clinic.last_hour(reading.now));
    }
    match lane {
        Lane::OurService => format!(
            "{} of {} failed because of us in the last hour.",
            count(hour.ours()),
            counted(hour.ended(), "call", "calls")
        ),
        Lane::Accuro => match verdict
            .trouble
            .filter(|_| verdict.owner == Owner::Accuro && state != State::Working)
        {
            Some(trouble) => format!("{}.", words::health::trouble(trouble)),
            None => format!(
                "{} of {} got no answer in the last hour.",
                count(hour.of(Category::Transient)),
                counted(hour.ended(), "call", "calls")
            ),
        },
        Lane::Clinics => connections(verdict, registry),
    }
}

fn connections(verdict: &Verdict, registry: &Registry) -> String {
    let words = [
        (State::Failing, "failing"),
        (State::SomeFailures, "with some failures"),
        (State::Silent, "silent"),
        (State::Quiet, "quiet"),
        (State::NotStarted, "not started"),
    ];
    let mut parts = Vec::new();
    for (state, word) in words {
        let mut of = verdict.clinics.iter().filter(|c| c.state == state);
        match (of.next(), of.count()) {
            (None, _) => {}
            (Some(only), 0) => {
                let name = registry.clinic(&only.clinic).map_or("a clinic", |c| c.name.as_str());
                parts.push(format!("1 {word} ({name})"));
            }
            (Some(_), more) => parts.push(format!("{} {word}", more + 1)),
        }
    }
    let working = verdict.clinics.iter().filter(|c| c.state == State::Working).count();
    if parts.is_empty() {
        return format!("All {working} are working.");
    }
    format!("{}. The other {working} work.", parts.join(", "))
}
