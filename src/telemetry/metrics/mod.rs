//! Every metric of accuscope, in one struct; the help text stands beside the field.
//!
//! Owns names, labels and buckets, and the counting of one exchange; [`openmetrics`] is the second form
//! that they are told in, [`exemplars`] the trace ids in it. No identifier, path or token is
//! ever a label; clinics come from the registry, so their number is bounded by configuration.

mod exemplars;
mod listed;
mod openmetrics;

use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::domain::admission::class::RouteClass;
use crate::domain::admission::read_only::ReadOnlyCause;
use crate::domain::admission::retry::Withheld;
use crate::domain::auth_watch::AuthState;
use crate::domain::event::Exchange;
use crate::domain::labels::{Category, Context, Source, WorkflowDomain};
use crate::domain::names::ClinicId;
use crate::domain::reason::Reason;
use crate::domain::trace_context::TraceId;
use crate::telemetry::tripwire;

pub use listed::{Listed, listed};
pub use openmetrics::Format;

/// The value of a label where there is nothing to say.
pub const NONE: &str = "none";
/// The value of the label `upstream`: there is one.
pub const UPSTREAM: &str = "accuro";

const SECONDS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0];
const OVERHEAD_SECONDS: &[f64] =
    &[0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0];

const COMMIT_SECONDS: &[f64] =
    &[0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// Declares the struct, registers each metric and lists their names.
macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $field:ident: $kind:ty = $name:literal $([$($label:literal),+])? $(buckets $buckets:ident)?,)+) => {
        /// The metrics of one process.
        pub struct Metrics {
            registry: Registry,
            exemplars: exemplars::Kept,
            $($(#[doc = $help])+ pub $field: $kind,)+
        }

        /// Every metric and its labels; histograms add suffixes and the label `le`.
        pub const EXPORTED: &[(&str, &[&str])] = &[$(($name, &[$($($label),+)?]),)+];

        /// What each metric of [`EXPORTED`] tells, and its type in the code, in the same order.
        pub const DESCRIBED: &[(&str, &str)] = &[$((concat!($($help),+), stringify!($kind)),)+];

        impl Metrics {
            fn build() -> Result<Self, prometheus::Error> {
                let registry = Registry::new();
                $(
                    let help = concat!($($help),+).trim();
                    let $field = <$kind as Build>::build($name, help, &[$($($label),+)?], metrics!(@buckets $($buckets)?))?;
                    registry.register(Box::new($field.clone()))?;
                )+
                Ok(Self { registry, exemplars: exemplars::Kept::default(), $($field,)+ })
            }
        }
    };
    (@buckets) => { &[] };
    (@buckets $buckets:ident) => { $buckets };
}

trait Build: Sized {
    fn build(name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> prometheus::Result<Self>;
}

macro_rules! build {
    ($($kind:ty => |$name:ident, $help:ident, $labels:ident, $buckets:ident| $make:expr;)+) => {
        $(impl Build for $kind {
            fn build($name: &str, $help: &str, $labels: &[&str], $buckets: &[f64]) -> prometheus::Result<Self> {
                let _ = ($labels, $buckets);
                $make
            }
        })+
    };
}

build! {
    IntCounter => |name, help, labels, buckets| Self::new(name, help);
    IntGauge => |name, help, labels, buckets| Self::new(name, help);
    Gauge => |name, help, labels, buckets| Self::new(name, help);
    IntCounterVec => |name, help, labels, buckets| Self::new(Opts::new(name, help), labels);
    IntGaugeVec => |name, help, labels, buckets| Self::new(Opts::new(name, help), labels);
    GaugeVec => |name, help, labels, buckets| Self::new(Opts::new(name, help), labels);
    HistogramVec => |name, help, labels, buckets|
        Self::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels);
    Histogram => |name, help, labels, buckets|
        Self::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()));
}

metrics! {
    /// Calls that ended, by clinic, workflow domain, identity context, outcome and category.
    calls: IntCounterVec = "accuscope_calls_total" ["clinic", "domain", "context", "outcome", "category"],
    /// Calls that ended, by operation, outcome and reason.
    operations: IntCounterVec = "accuscope_operations_total" ["operation", "outcome", "reason"],
    /// What the app waited for, first byte in to last byte out.
    call_duration: HistogramVec = "accuscope_call_duration_seconds" ["domain", "outcome"] buckets SECONDS,
    /// Requests sent to Accuro, by how they came back.
    upstream_requests: IntCounterVec = "accuscope_upstream_requests_total" ["upstream", "result"],
    /// Waiting for Accuro's first byte.
    upstream_duration: HistogramVec = "accuscope_upstream_request_duration_seconds" ["upstream", "domain"] buckets SECONDS,
    /// Time added by accuscope before a request is sent on.
    overhead: Histogram = "accuscope_overhead_seconds" buckets OVERHEAD_SECONDS,
    /// Calls that have begun and not ended.
    in_flight: IntGauge = "accuscope_calls_in_flight",
    /// Patient searches, by clinic and outcome.
    patient_searches: IntCounterVec = "accuscope_patient_searches_total" ["clinic", "outcome"],
    /// Appointment updates, by clinic and outcome.
    appointment_updates: IntCounterVec = "accuscope_appointment_updates_total" ["clinic", "outcome"],
    /// Document fetches, by clinic and outcome.
    document_fetches: IntCounterVec = "accuscope_document_fetches_total" ["clinic", "outcome"],
    /// Whether a clinic can sign in: 0 unknown, 1 ok, 2 failing.
    clinic_auth_state: IntGaugeVec = "accuscope_clinic_auth_state" ["clinic", "context"],
    /// When a clinic's last call began, in seconds since 1970.
    clinic_last_call: IntGaugeVec = "accuscope_clinic_last_call_timestamp_seconds" ["clinic"],
    /// Calls a second that a clinic makes at least in this hour of the week; 0 where none are expected.
    clinic_expected: GaugeVec = "accuscope_clinic_expected_calls_per_second" ["clinic"],
    /// Expected calls that did not come since the clinic's last call.
    clinic_missed: GaugeVec = "accuscope_clinic_missed_calls" ["clinic"],
    /// Sign-ins and refreshes in a row that failed at a clinic.
    token_failures: IntGaugeVec = "accuscope_token_refresh_consecutive_failures" ["clinic"],
    /// Calls that count for the objective of a workflow: all but those that the app broke off.
    sli_events: IntCounterVec = "accuscope_sli_events_total" ["workflow"],
    /// Of those, calls that failed by Accuro or by us; refusals, mistakes of the app and empty answers are not among them.
    sli_bad: IntCounterVec = "accuscope_sli_bad_total" ["workflow"],
    /// When a key of an app ends, in seconds since 1970; keys without an end are left out.
    credential_not_after: IntGaugeVec = "accuscope_credential_not_after_timestamp_seconds" ["name"],
    /// Calls refused by accuscope itself, by reason.
    refusals: IntCounterVec = "accuscope_refusals_total" ["reason"],
    /// Calls with a tenant or clinic that nobody registered.
    unknown_clinic_calls: IntCounter = "accuscope_unknown_clinic_calls_total",
    /// Requests that were no valid HTTP, by problem.
    malformed_requests: IntCounterVec = "accuscope_malformed_requests_total" ["problem"],
    /// When a call last showed an app's key to this process, in seconds since 1970.
    app_key_last_used: IntGaugeVec = "accuscope_app_key_last_used_timestamp_seconds" ["app", "key"],
    /// Handshakes on the proxy listener that did not end in a connection, by cause.
    tls_failures: IntCounterVec = "accuscope_tls_handshake_failures_total" ["cause"],
    /// When the proxy listener's certificate ends, in seconds since 1970; 0 without TLS.
    certificate_expiry: IntGauge = "accuscope_tls_certificate_expiry_timestamp_seconds",
    /// Attempts to take over new settings, by result.
    config_reloads: IntCounterVec = "accuscope_config_reloads_total" ["result"],
    /// Whether the last attempt to take over new settings worked: 1 yes, 0 no.
    config_reload_ok: IntGauge = "accuscope_config_last_reload_successful",
    /// When settings were last taken over, in seconds since 1970.
    config_reload_success: IntGauge = "accuscope_config_last_reload_success_timestamp_seconds",
    /// Whether the file holds settings that wait for a restart: 1 yes, 0 no.
    config_restart_needed: IntGauge = "accuscope_config_restart_needed",
    /// Connections open to the proxy listener.
    connections: IntGauge = "accuscope_proxy_connections",
    /// Events that were to be recorded: each is recorded, queued or dropped, so this is their sum.
    recorder_events: IntCounter = "accuscope_recorder_events_total",
    /// Events that are in the journal.
    recorder_recorded: IntCounter = "accuscope_recorder_recorded_events_total",
    /// Events that wait in memory for the journal's disk.
    recorder_queued: IntGauge = "accuscope_recorder_queued_events",
    /// Events lost because the journal's disk did not take them.
    recorder_dropped: IntCounter = "accuscope_recorder_dropped_events_total",
    /// Whether the journal's last write reached the disk: 1 yes, 0 no.
    journal_writable: IntGauge = "accuscope_journal_writable",
    /// Writing and syncing one group of audit records.
    audit_commit_duration: Histogram = "accuscope_audit_commit_duration_seconds" buckets COMMIT_SECONDS,
    /// Whether the audit can be kept: 1 yes, 0 no, and then writes to Accuro are refused.
    audit_available: IntGauge = "accuscope_audit_available",
    /// Writes that were sent, or may have been, and whose result is not known.
    writes_unresolved: IntGauge = "accuscope_writes_unresolved",
    /// When the oldest of them was asked for, in seconds since 1970; 0 if there is none.
    writes_oldest_unresolved: IntGauge = "accuscope_writes_oldest_unresolved_timestamp_seconds",
    /// Reads that were sent to Accuro again.
    retries: IntCounter = "accuscope_retries_total",
    /// Reads that could have been sent again and were not, by what kept them back.
    retries_withheld: IntCounterVec = "accuscope_retries_withheld_total" ["cause"],
    /// Circuit breakers: 0 closed, 1 open (Accuro is left alone), 2 half open (one call tries).
    breaker_state: IntGaugeVec = "accuscope_breaker_state" ["route_class"],
    /// How often a circuit breaker opened.
    breaker_openings: IntCounterVec = "accuscope_breaker_openings_total" ["route_class"],
    /// Calls refused by a limit of ours, by limit.
    limit_refusals: IntCounterVec = "accuscope_limit_refusals_total" ["limit"],
    /// How many calls may be at Accuro at a time.
    upstream_limit: IntGauge = "accuscope_upstream_concurrency_limit",
    /// Writes with an `Idempotency-Key`, by how their key stood.
    keyed_writes: IntCounterVec = "accuscope_keyed_writes_total" ["standing"],
    /// Reads that could be answered without a call of their own, by what became of them.
    cache_results: IntCounterVec = "accuscope_cache_results_total" ["cache"],
    /// Whether writes are switched off: 1 yes, 0 no, by cause.
    read_only: IntGaugeVec = "accuscope_read_only" ["cause"],
    /// Journalled events that are not in the store yet.
    journal_unindexed: IntGauge = "accuscope_journal_unindexed_events",
    /// Age of the oldest journalled event that is not in the store yet, in seconds.
    index_lag: Gauge = "accuscope_index_lag_seconds",
    /// Lines of the journal that are no events.
    index_skipped: IntCounter = "accuscope_index_skipped_lines_total",
    /// Whether the store answers: 1 yes, 0 no.
    store_up: IntGauge = "accuscope_store_up",
    /// The oldest that is kept, by class of retention, in seconds since 1970; 0 if there is none.
    store_oldest_row: IntGaugeVec = "accuscope_store_oldest_row_timestamp_seconds" ["class"],
    /// Rows and segments removed because they were over their limit, by class of retention.
    retention_removed: IntCounterVec = "accuscope_retention_removed_rows_total" ["class"],
    /// When everything over its limit was last removed, in seconds since 1970; 0 before the first time.
    retention_last_run: IntGauge = "accuscope_retention_last_run_timestamp_seconds",
    /// Incidents that are open, by cause.
    incidents_open: IntGaugeVec = "accuscope_incidents_open" ["cause"],
    /// Tries to send the weekly letter about adoption, by result: sent, or why not.
    letters: IntCounterVec = "accuscope_digest_letters_total" ["result"],
    /// Accounts that looked up unusually many different patients within the last hour.
    unusual_access_accounts: IntGauge = "accuscope_unusual_access_accounts",
    /// A tripwire that has to stay 0: something that looks like an identifier reached a sink.
    redaction_escapes: IntCounterVec = "accuscope_redaction_escapes_total" ["sink"],
    /// Spans that could not be handed to the exporter.
    spans_dropped: IntCounter = "accuscope_spans_dropped_total",
    /// Always 1; version and environment are labels.
    build_info: IntGaugeVec = "accuscope_build_info" ["version", "environment"],
}

/// How a request to Accuro came back: the values of the label `result`.
#[must_use]
pub fn upstream_result(exchange: &Exchange) -> Option<&'static str> {
    // Without a connection nothing is sent, and yet it was Accuro that was asked.
    let no_connection = match exchange.ending.reason() {
        Some(Reason::DnsFailed | Reason::ConnectFailed) => Some("connect_error"),
        Some(Reason::TlsFailed) => Some("tls_error"),
        _ => None,
    };
    if no_connection.is_some() || exchange.attempts == 0 {
        return no_connection;
    }
    let by_reason = match exchange.ending.reason() {
        Some(Reason::ResponseTimeout) => Some("timeout"),
        Some(Reason::RateLimited) => Some("throttled"),
        Some(Reason::BodyBroken | Reason::MalformedBody | Reason::UnexpectedBody) => {
            Some("server_error")
        }
        Some(reason) if reason.category() == Category::Auth => Some("auth"),
        _ => None,
    };
    by_reason.or_else(|| {
        // The app may have hung up before Accuro had said anything.
        Some(match exchange.upstream_status? {
            500.. => "server_error",
            400..=499 => "client_error",
            _ => "ok",
        })
    })
}

impl Metrics {
    /// Registers everything, and creates the series of the registered clinics, so that a rate over a
    /// first failure is not lost.
    #[must_use]
    pub fn new(version: &str, environment: &str, clinics: &[&ClinicId]) -> Self {
        let metrics = Self::build()
            .unwrap_or_else(|error| unreachable!("metric names and labels are constants: {error}"));
        metrics.build_info.with_label_values(&[version, environment]).set(1);
        metrics.journal_writable.set(1);
        metrics.audit_available.set(1);
        metrics.config_reload_ok.set(1);
        for result in ["taken", "refused"] {
            metrics.config_reloads.with_label_values(&[result]);
        }
        metrics.expect_clinics(clinics.iter().copied());
        for result in [
            "ok",
            "client_error",
            "auth",
            "server_error",
            "timeout",
            "connect_error",
            "tls_error",
            "throttled",
        ] {
            metrics.upstream_requests.with_label_values(&[UPSTREAM, result]);
        }
        for reason in Reason::ALL.iter().filter(|reason| reason.category() == Category::Policy) {
            metrics.refusals.with_label_values(&[reason.as_str()]);
        }
        for workflow in WorkflowDomain::ALL {
            metrics.sli_events.with_label_values(&[workflow.as_str()]);
            metrics.sli_bad.with_label_values(&[workflow.as_str()]);
        }
        for class in RouteClass::ALL.iter().map(|class| class.as_str()) {
            metrics.breaker_state.with_label_values(&[class]).set(0);
            metrics.breaker_openings.with_label_values(&[class]);
        }
        for cause in ReadOnlyCause::ALL {
            metrics.read_only.with_label_values(&[cause.as_str()]).set(0);
        }
        for cause in Withheld::ALL {
            metrics.retries_withheld.with_label_values(&[cause.as_str()]);
        }
        metrics
    }

    /// Counts one exchange, exactly once. `trace` is its trace where the id may be shown as an example.
    pub fn count(&self, exchange: &Exchange, trace: Option<TraceId>) {
        let clinic = exchange.clinic.as_ref().map_or(NONE, ClinicId::as_str);
        let domain = exchange.domain.as_str();
        let outcome = exchange.ending.outcome().as_str();
        let category = exchange.ending.category().map_or(NONE, Category::as_str);
        let reason = exchange.ending.reason().map_or(NONE, Reason::as_str);
        let context = exchange.context.as_str();
        self.calls.with_label_values(&[clinic, domain, context, outcome, category]).inc();
        self.operations.with_label_values(&[exchange.operation.as_str(), outcome, reason]).inc();
        let took = seconds(exchange.duration_us);
        self.call_duration.with_label_values(&[domain, outcome]).observe(took);
        if let Some(trace) = trace {
            let series = (exchange.domain, exchange.ending.outcome());
            self.exemplars.call(series, took, trace, exchange.ts);
        }
        if let Some(result) = upstream_result(exchange) {
            self.upstream_requests.with_label_values(&[UPSTREAM, result]).inc();
        }
        // How long Accuro took says nothing where the app broke off first.
        if let Some(waited) = exchange.upstream_us
            && (exchange.upstream_status.is_some()
                || exchange.ending.category() == Some(Category::Transient))
        {
            let waited = seconds(waited);
            self.upstream_duration.with_label_values(&[UPSTREAM, domain]).observe(waited);
            if let Some(trace) = trace {
                self.exemplars.upstream(exchange.domain, waited, trace, exchange.ts);
            }
        }
        self.count_objective(exchange);
        if exchange.source == Source::Accuscope
            && exchange.ending.category() == Some(Category::Policy)
        {
            self.refusals.with_label_values(&[reason]).inc();
        }
        if let Some(counter) = self.domain_counter(exchange) {
            counter.with_label_values(&[clinic, outcome]).inc();
        }
        if exchange.clinic.is_some() {
            self.clinic_last_call.with_label_values(&[clinic]).set(exchange.ts.seconds());
        }
    }

    /// Shows whether a clinic can sign in.
    pub fn show_auth_state(&self, clinic: &ClinicId, context: Context, state: AuthState) {
        let labels = [clinic.as_str(), context.as_str()];
        self.clinic_auth_state.with_label_values(&labels).set(state.number());
    }

    /// The domain outcomes that clinics ask for by name.
    fn domain_counter(&self, exchange: &Exchange) -> Option<&IntCounterVec> {
        match (exchange.operation.as_str(), exchange.domain) {
            ("patient.search" | "patient.public_search", _) => Some(&self.patient_searches),
            ("appointment.update", _) => Some(&self.appointment_updates),
            ("document.read" | "document.list", WorkflowDomain::Documents) => {
                Some(&self.document_fetches)
            }
            _ => None,
        }
    }

    /// The metrics in a format, those of the process included.
    ///
    /// # Errors
    ///
    /// If a metric family is not consistent, which is a bug.
    pub fn encode(&self, format: Format) -> Result<String, prometheus::Error> {
        let escapes = self.redaction_escapes.with_label_values(&["log"]);
        escapes.inc_by(tripwire::touched().saturating_sub(escapes.get()));
        let mut families = self.registry.gather();
        families.extend(prometheus::gather());
        match format {
            Format::Text => TextEncoder::new().encode_to_string(&families),
            Format::OpenMetrics => Ok(openmetrics::write(&families, |name, metric| {
                let label = |name: &str| metric.get_label().iter().find(|it| it.name() == name);
                self.exemplars.of(name, |name| label(name).map(|it| it.value().to_owned()))
            })),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^52 microseconds")]
fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e6
}

#[cfg(test)]
mod tests;
