//! A row of `exchanges` and the event it stands for.
//!
//! Owns the list of columns, [`values`] and [`RawRow::event`]; the three name the columns in the
//! same order. What repeats is in [`super::kind`], names are in [`super::labels`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cells::{Reader, columns, from_row};
use super::error::StoreError;
use super::kind::Kind;
use super::labels::{LabelIds, Labels};
use super::place::{Placed, pack_id, time_of, unpack_id};
use super::request_id;
use super::sql::Arg;
use crate::domain::digest::Digest;
use crate::domain::event::Exchange;
use crate::domain::ids::{RequestId, SupportCode};
use crate::domain::names::{AppId, ClinicId, KeyId, Office};
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::trace_context::{SpanId, TraceId};

columns! {
    key Int, late_us Int, kind Int, clinic_label Int, operation_label Int, ending_label Int,
    id Blob, office Int, result_count Int, duration_us Int, upstream_us Int, actor_ref Blob,
    patient_ref Blob, token_ref Blob, shape Int, error_signature Int, request_id Blob,
    trace_id Blob, span_id Int, support_code Int, bytes_in Int, bytes_out Int,
}

/// The label that an ending is kept as; `None` where it worked.
pub(super) fn ending_label(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Ok => None,
        Ending::Aborted => Some(ABORTED),
        other => other.reason().map(Reason::as_str),
    }
}

/// The reverse of [`ending_label`].
pub(super) fn ending_of(label: Option<&str>) -> Option<Ending> {
    match label {
        None => Some(Ending::Ok),
        Some(ABORTED) => Some(Ending::Aborted),
        Some(reason) => Reason::parse(reason).map(Ending::failed),
    }
}

const ABORTED: &str = "aborted";

/// Every name in the events that the dictionary must hold: those of rows, roll-ups and sets.
pub(super) fn names<'e>(events: impl Iterator<Item = &'e Exchange>) -> BTreeSet<&'e str> {
    let mut names = BTreeSet::new();
    for event in events {
        names.insert(event.context.as_str());
        names.insert(event.operation.as_str());
        names.insert(event.domain.as_str());
        names.extend(event.clinic.as_ref().map(ClinicId::as_str));
        names.extend(event.app.as_ref().map(AppId::as_str));
        names.extend(ending_label(event.ending));
        names.extend(event.actor_ref.as_ref().map(|reference| reference.key().as_str()));
    }
    names
}

/// What stands for a body without bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// A zero, which takes no byte on SQLite.
    Kept,
    /// Null, which takes no byte on PostgreSQL.
    LeftOut,
}

/// The values of one row, in the order of [`COLUMNS`].
pub(super) fn values(
    placed: &Placed<'_>,
    kind: i64,
    ids: &LabelIds,
    zero: Zero,
) -> Result<Vec<Arg>, StoreError> {
    let event = placed.event;
    let maybe = |text: Option<&str>| text.map(|t| ids.of(t)).transpose().map(Arg::from);
    let digest = |r: &Option<Reference>| Arg::Blob(r.as_ref().map(|r| r.digest().to_vec()));
    let unsigned = |n: u64| Arg::from(n.cast_signed());
    let request_id = (event.request_id != RequestId::from_event(event.id))
        .then(|| request_id::pack(&event.request_id));
    let trace = event.trace_id.bits();
    Ok(vec![
        placed.key.into(),
        (placed.late_us != 0).then_some(placed.late_us).into(),
        kind.into(),
        maybe(event.clinic.as_ref().map(ClinicId::as_str))?,
        ids.of(event.operation.as_str())?.into(),
        maybe(ending_label(event.ending))?,
        Arg::Blob(Some(pack_id(event.id, event.ts))),
        event.office.map(|office| i64::from(office.number())).into(),
        event.result_count.map(i64::from).into(),
        unsigned(event.duration_us),
        event.upstream_us.map(u64::cast_signed).into(),
        digest(&event.actor_ref),
        digest(&event.patient_ref),
        digest(&event.token_ref),
        event.shape.map(|digest| digest.bits().cast_signed()).into(),
        event.error_signature.map(|digest| digest.bits().cast_signed()).into(),
        Arg::Blob(request_id),
        Arg::Blob((trace != event.id.0.as_u128()).then(|| trace.to_be_bytes().to_vec())),
        unsigned(event.span_id.bits()),
        unsigned(event.support_code.bits()),
        match (event.bytes_in, zero) {
            (0, Zero::LeftOut) => Arg::Int(None),
            (bytes, _) => unsigned(bytes),
        },
        unsigned(event.bytes_out),
    ])
}

/// A row as the database gave it.
pub(super) struct RawRow(Vec<Arg>);

from_row!(RawRow, COLUMNS);

impl RawRow {
    fn int(&self, column: usize) -> Option<i64> {
        if let Some(Arg::Int(int)) = self.0.get(column) { *int } else { None }
    }

    /// Where the row lies.
    pub(super) fn key(&self) -> i64 {
        self.int(0).unwrap_or_default()
    }

    /// The number of its kind.
    pub(super) fn kind(&self) -> Option<i64> {
        self.int(2)
    }

    /// The label of its clinic.
    pub(super) fn clinic_label(&self) -> Option<i64> {
        self.int(3)
    }

    /// The event. Fields are read in the order of [`COLUMNS`].
    pub(super) fn event(self, kind: &Kind, labels: &Labels) -> Result<Exchange, StoreError> {
        let mut row = Reader::new(self.0, COLUMNS, "exchanges");
        let key = row.need()?;
        let ts = time_of(key, row.maybe(Some)?.unwrap_or(0));
        row.need()?;
        let clinic = row.maybe(|id| ClinicId::parse(&labels.text(id)?).ok())?;
        row.need()?;
        row.maybe(Some)?;
        let id = row.maybe_blob(|bytes| unpack_id(bytes, ts))?.ok_or_else(|| row.unknown())?;
        let unsigned = |n: i64| Some(n.cast_unsigned());
        let digest = |n: i64| Some(Digest::from_bits(n.cast_unsigned()));
        Ok(Exchange {
            id,
            ts,
            env: kind.env,
            clinic,
            app: kind.app.clone(),
            context: kind.context,
            operation: kind.operation.clone(),
            domain: kind.domain,
            method: kind.method,
            route: kind.route.clone(),
            api_version: kind.api_version,
            mutation: kind.mutation,
            status: kind.status,
            upstream_status: kind.upstream_status,
            ending: kind.ending,
            attempts: kind.attempts,
            source: kind.source,
            scopes: Arc::clone(&kind.scopes),
            instance: kind.instance.clone(),
            office: row.maybe(|number| Office::parse(&number.to_string()))?,
            result_count: row.maybe(|number| u32::try_from(number).ok())?,
            duration_us: row.need()?.cast_unsigned(),
            upstream_us: row.maybe(unsigned)?,
            actor_ref: reference(&mut row, ReferenceKind::Actor, kind.actor_key.as_ref())?,
            patient_ref: reference(&mut row, ReferenceKind::Patient, kind.patient_key.as_ref())?,
            token_ref: reference(&mut row, ReferenceKind::Token, kind.token_key.as_ref())?,
            shape: row.maybe(digest)?,
            error_signature: row.maybe(digest)?,
            request_id: row
                .maybe_blob(request_id::unpack)?
                .unwrap_or_else(|| RequestId::from_event(id)),
            trace_id: row
                .maybe_blob(|bytes| Some(u128::from_be_bytes(bytes.try_into().ok()?)))?
                .map_or(TraceId::from_bits(id.0.as_u128()), TraceId::from_bits),
            span_id: SpanId::from_bits(row.need()?.cast_unsigned()),
            support_code: SupportCode::from_bits(row.need()?.cast_unsigned()),
            bytes_in: row.maybe(unsigned)?.unwrap_or(0),
            bytes_out: row.need()?.cast_unsigned(),
        })
    }
}

fn reference(
    row: &mut Reader,
    kind: ReferenceKind,
    key: Option<&KeyId>,
) -> Result<Option<Reference>, StoreError> {
    let digest = row.maybe_blob(|bytes| <[u8; Reference::BYTES]>::try_from(bytes).ok())?;
    match (key, digest) {
        (Some(key), Some(digest)) => Ok(Some(Reference::new(kind, key.clone(), digest))),
        // Its time is over the limit of references.
        (_, None) => Ok(None),
        (None, Some(_)) => Err(row.unknown()),
    }
}
