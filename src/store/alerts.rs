//! Alerts that Alertmanager told of.
//!
//! Owns the table, and that telling twice, late or out of order comes to the same: an alert that ended
//! stays ended, and what fires again has ended before. What an alert is about is `domain::alert`'s.

use super::Store;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::alert::{Alert, Fingerprint, Severity};
use crate::domain::labels::Category;
use crate::domain::names::{AlertName, ClinicId};
use crate::domain::time::Timestamp;

type Row = (Int, Int, Option<Int>, String, Option<String>, String, Option<String>, Int);

/// Most alerts of one list.
const MOST: i64 = 500;

impl Store {
    /// Keeps what was told of alerts, all of it or nothing. Gives how many of them were not known.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn keep_alerts(&self, alerts: &[Alert]) -> Result<usize, StoreError> {
        let mut tx = self.pools.begin().await?;
        let mut new = 0;
        for alert in alerts {
            let known: Vec<(Int,)> = tx.all(same(alert, "select told_at from alerts")).await?;
            new += usize::from(known.is_empty());
            tx.execute(upsert(alert)).await?;
            tx.execute(ended_before(alert.fingerprint)).await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    /// Alerts that were told of since then, the newest first; at most 500.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn alerts(&self, told_since: Timestamp) -> Result<Vec<Alert>, StoreError> {
        let mut sql = Sql::new(
            "select fingerprint, starts_at, ends_at, name, clinic, severity, category, told_at \
             from alerts where told_at >= ",
        );
        sql.bind(told_since.micros()).push(" order by starts_at desc, fingerprint limit ");
        sql.bind(MOST);
        let rows: Vec<Row> = self.pools.all(sql).await?;
        rows.into_iter().map(alert).collect()
    }
}

fn upsert(alert: &Alert) -> Sql {
    let mut sql = Sql::new(
        "insert into alerts (fingerprint, starts_at, ends_at, name, clinic, severity, category, \
         first_told_at, told_at) values (",
    );
    let clinic = alert.clinic.as_ref().map(ClinicId::as_str);
    sql.bind(alert.fingerprint.0.cast_signed()).push(", ");
    sql.bind(alert.starts_at.micros()).push(", ");
    sql.bind(alert.ends_at.map(Timestamp::micros)).push(", ");
    sql.bind(alert.name.as_str()).push(", ").bind(clinic).push(", ");
    sql.bind(alert.severity.as_str()).push(", ");
    sql.bind(alert.category.map(Category::as_str)).push(", ");
    sql.bind_all([alert.told_at.micros(), alert.told_at.micros()]);
    sql.push(
        ") on conflict (fingerprint, starts_at) do update set \
         ends_at = coalesce(alerts.ends_at, excluded.ends_at), told_at = case \
         when alerts.told_at < excluded.told_at then excluded.told_at else alerts.told_at end",
    );
    sql
}

fn same(alert: &Alert, select: &'static str) -> Sql {
    let mut sql = Sql::new(select);
    sql.push(" where fingerprint = ").bind(alert.fingerprint.0.cast_signed());
    sql.push(" and starts_at = ").bind(alert.starts_at.micros());
    sql
}

/// What fires again has ended, though nobody was there to hear of it.
fn ended_before(fingerprint: Fingerprint) -> Sql {
    let later = " from alerts n where n.fingerprint = alerts.fingerprint \
                 and n.starts_at > alerts.starts_at)";
    let mut sql = Sql::new("update alerts set ends_at = (select min(n.starts_at)");
    sql.push(later).push(" where ends_at is null and fingerprint = ");
    sql.bind(fingerprint.0.cast_signed()).push(" and exists (select 1").push(later);
    sql
}

fn alert(row: Row) -> Result<Alert, StoreError> {
    let (fingerprint, starts_at, ends_at, name, clinic, severity, category, told_at) = row;
    let unknown = |column| StoreError::UnknownValue { table: "alerts", column };
    let time = |micros: Int| Timestamp::from_micros(micros.0);
    let clinic = clinic.as_deref().map(ClinicId::parse).transpose();
    let category = category.as_deref().map(|text| Category::parse(text).ok_or(unknown("category")));
    Ok(Alert {
        fingerprint: Fingerprint(fingerprint.0.cast_unsigned()),
        name: AlertName::parse(&name).map_err(|_| unknown("name"))?,
        clinic: clinic.map_err(|_| unknown("clinic"))?,
        severity: Severity::parse(&severity).ok_or_else(|| unknown("severity"))?,
        category: category.transpose()?,
        starts_at: time(starts_at),
        ends_at: ends_at.map(time),
        told_at: time(told_at),
    })
}
