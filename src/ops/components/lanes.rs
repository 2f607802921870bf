//! Three lanes, always: our service, Accuro, the clinics' connections.
//!
//! Owns the card that answers "whose problem is it".

use maud::{Markup, html};

use super::kind::{Kind, badge};
use super::shell::Frame;
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
pub(crate) fn lanes(rows: &[LaneRow; 3], foot: Option<&Markup>, frame: &Frame) -> Markup {
    html! {
        section.card aria-labelledby="h-lanes" data-part="lanes" {
            header {
                h2 #h-lanes { (frame.t("Whose problem is it?", "À qui est le problème?")) }
                p.small.muted.end { (frame.t("Last 24 hours. Taller means more calls failed", "Dernières 24 heures. Plus haut : plus d’appels en échec")) }
            }
            @for row in rows {
                div.lane {
                    h3 { (row.name) }
                    div.lane-r {
                        span { (badge(row.state, row.kind, None, frame.language())) }
                        (strip(&row.cells, Size::Row, Some(&row.label)))
                    }
                    p.why { (row.why) }
                }
            }
            @if let Some(foot) = foot { p.lane-foot.small { (foot) } }
        }
    }
}
