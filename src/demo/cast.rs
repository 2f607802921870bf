//! Who plays a part in the incidents, and what the simulator has to be told of them.
//!
//! Owns the choice of people, made from the world alone so that history, story and staff agree, and
//! the standing troubles that began before the demo did. Sends nothing.

use serde_json::{Value, json};

use super::clinics::CLINICS;
use super::work::Op;
use crate::sim::world::{Account, Role, World};

/// One person, by clinic and by place in its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The clinic's place in the list.
    pub clinic: usize,
    /// The account's place in the clinic's.
    pub account: usize,
}

/// Something that somebody does again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// Who.
    pub person: Person,
    /// What.
    pub op: Op,
    /// About whom, by place in the clinic's list.
    pub patient: Option<usize>,
    /// How often on a weekday.
    pub per_day: u32,
}

/// A chart, by clinic and by place in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The clinic's place in the list.
    pub clinic: usize,
    /// The patient's place in the clinic's.
    pub patient: usize,
}

/// Everybody with a part.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// Is refused one chart.
    pub refused: Person,
    /// That chart.
    pub masked: Chart,
    /// Gets empty lists: no provider was granted.
    pub filtered: Person,
    /// Lacks the labs.
    pub lacking: Person,
    /// Looks for a merged chart.
    pub searching: Person,
    /// That chart.
    pub merged: Chart,
    /// Ends up in the wrong office.
    pub misplaced: Person,
    /// A patient of their right office only.
    pub local: Chart,
    /// Has one expired session after the other.
    pub expired: Person,
}

/// Places in [`CLINICS`].
pub(super) mod at {
    pub(in crate::demo) const MAPLE_RIDGE: usize = 0;
    pub(in crate::demo) const HARBOUR_VIEW: usize = 1;
    pub(in crate::demo) const LAKESHORE: usize = 2;
    pub(in crate::demo) const FOOTHILLS: usize = 3;
    pub(in crate::demo) const PRAIRIE_ROSE: usize = 4;
    pub(in crate::demo) const RIVERBEND: usize = 5;
    pub(in crate::demo) const NORTH_SHORE: usize = 6;
    pub(in crate::demo) const CEDAR_STREET: usize = 7;
}

impl Cast {
    /// Chooses them; `None` for a world that is not the demo's.
    #[must_use]
    pub fn of(world: &World) -> Option<Self> {
        let person = |clinic: usize, role: Role| {
            let account =
                world.tenants.get(clinic)?.accounts.iter().position(|a| a.role == role)?;
            Some(Person { clinic, account })
        };
        let everywhere = |clinic: usize, nth: usize| {
            let patients = &world.tenants.get(clinic)?.patients;
            let mut open = patients.iter().enumerate().filter(|(_, p)| p.office.is_none());
            open.nth(nth).map(|(patient, _)| Chart { clinic, patient })
        };
        let misplaced = person(at::MAPLE_RIDGE, Role::Nurse)?;
        let home = world.tenants[misplaced.clinic].accounts[misplaced.account].office;
        let patients = &world.tenants[misplaced.clinic].patients;
        let local = patients.iter().position(|patient| patient.office == Some(home))?;
        Some(Self {
            refused: person(at::LAKESHORE, Role::Physician)?,
            masked: everywhere(at::LAKESHORE, 11)?,
            filtered: person(at::NORTH_SHORE, Role::Nurse)?,
            lacking: person(at::RIVERBEND, Role::Nurse)?,
            searching: person(at::PRAIRIE_ROSE, Role::Nurse)?,
            merged: everywhere(at::PRAIRIE_ROSE, 5)?,
            misplaced,
            local: Chart { clinic: misplaced.clinic, patient: local },
            expired: person(at::FOOTHILLS, Role::FrontDesk)?,
        })
    }

    /// What they, and colleagues for comparison, do again and again.
    #[must_use]
    pub fn habits(&self) -> Vec<Habit> {
        let habit = |person, op, patient, per_day| Habit { person, op, patient, per_day };
        let colleague =
            |person: Person, step: usize| Person { account: person.account + step, ..person };
        let masked = Some(self.masked.patient);
        let merged = Some(self.merged.patient);
        let local = Some(self.local.patient);
        vec![
            habit(self.refused, Op::OpenChart, masked, 4),
            habit(colleague(self.refused, 1), Op::OpenChart, masked, 2),
            habit(colleague(self.refused, 2), Op::OpenChart, masked, 2),
            habit(self.filtered, Op::DaySheet, None, 8),
            habit(self.filtered, Op::Providers, None, 3),
            habit(self.lacking, Op::Labs, Some(self.merged.patient), 5),
            habit(self.searching, Op::OpenChart, merged, 4),
            habit(colleague(self.searching, 1), Op::OpenChart, merged, 2),
            habit(self.misplaced, Op::OpenChart, local, 3),
            habit(self.misplaced, Op::DaySheet, None, 6),
        ]
    }

    /// Orders that bring the simulator to where the history ends.
    #[must_use]
    pub fn standing_orders(&self, world: &World) -> Vec<Value> {
        let acronym = |clinic: usize| CLINICS[clinic].acronym;
        let number = |chart: Chart| world.tenants[chart.clinic].patients[chart.patient].id;
        let login = |person: Person| self::account(world, person).login.clone();
        // The chart that the merged one went into.
        let into = Chart { patient: self.merged.patient + 1, ..self.merged };
        vec![
            json!({"do": "mask", "tenant": acronym(self.masked.clinic),
                "patient": number(self.masked), "users": [login(self.refused)]}),
            json!({"do": "grant", "tenant": acronym(self.filtered.clinic),
                "user": login(self.filtered), "providers": []}),
            json!({"do": "deny_section", "tenant": acronym(self.lacking.clinic),
                "section": "labs", "user": login(self.lacking)}),
            json!({"do": "merge_patient", "tenant": acronym(self.merged.clinic),
                "patient": number(self.merged), "into": number(into)}),
        ]
    }
}

/// The account of a person.
#[must_use]
pub fn account(world: &World, person: Person) -> &Account {
    &world.tenants[person.clinic].accounts[person.account]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::clinics::sim_config;
    use crate::domain::time::Timestamp;
    use crate::sim::Rehearsal;

    #[test]
    fn the_simulator_understands_the_standing_orders() {
        let now = Timestamp::from_seconds(1_795_540_320);
        for seed in 0..5 {
            let mut rehearsal = Rehearsal::new(sim_config(seed), now).unwrap();
            let cast = Cast::of(rehearsal.world()).unwrap();
            for order in cast.standing_orders(&rehearsal.world().clone()) {
                assert_eq!(rehearsal.order(&order), Ok(()), "{order}");
            }
            for habit in cast.habits() {
                let tenant = &rehearsal.world().tenants[habit.person.clinic];
                assert!(tenant.accounts[habit.person.account].role != Role::Client, "{habit:?}");
            }
        }
    }
}
