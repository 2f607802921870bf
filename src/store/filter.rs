//! Which events: the filters of the explorer and the API, and the SQL that they become.
//!
//! Owns both. Every filter is a parameter of a fixed piece of SQL. One of them leads: its index is
//! walked in the order of time, and the others are looked at row by row. Which one leads is decided
//! here and not by the databases, which would guess, and differently.

use std::collections::BTreeSet;

use super::labels::LabelIds;
use super::place::{self, MOST_LATE_US};
use super::request_id;
use super::row::ending_label;
use super::sql::{Arg, Sql};
use crate::domain::ids::{EventId, RequestId, SupportCode};
use crate::domain::labels::{Category, Context, Environment, Outcome, WorkflowDomain};
use crate::domain::names::{AppId, ClinicId, OperationName};
use crate::domain::reason::{Ending, Reason};
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;
use crate::domain::trace_context::TraceId;

/// Which events. Filters that are set must all hold; of a list, one entry must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeFilter {
    /// What a person reads aloud.
    pub support_code: Option<SupportCode>,
    /// The app's id, and the references of an id that could name a person.
    pub request_ids: Vec<RequestId>,
    /// The distributed trace.
    pub trace_id: Option<TraceId>,
    /// Which Accuro.
    pub env: Option<Environment>,
    /// The clinic.
    pub clinic: Option<ClinicId>,
    /// The calling application.
    pub app: Option<AppId>,
    /// The operation.
    pub operation: Option<OperationName>,
    /// The workflow domain.
    pub domain: Option<WorkflowDomain>,
    /// The identity context.
    pub context: Option<Context>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Whose move it is.
    pub category: Option<Category>,
    /// Why it failed.
    pub reason: Option<Reason>,
    /// Whether it could change the chart.
    pub mutation: Option<bool>,
    /// One person, under every listed key.
    pub actor_refs: Vec<Reference>,
    /// One patient, under every listed key.
    pub patient_refs: Vec<Reference>,
    /// One token, under every listed key.
    pub token_refs: Vec<Reference>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// One filter as SQL: a row fits if one of the alternatives holds. No row fits two of them.
struct Condition {
    /// An index answers each alternative in the order of time. The lowest rank leads.
    rank: Option<u8>,
    alternatives: Vec<Sql>,
}

/// Ids and patients leave few rows.
const PATIENT_RANK: u8 = 3;

/// How a filter is looked up.
pub(super) struct Search {
    /// Walks along an index each, together all that may fit. None: nothing fits.
    pub(super) walks: Vec<Sql>,
    /// What is left to look at in each row, as ` and …`; empty if nothing is.
    pub(super) rest: Sql,
    /// The stretch of time, as ` and …`.
    pub(super) stretch: Sql,
    /// The leading filter leaves so few rows that they are sorted after they are found.
    /// PostgreSQL, where it knows too little of a table, would walk along it in order instead.
    pub(super) sorts: bool,
}

impl ExchangeFilter {
    fn endings(&self) -> Option<Vec<Ending>> {
        if self.outcome.is_none() && self.category.is_none() && self.reason.is_none() {
            return None;
        }
        let all = Reason::ALL.iter().map(|reason| Ending::failed(*reason));
        let fits = |ending: &Ending| {
            self.outcome.is_none_or(|outcome| ending.outcome() == outcome)
                && (self.category.is_none() || ending.category() == self.category)
                && (self.reason.is_none() || ending.reason() == self.reason)
        };
        Some(all.chain([Ending::Ok, Ending::Aborted]).filter(fits).collect())
    }

    /// The names whose labels a search needs.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        names.extend(self.clinic.as_ref().map(ClinicId::as_str));
        names.extend(self.operation.as_ref().map(OperationName::as_str));
        names.extend(
            self.endings()
                .unwrap_or_default()
                .into_iter()
                .filter_map(|ending| ending_label(ending)),
        );
        names
    }

    /// How to look it up.
    pub(super) fn search(&self, ids: &LabelIds, is_sqlite: bool) -> Search {
        let mut conditions = Vec::new();
        self.by_id(&mut conditions, is_sqlite);
        self.by_reference(&mut conditions);
        self.by_label(&mut conditions, ids);
        conditions.extend(self.by_kind());
        conditions.sort_by_key(|condition| condition.rank.unwrap_or(u8::MAX));
        let rank = conditions.first().and_then(|first| first.rank);
        let mut conditions = conditions.into_iter();
        let walks = rank.and_then(|_| conditions.next()).map(|first| first.alternatives);
        let mut rest = Sql::default();
        for condition in conditions {
            // A case keeps the databases from following another index than the one that leads.
            let mut separator = " and case when ";
            for alternative in &condition.alternatives {
                rest.push(separator).append(alternative);
                separator = " or ";
            }
            rest.push(if condition.alternatives.is_empty() {
                " and 1 = 0"
            } else {
                " then 1 end = 1"
            });
        }
        Search {
            sorts: !is_sqlite && rank.is_some_and(|rank| rank <= PATIENT_RANK),
            walks: walks.unwrap_or_else(|| vec![Sql::new("1 = 1")]),
            rest,
            stretch: self.stretch(),
        }
    }

    fn by_id(&self, conditions: &mut Vec<Condition>, is_sqlite: bool) {
        if let Some(code) = self.support_code {
            let mut sql = Sql::new("e.support_code = ");
            sql.bind(code.bits().cast_signed());
            conditions.push(Condition { rank: Some(0), alternatives: vec![sql] });
        }
        if let Some(trace) = self.trace_id {
            let own = EventId(uuid::Uuid::from_u128(trace.bits()));
            let column = if is_sqlite { TRACE_SQLITE } else { TRACE };
            let alternatives = is_id(column, &trace.bits().to_be_bytes(), Some(own));
            conditions.push(Condition { rank: Some(1), alternatives });
        }
        if !self.request_ids.is_empty() {
            let column = if is_sqlite { REQUEST_SQLITE } else { REQUEST };
            let is =
                |id: &RequestId| is_id(column, &request_id::pack(id), EventId::parse(id.as_str()));
            let alternatives = self.request_ids.iter().flat_map(is).collect();
            conditions.push(Condition { rank: Some(2), alternatives });
        }
    }

    fn by_reference(&self, conditions: &mut Vec<Condition>) {
        for (rank, references, head, whole) in [
            (
                PATIENT_RANK,
                &self.patient_refs,
                "(substr(e.patient_ref, 1, 4) = ",
                " and e.patient_ref = ",
            ),
            (4, &self.actor_refs, "(substr(e.actor_ref, 1, 4) = ", " and e.actor_ref = "),
        ] {
            let is = |reference: &Reference| {
                let mut sql = Sql::new(head);
                sql.bind(&reference.digest()[..4]);
                sql.push(whole).bind(&reference.digest()[..]).push(")");
                sql
            };
            if !references.is_empty() {
                let alternatives = references.iter().map(is).collect();
                conditions.push(Condition { rank: Some(rank), alternatives });
            }
        }
        if !self.token_refs.is_empty() {
            let mut sql = Sql::new("e.token_ref in (");
            sql.bind_all(self.token_refs.iter().map(|r| Arg::from(&r.digest()[..]))).push(")");
            conditions.push(Condition { rank: None, alternatives: vec![sql] });
        }
    }

    fn by_label(&self, conditions: &mut Vec<Condition>, ids: &LabelIds) {
        let is = |head: &'static str, name: &str| {
            // A name without a label is in no row.
            ids.get(name).map(|label| {
                let mut sql = Sql::new(head);
                sql.bind(label);
                sql
            })
        };
        let clinic = self.clinic.as_ref().map(|id| is("e.clinic_label = ", id.as_str()));
        let operation = self.operation.as_ref().map(|id| is("e.operation_label = ", id.as_str()));
        match (clinic, operation) {
            (None, None) => {}
            (Some(clinic), None) => {
                let alternatives = clinic.into_iter().collect();
                conditions.push(Condition { rank: Some(7), alternatives });
            }
            (None, Some(operation)) => {
                let alternatives = operation.into_iter().collect();
                conditions.push(Condition { rank: None, alternatives });
            }
            (Some(clinic), Some(operation)) => {
                let both = clinic.zip(operation).map(|(mut clinic, operation)| {
                    clinic.push(" and ").append(&operation);
                    clinic
                });
                let alternatives = both.into_iter().collect();
                conditions.push(Condition { rank: Some(5), alternatives });
            }
        }
        let Some(endings) = self.endings() else { return };
        let worked = endings.contains(&Ending::Ok);
        let labels = endings.into_iter().filter_map(ending_label);
        let mut alternatives: Vec<Sql> =
            labels.filter_map(|label| is("e.ending_label = ", label)).collect();
        if worked {
            alternatives.push(Sql::new("e.ending_label is null"));
        }
        // Most calls work: their index would hold nearly every row, so there is none.
        conditions.push(Condition { rank: (!worked).then_some(6), alternatives });
    }

    fn by_kind(&self) -> Option<Condition> {
        let mut sql = Sql::new("e.kind in (select id from kinds where 1 = 1");
        let empty = sql.clone();
        for (column, text) in [
            (" and env = ", self.env.map(Environment::as_str)),
            (" and app = ", self.app.as_ref().map(AppId::as_str)),
            (" and domain = ", self.domain.map(WorkflowDomain::as_str)),
            (" and context = ", self.context.map(Context::as_str)),
        ] {
            if let Some(text) = text {
                sql.push(column).bind(text);
            }
        }
        if let Some(mutation) = self.mutation {
            sql.push(" and mutation = ").bind(i64::from(mutation));
        }
        if sql == empty {
            return None;
        }
        sql.push(")");
        Some(Condition { rank: None, alternatives: vec![sql] })
    }

    /// The key finds the stretch; the time itself decides at its edges.
    fn stretch(&self) -> Sql {
        let mut sql = Sql::default();
        if let Some(from) = self.from {
            sql.push(" and e.key >= ").bind(place::first_key(from));
            sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) >= ").bind(from.micros());
        }
        if let Some(to) = self.to {
            let beyond = Timestamp::from_micros(to.micros().saturating_add(MOST_LATE_US));
            sql.push(" and e.key < ").bind(place::first_key(beyond));
            sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) < ").bind(to.micros());
        }
        sql
    }
}

/// How a column that is null for the event's own id is asked for: by the last bytes, which SQLite's
/// index holds, if that is not empty; by all of them; for null.
type IdColumn = [&'static str; 3];
const REQUEST: IdColumn = ["", "e.request_id = ", "e.request_id is null and "];
const TRACE: IdColumn = ["", "e.trace_id = ", "e.trace_id is null and "];
const REQUEST_SQLITE: IdColumn =
    ["substr(e.request_id, -4) = ", "e.request_id = ", "e.request_id is null and "];
const TRACE_SQLITE: IdColumn =
    ["substr(e.trace_id, -4) = ", "e.trace_id = ", "e.trace_id is null and "];

fn is_id([tail, whole, null]: IdColumn, id: &[u8], own: Option<EventId>) -> Vec<Sql> {
    let mut sql = Sql::default();
    if !tail.is_empty() {
        sql.push(tail).bind(&id[id.len().saturating_sub(4)..]).push(" and ");
    }
    sql.push(whole).bind(id);
    let own = own.into_iter().flat_map(place::is);
    let own = own.map(|is| {
        let mut sql = Sql::new(null);
        sql.append(&is);
        sql
    });
    std::iter::once(sql).chain(own).collect()
}
