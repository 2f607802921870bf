//! How long calls took, as a field of squares: stronger where more calls took that long.
//!
//! Owns the drawing and the grouping of latency buckets into rows. Amounts have their own colours,
//! which no kind of failure uses.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::domain::latency::{BUCKETS, upper_bound_us};

/// Rows, slowest last: up to 0.1, 0.25, 0.5, 1, 2.5, 5 seconds, and the rest.
pub(crate) const ROWS: usize = 7;
const BOUNDS_US: [u64; ROWS - 1] = [100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000];

/// Groups a histogram's buckets into the rows.
pub(crate) fn rows(histogram: &[u64]) -> [u64; ROWS] {
    let mut rows = [0; ROWS];
    for (bucket, calls) in (0..BUCKETS).zip(histogram) {
        // A bucket belongs where most of it lies; bounds differ by at most a factor of 1.2.
        let middle = upper_bound_us(bucket) * 5 / 6;
        let row = BOUNDS_US.iter().position(|bound| middle <= *bound).unwrap_or(ROWS - 1);
        rows[row] += calls;
    }
    rows
}

/// Draws one column for each slot, the slowest row on top.
pub(crate) fn heat(slots: &[[u64; ROWS]], label: &str) -> Markup {
    const WIDTH: usize = 6;
    const HEIGHT: usize = 14;
    let mut paths: [String; 6] = std::array::from_fn(|_| String::new());
    for (column, slot) in slots.iter().enumerate() {
        let calls = slot.iter().sum::<u64>();
        for (row, count) in slot.iter().rev().enumerate() {
            let (x, y) = (column * WIDTH, row * HEIGHT);
            let _ = write!(paths[level(*count, calls)], "M{x} {y}h5v13h-5z");
        }
    }
    html! {
        svg.chart height=(HEIGHT * ROWS) preserveAspectRatio="none" role="img" aria-label=(label)
            viewBox={ "0 0 " ((slots.len() * WIDTH).saturating_sub(1)) " " (HEIGHT * ROWS) } {
            @for (level, d) in paths.iter().enumerate() {
                @if !d.is_empty() { path class={ "s" (level) } d=(d) {} }
            }
        }
    }
}

/// How strong: by the share of the half hour's calls, since nights have few calls and are not fast.
fn level(count: u64, calls: u64) -> usize {
    match count * 100 {
        0 => 0,
        part if part < calls * 4 => 1,
        part if part < calls * 12 => 2,
        part if part < calls * 25 => 3,
        part if part < calls * 45 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::latency::bucket_of;

    #[test]
    fn a_duration_lands_in_the_row_that_names_it() {
        for (us, row) in [
            (6_000, 0),
            (90_000, 0),
            (200_000, 1),
            (400_000, 2),
            (900_000, 3),
            (2_000_000, 4),
            (30_000_000, 6),
        ] {
            let mut histogram = [0; BUCKETS as usize];
            histogram[usize::from(bucket_of(us))] = 1;
            assert_eq!(rows(&histogram)[row], 1, "{us}");
        }
    }
}
