//! Why a process does not start: one line, naming what is wrong.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::tls::TlsError;
use crate::config::ConfigError;
use crate::domain::catalogue::CatalogueError;
use crate::domain::names::KeyId;
use crate::journal::JournalError;
use crate::journal::audit::key::SealKeyError;
use crate::keys::KeyError;
use crate::ops::{AlertmanagerSecretError, OidcSecretError};
use crate::proxy::ProxyError;
use crate::store::StoreUrlError;
use crate::telemetry::spans::SpansError;

/// Why a process does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys of references.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A key of references is not the one it was.
    #[error(
        "the key {key} is not the one that made references under this name before ({} remembers it); \
         bring the old file back, or list the new key under a name of its own and make that active",
        prints.display()
    )]
    KeyChanged {
        /// The key's name.
        key: KeyId,
        /// Where its fingerprint is.
        prints: PathBuf,
    },
    /// The fingerprints of keys cannot be read.
    #[error(
        "{}: line {line} is damaged, so whether a key of references was changed cannot be told; bring the \
         file back from a backup or, if every key file is the one it was, remove it to have it made anew",
        prints.display()
    )]
    KeyPrints {
        /// The file.
        prints: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// The key that signs the audit's checkpoints.
    #[error("audit.signing_key: {0}")]
    SealKey(#[from] SealKeyError),
    /// The settings, together with what the site keeps.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The embedded catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The operator's catalogue.
    #[error("catalogue.file: {}: {source}", file.display())]
    Overlay {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        source: CatalogueError,
    },
    /// The operator's catalogue cannot be read.
    #[error("catalogue.file: {}: cannot be read ({source})", file.display())]
    CatalogueFile {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store's URL.
    #[error("store.url: {0}")]
    StoreUrl(#[from] StoreUrlError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A listener.
    #[error("{key}: cannot listen on {address} ({source}); is another program using the port?")]
    Listen {
        /// The setting.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system does not tell a listener's address.
    #[error("a listener cannot be used ({0})")]
    Address(#[source] std::io::Error),
    /// The client for the upstream.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The exporter of spans.
    #[error(transparent)]
    Spans(#[from] SpansError),
    /// TLS on the proxy's listener.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Something was handed over that is no TCP socket.
    #[error("the socket {number} of those handed over (LISTEN_FDS) is no TCP listener")]
    HandedNoTcp {
        /// Which, counted from 1.
        number: usize,
    },
    /// A socket was handed over that no setting means.
    #[error(
        "a socket that listens on {address} was handed over (LISTEN_FDS), but none of proxy.listen, ops.listen and telemetry.listen is that address"
    )]
    HandedStranger {
        /// Its address.
        address: SocketAddr,
    },
    /// The secret of the sign-in provider.
    #[error(transparent)]
    OidcSecret(#[from] OidcSecretError),
    /// The secret of Alertmanager.
    #[error(transparent)]
    AlertmanagerSecret(#[from] AlertmanagerSecretError),
}
