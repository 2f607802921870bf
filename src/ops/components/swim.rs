//! Lanes over time: who got through when, and who did not.
//!
//! Owns the drawing. Places are in percent without a view box, so that marks and text never stretch.
//! The page says the same in words above it.

use maud::{Markup, html};

use super::axis::{Tick, axis};
use super::kind::Kind;

/// One lane.
pub(crate) struct SwimLane {
    /// Whose.
    pub(crate) title: String,
    /// What makes it precise.
    pub(crate) sub: String,
    /// The marks, in the order of time.
    pub(crate) marks: Vec<SwimMark>,
}

/// Calls that ended alike.
pub(crate) struct SwimMark {
    /// How.
    pub(crate) kind: Kind,
    /// Where, in tenths of a percent from the left.
    pub(crate) at: u32,
    /// How many.
    pub(crate) calls: u32,
}

/// The lanes.
pub(crate) struct Swim {
    /// From the top.
    pub(crate) lanes: Vec<SwimLane>,
    /// Where something changed, in tenths of a percent.
    pub(crate) band: Option<(u32, u32)>,
    /// The time axis.
    pub(crate) ticks: Vec<Tick>,
}

/// A lane with more marks than this says no numbers: they would overlap.
const FEW: usize = 8;

fn percent(tenths: u32) -> String {
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Draws the lanes.
pub(crate) fn swim(model: &Swim) -> Markup {
    html! {
        div.swim {
            @for lane in &model.lanes {
                div.swl {
                    div { strong { (lane.title) } small { (lane.sub) } }
                    svg.sw height="30" width="100%" aria-hidden="true" {
                        @if let Some((from, to)) = model.band {
                            rect.band x=(percent(from)) width=(percent(to.saturating_sub(from).max(4))) height="30" {}
                        }
                        line.axisl x1="0" x2="100%" y1="15" y2="15" {}
                        @for mark in &lane.marks { (drawn(mark)) }
                        @if lane.marks.len() <= FEW {
                            @for mark in lane.marks.iter().filter(|mark| mark.calls > 1) { (number(mark)) }
                        }
                    }
                }
            }
            div.swx { (axis(&model.ticks, None)) }
        }
    }
}

fn drawn(mark: &SwimMark) -> Markup {
    let glyph = if mark.kind == Kind::Ok { "dot" } else { mark.kind.slug() };
    html! {
        svg class={ "mk k-" (mark.kind.slug()) } x=(percent(mark.at)) y="9" width="12" height="12" overflow="visible" {
            use href={ "#g-" (glyph) } x="-6" width="12" height="12" {}
        }
    }
}

/// Beside the mark, on the side where there is room.
fn number(mark: &SwimMark) -> Markup {
    let (dx, anchor) = if mark.at > 850 { ("-9", "end") } else { ("9", "start") };
    html! { text.swt x=(percent(mark.at)) dx=(dx) y="11" text-anchor=(anchor) { "×" (mark.calls) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_where_they_were_and_say_how_many() {
        let marks = vec![
            SwimMark { kind: Kind::Ok, at: 100, calls: 1 },
            SwimMark { kind: Kind::Access, at: 960, calls: 5 },
        ];
        let lanes = vec![SwimLane { title: "This person".into(), sub: String::new(), marks }];
        let drawn = swim(&Swim { lanes, band: Some((620, 960)), ticks: vec![] }).into_string();
        for part in ["x=\"10.0%\"", "#g-dot", "#g-access", "×5", "x=\"62.0%\" width=\"34.0%\""] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
    }
}
