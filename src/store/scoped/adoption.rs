//! The counts of the adoption report, of the clinics that somebody may see.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::error::StoreError;
use super::super::tasks::{CountsQuery, CountsRow, KindsOfMonth, WeekStaff};
use super::Scoped;
use crate::domain::adoption::{Firsts, Week};
use crate::domain::names::ClinicId;

/// What is read here fails as the method of the same name of the store does.
#[expect(clippy::missing_errors_doc, reason = "said once, above")]
impl Scoped {
    /// Counts of tasks and of who did them.
    pub async fn task_counts(&self, query: &CountsQuery) -> Result<Vec<CountsRow>, StoreError> {
        let mut rows = self.store.task_counts(query).await?;
        rows.retain(|row| self.scope.covers(Some(&row.clinic)));
        Ok(rows)
    }

    /// Days that are still to be counted, by clinic.
    pub async fn task_days_due(
        &self,
        from: Date,
        to: Date,
    ) -> Result<BTreeMap<ClinicId, u64>, StoreError> {
        let mut days = self.store.task_days_due(from, to).await?;
        days.retain(|clinic, _| self.scope.covers(Some(clinic)));
        Ok(days)
    }

    /// How many who began in one week were there in another, of one of these clinics or of all.
    pub async fn cohorts(
        &self,
        from: Week,
        to: Week,
        clinic: Option<&ClinicId>,
    ) -> Result<BTreeMap<(Week, Week), u64>, StoreError> {
        let Some(clinics) = self.scope.listed() else {
            return self.store.cohorts(from, to, clinic).await;
        };
        let mut sums = BTreeMap::new();
        for own in clinics.iter().filter(|own| clinic.is_none_or(|clinic| clinic == *own)) {
            for (weeks, staff) in self.store.cohorts(from, to, Some(own)).await? {
                *sums.entry(weeks).or_default() += staff;
            }
        }
        Ok(sums)
    }

    /// On how many days each of these clinics was used.
    pub async fn days_of_use(&self, of: &CountsQuery) -> Result<Vec<(ClinicId, u64)>, StoreError> {
        let mut days = self.store.days_of_use(of).await?;
        days.retain(|(clinic, _)| self.scope.covers(Some(clinic)));
        Ok(days)
    }

    /// How many of the staff began in each week at each of these clinics.
    pub async fn cohort_sizes(&self, weeks: (Week, Week)) -> Result<Vec<WeekStaff>, StoreError> {
        let mut sizes = self.store.cohort_sizes(weeks).await?;
        sizes.retain(|(clinic, ..)| self.scope.covers(Some(clinic)));
        Ok(sizes)
    }

    /// How many too many the clinics of a merger count together in each week, told at the one that goes on.
    pub async fn merger_overlaps(&self, of: (Week, Week)) -> Result<Vec<WeekStaff>, StoreError> {
        let mut overlaps = self.store.merger_overlaps(of).await?;
        overlaps.retain(|(clinic, ..)| self.scope.covers(Some(clinic)));
        Ok(overlaps)
    }

    /// How many people are behind kinds of tasks in each month.
    pub async fn kinds_of_months(
        &self,
        of: (Date, Date),
        least: u64,
    ) -> Result<Vec<KindsOfMonth>, StoreError> {
        let mut kinds = self.store.kinds_of_months(of, least).await?;
        kinds.retain(|month| self.scope.covers(Some(&month.clinic)));
        Ok(kinds)
    }

    /// When each clinic did what first.
    pub async fn clinic_firsts(
        &self,
        as_of: Date,
    ) -> Result<BTreeMap<ClinicId, Firsts>, StoreError> {
        let mut firsts = self.store.clinic_firsts(as_of).await?;
        firsts.retain(|clinic, _| self.scope.covers(Some(clinic)));
        Ok(firsts)
    }
}
