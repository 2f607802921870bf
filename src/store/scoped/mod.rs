//! The store as somebody sees it who may see some clinics only.
//!
//! Owns what such a person can read: every page and every answer of the API gets this and not the
//! [`Store`], so a read that is not here does not exist for them, and none of these forgets the scope.
//! What is of no clinic (a call that could not be attributed) is seen by those who see all. Does not know
//! who somebody is.

mod adoption;

use std::collections::HashMap;

use super::Store;
use super::adoption::{ActorQuery, ActorRow, ClinicSeen};
use super::checkpoint::Freshness;
use super::cursor::Cursor;
use super::diagnoses::{DiagnosisLine, Feedback, FeedbackCount, KeptDiagnosis};
use super::error::StoreError;
use super::filter::ExchangeFilter;
use super::read::{Neighbours, Page};
use super::retention::LedgerLine;
use super::rollup::{RollupQuery, RollupRow};
use super::watches::Watch;
use crate::domain::alert::Alert;
use crate::domain::cause::Cause;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::event::Exchange;
use crate::domain::ids::{DiagnosisId, EventId};
use crate::domain::incident::note::Noted;
use crate::domain::incident::{Incident, Update};
use crate::domain::kept_registry::{EntryChange, KeptRegistry};
use crate::domain::names::InstanceId;
use crate::domain::registry::AppKeyDigest;
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;

/// The store within a scope. Cloning is cheap.
#[derive(Clone)]
pub struct Scoped {
    store: Store,
    scope: ClinicScope,
}

impl Store {
    /// The store as somebody sees it who may see those clinics.
    #[must_use]
    pub fn within(&self, scope: &ClinicScope) -> Scoped {
        Scoped { store: self.clone(), scope: scope.clone() }
    }

    /// The store as the operator sees it.
    #[must_use]
    pub fn whole(&self) -> Scoped {
        self.within(&ClinicScope::all())
    }
}

/// What is read here fails as the method of the same name of [`Store`] does.
#[expect(clippy::missing_errors_doc, reason = "said once, above")]
impl Scoped {
    /// The store as it is seen of those clinics only, as far as they are seen here.
    #[must_use]
    pub fn narrowed(&self, to: &ClinicScope) -> Self {
        Self { store: self.store.clone(), scope: self.scope.both(to) }
    }

    /// The scope.
    #[must_use]
    pub const fn scope(&self) -> &ClinicScope {
        &self.scope
    }

    /// The store without a scope, for comparisons that give counts and name nobody: a diagnosis has to
    /// know whether other clinics have the same trouble, or it would blame the wrong one.
    pub(crate) const fn to_compare(&self) -> &Store {
        &self.store
    }

    fn filter(&self, filter: &ExchangeFilter) -> ExchangeFilter {
        ExchangeFilter { within: self.scope.clone(), ..filter.clone() }
    }

    /// One call.
    pub async fn exchange(&self, id: EventId) -> Result<Option<Exchange>, StoreError> {
        let found = self.store.exchange(id).await?;
        Ok(found.filter(|call| self.scope.covers(call.clinic.as_ref())))
    }

    /// A page of calls, newest first.
    pub async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        self.store.exchanges(&self.filter(filter), cursor, limit).await
    }

    /// The newest call that fits and that worked.
    pub async fn last_success(
        &self,
        filter: &ExchangeFilter,
    ) -> Result<Option<Exchange>, StoreError> {
        self.store.last_success(&self.filter(filter)).await
    }

    /// The calls just before and after one.
    pub async fn neighbours(
        &self,
        event: &Exchange,
        each_side: u32,
    ) -> Result<Neighbours, StoreError> {
        if !self.scope.covers(event.clinic.as_ref()) {
            return Ok(Neighbours::default());
        }
        // They are of the same clinic.
        self.store.neighbours(event, each_side).await
    }

    /// How many calls fit, counted up to `most`.
    pub async fn count(&self, filter: &ExchangeFilter, most: u32) -> Result<u64, StoreError> {
        self.store.count(&self.filter(filter), most).await
    }

    /// The time of the oldest call.
    pub async fn oldest_call(&self) -> Result<Option<Timestamp>, StoreError> {
        self.store.oldest_of(&self.filter(&ExchangeFilter::default())).await
    }

    /// The time of the newest call.
    pub async fn newest_call(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest = self.exchanges(&ExchangeFilter::default(), None, 1).await?;
        Ok(newest.items.first().map(|call| call.ts))
    }

    /// Sums figures.
    pub async fn rollup(&self, query: &RollupQuery) -> Result<Vec<RollupRow>, StoreError> {
        self.store.rollup_within(query, &self.scope).await
    }

    /// Counts distinct people.
    pub async fn active_actors(&self, query: &ActorQuery) -> Result<Vec<ActorRow>, StoreError> {
        self.store.active_actors_within(query, &self.scope).await
    }

    /// When each clinic called first and last.
    pub async fn clinics_seen(&self) -> Result<Vec<ClinicSeen>, StoreError> {
        let mut seen = self.store.clinics_seen().await?;
        seen.retain(|seen| self.scope.covers(seen.clinic.as_ref()));
        Ok(seen)
    }

    /// Incidents of these clinics, and those of everybody.
    pub async fn incidents(&self, closed_from: Timestamp) -> Result<Vec<Incident>, StoreError> {
        let mut incidents = self.store.incidents(closed_from).await?;
        incidents.retain(|incident| self.sees(incident));
        Ok(incidents)
    }

    /// One of them, with its course.
    pub async fn incident(
        &self,
        number: i64,
    ) -> Result<Option<(Incident, Vec<Update>)>, StoreError> {
        let found = self.store.incident(number).await?;
        match found.filter(|incident| self.sees(incident)) {
            Some(incident) => Ok(Some((incident, self.store.incident_updates(number).await?))),
            None => Ok(None),
        }
    }

    /// What people noted about an incident that was seen.
    pub async fn incident_notes(&self, incident: &Incident) -> Result<Vec<Noted>, StoreError> {
        if !self.sees(incident) {
            return Ok(Vec::new());
        }
        self.store.incident_notes(incident.number).await
    }

    /// Keeps what somebody did about an incident that they have seen.
    pub async fn note_incident(
        &self,
        incident: &Incident,
        noted: &Noted,
    ) -> Result<(), StoreError> {
        self.store.note_incident(incident.number, noted).await
    }

    /// Alerts of these clinics, and those of everybody.
    pub async fn alerts(&self, told_from: Timestamp) -> Result<Vec<Alert>, StoreError> {
        let mut alerts = self.store.alerts(told_from).await?;
        alerts.retain(|alert| alert.clinic.is_none() || self.scope.covers(alert.clinic.as_ref()));
        Ok(alerts)
    }

    /// Keeps alerts of these clinics, and gives how many those are and how many of them are new.
    pub async fn keep_alerts(&self, alerts: &[Alert]) -> Result<(usize, usize), StoreError> {
        let seen = |alert: &&Alert| self.scope.covers(alert.clinic.as_ref());
        let alerts: Vec<Alert> = alerts.iter().filter(seen).cloned().collect();
        Ok((alerts.len(), self.store.keep_alerts(&alerts).await?))
    }

    /// An incident that names no clinic is one of everybody.
    fn sees(&self, incident: &Incident) -> bool {
        incident.key.clinic.is_none() || self.scope.covers(incident.key.clinic.as_ref())
    }

    /// The diagnosis at an address.
    pub async fn diagnosis(&self, id: &DiagnosisId) -> Result<Option<KeptDiagnosis>, StoreError> {
        let found = self.store.diagnosis(id).await?;
        Ok(found.filter(|kept| self.scope.covers(kept.clinic.as_ref())))
    }

    /// What an account asked last, the newest first; of the last `limit` those that it may still see.
    pub async fn diagnoses_of(
        &self,
        account: Option<&str>,
        limit: u32,
    ) -> Result<Vec<DiagnosisLine>, StoreError> {
        let mut lines = self.store.diagnoses_of(account, limit).await?;
        lines.retain(|line| self.scope.covers(line.clinic.as_ref()));
        Ok(lines)
    }

    /// Keeps a diagnosis.
    pub async fn keep_diagnosis(&self, new: &KeptDiagnosis) -> Result<(), StoreError> {
        self.store.keep_diagnosis(new).await
    }

    /// Keeps what somebody says about a diagnosis that they have seen.
    pub async fn keep_feedback(
        &self,
        kept: &KeptDiagnosis,
        account: &str,
        said: &Feedback,
    ) -> Result<(), StoreError> {
        self.store.keep_feedback(&kept.id, kept.cause, account, said).await
    }

    /// What somebody said about a diagnosis.
    pub async fn feedback(
        &self,
        diagnosis: &DiagnosisId,
        account: &str,
    ) -> Result<Option<Feedback>, StoreError> {
        self.store.feedback(diagnosis, account).await
    }

    /// What people said about a cause: counts, of all clinics.
    pub async fn feedback_about(&self, cause: Cause) -> Result<FeedbackCount, StoreError> {
        self.store.feedback_about(cause).await
    }

    /// Notes that somebody wants to know when it works.
    pub async fn begin_watch(
        &self,
        diagnosis: &DiagnosisId,
        account: &str,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.begin_watch(diagnosis, account, since).await
    }

    /// Ends a watch.
    pub async fn end_watch(
        &self,
        diagnosis: &DiagnosisId,
        account: &str,
    ) -> Result<(), StoreError> {
        self.store.end_watch(diagnosis, account).await
    }

    /// Notes that it works.
    pub async fn fulfil_watch(
        &self,
        diagnosis: &DiagnosisId,
        works_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.fulfil_watch(diagnosis, works_at).await
    }

    /// What an account waits for, the oldest first.
    pub async fn watches_of(&self, account: &str, limit: u32) -> Result<Vec<Watch>, StoreError> {
        self.store.watches_of(account, limit).await
    }

    /// The registry as far as it was entered on the site; nothing of it for those who see some clinics.
    pub async fn kept_registry(&self) -> Result<KeptRegistry, StoreError> {
        if self.scope.is_all() {
            self.store.kept_registry().await
        } else {
            Ok(KeptRegistry::default())
        }
    }

    /// Changes it, for those who see all clinics, if nothing was changed since `seen`.
    pub async fn change_registry(
        &self,
        seen: &KeptRegistry,
        changes: &[EntryChange],
        now: Timestamp,
    ) -> Result<Option<KeptRegistry>, StoreError> {
        if !self.scope.is_all() {
            return Ok(None);
        }
        self.store.change_registry(seen, changes, now).await
    }

    /// When each app's key was last used.
    pub async fn key_uses(&self) -> Result<HashMap<AppKeyDigest, Timestamp>, StoreError> {
        self.store.key_uses().await
    }

    /// Every process that recorded, and when it was last heard.
    pub async fn instances(&self) -> Result<Vec<(InstanceId, Timestamp)>, StoreError> {
        self.store.instances().await
    }

    /// How far events are recorded.
    pub async fn freshness(&self) -> Result<Freshness, StoreError> {
        self.store.freshness().await
    }

    /// What was removed lately: counts, of all clinics.
    pub async fn purge_ledger(&self, lines: u32) -> Result<Vec<LedgerLine>, StoreError> {
        self.store.purge_ledger(lines).await
    }

    /// The time of the oldest of a class, of all clinics.
    pub async fn oldest(
        &self,
        class: Class,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.store.oldest(class, now).await
    }
}
