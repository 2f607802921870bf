//! A small line of one number over days.
//!
//! Owns the drawing. It starts at zero, so that a small change looks small; the numbers stand
//! beside it.

use maud::{Markup, html};

/// Draws the line, hidden from those who cannot see it.
pub(crate) fn spark(values: &[u64]) -> Markup {
    let most = values.iter().max().copied().unwrap_or(0).max(1);
    let steps = (values.len().max(2) - 1) as u64;
    let points: Vec<(u64, u64)> = (0u64..)
        .zip(values)
        // Tenths of a unit, so that whole numbers are exact enough.
        .map(|(index, value)| (20 + index * 960 / steps, 240 - value * 200 / most))
        .collect();
    let text = |(x, y): &(u64, u64)| format!("{}.{} {}.{}", x / 10, x % 10, y / 10, y % 10);
    let line: Vec<String> = points.iter().map(text).collect();
    html! {
        svg.chart.sp width="100" height="28" viewBox="0 0 100 28" aria-hidden="true" {
            @if let Some((x, y)) = points.last() {
                path.spark d={ "M" (line.join("L")) } {}
                circle.sparkdot cx={ (x / 10) "." (x % 10) } cy={ (y / 10) "." (y % 10) } r="2.6" {}
            }
        }
    }
}
