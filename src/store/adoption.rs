//! Who used what on which day, and when each clinic called first and last.
//!
//! Owns the reads of `daily_actors` and `clinics_seen`. A person counts once however many days are
//! asked for. After a key rotation one person has two references, and counts twice on that day.

use super::Store;
use super::error::StoreError;
use super::rollup::day_number;
use super::sql::{Int, Sql};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::labels::WorkflowDomain;
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// Which people to count.
#[derive(Clone, Debug)]
pub struct ActorQuery {
    /// Only this clinic.
    pub clinic: Option<ClinicId>,
    /// First day, in the clinic's calendar.
    pub from: jiff::civil::Date,
    /// Last day, counted too.
    pub to: jiff::civil::Date,
    /// Count each day by itself.
    pub by_day: bool,
    /// Count each clinic by itself.
    pub by_clinic: bool,
    /// Count each workflow domain by itself.
    pub by_domain: bool,
}

/// A count of people. A field that the query did not ask for is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorRow {
    /// The day.
    pub day: Option<jiff::civil::Date>,
    /// The clinic; `None` also where it could not be told.
    pub clinic: Option<ClinicId>,
    /// The workflow domain.
    pub domain: Option<WorkflowDomain>,
    /// Distinct people.
    pub actors: u64,
}

/// When a clinic called first and last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClinicSeen {
    /// The clinic; `None` for calls whose clinic could not be told.
    pub clinic: Option<ClinicId>,
    /// Its first call.
    pub first: Timestamp,
    /// Its last call.
    pub last: Timestamp,
}

impl Store {
    /// Counts distinct people.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn active_actors(&self, query: &ActorQuery) -> Result<Vec<ActorRow>, StoreError> {
        self.active_actors_within(query, &ClinicScope::all()).await
    }

    /// [`Store::active_actors`] of some clinics only.
    pub(super) async fn active_actors_within(
        &self,
        query: &ActorQuery,
        scope: &ClinicScope,
    ) -> Result<Vec<ActorRow>, StoreError> {
        let listed = scope.listed();
        let names = query.clinic.iter().chain(listed.into_iter().flatten());
        let names = names.map(ClinicId::as_str).collect();
        let ids = self.labels.find(&self.pools, names).await?;
        let mut sql = Sql::new("select ");
        let columns = [
            (query.by_day, "day"),
            (query.by_clinic, "clinic_label"),
            (query.by_domain, "domain_label"),
        ];
        for (wanted, column) in columns {
            sql.push(if wanted { column } else { "0" }).push(", ");
        }
        sql.push("count(distinct actor_ref) from daily_actors where clinic_label ");
        match (&query.clinic, listed) {
            (Some(clinic), _) => match ids.get(clinic.as_str()) {
                Some(id) if scope.covers(Some(clinic)) => sql.push("= ").bind(id),
                _ => return Ok(Vec::new()),
            },
            (None, Some(listed)) => {
                let labels: Vec<i64> =
                    listed.iter().filter_map(|id| ids.get(id.as_str())).collect();
                if labels.is_empty() {
                    return Ok(Vec::new());
                }
                sql.push("in (").bind_all(labels).push(")")
            }
            (None, None) => sql.push("in (select clinic_label from clinics_seen)"),
        };
        sql.push(" and day between ").bind(day_number(query.from));
        sql.push(" and ").bind(day_number(query.to));
        let mut separator = " group by ";
        for (_, column) in columns.iter().filter(|(wanted, _)| *wanted) {
            sql.push(separator).push(column);
            separator = ", ";
        }
        let mut rows: Vec<(Int, Int, Int, Int)> = self.pools.all(sql).await?;
        rows.sort_by_key(|row| (row.0.0, row.1.0, row.2.0));
        let labels = rows.iter().flat_map(|row| [row.1.0, row.2.0]).filter(|id| *id != 0);
        self.labels.prepare(&self.pools, labels).await?;
        let row = |(day, clinic, domain, actors): (Int, Int, Int, Int)| {
            let unknown = |column| StoreError::UnknownValue { table: "daily_actors", column };
            let domain = self.labels.text(domain.0).filter(|_| query.by_domain);
            Ok(ActorRow {
                day: if query.by_day { Some(date(day.0).ok_or(unknown("day"))?) } else { None },
                clinic: if query.by_clinic { self.clinic_of(clinic)? } else { None },
                domain: match domain {
                    Some(t) => Some(WorkflowDomain::parse(&t).ok_or(unknown("domain_label"))?),
                    None => None,
                },
                actors: actors.0.cast_unsigned(),
            })
        };
        rows.into_iter().map(row).collect()
    }

    /// When each clinic called first and last.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn clinics_seen(&self) -> Result<Vec<ClinicSeen>, StoreError> {
        let sql = Sql::new("select clinic_label, first_ts, last_ts from clinics_seen");
        let rows: Vec<(Int, Int, Int)> = self.pools.all(sql).await?;
        let labels = rows.iter().map(|row| row.0.0).filter(|id| *id != 0);
        self.labels.prepare(&self.pools, labels).await?;
        let row = |(clinic, first, last): (Int, Int, Int)| {
            Ok(ClinicSeen {
                clinic: self.clinic_of(clinic)?,
                first: Timestamp::from_micros(first.0),
                last: Timestamp::from_micros(last.0),
            })
        };
        rows.into_iter().map(row).collect()
    }

    /// The clinic of a label that was prepared; 0 is none.
    fn clinic_of(&self, label: Int) -> Result<Option<ClinicId>, StoreError> {
        if label.0 == 0 {
            return Ok(None);
        }
        let clinic = self.labels.text(label.0).and_then(|text| ClinicId::parse(&text).ok());
        let unknown = StoreError::UnknownValue { table: "labels", column: "text" };
        clinic.ok_or(unknown).map(Some)
    }
}

fn date(number: i64) -> Option<jiff::civil::Date> {
    let days = jiff::Span::new().try_days(number).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(days).ok()
}
