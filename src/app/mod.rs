//! Puts the parts together: what is opened in which order, and what ends in which order.
//!
//! Owns start and stop. Start: settings, keys, catalogue, journal, listeners, then everything that
//! serves; the store may come later. Stop: readiness first, then the call path drains, then the
//! journal is written out, the index catches up, and spans are sent. Holds no rule of the product.

mod catalogue;
mod claims;
mod counting;
pub(crate) mod digest;
mod error;
mod http_listener;
mod keeping;
mod key_prints;
mod listeners;
mod posting;
mod read_only;
mod reload;
mod running;
mod site_registry;
mod telemetry_listener;
pub mod tls;
mod traffic;
mod unusual;
mod witness;

use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use catalogue::catalogue;
pub use error::StartError;
pub use key_prints::{compare as compare_keys, look as look_at_keys};
use listeners::Listeners;
pub use listeners::{Addresses, Handed, could_bind};
use read_only::Switches;
use reload::Reloader;
pub use reload::{Origin, Read};
pub use running::Running;
use site_registry::SiteRegistry;
pub use site_registry::kept_copy;
use witness::AuditWitness;

use crate::clock::Clock;
use crate::config::{Config, Current, OpsAuth, Standing};
use crate::domain::admission::read_only::ReadOnly;
use crate::domain::audit::signature::SigningKey;
use crate::domain::audit::{Entry, Event};
use crate::domain::catalogue::Catalogue;
use crate::domain::kept_registry::KeptRegistry;
use crate::domain::registry::Registry;
use crate::indexer::Indexer;
use crate::journal::audit::{AuditWriter, Remembered, key};
use crate::journal::{Folder, Tail, Writer};
use crate::keys::Keyring;
use crate::ops::{self, Alertmanager, Desk, Oidc, OpsState};
use crate::proxy::{self, AdmissionParts, Limits, Proxy, Terms, Timeouts};
use crate::store::{StoreHandle, StoreUrl};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::spans::Spans;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long the index may take to catch up at the end; what is left is indexed after the next start.
const LAST_INDEXING: Duration = Duration::from_secs(3);

/// Most connections of one address to the ops site: a reverse proxy before it may bring everybody.
const OPS_SHARE: usize = 512;
/// Most connections of one address to the telemetry listener.
const TELEMETRY_SHARE: usize = 64;

/// Everything that has to be there before a process may serve; made outside any async runtime.
pub struct App {
    config: Config,
    catalogue: Arc<Catalogue>,
    registry: Current<Registry>,
    /// What the site kept of it, as this machine knew it at the start.
    kept: KeptRegistry,
    standing: Current<Standing>,
    keys: Arc<Keyring>,
    store_url: StoreUrl,
    folder: Folder,
    /// Keys of references that were not there at the last start.
    new_keys: u64,
    signer: Option<SigningKey>,
    metrics: Arc<Metrics>,
    spans: Option<Arc<Spans>>,
    clock: Clock,
    oidc: Option<Arc<Oidc>>,
    alertmanager: Option<Arc<Alertmanager>>,
    listeners: Listeners,
    read_only: Arc<ReadOnly>,
    tls: Option<Current<rustls::ServerConfig>>,
    origin: Option<Origin>,
}

impl App {
    /// Opens what the settings point at.
    ///
    /// # Errors
    ///
    /// [`StartError`], one line that names what is wrong.
    pub fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        Self::open_on(Handed::default(), config, clock)
    }

    /// The same with sockets that the process was started with.
    ///
    /// # Errors
    ///
    /// [`StartError`], one line that names what is wrong.
    pub fn open_on(handed: Handed, config: Config, clock: Clock) -> Result<Self, StartError> {
        let oidc = config.ops.oidc.clone().map(Oidc::new).transpose()?.map(Arc::new);
        let alertmanager = config.alertmanager.clone().map(Alertmanager::new).transpose()?;
        let keys = Keyring::load(&config.privacy.active_key, &config.privacy.key_files)?;
        let signer = config.audit.signing_key.as_deref().map(key::signing).transpose()?;
        let catalogue = catalogue(config.catalogue_file.as_deref())?;
        let store_url = StoreUrl::parse(&config.store.url)?;
        let folder = Folder::open(&config.journal.dir)?;
        if folder.torn_bytes() > 0 {
            events::torn_line_cut(folder.torn_bytes());
        }
        if let Some(segment) = folder.foreign() {
            events::foreign_segment(segment.number());
        }
        let new_keys = key_prints::compare(folder.path(), &keys)?;
        let tls = config.proxy.tls.as_ref().map(tls::load).transpose()?;
        let listeners = Listeners::open(&config, handed)?;
        let kept = kept_copy(folder.path());
        let merged = config.lists.with(&kept);
        config.refuse_open_door(&merged.registry)?;
        config.refuse_far_mergers(merged.registry.local_day(None, clock.now()))?;
        reload::tell_set_aside(&merged.set_aside);
        let registry = Current::new(merged.registry);
        let mut standing = Standing::at_start(clock.now());
        (standing.kept, standing.set_aside) = (kept.stamp, merged.set_aside);
        let known = registry.keep();
        let clinics: Vec<_> = known.clinics().iter().map(|clinic| &clinic.id).collect();
        let metrics = Arc::new(Metrics::new(VERSION, config.environment.as_str(), &clinics));
        if let Some(tls) = &tls {
            metrics.certificate_expiry.set(tls.not_after.seconds());
        }
        metrics.config_reload_success.set(clock.now().seconds());
        let dropped = &metrics.spans_dropped;
        let us = (folder.instance(), config.environment);
        let spans = config.telemetry.otlp.as_ref();
        let spans = spans.map(|otlp| Spans::start(otlp, VERSION, us, dropped));
        let spans = spans.transpose()?.map(Arc::new);
        let admission = &config.admission;
        let read_only = Arc::new(ReadOnly::new(admission.read_only, admission.flaps));
        Ok(Self {
            read_only,
            catalogue: Arc::new(catalogue),
            registry,
            kept,
            standing: Current::new(standing),
            keys: Arc::new(keys),
            config,
            store_url,
            folder,
            new_keys,
            signer,
            metrics,
            spans,
            clock,
            oidc,
            alertmanager: alertmanager.map(Arc::new),
            listeners,
            tls: tls.map(|tls| Current::new(tls.config)),
            origin: None,
        })
    }

    /// Takes over new settings from there while the process serves.
    #[must_use]
    pub fn reload_from(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Where the process will listen.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the system does not tell.
    pub fn addresses(&self) -> Result<Addresses, StartError> {
        let of = |listener: &StdListener| listener.local_addr().map_err(StartError::Address);
        Ok(Addresses {
            proxy: of(&self.listeners.proxy)?,
            ops: of(&self.listeners.ops)?,
            telemetry: of(&self.listeners.telemetry)?,
        })
    }

    /// What sends spans, to be stopped outside the runtime after the process has served.
    #[must_use]
    pub fn spans(&self) -> Option<Arc<Spans>> {
        self.spans.clone()
    }

    fn start_audit(&mut self) -> Result<AuditWriter, StartError> {
        let audit = AuditWriter::start(
            &self.folder,
            self.config.journal.segment_bytes,
            self.signer.take(),
            Arc::clone(&self.metrics),
            self.clock.clone(),
        )?;
        audit.log().note(Entry::system(Event::Started.plain()));
        if self.new_keys > 0 {
            audit.log().note(Entry::system(Event::KeyAdded.of(self.new_keys)));
        }
        Ok(audit)
    }

    /// The ops site over a store that may come later; its witness is still to be set.
    fn site(&self, store: StoreHandle, stop: &CancellationToken) -> OpsState {
        let auth = match self.config.ops.auth {
            OpsAuth::Off => ops::Auth::Off,
            OpsAuth::Local | OpsAuth::Oidc => ops::Auth::Sessions,
        };
        let (registry, clock) = (self.registry.clone(), self.clock.clone());
        let mut site = OpsState::new(store, registry, self.config.environment, auth, clock);
        site.oidc.clone_from(&self.oidc);
        site.alertmanager.clone_from(&self.alertmanager);
        site.keys = Some(Arc::clone(&self.keys));
        site.catalogue = Some(Arc::clone(&self.catalogue));
        site.told = Some(Arc::new(self.config.told()));
        site.limits = self.config.retention;
        site.goals = self.config.adoption.clone();
        site.read_only = Arc::clone(&self.read_only);
        site.shutdown = stop.clone();
        site
    }

    fn admission(
        &self,
        store: &StoreHandle,
        remembered: Remembered,
    ) -> Result<AdmissionParts, StartError> {
        let (of, now) = ((&self.store_url, store), self.clock.now());
        let (claims, shared_claims) =
            claims::restore(&self.folder, &self.config, of, remembered, now)?;
        Ok(AdmissionParts { read_only: Arc::clone(&self.read_only), claims, shared_claims })
    }

    /// Starts serving. To be called inside the runtime.
    ///
    /// # Errors
    ///
    /// [`StartError`], one line that names what is wrong.
    #[expect(clippy::too_many_lines, reason = "the one list of what a process is made of")]
    pub fn start(mut self) -> Result<Running, StartError> {
        let addresses = self.addresses()?;
        let instance = self.folder.instance().clone();
        let tail = Tail::new(self.folder.path());
        let audit = self.start_audit()?;
        let (slot, store) = StoreHandle::new();
        let admission = self.admission(&store, audit.remembered())?;
        let stop = CancellationToken::new();
        let mut site = self.site(store.clone(), &stop);
        site.settings = Some(self.standing.clone());
        let (desk, asks) = Desk::new(self.config.lists.clone());
        let lists = desk.lists.clone();
        site.desk = desk;
        let writer =
            Writer::start(self.folder, self.config.journal.segment_bytes, self.clock.clone())?;
        let recorder = writer.recorder();
        site.witness = Arc::new(AuditWitness::new(audit.log(), &recorder, &self.keys));
        let (environment, board) = (self.config.environment, site.board());
        let watch = keeping::watch(environment, board, &store, &self.metrics, &self.clock);
        let ops = ops::router(site);
        let (stop_indexing, stop_copying) = (CancellationToken::new(), CancellationToken::new());

        let indexer = Indexer {
            url: self.store_url,
            slot,
            tail,
            instance: instance.clone(),
            recorder: recorder.clone(),
            registry: self.registry.clone(),
            metrics: Arc::clone(&self.metrics),
            clock: self.clock.clone(),
        };
        let copier = keeping::copier(&self.config, &store, &instance, audit.log(), &self.clock);
        let retention =
            keeping::retention(&self.config, &instance, audit.log(), self.clock.clone());
        let timeouts = Current::new(Timeouts::of(&self.config.proxy, &self.config.upstream));
        let proxy = Proxy::new(
            proxy::Parts {
                environment: self.config.environment,
                instance: instance.clone(),
                catalogue: Arc::clone(&self.catalogue),
                registry: self.registry.clone(),
                timeouts: timeouts.clone(),
                keys: Arc::clone(&self.keys),
                recorder: recorder.clone(),
                audit: audit.log(),
                admission,
                metrics: Arc::clone(&self.metrics),
                spans: self.spans,
                clock: self.clock.clone(),
            },
            &self.config.upstream,
            &self.config.admission,
        )?;
        let settler = proxy.settler();
        let switches = Switches::new(&self.read_only, &store, &self.metrics, &self.clock);
        let limits = Current::new(Limits::of(&self.config.proxy));
        let terms = Terms { limits: limits.clone(), tls: self.tls.clone() };
        let draining = Arc::new(AtomicBool::new(false));
        let telemetry = telemetry_listener::over(
            &self.metrics,
            &self.registry,
            &recorder,
            audit.log(),
            &store,
            &draining,
        );
        let tokio = |listener| TcpListener::from_std(listener).map_err(StartError::Address);
        let Listeners { proxy: for_apps, ops: for_people, telemetry: for_prometheus } =
            self.listeners;
        let (for_apps, for_people) = (tokio(for_apps)?, tokio(for_people)?);
        let for_prometheus = tokio(for_prometheus)?;
        let journal = self.config.journal.dir.clone();
        let told = (&self.metrics, audit.log());
        keeping::telling(&self.config, &store, &self.registry, told, &self.clock, &stop);
        let counting = keeping::figures(&store, &self.registry, &self.metrics, &self.clock, &stop);
        let reloader = Reloader {
            origin: self.origin,
            site: SiteRegistry::new(store.clone(), &journal, self.kept, asks),
            lists,
            config: self.config,
            registry: self.registry.clone(),
            keys: Arc::clone(&self.keys),
            timeouts,
            limits: limits.clone(),
            tls: self.tls,
            standing: self.standing,
            metrics: Arc::clone(&self.metrics),
            audit: audit.log(),
            clock: self.clock,
        };
        tokio::spawn(reloader.run(stop.clone()));
        events::started(VERSION, environment.as_str(), instance.as_str(), addresses.all());
        Ok(Running {
            addresses,
            environment,
            instance,
            store: store.clone(),
            registry: self.registry,
            keys: self.keys,
            proxy: tokio::spawn(proxy::serve(for_apps, proxy, terms, stop.clone())),
            ops: tokio::spawn(http_listener::serve(for_people, ops, OPS_SHARE, stop.clone())),
            telemetry: tokio::spawn(http_listener::serve(
                for_prometheus,
                telemetry,
                TELEMETRY_SHARE,
                stop_indexing.clone(),
            )),
            indexer: tokio::spawn(indexer.run(stop_indexing.clone())),
            copier: tokio::spawn(copier.run(stop_copying.clone())),
            retention: tokio::spawn(retention.keep(
                store.clone(),
                Arc::clone(&self.metrics),
                stop.clone(),
            )),
            writer,
            spool: tokio::spawn(witness::take_in_spool(
                journal,
                audit.log(),
                settler,
                stop.clone(),
            )),
            losses: tokio::spawn(witness::tell_losses(
                recorder.clone(),
                audit.log(),
                stop_indexing.clone(),
            )),
            switches: tokio::spawn(switches.run(stop.clone())),
            watch: tokio::spawn(watch.run(stop.clone())),
            counting,
            audit,
            recorder,
            draining,
            limits,
            stop,
            stop_indexing,
            stop_copying,
        })
    }
}
