//! The way of a clinic: from being enabled to steady use.
//!
//! Owns its steps, the days on which each was reached, and what steady means.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::domain::labels::label_enum;

/// Days that steady use is looked for in.
pub const WINDOW_DAYS: i64 = 14;

/// The days on which a clinic did something for the first time, and the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Firsts {
    /// Since when anything is counted.
    pub counted_from: Option<Date>,
    /// Somebody signed in.
    pub signed_in: Option<Date>,
    /// A patient was found.
    pub found: Option<Date>,
    /// A task was done.
    pub done: Option<Date>,
    /// Something was changed.
    pub changed: Option<Date>,
    /// A task was done last.
    pub last_done: Option<Date>,
}

impl Firsts {
    /// Takes in the days of a clinic that is part of this one since a day. What it had reached before was reached on that
    /// day, as far as this clinic is concerned; one that was not used since brings nothing along.
    pub fn join(&mut self, part: &Self, since: Date) {
        if part.last_done.is_none_or(|last| last < since) {
            return;
        }
        let earliest = |own: &mut Option<Date>, other: Option<Date>| {
            let other = other.map(|day| day.max(since));
            *own = own.map_or(other, |own| Some(other.map_or(own, |other| own.min(other))));
        };
        earliest(&mut self.counted_from, part.counted_from);
        earliest(&mut self.signed_in, part.signed_in);
        earliest(&mut self.found, part.found);
        earliest(&mut self.done, part.done);
        earliest(&mut self.changed, part.changed);
        self.last_done = self.last_done.max(part.last_done);
    }
}

label_enum! {
    /// A step on the way.
    Step, "a step" {
        /// The clinic was enabled.
        Enabled = "enabled",
        /// Somebody signed in.
        SignedIn = "signed_in",
        /// A patient was found.
        Found = "found",
        /// Something was changed: an appointment, a chart, a document.
        Changed = "changed",
        /// Used on most days of a fortnight.
        Steady = "steady",
    }
}

/// A step, and when it was first reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The step.
    pub step: Step,
    /// The day; `None` where it was not.
    pub on: Option<Date>,
    /// Days since the clinic was enabled, where both are known.
    pub after_days: Option<i64>,
}

/// The way of a clinic so far. Where nobody says when it was enabled, its first sign of life counts.
#[must_use]
pub fn funnel(enabled: Option<Date>, firsts: &Firsts, steady: Option<Date>) -> [Reached; 5] {
    let seen = [firsts.signed_in, firsts.done].into_iter().flatten().min();
    let enabled = enabled.or(seen);
    let step = |step, on: Option<Date>| {
        let days =
            |day: Date| enabled.map(|from| day.duration_since(from).as_hours().div_euclid(24));
        Reached { step, on, after_days: on.and_then(days) }
    };
    [
        step(Step::Enabled, enabled),
        step(Step::SignedIn, firsts.signed_in),
        step(Step::Found, firsts.found),
        step(Step::Changed, firsts.changed),
        step(Step::Steady, steady),
    ]
}

/// The first day at whose end a clinic had used it on so many of the last fourteen days.
#[must_use]
pub fn steady_since(days: &BTreeSet<Date>, active_days: u64) -> Option<Date> {
    let steady = |day: &&Date| {
        let from = day.saturating_sub((WINDOW_DAYS - 1).days());
        days.range(from..=**day).count() as u64 >= active_days
    };
    days.iter().find(steady).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn steps_are_counted_from_the_day_on_which_it_was_enabled() {
        let firsts = Firsts {
            signed_in: Some(date(2026, 9, 3)),
            found: Some(date(2026, 9, 3)),
            done: Some(date(2026, 9, 3)),
            ..Firsts::default()
        };
        let way = |enabled| funnel(enabled, &firsts, None).map(|reached| reached.after_days);
        assert_eq!(way(Some(date(2026, 9, 1))), [Some(0), Some(2), Some(2), None, None]);
        assert_eq!(way(None), [Some(0), Some(0), Some(0), None, None]);
        let nothing = funnel(None, &Firsts::default(), None);
        assert!(nothing.iter().all(|reached| reached.on.is_none()));
    }

    #[test]
    fn what_a_clinic_had_reached_counts_from_the_day_on_which_it_became_part() {
        let day = |day| Some(date(2026, 9, day));
        let own = Firsts { done: day(9), last_done: day(10), ..Firsts::default() };
        let part = Firsts {
            signed_in: day(2),
            done: day(3),
            found: day(8),
            last_done: day(12),
            ..Firsts::default()
        };
        let joined = |mut own: Firsts, since| {
            own.join(&part, date(2026, 9, since));
            own
        };
        let both = Firsts {
            signed_in: day(5),
            done: day(5),
            found: day(8),
            last_done: day(12),
            ..Firsts::default()
        };
        assert_eq!(joined(own, 5), both, "never a day before they were one");
        assert_eq!(joined(Firsts::default(), 5), both);
        assert_eq!(joined(own, 13), own, "it was not used since");
        assert_eq!(joined(own, 11).done, day(9), "this one was first");
    }

    #[test]
    fn steady_is_the_day_on_which_enough_of_a_fortnight_was_used() {
        let days =
            |list: &[i8]| list.iter().map(|day| date(2026, 11, *day)).collect::<BTreeSet<_>>();
        assert_eq!(steady_since(&days(&[1, 2, 3, 4]), 4), Some(date(2026, 11, 4)));
        assert_eq!(steady_since(&days(&[1, 2, 3, 14]), 4), Some(date(2026, 11, 14)));
        assert_eq!(steady_since(&days(&[1, 2, 3, 15]), 4), None);
        assert_eq!(steady_since(&days(&[]), 1), None);
    }
}
