//! Settings: one file, every key of which an environment variable can override.
//!
//! Owns the keys, their defaults, examples and checks. A mistake is named by file, key and problem,
//! with a correct example, and never by repeating the value. Does not open what the settings point
//! at: key files, stores and listeners are opened by those who use them.

mod admission;
mod adoption;
mod alerts;
mod apps;
mod aside;
mod base_url;
mod change;
mod current;
mod digest;
mod draft;
mod duration;
mod entries;
mod environments;
mod error;
mod known;
mod listeners;
mod lists;
mod oidc;
mod source;
mod standing;
mod told;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::domain::adoption::Goals;
use crate::domain::labels::{Environment, label_enum};
use crate::domain::names::KeyId;
use crate::domain::otlp::{Otlp, OtlpProtocol};
use crate::domain::registry::Registry;
use crate::domain::retention::Limits;

pub use admission::{AdmissionConfig, CacheConfig, IdempotencyConfig, LimitsConfig};
pub use adoption::{is_too_far, too_far};
pub use alerts::AlertmanagerConfig;
pub use aside::{Mistake, SetAside};
pub use base_url::{BaseUrl, Scheme};
pub use change::{NeedsRestart, waits_for_restart};
pub use current::Current;
pub use digest::{DigestConfig, SmtpTls};
pub use draft::{AppDraft, ClinicDraft, KeyDraft};
pub use error::ConfigError;
pub use listeners::TlsConfig;
pub use lists::{Lists, Merged};
pub use oidc::OidcConfig;
use source::Source;
pub use standing::Standing;
pub use told::Told;

/// Everything an operator can set.
pub struct Config {
    /// Which Accuro this process may talk to. There is no default: a staging build that points at
    /// production must not start by omission.
    pub environment: Environment,
    /// Whether the operator listed the hosts of this environment.
    pub has_host_list: bool,
    /// The listener for apps.
    pub proxy: ProxyConfig,
    /// Accuro.
    pub upstream: UpstreamConfig,
    /// Which calls go to Accuro, and how often.
    pub admission: AdmissionConfig,
    /// The listener for people and their programs.
    pub ops: OpsConfig,
    /// The listener for Prometheus, and where spans go.
    pub telemetry: TelemetryConfig,
    /// Where steps of incidents are posted, with or without Prometheus; `None` means nowhere. The address
    /// may hold a secret.
    pub alerts_webhook: Option<Zeroizing<String>>,
    /// Where silences are; `None` means that the site neither shows nor sets any.
    pub alertmanager: Option<AlertmanagerConfig>,
    /// The weekly letter about adoption; `None` means none.
    pub digest: Option<DigestConfig>,
    /// Where the index is.
    pub store: StoreConfig,
    /// Where the records are.
    pub journal: JournalConfig,
    /// How the audit is sealed.
    pub audit: AuditConfig,
    /// The keys of references.
    pub privacy: PrivacyConfig,
    /// How long what is kept.
    pub retention: Limits,
    /// A file that overlays the endpoint catalogue.
    pub catalogue_file: Option<PathBuf>,
    /// Clinics and applications, as far as the file lists them.
    pub registry: Registry,
    /// What the file lists, to be joined with what the site keeps.
    pub lists: Lists,
    /// What a clinic has to reach to move up.
    pub adoption: Goals,
}

/// `[proxy]`.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    /// Where apps connect.
    pub listen: SocketAddr,
    /// TLS for apps; `None` for plain HTTP.
    pub tls: Option<TlsConfig>,
    /// How long the process says that it is not ready before it stops taking connections.
    pub readiness_delay: Duration,
    /// How long calls in flight may go on after a stop was asked for.
    pub drain_timeout: Duration,
    /// How long a request's head may take to arrive.
    pub head_timeout: Duration,
    /// How long a body may pause, in either direction.
    pub body_idle_timeout: Duration,
    /// Most bytes of a request's head.
    pub max_head_bytes: usize,
    /// Most connections at a time.
    pub max_connections: usize,
}

/// `[upstream]`.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// Scheme, host and optional path prefix.
    pub base_url: BaseUrl,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long the first byte of an answer may take once the request is sent.
    pub response_timeout: Duration,
    /// How long an unused connection is kept.
    pub pool_idle_timeout: Duration,
}

label_enum! {
    /// How people sign in to the ops site.
    OpsAuth, "a kind of sign-in" {
        /// Accounts and tokens of this installation.
        Local = "local",
        /// `OpenID` Connect.
        Oidc = "oidc",
        /// Everybody who reaches the listener; refused unless that is loopback.
        Off = "off",
    }
}

/// `[ops]`.
#[derive(Clone, Debug)]
pub struct OpsConfig {
    /// Where people connect.
    pub listen: SocketAddr,
    /// How they sign in.
    pub auth: OpsAuth,
    /// With which provider, where `auth` is [`OpsAuth::Oidc`].
    pub oidc: Option<OidcConfig>,
}

label_enum! {
    /// Which of our own log lines are written.
    LogLevel, "a log level" {
        /// What needs somebody.
        Error = "error",
        /// What may need somebody.
        Warn = "warn",
        /// What happened.
        Info = "info",
        /// What happened in detail.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

/// `[telemetry]`.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// Where Prometheus connects.
    pub listen: SocketAddr,
    /// Where spans go; `None` means nowhere.
    pub otlp: Option<Otlp>,
    /// Which of our own log lines are written.
    pub log_level: LogLevel,
}

/// `[store]`.
pub struct StoreConfig {
    /// `sqlite:…` or `postgres://…`; may hold a password.
    pub url: Zeroizing<String>,
}

/// `[journal]`.
#[derive(Clone, Debug)]
pub struct JournalConfig {
    /// The folder.
    pub dir: PathBuf,
    /// Size at which a new segment begins, in bytes.
    pub segment_bytes: u64,
}

/// `[audit]`.
#[derive(Clone, Debug, Default)]
pub struct AuditConfig {
    /// The file of the key that signs checkpoints; `None` leaves them unsigned.
    pub signing_key: Option<PathBuf>,
}

/// `[privacy]`.
#[derive(Clone, Debug)]
pub struct PrivacyConfig {
    /// The key that makes new references.
    pub active_key: KeyId,
    /// Every key and its file.
    pub key_files: Vec<(KeyId, PathBuf)>,
}

impl Config {
    /// Reads a file and the process's environment variables.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], naming file, key and what is wrong.
    pub fn load(
        file: &Path,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, file, variables)
    }

    /// Reads a text as if it stood in `file`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], naming file, key and what is wrong.
    pub fn parse(
        text: &str,
        file: &Path,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let source = Source::read(text, file, variables)?;
        environments::refuse_unknown(&source)?;
        let environment = source.label("environment", Environment::parse)?;
        let (base_url, has_host_list) = environments::base_url(&source, environment)?;
        let auth = source.label("ops.auth", OpsAuth::parse)?;
        let lists = entries::lists(&source, environment)?;
        let registry = lists.alone()?;
        let config = Self {
            environment,
            has_host_list,
            proxy: ProxyConfig {
                listen: source.address("proxy.listen")?,
                tls: listeners::tls(&source)?,
                readiness_delay: source.duration("proxy.readiness_delay")?,
                drain_timeout: source.duration("proxy.drain_timeout")?,
                head_timeout: source.limit("proxy.head_timeout")?,
                body_idle_timeout: source.limit("proxy.body_idle_timeout")?,
                max_head_bytes: source.between("proxy.max_head_bytes", 4_096, 1_048_576)?,
                max_connections: source.between("proxy.max_connections", 1, 1_000_000)?,
            },
            upstream: UpstreamConfig {
                base_url,
                connect_timeout: source.limit("upstream.connect_timeout")?,
                response_timeout: source.limit("upstream.response_timeout")?,
                pool_idle_timeout: source.limit("upstream.pool_idle_timeout")?,
            },
            admission: admission::read(&source)?,
            ops: OpsConfig {
                listen: source.address("ops.listen")?,
                auth,
                oidc: oidc::read(&source, auth, &registry)?,
            },
            telemetry: TelemetryConfig {
                listen: source.address("telemetry.listen")?,
                otlp: otlp(&source)?,
                log_level: source.label("telemetry.log_level", LogLevel::parse)?,
            },
            alerts_webhook: source.server("alerts.webhook")?.map(Zeroizing::new),
            alertmanager: alerts::alertmanager(&source)?,
            digest: digest::read(&source)?,
            store: StoreConfig { url: Zeroizing::new(source.text("store.url")?) },
            journal: JournalConfig {
                dir: source.text("journal.dir")?.into(),
                segment_bytes: source.count("journal.segment_bytes")? as u64,
            },
            audit: AuditConfig { signing_key: entries::signing_key(&source)? },
            privacy: entries::privacy(&source)?,
            retention: retention(&source)?,
            catalogue_file: source.optional_text("catalogue.file")?.map(PathBuf::from),
            registry,
            lists,
            adoption: adoption::goals(&source)?,
        };
        listeners::refuse(&source, &config)?;
        Ok(config)
    }
}

fn otlp(source: &Source) -> Result<Option<Otlp>, ConfigError> {
    let protocol = source.label("telemetry.otlp_protocol", OtlpProtocol::parse)?;
    let sample_percent = source.percent("telemetry.otlp_sample_percent")?;
    let endpoint = source.server("telemetry.otlp_endpoint")?;
    Ok(endpoint.map(|endpoint| Otlp { endpoint, protocol, sample_percent }))
}

fn retention(source: &Source) -> Result<Limits, ConfigError> {
    let limit = |key| {
        let limit = source.duration(key)?;
        if limit >= Limits::SHORTEST {
            return Ok(limit);
        }
        Err(source.wrong(key, "a day or more"))
    };
    Ok(Limits {
        events: limit("retention.events")?,
        patient_references: limit("retention.patient_references")?,
        actor_references: limit("retention.actor_references")?,
        minute_figures: limit("retention.minute_figures")?,
        hour_figures: limit("retention.hour_figures")?,
        day_figures: limit("retention.day_figures")?,
        incidents: limit("retention.incidents")?,
        access: limit("retention.access")?,
        diagnoses: limit("retention.diagnoses")?,
        journal: limit("retention.journal")?,
        audit: limit("retention.audit")?,
    })
}

#[cfg(test)]
mod tests;
