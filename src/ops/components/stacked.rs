//! Failed calls as stacked bars over time.
//!
//! Owns the drawing; the numbers are in a table beside it.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::kind::Kind;

/// Draws one bar for each slot; in a bar, `order` from the bottom up.
pub(crate) fn stacked(slots: &[Vec<u64>], order: &[Kind], height: u32, label: &str) -> Markup {
    let most = slots.iter().map(|slot| slot.iter().sum::<u64>()).max().unwrap_or(0).max(1);
    let mut paths = vec![String::new(); order.len()];
    for (index, slot) in slots.iter().enumerate() {
        let mut bottom = f64::from(height);
        for (path, count) in paths.iter_mut().zip(slot).filter(|(_, count)| **count > 0) {
            let bar = (ratio(*count, most) * f64::from(height - 2)).max(2.0);
            let top = (bottom - bar).max(0.0);
            let _ = write!(path, "M{} {top:.1}h5v{:.1}h-5z", index * 6, bottom - top);
            bottom = top - 0.6;
        }
    }
    let width = slots.len() * 6;
    html! {
        svg.chart height=(height) viewBox={ "0 0 " (width.saturating_sub(1)) " " (height) }
            preserveAspectRatio="none" role="img" aria-label=(label) {
            path.axis d={ "M0 " (height) "H" (width) } {}
            @for (kind, d) in order.iter().zip(&paths) {
                @if !d.is_empty() { path class={ "f-" (kind.slug()) } d=(d) {} }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_bar_fills_the_chart_and_the_least_can_be_seen() {
        let drawn = stacked(&[vec![100, 0], vec![1, 1]], &[Kind::Access, Kind::NoAnswer], 100, "x");
        let text = drawn.into_string();
        assert!(text.contains("M0 2.0h5v98.0h-5z"), "{text}");
        assert!(text.contains("M6 98.0h5v2.0h-5z"), "{text}");
    }
}
