//! From a filter to SQL: along which index, and what is looked at row by row.
//!
//! Owns that choice. Every filter is a parameter of a fixed piece of SQL. One of them leads: its
//! index is walked in the order of time, and the others are looked at row by row. Which one leads is
//! decided here and not by the databases, which would guess, and differently.
//!
//! Ids and patients are spread over the whole of an index, so each new row would touch a page of its
//! own. SQLite's indices of theirs therefore begin with the *section*, about five hours of the table: new
//! rows stay together, which more than doubles the rate of writing at a million rows, and a search looks into every section
//! that there is, some 450 after 90 days. On PostgreSQL a day's table takes the section's place. What the
//! indices hold of a value is in [`super::short`].

use super::filter::ExchangeFilter;
use super::labels::LabelIds;
use super::order::Order;
use super::place::{self, MOST_LATE_US};
use super::request_id;
use super::row::ending_label;
use super::short::{BUCKETS, Head, Short};
use super::sql::{Arg, Sql};
use crate::domain::ids::EventId;
use crate::domain::labels::{Context, Environment, WorkflowDomain};
use crate::domain::names::AppId;
use crate::domain::reason::Ending;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;

/// One filter as SQL: a row fits if one of the alternatives holds. No row fits two of them.
struct Condition {
    /// An index answers each alternative in the order of time. The lowest rank leads.
    rank: Option<u8>,
    /// Their index begins with the section of the table.
    by_section: Vec<Sql>,
    /// The other ones.
    plain: Vec<Sql>,
}

impl Condition {
    const fn new(rank: Option<u8>, plain: Vec<Sql>) -> Self {
        Self { rank, by_section: Vec::new(), plain }
    }

    fn forget_sections(&mut self) {
        self.plain.append(&mut self.by_section);
    }

    fn alternatives(&self) -> impl Iterator<Item = &Sql> {
        self.by_section.iter().chain(&self.plain)
    }

    /// The walks along its indices.
    fn walks(self, sections: &[i64]) -> Vec<Sql> {
        let mut walks = self.plain;
        for sections in sections.chunks(MOST_SECTIONS) {
            for alternative in &self.by_section {
                let mut sql = Sql::new("(e.key >> 38) in (");
                sql.bind_all(sections.iter().copied()).push(") and ").append(alternative);
                walks.push(sql);
            }
        }
        walks
    }
}

/// Sections that one statement looks into: more than retention leaves, fewer than a statement has
/// room for.
const MOST_SECTIONS: usize = 500;

/// Ids and patients leave few rows.
const PATIENT_RANK: u8 = 3;
/// PostgreSQL's index of a person's calls ends with a section of the table.
const ACTOR_RANK: u8 = 4;

/// How a filter is looked up.
pub(super) struct Search {
    /// Walks along an index each, together all that may fit. None: nothing fits.
    pub(super) walks: Vec<Sql>,
    /// What is left to look at in each row, as ` and …`; empty if nothing is.
    pub(super) rest: Sql,
    /// The stretch of time, as ` and …`.
    pub(super) stretch: Sql,
    /// How the leading filter's rows come in the order of time.
    pub(super) order: Order,
}

impl ExchangeFilter {
    /// Whether the search needs to know the table's sections.
    pub(super) fn needs_sections(&self) -> bool {
        self.support_code.is_some()
            || !self.trace_ids.is_empty()
            || !self.request_ids.is_empty()
            || !self.patient_refs.is_empty()
    }

    /// How to look it up.
    pub(super) fn search(&self, ids: &LabelIds, sections: &[i64], is_sqlite: bool) -> Search {
        let mut conditions = Vec::new();
        let short = if is_sqlite { Short::SQLITE } else { Short::POSTGRES };
        self.by_id(&mut conditions, short);
        self.by_reference(&mut conditions, short);
        if !is_sqlite {
            // A day's table takes the place of the section.
            conditions.iter_mut().for_each(Condition::forget_sections);
        }
        self.by_label(&mut conditions, ids);
        conditions.extend(self.by_kind());
        conditions.sort_by_key(|condition| condition.rank.unwrap_or(u8::MAX));
        let rank = conditions.first().and_then(|first| first.rank);
        let mut conditions = conditions.into_iter();
        let walks = rank.and_then(|_| conditions.next()).map(|first| first.walks(sections));
        let mut rest = Sql::default();
        for condition in conditions {
            // A case keeps the databases from following another index than the one that leads.
            let mut separator = " and case when ";
            for alternative in condition.alternatives() {
                rest.push(separator).append(alternative);
                separator = " or ";
            }
            rest.push(if condition.alternatives().next().is_none() {
                " and 1 = 0"
            } else {
                " then 1 end = 1"
            });
        }
        let order = match rank {
            Some(rank) if rank <= PATIENT_RANK && is_sqlite => Order::Found,
            Some(rank) if rank <= PATIENT_RANK => Order::EveryDay
                .between(self.from.map(place::first_key), self.to.map(place::first_key)),
            Some(ACTOR_RANK) if !is_sqlite => Order::Section,
            _ => Order::Key,
        };
        let walks = walks.unwrap_or_else(|| vec![Sql::new("1 = 1")]);
        Search { walks, rest, stretch: self.stretch(order), order }
    }

    fn by_id(&self, conditions: &mut Vec<Condition>, short: Short) {
        if let Some(code) = self.support_code {
            let bits = code.bits().cast_signed();
            let mut sql = Sql::default();
            if let Some(head) = short.code {
                sql.push(head).bind(bits & BUCKETS).push(" and ");
            }
            sql.push("e.support_code = ").bind(bits);
            let by_section = vec![sql];
            conditions.push(Condition { rank: Some(0), by_section, plain: Vec::new() });
        }
        if !self.trace_ids.is_empty() {
            let ids = || self.trace_ids.iter().map(|trace| trace.bits());
            let kept = |bits: u128| short.trace.is(" and e.trace_id = ", &bits.to_be_bytes());
            let own = ids().map(|bits| EventId(uuid::Uuid::from_u128(bits)));
            let plain = own.flat_map(|id| is_own("e.trace_id is null and ", id)).collect();
            let by_section = ids().map(kept).collect();
            conditions.push(Condition { rank: Some(1), by_section, plain });
        }
        if !self.request_ids.is_empty() {
            let kept = |id| short.request.is(" and e.request_id = ", &request_id::pack(id));
            let by_section = self.request_ids.iter().map(kept).collect();
            let own = self.request_ids.iter().filter_map(|id| EventId::parse(id.as_str()));
            let plain = own.flat_map(|id| is_own("e.request_id is null and ", id)).collect();
            conditions.push(Condition { rank: Some(2), by_section, plain });
        }
    }

    fn by_reference(&self, conditions: &mut Vec<Condition>, short: Short) {
        // In brackets, since they are alternatives.
        let is = |head: Head, whole, reference: &Reference| {
            let mut sql = Sql::new("(");
            sql.append(&head.is(whole, &reference.digest()[..])).push(")");
            sql
        };
        if !self.patient_refs.is_empty() {
            let is = |reference| is(short.patient, " and e.patient_ref = ", reference);
            let by_section = self.patient_refs.iter().map(is).collect();
            let rank = Some(PATIENT_RANK);
            conditions.push(Condition { rank, by_section, plain: Vec::new() });
        }
        if !self.actor_refs.is_empty() {
            let is = |reference| is(short.actor, " and e.actor_ref = ", reference);
            conditions
                .push(Condition::new(Some(ACTOR_RANK), self.actor_refs.iter().map(is).collect()));
        }
        if !self.token_refs.is_empty() {
            let mut sql = Sql::new("e.token_ref in (");
            sql.bind_all(self.token_refs.iter().map(|r| Arg::from(&r.digest()[..]))).push(")");
            conditions.push(Condition::new(None, vec![sql]));
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
        let clinics = self.clinics().map(|ids| -> Vec<Sql> {
            ids.into_iter().filter_map(|id| is("e.clinic_label = ", id.as_str())).collect()
        });
        let operation = self.operation.as_ref().map(|id| is("e.operation_label = ", id.as_str()));
        match (clinics, operation) {
            (None, None) => {}
            (Some(clinics), None) => conditions.push(Condition::new(Some(7), clinics)),
            (None, Some(operation)) => {
                let alternatives = operation.into_iter().collect();
                conditions.push(Condition::new(None, alternatives));
            }
            (Some(clinics), Some(operation)) => {
                let both = |mut clinic: Sql| {
                    clinic.push(" and ").append(operation.as_ref()?);
                    Some(clinic)
                };
                let alternatives = clinics.into_iter().filter_map(both).collect();
                conditions.push(Condition::new(Some(5), alternatives));
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
        conditions.push(Condition::new((!worked).then_some(6), alternatives));
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
        Some(Condition::new(None, vec![sql]))
    }

    /// The key finds the stretch; the time itself decides at its edges.
    fn stretch(&self, order: Order) -> Sql {
        let mut sql = Sql::default();
        if let Some(from) = self.from {
            order.from(&mut sql, place::first_key(from));
            sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) >= ").bind(from.micros());
        }
        if let Some(to) = self.to {
            let beyond = Timestamp::from_micros(to.micros().saturating_add(MOST_LATE_US));
            order.before(&mut sql, place::first_key(beyond));
            sql.push(" and (e.key >> 4) - coalesce(e.late_us, 0) < ").bind(to.micros());
        }
        sql
    }
}

/// The id is the event's own, and its column is null.
fn is_own(null: &'static str, id: EventId) -> [Sql; 2] {
    place::is(id).map(|is| {
        let mut sql = Sql::new(null);
        sql.append(&is);
        sql
    })
}
