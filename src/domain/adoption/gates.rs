//! What a clinic has to reach to move up: for all, by phase, and for one clinic.
//!
//! Owns the thresholds and whose count: a clinic's own before those of its phase, those before everybody's.

use std::collections::BTreeMap;

use super::standing::Gate;
use crate::domain::registry::{Clinic, Phase};

/// What a clinic has to reach to move up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gates {
    /// Of those invited, how many use it in a week, in percent.
    pub staff_percent: u64,
    /// Of the tasks that ended, how many worked first time, in tenths of a percent.
    pub first_time_permille: u64,
    /// For how many weeks in a row.
    pub weeks: u64,
    /// How many kinds of tasks are in use.
    pub tasks: u64,
    /// On how many of the last 14 days it was used.
    pub active_days: u64,
}

impl Default for Gates {
    fn default() -> Self {
        Self { staff_percent: 70, first_time_permille: 985, weeks: 2, tasks: 3, active_days: 8 }
    }
}

/// Some thresholds that differ; what is `None` does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateChanges {
    /// See [`Gates::staff_percent`].
    pub staff_percent: Option<u64>,
    /// See [`Gates::first_time_permille`].
    pub first_time_permille: Option<u64>,
    /// See [`Gates::weeks`].
    pub weeks: Option<u64>,
    /// See [`Gates::tasks`].
    pub tasks: Option<u64>,
    /// See [`Gates::active_days`].
    pub active_days: Option<u64>,
}

impl GateChanges {
    fn over(&self, gates: Gates) -> Gates {
        Gates {
            staff_percent: self.staff_percent.unwrap_or(gates.staff_percent),
            first_time_permille: self.first_time_permille.unwrap_or(gates.first_time_permille),
            weeks: self.weeks.unwrap_or(gates.weeks),
            tasks: self.tasks.unwrap_or(gates.tasks),
            active_days: self.active_days.unwrap_or(gates.active_days),
        }
    }

    const fn sets(&self, gate: Gate) -> bool {
        match gate {
            Gate::Staff => self.staff_percent.is_some(),
            Gate::FirstTime => self.first_time_permille.is_some() || self.weeks.is_some(),
            Gate::Tasks => self.tasks.is_some(),
            Gate::Steady => self.active_days.is_some(),
            Gate::NoIncident => false,
        }
    }
}

/// Whose threshold it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetFor {
    /// Every clinic's.
    All,
    /// That of the clinics of a phase.
    Phase,
    /// The clinic's own.
    Clinic,
}

/// The thresholds of every clinic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goals {
    /// Where nothing else is said.
    pub all: Gates,
    /// What differs for clinics of a phase, which are those that would leave it.
    pub phases: BTreeMap<Phase, GateChanges>,
}

impl Goals {
    /// What a clinic has to reach.
    #[must_use]
    pub fn of(&self, clinic: &Clinic) -> Gates {
        let of_phase = self.phases.get(&clinic.phase).copied().unwrap_or_default();
        clinic.rollout.gates.over(of_phase.over(self.all))
    }

    /// Whose threshold a clinic is measured against at a gate.
    #[must_use]
    pub fn set_for(&self, clinic: &Clinic, gate: Gate) -> SetFor {
        if clinic.rollout.gates.sets(gate) {
            return SetFor::Clinic;
        }
        let of_phase = self.phases.get(&clinic.phase).is_some_and(|of_phase| of_phase.sets(gate));
        if of_phase { SetFor::Phase } else { SetFor::All }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::registry::tests::clinic;

    #[test]
    fn a_clinics_own_threshold_counts_before_its_phases_and_that_before_everybodys() {
        let pilot =
            GateChanges { staff_percent: Some(50), tasks: Some(2), ..GateChanges::default() };
        let goals =
            Goals { all: Gates::default(), phases: BTreeMap::from([(Phase::Pilot, pilot)]) };
        let own = GateChanges { tasks: Some(5), weeks: Some(4), ..GateChanges::default() };
        for (phase, gates, staff, tasks, weeks, from) in [
            (Phase::Expanding, GateChanges::default(), 70, 3, 2, [SetFor::All; 3]),
            (
                Phase::Pilot,
                GateChanges::default(),
                50,
                2,
                2,
                [SetFor::Phase, SetFor::Phase, SetFor::All],
            ),
            (Phase::Pilot, own, 50, 5, 4, [SetFor::Phase, SetFor::Clinic, SetFor::Clinic]),
            (Phase::Expanding, own, 70, 5, 4, [SetFor::All, SetFor::Clinic, SetFor::Clinic]),
        ] {
            let mut clinic = clinic("maple-ridge", 1);
            (clinic.phase, clinic.rollout.gates) = (phase, gates);
            let of = goals.of(&clinic);
            assert_eq!((of.staff_percent, of.tasks, of.weeks), (staff, tasks, weeks), "{phase}");
            let whose = [Gate::Staff, Gate::Tasks, Gate::FirstTime]
                .map(|gate| goals.set_for(&clinic, gate));
            assert_eq!(whose, from, "{phase}");
            assert_eq!(of.active_days, 8);
            assert_eq!(goals.set_for(&clinic, Gate::NoIncident), SetFor::All);
        }
    }
}
