//! The strip: one bar for each half hour, whose height is the share that failed.
//!
//! Owns the four kinds of nothing: calls without a failure, no calls, and not recorded look
//! different. One path for each kind keeps a strip of 48 bars below a kilobyte.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::kind::Kind;
use crate::domain::health::Tally;

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Calls came. The kind of most failures, and how tall: 0 for none failed, 4 for more than a
    /// quarter.
    Calls {
        /// [`Kind::Ok`] where none failed.
        kind: Kind,
        /// 0 to 4.
        level: u8,
    },
    /// No calls.
    Quiet,
    /// Not recorded.
    Gap,
}

impl Cell {
    /// The bar for the calls of a half hour; `None` where it was not recorded.
    pub(crate) fn of(tally: Option<&Tally>) -> Self {
        let Some(tally) = tally else { return Self::Gap };
        if tally.calls() == 0 {
            return Self::Quiet;
        }
        let Some(category) = tally.main_failure() else {
            return Self::Calls { kind: Kind::Ok, level: 0 };
        };
        match level(tally.failed(), tally) {
            0 => Self::Calls { kind: Kind::Ok, level: 0 },
            level => Self::Calls { kind: Kind::of_category(category), level },
        }
    }

    /// The bar for a part of the failures, such as one category of them.
    pub(crate) fn of_part(part: u64, kind: Kind, tally: Option<&Tally>) -> Self {
        match tally {
            None => Self::Gap,
            Some(tally) if tally.calls() == 0 => Self::Quiet,
            // Below one in a hundred a side counts as working, and so it looks.
            Some(tally) if !tally.exceeds(part, 1) => Self::Calls { kind: Kind::Ok, level: 0 },
            Some(tally) => Self::Calls { kind, level: level(part, tally).max(1) },
        }
    }
}

/// How tall: the steps are 1, 5 and 25 %. Fewer than five failures are told by the numbers beside the
/// strip: here they stand at the first step at most, and not at all below 1 %, or a lone failure at
/// night would look like an outage.
fn level(failed: u64, tally: &Tally) -> u8 {
    let few = failed < 5;
    match failed {
        0 => 0,
        _ if !tally.exceeds(failed, 1) => u8::from(!few),
        _ if few => 1,
        _ if !tally.exceeds(failed, 5) => 2,
        _ if !tally.exceeds(failed, 25) => 3,
        _ => 4,
    }
}

/// How large a strip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// In a table row or a lane.
    Row,
    /// On its own.
    Big,
}

const CLASSES: [&str; 9] =
    ["f-ok", "f-access", "f-request", "f-empty", "f-noanswer", "f-policy", "f-none", "base", "gap"];
const QUIET: usize = 7;
const GAP: usize = 8;
/// Heights of the levels, in percent.
const HEIGHTS: [usize; 5] = [22, 45, 65, 85, 100];

/// The strip. Without a label it is decoration: then the numbers stand beside it.
pub(crate) fn strip(cells: &[Cell], size: Size, label: Option<&str>) -> Markup {
    let height = if size == Size::Big { 64 } else { 28 };
    let mut paths: [String; CLASSES.len()] = std::array::from_fn(|_| String::new());
    let mut at = 0;
    while let Some(cell) = cells.get(at) {
        let x = at * 5;
        let run = cells[at..].iter().take_while(|other| *other == cell).count();
        let _ = match cell {
            Cell::Calls { kind, level } => {
                let bar = (height * HEIGHTS[usize::from((*level).min(4))] + 50) / 100;
                write!(paths[*kind as usize], "M{x} {}h4v{bar}h-4z", height - bar)
            }
            Cell::Quiet => write!(paths[QUIET], "M{x} {}h4v2h-4z", height - 2),
            Cell::Gap => {
                let width = run * 5 - 2;
                write!(paths[GAP], "M{x}.5 .5h{width}v{}h-{width}z", height - 1)
            }
        };
        at += if *cell == Cell::Gap { run } else { 1 };
    }
    html! {
        svg.strip.big[size == Size::Big]
            viewBox={ "0 0 " ((cells.len() * 5).saturating_sub(1)) " " (height) }
            preserveAspectRatio="none" role=[label.map(|_| "img")] aria-label=[label]
            aria-hidden=[label.is_none().then_some("true")] {
            @for (class, d) in CLASSES.iter().zip(&paths) {
                @if !d.is_empty() { path class=(class) d=(d) {} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::{Ending, Reason};

    fn tally(ok: u64, refused: u64) -> Tally {
        let mut tally = Tally::default();
        tally.count(Ending::Ok, ok);
        tally.count(Ending::failed(Reason::Forbidden), refused);
        tally
    }

    #[test]
    fn height_is_the_share_and_few_failures_stay_low() {
        for (ok, refused, level) in [
            (100, 0, 0),
            (1_000, 10, 1),
            (100, 5, 2),
            (100, 20, 3),
            (10, 10, 4),
            (1, 4, 1),
            (500, 4, 0),
        ] {
            let Cell::Calls { level: found, .. } = Cell::of(Some(&tally(ok, refused))) else {
                unreachable!()
            };
            assert_eq!(found, level, "{ok} {refused}");
        }
    }

    #[test]
    fn nothing_has_its_own_look_each_time() {
        assert_eq!(Cell::of(None), Cell::Gap);
        assert_eq!(Cell::of(Some(&Tally::default())), Cell::Quiet);
        let drawn = strip(&[Cell::Gap, Cell::Gap, Cell::Quiet], Size::Row, None).into_string();
        assert_eq!(drawn.matches("class=\"gap\"").count(), 1);
        assert!(drawn.contains("h8v27h-8z"), "a gap is one box: {drawn}");
        assert!(drawn.contains("aria-hidden=\"true\""), "{drawn}");
    }

    #[test]
    fn a_day_stays_below_a_kilobyte() {
        let cells = [Cell::Calls { kind: Kind::Ok, level: 0 }; 48];
        let drawn = strip(&cells, Size::Row, Some("working throughout")).into_string();
        assert!(drawn.len() < 1_100, "{}", drawn.len());
        assert!(drawn.contains("role=\"img\""));
    }
}
