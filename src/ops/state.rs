//! What the site is given at start.
//!
//! Owns [`OpsState`] and the opening to the audit: the witness, which keeps what people do.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::access::hasher::Hasher;
use super::access::oidc::Oidc;
use super::access::tries::Tries;
use super::alertmanager::Alertmanager;
use super::live::Live;
use super::reading::Reading;
use super::reading::cache::ReadingCache;
use super::watches::Watches;
use crate::clock::Clock;
use crate::config::{Current, Lists, Standing, Told};
use crate::diagnosis::watch::Board;
use crate::domain::admission::read_only::{FlapRules, ReadOnly};
use crate::domain::adoption::Goals;
use crate::domain::audit::Event;
use crate::domain::catalogue::Catalogue;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::ids::EventId;
use crate::domain::labels::Environment;
use crate::domain::names::{AppId, ClinicId};
use crate::domain::reference::Reference;
use crate::domain::registry::Registry;
use crate::domain::retention::Limits;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::keys::Keyring;
use crate::store::{Scoped, StoreError, StoreHandle};

/// How people are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Everybody who reaches the listener is an admin. Only for a loopback listener.
    Off,
    /// Sessions, from one-time links and API tokens.
    Sessions,
}

/// Whom somebody looked up, in references; or which account or incident it was about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookedUp {
    /// The person.
    pub actor: Option<Reference>,
    /// The patient.
    pub patient: Option<Reference>,
    /// The number of an account.
    pub account: Option<u32>,
    /// The number of an incident.
    pub incident: Option<u32>,
    /// The app.
    pub app: Option<AppId>,
    /// The number of a clinic, app or key that was entered on the site, or of a link that was made there.
    pub entry: Option<u32>,
}

/// One entry for the audit.
#[derive(Clone, Debug)]
pub struct Witnessed {
    /// What; one of those that people do.
    pub deed: Event,
    /// Who: the account's label; `None` where nobody is signed in.
    pub account: Option<String>,
    /// As what.
    pub role: Option<Role>,
    /// Which call.
    pub event: Option<EventId>,
    /// Of which clinic.
    pub clinic: Option<ClinicId>,
    /// About whom, in references: the person and the patient that were looked up.
    pub about: LookedUp,
    /// When.
    pub at: Timestamp,
}

/// What cannot be kept at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unkept {
    /// Since when the audit cannot be kept, and writes are refused.
    pub audit_since: Option<Timestamp>,
    /// Since when calls cannot be recorded.
    pub journal_since: Option<Timestamp>,
    /// Calls whose record was lost since the process began.
    pub lost: u64,
}

/// Keeps what people do, and hears of trouble.
pub trait Witness: Send + Sync {
    /// Keeps an entry. `false` if it could not be kept: then what depends on it is not shown.
    fn keep(&self, entry: Witnessed) -> BoxFuture<'_, bool>;

    /// The store did not do as asked.
    fn store_failed(&self, error: &StoreError);

    /// What cannot be kept at this moment.
    fn unkept(&self) -> Unkept {
        Unkept::default()
    }
}

/// Keeps nothing, for tests and for a site without an audit.
pub struct NoWitness;

impl Witness for NoWitness {
    fn keep(&self, _: Witnessed) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(true))
    }

    fn store_failed(&self, _: &StoreError) {}
}

/// Told when a change of the registry is in force at this process.
pub type Applied = oneshot::Sender<()>;

/// How long a form waits until what it changed is in force here.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(3);

/// Where clinics, apps and keys are edited.
#[derive(Clone)]
pub struct Desk {
    /// What the settings file lists.
    pub lists: Current<Lists>,
    asks: mpsc::Sender<Applied>,
}

impl Desk {
    /// A desk over what the file lists, and what it asks when something was changed.
    #[must_use]
    pub fn new(lists: Lists) -> (Self, mpsc::Receiver<Applied>) {
        let (asks, asked) = mpsc::channel(64);
        (Self { lists: Current::new(lists), asks }, asked)
    }

    /// Waits until what was changed is in force at this process. Where that takes too long, it comes
    /// into force a little later, and the page says so.
    pub(super) async fn apply(&self) {
        let (applied, done) = oneshot::channel();
        if self.asks.try_send(applied).is_ok() {
            let _ = tokio::time::timeout(IN_FORCE_WITHIN, done).await;
        }
    }
}

/// What the site is given at start. Cloning is cheap.
#[derive(Clone)]
pub struct OpsState {
    /// The store.
    pub store: StoreHandle,
    /// Clinics and applications, as of this visit, as far as its reader may see them.
    pub registry: Arc<Registry>,
    /// Clinics and applications, as of now.
    registries: Current<Registry>,
    /// Which Accuro.
    pub environment: Environment,
    /// How people are let in.
    pub auth: Auth,
    /// The provider that people sign in with; `None`: accounts of our own.
    pub oidc: Option<Arc<Oidc>>,
    /// Where silences are; `None`: none are shown or set.
    pub alertmanager: Option<Arc<Alertmanager>>,
    /// The time.
    pub clock: Clock,
    /// What makes references; `None` in a process without keys, which then cannot look identifiers
    /// up.
    pub keys: Option<Arc<Keyring>>,
    /// The endpoints that are known; `None` in a process without a call path.
    pub catalogue: Option<Arc<Catalogue>>,
    /// The settings as they may be shown.
    pub told: Option<Arc<Told>>,
    /// How long what is kept.
    pub limits: Limits,
    /// What a clinic has to reach to move up.
    pub goals: Goals,
    /// Whether writes are off; shared with the call path.
    pub read_only: Arc<ReadOnly>,
    /// Keeps what people do.
    pub witness: Arc<dyn Witness>,
    /// Ends the streams that would keep a shutdown waiting.
    pub shutdown: CancellationToken,
    /// How the settings in force stand to the file; `None` where they cannot change.
    pub settings: Option<Current<Standing>>,
    /// Where clinics, apps and keys are edited.
    pub desk: Desk,
    pub(super) live: Live,
    pub(super) readings: Arc<ReadingCache>,
    pub(super) watches: Arc<Watches>,
    pub(super) hasher: Arc<Hasher>,
    pub(super) tries: Arc<Tries>,
}

impl OpsState {
    /// A site without keys and a witness that shuts down when it is dropped; set the fields to change that.
    #[must_use]
    pub fn new(
        store: StoreHandle,
        registry: impl Into<Current<Registry>>,
        environment: Environment,
        auth: Auth,
        clock: Clock,
    ) -> Self {
        let registries = registry.into();
        Self {
            store,
            registry: registries.keep(),
            registries,
            environment,
            auth,
            oidc: None,
            alertmanager: None,
            clock,
            keys: None,
            catalogue: None,
            told: None,
            limits: Limits::default(),
            goals: Goals::default(),
            read_only: Arc::new(ReadOnly::new(false, FlapRules::NEVER)),
            witness: Arc::new(NoWitness),
            shutdown: CancellationToken::new(),
            settings: None,
            desk: Desk::new(Lists::none(environment)).0,
            live: Live::default(),
            readings: Arc::default(),
            watches: Arc::default(),
            hasher: Arc::default(),
            tries: Arc::default(),
        }
    }

    /// The same for one visit of somebody who sees those clinics: one registry from its beginning to its
    /// end, and no other clinic in it.
    pub(super) fn of_visit(&self, scope: &ClinicScope) -> Self {
        let whole = self.registries.keep();
        let registry = if scope.is_all() { whole } else { Arc::new(whole.within(scope)) };
        Self { registry, ..self.clone() }
    }

    /// The figures of now within the store's scope.
    pub(super) async fn reading(
        &self,
        store: &Scoped,
        now: Timestamp,
    ) -> Result<Arc<Reading>, StoreError> {
        self.readings.get(store, &self.registries.keep(), now).await
    }

    /// Where the watch leaves what it sees. While it sees nothing, the site judges by figures.
    #[must_use]
    pub fn board(&self) -> Board {
        self.readings.board.clone()
    }
}
