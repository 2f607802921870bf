//! What listeners must be like: different from each other, and open to others only with a door.
//!
//! Owns `proxy.tls` and the checks between listeners, sign-in and app keys. Does not bind.

use std::net::SocketAddr;
use std::path::PathBuf;

use toml::Value;

use super::error::ConfigError;
use super::known::TLS_KEYS;
use super::source::Source;
use super::{Config, OpsAuth};
use crate::domain::registry::Registry;

/// `proxy.tls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// The certificate and those that lead to its root, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
    /// Who must have signed the certificates that apps show; `None` if they need none.
    pub client_ca: Option<PathBuf>,
}

/// `proxy.tls`; an empty table is plain HTTP.
pub(super) fn tls(source: &Source) -> Result<Option<TlsConfig>, ConfigError> {
    let key = "proxy.tls";
    let value = source.value(key)?;
    let expected = "the files certificate and key, and client_ca if apps must show certificates";
    let table = value.as_table().ok_or_else(|| source.wrong(key, expected))?;
    if table.is_empty() {
        return Ok(None);
    }
    for name in table.keys() {
        source.must_be_known(TLS_KEYS, name)?;
    }
    let file = |name: &str| match table.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(PathBuf::from(text))),
        Some(_) => Err(source.wrong(key, expected)),
    };
    match (file("certificate")?, file("key")?, file("client_ca")?) {
        (Some(certificate), Some(key), client_ca) => {
            Ok(Some(TlsConfig { certificate, key, client_ca }))
        }
        (None, None, None) => Ok(None),
        _ => Err(source.wrong(key, expected)),
    }
}

/// Refuses listeners that would be open to everybody, or that are one and the same.
pub(super) fn refuse(source: &Source, config: &Config) -> Result<(), ConfigError> {
    if config.ops.auth == OpsAuth::Off && !config.ops.listen.ip().is_loopback() {
        return Err(source.wrong("ops.auth", "\"off\" only where ops.listen is loopback"));
    }
    let listeners = [
        ("proxy.listen", config.proxy.listen),
        ("ops.listen", config.ops.listen),
        ("telemetry.listen", config.telemetry.listen),
    ];
    for (at, (key, address)) in listeners.iter().enumerate() {
        if let Some((other, _)) = listeners[..at].iter().find(|(_, other)| clash(*address, *other))
        {
            return Err(source.wrong(key, &format!("another address than {other}")));
        }
    }
    Ok(())
}

impl Config {
    /// Refuses a listener for apps that is open to everybody: one beyond this machine, while no app has a
    /// key, neither in the file nor on the site.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], naming the key.
    pub fn refuse_open_door(&self, registry: &Registry) -> Result<(), ConfigError> {
        if registry.requires_keys() || self.proxy.listen.ip().is_loopback() {
            return Ok(());
        }
        let expected = "a loopback address as long as no app has a key: anybody could call Accuro through it (give [[apps]] keys)";
        Err(self.lists.wrong("proxy.listen", expected))
    }
}

/// Whether two addresses cannot both be bound. Port 0 is a fresh one each time.
fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    let overlap =
        one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && overlap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_clash_where_both_cannot_be_bound() {
        for (one, other, expected) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("0.0.0.0:80", "127.0.0.1:80", true),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ] {
            let address = |text: &str| text.parse::<SocketAddr>().unwrap();
            assert_eq!(clash(address(one), address(other)), expected, "{one} {other}");
        }
    }
}
