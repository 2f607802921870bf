//! Puts the parts together: what is opened in which order, and what ends in which order.
//!
//! Owns start and stop. Start: settings, keys, catalogue, journal, listeners, then everything that
//! serves; the store may come later. Stop: readiness first, then the call path drains, then the
//! journal is written out, the index catches up, and spans are sent. Holds no rule of the product.

mod error;
mod listeners;
mod reload;
mod running;
mod telemetry_listener;
pub mod tls;
mod witness;

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use error::StartError;
use listeners::Listeners;
pub use listeners::{Handed, could_bind};
pub use reload::Origin;
use reload::Reloader;
pub use running::Running;
use witness::AuditWitness;

use crate::clock::Clock;
use crate::config::{Config, Current, OpsAuth, Standing};
use crate::domain::audit::signature::SigningKey;
use crate::domain::audit::{Entry, Event};
use crate::domain::catalogue::Catalogue;
use crate::domain::registry::Registry;
use crate::indexer::Indexer;
use crate::journal::audit::{AuditWriter, key};
use crate::journal::{Folder, Tail, Writer};
use crate::keys::Keyring;
use crate::ops::{self, OpsState};
use crate::proxy::{self, Limits, Proxy, Terms, Timeouts};
use crate::store::{StoreHandle, StoreUrl};
use crate::telemetry::events;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::spans::Spans;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long the index may take to catch up at the end; what is left is indexed after the next start.
const LAST_INDEXING: Duration = Duration::from_secs(3);

/// Everything that has to be there before a process may serve; made outside any async runtime.
pub struct App {
    config: Config,
    catalogue: Arc<Catalogue>,
    registry: Current<Registry>,
    keys: Arc<Keyring>,
    store_url: StoreUrl,
    folder: Folder,
    signer: Option<SigningKey>,
    metrics: Arc<Metrics>,
    spans: Option<Arc<Spans>>,
    clock: Clock,
    listeners: Listeners,
    tls: Option<Current<rustls::ServerConfig>>,
    origin: Option<Origin>,
}

/// Where a process listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// For apps.
    pub proxy: SocketAddr,
    /// For people and their programs.
    pub ops: SocketAddr,
    /// For Prometheus.
    pub telemetry: SocketAddr,
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
    pub fn open_on(handed: Handed, mut config: Config, clock: Clock) -> Result<Self, StartError> {
        if config.ops.auth == OpsAuth::Oidc {
            return Err(StartError::OidcNotBuilt);
        }
        let keys = Keyring::load(&config.privacy.active_key, &config.privacy.key_files)?;
        let signer = config.audit.signing_key.as_deref().map(key::signing).transpose()?;
        let catalogue = catalogue(config.catalogue_file.as_deref())?;
        let store_url = StoreUrl::parse(&config.store.url)?;
        let folder = Folder::open(&config.journal.dir)?;
        if folder.torn_bytes() > 0 {
            events::torn_line_cut(folder.torn_bytes());
        }
        let tls = config.proxy.tls.as_ref().map(tls::load).transpose()?;
        let listeners = Listeners::open(&config, handed)?;
        let registry = Current::new(std::mem::take(&mut config.registry));
        let known = registry.keep();
        let clinics: Vec<_> = known.clinics().iter().map(|clinic| &clinic.id).collect();
        let metrics = Arc::new(Metrics::new(VERSION, config.environment.as_str(), &clinics));
        if let Some(tls) = &tls {
            metrics.certificate_expiry.set(tls.not_after.seconds());
        }
        metrics.config_reload_success.set(clock.now().seconds());
        let spans = config
            .telemetry
            .otlp_endpoint
            .as_deref()
            .map(|endpoint| Spans::start(endpoint, VERSION, folder.instance().as_str()))
            .transpose()?
            .map(Arc::new);
        Ok(Self {
            catalogue: Arc::new(catalogue),
            registry,
            keys: Arc::new(keys),
            config,
            store_url,
            folder,
            signer,
            metrics,
            spans,
            clock,
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
        Ok(audit)
    }

    /// The ops site over a store that may come later.
    fn site(
        &self,
        store: StoreHandle,
        audit: &AuditWriter,
        stop: &CancellationToken,
        standing: &Current<Standing>,
    ) -> OpsState {
        let auth = match self.config.ops.auth {
            OpsAuth::Off => ops::Auth::Off,
            OpsAuth::Local | OpsAuth::Oidc => ops::Auth::Sessions,
        };
        let (registry, clock) = (self.registry.clone(), self.clock.clone());
        let mut site = OpsState::new(store, registry, self.config.environment, auth, clock);
        let keys = Arc::clone(&self.keys);
        site.witness = Arc::new(AuditWitness { audit: audit.log(), keys: Arc::clone(&keys) });
        site.keys = Some(keys);
        site.shutdown = stop.clone();
        site.settings = Some(standing.clone());
        site
    }

    /// Starts serving. To be called inside the runtime.
    ///
    /// # Errors
    ///
    /// [`StartError`], one line that names what is wrong.
    pub fn start(mut self) -> Result<Running, StartError> {
        let addresses = self.addresses()?;
        let instance = self.folder.instance().clone();
        let tail = Tail::new(self.folder.path());
        let audit = self.start_audit()?;
        let (slot, store) = StoreHandle::new();
        let stop = CancellationToken::new();
        let standing = Current::new(Standing::at_start(self.clock.now()));
        let ops = ops::router(self.site(store.clone(), &audit, &stop, &standing));
        let writer =
            Writer::start(self.folder, self.config.journal.segment_bytes, self.clock.clone())?;
        let recorder = writer.recorder();
        let stop_indexing = CancellationToken::new();

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
                metrics: Arc::clone(&self.metrics),
                spans: self.spans,
                clock: self.clock.clone(),
            },
            &self.config.upstream,
        )?;
        let limits = Current::new(Limits::of(&self.config.proxy));
        let terms = Terms { limits: limits.clone(), tls: self.tls.clone() };
        let draining = Arc::new(AtomicBool::new(false));
        let telemetry = telemetry_listener::router(telemetry_listener::State {
            metrics: Arc::clone(&self.metrics),
            registry: self.registry.clone(),
            recorder: recorder.clone(),
            audit: audit.log(),
            store: store.clone(),
            draining: Arc::clone(&draining),
            shown_dropped: Arc::default(),
        });

        let proxy_listener = tokio_listener(self.listeners.proxy)?;
        let ops_listener = tokio_listener(self.listeners.ops)?;
        let telemetry_listener = tokio_listener(self.listeners.telemetry)?;
        let listeners = [addresses.proxy, addresses.ops, addresses.telemetry];
        let environment = self.config.environment;
        let journal_dir = self.config.journal.dir.clone();
        if let Some(origin) = self.origin {
            let reloader = Reloader {
                origin,
                config: self.config,
                registry: self.registry.clone(),
                keys: Arc::clone(&self.keys),
                timeouts,
                limits: limits.clone(),
                tls: self.tls,
                standing,
                metrics: Arc::clone(&self.metrics),
                audit: audit.log(),
                clock: self.clock,
            };
            tokio::spawn(reloader.run(stop.clone()));
        }
        events::started(VERSION, environment.as_str(), instance.as_str(), listeners);
        Ok(Running {
            addresses,
            environment,
            instance,
            store,
            registry: self.registry,
            keys: self.keys,
            proxy: tokio::spawn(proxy::serve(proxy_listener, proxy, terms, stop.clone())),
            ops: tokio::spawn(serve_http(ops_listener, ops, stop.clone())),
            telemetry: tokio::spawn(serve_http(
                telemetry_listener,
                telemetry,
                stop_indexing.clone(),
            )),
            indexer: tokio::spawn(indexer.run(stop_indexing.clone())),
            writer,
            spool: tokio::spawn(witness::take_in_spool(journal_dir, audit.log(), stop.clone())),
            audit,
            recorder,
            draining,
            limits,
            stop,
            stop_indexing,
        })
    }
}

fn tokio_listener(listener: StdListener) -> Result<TcpListener, StartError> {
    TcpListener::from_std(listener).map_err(StartError::Address)
}

/// The catalogue: the embedded default, overlaid by the operator's file.
///
/// # Errors
///
/// [`StartError`], naming the file.
pub fn catalogue(file: Option<&Path>) -> Result<Catalogue, StartError> {
    let Some(file) = file else { return Ok(Catalogue::embedded()?) };
    let text = std::fs::read_to_string(file)
        .map_err(|source| StartError::CatalogueFile { file: file.to_owned(), source })?;
    Catalogue::with_overlay(&text)
        .map_err(|source| StartError::Overlay { file: file.to_owned(), source })
}

/// Serves pages until told to stop; open event streams end with the token they were given.
async fn serve_http(listener: TcpListener, router: axum::Router, stop: CancellationToken) {
    let ended =
        axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let stopped = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST_INDEXING).await;
    };
    tokio::select! {
        _ = ended => {}
        () = stopped => {}
    }
}
