//! What a run found out, for a person and for a program. It names sinks, placements and kinds, never a
//! value.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What a run found out.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What the canaries grew from.
    pub seed: u64,
    /// Requests that were sent to the call path.
    pub requests: usize,
    /// Those of them that had to reach the upstream.
    pub expected_upstream: usize,
    /// Those that did.
    pub seen_upstream: usize,
    /// Placements in which canaries stood.
    pub placements: usize,
    /// Canaries.
    pub canaries: usize,
    /// Forms of them that were looked for.
    pub needles: usize,
    /// Leaks that were planted in copies of sinks.
    pub planted: usize,
    /// Those of them that were found.
    pub planted_found: usize,
    /// Pairs of calls that differ in their canaries alone.
    pub twins: usize,
    /// References that are right, by kind.
    pub references: BTreeMap<&'static str, usize>,
    /// Bytes that were looked at, by sink.
    pub sinks: Vec<SinkSize>,
    /// What was found where it must not be.
    pub leaks: Vec<Leak>,
    /// Why the run proves nothing.
    pub doubts: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A sink and its size.
#[derive(Debug, Serialize)]
pub struct SinkSize {
    /// The sink.
    pub sink: String,
    /// Its bytes.
    pub bytes: usize,
}

/// Canaries of one kind and placement in one sink.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Leak {
    /// Where it was found.
    pub sink: String,
    /// Where it had been put.
    pub placement: &'static str,
    /// What it is.
    pub kind: &'static str,
    /// In which form, and how the sink had to be decoded.
    pub form: String,
    /// How many canaries.
    pub canaries: usize,
}

impl Report {
    /// Whether nothing leaked, and that is proven.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.leaks.is_empty() && self.doubts.is_empty()
    }
}

/// Most rows of the table of leaks.
const MOST_ROWS: usize = 60;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: usize = self.sinks.iter().map(|sink| sink.bytes).sum();
        let seconds = format!("{}.{}", self.took_ms / 1_000, self.took_ms % 1_000 / 100);
        writeln!(
            f,
            "Canaries       {} in {} placements, seed {}",
            self.canaries, self.placements, self.seed
        )?;
        writeln!(
            f,
            "Requests       {} sent; {} of {} seen by the proof's upstream",
            self.requests, self.seen_upstream, self.expected_upstream
        )?;
        writeln!(
            f,
            "Control        {} of {} planted leaks found",
            self.planted_found, self.planted
        )?;
        writeln!(f, "Twins          {} pairs of calls compared", self.twins)?;
        let kinds: Vec<String> =
            self.references.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        writeln!(f, "References     {} computed again and right", kinds.join(", "))?;
        writeln!(
            f,
            "Searched       {} forms in {} sinks, {bytes} bytes, {seconds} s",
            self.needles,
            self.sinks.len()
        )?;
        f.write_str(&groups(&self.sinks))?;
        for doubt in &self.doubts {
            writeln!(f, "proves nothing: {doubt}")?;
        }
        if !self.leaks.is_empty() {
            writeln!(
                f,
                "\nLEAKS\n{:<44} {:<34} {:<26} {:<30} canaries",
                "sink", "put into", "kind", "form"
            )?;
            for leak in self.leaks.iter().take(MOST_ROWS) {
                writeln!(
                    f,
                    "{:<44} {:<34} {:<26} {:<30} {}",
                    leak.sink, leak.placement, leak.kind, leak.form, leak.canaries
                )?;
            }
            if let Some(more @ 1..) = self.leaks.len().checked_sub(MOST_ROWS) {
                writeln!(f, "and {more} more rows; --json has them all")?;
            }
        }
        if self.is_clean() {
            writeln!(f, "No canary was found in any sink.")?;
        }
        Ok(())
    }
}

/// The sinks by their first word, since there are hundreds of pages.
fn groups(sinks: &[SinkSize]) -> String {
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for SinkSize { sink, bytes } in sinks {
        let end = sink.find([' ', '/', '-']).unwrap_or(sink.len());
        let (count, sum) = groups.entry(&sink[..end]).or_default();
        *count += 1;
        *sum += bytes;
    }
    let row = |(group, (count, bytes)): (&&str, &(usize, usize))| {
        format!("  {group:<20} {count:>4} {bytes:>11} bytes\n")
    };
    groups.iter().map(row).collect()
}
