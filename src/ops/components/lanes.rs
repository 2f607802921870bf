//! Three lanes, always: our service, Accuro, the clinics' connections.
//!
//! Owns the card that answers "whose problem is it".

use maud::{Markup, html};

use super::kind::{Kind, badge};
use super::strip::{Cell, Size, strip};
use crate::domain::health::State;

/// One lane.
pub(crate) struct LaneRow {
    /// Its name.
    pub(crate) name: &'static str,
    /// How it does.
    pub(crate) state: State,
    /// The kind of its failures.
    pub(crate) kind: Option<Kind>,
    /// Its last day.
    pub(crate) cells: Vec<Cell>,
    /// The last day in words.
    pub(crate) label: String,
    /// Why it is so, one sentence.
    pub(crate) why: String,
}

/// Draws the card; `foot` is said below the lanes.
pub(crate) fn lanes(rows: &[LaneRow; 3], foot: Option<&Markup>) -> Markup {
    html! {
        section.card aria-labelledby="h-lanes" data-part="lanes" {
            header {
                h2 #h-lanes { "Whose problem is it?" }
                p.small.muted.end { "Last 24 hours. Taller means more calls failed" }
            }
            @for row in rows {
                div.lane {
                    h3 { (row.name) }
                    div.lane-r {
                        span { (badge(row.state, row.kind, None)) }
                        (strip(&row.cells, Size::Row, Some(&row.label)))
                    }
                    p.why { (row.why) }
                }
            }
            @if let Some(foot) = foot { p.lane-foot.small { (foot) } }
        }
    }
}
