//! Puts the parts together: what is opened in which order, and what ends in which order.
//!
//! Owns start and stop. Start: settings, keys, catalogue, journal, listeners, then everything that
//! serves; the store may come later. Stop: readiness first, then the call path drains, then the
//! journal is written out, the index catches up, and spans are sent. Holds no rule of the product.

mod claims;
mod error;
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
use read_only::Switches;
use witness::AuditWitness;

use crate::clock::Clock;
use crate::config::{Config, OpsAuth};
use crate::domain::admission::read_only::ReadOnly;
use crate::domain::audit::signature::SigningKey;
use crate::domain::audit::{Entry, Event};
use crate::domain::catalogue::Catalogue;
use crate::domain::labels::Environment;
use crate::domain::names::InstanceId;
use crate::domain::registry::Registry;
use crate::indexer::Indexer;
use crate::journal::audit::{AuditWriter, key};
use crate::journal::{Folder, Recorder, Tail, Writer};
use crate::keys::Keyring;
use crate::ops::{self, OpsState};
use crate::proxy::{self, AdmissionParts, Limits, Proxy};
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
    registry: Arc<Registry>,
    keys: Arc<Keyring>,
    store_url: StoreUrl,
    folder: Folder,
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
        Ok(audit)
    }

    /// The ops site over a store that may come later.
    fn site(&self, store: StoreHandle, audit: &AuditWriter, stop: &CancellationToken) -> OpsState {
        let auth = match self.config.ops.auth {
            OpsAuth::Off => ops::Auth::Off,
            OpsAuth::Local | OpsAuth::Oidc => ops::Auth::Sessions,
        };
        let (registry, clock) = (Arc::clone(&self.registry), self.clock.clone());
        let mut site = OpsState::new(store, registry, self.config.environment, auth, clock);
        let keys = Arc::clone(&self.keys);
        site.witness = Arc::new(AuditWitness { audit: audit.log(), keys: Arc::clone(&keys) });
        site.keys = Some(keys);
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
        let ops = ops::router(self.site(store.clone(), &audit, &stop));
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
            registry: Arc::clone(&self.registry),
            metrics: Arc::clone(&self.metrics),
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
        let limits = Limits {
            max_head_bytes: self.config.proxy.max_head_bytes,
            head_timeout: self.config.proxy.head_timeout,
            max_connections: self.config.proxy.max_connections,
            drain_timeout: self.config.proxy.drain_timeout,
        };
        let draining = Arc::new(AtomicBool::new(false));
        let telemetry = telemetry_listener::router(telemetry_listener::State {
            metrics: Arc::clone(&self.metrics),
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
        events::started(VERSION, environment.as_str(), instance.as_str(), listeners);
        Ok(Running {
            addresses,
            environment,
            instance,
            store,
            registry: self.registry,
            keys: self.keys,
            proxy: tokio::spawn(proxy::serve(proxy_listener, proxy, limits, stop.clone())),
            ops: tokio::spawn(serve_http(ops_listener, ops, stop.clone())),
            telemetry: tokio::spawn(serve_http(
                telemetry_listener,
                telemetry,
                stop_indexing.clone(),
            )),
            indexer: tokio::spawn(indexer.run(stop_indexing.clone())),
            writer,
            spool: tokio::spawn(witness::take_in_spool(
                self.config.journal.dir,
                audit.log(),
                stop.clone(),
            )),
            switches: tokio::spawn(switches.run(stop.clone())),
            audit,
            recorder,
            draining,
            stop,
            stop_indexing,
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
    writer: Writer,
    audit: AuditWriter,
    spool: JoinHandle<()>,
    switches: JoinHandle<()>,
    recorder: Recorder,
    draining: Arc<AtomicBool>,
    stop: CancellationToken,
    stop_indexing: CancellationToken,
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
        let _ = tokio::time::timeout(LAST_INDEXING, self.switches).await;
        // What people did on the site until now is kept as well.
        self.audit.log().note(Entry::system(Event::Stopped.plain()));
        let audit = self.audit;
        let _ = tokio::task::spawn_blocking(move || audit.stop()).await;
        let _ = self.telemetry.await;
        if let Some(store) = self.store.get() {
            let _ = tokio::time::timeout(LAST_INDEXING, store.close()).await;
        }
        events::stopped(cut, self.recorder.recorded(), self.recorder.dropped());
        cut
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
