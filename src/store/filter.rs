//! Which events: the filters of the explorer, the API and the diagnosis.
//!
//! Owns what can be asked for. How it is looked up is decided in [`super::search`].

use std::collections::BTreeSet;

use super::row::ending_label;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::ids::{RequestId, SupportCode};
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
    /// One of these distributed traces; empty for any.
    pub trace_ids: Vec<TraceId>,
    /// Which Accuro.
    pub env: Option<Environment>,
    /// The clinic.
    pub clinic: Option<ClinicId>,
    /// Of these clinics only.
    pub within: ClinicScope,
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
    /// The endings that fit; `None`: all of them.
    pub(super) fn endings(&self) -> Option<Vec<Ending>> {
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

    /// The clinics that may fit; `None`: all of them.
    pub(super) fn clinics(&self) -> Option<Vec<&ClinicId>> {
        match &self.clinic {
            Some(clinic) if self.within.covers(Some(clinic)) => Some(vec![clinic]),
            Some(_) => Some(Vec::new()),
            None => self.within.listed().map(|ids| ids.iter().collect()),
        }
    }

    /// The names whose labels a search needs.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        names.extend(self.clinics().unwrap_or_default().into_iter().map(ClinicId::as_str));
        names.extend(self.operation.as_ref().map(OperationName::as_str));
        names.extend(
            self.endings()
                .unwrap_or_default()
                .into_iter()
                .filter_map(|ending| ending_label(ending)),
        );
        names
    }
}
