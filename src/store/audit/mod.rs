//! The store's copy of the audit: what people ask, and what `audit verify` compares the chain with.
//!
//! Owns the tables `audit` and `audit_copied`. Rows come in the chain's order, each once: how far the
//! chain is copied is written with them. Who looked up what is in [`access_log`], when an instance was
//! recording at all in [`recording`].
//! Does not read journals, and does not decide which of two records is true; the chain is.

mod access_log;
mod recording;

use super::Store;
use super::error::StoreError;
use super::retention::rewrite::Emptied;
use super::sql::{Int, Sql};
use crate::domain::audit::Record;
use crate::domain::audit::json::read_line;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;

pub use access_log::{AccessCursor, AccessFilter, AccessPage};
pub use recording::{RecordedSpan, RecordingGap};

/// Most rows of one statement: nine parameters each, and a cached statement for each length.
const LENGTHS: [usize; 3] = [100, 10, 1];

/// How far an instance's chain is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCopied {
    /// Whose chain.
    pub instance: InstanceId,
    /// The segment.
    pub segment: u64,
    /// Bytes of it that are copied.
    pub offset: u64,
    /// The last record that is; 0 if none.
    pub seq: u64,
}

/// A record and its line, without a newline.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// The record.
    pub record: Record,
    /// The line.
    pub line: String,
}

/// A row as it stands in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCopy {
    /// The record's number, as the key says.
    pub seq: u64,
    /// The line.
    pub line: String,
    /// Whether what is searched by is what the line says.
    pub columns_fit: bool,
}

type Cells =
    (Int, Int, String, Option<String>, Option<String>, Option<String>, Option<String>, String);

fn searched_by(record: &Record) -> (i64, &'static str, [Option<String>; 4]) {
    let entry = &record.entry;
    let texts = [
        entry.clinic.as_ref().map(ToString::to_string),
        entry.user.as_ref().map(ToString::to_string),
        entry.patient_ref.as_ref().map(ToString::to_string),
        entry.event_id.map(|id| id.to_string()),
    ];
    (record.ts.micros(), entry.kind.as_str(), texts)
}

impl Store {
    /// How far an instance's chain is copied; `None` if nothing of it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn audit_copied(
        &self,
        instance: &InstanceId,
    ) -> Result<Option<AuditCopied>, StoreError> {
        let mut sql =
            Sql::new("select segment, \"offset\", seq from audit_copied where instance = ");
        sql.bind(instance.as_str());
        let row = self.pools.first::<(Int, Int, Int)>(sql).await?;
        Ok(row.map(|(segment, offset, seq)| AuditCopied {
            instance: instance.clone(),
            segment: segment.0.cast_unsigned(),
            offset: offset.0.cast_unsigned(),
            seq: seq.0.cast_unsigned(),
        }))
    }

    /// Copies records, and how far the chain is copied with them, in one transaction. A record whose
    /// number is there already is left as it is there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; then nothing is written.
    pub async fn copy_audit(
        &self,
        rows: &[AuditRow],
        copied: &AuditCopied,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        let mut rest = rows;
        while !rest.is_empty() {
            let length = LENGTHS.into_iter().find(|length| *length <= rest.len()).unwrap_or(1);
            let (chunk, others) = rest.split_at(length);
            tx.execute(insert(chunk)).await?;
            rest = others;
        }
        let mut sql = Sql::new(
            "insert into audit_copied (instance, segment, \"offset\", seq, copied_at) values (",
        );
        sql.bind(copied.instance.as_str()).push(", ");
        sql.bind(copied.segment.cast_signed()).push(", ");
        sql.bind(copied.offset.cast_signed()).push(", ");
        sql.bind(copied.seq.cast_signed()).push(", ").bind(at.micros());
        sql.push(
            ") on conflict (instance) do update set segment = excluded.segment, \
             \"offset\" = excluded.\"offset\", seq = excluded.seq, copied_at = excluded.copied_at",
        );
        tx.execute(sql).await?;
        tx.commit().await
    }

    /// The copies of an instance's records after a number, in order, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn audit_copies(
        &self,
        instance: &InstanceId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditCopy>, StoreError> {
        let mut sql = Sql::new(
            "select seq, ts, kind, clinic, \"user\", patient_ref, event_id, record from audit \
             where instance = ",
        );
        sql.bind(instance.as_str()).push(" and seq > ").bind(after.cast_signed());
        sql.push(" order by seq limit ").bind(i64::from(limit));
        let rows = self.pools.all::<Cells>(sql).await?;
        Ok(rows.into_iter().map(copy).collect())
    }

    /// Gives the copied records since a moment that are about a keyed write, or a person's word about a
    /// write, of every instance, each instance's in their order. Those that cannot be read are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn keyed_records(
        &self,
        since: Timestamp,
        mut each: impl FnMut(Record) + Send,
    ) -> Result<(), StoreError> {
        const PIECE: u32 = 2_000;
        let mut after = (String::new(), Int(i64::MIN));
        loop {
            let mut sql = Sql::new("select instance, seq, record from audit where ts >= ");
            sql.bind(since.micros()).push(" and kind in ('intent', 'outcome', 'refused') ");
            sql.push("and (record like '%\"idempotency_ref\":\"%' or record like '%settled%') ");
            sql.push("and (instance, seq) > (").bind(after.0.as_str()).push(", ");
            sql.bind(after.1.0).push(") order by instance, seq limit ").bind(i64::from(PIECE));
            let rows: Vec<(String, Int, String)> = self.pools.all(sql).await?;
            let Some((instance, seq, _)) = rows.last() else { return Ok(()) };
            after = (instance.clone(), Int(seq.0));
            let records = rows.iter().filter_map(|(_, _, line)| read_line(line.as_bytes()).ok());
            records.for_each(&mut each);
        }
    }

    /// Removes the copies of an instance's records up to a number: those whose segments retention has
    /// removed. Gives how many there were.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn prune_audit_copies(
        &self,
        instance: &InstanceId,
        through: u64,
    ) -> Result<u64, StoreError> {
        let mut sql = Sql::new("delete from audit where instance = ");
        sql.bind(instance.as_str()).push(" and seq <= ").bind(through.cast_signed());
        let mut tx = self.pools.begin().await?;
        let removed = tx.execute(sql).await?;
        if removed > 0 && !self.pools.is_sqlite() {
            Emptied::AUDIT.note(&mut tx).await?;
        }
        tx.commit().await?;
        if removed > 0 {
            self.rewrite(Emptied::AUDIT).await?;
        }
        Ok(removed)
    }
}

fn insert(rows: &[AuditRow]) -> Sql {
    let mut sql = Sql::new(
        "insert into audit (instance, seq, ts, kind, clinic, \"user\", patient_ref, event_id, record) ",
    );
    for (index, AuditRow { record, line }) in rows.iter().enumerate() {
        let (ts, kind, texts) = searched_by(record);
        sql.push(if index == 0 { "values (" } else { ", (" });
        sql.bind(record.instance.as_str()).push(", ").bind(record.seq.cast_signed()).push(", ");
        sql.bind(ts).push(", ").bind(kind).push(", ");
        sql.bind_all(texts.map(super::sql::Arg::Text)).push(", ").bind(line.as_str()).push(")");
    }
    sql.push(" on conflict (instance, seq) do nothing");
    sql
}

fn copy((seq, ts, kind, clinic, user, patient_ref, event_id, line): Cells) -> AuditCopy {
    let seq = seq.0.cast_unsigned();
    let columns = (ts.0, kind.as_str(), [clinic, user, patient_ref, event_id]);
    let read = read_line(line.as_bytes()).ok();
    let columns_fit =
        read.is_some_and(|record| record.seq == seq && searched_by(&record) == columns);
    AuditCopy { seq, line, columns_fit }
}
