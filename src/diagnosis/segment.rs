//! The stretch of time that a moment belongs to: where did it change, before and after?
//!
//! Owns the search for change points: of all ways to cut a series of yes and no into a stretch
//! around a moment and what lies before and after, the one with the greatest marginal likelihood
//! under a Bernoulli rate of its own for each part (Fearnhead, "Exact and efficient Bayesian
//! inference for multiple changepoint problems", 2006, with at most two changes). A cut costs
//! something, so a series without a change stays whole.

use crate::domain::time::Timestamp;

/// One observation: when, and whether it is like the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    let evidence = |from: usize, to: usize| {
        let like = likes[to - low] - likes[from - low];
        marginal(like, u32::try_from(to - from).unwrap_or(u32::MAX) - like)
    };
    let mut best = (f64::NEG_INFINITY, 0.0, Segment { start: low, end: high });
    for start in low..=inner_start {
        for end in inner_end..=high {
            let cuts = f64::from(u8::from(start > low)) + f64::from(u8::from(end < high));
            let score =
                evidence(low, start) + evidence(start, end) + evidence(end, high) - CUT * cuts;
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

/// ln of the probability of a certain series of so many yes and no under an unknown rate (Jeffreys'
/// prior).
fn marginal(yes: u32, no: u32) -> f64 {
    super::model::beta::ln_ratio(f64::from(yes), f64::from(no), 0.5, 0.5)
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
            ("ooooooooxoxxoxooxxox", 18, 0..20),
            ("oooooooooo", 4, 0..10),
            ("", 0, 0..0),
        ] {
            let marks = marks(text);
            let moment = at(moment);
            let found = around(&marks, moment, moment);
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
