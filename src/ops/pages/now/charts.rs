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
use crate::ops::words::numbers::{count, counted};

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
    axis(&ticks(reading.first_hour, hours, 3_600, &frame.home, frame.now), Some("Now"))
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
    let said: Vec<String> =
        totals.iter().map(|(kind, calls)| format!("{} {}", kind.word(), count(*calls))).collect();
    let label =
        format!("Failed calls by hour. {}. The table below has the numbers.", said.join(", "));
    let nothing: u64 = hours.iter().map(|tally| tally.of(Category::NotFound)).sum();
    let rows: Vec<Vec<String>> = slots
        .iter()
        .enumerate()
        .rev()
        .map(|(hour, slot)| {
            let mut row = vec![frame.home.when(start(reading, hour), frame.now)];
            row.extend(slot.iter().map(|calls| count(*calls)));
            row
        })
        .collect();
    let heads = ["Hour from", "Access refused", "Request rejected", "No answer", "Stopped by us"];
    let body = html! {
        div.pad.stack {
            p.small.soft { "Failed calls by hour, all clinics, last 24 hours, " (frame.home.label) }
            ul.legend {
                @for (each, calls) in &totals { li { (kind(*each, None)) b { (count(*calls)) } } }
            }
            div { (stacked(&slots, &order, 108, &label)) (time_axis(reading, frame)) }
            (data_table("Failed calls by hour", &heads, &rows))
            p.small.muted {
                "“Nothing found” is not a failure. There were " (count(nothing)) ". "
                a href="/calls?category=not_found" { "See them" }
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
        return "No call failed in the last 24 hours".to_owned();
    }
    let recent = failed.len().saturating_sub(3);
    let before = failed[..recent].iter().max().copied().unwrap_or(0);
    let jump = (recent..failed.len()).find(|hour| failed[*hour] > 20 && failed[*hour] > before * 3);
    match jump {
        Some(hour) => {
            format!("Failed calls jumped after {}", frame.home.clock(start(reading, hour)))
        }
        None => format!("{} in the last 24 hours", counted(total, "call failed", "calls failed")),
    }
}

const BANDS: [&str; ROWS] = [
    "Up to 0.1 s",
    "Up to 0.25 s",
    "Up to 0.5 s",
    "Up to 1 s",
    "Up to 2.5 s",
    "Up to 5 s",
    "Over 5 s",
];

/// How long Accuro took, by hour.
pub(crate) fn latency(reading: &Reading, frame: &Frame) -> Markup {
    let label = "How long Accuro took, by hour. The table below has the numbers.";
    let sum = |hours: &[[u64; ROWS]], row: usize| hours.iter().map(|hour| hour[row]).sum::<u64>();
    let last = reading.latency.last().copied().unwrap_or_default();
    let rows: Vec<Vec<String>> = (0..ROWS)
        .map(|row| vec![BANDS[row].to_owned(), count(last[row]), count(sum(&reading.latency, row))])
        .collect();
    let body = html! {
        div.pad.stack {
            p.small.soft { "How long Accuro takes to answer. Stronger colour: more of the hour’s calls took that long" }
            ul.legend aria-label="Share of calls" {
                li { "Few" }
                li.ramp {
                    @for level in 0..6 {
                        svg aria-hidden="true" viewBox="0 0 12 12" {
                            rect class={ "s" (level) } width="12" height="12" {}
                        }
                    }
                }
                li { "Most" }
            }
            div.heatgrid {
                div.ylab aria-hidden="true" { span { "over 5 s" } span { "1 s" } span { "0.1 s" } }
                (heat(&reading.latency, label))
                span {}
                (time_axis(reading, frame))
            }
            (data_table("How long Accuro took", &["Time taken", "This hour", "24 hours"], &rows))
        }
    };
    card("h-latency", &latency_title(&reading.latency), None, &body)
}

fn latency_title(hours: &[[u64; ROWS]]) -> String {
    let slow = |hours: &[[u64; ROWS]]| {
        let calls: u64 = hours.iter().flatten().sum();
        let slow: u64 = hours.iter().map(|hour| hour[ROWS - 3..].iter().sum::<u64>()).sum();
        (slow, calls)
    };
    let Some((last, before)) = hours.split_last() else { return "No calls".to_owned() };
    let (slow_now, now) = slow(std::slice::from_ref(last));
    let (slow_before, then) = slow(before);
    if now == 0 && then == 0 {
        "No calls in the last 24 hours".to_owned()
    } else if now >= 20
        && slow_now * then.max(1) > slow_before.max(1) * now * 2
        && slow_now * 20 > now
    {
        format!("Accuro got slower: {} of this hour’s calls took over a second", count(slow_now))
    } else {
        "Accuro is about as fast as usual".to_owned()
    }
}
