//! Spans for an OpenTelemetry back end, made from recorded exchanges.
//!
//! Owns the mapping (OpenTelemetry semantic conventions for HTTP server spans) and what is sent of
//! them. A span is made from an event, so it cannot hold what an event cannot: of what the
//! conventions require, `url.path` and `url.scheme` are left out, since a path holds identifiers. Export may
//! drop, which is counted (`wire`); the journal is the record.

mod wire;

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer, TracerProvider,
};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, IdGenerator, SdkTracer, SdkTracerProvider,
};
use prometheus::IntCounter;
use tokio::runtime::Runtime;

use self::wire::Account;
use crate::domain::event::Exchange;
use crate::domain::labels::{Environment, Outcome, Source};
use crate::domain::names::{AppId, ClinicId, InstanceId};
use crate::domain::otlp::{self, Otlp};
use crate::domain::reason::Reason;
use crate::domain::trace_context::{TraceId as OfTrace, TraceParent};

/// Why spans cannot be exported.
#[derive(Debug, thiserror::Error)]
#[error("the OTLP exporter cannot be made; check telemetry.otlp_endpoint")]
pub struct SpansError(#[source] opentelemetry_otlp::ExporterBuildError);

/// Where exchanges become spans.
pub struct Spans {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    account: Arc<Account>,
    sample_percent: u64,
    /// Kept for as long as spans leave.
    _runtime: Option<Runtime>,
}

impl Spans {
    /// Starts exporting what this instance records. `dropped` counts what does not arrive. Has to be
    /// called outside any async runtime: over HTTP the exporter's client is a blocking one with its own thread.
    /// Further resource attributes and headers for the back end come from `OTEL_RESOURCE_ATTRIBUTES` and
    /// `OTEL_EXPORTER_OTLP_HEADERS` (OpenTelemetry, "Environment Variable Specification").
    ///
    /// # Errors
    ///
    /// [`SpansError`] if the endpoint is no URL.
    pub fn start(
        otlp: &Otlp,
        version: &'static str,
        (instance, environment): (&InstanceId, Environment),
        dropped: &IntCounter,
    ) -> Result<Self, SpansError> {
        // The exporter's HTTP client takes the process's provider; a second one is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let account = Account::new(dropped.clone());
        let made = wire::exporter(&otlp.endpoint, otlp.protocol, Arc::clone(&account));
        let (exporter, runtime) = made.map_err(SpansError)?;
        let resource = Resource::builder()
            .with_attributes([
                KeyValue::new("service.name", "accuscope"),
                KeyValue::new("service.version", version),
                KeyValue::new("service.instance.id", instance.as_str().to_owned()),
                KeyValue::new("deployment.environment.name", environment.as_str()),
            ])
            .build();
        // The account lets no more in than the queue holds, so the SDK itself never drops.
        let batches = BatchConfigBuilder::default().with_max_queue_size(wire::MOST_WAITING).build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_id_generator(EventIds)
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("accuscope");
        let sample_percent = otlp.sample_percent;
        Ok(Self { provider, tracer, account, sample_percent, _runtime: runtime })
    }

    /// Whether a call becomes a span: see [`otlp::is_sampled`].
    #[must_use]
    pub fn is_sampled(&self, app: Option<TraceParent>, trace_id: OfTrace) -> bool {
        otlp::is_sampled(app, trace_id, self.sample_percent)
    }

    /// Makes a span of an exchange. `parent` is what the app's `traceparent` said; ids in it that could
    /// be numbers that name a person are left out, and so is the link to the app's span.
    pub fn export(&self, exchange: &Exchange, parent: Option<TraceParent>) {
        if !self.is_sampled(parent, exchange.trace_id) || !self.account.admit() {
            return;
        }
        let micros = u64::try_from(exchange.ts.micros()).unwrap_or(0);
        let start = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        let parent = parent
            .filter(|parent| parent.trace_id == exchange.trace_id && parent.span_id.has_letter());
        let context = parent.map_or_else(Context::new, |parent| {
            let parent = SpanContext::new(
                parent.trace_id.bits().into(),
                parent.span_id.bits().into(),
                TraceFlags::SAMPLED,
                true,
                TraceState::default(),
            );
            Context::new().with_remote_span_context(parent)
        });
        let mut builder = SpanBuilder::from_name(format!("{} {}", exchange.method, exchange.route));
        builder.span_kind = Some(SpanKind::Server);
        builder.start_time = Some(start);
        builder.attributes = Some(attributes(exchange));
        // The ids went out in `traceparent` long before the span is made.
        NEXT_IDS.set((exchange.trace_id.bits(), exchange.span_id.bits()));
        let mut span = self.tracer.build_with_context(builder, &context);
        if exchange.status >= 500 {
            span.set_status(Status::error(""));
        }
        span.end_with_timestamp(start + Duration::from_micros(exchange.duration_us));
    }

    /// Sends what is left. Blocks; to be called outside any async runtime.
    pub fn stop(&self) {
        // What cannot be sent at the end is lost by design; the journal has it.
        drop(self.provider.shutdown());
    }
}

thread_local! {
    /// Trace and span id of the span that this thread makes next.
    static NEXT_IDS: Cell<(u128, u64)> = const { Cell::new((0, 0)) };
}

/// Gives a span the ids of its event; the SDK takes ids from a generator only.
#[derive(Debug)]
struct EventIds;

impl IdGenerator for EventIds {
    fn new_trace_id(&self) -> TraceId {
        NEXT_IDS.get().0.into()
    }

    fn new_span_id(&self) -> SpanId {
        NEXT_IDS.get().1.into()
    }
}

fn attributes(exchange: &Exchange) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("http.request.method", exchange.method.as_str()),
        KeyValue::new("http.route", exchange.route.as_str().to_owned()),
        KeyValue::new("http.response.status_code", i64::from(exchange.status)),
        KeyValue::new("accuscope.operation", exchange.operation.as_str().to_owned()),
        KeyValue::new("accuscope.domain", exchange.domain.as_str()),
        KeyValue::new("accuscope.context", exchange.context.as_str()),
        KeyValue::new("accuscope.outcome", exchange.ending.outcome().as_str()),
        KeyValue::new("accuscope.support_code", exchange.support_code.to_string()),
    ];
    if exchange.source != Source::Upstream {
        attributes.push(KeyValue::new("accuscope.source", exchange.source.as_str()));
    }
    if let Some(clinic) = exchange.clinic.as_ref().map(ClinicId::as_str) {
        attributes.push(KeyValue::new("accuscope.clinic", clinic.to_owned()));
    }
    if let Some(app) = exchange.app.as_ref().map(AppId::as_str) {
        attributes.push(KeyValue::new("accuscope.app", app.to_owned()));
    }
    if let Some(reason) = exchange.ending.reason() {
        attributes.push(KeyValue::new("accuscope.category", reason.category().as_str()));
        attributes.push(KeyValue::new("accuscope.reason", Reason::as_str(reason)));
        if exchange.ending.outcome() == Outcome::Failed {
            attributes.push(KeyValue::new("error.type", reason.as_str()));
        }
    }
    attributes
}
