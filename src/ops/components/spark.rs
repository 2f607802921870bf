//! A small line of one number over days or weeks.
//!
//! Owns the drawing. It starts at zero, so that a small change looks small; the numbers stand
//! beside it, and what the marks stand for is said in words elsewhere.

use maud::{Markup, html};

/// Draws the line, hidden from those who cannot see it.
pub(crate) fn spark(values: &[u64]) -> Markup {
    spark_with(values, 0, &[])
}

/// The same where the values before a place are not known, with a dashed upright line at some of the places.
pub(crate) fn spark_with(values: &[u64], known_from: usize, marks: &[usize]) -> Markup {
    let most = values.iter().max().copied().unwrap_or(0).max(1);
    let steps = (values.len().max(2) - 1) as u64;
    // Tenths of a unit, so that whole numbers are exact enough.
    let across = |index: u64| 20 + index * 960 / steps;
    let points: Vec<(u64, u64)> = (0u64..)
        .zip(values)
        .skip(known_from)
        .map(|(index, value)| (across(index), 240 - value * 200 / most))
        .collect();
    let tenths = |n: u64| format!("{}.{}", n / 10, n % 10);
    let line: Vec<String> =
        points.iter().map(|(x, y)| format!("{} {}", tenths(*x), tenths(*y))).collect();
    html! {
        svg.chart.sp width="100" height="28" viewBox="0 0 100 28" aria-hidden="true" {
            @for mark in marks {
                path.sparkmark d={ "M" (tenths(across(*mark as u64))) " 1v26" } {}
            }
            @if let Some((x, y)) = points.last() {
                path.spark d={ "M" (line.join("L")) } {}
                circle.sparkdot cx=(tenths(*x)) cy=(tenths(*y)) r="2.6" {}
            }
        }
    }
}
