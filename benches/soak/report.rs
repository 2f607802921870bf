//! The tables at the end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::call::{Done, Ending, Kind};
use super::mischief::Fault;
use super::program::metric;
use super::say;
use super::soak::Sample;
use super::upstream::Ledger;

/// What became of a call, in a word for a column.
fn column(ending: &Ending) -> usize {
    match ending {
        Ending::Answered { status: 200..=299, is_replay: false } => 0,
        Ending::Answered { is_replay: true, .. } => 1,
        Ending::Answered { .. } => 2,
        Ending::Problem { .. } => 3,
        Ending::Cut => 4,
        Ending::Left => 5,
        Ending::Lost | Ending::Unheard | Ending::Wrong(_) => 6,
    }
}

pub(crate) fn print(
    done: &[Done],
    ledger: &Ledger,
    samples: &[Sample],
    metrics: &str,
    begun: Instant,
) {
    say(
        "\ncalls                      all       ok  replayed  Accuro 5xx   problem  cut  left  lost",
    );
    for kind in Kind::ALL {
        let mut count = [0_usize; 7];
        done.iter().filter(|done| done.call.kind == *kind).for_each(|done| {
            count[column(&done.ending)] += 1;
        });
        let [ok, replay, failed, problem, cut, left, lost] = count;
        let all: usize = count.iter().sum();
        say(&format!(
            "{:<24} {all:>6}  {ok:>7}  {replay:>8}  {failed:>10}  {problem:>8}  {cut:>3}  {left:>4}  {lost:>4}",
            kind.name()
        ));
    }
    say("\nproblem documents");
    let mut reasons: BTreeMap<(u16, &str), usize> = BTreeMap::new();
    for done in done {
        if let Ending::Problem { status, reason } = &done.ending {
            *reasons.entry((*status, reason)).or_default() += 1;
        }
    }
    for ((status, reason), count) in reasons {
        say(&format!("{count:>8}  {status} {reason}"));
    }
    say("\nfaults of the upstream");
    for fault in Fault::ALL {
        say(&format!("{:>8}  {fault:?}", ledger.faults.get(&fault).unwrap_or(&0)));
    }
    let writes = done.iter().filter(|done| done.call.kind.writes()).count();
    let most = ledger.writes.values().max().unwrap_or(&0);
    say(&format!(
        "\n{writes} writes asked for, {} came, each at most {most} times",
        ledger.writes.len()
    ));
    say(&format!(
        "{} reads sent again, {} kept back by the budget",
        metric(metrics, "accuscope_retries_total"),
        metric(metrics, "accuscope_retries_withheld_total{cause=\"budget\"}")
    ));
    let mut quiet: Vec<Duration> = done
        .iter()
        .filter(|done| {
            let seen = ledger.requests.get(&done.call.id);
            done.call.kind == Kind::Read
                && seen.is_some_and(|seen| seen.heads == 1 && seen.faults.is_empty())
        })
        .map(|done| done.took)
        .collect();
    let (p50, p99) = percentiles(&mut quiet);
    say(&format!("{} quiet reads: p50 {p50} us, p99 {p99} us", quiet.len()));
    let last = done.iter().map(|done| done.planned + done.took).max().unwrap_or(begun);
    say(&format!("the last call ended after {:.1} s", (last - begun).as_secs_f64()));
    say("\nsecond  RSS MiB  descriptors");
    for Sample { second, rss_kib, descriptors } in samples {
        say(&format!("{second:>6}  {:>7}  {descriptors:>11}", rss_kib / 1024));
    }
}

/// The median and the 99th percentile, in microseconds.
pub(crate) fn percentiles(all: &mut [Duration]) -> (u128, u128) {
    all.sort_unstable();
    let at = |percent: usize| all.get(all.len() * percent / 100).map_or(0, Duration::as_micros);
    (at(50), at(99))
}
