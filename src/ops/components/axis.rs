//! The time axis under a chart.
//!
//! Owns the ticks. Its text sits in an SVG without a view box, so that it never scales with the
//! chart above it.

use maud::{Markup, html};

use crate::domain::time::Timestamp;
use crate::ops::words::times::Zone;

/// A tick: where, in tenths of a percent from the left, and what it says.
pub(crate) type Tick = (u32, String);

/// The ticks of a stretch of `slots` buckets of `seconds` each: every sixth hour of the clock, with
/// the day at midnight.
pub(crate) fn ticks(
    start: Timestamp,
    slots: u32,
    seconds: u32,
    zone: &Zone,
    now: Timestamp,
) -> Vec<Tick> {
    // Zones differ by quarter hours, so a tick may lie between two buckets.
    let quarter = i64::from(seconds.min(900));
    let total = i64::from(slots) * i64::from(seconds);
    (0..total / quarter)
        .map(|step| (step * quarter, Timestamp::from_seconds(start.seconds() + step * quarter)))
        .filter(|(_, at)| zone.is_axis_hour(*at))
        .map(|(offset, at)| {
            let clock = zone.clock(at);
            let label = if clock == "00:00" {
                format!("{} {clock}", &zone.day(at, now)[..3])
            } else {
                clock
            };
            (u32::try_from(offset * 1_000 / total).unwrap_or(0), label)
        })
        .collect()
}

/// How far from the left ticks have room beside the text at the right edge, in tenths of a percent: a long
/// word takes more.
fn free(end: &str) -> u32 {
    let more = u32::try_from(end.chars().count()).unwrap_or(u32::MAX).saturating_sub(3);
    850_u32.saturating_sub(more.saturating_mul(14))
}

/// The axis. `end` is said at the right edge, where ticks too close to it make room on phones.
pub(crate) fn axis(ticks: &[Tick], end: Option<&str>) -> Markup {
    html! {
        svg.ax height="18" width="100%" aria-hidden="true" {
            @for (tenths, label) in ticks {
                @let x = format!("{}.{}%", tenths / 10, tenths % 10);
                @let crowded = end.is_some() && *tenths > 750;
                @let hidden = end.is_some_and(|end| *tenths > free(end));
                line x1=(x) x2=(x) y1="0" y2="5" {}
                @if !hidden { text.opt-s[crowded] x=(x) dx="3" y="14" { (label) } }
            }
            @if let Some(end) = end {
                text.strong x="100%" y="14" text-anchor="end" { (end) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_fall_on_the_citys_sixth_hours() {
        let zone = Zone::of(&jiff::tz::TimeZone::get("America/Vancouver").unwrap());
        let now = Timestamp::parse("2026-11-24T17:46:00Z").unwrap();
        let start = Timestamp::parse("2026-11-23T18:00:00Z").unwrap();
        let found = ticks(start, 48, 1_800, &zone, now);
        let labels: Vec<&str> = found.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["12:00", "18:00", "Tue 00:00", "06:00"]);
        assert_eq!(found[0].0, 41);
    }
}
