//! A row of `exchanges` and the event it stands for.
//!
//! Owns the list of columns, [`values`] and [`RawRow::event`]; the three name the columns in the
//! same order. A row that this version could not have written is an error that names the column.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::{ColumnIndex, Decode, FromRow, Type};

use super::error::StoreError;
use super::labels::{LabelIds, Labels};
use super::request_id;
use super::sql::{Arg, Int};
use crate::domain::digest::Digest;
use crate::domain::event::Exchange;
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::labels::{Context, Environment, Method, Source, WorkflowDomain};
use crate::domain::names::{
    ApiVersion, AppId, ClinicId, InstanceId, KeyId, Office, OperationName, RouteTemplate, ScopeName,
};
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::domain::trace_context::{SpanId, TraceId};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Blob,
    /// An id of `labels`.
    Label,
}

macro_rules! columns {
    ($($name:ident $kind:ident,)+) => {
        pub(super) const COLUMNS: &[(&str, Kind)] = &[$((stringify!($name), Kind::$kind),)+];
        /// The columns' names with commas between them, each with the table's alias `e`.
        pub(super) const SELECT: &str = columns!(@list $($name)+);
    };
    (@list $first:ident $($name:ident)+) => {
        concat!("e.", stringify!($first), $(", e.", stringify!($name)),+)
    };
}

columns! {
    id Blob, ts Int, env_label Label, clinic_label Label, app_label Label, context_label Label,
    operation_label Label, domain_label Label, method_label Label, route_label Label,
    api_version Int, mutation Int, status Int, upstream_status Int, ending_label Label,
    result_count Int, duration_us Int, upstream_us Int, attempts Int, source_label Label,
    actor_key_label Label, actor_ref Blob, patient_key_label Label, patient_ref Blob,
    token_key_label Label, token_ref Blob, office Int, scopes_label Label, shape Int,
    error_signature Int, request_id Blob, trace_id Blob, span_id Int, support_code Int,
    bytes_in Int, bytes_out Int, instance_label Label,
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

pub(super) const ABORTED: &str = "aborted";

fn scopes_text(event: &Exchange) -> Option<String> {
    let names: Vec<&str> = event.scopes.iter().map(ScopeName::as_str).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Every name in the events that the dictionary must hold.
pub(super) fn names<'e>(
    events: &'e [&Exchange],
    scopes: &'e [Option<String>],
) -> BTreeSet<&'e str> {
    let mut names = BTreeSet::new();
    for event in events {
        names.extend([
            event.env.as_str(),
            event.context.as_str(),
            event.operation.as_str(),
            event.domain.as_str(),
            event.method.as_str(),
            event.route.as_str(),
            event.source.as_str(),
            event.instance.as_str(),
        ]);
        names.extend(event.clinic.as_ref().map(ClinicId::as_str));
        names.extend(event.app.as_ref().map(AppId::as_str));
        names.extend(ending_label(event.ending));
        let references = [&event.actor_ref, &event.patient_ref, &event.token_ref];
        names.extend(references.into_iter().flatten().map(|r| r.key().as_str()));
    }
    names.extend(scopes.iter().flatten().map(String::as_str));
    names
}

/// The events' granted scopes as names of the dictionary.
pub(super) fn scope_sets(events: &[&Exchange]) -> Vec<Option<String>> {
    events.iter().map(|event| scopes_text(event)).collect()
}

/// The values of one row, in the order of [`COLUMNS`].
pub(super) fn values(
    event: &Exchange,
    scopes: Option<&str>,
    ids: &LabelIds,
) -> Result<Vec<Arg>, StoreError> {
    let label = |text: &str| ids.of(text).map(Arg::from);
    let maybe = |text: Option<&str>| text.map(|t| ids.of(t)).transpose().map(Arg::from);
    let key = |r: &Option<Reference>| maybe(r.as_ref().map(|r| r.key().as_str()));
    let digest = |r: &Option<Reference>| Arg::Blob(r.as_ref().map(|r| r.digest().to_vec()));
    let unsigned = |n: u64| Arg::from(n.cast_signed());
    let own_id = event.id.0.as_u128();
    let request_id = (event.request_id != RequestId::from_event(event.id))
        .then(|| request_id::pack(&event.request_id));
    let trace = event.trace_id.bits();
    Ok(vec![
        Arg::from(event.id.0.as_bytes().as_slice()),
        event.ts.micros().into(),
        label(event.env.as_str())?,
        maybe(event.clinic.as_ref().map(ClinicId::as_str))?,
        maybe(event.app.as_ref().map(AppId::as_str))?,
        label(event.context.as_str())?,
        label(event.operation.as_str())?,
        label(event.domain.as_str())?,
        label(event.method.as_str())?,
        label(event.route.as_str())?,
        event.api_version.map(|v| i64::from(v.number())).into(),
        i64::from(event.mutation).into(),
        i64::from(event.status).into(),
        event.upstream_status.map(i64::from).into(),
        maybe(ending_label(event.ending))?,
        event.result_count.map(i64::from).into(),
        unsigned(event.duration_us),
        event.upstream_us.map(u64::cast_signed).into(),
        i64::from(event.attempts).into(),
        label(event.source.as_str())?,
        key(&event.actor_ref)?,
        digest(&event.actor_ref),
        key(&event.patient_ref)?,
        digest(&event.patient_ref),
        key(&event.token_ref)?,
        digest(&event.token_ref),
        event.office.map(|o| i64::from(o.number())).into(),
        maybe(scopes)?,
        event.shape.map(|d| d.bits().cast_signed()).into(),
        event.error_signature.map(|d| d.bits().cast_signed()).into(),
        Arg::Blob(request_id),
        Arg::Blob((trace != own_id).then(|| trace.to_be_bytes().to_vec())),
        unsigned(event.span_id.bits()),
        unsigned(event.support_code.bits()),
        unsigned(event.bytes_in),
        unsigned(event.bytes_out),
        label(event.instance.as_str())?,
    ])
}

/// A row as the database gave it.
pub(super) struct RawRow(Vec<Arg>);

impl<'r, R> FromRow<'r, R> for RawRow
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    Option<Int>: Decode<'r, R::Database> + Type<R::Database>,
    Option<Vec<u8>>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let read = |(index, (_, kind)): (usize, &(&str, Kind))| match kind {
            Kind::Int | Kind::Label => {
                row.try_get::<Option<Int>, _>(index).map(|int| Arg::Int(int.map(|int| int.0)))
            }
            Kind::Blob => row.try_get(index).map(Arg::Blob),
        };
        COLUMNS.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl RawRow {
    /// The ids of the names in this row.
    pub(super) fn labels(&self) -> impl Iterator<Item = i64> + '_ {
        self.0.iter().zip(COLUMNS).filter_map(|(arg, (_, kind))| match arg {
            Arg::Int(id) if *kind == Kind::Label => *id,
            _ => None,
        })
    }

    /// The event. Fields are read in the order of [`COLUMNS`].
    pub(super) fn event(self, labels: &Labels) -> Result<Exchange, StoreError> {
        let mut row = Reader { cells: self.0.into_iter().zip(COLUMNS), labels, column: "" };
        let id = EventId(row.blob(|bytes| uuid::Uuid::from_slice(bytes).ok())?);
        Ok(Exchange {
            id,
            ts: Timestamp::from_micros(row.need()?),
            env: row.label(Environment::parse)?,
            clinic: row.maybe_label(|text| ClinicId::parse(text).ok())?,
            app: row.maybe_label(|text| AppId::parse(text).ok())?,
            context: row.label(Context::parse)?,
            operation: row.label(|text| OperationName::parse(text).ok())?,
            domain: row.label(WorkflowDomain::parse)?,
            method: row.label(Method::parse)?,
            route: row.label(|text| RouteTemplate::parse(text).ok())?,
            api_version: row.maybe(|n| u8::try_from(n).ok().and_then(ApiVersion::new))?,
            mutation: row.need()? != 0,
            status: row.narrow()?,
            upstream_status: row.maybe(|n| u16::try_from(n).ok())?,
            ending: row.ending()?,
            result_count: row.maybe(|n| u32::try_from(n).ok())?,
            duration_us: row.need()?.cast_unsigned(),
            upstream_us: row.maybe(|n| Some(n.cast_unsigned()))?,
            attempts: row.narrow()?,
            source: row.label(Source::parse)?,
            actor_ref: row.reference(ReferenceKind::Actor)?,
            patient_ref: row.reference(ReferenceKind::Patient)?,
            token_ref: row.reference(ReferenceKind::Token)?,
            office: row.maybe(|n| Office::parse(&n.to_string()))?,
            scopes: row.maybe_label(parse_scopes)?.unwrap_or_default(),
            shape: row.maybe(|n| Some(Digest::from_bits(n.cast_unsigned())))?,
            error_signature: row.maybe(|n| Some(Digest::from_bits(n.cast_unsigned())))?,
            request_id: row
                .maybe_blob(request_id::unpack)?
                .unwrap_or_else(|| RequestId::from_event(id)),
            trace_id: row
                .maybe_blob(|bytes| Some(u128::from_be_bytes(bytes.try_into().ok()?)))?
                .map_or(TraceId::from_bits(id.0.as_u128()), TraceId::from_bits),
            span_id: SpanId::from_bits(row.need()?.cast_unsigned()),
            support_code: SupportCode::from_bits(row.need()?.cast_unsigned()),
            bytes_in: row.need()?.cast_unsigned(),
            bytes_out: row.need()?.cast_unsigned(),
            instance: row.label(|text| InstanceId::parse(text).ok())?,
        })
    }
}

fn parse_scopes(text: &str) -> Option<Arc<[ScopeName]>> {
    text.split(' ').map(|name| ScopeName::parse(name).ok()).collect()
}

/// Reads a row cell by cell.
struct Reader<'l, C> {
    cells: C,
    labels: &'l Labels,
    column: &'static str,
}

impl<C: Iterator<Item = (Arg, &'static (&'static str, Kind))>> Reader<'_, C> {
    fn unknown(&self) -> StoreError {
        StoreError::UnknownValue { table: "exchanges", column: self.column }
    }

    fn cell(&mut self) -> Result<Arg, StoreError> {
        let (arg, (column, _)) = self.cells.next().ok_or_else(|| self.unknown())?;
        self.column = column;
        Ok(arg)
    }

    fn maybe<T>(&mut self, read: impl FnOnce(i64) -> Option<T>) -> Result<Option<T>, StoreError> {
        match self.cell()? {
            Arg::Int(None) => Ok(None),
            Arg::Int(Some(number)) => read(number).map(Some).ok_or_else(|| self.unknown()),
            _ => Err(self.unknown()),
        }
    }

    fn need(&mut self) -> Result<i64, StoreError> {
        self.maybe(Some)?.ok_or_else(|| self.unknown())
    }

    fn narrow<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        self.maybe(|number| T::try_from(number).ok())?.ok_or_else(|| self.unknown())
    }

    fn maybe_blob<T>(
        &mut self,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.cell()? {
            Arg::Blob(None) => Ok(None),
            Arg::Blob(Some(bytes)) => read(&bytes).map(Some).ok_or_else(|| self.unknown()),
            _ => Err(self.unknown()),
        }
    }

    fn blob<T>(&mut self, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, StoreError> {
        self.maybe_blob(read)?.ok_or_else(|| self.unknown())
    }

    fn maybe_label<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let labels = self.labels;
        self.maybe(|id| labels.text(id).and_then(|text| read(&text)))
    }

    fn label<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        self.maybe_label(read)?.ok_or_else(|| self.unknown())
    }

    fn ending(&mut self) -> Result<Ending, StoreError> {
        Ok(self.maybe_label(|text| ending_of(Some(text)))?.unwrap_or(Ending::Ok))
    }

    fn reference(&mut self, kind: ReferenceKind) -> Result<Option<Reference>, StoreError> {
        let key = self.maybe_label(|text| KeyId::parse(text).ok())?;
        let digest = self.maybe_blob(|bytes| <[u8; Reference::BYTES]>::try_from(bytes).ok())?;
        match (key, digest) {
            (Some(key), Some(digest)) => Ok(Some(Reference::new(kind, key, digest))),
            (None, None) => Ok(None),
            _ => Err(self.unknown()),
        }
    }
}
