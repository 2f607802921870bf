//! What the watch opened and closed.
//!
//! Owns two tables, and that two instances that see the same trouble make one incident of it: each
//! change names the state that it starts from, and whoever comes second changes nothing. When an
//! incident opens and closes is `domain::incident`'s business.

use super::Store;
use super::error::StoreError;
use super::sql::{Arg, Int, Sql};
use crate::domain::cause::{Cause, Scope};
use crate::domain::health::State;
use crate::domain::incident::{Counts, End, Finding, Incident, Key, Update, UpdateKind};
use crate::domain::labels::Category;
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::time::Timestamp;

const SELECT: &str = "select number, cause, scope, clinic, state, category, operation, confidence, \
     since, opened_at, last_seen, closed_at, ending, peak_clinics, peak_actors, peak_calls from incidents";

/// The columns of [`SELECT`].
type Row = (
    Int,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Int,
    Int,
    Int,
    Int,
    Option<Int>,
    Option<String>,
    Int,
    Option<Int>,
    Int,
);

impl Store {
    /// The open incidents, and those that were closed at a time or later; the open ones first, then
    /// the newest.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn incidents(&self, closed_from: Timestamp) -> Result<Vec<Incident>, StoreError> {
        let mut open = Sql::new(SELECT);
        open.push(" where closed_at is null or closed_at >= ").bind(closed_from.micros());
        open.push(" order by case when closed_at is null then 0 else 1 end, since desc, number");
        open.push(" limit ").bind(MOST);
        let rows: Vec<Row> = self.pools.all(open).await?;
        rows.iter().map(incident).collect()
    }

    /// The incidents that held at some time between two, the newest first.
    ///
    /// # Errors
    ///
    /// As [`Store::incidents`].
    pub async fn incidents_during(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Incident>, StoreError> {
        let mut sql = Sql::new(SELECT);
        sql.push(" where since <= ").bind(to.micros());
        sql.push(" and (closed_at is null or closed_at >= ").bind(from.micros());
        sql.push(") order by since desc, number limit ").bind(MOST);
        let rows: Vec<Row> = self.pools.all(sql).await?;
        rows.iter().map(incident).collect()
    }

    /// One incident.
    ///
    /// # Errors
    ///
    /// As [`Store::incidents`].
    pub async fn incident(&self, number: i64) -> Result<Option<Incident>, StoreError> {
        let mut sql = Sql::new(SELECT);
        sql.push(" where number = ").bind(number);
        let row: Option<Row> = self.pools.first(sql).await?;
        row.as_ref().map(incident).transpose()
    }

    /// The course of an incident, in the order of time.
    ///
    /// # Errors
    ///
    /// As [`Store::incidents`].
    pub async fn incident_updates(&self, number: i64) -> Result<Vec<Update>, StoreError> {
        let mut sql = Sql::new("select at, kind, clinics from incident_updates where number = ");
        sql.bind(number).push(" order by at, kind");
        let rows: Vec<(Int, String, Int)> = self.pools.all(sql).await?;
        let unknown = StoreError::UnknownValue { table: "incident_updates", column: "kind" };
        let update = |(at, kind, clinics): (Int, String, Int)| {
            Some(Update {
                at: Timestamp::from_micros(at.0),
                kind: UpdateKind::parse(&kind)?,
                clinics: clinics.0.cast_unsigned(),
            })
        };
        rows.into_iter().map(update).collect::<Option<_>>().ok_or(unknown)
    }

    /// Opens an incident; `None` if another instance has opened it already.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn open_incident(
        &self,
        found: &Finding,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let mut tx = self.pools.begin().await?;
        let mut sql = Sql::new(
            "insert into incidents (cause, scope, clinic, state, category, operation, confidence, \
             since, opened_at, last_seen, peak_clinics, peak_actors, peak_calls) values (",
        );
        sql.bind_all(key(&found.key)).push(", ").bind_all(picture(found)).push(", ");
        sql.bind_all([found.since.micros(), now.micros(), now.micros()]).push(", ");
        sql.bind_all(counts(found.counts)).push(") on conflict do nothing returning number");
        let numbers: Vec<(Int,)> = tx.all(sql).await?;
        let number = numbers.first().map(|(number,)| number.0);
        if let Some(number) = number {
            tx.execute(note(number, UpdateKind::Opened, found.counts.clinics, now)).await?;
        }
        tx.commit().await?;
        Ok(number)
    }

    /// An open incident still holds. `wider` notes that it touches more clinics than before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn sight_incident(
        &self,
        number: i64,
        found: &Finding,
        wider: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        let mut sql = seen(found, now);
        sql.push(" where closed_at is null and number = ").bind(number);
        if tx.execute(sql).await? == 1 && wider {
            tx.execute(note(number, UpdateKind::Wider, found.counts.clinics, now)).await?;
        }
        tx.commit().await
    }

    /// A closed incident is back. `false` if another instance was faster.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn reopen_incident(
        &self,
        number: i64,
        found: &Finding,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pools.begin().await?;
        let mut sql = seen(found, now);
        sql.push(", closed_at = null, ending = null where closed_at is not null and number = ");
        sql.bind(number).push(
            " and not exists (select 1 from incidents o where o.closed_at is null \
             and o.cause = incidents.cause and o.scope = incidents.scope and o.clinic = incidents.clinic)",
        );
        let back = tx.execute(sql).await? == 1;
        if back {
            tx.execute(note(number, UpdateKind::Reopened, found.counts.clinics, now)).await?;
        }
        tx.commit().await?;
        Ok(back)
    }

    /// Closes an incident that nobody has seen since. `false` if somebody has, or has closed it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn close_incident(
        &self,
        incident: &Incident,
        end: End,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pools.begin().await?;
        let mut sql = Sql::new("update incidents set closed_at = ");
        sql.bind(now.micros()).push(", ending = ").bind(end.as_str());
        sql.push(" where closed_at is null and number = ").bind(incident.number);
        sql.push(" and last_seen <= ").bind(incident.last_seen.micros());
        let closed = tx.execute(sql).await? == 1;
        if closed {
            tx.execute(note(incident.number, UpdateKind::of(end), 0, now)).await?;
        }
        tx.commit().await?;
        Ok(closed)
    }
}

/// Most incidents of one list.
const MOST: i64 = 500;

fn key(key: &Key) -> [Arg; 3] {
    let clinic = key.clinic.as_ref().map_or("", ClinicId::as_str);
    [key.cause.as_str().into(), key.scope.as_str().into(), clinic.into()]
}

fn picture(found: &Finding) -> [Arg; 4] {
    let operation = found.operation.as_ref().map(|name| name.as_str().to_owned());
    [
        found.state.as_str().into(),
        Arg::Text(found.category.map(|category| category.as_str().to_owned())),
        Arg::Text(operation),
        hundredths(found.confidence).into(),
    ]
}

fn counts(counts: Counts) -> [Arg; 3] {
    [
        counts.clinics.cast_signed().into(),
        counts.actors.map(u64::cast_signed).into(),
        counts.calls.cast_signed().into(),
    ]
}

#[expect(clippy::cast_possible_truncation, reason = "between 0 and 100")]
fn hundredths(confidence: f64) -> i64 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as i64
}

/// What a sight changes: time and picture become the latest, peaks the greatest.
fn seen(found: &Finding, now: Timestamp) -> Sql {
    let now = now.micros();
    let mut sql = Sql::new("update incidents set last_seen = case when last_seen < ");
    sql.bind(now).push(" then ").bind(now).push(" else last_seen end");
    let columns = [", state = ", ", category = ", ", operation = ", ", confidence = "];
    for (column, value) in columns.into_iter().zip(picture(found)) {
        sql.push(column).bind(value);
    }
    let peaks = [
        (", peak_clinics = case when peak_clinics < ", " else peak_clinics end"),
        (", peak_actors = case when coalesce(peak_actors, -1) < ", " else peak_actors end"),
        (", peak_calls = case when peak_calls < ", " else peak_calls end"),
    ];
    for ((compare, otherwise), value) in peaks.into_iter().zip(counts(found.counts)) {
        if value != Arg::Int(None) {
            sql.push(compare).bind(value.clone()).push(" then ").bind(value).push(otherwise);
        }
    }
    sql
}

fn note(number: i64, kind: UpdateKind, clinics: u64, now: Timestamp) -> Sql {
    let mut sql = Sql::new("insert into incident_updates (number, at, kind, clinics) values (");
    sql.bind(number).push(", ").bind(now.micros()).push(", ").bind(kind.as_str());
    sql.push(", ").bind(clinics.cast_signed()).push(") on conflict do nothing");
    sql
}

fn incident(row: &Row) -> Result<Incident, StoreError> {
    let unknown = |column| StoreError::UnknownValue { table: "incidents", column };
    let (number, cause, scope, clinic, state, category, operation, confidence, ..) = row;
    let (.., since, opened, seen, closed, ending, clinics, actors, calls) = row;
    let time = |micros: Int| Timestamp::from_micros(micros.0);
    let clinic = (!clinic.is_empty()).then(|| ClinicId::parse(clinic));
    let operation = operation.as_deref().map(OperationName::parse);
    let category = category.as_deref().map(|text| Category::parse(text).ok_or(unknown("category")));
    let end = ending.as_deref().map(|text| End::parse(text).ok_or(unknown("ending")));
    Ok(Incident {
        number: number.0,
        key: Key {
            cause: Cause::parse(cause).ok_or_else(|| unknown("cause"))?,
            scope: Scope::parse(scope).ok_or_else(|| unknown("scope"))?,
            clinic: clinic.transpose().map_err(|_| unknown("clinic"))?,
        },
        state: State::parse(state).ok_or_else(|| unknown("state"))?,
        category: category.transpose()?,
        operation: operation.transpose().map_err(|_| unknown("operation"))?,
        confidence: f64::from(i32::try_from(confidence.0).unwrap_or(0)) / 100.0,
        since: time(*since),
        opened_at: time(*opened),
        last_seen: time(*seen),
        closed_at: closed.map(time),
        end: end.transpose()?,
        peak: Counts {
            clinics: clinics.0.cast_unsigned(),
            actors: actors.map(|actors| actors.0.cast_unsigned()),
            calls: calls.0.cast_unsigned(),
        },
    })
}
