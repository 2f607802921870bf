//! The clinics and applications that the operator registered.
//!
//! Owns the two lists and look-ups by tenant, id and key digest, with what is known to belong to
//! the other environment. Does not read files (see
//! `crate::config`), and does not decide which clinic a call is for (see [`super::attribution`]).

use std::collections::HashMap;

use super::adoption::Note;
pub use super::adoption::Rollout;
pub use super::app_key::{AppKey, AppKeyDigest, KeyState};
use super::clinic_scope::ClinicScope;
use super::labels::{Environment, label_enum};
pub use super::mergers::{Merged, Mergers};
use super::names::{AppId, AppKeyId, ClinicId};
use super::time::Timestamp;

label_enum! {
    /// How far a clinic is in the rollout.
    Phase, "a phase" {
        /// Being set up.
        Onboarding = "onboarding",
        /// A few people try it.
        Pilot = "pilot",
        /// More people and workflows.
        Expanding = "expanding",
        /// Everybody uses it.
        Live = "live",
        /// Switched off for now.
        Paused = "paused",
    }
}

/// One clinic.
#[derive(Clone, Debug)]
pub struct Clinic {
    /// Its id.
    pub id: ClinicId,
    /// What people call it.
    pub name: String,
    /// The UUID that Accuro knows it by.
    pub tenant: uuid::Uuid,
    /// Its IANA time zone.
    pub time_zone: jiff::tz::TimeZone,
    /// How far it is in the rollout.
    pub phase: Phase,
    /// The first day of real use.
    pub went_live: Option<jiff::civil::Date>,
    /// What the adoption report measures it by.
    pub rollout: Rollout,
}

/// One calling application.
#[derive(Clone)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// What people call it.
    pub name: String,
    /// Its keys; none if it needs none.
    pub keys: Vec<AppKey>,
    /// The clinics it may work for; empty means all.
    pub clinics: Vec<ClinicId>,
}

impl App {
    /// Whether the application may work for a clinic.
    #[must_use]
    pub fn may_work_for(&self, clinic: &ClinicId) -> bool {
        self.clinics.is_empty() || self.clinics.contains(clinic)
    }

    /// The clinic of an application that has exactly one.
    #[must_use]
    pub fn only_clinic(&self) -> Option<&ClinicId> {
        if let [only] = self.clinics.as_slice() { Some(only) } else { None }
    }
}

/// Why a registry cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two clinics with one id.
    #[error("two clinics have the id {0}")]
    ClinicTwice(ClinicId),
    /// Two clinics with one tenant.
    #[error("the clinics {0} and {1} have the same tenant")]
    TenantTwice(ClinicId, ClinicId),
    /// Two applications with one id.
    #[error("two apps have the id {0}")]
    AppTwice(AppId),
    /// Two applications with one key.
    #[error("the apps {0} and {1} have the same key")]
    KeyTwice(AppId, AppId),
    /// One application with two keys of one name.
    #[error("the app {0} has two keys with the id {1}")]
    KeyIdTwice(AppId, AppKeyId),
    /// A tenant is listed for both environments.
    #[error("the tenant of the clinic {0} is listed for both environments")]
    TenantOfBoth(ClinicId),
    /// A key of an application that does not exist.
    #[error("the key {1} is for the app {0}, which is not registered")]
    NoSuchApp(AppId, AppKeyId),
    /// A clinic became part of one that does not exist.
    #[error("the clinic {0} became part of {1}, which is not registered")]
    MergedIntoNothing(ClinicId, ClinicId),
    /// A clinic became part of itself, by whatever way.
    #[error("the clinic {0} would be part of itself")]
    MergedInACircle(ClinicId),
    /// An application's list names a clinic that does not exist.
    #[error("the app {app} lists the clinic {clinic}, which is not registered")]
    NoSuchClinic {
        /// The application.
        app: AppId,
        /// The clinic it names.
        clinic: ClinicId,
    },
}

/// Clinics and applications, ready for look-ups.
#[derive(Default)]
pub struct Registry {
    clinics: Vec<Clinic>,
    apps: Vec<App>,
    by_id: HashMap<ClinicId, usize>,
    by_tenant: HashMap<uuid::Uuid, usize>,
    /// Application and key.
    by_key: HashMap<AppKeyDigest, (usize, usize)>,
    environment: Option<Environment>,
    notes: Vec<Note>,
    mergers: Mergers<ClinicId>,
    /// Tenants of the other environment, and the clinic where it is told.
    other_tenants: HashMap<uuid::Uuid, Option<ClinicId>>,
}

/// Whom a tenant UUID stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantOwner<'r> {
    /// A clinic of this environment.
    Of(&'r ClinicId),
    /// Something of the other environment; the clinic where it is told.
    OtherEnvironment(Option<&'r ClinicId>),
    /// Nobody we know.
    Nobody,
}

impl Registry {
    /// Checks and indexes the two lists.
    ///
    /// # Errors
    ///
    /// [`RegistryError`] where two entries claim the same name, tenant or key.
    pub fn new(clinics: Vec<Clinic>, apps: Vec<App>) -> Result<Self, RegistryError> {
        let mut registry = Self { clinics, apps, ..Self::default() };
        for (index, clinic) in registry.clinics.iter().enumerate() {
            if registry.by_id.insert(clinic.id.clone(), index).is_some() {
                return Err(RegistryError::ClinicTwice(clinic.id.clone()));
            }
            if let Some(other) = registry.by_tenant.insert(clinic.tenant, index) {
                let other = registry.clinics[other].id.clone();
                return Err(RegistryError::TenantTwice(other, clinic.id.clone()));
            }
        }
        registry.mergers = mergers(&registry.clinics);
        let unknown = registry.mergers.each().find(|merger| !registry.by_id.contains_key(merger.1));
        if let Some((part, into, _)) = unknown {
            return Err(RegistryError::MergedIntoNothing(part.clone(), into.clone()));
        }
        if let Some(clinic) = registry.mergers.circle() {
            return Err(RegistryError::MergedInACircle(clinic.clone()));
        }
        for (index, app) in registry.apps.iter().enumerate() {
            if registry.apps[..index].iter().any(|other| other.id == app.id) {
                return Err(RegistryError::AppTwice(app.id.clone()));
            }
            for (number, key) in app.keys.iter().enumerate() {
                if app.keys[..number].iter().any(|other| other.id == key.id) {
                    return Err(RegistryError::KeyIdTwice(app.id.clone(), key.id.clone()));
                }
                if let Some((other, _)) = registry.by_key.insert(key.digest, (index, number)) {
                    let other = registry.apps[other].id.clone();
                    return Err(RegistryError::KeyTwice(other, app.id.clone()));
                }
            }
            if let Some(clinic) = app.clinics.iter().find(|c| !registry.by_id.contains_key(*c)) {
                let (app, clinic) = (app.id.clone(), clinic.clone());
                return Err(RegistryError::NoSuchClinic { app, clinic });
            }
        }
        Ok(registry)
    }

    /// The same registry in a process of an environment, with what belongs to the other one.
    ///
    /// # Errors
    ///
    /// [`RegistryError::TenantOfBoth`] where a tenant would be of both.
    pub fn in_environment(
        self,
        environment: Environment,
        other_tenants: HashMap<uuid::Uuid, Option<ClinicId>>,
    ) -> Result<Self, RegistryError> {
        let both = self.clinics.iter().find(|clinic| other_tenants.contains_key(&clinic.tenant));
        if let Some(clinic) = both {
            return Err(RegistryError::TenantOfBoth(clinic.id.clone()));
        }
        Ok(Self { environment: Some(environment), other_tenants, ..self })
    }

    /// The registry as somebody sees it who may see those clinics: no other clinic is in it, and no
    /// application that works for others only. It is for showing names; nothing is attributed by it.
    #[must_use]
    pub fn within(&self, scope: &ClinicScope) -> Self {
        let seen = |id: &ClinicId| scope.covers(Some(id));
        let clinics: Vec<Clinic> = self.clinics.iter().filter(|c| seen(&c.id)).cloned().collect();
        let app = |app: &App| App {
            clinics: app.clinics.iter().filter(|id| seen(id)).cloned().collect(),
            ..app.clone()
        };
        let works = |app: &&App| app.clinics.is_empty() || app.clinics.iter().any(seen);
        Self {
            by_id: (0..).zip(&clinics).map(|(index, clinic)| (clinic.id.clone(), index)).collect(),
            apps: self.apps.iter().filter(works).map(app).collect(),
            // Whole: how large a group is depends on clinics that came to it, seen or not.
            mergers: self.mergers.clone(),
            clinics,
            environment: self.environment,
            notes: self.notes.iter().filter_map(|note| note.within(seen)).collect(),
            ..Self::default()
        }
    }

    /// The same registry with notes on what changed.
    #[must_use]
    pub fn with_notes(self, notes: Vec<Note>) -> Self {
        Self { notes, ..self }
    }

    /// Which clinics became part of which.
    #[must_use]
    pub const fn mergers(&self) -> &Mergers<ClinicId> {
        &self.mergers
    }

    /// The clinic that a clinic is part of at a time, by its own calendar; `None` if it goes on by itself.
    #[must_use]
    pub fn part_of<'r>(&'r self, id: &'r ClinicId, at: Timestamp) -> Option<&'r ClinicId> {
        let today = self.local_day(Some(id), at);
        Some(self.mergers.owner(id, today)).filter(|owner| *owner != id)
    }

    /// Notes on what changed, in the operator's order.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Goes on with the last uses that another registry noted for the same keys.
    pub fn keep_uses_of(&mut self, before: &Self) {
        for key in self.apps.iter_mut().flat_map(|app| &mut app.keys) {
            if let Some((_, old)) = before.app_of_key(key.digest) {
                key.last_use = old.last_use.clone();
            }
        }
    }

    /// Every clinic, in the operator's order.
    #[must_use]
    pub fn clinics(&self) -> &[Clinic] {
        &self.clinics
    }

    /// Every application, in the operator's order.
    #[must_use]
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// The clinic with that id.
    #[must_use]
    pub fn clinic(&self, id: &ClinicId) -> Option<&Clinic> {
        self.by_id.get(id).map(|index| &self.clinics[*index])
    }

    /// Whom that tenant UUID stands for.
    #[must_use]
    pub fn owner_of_tenant(&self, tenant: uuid::Uuid) -> TenantOwner<'_> {
        if let Some(index) = self.by_tenant.get(&tenant) {
            return TenantOwner::Of(&self.clinics[*index].id);
        }
        self.other_tenants
            .get(&tenant)
            .map_or(TenantOwner::Nobody, |clinic| TenantOwner::OtherEnvironment(clinic.as_ref()))
    }

    /// The application with that key, and the key, whatever its state.
    #[must_use]
    pub fn app_of_key(&self, key: AppKeyDigest) -> Option<(&App, &AppKey)> {
        let (app, key) = *self.by_key.get(&key)?;
        Some((&self.apps[app], &self.apps[app].keys[key]))
    }

    /// Whether a key opens this process's door.
    #[must_use]
    pub fn state_of(&self, key: &AppKey, at: Timestamp) -> KeyState {
        key.state(self.environment, at)
    }

    /// The day of a time in a clinic's own calendar; in UTC where the clinic is not known.
    #[must_use]
    pub fn local_day(&self, clinic: Option<&ClinicId>, at: Timestamp) -> jiff::civil::Date {
        let zone = clinic.and_then(|id| self.clinic(id)).map(|clinic| &clinic.time_zone);
        zone.unwrap_or(&jiff::tz::TimeZone::UTC).to_datetime(at.to_jiff()).date()
    }

    /// Whether any application has a key, so that calls without one are refused.
    #[must_use]
    pub fn requires_keys(&self) -> bool {
        !self.by_key.is_empty()
    }
}

fn mergers(clinics: &[Clinic]) -> Mergers<ClinicId> {
    Mergers::of(clinics.iter().filter_map(|clinic| {
        let merged = clinic.rollout.merged.as_ref()?;
        Some((clinic.id.clone(), merged.into.clone(), merged.on))
    }))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn clinic(id: &str, tenant: u128) -> Clinic {
        Clinic {
            id: ClinicId::parse(id).unwrap(),
            name: id.to_owned(),
            tenant: uuid::Uuid::from_u128(tenant),
            time_zone: jiff::tz::TimeZone::UTC,
            phase: Phase::Pilot,
            went_live: None,
            rollout: Rollout::default(),
        }
    }

    pub(crate) fn app(id: &str, key: Option<u8>, clinics: &[&str]) -> App {
        App {
            id: AppId::parse(id).unwrap(),
            name: id.to_owned(),
            keys: key
                .map(|byte| {
                    AppKey::new(AppKeyId::parse("first").unwrap(), AppKeyDigest([byte; 32]))
                })
                .into_iter()
                .collect(),
            clinics: clinics.iter().map(|c| ClinicId::parse(c).unwrap()).collect(),
        }
    }

    #[test]
    fn two_entries_cannot_claim_the_same() {
        let message = |clinics, apps| Registry::new(clinics, apps).err().unwrap().to_string();
        assert_eq!(
            message(vec![clinic("a", 1), clinic("a", 2)], vec![]),
            "two clinics have the id a"
        );
        assert_eq!(
            message(vec![clinic("a", 1), clinic("b", 1)], vec![]),
            "the clinics a and b have the same tenant"
        );
        assert_eq!(
            message(vec![], vec![app("x", None, &[]), app("x", None, &[])]),
            "two apps have the id x"
        );
        assert_eq!(
            message(vec![], vec![app("x", Some(1), &[]), app("y", Some(1), &[])]),
            "the apps x and y have the same key"
        );
        assert_eq!(
            message(vec![], vec![app("x", None, &["nowhere"])]),
            "the app x lists the clinic nowhere, which is not registered"
        );
        let merged = |id: &str, tenant, into: &str| {
            let mut clinic = clinic(id, tenant);
            let into = ClinicId::parse(into).unwrap();
            clinic.rollout.merged = Some(Merged { into, on: jiff::civil::date(2026, 11, 2) });
            clinic
        };
        assert_eq!(
            message(vec![merged("a", 1, "nowhere")], vec![]),
            "the clinic a became part of nowhere, which is not registered"
        );
        assert_eq!(
            message(vec![merged("a", 1, "b"), merged("b", 2, "a")], vec![]),
            "the clinic a would be part of itself"
        );
    }
}
