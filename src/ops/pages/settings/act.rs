//! What the settings' forms do to the registry.
//!
//! Owns the order: look, check against everything that is kept, keep in the audit, change, put in force.
//! Where anything was changed in between, it is looked and checked again; where it was this very entry,
//! nothing is done, and the form comes back with what was typed and what is there now.

use crate::config::{Mistake, is_too_far, too_far};
use crate::domain::audit::Event;
use crate::domain::kept_registry::{EntryChange, EntryKind, KeptEntry, KeptRegistry};
use crate::domain::names::{AppId, ClinicId};
use crate::ops::access::visit::Visit;
use crate::ops::state::LookedUp;
use crate::store::{Scoped, StoreError};

/// How often somebody else may be faster.
const TRIES: u32 = 5;

/// Why nothing was done.
pub(super) enum Problem {
    /// Something in the form, or against what is kept elsewhere.
    Mistake(Mistake),
    /// Somebody else has changed the entry since the form was shown; `None`: it is gone.
    Stale(Option<KeptEntry>),
    /// Others change entries all the time.
    Busy,
    /// The audit could not be kept.
    NotKept,
    /// The store did not do as asked.
    Store(StoreError),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// An act on one entry.
pub(super) struct Act {
    /// What it is about.
    pub(super) kind: EntryKind,
    /// Which one.
    pub(super) id: String,
    /// The version that the admin saw; `None` where it is to be new.
    pub(super) seen: Option<i64>,
    /// What the audit calls it.
    pub(super) deed: Event,
}

impl Act {
    /// Whether the entry still is as the admin saw it.
    fn may(&self, kept: &KeptRegistry) -> Result<(), Problem> {
        let there = kept.entry(self.kind, &self.id);
        match (self.seen, there) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(Problem::Mistake(Mistake::of(
                "id",
                "must be another one: there is an entry of that id already",
            ))),
            (Some(seen), Some(entry)) if entry.version == seen => Ok(()),
            (Some(_), there) => Err(Problem::Stale(there.cloned())),
        }
    }

    fn about(&self, kept: &KeptRegistry) -> (Option<ClinicId>, LookedUp) {
        let number = kept.number_of(self.kind, &self.id);
        let (clinic, app) = match self.kind {
            EntryKind::Clinic => (ClinicId::parse(&self.id).ok(), None),
            EntryKind::App => (None, AppId::parse(&self.id).ok()),
            EntryKind::Key => {
                let app = self.id.split_once('/').and_then(|(app, _)| AppId::parse(app).ok());
                (None, app)
            }
        };
        (clinic, LookedUp { app, entry: Some(number), ..LookedUp::default() })
    }
}

/// Does it; `changes` says what, given what is kept.
pub(super) async fn act(
    visit: &Visit,
    store: &Scoped,
    act: &Act,
    changes: impl Fn(&KeptRegistry) -> Vec<EntryChange>,
) -> Result<(), Problem> {
    let lists = visit.state.desk.lists.keep();
    for _ in 0..TRIES {
        let kept = store.kept_registry().await?;
        act.may(&kept)?;
        let is_new = act.seen.is_none();
        let hidden_by_file = is_new && act.kind != EntryKind::Key && lists.has(act.kind, &act.id);
        if hidden_by_file {
            let words = "must be another one: the settings file has an entry of that id";
            return Err(Problem::Mistake(Mistake::of("id", words)));
        }
        let changes = changes(&kept);
        let after = kept.after(&changes, visit.now);
        lists.check(&kept, &after, act.kind, &act.id).map_err(Problem::Mistake)?;
        let in_force = lists.with(&after).registry;
        let clinic = in_force.clinics().iter().find(|clinic| clinic.id.as_str() == act.id);
        let merged = clinic.and_then(|clinic| clinic.rollout.merged.as_ref());
        let today = in_force.local_day(None, visit.now);
        if act.kind == EntryKind::Clinic
            && merged.is_some_and(|merged| is_too_far(merged.on, today))
        {
            return Err(Problem::Mistake(too_far()));
        }
        let (clinic, about) = act.about(&kept);
        if !visit.witness_of(act.deed, None, clinic.clone(), about.clone()).await {
            return Err(Problem::NotKept);
        }
        let done = store.change_registry(&kept, &changes, visit.now).await;
        if let Ok(Some(_)) = done {
            visit.state.desk.apply().await;
            return Ok(());
        }
        // It stays undone whether or not that could be kept.
        visit.witness_of(Event::NotDone, None, clinic, about).await;
        done?;
    }
    Err(Problem::Busy)
}
