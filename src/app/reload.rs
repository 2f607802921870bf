//! New settings while calls are served: on SIGHUP, and when a file changes.
//!
//! Owns when the files are read again, and the taking over: all of it or nothing, so that a mistake in
//! the file changes nothing and is named. Clinics, apps and their keys, reference keys, timeouts, the
//! log level and the certificate are taken over at once, for the next call or connection; what has to
//! wait for a restart is named (`config::change`). Every attempt is in the audit. What the site keeps of
//! the registry comes in the same way, from `super::site_registry`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::site_registry::SiteRegistry;
use super::tls::{self, TlsError};
use super::{StartError, key_prints};
use crate::clock::Clock;
use crate::config::{
    Config, ConfigError, Current, Lists, Merged, NeedsRestart, SetAside, Standing, TlsConfig,
    waits_for_restart,
};
use crate::domain::audit::{Entry, Event, Kind};
use crate::domain::registry::Registry;
use crate::journal::audit::AuditLog;
use crate::keys::{KeyError, Keyring};
use crate::proxy::{Limits, Timeouts};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::{events, logging};

/// How often it is looked whether the site's registry has changed, at this or at another instance.
const LOOK: Duration = Duration::from_secs(1);
/// Every so many looks it is looked whether a file has changed. A change is taken over when two of these
/// in a row have seen the same, so that nobody reads a half-written file.
const LOOK_AT_FILES: u32 = 2;
/// Every so many looks the store is told which keys were used.
const TELL_USES: u32 = 20;

/// Reads the settings as at start.
pub type Read = Box<dyn Fn() -> Result<Config, ConfigError> + Send + Sync>;

/// Where settings come from.
pub struct Origin {
    file: PathBuf,
    read: Read,
    asked: Arc<Notify>,
    /// The files as they were before the settings in force were read.
    taken: [u8; 32],
}

impl Origin {
    /// Reads the settings of a file; `asked` asks for a reload later.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], naming file, key and what is wrong.
    pub fn open(
        file: &Path,
        asked: Arc<Notify>,
        read: Read,
    ) -> Result<(Self, Config), ConfigError> {
        // The first reading tells which files there are. What changes after they were looked at is
        // found later, so what counts has to be read after that.
        let taken = fingerprint(files(file, &read()?));
        let config = read()?;
        Ok((Self { file: file.to_owned(), read, asked, taken }, config))
    }
}

/// Every file that a reload reads.
fn files(settings: &Path, config: &Config) -> Vec<PathBuf> {
    let mut files = vec![settings.to_owned()];
    files.extend(config.privacy.key_files.iter().map(|(_, file)| file.clone()));
    if let Some(TlsConfig { certificate, key, client_ca }) = config.proxy.tls.clone() {
        files.extend([certificate, key].into_iter().chain(client_ca));
    }
    files
}

/// A digest of files; a missing one counts as an empty one.
fn fingerprint(files: Vec<PathBuf>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for file in files {
        let bytes = Zeroizing::new(std::fs::read(file).unwrap_or_default());
        digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        digest.update(bytes.as_slice());
    }
    digest.finalize().into()
}

/// Why the settings stay as they are.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReloadError {
    /// The file has a mistake.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A running process cannot do that.
    #[error(transparent)]
    NeedsRestart(#[from] NeedsRestart),
    /// The reference keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A key that changed under its name.
    #[error(transparent)]
    KeyChanged(#[from] StartError),
}

/// What a reload replaces, and what it needs for that.
pub(super) struct Reloader {
    /// Where the file is; `None` where it is read once.
    pub(super) origin: Option<Origin>,
    pub(super) site: SiteRegistry,
    pub(super) lists: Current<Lists>,
    /// The settings in force.
    pub(super) config: Config,
    pub(super) registry: Current<Registry>,
    pub(super) keys: Arc<Keyring>,
    pub(super) timeouts: Current<Timeouts>,
    pub(super) limits: Current<Limits>,
    pub(super) tls: Option<Current<rustls::ServerConfig>>,
    pub(super) standing: Current<Standing>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) audit: AuditLog,
    pub(super) clock: Clock,
}

impl Reloader {
    /// Waits for reasons to take something over, until the process stops.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let never = Arc::new(Notify::new());
        let asked = self.origin.as_ref().map_or(never, |origin| Arc::clone(&origin.asked));
        let mut taken = self.origin.as_ref().map(|origin| origin.taken);
        let (mut seen, mut looks) = (taken, 0u32);
        loop {
            let hung_up = tokio::select! {
                () = stop.cancelled() => return,
                Some(applied) = self.site.asks.recv() => {
                    self.look_at_site().await;
                    // Whoever does not wait any more has left.
                    let _ = applied.send(());
                    continue;
                }
                () = asked.notified() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            looks = looks.wrapping_add(1);
            if hung_up || looks.is_multiple_of(LOOK_AT_FILES) {
                let found = self.fingerprint().await;
                if hung_up || (found == seen && found != taken) {
                    taken = found;
                    self.reload();
                }
                seen = found;
            }
            self.look_at_site().await;
            if looks.is_multiple_of(TELL_USES) {
                let registry = self.registry.keep();
                self.site.tell_uses(&registry).await;
            }
        }
    }

    async fn fingerprint(&self) -> Option<[u8; 32]> {
        let files = files(&self.origin.as_ref()?.file, &self.config);
        // The runtime must not wait for a disk.
        tokio::task::spawn_blocking(move || fingerprint(files)).await.ok()
    }

    /// Takes over what the site keeps, if it is new.
    async fn look_at_site(&mut self) {
        let Some(news) = self.site.news().await else { return };
        let merged = self.config.lists.with(&news);
        if self.registry.get().requires_keys() && !merged.registry.requires_keys() {
            self.site.refuse(&news);
            events::registry_refused();
            return;
        }
        events::registry_taken(news.entries.len(), merged.set_aside.len());
        self.site.take(news);
        self.install(merged);
        self.site.keep_copy().await;
    }

    /// From here on calls and pages use this registry.
    fn install(&mut self, merged: Merged) {
        let Merged { mut registry, set_aside } = merged;
        tell_set_aside(&set_aside);
        registry.keep_uses_of(&self.registry.get());
        self.metrics.expect_clinics(registry.clinics().iter().map(|clinic| &clinic.id));
        self.registry.replace(registry);
        let kept = self.site.kept().stamp;
        self.standing.replace(Standing { kept, set_aside, ..(*self.standing.keep()).clone() });
    }

    fn reload(&mut self) {
        let at = self.clock.now();
        let result = self.take_over();
        let taken = result.is_ok();
        self.metrics
            .config_reloads
            .with_label_values(&[if taken { "taken" } else { "refused" }])
            .inc();
        self.metrics.config_reload_ok.set(i64::from(taken));
        let mut entry = Entry::new(Kind::Admin);
        match result {
            Ok(waiting) => {
                self.metrics.config_reload_success.set(at.seconds());
                self.metrics.config_restart_needed.set(i64::from(!waiting.is_empty()));
                events::settings_taken(&waiting.join(", "));
                entry.detail = Some(Event::SettingsTaken.plain());
                let before = self.standing.keep();
                self.standing.replace(Standing {
                    since: at,
                    refused: None,
                    waiting,
                    ..(*before).clone()
                });
            }
            Err(error) => {
                let problem = error.to_string();
                events::settings_refused(&problem);
                entry.detail = Some(Event::SettingsRefused.plain());
                let before = self.standing.keep();
                let refused = Some((at, problem));
                self.standing.replace(Standing { refused, ..(*before).clone() });
            }
        }
        self.audit.note(entry);
    }

    /// Everything that can fail comes before anything is replaced.
    fn take_over(&mut self) -> Result<Vec<&'static str>, ReloadError> {
        let Some(origin) = &self.origin else { return Ok(Vec::new()) };
        let new = (origin.read)()?;
        let merged = new.lists.with(self.site.kept());
        new.refuse_open_door(&merged.registry)?;
        new.refuse_far_mergers(merged.registry.local_day(None, self.clock.now()))?;
        let keys_needed = self.registry.get().requires_keys();
        let waiting = waits_for_restart(&self.config, &new, keys_needed, &merged.registry)?;
        let keyring = Keyring::load(&new.privacy.active_key, &new.privacy.key_files)?;
        let added = key_prints::compare(&self.config.journal.dir, &keyring)?;
        let tls = new.proxy.tls.as_ref().map(tls::load).transpose()?;

        self.keys.replace(keyring);
        if added > 0 {
            self.audit.note(Entry::system(Event::KeyAdded.of(added)));
        }
        if let (Some(current), Some(tls)) = (&self.tls, tls) {
            self.metrics.certificate_expiry.set(tls.not_after.seconds());
            current.replace(tls.config);
        }
        self.timeouts.replace(Timeouts::of(&new.proxy, &new.upstream));
        self.limits.replace(Limits::of(&new.proxy));
        logging::set_level(new.telemetry.log_level.as_str());
        self.lists.replace(new.lists.clone());
        self.config.take_live(new);
        self.install(merged);
        Ok(waiting)
    }
}

/// Names the entries of the site that do not count, in the log.
pub(super) fn tell_set_aside(set_aside: &[SetAside]) {
    if !set_aside.is_empty() {
        let told: Vec<String> = set_aside.iter().map(SetAside::to_string).collect();
        events::entries_set_aside(&told.join("; "));
    }
}
