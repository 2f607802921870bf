//! People who are counted at more than one clinic in the week in which the clinics became one.
//!
//! Owns the table `merger_overlaps`. Each clinic has its own days of such a week, so somebody who was at both before and
//! after counts at each; a sum over the clinics that is to have everybody once takes what stands here off.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::Store;
use super::super::cells::Kind;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::insert::bulk::{self, Conflict, Table};
use super::super::rollup::day_number;
use super::super::sql::{Arg, Int, Sql};
use super::recount::Family;
use super::{WeekStaff, date, delete};
use crate::domain::adoption::figures::active;
use crate::domain::adoption::{PersonDay, Week};
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;

const MERGER_OVERLAPS: Table = Table {
    name: "merger_overlaps",
    columns: &[("week", Kind::Int), ("clinic_label", Kind::Int), ("staff", Kind::Int)],
    key: "(week, clinic_label)",
    conflict: Conflict::Fail,
};

/// Counts a week of a family anew: `rows` is what was done at each clinic that had days of it.
pub(super) async fn count_week(
    tx: &mut Tx,
    family: &Family,
    (first, last): (Date, Date),
    rows: &BTreeMap<i64, Vec<PersonDay>>,
) -> Result<(), StoreError> {
    let number = day_number(first);
    for clinic in family.labels.iter().copied() {
        let head = "delete from merger_overlaps where clinic_label = ";
        delete(tx, head, &[("", clinic), (" and week = ", number)]).await?;
    }
    let mut of_owner: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for clinic in rows.keys() {
        of_owner.entry(family.owner(*clinic, last)).or_default().push(*clinic);
    }
    let mut found = Vec::new();
    for (owner, clinics) in of_owner.into_iter().filter(|(_, clinics)| clinics.len() > 1) {
        let mut each = 0;
        let (mut all, mut parts) = (Vec::new(), BTreeSet::new());
        for clinic in clinics {
            let of_clinic = family.parts(clinic, (first, last));
            each += active(&rows[&clinic], &family.same(&of_clinic)).len();
            all.extend_from_slice(&rows[&clinic]);
            parts.extend(of_clinic);
        }
        let once = active(&all, &family.same(&parts)).len();
        if let Ok(again @ 1..) = i64::try_from(each.saturating_sub(once)) {
            found.push([number, owner, again].map(Arg::from).into());
        }
    }
    bulk::insert(tx, &MERGER_OVERLAPS, found).await
}

impl Store {
    /// How many too many the clinics of a merger count together in each week between two, both included, told at the
    /// clinic that goes on.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn merger_overlaps(
        &self,
        (from, to): (Week, Week),
    ) -> Result<Vec<WeekStaff>, StoreError> {
        let mut sql =
            Sql::new("select week, clinic_label, staff from merger_overlaps where week >= ");
        sql.bind(day_number(from.first())).push(" and week <= ").bind(day_number(to.first()));
        sql.push(" order by week, clinic_label");
        let rows: Vec<(Int, Int, Int)> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().map(|row| row.1.0)).await?;
        let row = |(week, label, staff): (Int, Int, Int)| {
            let clinic = ClinicId::parse(&self.labels.text(label.0)?).ok()?;
            Some((clinic, Week::of(date(week.0)?), staff.0.cast_unsigned()))
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }

    /// Whether a registry tells the mergers by which the figures are counted.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn counts_mergers_of(&self, registry: &Registry) -> Result<bool, StoreError> {
        let known = self.mergers().await?;
        let labels = known.each().flat_map(|(part, into, _)| [*part, *into]);
        self.labels.prepare(&self.pools, labels).await?;
        let id = |label: &i64| ClinicId::parse(&self.labels.text(*label)?).ok();
        let known: BTreeSet<_> =
            known.each().filter_map(|(part, into, on)| Some((id(part)?, id(into)?, on))).collect();
        let told: BTreeSet<_> = registry.mergers().each().collect();
        // A clinic that is registered no more stays part of what it was part of.
        let still = known.iter().filter(|(part, ..)| registry.clinic(part).is_some());
        Ok(still.map(|(part, into, on)| (part, into, *on)).collect::<BTreeSet<_>>() == told)
    }
}
