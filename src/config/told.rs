//! What of the settings may be told to people who see them: no secret, no path, no address that could hold
//! either.

use std::net::SocketAddr;

use super::{Config, OpsAuth};
use crate::domain::labels::Environment;
use crate::domain::names::KeyId;

/// Settings as they may be shown.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a line of its own on the page")]
pub struct Told {
    /// Which Accuro.
    pub environment: Environment,
    /// Its address, without a path.
    pub upstream: String,
    /// Whether a list says that it is of this environment.
    pub has_host_list: bool,
    /// Tenants of the other environment that the file lists.
    pub other_tenants: usize,
    /// The listener for apps.
    pub proxy: SocketAddr,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Whether apps must show certificates.
    pub client_certificates: bool,
    /// The listener for people.
    pub ops: SocketAddr,
    /// The listener for Prometheus.
    pub telemetry: SocketAddr,
    /// Which database.
    pub store: &'static str,
    /// Names of the keys of references.
    pub keys: Vec<KeyId>,
    /// The one that makes new references.
    pub active_key: KeyId,
    /// Whether the audit's checkpoints are signed.
    pub signs: bool,
    /// Whether a file overlays the catalogue.
    pub overlay: bool,
    /// How people sign in.
    pub auth: OpsAuth,
    /// With which provider.
    pub issuer: Option<String>,
    /// Whether spans are sent.
    pub spans: bool,
    /// Whether steps of incidents are posted.
    pub webhook: bool,
    /// Whether silences are looked up and set.
    pub silences: bool,
    /// Whether a weekly letter about adoption is sent.
    pub letters: bool,
}

impl Config {
    /// What may be told.
    #[must_use]
    pub fn told(&self) -> Told {
        let base = &self.upstream.base_url;
        Told {
            environment: self.environment,
            upstream: base.origin(),
            has_host_list: self.has_host_list,
            other_tenants: self.lists.other_tenants.len(),
            proxy: self.proxy.listen,
            tls: self.proxy.tls.is_some(),
            client_certificates: self.proxy.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some()),
            ops: self.ops.listen,
            telemetry: self.telemetry.listen,
            store: if self.store.url.starts_with("postgres") { "PostgreSQL" } else { "SQLite" },
            keys: self.privacy.key_files.iter().map(|(key, _)| key.clone()).collect(),
            active_key: self.privacy.active_key.clone(),
            signs: self.audit.signing_key.is_some(),
            overlay: self.catalogue_file.is_some(),
            auth: self.ops.auth,
            issuer: self.ops.oidc.as_ref().map(|oidc| oidc.issuer.clone()),
            spans: self.telemetry.otlp.is_some(),
            webhook: self.alerts_webhook.is_some(),
            silences: self.alertmanager.is_some(),
            letters: self.digest.is_some(),
        }
    }
}
