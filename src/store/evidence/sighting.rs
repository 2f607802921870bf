//! One call as the diagnosis sees it.
//!
//! Owns [`Sighting`]: an event without what no comparison needs (ids of traces, bytes, timings of
//! the network), so that thousands can be read for one question.

use crate::domain::digest::Digest;
use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
use crate::domain::labels::{Context, Environment, Source, WorkflowDomain};
use crate::domain::names::{AppId, ClinicId, KeyId, Office, OperationName, RouteTemplate};
use crate::domain::reason::Ending;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::cells::{Reader, columns, from_row};
use crate::store::error::StoreError;
use crate::store::kind::Kind;
use crate::store::labels::Labels;
use crate::store::place::{time_of, unpack_id};
use crate::store::sql::{Arg, Sql};

columns! {
    key Int, late_us Int, kind Int, clinic_label Int, id Blob, office Int, result_count Int,
    duration_us Int, actor_ref Blob, patient_ref Blob, token_ref Blob, shape Int,
    error_signature Int,
}

/// One call, as far as comparisons need it. The fields are those of [`Exchange`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The event.
    pub id: EventId,
    /// When.
    pub ts: Timestamp,
    /// Which Accuro.
    pub env: Environment,
    /// The clinic.
    pub clinic: Option<ClinicId>,
    /// The application.
    pub app: Option<AppId>,
    /// Under whose authority.
    pub context: Context,
    /// The operation.
    pub operation: OperationName,
    /// The workflow domain.
    pub domain: WorkflowDomain,
    /// The path's template.
    pub route: RouteTemplate,
    /// Whether it could change the chart.
    pub mutation: bool,
    /// What the app got.
    pub status: u16,
    /// What Accuro said.
    pub upstream_status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// Where the answer came from.
    pub source: Source,
    /// Items in a list answer.
    pub result_count: Option<u32>,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// Who.
    pub actor: Option<Reference>,
    /// Which patient.
    pub patient: Option<Reference>,
    /// Which token.
    pub token: Option<Reference>,
    /// In which office.
    pub office: Option<Office>,
    /// The answer's structure.
    pub shape: Option<Digest>,
    /// The error's.
    pub error_signature: Option<Digest>,
}

impl From<&Exchange> for Sighting {
    fn from(event: &Exchange) -> Self {
        Self {
            id: event.id,
            ts: event.ts,
            env: event.env,
            clinic: event.clinic.clone(),
            app: event.app.clone(),
            context: event.context,
            operation: event.operation.clone(),
            domain: event.domain,
            route: event.route.clone(),
            mutation: event.mutation,
            status: event.status,
            upstream_status: event.upstream_status,
            ending: event.ending,
            source: event.source,
            result_count: event.result_count,
            duration_us: event.duration_us,
            actor: event.actor_ref.clone(),
            patient: event.patient_ref.clone(),
            token: event.token_ref.clone(),
            office: event.office,
            shape: event.shape,
            error_signature: event.error_signature,
        }
    }
}

struct RawSighting(Vec<Arg>);

from_row!(RawSighting, COLUMNS);

impl RawSighting {
    fn int(&self, column: usize) -> Option<i64> {
        if let Some(Arg::Int(int)) = self.0.get(column) { *int } else { None }
    }

    /// The sighting. Fields are read in the order of [`COLUMNS`].
    fn sighting(self, kind: &Kind, labels: &Labels) -> Result<Sighting, StoreError> {
        let mut row = Reader::new(self.0, COLUMNS, "exchanges");
        let key = row.need()?;
        let ts = time_of(key, row.maybe(Some)?.unwrap_or(0));
        row.need()?;
        let clinic = row.maybe(|id| ClinicId::parse(&labels.text(id)?).ok())?;
        let digest = |n: i64| Some(Digest::from_bits(n.cast_unsigned()));
        Ok(Sighting {
            id: row.maybe_blob(|bytes| unpack_id(bytes, ts))?.ok_or_else(|| row.unknown())?,
            ts,
            env: kind.env,
            clinic,
            app: kind.app.clone(),
            context: kind.context,
            operation: kind.operation.clone(),
            domain: kind.domain,
            route: kind.route.clone(),
            mutation: kind.mutation,
            status: kind.status,
            upstream_status: kind.upstream_status,
            ending: kind.ending,
            source: kind.source,
            office: row.maybe(|number| Office::parse(&number.to_string()))?,
            result_count: row.maybe(|number| u32::try_from(number).ok())?,
            duration_us: row.need()?.cast_unsigned(),
            actor: reference(&mut row, ReferenceKind::Actor, kind.actor_key.as_ref())?,
            patient: reference(&mut row, ReferenceKind::Patient, kind.patient_key.as_ref())?,
            token: reference(&mut row, ReferenceKind::Token, kind.token_key.as_ref())?,
            shape: row.maybe(digest)?,
            error_signature: row.maybe(digest)?,
        })
    }
}

fn reference(
    row: &mut Reader,
    kind: ReferenceKind,
    key: Option<&KeyId>,
) -> Result<Option<Reference>, StoreError> {
    let digest = row.maybe_blob(|bytes| <[u8; Reference::BYTES]>::try_from(bytes).ok())?;
    Ok(key.zip(digest).map(|(key, digest)| Reference::new(kind, key.clone(), digest)))
}

impl Store {
    pub(super) async fn sighted(&self, sql: Sql) -> Result<Vec<Sighting>, StoreError> {
        let rows: Vec<RawSighting> = self.pools.all(sql).await?;
        self.labels.prepare(&self.pools, rows.iter().filter_map(|row| row.int(3))).await?;
        let kinds = rows.iter().filter_map(|row| row.int(2)).collect();
        let kinds = self.kinds.get(&self.pools, kinds).await?;
        let sighting = |row: RawSighting| {
            let kind = row.int(2).and_then(|kind| kinds.get(&kind));
            let unknown = StoreError::UnknownValue { table: "exchanges", column: "kind" };
            row.sighting(kind.ok_or(unknown)?, &self.labels)
        };
        rows.into_iter().map(sighting).collect()
    }
}
