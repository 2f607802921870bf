//! Which references stand for one person, for an export.
//!
//! Owns the way from the table `same_actors`, which has digests, to references with the names of their keys. A
//! pair is told where both were used at the clinic, so that whoever takes in the events counts the person once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::Store;
use super::super::error::StoreError;
use super::super::sql::{Int, Sql};
use crate::domain::names::{ClinicId, KeyId};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::same_person::SamePerson;
use crate::domain::time::Timestamp;

type Digest = [u8; Reference::BYTES];
type Row = (Int, Vec<u8>, Vec<u8>, Int);

impl Store {
    /// Every two references that were seen to stand for one member of staff, of one clinic (and those that are
    /// one with it) or of all.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote a row.
    pub async fn same_people(
        &self,
        clinic: Option<&ClinicId>,
    ) -> Result<Vec<SamePerson>, StoreError> {
        let mergers = self.mergers().await?;
        let mut sql =
            Sql::new("select clinic_label, actor_ref, same_ref, noted_day from same_actors");
        if let Some(clinic) = clinic {
            let ids = self.labels.find(&self.pools, BTreeSet::from([clinic.as_str()])).await?;
            let Some(id) = ids.get(clinic.as_str()) else { return Ok(Vec::new()) };
            sql.push(" where clinic_label in (").bind_all(mergers.family(&id)).push(")");
        }
        sql.push(" order by clinic_label, actor_ref, same_ref");
        let mut of_clinic: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
        for row in self.pools.all::<Row>(sql).await? {
            of_clinic.entry(row.0.0).or_default().push(row);
        }
        let mut found = Vec::new();
        for (label, rows) in of_clinic {
            let keys = self.keys_of(&mergers.family(&label)).await?;
            self.labels.prepare(&self.pools, std::iter::once(label)).await?;
            let unknown = StoreError::UnknownValue { table: "labels", column: "text" };
            let text = self.labels.text(label);
            let clinic = text.and_then(|text| ClinicId::parse(&text).ok()).ok_or(unknown)?;
            found.extend(rows.iter().filter_map(|row| pair(&clinic, row, &keys)));
        }
        Ok(found)
    }

    /// The keys of the references that were used at some clinics.
    async fn keys_of(&self, family: &BTreeSet<i64>) -> Result<HashMap<Digest, KeyId>, StoreError> {
        let mut sql = Sql::new(
            "select distinct actor_ref, actor_key_label from daily_actors where clinic_label in (",
        );
        sql.bind_all(family.iter().copied()).push(")");
        let rows: Vec<(Vec<u8>, Int)> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().map(|row| row.1.0)).await?;
        let key = |(digest, label): (Vec<u8>, Int)| {
            let text = self.labels.text(label.0)?;
            Some((digest.try_into().ok()?, KeyId::parse(&text).ok()?))
        };
        Ok(rows.into_iter().filter_map(key).collect())
    }
}

fn pair(
    clinic: &ClinicId,
    (_, one, other, noted): &Row,
    keys: &HashMap<Digest, KeyId>,
) -> Option<SamePerson> {
    let reference = |digest: &[u8]| {
        let digest: Digest = digest.try_into().ok()?;
        Some(Reference::new(ReferenceKind::Actor, keys.get(&digest)?.clone(), digest))
    };
    Some(SamePerson {
        ts: Timestamp::from_seconds(noted.0 * 86_400),
        clinic: clinic.clone(),
        references: vec![reference(one)?, reference(other)?],
    })
}
