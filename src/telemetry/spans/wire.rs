//! How spans leave: OTLP over HTTP or gRPC, with an account of those that do not.
//!
//! Owns the exporters and the count of what was lost. What is in a span is not its business.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry_otlp::tonic_types::transport::ClientTlsConfig;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as Exporter};
use prometheus::IntCounter;
use tokio::runtime::{Handle, Runtime};
use tokio_util::context::TokioContext;

use crate::domain::otlp::OtlpProtocol;

/// Most spans that wait to be sent; further ones are dropped and counted.
pub(super) const MOST_WAITING: usize = 2_048;

/// Spans on their way, and those that never arrived.
#[derive(Debug)]
pub(super) struct Account {
    waiting: AtomicUsize,
    dropped: IntCounter,
}

impl Account {
    pub(super) fn new(dropped: IntCounter) -> Arc<Self> {
        Arc::new(Self { waiting: AtomicUsize::new(0), dropped })
    }

    /// Whether there is room for one more span, which waits from now on; if not, it is counted as lost.
    pub(super) fn admit(&self) -> bool {
        let has_room = |waiting| (waiting < MOST_WAITING).then_some(waiting + 1);
        let admitted =
            self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, has_room).is_ok();
        if !admitted {
            self.dropped.inc();
        }
        admitted
    }

    fn taken(&self, spans: usize) {
        self.waiting.fetch_sub(spans, Ordering::Relaxed);
    }

    fn lost(&self, spans: usize) {
        self.dropped.inc_by(spans as u64);
    }
}

/// An exporter that counts what it could not deliver.
#[derive(Debug)]
pub(super) struct Counted {
    exporter: SpanExporter,
    account: Arc<Account>,
    /// Where gRPC's connection lives. The SDK calls from a thread of its own, outside any runtime.
    runtime: Option<Handle>,
}

/// Makes the exporter, and the runtime that it needs, to be kept as long as it is used.
pub(super) fn exporter(
    endpoint: &str,
    protocol: OtlpProtocol,
    account: Arc<Account>,
) -> Result<(Counted, Option<Runtime>), ExporterBuildError> {
    match protocol {
        OtlpProtocol::HttpProtobuf => {
            let exporter = SpanExporter::builder()
                .with_http()
                .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
                .build()?;
            Ok((Counted { exporter, account, runtime: None }, None))
        }
        OtlpProtocol::Grpc => {
            let failed =
                |error: std::io::Error| ExporterBuildError::InternalFailure(error.to_string());
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("spans")
                .enable_all()
                .build()
                .map_err(failed)?;
            let builder = SpanExporter::builder().with_tonic().with_endpoint(endpoint);
            let builder = if endpoint.starts_with("https:") {
                builder.with_tls_config(ClientTlsConfig::new().with_native_roots())
            } else {
                builder
            };
            let entered = runtime.enter();
            let exporter = builder.build()?;
            drop(entered);
            let handle = runtime.handle().clone();
            Ok((Counted { exporter, account, runtime: Some(handle) }, Some(runtime)))
        }
    }
}

impl Exporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.account.taken(spans);
        let sending = self.exporter.export(batch);
        let sent = match &self.runtime {
            Some(runtime) => TokioContext::new(sending, runtime.clone()).await,
            None => sending.await,
        };
        if sent.is_err() {
            self.account.lost(spans);
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_wait_and_the_others_are_counted_as_lost() {
        let dropped = IntCounter::new("dropped", "of the test").unwrap();
        let account = Account::new(dropped.clone());
        for _ in 0..MOST_WAITING {
            assert!(account.admit());
        }
        assert!(!account.admit());
        assert_eq!(dropped.get(), 1);
        account.taken(2);
        assert!(account.admit() && account.admit() && !account.admit());
        account.lost(5);
        assert_eq!(dropped.get(), 7);
    }
}
