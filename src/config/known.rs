//! Every key, with its default and an example: the one list behind checks, messages and docs.

/// One key.
pub(super) struct Known {
    /// Its full name.
    pub(super) key: &'static str,
    /// Its default as TOML; `None` if the file has to say.
    pub(super) default: Option<&'static str>,
    /// A correct value as TOML.
    pub(super) example: &'static str,
}

const fn known(key: &'static str, default: &'static str) -> Known {
    Known { key, default: Some(default), example: default }
}

/// The keys outside lists.
pub(super) const KEYS: &[Known] = &[
    Known { key: "environment", default: None, example: "\"sandbox\"" },
    known("proxy.listen", "\"127.0.0.1:8080\""),
    Known {
        key: "proxy.tls",
        default: Some("{}"),
        example: "{ certificate = \"tls/proxy.crt\", key = \"tls/proxy.key\" }",
    },
    known("proxy.readiness_delay", "\"0s\""),
    known("proxy.drain_timeout", "\"25s\""),
    known("proxy.head_timeout", "\"10s\""),
    known("proxy.body_idle_timeout", "\"60s\""),
    known("proxy.max_head_bytes", "32768"),
    known("proxy.max_connections", "10000"),
    known("proxy.read_only", "false"),
    Known { key: "upstream.base_url", default: None, example: "\"http://127.0.0.1:9000\"" },
    known("upstream.connect_timeout", "\"2s\""),
    known("upstream.response_timeout", "\"30s\""),
    known("upstream.pool_idle_timeout", "\"20s\""),
    known("upstream.allowed_hosts", "[]"),
    known("environments.sandbox.allowed_hosts", "[]"),
    known("environments.sandbox.tenants", "[]"),
    known("environments.production.allowed_hosts", "[]"),
    known("environments.production.tenants", "[]"),
    known("retry.most_sends", "2"),
    known("retry.budget_percent", "10"),
    known("retry.pause", "\"100ms\""),
    known("retry.longest_pause", "\"2s\""),
    known("breaker.enabled", "true"),
    known("breaker.min_samples", "20"),
    known("breaker.failure_percent", "50"),
    known("breaker.window", "\"10s\""),
    known("breaker.open", "\"10s\""),
    known("breaker.flap_openings", "3"),
    known("breaker.flap_within", "\"10m\""),
    known("breaker.flap_hold", "\"5m\""),
    known("limits.app_per_minute", "0"),
    known("limits.clinic_per_minute", "0"),
    known("limits.max_in_flight", "1000"),
    known("limits.min_in_flight", "20"),
    known("idempotency.remember", "\"24h\""),
    known("idempotency.replay", "\"2m\""),
    known("idempotency.shared", "true"),
    known("cache.coalesce", "false"),
    known("cache.ttl", "\"0s\""),
    known("cache.stale", "\"10m\""),
    known("cache.max_bytes", "16777216"),
    known("ops.listen", "\"127.0.0.1:8081\""),
    known("ops.auth", "\"local\""),
    Known {
        key: "ops.oidc",
        default: Some("{}"),
        example: "{ issuer = \"https://login.example\", client_id = \"accuscope\", client_secret_file = \"keys/oidc\", site = \"https://ops.example\", groups = { desk = \"support\" } }",
    },
    known("telemetry.listen", "\"127.0.0.1:9464\""),
    known("telemetry.otlp_endpoint", "\"\""),
    known("telemetry.otlp_protocol", "\"http/protobuf\""),
    known("telemetry.otlp_sample_percent", "100"),
    known("telemetry.log_level", "\"info\""),
    known("alerts.webhook", "\"\""),
    Known {
        key: "alerts.alertmanager_url",
        default: Some("\"\""),
        example: "\"http://127.0.0.1:9093\"",
    },
    known("alerts.alertmanager_user", "\"\""),
    Known {
        key: "alerts.alertmanager_secret_file",
        default: Some("\"\""),
        example: "\"keys/alertmanager\"",
    },
    Known { key: "digest.server", default: Some("\"\""), example: "\"smtps://mail.example:465\"" },
    Known { key: "digest.user", default: Some("\"\""), example: "\"accuscope\"" },
    Known { key: "digest.password_file", default: Some("\"\""), example: "\"keys/smtp\"" },
    Known {
        key: "digest.from",
        default: Some("\"\""),
        example: "\"accuscope <ops@clinic.example>\"",
    },
    Known { key: "digest.to", default: Some("[]"), example: "[\"manager@clinic.example\"]" },
    known("digest.day", "\"monday\""),
    known("digest.hour", "7"),
    Known { key: "digest.timezone", default: Some("\"UTC\""), example: "\"America/Vancouver\"" },
    Known { key: "digest.language", default: Some("\"en\""), example: "\"fr\"" },
    Known { key: "digest.site", default: Some("\"\""), example: "\"https://ops.example\"" },
    known("store.url", "\"sqlite:accuscope.db\""),
    known("journal.dir", "\"journal\""),
    known("journal.segment_bytes", "67108864"),
    Known {
        key: "audit.signing_key",
        default: Some("{}"),
        example: "{ file = \"keys/audit.pem\" }",
    },
    known("privacy.active_key", "\"k1\""),
    known("privacy.keys", "{ k1 = { file = \"keys/k1\" } }"),
    known("retention.events", "\"90d\""),
    known("retention.patient_references", "\"90d\""),
    known("retention.actor_references", "\"760d\""),
    known("retention.minute_figures", "\"2d\""),
    known("retention.hour_figures", "\"90d\""),
    known("retention.day_figures", "\"760d\""),
    known("retention.incidents", "\"760d\""),
    known("retention.access", "\"30d\""),
    known("retention.diagnoses", "\"90d\""),
    known("retention.journal", "\"90d\""),
    known("retention.audit", "\"10y\""),
    known("catalogue.file", "\"\""),
    known("adoption.staff_percent", "70"),
    known("adoption.first_time_percent", "98.5"),
    known("adoption.weeks", "2"),
    known("adoption.tasks", "3"),
    known("adoption.active_days", "8"),
    Known {
        key: "adoption.phases",
        default: Some("{}"),
        example: "{ pilot = { staff_percent = 50 } }",
    },
];

/// The keys of one `[[clinics]]` entry.
pub(super) const CLINIC_KEYS: &[Known] = &[
    Known { key: "id", default: None, example: "\"maple-ridge\"" },
    Known { key: "name", default: None, example: "\"Maple Ridge Family Practice\"" },
    Known { key: "tenant", default: None, example: "\"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"" },
    Known {
        key: "tenants",
        default: Some("{}"),
        example: "{ sandbox = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\" }",
    },
    Known { key: "timezone", default: Some("\"UTC\""), example: "\"America/Vancouver\"" },
    Known { key: "phase", default: Some("\"onboarding\""), example: "\"pilot\"" },
    Known { key: "went_live", default: Some("\"\""), example: "2026-09-14" },
    Known { key: "enabled", default: Some("\"\""), example: "2026-09-01" },
    Known { key: "invited_staff", default: Some("0"), example: "24" },
    Known { key: "hours", default: Some("[]"), example: "[\"mon-fri 08:00-17:00\"]" },
    Known { key: "holidays", default: Some("[]"), example: "[2026-12-25]" },
    Known { key: "gates", default: Some("{}"), example: "{ staff_percent = 50 }" },
    Known { key: "merged_into", default: Some("\"\""), example: "\"lakeshore\"" },
    Known { key: "merged_on", default: Some("\"\""), example: "2026-12-01" },
];

/// The keys of one `[[notes]]` entry.
pub(super) const NOTE_KEYS: &[Known] = &[
    Known { key: "date", default: None, example: "2026-11-03" },
    Known { key: "kind", default: Some("\"other\""), example: "\"training\"" },
    Known { key: "text", default: None, example: "\"Training at the front desk\"" },
    Known { key: "clinics", default: Some("[]"), example: "[\"maple-ridge\"]" },
];

/// The keys of one `[[apps]]` entry.
pub(super) const APP_KEYS: &[Known] = &[
    Known { key: "id", default: None, example: "\"intake-web\"" },
    Known { key: "name", default: None, example: "\"Intake tablet\"" },
    Known {
        key: "key_sha256",
        default: Some("\"\""),
        example: "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
    },
    Known {
        key: "keys",
        default: Some("[]"),
        example: "[{ id = \"2026-11\", sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\" }]",
    },
    Known { key: "clinics", default: Some("[]"), example: "[\"maple-ridge\"]" },
];

/// The keys of one entry of an app's `keys`.
pub(super) const KEY_KEYS: &[Known] = &[
    known("id", "\"2026-11\""),
    known("sha256", "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""),
    known("environment", "\"production\""),
    known("not_after", "2027-01-31"),
    known("revoked", "false"),
];

/// The keys of `proxy.tls`.
pub(super) const TLS_KEYS: &[Known] = &[
    known("certificate", "\"tls/proxy.crt\""),
    known("key", "\"tls/proxy.key\""),
    known("client_ca", "\"tls/apps-ca.crt\""),
];

/// The keys of `ops.oidc`.
pub(super) const OIDC_KEYS: &[Known] = &[
    Known { key: "issuer", default: None, example: "\"https://login.example\"" },
    Known { key: "client_id", default: None, example: "\"accuscope\"" },
    Known { key: "client_secret_file", default: None, example: "\"keys/oidc\"" },
    Known { key: "site", default: None, example: "\"https://ops.example\"" },
    known("scopes", "[\"profile\"]"),
    known("groups_claim", "\"groups\""),
    known("accounts", "false"),
    Known { key: "groups", default: None, example: "{ desk = \"support\" }" },
    known("clinics", "{}"),
];

/// The known key that a person most likely meant.
pub(super) fn nearest(keys: &[Known], wrong: &str) -> Option<&'static str> {
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    let wrong_last = wrong.rsplit('.').next().unwrap_or(wrong);
    let score = |known: &Known| {
        0.6 * strsim::jaro_winkler(known.key, wrong)
            + 0.4 * strsim::jaro_winkler(last(known.key), wrong_last)
    };
    keys.iter()
        .map(|known| (score(known), known.key))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}
