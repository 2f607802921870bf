//! The table of metrics as people read it: what `docs/metrics.md` and the site's page are made from.
//!
//! Owns the words for types. The table itself stands in [`super`], beside the code that counts.

use super::{DESCRIBED, EXPORTED};

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its labels; a histogram's buckets have `le` as well.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub what: &'static str,
}

/// Every metric, in the order of the code.
pub fn listed() -> impl Iterator<Item = Listed> {
    EXPORTED.iter().zip(DESCRIBED).map(|((name, labels), (what, kind))| Listed {
        name,
        kind: match *kind {
            "IntCounter" | "IntCounterVec" => "counter",
            "Histogram" | "HistogramVec" => "histogram",
            _ => "gauge",
        },
        labels,
        what: what.trim(),
    })
}
