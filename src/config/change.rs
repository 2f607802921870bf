//! What a new file changes, and what of it a running process can take over.
//!
//! Owns the comparison of two sets of settings. Pure: a value in, a verdict out. Taking it over is
//! `app::reload`'s business.

use std::time::Duration;

use super::Config;
use crate::domain::registry::Registry;

/// Why a new file changes nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeedsRestart {
    /// The environment, or who is behind the proxy: nothing else of the file may be mixed with it.
    #[error("{0} cannot change while the process runs; restart it")]
    Key(&'static str),
    /// The last key went, and with it the door.
    #[error(
        "no app has a key any more, so that everybody could call; keep one, marked revoked, or restart"
    )]
    LastKey,
}

/// The settings that a restart would change, of those that a running process cannot.
///
/// `registry` is what the new settings list, joined with what the site keeps.
///
/// # Errors
///
/// [`NeedsRestart`] where nothing of the new settings may be taken over.
pub fn waits_for_restart(
    now: &Config,
    new: &Config,
    keys_needed: bool,
    registry: &Registry,
) -> Result<Vec<&'static str>, NeedsRestart> {
    if now.environment != new.environment {
        return Err(NeedsRestart::Key("environment"));
    }
    if now.upstream.base_url != new.upstream.base_url {
        return Err(NeedsRestart::Key("upstream.base_url"));
    }
    if now.proxy.tls.is_some() != new.proxy.tls.is_some() {
        return Err(NeedsRestart::Key("proxy.tls (on or off)"));
    }
    if keys_needed && !registry.requires_keys() {
        return Err(NeedsRestart::LastKey);
    }
    let same = |one: Duration, other: Duration| one == other;
    let checks = [
        ("proxy.listen", now.proxy.listen == new.proxy.listen),
        ("proxy.max_connections", now.proxy.max_connections == new.proxy.max_connections),
        (
            "upstream.connect_timeout",
            same(now.upstream.connect_timeout, new.upstream.connect_timeout),
        ),
        (
            "upstream.pool_idle_timeout",
            same(now.upstream.pool_idle_timeout, new.upstream.pool_idle_timeout),
        ),
        ("ops.listen", now.ops.listen == new.ops.listen),
        ("ops.auth", now.ops.auth == new.ops.auth),
        ("ops.oidc", now.ops.oidc == new.ops.oidc),
        ("telemetry.listen", now.telemetry.listen == new.telemetry.listen),
        (
            "telemetry.otlp_endpoint, _protocol or _sample_percent",
            now.telemetry.otlp == new.telemetry.otlp,
        ),
        ("alerts.webhook", now.alerts_webhook == new.alerts_webhook),
        ("alerts.alertmanager_url, _user or _secret_file", now.alertmanager == new.alertmanager),
        ("digest", now.digest == new.digest),
        ("store.url", now.store.url == new.store.url),
        ("journal.dir", now.journal.dir == new.journal.dir),
        ("journal.segment_bytes", now.journal.segment_bytes == new.journal.segment_bytes),
        ("retry, breaker, limits, idempotency, cache or writes", now.admission == new.admission),
        ("retention", now.retention == new.retention),
        ("audit.signing_key", now.audit.signing_key == new.audit.signing_key),
        ("catalogue.file", now.catalogue_file == new.catalogue_file),
        ("adoption", now.adoption == new.adoption),
    ];
    Ok(checks.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect())
}

impl Config {
    /// Takes over what a running process can, to compare the next file with.
    pub fn take_live(&mut self, new: Self) {
        self.proxy.tls = new.proxy.tls;
        self.proxy.readiness_delay = new.proxy.readiness_delay;
        self.proxy.drain_timeout = new.proxy.drain_timeout;
        self.proxy.head_timeout = new.proxy.head_timeout;
        self.proxy.body_idle_timeout = new.proxy.body_idle_timeout;
        self.proxy.max_head_bytes = new.proxy.max_head_bytes;
        self.upstream.response_timeout = new.upstream.response_timeout;
        self.telemetry.log_level = new.telemetry.log_level;
        self.privacy = new.privacy;
        self.lists = new.lists;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(lines: &str) -> Config {
        let base = if lines.contains("base_url") {
            ""
        } else {
            "upstream.base_url = \"http://127.0.0.1:9000\"\n"
        };
        let environment =
            if lines.contains("environment") { "" } else { "environment = \"sandbox\"\n" };
        let text = format!("{environment}{base}{lines}");
        Config::parse(&text, Path::new("a.toml"), std::iter::empty())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn waits(now: &Config, new: &Config, keys: bool) -> Result<Vec<&'static str>, NeedsRestart> {
        waits_for_restart(now, new, keys, &new.registry)
    }

    #[test]
    fn what_waits_for_a_restart_is_named_and_what_does_not_is_not() {
        let now = config("");
        for (line, expected) in [
            ("", Ok(vec![])),
            ("upstream.response_timeout = \"1s\"", Ok(vec![])),
            ("telemetry.log_level = \"warn\"", Ok(vec![])),
            (
                "[[clinics]]\nid = \"a\"\nname = \"A\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"",
                Ok(vec![]),
            ),
            (
                "proxy.listen = \"127.0.0.1:1\"\nstore.url = \"sqlite:other.db\"",
                Ok(vec!["proxy.listen", "store.url"]),
            ),
            ("proxy.max_connections = 7", Ok(vec!["proxy.max_connections"])),
            ("environment = \"production\"", Err(NeedsRestart::Key("environment"))),
            (
                "upstream.base_url = \"http://127.0.0.1:1\"",
                Err(NeedsRestart::Key("upstream.base_url")),
            ),
            (
                "proxy.tls = { certificate = \"a\", key = \"b\" }",
                Err(NeedsRestart::Key("proxy.tls (on or off)")),
            ),
        ] {
            assert_eq!(waits(&now, &config(line), false), expected, "{line}");
        }
        assert_eq!(waits(&now, &config(""), true), Err(NeedsRestart::LastKey));
    }
}
