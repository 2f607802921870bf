//! The two charts of Now: what failed when, and how long Accuro took.
//!
//! Owns their titles, which say what was found instead of what was measured.

use maud::{Markup, html};

use crate::domain::health::Tally;
use crate::domain::labels::Category;
use crate::domain::time::Timestamp;
use crate::ops::components::axis::{axis, ticks};
use crate::ops::components::heat::{ROWS, heat};
use crate::ops::components::kind::{Kind, kind};
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::components::stacked::stacked;
use crate::ops::components::table::data_table;
use crate::ops::reading::{HOURS, Reading};
use crate::ops::words::language::said;

const KINDS: [(Kind, Category); 4] = [
    (Kind::Access, Category::Auth),
    (Kind::Request, Category::Validation),
    (Kind::NoAnswer, Category::Transient),
    (Kind::Policy, Category::Policy),
];

fn start(reading: &Reading, hour: usize) -> Timestamp {
    let offset = i64::try_from(hour).unwrap_or(0) * 3_600;
    Timestamp::from_seconds(reading.first_hour.seconds() + offset)
}

fn time_axis(reading: &Reading, frame: &Frame) -> Markup {
    let hours = u32::try_from(HOURS).unwrap_or(24);
    axis(
        &ticks(reading.first_hour, hours, 3_600, &frame.home, frame.now),
        Some(frame.t("Now", "Maintenant")),
    )
}

/// Failed calls by hour and kind.
pub(crate) fn failed(reading: &Reading, frame: &Frame) -> Markup {
    let hours = reading.hours();
    let slots: Vec<Vec<u64>> =
        hours.iter().map(|tally| KINDS.iter().map(|(_, c)| tally.of(*c)).collect()).collect();
    let totals: Vec<(Kind, u64)> = KINDS
        .iter()
        .enumerate()
        .map(|(index, (kind, _))| (*kind, slots.iter().map(|slot| slot[index]).sum()))
        .filter(|(kind, calls)| *calls > 0 || *kind != Kind::Policy)
        .collect();
    let order: Vec<Kind> = KINDS.iter().map(|(kind, _)| *kind).collect();
    let said: Vec<String> = totals
        .iter()
        .map(|(kind, calls)| format!("{} {}", kind.word(frame.language()), frame.number(*calls)))
        .collect();
    let label = said!(
        frame.language(),
        "Failed calls by hour. {kinds}. The table below has the numbers.",
        "Appels en échec par heure. {kinds}. Le tableau ci-dessous donne les chiffres.",
        kinds = said.join(", ")
    );
    let nothing: u64 = hours.iter().map(|tally| tally.of(Category::NotFound)).sum();
    let rows: Vec<Vec<String>> = slots
        .iter()
        .enumerate()
        .rev()
        .map(|(hour, slot)| {
            let mut row = vec![frame.home.when(start(reading, hour), frame.now)];
            row.extend(slot.iter().map(|calls| frame.number(*calls)));
            row
        })
        .collect();
    let heads = [
        frame.t("Hour from", "Heure, dès"),
        frame.t("Access refused", "Accès refusé"),
        frame.t("Request rejected", "Demande rejetée"),
        frame.t("No answer", "Sans réponse"),
        frame.t("Stopped by us", "Arrêté par nous"),
    ];
    let body = html! {
        div.pad.stack {
            p.small.soft { (frame.t("Failed calls by hour, all clinics, last 24 hours, ", "Appels en échec par heure, toutes les cliniques, dernières 24 heures, ")) (frame.home.label) }
            ul.legend {
                @for (each, calls) in &totals { li { (kind(*each, None, frame.language())) b { (frame.number(*calls)) } } }
            }
            div { (stacked(&slots, &order, 108, &label)) (time_axis(reading, frame)) }
            (data_table(frame.t("Failed calls by hour", "Appels en échec par heure"), &heads, &rows, frame))
            p.small.muted {
                (frame.t("“Nothing found” is not a failure. There were ", "« Rien trouvé » n’est pas un échec. Il y en a eu ")) (frame.number(nothing)) ". "
                a href="/calls?category=not_found" { (frame.t("See them", "Les voir")) }
            }
        }
    };
    card("h-failed", &failed_title(&hours, reading, frame), None, &body)
}

/// The finding: where the failures jumped, if they did.
fn failed_title(hours: &[Tally], reading: &Reading, frame: &Frame) -> String {
    let failed: Vec<u64> = hours.iter().map(Tally::failed).collect();
    let total: u64 = failed.iter().sum();
    if total == 0 {
        return frame
            .t(
                "No call failed in the last 24 hours",
                "Aucun appel en échec dans les dernières 24 heures",
            )
            .to_owned();
    }
    let recent = failed.len().saturating_sub(3);
    let before = failed[..recent].iter().max().copied().unwrap_or(0);
    let jump = (recent..failed.len()).find(|hour| failed[*hour] > 20 && failed[*hour] > before * 3);
    match jump {
        Some(hour) => {
            let clock = frame.home.clock(start(reading, hour));
            said!(
                frame.language(),
                "Failed calls jumped after {clock}",
                "Les échecs ont bondi après {clock}"
            )
        }
        None => said!(
            frame.language(),
            "{failed} in the last 24 hours",
            "{failed} dans les dernières 24 heures",
            failed = frame.count(
                total,
                ["call failed", "calls failed"],
                ["appel en échec", "appels en échec"]
            )
        ),
    }
}

const BANDS: [[&str; 2]; ROWS] = [
    ["Up to 0.1 s", "Jusqu’à 0,1 s"],
    ["Up to 0.25 s", "Jusqu’à 0,25 s"],
    ["Up to 0.5 s", "Jusqu’à 0,5 s"],
    ["Up to 1 s", "Jusqu’à 1 s"],
    ["Up to 2.5 s", "Jusqu’à 2,5 s"],
    ["Up to 5 s", "Jusqu’à 5 s"],
    ["Over 5 s", "Plus de 5 s"],
];

/// How long Accuro took, by hour.
pub(crate) fn latency(reading: &Reading, frame: &Frame) -> Markup {
    let label = frame.t(
        "How long Accuro took, by hour. The table below has the numbers.",
        "Temps pris par Accuro, par heure. Le tableau ci-dessous donne les chiffres.",
    );
    let sum = |hours: &[[u64; ROWS]], row: usize| hours.iter().map(|hour| hour[row]).sum::<u64>();
    let last = reading.latency.last().copied().unwrap_or_default();
    let rows: Vec<Vec<String>> = (0..ROWS)
        .map(|row| {
            let [english, french] = BANDS[row];
            vec![
                frame.t(english, french).to_owned(),
                frame.number(last[row]),
                frame.number(sum(&reading.latency, row)),
            ]
        })
        .collect();
    let body = html! {
        div.pad.stack {
            p.small.soft { (frame.t("How long Accuro takes to answer. Stronger colour: more of the hour’s calls took that long", "Temps que prend Accuro pour répondre. Couleur plus forte : plus d’appels de l’heure ont pris ce temps")) }
            ul.legend aria-label=(frame.t("Share of calls", "Part des appels")) {
                li { (frame.t("Few", "Peu")) }
                li.ramp {
                    @for level in 0..6 {
                        svg aria-hidden="true" viewBox="0 0 12 12" {
                            rect class={ "s" (level) } width="12" height="12" {}
                        }
                    }
                }
                li { (frame.t("Most", "Beaucoup")) }
            }
            div.heatgrid {
                div.ylab aria-hidden="true" { span { (frame.t("over 5 s", "plus de 5 s")) } span { "1 s" } span { (frame.t("0.1 s", "0,1 s")) } }
                (heat(&reading.latency, label))
                span {}
                (time_axis(reading, frame))
            }
            (data_table(frame.t("How long Accuro took", "Temps pris par Accuro"), &[frame.t("Time taken", "Temps pris"), frame.t("This hour", "Cette heure"), frame.t("24 hours", "24 heures")], &rows, frame))
        }
    };
    card("h-latency", &latency_title(&reading.latency, frame), None, &body)
}

fn latency_title(hours: &[[u64; ROWS]], frame: &Frame) -> String {
    let slow = |hours: &[[u64; ROWS]]| {
        let calls: u64 = hours.iter().flatten().sum();
        let slow: u64 = hours.iter().map(|hour| hour[ROWS - 3..].iter().sum::<u64>()).sum();
        (slow, calls)
    };
    let Some((last, before)) = hours.split_last() else {
        return frame.t("No calls", "Aucun appel").to_owned();
    };
    let (slow_now, now) = slow(std::slice::from_ref(last));
    let (slow_before, then) = slow(before);
    if now == 0 && then == 0 {
        frame
            .t("No calls in the last 24 hours", "Aucun appel dans les dernières 24 heures")
            .to_owned()
    } else if now >= 20
        && slow_now * then.max(1) > slow_before.max(1) * now * 2
        && slow_now * 20 > now
    {
        said!(
            frame.language(),
            "Accuro got slower: {slow} of this hour’s calls took over a second",
            "Accuro a ralenti : {slow} appels de cette heure ont pris plus d’une seconde",
            slow = frame.number(slow_now)
        )
    } else {
        frame
            .t(
                "Accuro is about as fast as usual",
                "Accuro est à peu près aussi rapide que d’habitude",
            )
            .to_owned()
    }
}
