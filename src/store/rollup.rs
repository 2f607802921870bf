//! Sums over roll-ups: what every chart, table of figures and report reads.
//!
//! Owns the spans, the one query and its rows. Counting is done when events are written (see
//! [`super::insert`]); nothing here touches `exchanges`.

use std::collections::BTreeSet;

use super::Store;
use super::error::StoreError;
use super::labels::{LabelIds, Labels};
use super::row::ending_of;
use super::sql::{Int, Sql};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::labels::{Context, WorkflowDomain};
use crate::domain::names::{AppId, ClinicId, OperationName};
use crate::domain::reason::Ending;
use crate::domain::time::Timestamp;

/// How long one bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Span {
    /// Kept for two days.
    Minute,
    /// Kept for 90 days.
    Hour,
    /// Kept for 25 months. A day of the clinic's own calendar, written as that date's midnight UTC.
    Day,
}

impl Span {
    /// Every span, the shortest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Seconds in one bucket.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// The start of a date's bucket among days.
    #[must_use]
    pub fn start_of(day: jiff::civil::Date) -> Timestamp {
        Timestamp::from_seconds(day_number(day).saturating_mul(Self::Day.seconds()))
    }

    /// The number of the bucket of an event; `day` is the date in the clinic's calendar.
    pub(super) fn bucket(self, ts: Timestamp, day: jiff::civil::Date) -> i64 {
        match self {
            Self::Minute | Self::Hour => ts.seconds().div_euclid(self.seconds()),
            Self::Day => day_number(day),
        }
    }

    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Minute => "rollup_minute",
            Self::Hour => "rollup_hour",
            Self::Day => "rollup_day",
        }
    }
}

/// Days since 1970-01-01.
pub(super) fn day_number(day: jiff::civil::Date) -> i64 {
    day.duration_since(jiff::civil::date(1970, 1, 1)).as_hours().div_euclid(24)
}

/// What figures are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    /// Time.
    Bucket,
    /// Clinic.
    Clinic,
    /// Application.
    App,
    /// Operation.
    Operation,
    /// Workflow domain.
    Domain,
    /// Identity context.
    Context,
    /// Outcome and reason.
    Ending,
    /// Latency bucket, see `domain::latency`.
    Latency,
}

/// The columns in the order of [`By`]; the first two are the table's, the others its kind's.
const COLUMNS: [(By, &str); 8] = [
    (By::Bucket, "r.bucket"),
    (By::Clinic, "r.clinic_label"),
    (By::App, "k.app_label"),
    (By::Operation, "k.operation_label"),
    (By::Domain, "k.domain_label"),
    (By::Context, "k.context_label"),
    (By::Ending, "k.ending_label"),
    (By::Latency, "k.latency"),
];

/// Which figures.
#[derive(Clone, Debug)]
pub struct RollupQuery {
    /// How fine.
    pub span: Span,
    /// From the bucket that this time lies in.
    pub from: Timestamp,
    /// Up to this time; its bucket counts unless the time is the bucket's start.
    pub to: Timestamp,
    /// Only this clinic.
    pub clinic: Option<ClinicId>,
    /// Only this application.
    pub app: Option<AppId>,
    /// Only this operation.
    pub operation: Option<OperationName>,
    /// Only this domain.
    pub domain: Option<WorkflowDomain>,
    /// Only this context.
    pub context: Option<Context>,
    /// Only what did not work.
    pub failed: bool,
    /// What to tell apart. Empty: one row of totals.
    pub by: BTreeSet<By>,
}

impl RollupQuery {
    /// Everything in a stretch of time, told apart by what `by` lists.
    #[must_use]
    pub fn new(span: Span, from: Timestamp, to: Timestamp, by: &[By]) -> Self {
        Self {
            span,
            from,
            to,
            clinic: None,
            app: None,
            operation: None,
            domain: None,
            context: None,
            failed: false,
            by: by.iter().copied().collect(),
        }
    }
}

impl RollupQuery {
    /// Whether more than clinic and time tells the figures apart.
    fn needs_kinds(&self) -> bool {
        let by_kind = |by: &By| !matches!(by, By::Bucket | By::Clinic);
        self.by.iter().any(by_kind)
            || self.app.is_some()
            || self.operation.is_some()
            || self.domain.is_some()
            || self.context.is_some()
            || self.failed
    }
}

/// One row of figures. A field that the query did not ask for is `None`; so are `clinic` and `app`
/// where they could not be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollupRow {
    /// The bucket's start.
    pub bucket: Option<Timestamp>,
    /// Clinic.
    pub clinic: Option<ClinicId>,
    /// Application.
    pub app: Option<AppId>,
    /// Operation.
    pub operation: Option<OperationName>,
    /// Workflow domain.
    pub domain: Option<WorkflowDomain>,
    /// Identity context.
    pub context: Option<Context>,
    /// Outcome and reason.
    pub ending: Option<Ending>,
    /// Latency bucket.
    pub latency: Option<u8>,
    /// Exchanges.
    pub calls: u64,
    /// Sum of their durations, in microseconds.
    pub duration_us: u64,
}

type Raw = (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int);

impl Store {
    /// Sums figures. Rows come in the order of time; without calls there are none.
    ///
    /// Reads one table's key by clinic and time, so its cost grows with the stretch of time asked
    /// for, not with the table.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote the row.
    pub async fn rollup(&self, query: &RollupQuery) -> Result<Vec<RollupRow>, StoreError> {
        self.rollup_within(query, &ClinicScope::all()).await
    }

    /// [`Store::rollup`] of some clinics only.
    pub(super) async fn rollup_within(
        &self,
        query: &RollupQuery,
        scope: &ClinicScope,
    ) -> Result<Vec<RollupRow>, StoreError> {
        if query.clinic.is_some() && !scope.covers(query.clinic.as_ref()) {
            return Ok(Vec::new());
        }
        let names = names(query);
        let mut wanted = names.clone();
        wanted.extend(scope.listed().into_iter().flatten().map(ClinicId::as_str));
        let ids = self.labels.find(&self.pools, wanted).await?;
        if names.iter().any(|name| ids.get(name).is_none()) {
            return Ok(Vec::new());
        }
        let within = scope.listed().map(|listed| {
            // A clinic without a label never called.
            listed.iter().filter_map(|id| ids.get(id.as_str())).collect::<Vec<i64>>()
        });
        if within.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let rows: Vec<Raw> = self.pools.all(statement(query, &ids, within.as_deref())?).await?;
        let labels = rows.iter().flat_map(|r| [r.1.0, r.2.0, r.3.0, r.4.0, r.5.0, r.6.0]);
        self.labels.prepare(&self.pools, labels.filter(|id| *id != 0)).await?;
        rows.into_iter().map(|row| decode(row, query, &self.labels)).collect()
    }
}

fn names(query: &RollupQuery) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    names.extend(query.clinic.as_ref().map(ClinicId::as_str));
    names.extend(query.app.as_ref().map(AppId::as_str));
    names.extend(query.operation.as_ref().map(OperationName::as_str));
    names.extend(query.domain.map(WorkflowDomain::as_str));
    names.extend(query.context.map(Context::as_str));
    names
}

pub(super) fn statement(
    query: &RollupQuery,
    ids: &LabelIds,
    within: Option<&[i64]>,
) -> Result<Sql, StoreError> {
    let mut sql = Sql::new("select ");
    for (by, column) in COLUMNS {
        sql.push(if query.by.contains(&by) { column } else { "0" }).push(", ");
    }
    sql.push("cast(sum(r.calls) as bigint), cast(sum(r.duration_us) as bigint) from ");
    sql.push(query.span.table()).push(" r");
    if query.needs_kinds() {
        sql.push(" join figure_kinds k on k.id = r.kind");
    }
    sql.push(" where r.clinic_label ");
    match (&query.clinic, within) {
        (Some(clinic), _) => sql.push("= ").bind(ids.of(clinic.as_str())?),
        (None, Some(labels)) => sql.push("in (").bind_all(labels.iter().copied()).push(")"),
        // The key begins with the clinic: naming them all turns a scan into a few ranges.
        (None, None) => sql.push("in (select clinic_label from clinics_seen)"),
    };
    let seconds = query.span.seconds();
    sql.push(" and r.bucket >= ").bind(query.from.seconds().div_euclid(seconds));
    let end = query.to.micros().div_euclid(seconds * 1_000_000);
    let inside = query.to.micros().rem_euclid(seconds * 1_000_000) != 0;
    sql.push(" and r.bucket < ").bind(end + i64::from(inside));
    for (column, name) in [
        (" and k.app_label = ", query.app.as_ref().map(AppId::as_str)),
        (" and k.operation_label = ", query.operation.as_ref().map(OperationName::as_str)),
        (" and k.domain_label = ", query.domain.map(WorkflowDomain::as_str)),
        (" and k.context_label = ", query.context.map(Context::as_str)),
    ] {
        if let Some(name) = name {
            sql.push(column).bind(ids.of(name)?);
        }
    }
    if query.failed {
        sql.push(" and k.ending_label <> 0");
    }
    let mut separator = " group by ";
    for (_, column) in COLUMNS.iter().filter(|(by, _)| query.by.contains(by)) {
        sql.push(separator).push(column);
        separator = ", ";
    }
    if query.by.contains(&By::Bucket) {
        sql.push(" order by r.bucket");
    }
    // Without groups, a sum over nothing is one row of nulls instead of none.
    if query.by.is_empty() {
        sql.push(" having count(*) > 0");
    }
    Ok(sql)
}

fn decode(row: Raw, query: &RollupQuery, labels: &Labels) -> Result<RollupRow, StoreError> {
    let asked = |by| query.by.contains(&by);
    let unknown = |column| StoreError::UnknownValue { table: "rollup", column };
    let text = |id: Int| labels.text(id.0);
    let (bucket, clinic, app, operation, domain, context, ending, latency, calls, duration) = row;
    /// Reads a label that was asked for and that is not 0.
    macro_rules! label {
        ($by:expr, $id:expr, $column:literal, $parse:expr) => {
            if asked($by) && $id.0 != 0 {
                Some(text($id).as_deref().and_then($parse).ok_or_else(|| unknown($column))?)
            } else {
                None
            }
        };
    }
    let ending = match (asked(By::Ending), ending.0) {
        (false, _) => None,
        (true, 0) => Some(Ending::Ok),
        (true, _) => label!(By::Ending, ending, "ending_label", |t| ending_of(Some(t))),
    };
    Ok(RollupRow {
        bucket: asked(By::Bucket)
            .then(|| Timestamp::from_seconds(bucket.0.saturating_mul(query.span.seconds()))),
        clinic: label!(By::Clinic, clinic, "clinic_label", |t| ClinicId::parse(t).ok()),
        app: label!(By::App, app, "app_label", |t| AppId::parse(t).ok()),
        operation: label!(By::Operation, operation, "operation_label", |t| {
            OperationName::parse(t).ok()
        }),
        domain: label!(By::Domain, domain, "domain_label", WorkflowDomain::parse),
        context: label!(By::Context, context, "context_label", Context::parse),
        ending,
        latency: if asked(By::Latency) {
            Some(u8::try_from(latency.0).map_err(|_| unknown("latency"))?)
        } else {
            None
        },
        calls: calls.0.cast_unsigned(),
        duration_us: duration.0.cast_unsigned(),
    })
}
