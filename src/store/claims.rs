//! What several instances decide together: whose keyed write is the first of its key, and what people
//! have switched.
//!
//! Owns two tables. What a standing means is `domain::admission`'s business. A claim is one short
//! transaction; whoever asks for one sets a limit to the wait.

use std::time::Duration;

use super::Store;
use super::error::StoreError;
use super::sql::{Int, Sql};
use crate::domain::admission::claims::Claim;
use crate::domain::admission::idempotency::{ClaimKey, Fate, Fingerprint, Standing, standing};
use crate::domain::admission::read_only::Switch;
use crate::domain::ids::EventId;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;

/// The switch that turns writes off.
const READ_ONLY: &str = "read_only";

const UNDER_WAY: i64 = 0;
const APPLIED: i64 = 1;
const UNKNOWN: i64 = 2;

/// How long an instance that lives may be silent: several of its indexer's heartbeats.
const SILENCE: Duration = Duration::from_secs(30);

/// How long claims live.
#[derive(Clone, Copy, Debug)]
pub struct ClaimTimes {
    /// A key is known for so long.
    pub remember: Duration,
    /// A write that is under way for longer has lost its process: nobody knows what became of it. So
    /// has one whose instance has been silent for half a minute.
    pub orphaned_after: Duration,
}

type ClaimRow = (Vec<u8>, Vec<u8>, Int, Option<Int>, Int, Int, Option<Int>);

impl Store {
    /// Claims a key for an instance, or tells how it stands. `older` are the key's names under earlier
    /// keys of references.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn claim_write(
        &self,
        claim: &Claim,
        older: &[ClaimKey],
        owner: &InstanceId,
        times: ClaimTimes,
    ) -> Result<Standing, StoreError> {
        let now = claim.at.micros();
        let mut tx = self.pools.begin().await?;
        let mut expired = Sql::new("delete from write_claims where key = ");
        expired.bind(claim.key.0.as_slice()).push(" and expires_at <= ").bind(now);
        tx.execute(expired).await?;
        let mut known = Sql::new(
            "select coarse, fine, fate, status, claimed_at, fated_at, \
             (select c.indexed_at from checkpoints c where c.instance = owner) \
             from write_claims where expires_at > ",
        );
        known.bind(now).push(" and key in (");
        let names = std::iter::once(&claim.key).chain(older).map(|key| key.0.as_slice());
        known.bind_all(names).push(")");
        let mut rows: Vec<ClaimRow> = tx.all(known.clone()).await?;
        if rows.is_empty() {
            let fine = claim.fingerprint.fine.unwrap_or_default();
            let mut insert = Sql::new(
                "insert into write_claims \
                 (key, coarse, fine, event, owner, fate, claimed_at, fated_at, expires_at) \
                 values (",
            );
            insert.bind(claim.key.0.as_slice()).push(", ");
            insert.bind(claim.fingerprint.coarse.as_slice()).push(", ");
            insert.bind(fine.as_slice()).push(", ");
            insert.bind(claim.event.0.as_bytes().as_slice()).push(", ");
            insert.bind(owner.as_str()).push(", ");
            insert.bind(UNDER_WAY).push(", ").bind(now).push(", ").bind(now).push(", ");
            insert.bind(claim.at.plus(times.remember).micros());
            insert.push(") on conflict (key) do nothing");
            if tx.execute(insert).await? == 1 {
                tx.commit().await?;
                return Ok(Standing::First);
            }
            rows = tx.all(known).await?;
        }
        tx.commit().await?;
        // Whoever took it and gave it back in between was faster: the same again may work.
        let Some(row) = rows.into_iter().next() else { return Ok(Standing::Again(Fate::InFlight)) };
        let found = fate(row, claim.at, times)?;
        Ok(standing(Some(found), &claim.fingerprint))
    }

    /// Writes down what became of a claimed write; `None`: nothing, so the key is free again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn settle_write(
        &self,
        key: ClaimKey,
        event: EventId,
        fate: Option<Fate>,
    ) -> Result<(), StoreError> {
        let mut sql = match fate {
            None | Some(Fate::InFlight) => Sql::new("delete from write_claims"),
            Some(Fate::Applied { status, at }) => settled(APPLIED, Some(status), at),
            Some(Fate::Unknown { at }) => settled(UNKNOWN, None, at),
        };
        sql.push(" where key = ").bind(key.0.as_slice());
        sql.push(" and event = ").bind(event.0.as_bytes().as_slice());
        self.pools.execute(sql).await.map(drop)
    }

    /// What an instance had under way before a moment: of writes of a run that has ended nobody knows what became.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn orphan_claims(
        &self,
        owner: &InstanceId,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut sql = Sql::new("update write_claims set fated_at = claimed_at, fate = ");
        sql.bind(UNKNOWN).push(" where fate = ").bind(UNDER_WAY);
        sql.push(" and owner = ").bind(owner.as_str());
        sql.push(" and claimed_at < ").bind(before.micros());
        self.pools.execute(sql).await
    }

    /// Forgets claims whose time is over.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn forget_claims(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut sql = Sql::new("delete from write_claims where expires_at <= ");
        sql.bind(now.micros());
        self.pools.execute(sql).await
    }

    /// Whether people have switched writes off.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn read_only_switch(&self) -> Result<Switch, StoreError> {
        let mut sql = Sql::new("select is_on, since from switches where name = ");
        sql.bind(READ_ONLY);
        let row: Option<(Int, Int)> = self.pools.first(sql).await?;
        Ok(row.map_or_else(Switch::default, |(is_on, since)| Switch {
            is_on: is_on.0 != 0,
            since: Some(Timestamp::from_micros(since.0)),
        }))
    }

    /// Keeps what people have switched; what was set later stays.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn keep_read_only_switch(
        &self,
        is_on: bool,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sql = Sql::new("insert into switches (name, is_on, since) values (");
        sql.bind(READ_ONLY).push(", ").bind(i64::from(is_on)).push(", ").bind(since.micros());
        sql.push(
            ") on conflict (name) do update set is_on = excluded.is_on, since = excluded.since \
             where switches.since <= excluded.since",
        );
        self.pools.execute(sql).await.map(drop)
    }
}

fn settled(fate: i64, status: Option<u16>, at: Timestamp) -> Sql {
    let mut sql = Sql::new("update write_claims set fate = ");
    sql.bind(fate).push(", status = ").bind(status.map(i64::from));
    sql.push(", fated_at = ").bind(at.micros());
    sql
}

fn fate(
    row: ClaimRow,
    now: Timestamp,
    times: ClaimTimes,
) -> Result<(Fingerprint, Fate), StoreError> {
    const TABLE: &str = "write_claims";
    let (coarse, fine, fate, status, claimed_at, fated_at, heard_at) = row;
    let digest = |bytes: Vec<u8>, column| {
        bytes.try_into().map_err(|_| StoreError::UnknownValue { table: TABLE, column })
    };
    let (coarse, fine) = (digest(coarse, "coarse")?, digest(fine, "fine")?);
    let claimed_at = Timestamp::from_micros(claimed_at.0);
    let at = Timestamp::from_micros(fated_at.0);
    let heard_at = heard_at.map_or(claimed_at, |at| Timestamp::from_micros(at.0)).max(claimed_at);
    let is_silent = now.since(heard_at) > SILENCE;
    let fate = match fate.0 {
        UNDER_WAY if now.since(claimed_at) < times.orphaned_after && !is_silent => Fate::InFlight,
        UNDER_WAY => Fate::Unknown { at: claimed_at },
        APPLIED => {
            let status = status.and_then(|status| u16::try_from(status.0).ok());
            let unknown = StoreError::UnknownValue { table: TABLE, column: "status" };
            Fate::Applied { status: status.ok_or(unknown)?, at }
        }
        UNKNOWN => Fate::Unknown { at },
        _ => return Err(StoreError::UnknownValue { table: TABLE, column: "fate" }),
    };
    Ok((Fingerprint { coarse, fine: Some(fine) }, fate))
}
