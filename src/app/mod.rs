//! Puts the parts together: what is opened in which order, and what ends in which order.
//!
//! Owns start and stop. Start: settings, keys, catalogue, journal, listeners, then everything that
//! serves; the store may come later. Stop: readiness first, then the call path drains, then the
//! journal is written out, the index catches up, and spans are sent. Holds no rule of the product.

mod claims;
mod error;
mod http_listener;
mod key_prints;
mod read_only;
mod telemetry_listener;
mod witness;

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use error::StartError;
pub use key_prints::compare as compare_keys;
use read_only::Switches;
use witness::AuditWitness;

use crate::clock::Clock;
use crate::config::{Config, OpsAuth, ProxyConfig};
use crate::diagnosis::watch::Watch;
use crate::domain::admission::read_only::ReadOnly;
use crate::domain::audit::signature::SigningKey;
use crate::domain::audit::{Entry, Event};
use crate::domain::catalogue::Catalogue;
use crate::domain::labels::Environment;
use crate::domain::names::InstanceId;
use crate::domain::registry::Registry;
use crate::indexer::{AuditCopier, Indexer};
use crate::journal::audit::{AuditWriter, key};
use crate::journal::{Folder, Recorder, Tail, Writer};
use crate::keys::Keyring;
use crate::ops::{self, OpsState};
use crate::proxy::{self, AdmissionParts, Limits, Proxy};
use crate::retention::Retention;
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
    registry: Arc<Registry>,
    keys: Arc<Keyring>,
    store_url: StoreUrl,
    folder: Folder,
    /// Keys of references that were not there at the last start.
    new_keys: u64,
    signer: Option<SigningKey>,
    metrics: Arc<Metrics>,
    spans: Option<Arc<Spans>>,
    clock: Clock,
    listeners: Listeners,
    read_only: Arc<ReadOnly>,
}

struct Listeners {
    proxy: StdListener,
    ops: StdListener,
    telemetry: StdListener,
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
    pub fn open(mut config: Config, clock: Clock) -> Result<Self, StartError> {
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
        let new_keys = key_prints::compare(folder.path(), &keys)?;
        let listeners = Listeners {
            proxy: bind("proxy.listen", config.proxy.listen)?,
            ops: bind("ops.listen", config.ops.listen)?,
            telemetry: bind("telemetry.listen", config.telemetry.listen)?,
        };
        let registry = Arc::new(std::mem::take(&mut config.registry));
        let clinics: Vec<_> = registry.clinics().iter().map(|clinic| &clinic.id).collect();
        let metrics = Arc::new(Metrics::new(VERSION, config.environment.as_str(), &clinics));
        let spans = config
            .telemetry
            .otlp_endpoint
            .as_deref()
            .map(|endpoint| Spans::start(endpoint, VERSION, folder.instance().as_str()))
            .transpose()?
            .map(Arc::new);
        let admission = &config.admission;
        let read_only = Arc::new(ReadOnly::new(admission.read_only, admission.flaps));
        Ok(Self {
            read_only,
            catalogue: Arc::new(catalogue),
            registry,
            keys: Arc::new(keys),
            config,
            store_url,
            folder,
            new_keys,
            signer,
            metrics,
            spans,
            clock,
            listeners,
        })
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
        let (registry, clock) = (Arc::clone(&self.registry), self.clock.clone());
        let mut site = OpsState::new(store, registry, self.config.environment, auth, clock);
        site.keys = Some(Arc::clone(&self.keys));
        site.limits = self.config.retention;
        site.read_only = Arc::clone(&self.read_only);
        site.shutdown = stop.clone();
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
        let admission = AdmissionParts {
            read_only: Arc::clone(&self.read_only),
            claims: claims::restore(&self.folder, &self.config, self.clock.now())?,
            shared_claims: claims::shared(&self.config, &self.store_url, &store),
        };
        let stop = CancellationToken::new();
        let mut site = self.site(store.clone(), &stop);
        let writer =
            Writer::start(self.folder, self.config.journal.segment_bytes, self.clock.clone())?;
        let recorder = writer.recorder();
        site.witness = Arc::new(AuditWitness {
            audit: audit.log(),
            recorder: recorder.clone(),
            keys: Arc::clone(&self.keys),
        });
        let watch = Watch {
            store: store.clone(),
            environment: self.config.environment,
            board: site.board(),
            metrics: Arc::clone(&self.metrics),
            clock: self.clock.clone(),
        };
        let ops = ops::router(site);
        let (stop_indexing, stop_copying) = (CancellationToken::new(), CancellationToken::new());

        let indexer = Indexer {
            url: self.store_url,
            slot,
            tail,
            instance: instance.clone(),
            recorder: recorder.clone(),
            registry: Arc::clone(&self.registry),
            metrics: Arc::clone(&self.metrics),
            clock: self.clock.clone(),
        };
        let copier = AuditCopier {
            store: store.clone(),
            folder: self.config.journal.dir.clone(),
            instance: instance.clone(),
            log: audit.log(),
            clock: self.clock.clone(),
        };
        let retention = Retention {
            limits: self.config.retention,
            journal: self.config.journal.dir.clone(),
            instance: instance.clone(),
            clock: self.clock.clone(),
        };
        let proxy = Proxy::new(
            proxy::Parts {
                environment: self.config.environment,
                instance: instance.clone(),
                catalogue: Arc::clone(&self.catalogue),
                registry: Arc::clone(&self.registry),
                keys: Arc::clone(&self.keys),
                recorder: recorder.clone(),
                audit: audit.log(),
                admission,
                metrics: Arc::clone(&self.metrics),
                spans: self.spans,
                clock: self.clock.clone(),
            },
            &self.config.proxy,
            &self.config.upstream,
            &self.config.admission,
        )?;
        let switches = Switches {
            read_only: Arc::clone(&self.read_only),
            store: store.clone(),
            metrics: Arc::clone(&self.metrics),
            clock: self.clock.clone(),
        };
        let limits = limits(&self.config.proxy);
        let draining = Arc::new(AtomicBool::new(false));
        let telemetry = telemetry_listener::router(telemetry_listener::State {
            metrics: Arc::clone(&self.metrics),
            recorder: recorder.clone(),
            audit: audit.log(),
            store: store.clone(),
            draining: Arc::clone(&draining),
            shown: Arc::default(),
        });

        let proxy_listener = tokio_listener(self.listeners.proxy)?;
        let ops_listener = tokio_listener(self.listeners.ops)?;
        let telemetry_listener = tokio_listener(self.listeners.telemetry)?;
        let listeners = [addresses.proxy, addresses.ops, addresses.telemetry];
        let environment = self.config.environment;
        events::started(VERSION, environment.as_str(), instance.as_str(), listeners);
        Ok(Running {
            addresses,
            environment,
            instance,
            store: store.clone(),
            registry: self.registry,
            keys: self.keys,
            proxy: tokio::spawn(proxy::serve(proxy_listener, proxy, limits, stop.clone())),
            ops: tokio::spawn(http_listener::serve(ops_listener, ops, OPS_SHARE, stop.clone())),
            telemetry: tokio::spawn(http_listener::serve(
                telemetry_listener,
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
                self.config.journal.dir,
                audit.log(),
                stop.clone(),
            )),
            losses: tokio::spawn(witness::tell_losses(
                recorder.clone(),
                audit.log(),
                stop_indexing.clone(),
            )),
            switches: tokio::spawn(switches.run(stop.clone())),
            watch: tokio::spawn(watch.run(stop.clone())),
            audit,
            recorder,
            draining,
            stop,
            stop_indexing,
            stop_copying,
        })
    }
}

/// A process that serves.
pub struct Running {
    /// Where it listens.
    pub addresses: Addresses,
    /// Which Accuro it talks to.
    pub environment: Environment,
    /// Which process it is.
    pub instance: InstanceId,
    /// The store, once it is reached.
    pub store: StoreHandle,
    /// Clinics and applications.
    pub registry: Arc<Registry>,
    /// What makes references.
    pub keys: Arc<Keyring>,
    proxy: JoinHandle<i64>,
    ops: JoinHandle<()>,
    telemetry: JoinHandle<()>,
    indexer: JoinHandle<()>,
    copier: JoinHandle<()>,
    retention: JoinHandle<()>,
    writer: Writer,
    audit: AuditWriter,
    spool: JoinHandle<()>,
    losses: JoinHandle<()>,
    switches: JoinHandle<()>,
    watch: JoinHandle<()>,
    recorder: Recorder,
    draining: Arc<AtomicBool>,
    stop: CancellationToken,
    stop_indexing: CancellationToken,
    stop_copying: CancellationToken,
}

impl Running {
    /// Stops in order: calls in flight end, everything recorded is written, the index catches up.
    /// Gives the number of calls that had to be cut.
    pub async fn stop(self) -> i64 {
        self.draining.store(true, Ordering::SeqCst);
        self.stop.cancel();
        let cut = self.proxy.await.unwrap_or(0);
        let writer = self.writer;
        // Writing out blocks on the disk; the runtime must not.
        let _ = tokio::task::spawn_blocking(move || writer.stop()).await;
        self.stop_indexing.cancel();
        let _ = tokio::time::timeout(LAST_INDEXING, self.indexer).await;
        let _ = self.ops.await;
        let _ = self.spool.await;
        let _ = self.losses.await;
        let _ = self.retention.await;
        let _ = tokio::time::timeout(LAST_INDEXING, self.switches).await;
        let _ = tokio::time::timeout(LAST_INDEXING, self.watch).await;
        // What people did on the site until now is kept as well.
        self.audit.log().note(Entry::system(Event::Stopped.plain()));
        let audit = self.audit;
        let _ = tokio::task::spawn_blocking(move || audit.stop()).await;
        self.stop_copying.cancel();
        let _ = tokio::time::timeout(LAST_INDEXING, self.copier).await;
        let _ = self.telemetry.await;
        if let Some(store) = self.store.get() {
            let _ = tokio::time::timeout(LAST_INDEXING, store.close()).await;
        }
        events::stopped(cut, self.recorder.recorded(), self.recorder.dropped());
        cut
    }
}

fn limits(config: &ProxyConfig) -> Limits {
    Limits {
        max_head_bytes: config.max_head_bytes,
        head_timeout: config.head_timeout,
        max_connections: config.max_connections,
        drain_timeout: config.drain_timeout,
    }
}

fn bind(key: &'static str, address: SocketAddr) -> Result<StdListener, StartError> {
    let failed = |source| StartError::Listen { key, address, source };
    let listener = StdListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
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
