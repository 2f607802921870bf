//! When nothing was recorded, and whether the records reach as far as the question.
//!
//! Owns the rule: time is recorded where events lie close enough to each other, or an instance's own
//! marks cover it; events that are known to be lost make a gap in either. Pure; what is read for it is
//! [`super::gather`]'s.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// A stretch of time.
pub(super) type Stretch = (Timestamp, Timestamp);

/// Signs of life come once a minute, so an instance that runs is this long behind at most.
const SIGN_OF_LIFE: Duration = Duration::from_mins(2);

/// What is not recorded between two times: the silences without what marks cover, and the gaps.
pub(super) fn unrecorded(
    silences: Vec<Stretch>,
    covered: &[Stretch],
    gaps: &[Stretch],
    (from, to): Stretch,
) -> Vec<Stretch> {
    let mut left = silences;
    for (began, until) in covered {
        let outside = |(start, end): Stretch| {
            [(start, end.min(*began)), (start.max(*until), end)]
                .into_iter()
                .filter(|(start, end)| start < end)
        };
        left = left.into_iter().flat_map(outside).collect();
    }
    left.extend(gaps.iter().map(|(start, end)| (*start.max(&from), *end.min(&to))));
    left.retain(|(start, end)| start < end);
    left.sort();
    left
}

/// What the marks of an instance cover; one that has not stopped is taken to run on until its next
/// sign of life is overdue.
pub(super) fn covered(began: Timestamp, until: Timestamp, stopped: bool) -> Stretch {
    (began, if stopped { until } else { until.plus(SIGN_OF_LIFE) })
}

/// Whether the records reach as far as the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lag {
    /// They do.
    #[default]
    Nothing,
    /// They end before the stretch that is asked about does.
    Window,
    /// They end before the moment itself.
    Moment,
}

impl Lag {
    /// How far the records reach, the moment that is asked about, and the end of the stretch, which is
    /// not after now. So long without an event is no lag yet.
    pub(super) fn of(
        recorded: Option<Timestamp>,
        at: Timestamp,
        end: Timestamp,
        allowed: Duration,
    ) -> Self {
        let reach = recorded.map(|recorded| recorded.plus(allowed));
        match reach {
            Some(reach) if reach >= end => Self::Nothing,
            Some(reach) if reach >= at => Self::Window,
            _ => Self::Moment,
        }
    }

    /// The most that may be said: what came later could tell otherwise.
    pub(super) const fn cap(self) -> f64 {
        match self {
            Self::Nothing => 1.0,
            Self::Window => 0.9,
            Self::Moment => 0.6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::fixtures::at;

    fn minutes(pairs: &[(i64, i64)]) -> Vec<Stretch> {
        pairs.iter().map(|(from, to)| (at(*from), at(*to))).collect()
    }

    #[test]
    fn marks_cover_silence_and_lost_events_are_a_gap() {
        // Silences, what marks cover, gaps, what is left.
        type Row<'r> = (&'r [(i64, i64)], &'r [(i64, i64)], &'r [(i64, i64)], &'r [(i64, i64)]);
        let rows: &[Row] = &[
            (&[(0, 60)], &[], &[], &[(0, 60)]),
            (&[(0, 60)], &[(-10, 70)], &[], &[]),
            (&[(0, 60)], &[(20, 40)], &[], &[(0, 20), (40, 60)]),
            (&[(0, 60)], &[(-5, 30), (30, 90)], &[], &[]),
            (&[], &[(0, 90)], &[(10, 12)], &[(10, 12)]),
            (&[(0, 20)], &[(0, 20)], &[(85, 99)], &[(85, 90)]),
            (&[], &[], &[(95, 99)], &[]),
        ];
        for (silences, covered, gaps, left) in rows {
            let found =
                unrecorded(minutes(silences), &minutes(covered), &minutes(gaps), (at(-90), at(90)));
            assert_eq!(found, minutes(left), "{silences:?} {covered:?} {gaps:?}");
        }
    }

    #[test]
    fn a_running_instance_covers_the_time_to_its_next_sign_of_life() {
        assert_eq!(covered(at(0), at(9), true), (at(0), at(9)));
        assert_eq!(covered(at(0), at(9), false), (at(0), at(11)));
    }

    #[test]
    fn records_that_end_early_lower_the_most_that_may_be_said() {
        let lag = |recorded: Option<i64>| {
            Lag::of(recorded.map(at), at(0), at(60), Duration::from_mins(10))
        };
        for (recorded, expected) in [
            (Some(60), Lag::Nothing),
            (Some(50), Lag::Nothing),
            (Some(49), Lag::Window),
            (Some(-10), Lag::Window),
            (Some(-11), Lag::Moment),
            (None, Lag::Moment),
        ] {
            assert_eq!(lag(recorded), expected, "{recorded:?}");
        }
        assert!(Lag::Moment.cap() < Lag::Window.cap() && Lag::Window.cap() < Lag::Nothing.cap());
    }
}
