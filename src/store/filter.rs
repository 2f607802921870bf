//! Which events: the filters of the explorer and the API, and the SQL that they become.
//!
//! Owns both. Every filter is a parameter of a fixed piece of SQL.

use std::collections::BTreeSet;

use super::error::StoreError;
use super::labels::LabelIds;
use super::request_id;
use super::row::{ABORTED, ending_label};
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

    /// Names without which no event can fit, and names that may be missing.
    pub(super) fn names(&self) -> (BTreeSet<&str>, BTreeSet<&'static str>) {
        let mut needed = BTreeSet::new();
        needed.extend(self.env.map(Environment::as_str));
        needed.extend(self.clinic.as_ref().map(ClinicId::as_str));
        needed.extend(self.app.as_ref().map(AppId::as_str));
        needed.extend(self.operation.as_ref().map(OperationName::as_str));
        needed.extend(self.domain.map(WorkflowDomain::as_str));
        needed.extend(self.context.map(Context::as_str));
        let endings = self.endings().unwrap_or_default();
        (needed, endings.into_iter().filter_map(ending_label).collect())
    }

    /// Appends ` and …` for every filter that is set.
    pub(super) fn push(
        &self,
        sql: &mut Sql,
        ids: &LabelIds,
        is_sqlite: bool,
    ) -> Result<(), StoreError> {
        self.push_ids(sql, is_sqlite);
        for (column, name) in [
            (" and e.env_label = ", self.env.map(Environment::as_str)),
            (" and e.clinic_label = ", self.clinic.as_ref().map(ClinicId::as_str)),
            (" and e.app_label = ", self.app.as_ref().map(AppId::as_str)),
            (" and e.operation_label = ", self.operation.as_ref().map(OperationName::as_str)),
            (" and e.domain_label = ", self.domain.map(WorkflowDomain::as_str)),
            (" and e.context_label = ", self.context.map(Context::as_str)),
        ] {
            if let Some(name) = name {
                sql.push(column).bind(ids.of(name)?);
            }
        }
        self.push_ending(sql, ids);
        if let Some(mutation) = self.mutation {
            sql.push(" and e.mutation = ").bind(i64::from(mutation));
        }
        for (head, whole, references) in [
            (" and substr(e.actor_ref, 1, 8) in (", ") and e.actor_ref in (", &self.actor_refs),
            (
                " and substr(e.patient_ref, 1, 8) in (",
                ") and e.patient_ref in (",
                &self.patient_refs,
            ),
            (" and substr(e.token_ref, 1, 8) in (", ") and e.token_ref in (", &self.token_refs),
        ] {
            if !references.is_empty() {
                // The heads are what the index holds.
                sql.push(head).bind_all(references.iter().map(|r| Arg::from(&r.digest()[..8])));
                sql.push(whole).bind_all(references.iter().map(|r| Arg::from(&r.digest()[..])));
                sql.push(")");
            }
        }
        if let Some(from) = self.from {
            sql.push(" and e.ts >= ").bind(from.micros());
        }
        if let Some(to) = self.to {
            sql.push(" and e.ts < ").bind(to.micros());
        }
        Ok(())
    }

    fn push_ids(&self, sql: &mut Sql, is_sqlite: bool) {
        if let Some(code) = self.support_code {
            sql.push(" and e.support_code = ").bind(code.bits().cast_signed());
        }
        if !self.request_ids.is_empty() {
            let packed = self.request_ids.iter().map(request_id::pack);
            let own = self.request_ids.iter().filter_map(|id| EventId::parse(id.as_str()));
            push_id(
                sql,
                is_sqlite,
                [" and (substr(e.request_id, -8) in (", ") and e.request_id in ("],
                [" and (e.request_id in (", ") or (e.request_id is null and e.id in ("],
                &packed.collect::<Vec<_>>(),
                &own.collect::<Vec<_>>(),
            );
        }
        if let Some(trace) = self.trace_id {
            push_id(
                sql,
                is_sqlite,
                [" and (substr(e.trace_id, -8) in (", ") and e.trace_id in ("],
                [" and (e.trace_id in (", ") or (e.trace_id is null and e.id in ("],
                &[trace.bits().to_be_bytes().to_vec()],
                &[EventId(uuid::Uuid::from_u128(trace.bits()))],
            );
        }
    }

    fn push_ending(&self, sql: &mut Sql, ids: &LabelIds) {
        let Some(endings) = self.endings() else { return };
        let labels: Vec<i64> =
            endings.iter().filter_map(|e| ending_label(*e)).filter_map(|l| ids.get(l)).collect();
        match (endings.contains(&Ending::Ok), labels.is_empty()) {
            (true, true) => drop(sql.push(" and e.ending_label is null")),
            (true, false) => {
                sql.push(" and (e.ending_label is null or e.ending_label in (");
                sql.bind_all(labels).push("))");
            }
            // Nothing ever ended that way, or the filters exclude each other.
            (false, true) => drop(sql.push(" and 1 = 0")),
            (false, false) => {
                sql.push(" and e.ending_label in (").bind_all(labels).push(")");
            }
        }
        debug_assert!(Reason::parse(ABORTED).is_none(), "one column holds both");
    }
}

/// An id is in its column, or is null there because it is the event's own. `indexed` is how
/// SQLite's index, which holds the last eight bytes, is put to use.
fn push_id(
    sql: &mut Sql,
    is_sqlite: bool,
    indexed: [&'static str; 2],
    plain: [&'static str; 2],
    packed: &[Vec<u8>],
    own: &[EventId],
) {
    let whole = packed.iter().map(|id| Arg::from(id.as_slice()));
    if is_sqlite {
        let tail = |id: &Vec<u8>| Arg::from(&id[id.len().saturating_sub(8)..]);
        sql.push(indexed[0]).bind_all(packed.iter().map(tail));
        sql.push(indexed[1]).bind_all(whole);
    } else {
        sql.push(plain[0]).bind_all(whole);
    }
    if own.is_empty() {
        sql.push("))");
    } else {
        sql.push(plain[1]);
        sql.bind_all(own.iter().map(|id| Arg::from(id.0.as_bytes().as_slice()))).push(")))");
    }
}
