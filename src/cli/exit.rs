//! Exit statuses and the one line that explains a failure.

use std::error::Error;
use std::future::Future;
use std::path::Path;

use crate::app::{StartError, kept_copy};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::store::{Store, StoreError, StoreUrl, StoreUrlError};

/// How a command ended that did what it could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything worked.
    Success,
    /// Something did not work, and has been said.
    Trouble,
}

/// Why a command did not do its work.
#[derive(Debug)]
pub struct Failure {
    /// What to print; empty where nobody reads.
    pub message: String,
    /// The exit status.
    pub status: u8,
}

impl Failure {
    /// A failure at run time.
    #[must_use]
    pub fn run_time(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: 1 }
    }

    /// Bad usage or settings.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: 2 }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<StoreUrlError> for Failure {
    fn from(error: StoreUrlError) -> Self {
        Self::usage(format!("store.url: {error}"))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        // The cause of a database error may quote a value, but opening and settings do not.
        let cause = match error.source().and_then(|source| source.downcast_ref::<sqlx::Error>()) {
            Some(sqlx::Error::Io(io)) => format!(" ({io})"),
            Some(sqlx::Error::PoolTimedOut) => " (no connection in time)".to_owned(),
            _ => String::new(),
        };
        Self::run_time(format!("store: {error}{cause}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            // Whoever read the output has seen enough (`| head`): nothing to say, and the exit status is
            // that of a program that SIGPIPE ended.
            return Self { message: String::new(), status: 141 };
        }
        Self::run_time(error.to_string())
    }
}

/// Reads the settings.
pub(super) fn settings(file: &Path) -> Result<Config, Failure> {
    let mut config = Config::load(file, variables())?;
    // What the site keeps belongs to the registry, as far as this machine knows it.
    config.registry = config.lists.with(&kept_copy(&config.journal.dir)).registry;
    // As a serving process and `check` do, or one command would take what another refuses.
    config.refuse_far_mergers(config.registry.local_day(None, Clock::system().now()))?;
    Ok(config)
}

/// The environment variables; those that are no Unicode cannot be settings of ours.
pub(super) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Opens the store that the settings name.
pub(super) async fn store(config: &Config) -> Result<Store, Failure> {
    Ok(Store::open(&StoreUrl::parse(&config.store.url)?).await?)
}

/// Runs a command's async part.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
