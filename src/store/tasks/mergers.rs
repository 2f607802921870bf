//! Clinics that became part of another one, as far as the counts have it.
//!
//! Owns the table `clinic_mergers`, a copy of what the registry says. Where the registry says something else, the
//! days of everybody concerned are due once more, in the transaction that takes the new word. A clinic that
//! is registered no more stays part of what it was part of.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::Store;
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::insert::bulk;
use super::super::rollup::day_number;
use super::super::sql::{Int, Sql};
use super::{TASK_DAYS_DUE, date, lock};
use crate::domain::adoption::{Bucket, Firsts};
use crate::domain::names::ClinicId;
use crate::domain::registry::{Mergers, Registry};

type Row = (Int, Int, Int);

const ALL: &str = "select clinic_label, into_label, on_day from clinic_mergers";

fn mergers(rows: Vec<Row>) -> Mergers<i64> {
    let merger = |(part, into, on): Row| Some((part.0, into.0, date(on.0)?));
    Mergers::of(rows.into_iter().filter_map(merger))
}

/// Who is part of whom, within a transaction.
pub(super) async fn read(tx: &mut Tx) -> Result<Mergers<i64>, StoreError> {
    tx.all(Sql::new(ALL)).await.map(mergers)
}

impl Store {
    /// Who is part of whom.
    pub(super) async fn mergers(&self) -> Result<Mergers<i64>, StoreError> {
        self.pools.all(Sql::new(ALL)).await.map(mergers)
    }

    /// Takes what the registry says of mergers.
    pub(super) async fn take_mergers(&self, registry: &Registry) -> Result<(), StoreError> {
        let known = self.mergers().await?;
        if known.is_empty() && registry.mergers().is_empty() {
            return Ok(());
        }
        let labels = known.each().flat_map(|(part, into, _)| [*part, *into]);
        self.labels.prepare(&self.pools, labels).await?;
        let said = self.said(registry, &known).await?;
        if said == known {
            return Ok(());
        }
        let mut tx = self.pools.begin().await?;
        lock(&self.pools, &mut tx).await?;
        for (family, from) in changed(&known, &said) {
            let mut sql = Sql::new("select distinct day from daily_tasks where clinic_label in (");
            sql.bind_all(family.iter().copied()).push(") and day >= ").bind(day_number(from));
            let days: Vec<(Int,)> = tx.all(sql).await?;
            // Each day at each of them: what one has no more, another one has.
            let due = days.iter().flat_map(|(day,)| {
                family.iter().map(|label| vec![(*label).into(), day.0.into(), 0.into()])
            });
            bulk::insert(&mut tx, &TASK_DAYS_DUE, due.collect()).await?;
        }
        tx.execute(Sql::new("delete from clinic_mergers")).await?;
        for (part, into, on) in said.each() {
            let mut sql =
                Sql::new("insert into clinic_mergers (clinic_label, into_label, on_day) values (");
            sql.bind(*part).push(", ").bind(*into).push(", ").bind(day_number(on)).push(")");
            tx.execute(sql).await?;
        }
        tx.commit().await
    }

    /// What the registry says, with what is known of clinics that are not in it.
    async fn said(
        &self,
        registry: &Registry,
        known: &Mergers<i64>,
    ) -> Result<Mergers<i64>, StoreError> {
        let mut tx = self.pools.begin().await?;
        let of_registry = registry.mergers();
        let names = of_registry.each().flat_map(|(part, into, _)| [part.as_str(), into.as_str()]);
        let ids = self.labels.ensure(&mut tx, names.collect()).await?;
        let is_gone = |label: i64| {
            let id = self.labels.text(label).and_then(|text| ClinicId::parse(&text).ok());
            id.is_none_or(|id| registry.clinic(&id).is_none())
        };
        let mut said = Vec::new();
        for (part, into, on) in of_registry.each() {
            said.push((ids.of(part.as_str())?, ids.of(into.as_str())?, on));
        }
        let gone = known.each().filter(|(part, ..)| is_gone(**part));
        said.extend(gone.map(|(part, into, on)| (*part, *into, on)));
        tx.commit().await?;
        self.labels.committed(ids);
        Ok(Mergers::of(said))
    }

    /// Gives each clinic the days on which those that became part of it did something first, as of a day. What one of
    /// them had reached before counts as reached on the day on which it became part, if it was used since.
    pub(super) async fn join_firsts(
        &self,
        firsts: &mut std::collections::BTreeMap<i64, Firsts>,
        as_of: Date,
    ) -> Result<(), StoreError> {
        let mergers = self.mergers().await?;
        for (part, ..) in mergers.each() {
            let owner = *mergers.owner(part, as_of);
            let of_part = firsts.get(part).copied().filter(|_| owner != *part);
            let (Some(of_part), Some(since)) = (of_part, mergers.since(part, &owner)) else {
                continue;
            };
            firsts.entry(owner).or_default().join(&of_part, since);
        }
        Ok(())
    }
}

/// The clinics that a change concerns, family by family, and from which day on.
fn changed(known: &Mergers<i64>, said: &Mergers<i64>) -> Vec<(BTreeSet<i64>, Date)> {
    let of = |mergers: &Mergers<i64>, label: &i64| {
        mergers.of_clinic(label).map(|(into, on)| (*into, on))
    };
    let parts: BTreeSet<i64> = known.each().chain(said.each()).map(|(part, ..)| *part).collect();
    let differs = parts.iter().filter(|part| of(known, part) != of(said, part));
    differs
        .filter_map(|part| {
            let days = [of(known, part), of(said, part)].into_iter().flatten().map(|(_, on)| on);
            let first = days.min()?;
            // It is another day of whole weeks and months.
            let from = Bucket::ALL.iter().map(|bucket| bucket.around(first).0).min()?;
            let mut family = known.family(part);
            family.extend(said.family(part));
            Some((family, from))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_change_concerns_both_families_from_the_month_of_the_earlier_day_on() {
        let on = |month, day| date(2026, month, day);
        let none = Mergers::default();
        let one = Mergers::of([(1, 2, on(11, 18)), (5, 6, on(11, 2))]);
        let other = Mergers::of([(1, 3, on(12, 3)), (5, 6, on(11, 2))]);
        let of = |known, said| changed(known, said);
        assert_eq!(of(&one, &one), []);
        let two = (BTreeSet::from([1, 2]), on(11, 1));
        let first_of_two = |mut found: Vec<(BTreeSet<i64>, Date)>| found.remove(0);
        assert_eq!(first_of_two(of(&none, &one)), two);
        assert_eq!(first_of_two(of(&one, &none)), two, "it is taken back");
        assert_eq!(of(&one, &other), [(BTreeSet::from([1, 2, 3]), on(11, 1))]);
        // The week of the first of December begins in November.
        let late = Mergers::of([(1, 2, on(12, 1))]);
        assert_eq!(of(&none, &late), [(BTreeSet::from([1, 2]), on(11, 30))]);
    }
}
