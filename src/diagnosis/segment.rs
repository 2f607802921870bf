//! The stretch of time that a moment belongs to: where did it change, before and after?
//!
//! Owns the search for change points: of all ways to cut a series of yes and no into a stretch
//! around a moment and what lies before and after, the one with the greatest marginal likelihood
//! under a Bernoulli rate of its own for each part (Fearnhead, "Exact and efficient Bayesian
//! inference for multiple changepoint problems", 2006, with at most two changes). A cut costs
//! something, so a series without a change stays whole.

use crate::domain::time::Timestamp;

/// One observation: when, and whether it is like the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub(super) at: Timestamp,
    pub(super) like: bool,
}

/// Which marks belong to the moment, as indices; `start == end` if there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a cut costs, in nats: a change is seen in one of some dozen places.
const CUT: f64 = 2.5;
/// What a cut costs that a wider series has already.
const SHARED_CUT: f64 = 0.7;
/// Marks that are looked at on either side.
const MOST: usize = 80;

/// Finds the segment around the stretch from `first` to `last`. Marks are in the order of time.
pub(super) fn around(marks: &[Mark], first: Timestamp, last: Timestamp) -> Segment {
    let inner_start = marks.partition_point(|mark| mark.at < first);
    let inner_end = marks.partition_point(|mark| mark.at <= last);
    let low = inner_start.saturating_sub(MOST);
    let high = (inner_end + MOST).min(marks.len());
    let mut likes = vec![0u32; high - low + 1];
    for (index, mark) in marks[low..high].iter().enumerate() {
        likes[index + 1] = likes[index] + u32::from(mark.like);
    }
    let whole = Segment { start: low, end: high };
    if likes[high - low] == 0 || marks[low..high].iter().all(|mark| mark.like) {
        return whole;
    }
    let table = Table::up_to(high - low);
    let evidence = |from: usize, to: usize| {
        table.marginal((likes[to - low] - likes[from - low]) as usize, to - from)
    };
    // What lies after does not depend on where the stretch begins.
    let after = |end| evidence(end, high) - if end < high { CUT } else { 0.0 };
    let afters: Vec<f64> = (inner_end..=high).map(after).collect();
    let mut best = (f64::NEG_INFINITY, 0.0, whole);
    for start in low..=inner_start {
        let before = evidence(low, start) - if start > low { CUT } else { 0.0 };
        for (end, after) in (inner_end..=high).zip(&afters) {
            let score = before + evidence(start, end) + after;
            let like = f64::from(likes[end - low] - likes[start - low]);
            // Where the moment could belong to either side, it belongs to the one that is like it.
            let better = score > best.0 + 1e-9 || (score > best.0 - 1e-9 && like > best.1);
            if better {
                best = (score, like, Segment { start, end });
            }
        }
    }
    best.2
}

/// The same along a whole series, however long: first where it began, then where it ended.
pub(super) fn along(marks: &[Mark], first: Timestamp, last: Timestamp) -> Segment {
    let inner_start = marks.partition_point(|mark| mark.at < first);
    let inner_end = marks.partition_point(|mark| mark.at <= last);
    let table = Table::up_to(marks.len());
    let mut likes = vec![0usize; marks.len() + 1];
    for (index, mark) in marks.iter().enumerate() {
        likes[index + 1] = likes[index] + usize::from(mark.like);
    }
    let evidence = |from: usize, to: usize| table.marginal(likes[to] - likes[from], to - from);
    let best =
        |places: std::ops::RangeInclusive<usize>, score: &dyn Fn(usize) -> f64, whole: usize| {
            let mut best = (whole, score(whole));
            for place in places.filter(|place| *place != whole) {
                let score = score(place) - CUT;
                if score > best.1 {
                    best = (place, score);
                }
            }
            best.0
        };
    let start = best(0..=inner_start, &|at| evidence(0, at) + evidence(at, inner_end), 0);
    let ending = &|at| evidence(start, at) + evidence(at, marks.len());
    let end = best(inner_end..=marks.len(), ending, marks.len());
    Segment { start, end }
}

/// The marks between two times that a wider series changed at, if this one is better explained by a
/// change there than by none. A shared change costs little: it is known already.
pub(super) fn shared(marks: &[Mark], from: Timestamp, to: Timestamp) -> Option<Segment> {
    let start = marks.partition_point(|mark| mark.at < from);
    let end = marks.partition_point(|mark| mark.at <= to);
    let table = Table::up_to(marks.len());
    let evidence =
        |part: &[Mark]| table.marginal(part.iter().filter(|mark| mark.like).count(), part.len());
    let (before, inside, after) = (&marks[..start], &marks[start..end], &marks[end..]);
    let split = evidence(before) + evidence(inside) + evidence(after) - SHARED_CUT;
    (!inside.is_empty() && split > evidence(marks)).then_some(Segment { start, end })
}

/// ln of the probability of a certain series of so many yes and no under an unknown rate (Jeffreys'
/// prior): ln B(yes + ½, no + ½) − ln B(½, ½), from running sums.
struct Table {
    /// Σ ln(i − ½) for i up to n: ln Γ(n + ½) − ln Γ(½).
    halves: Vec<f64>,
    /// Σ ln i for i up to n: ln Γ(n + 1).
    wholes: Vec<f64>,
}

impl Table {
    fn up_to(most: usize) -> Self {
        let running = |shift: f64| {
            let steps = (1..=u32::try_from(most).unwrap_or(u32::MAX)).map(f64::from);
            let sums = steps.scan(0.0, move |sum, i| {
                *sum += (i - shift).ln();
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Self { halves: running(0.5), wholes: running(0.0) }
    }

    fn marginal(&self, yes: usize, all: usize) -> f64 {
        self.halves[yes] + self.halves[all - yes] - self.wholes[all]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::fixtures::at;

    fn marks(text: &str) -> Vec<Mark> {
        let mark = |(index, c)| Mark { at: at(index), like: c == 'x' };
        (0..).zip(text.chars()).map(mark).collect()
    }

    #[test]
    fn finds_where_it_began_and_where_it_ended() {
        // The series, the moment's place, and the segment.
        for (text, moment, expected) in [
            ("oooooooooxxxxxxxx", 12, 9..17),
            ("ooooooooxxxxxxoooooooo", 10, 8..14),
            ("xxxxxxxxxxxx", 5, 0..12),
            ("oxooxoxxoxooxxoxooxo", 18, 0..20),
            ("oooooooooo", 4, 0..10),
            ("", 0, 0..0),
        ] {
            let marks = marks(text);
            let moment = at(moment);
            let found = around(&marks, moment, moment);
            assert_eq!(found.start..found.end, expected, "{text}");
            let found = along(&marks, moment, moment);
            assert_eq!(found.start..found.end, expected, "{text}");
        }
    }

    #[test]
    fn a_moment_between_belongs_to_what_is_like_it() {
        let marks = marks("ooooooooooxxxxxxxxxx");
        let between = at(9).plus(std::time::Duration::from_secs(30));
        let found = around(&marks, between, between);
        assert_eq!(found.start..found.end, 10..20);
    }
}
