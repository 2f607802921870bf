//! How a clinic stands: stuck, on its way, or ready to move up.
//!
//! Owns how gates are measured and the rules for being stuck. Everything is as of the end of a week, on the clinic's
//! own calendar. What blocks a clinic that is stuck is the diagnosis's to say.

use jiff::civil::{Date, DateTime};

use super::figures::Counts;
use super::funnel::Firsts;
use super::gates::Gates;
use super::hours::OpeningHours;
use crate::domain::labels::label_enum;
use crate::domain::registry::Phase;

/// Open days without use after which a clinic is stuck.
const NO_USE_DAYS: u64 = 5;
/// Days of setting up after which a clinic is stuck.
const SETUP_DAYS: i64 = 30;
/// Days of an open incident after which a clinic is stuck.
const FAILING_DAYS: i64 = 3;
/// Weeks whose staff a week is compared with.
const EARLIER_WEEKS: usize = 4;

label_enum! {
    /// Something to reach before a clinic moves up.
    Gate, "a gate" {
        /// Enough of those invited use it.
        Staff = "staff",
        /// It works first time.
        FirstTime = "first_time",
        /// It is used for several things.
        Tasks = "tasks",
        /// It is used on most days.
        Steady = "steady",
        /// Nothing is broken.
        NoIncident = "no_incident",
    }
}

/// A gate, measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Which.
    pub gate: Gate,
    /// Whether it is met.
    pub met: bool,
    /// What was measured, in the gate's unit; `None` where there is nothing to measure.
    pub value: Option<u64>,
    /// What it takes.
    pub goal: u64,
}

/// Why a clinic is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It was enabled so many days ago, and nothing was ever done.
    NeverStarted {
        /// Days.
        days: i64,
    },
    /// It was used and is used no more.
    NoUse {
        /// The last day of use.
        last: Date,
        /// Open days since.
        open_days: u64,
    },
    /// Less than half as many use it as in the weeks before.
    Fewer {
        /// Staff of the week.
        staff: u64,
        /// Staff of the weeks before, the middle one.
        before: u64,
    },
    /// An incident of its own is open for days.
    Failing {
        /// Since when.
        since: Date,
    },
}

/// How a clinic stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Days of its week are still being counted, so nothing is said of it.
    BeingCounted,
    /// Something has to happen.
    Stuck(Stuck),
    /// Every gate is met.
    Ready {
        /// The phase to move up to.
        next: Phase,
    },
    /// It moves.
    OnTheWay,
    /// It is where it should be.
    Live,
    /// Enabled lately or not at all.
    NotStarted,
    /// Switched off for now.
    Paused,
}

/// What is known of a clinic as of the end of a week.
pub struct ClinicWeeks<'c> {
    /// How far it is.
    pub phase: Phase,
    /// How many were invited.
    pub invited: Option<u64>,
    /// When it was enabled.
    pub enabled: Option<Date>,
    /// When it is open.
    pub hours: &'c OpeningHours,
    /// The end of the week, or now where it is not over.
    pub as_of: DateTime,
    /// Whether the week is over.
    pub over: bool,
    /// Weeks, the oldest first and the one that is reported last.
    pub weeks: &'c [Counts],
    /// Kinds of tasks that were done in the week.
    pub tasks: u64,
    /// Of the last 14 days, those with use.
    pub active_days: u64,
    /// What happened first and last.
    pub firsts: Firsts,
    /// Since when an incident of its own is open.
    pub failing_since: Option<Date>,
}

impl ClinicWeeks<'_> {
    fn week(&self) -> Counts {
        self.weeks.last().copied().unwrap_or_default()
    }

    /// Every gate, measured.
    #[must_use]
    pub fn gates(&self, gates: &Gates) -> [Measured; 5] {
        let week = self.week();
        let at_least = |gate, value: Option<u64>, goal| Measured {
            gate,
            met: value.is_some_and(|value| value >= goal),
            value,
            goal,
        };
        let staff = self.invited.filter(|of| *of > 0).map(|of| week.staff * 100 / of);
        let in_a_row = usize::try_from(gates.weeks.max(1)).unwrap_or(1);
        let lately = self.weeks.iter().rev().take(in_a_row);
        let shares: Vec<Option<u64>> = lately.map(first_time_permille).collect();
        // The worst of the weeks; a week without tasks shows nothing.
        let first_time = (shares.len() == in_a_row)
            .then(|| shares.into_iter().collect::<Option<Vec<u64>>>())
            .flatten()
            .and_then(|shares| shares.into_iter().min());
        let broken = self.failing_since.is_some();
        [
            at_least(Gate::Staff, staff, gates.staff_percent),
            at_least(Gate::FirstTime, first_time, gates.first_time_permille),
            at_least(Gate::Tasks, Some(self.tasks), gates.tasks),
            at_least(Gate::Steady, Some(self.active_days), gates.active_days),
            Measured {
                gate: Gate::NoIncident,
                met: !broken,
                value: Some(u64::from(broken)),
                goal: 0,
            },
        ]
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self, gates: &Gates) -> Standing {
        if self.phase == Phase::Paused {
            return Standing::Paused;
        }
        if let Some(stuck) = self.stuck() {
            return Standing::Stuck(stuck);
        }
        if self.firsts.done.is_none() {
            return Standing::NotStarted;
        }
        let next = match self.phase {
            Phase::Onboarding => Phase::Pilot,
            Phase::Pilot => Phase::Expanding,
            Phase::Expanding => Phase::Live,
            Phase::Live | Phase::Paused => return Standing::Live,
        };
        if self.gates(gates).iter().all(|gate| gate.met) {
            Standing::Ready { next }
        } else {
            Standing::OnTheWay
        }
    }

    fn stuck(&self) -> Option<Stuck> {
        let today = self.as_of.date();
        let days_since = |day: Date| today.duration_since(day).as_hours().div_euclid(24);
        let Some(last) = self.firsts.last_done.map(|day| day.min(today)) else {
            let days = days_since(self.enabled?);
            return (days > SETUP_DAYS).then_some(Stuck::NeverStarted { days });
        };
        let open_days = self.hours.open_days_since(last, self.as_of);
        if open_days >= NO_USE_DAYS {
            return Some(Stuck::NoUse { last, open_days });
        }
        if let Some(since) = self.failing_since.filter(|day| days_since(*day) > FAILING_DAYS) {
            return Some(Stuck::Failing { since });
        }
        let staff = self.week().staff;
        let before = usual(self.weeks);
        // Half of three is no trend, and half a week is not half the use.
        (self.over && before >= 4 && staff * 2 < before).then_some(Stuck::Fewer { staff, before })
    }
}

/// The middle of the staff of the weeks before the last one.
fn usual(weeks: &[Counts]) -> u64 {
    let earlier = weeks.iter().rev().skip(1).take(EARLIER_WEEKS);
    let mut staff: Vec<u64> = earlier.map(|week| week.staff).filter(|staff| *staff > 0).collect();
    staff.sort_unstable();
    staff.get(staff.len() / 2).copied().unwrap_or(0)
}

/// Of the tasks that ended, those that worked first time, in tenths of a percent, rounded down.
#[must_use]
pub fn first_time_permille(counts: &Counts) -> Option<u64> {
    let ended = counts.deeds.ended();
    (ended > 0).then(|| counts.deeds.first_time * 1_000 / ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adoption::run::Deeds;
    use jiff::civil::date;

    fn week(staff: u64, done: u64, first_time: u64) -> Counts {
        Counts { staff, deeds: Deeds { done, first_time, ..Deeds::default() }, unknown_calls: 0 }
    }

    /// A pilot that meets every gate, on the Sunday evening of week 47.
    fn clinic<'c>(weeks: &'c [Counts], hours: &'c OpeningHours) -> ClinicWeeks<'c> {
        ClinicWeeks {
            phase: Phase::Pilot,
            invited: Some(10),
            enabled: Some(date(2026, 9, 1)),
            hours,
            as_of: date(2026, 11, 22).at(23, 59, 0, 0),
            over: true,
            weeks,
            tasks: 3,
            active_days: 8,
            firsts: Firsts {
                done: Some(date(2026, 9, 3)),
                last_done: Some(date(2026, 11, 20)),
                ..Firsts::default()
            },
            failing_since: None,
        }
    }

    #[test]
    fn a_clinic_moves_up_once_every_gate_is_met() {
        let hours = OpeningHours::default();
        let good = [week(7, 1_000, 985), week(7, 1_000, 990)];
        let gates = Gates::default();
        let ready = |clinic: ClinicWeeks<'_>| clinic.standing(&gates);
        assert_eq!(ready(clinic(&good, &hours)), Standing::Ready { next: Phase::Expanding });
        for phase in [Phase::Live, Phase::Paused] {
            let standing = ready(ClinicWeeks { phase, ..clinic(&good, &hours) });
            assert!(matches!(standing, Standing::Live | Standing::Paused), "{phase}");
        }
        let bad_weeks = [week(7, 1_000, 984), week(7, 1_000, 990)];
        let few = [week(6, 1_000, 999), week(6, 1_000, 999)];
        let one_week = [week(7, 1_000, 999)];
        for (clinic, gate) in [
            (clinic(&bad_weeks, &hours), Gate::FirstTime),
            (clinic(&one_week, &hours), Gate::FirstTime),
            (clinic(&few, &hours), Gate::Staff),
            (ClinicWeeks { invited: None, ..clinic(&good, &hours) }, Gate::Staff),
            (ClinicWeeks { tasks: 2, ..clinic(&good, &hours) }, Gate::Tasks),
            (ClinicWeeks { active_days: 7, ..clinic(&good, &hours) }, Gate::Steady),
            (
                ClinicWeeks { failing_since: Some(date(2026, 11, 21)), ..clinic(&good, &hours) },
                Gate::NoIncident,
            ),
        ] {
            let missed: Vec<Gate> = clinic
                .gates(&gates)
                .iter()
                .filter(|gate| !gate.met)
                .map(|gate| gate.gate)
                .collect();
            assert_eq!(missed, [gate]);
            assert_eq!(ready(clinic), Standing::OnTheWay, "{gate}");
        }
    }

    #[test]
    fn a_clinic_is_stuck_by_the_rules_and_not_over_a_weekend() {
        let hours = OpeningHours::default();
        let weeks = [week(9, 100, 99), week(8, 100, 99), week(9, 100, 99), week(9, 100, 99)];
        let last = |day: i8| Firsts {
            done: Some(date(2026, 9, 3)),
            last_done: Some(date(2026, 11, day)),
            ..Firsts::default()
        };
        let standing = |clinic: ClinicWeeks<'_>| clinic.standing(&Gates::default());
        let stuck = |clinic| match standing(clinic) {
            Standing::Stuck(stuck) => Some(stuck),
            _ => None,
        };
        let of = |firsts| ClinicWeeks { firsts, ..clinic(&weeks, &hours) };
        assert_eq!(stuck(of(last(16))), None, "four open days");
        let no_use = Stuck::NoUse { last: date(2026, 11, 13), open_days: 5 };
        assert_eq!(stuck(of(last(13))), Some(no_use));
        let since = date(2026, 11, 18);
        let failing = |since| ClinicWeeks { failing_since: Some(since), ..clinic(&weeks, &hours) };
        assert_eq!(stuck(failing(since)), Some(Stuck::Failing { since }));
        assert_eq!(stuck(failing(date(2026, 11, 19))), None, "three days");
        let never =
            |enabled| ClinicWeeks { enabled, firsts: Firsts::default(), ..clinic(&[], &hours) };
        let days = 41;
        assert_eq!(stuck(never(Some(date(2026, 10, 12)))), Some(Stuck::NeverStarted { days }));
        assert_eq!(standing(never(Some(date(2026, 10, 23)))), Standing::NotStarted);
        assert_eq!(standing(never(None)), Standing::NotStarted);
    }

    #[test]
    fn half_as_many_as_before_is_stuck_once_the_week_is_over() {
        let hours = OpeningHours::default();
        let weeks = [week(9, 90, 90), week(0, 0, 0), week(8, 80, 80), week(4, 40, 40)];
        let fewer = Stuck::Fewer { staff: 4, before: 9 };
        assert_eq!(clinic(&weeks, &hours).stuck(), Some(fewer));
        assert_eq!(ClinicWeeks { over: false, ..clinic(&weeks, &hours) }.stuck(), None);
        let small = [week(3, 30, 30), week(1, 10, 10)];
        assert_eq!(clinic(&small, &hours).stuck(), None);
    }
}
