//! TLS on the proxy's listener: from files to what the listener works with.
//!
//! Owns the reading of certificate, key and authorities, and the words for what is wrong with them.
//! Used at start, by every reload, and by `check`. Does not accept connections.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::config::TlsConfig;
use crate::domain::time::Timestamp;

/// Why no TLS can be offered. It never repeats what is in a file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{key}: the file {} cannot be read ({source})", file.display())]
    Unreadable {
        /// The setting.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("{key}: the file {} holds no {what} in PEM", file.display())]
    NotPem {
        /// The setting.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The key belongs to another certificate.
    #[error("proxy.tls.key: the file {} is not the key of the certificate in {}", key.display(), certificate.display())]
    OtherKey {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// The certificate or the key is of no use.
    #[error("proxy.tls: certificate and key cannot be used ({0})")]
    Unusable(#[source] rustls::Error),
    /// The authorities are of no use.
    #[error("proxy.tls.client_ca: the file {} holds no authority that can be used", file.display())]
    NoAuthority {
        /// The file.
        file: PathBuf,
    },
}

/// What the listener works with, and until when.
pub struct ServerTls {
    /// For the handshakes.
    pub config: Arc<ServerConfig>,
    /// When the certificate ends.
    pub not_after: Timestamp,
}

const CERTIFICATE: &str = "proxy.tls.certificate";
const KEY: &str = "proxy.tls.key";
const CLIENT_CA: &str = "proxy.tls.client_ca";

/// Reads the files and puts the server's side of TLS together: TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1.
///
/// # Errors
///
/// [`TlsError`], naming setting, file and what is wrong.
pub fn load(settings: &TlsConfig) -> Result<ServerTls, TlsError> {
    let chain = certificates(CERTIFICATE, &settings.certificate)?;
    let not_after = end_of(&chain[0]).ok_or_else(|| TlsError::NotPem {
        key: CERTIFICATE,
        file: settings.certificate.clone(),
        what: "certificate",
    })?;
    let key = PrivateKeyDer::from_pem_slice(&read(KEY, &settings.key)?).map_err(|_| {
        TlsError::NotPem { key: KEY, file: settings.key.clone(), what: "private key" }
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unusable)?;
    let builder = match &settings.client_ca {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let no_authority = || TlsError::NoAuthority { file: file.clone() };
            let mut roots = RootCertStore::empty();
            let (added, _) = roots.add_parsable_certificates(certificates(CLIENT_CA, file)?);
            if added == 0 {
                return Err(no_authority());
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                .build()
                .map_err(|_| no_authority())?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => TlsError::OtherKey {
            key: settings.key.clone(),
            certificate: settings.certificate.clone(),
        },
        error => TlsError::Unusable(error),
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(ServerTls { config: Arc::new(config), not_after })
}

fn read(key: &'static str, file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|source| TlsError::Unreadable {
        key,
        file: file.to_owned(),
        source,
    })
}

fn certificates(key: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(key, file)?).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(|| TlsError::NotPem {
        key,
        file: file.to_owned(),
        what: "certificate",
    })
}

fn end_of(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(Timestamp::from_seconds(parsed.validity().not_after.timestamp()))
}
